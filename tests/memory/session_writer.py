"""A process that writes sessions, for tests: opens the file, says "ready", waits for a line, then writes each call's
revisions 1, 2, 3 ... and prints "call revision" once that is acknowledged, or "call conflict" and goes on to the next.

python session_writer.py DATABASE CALL,CALL,... REVISIONS [bytes of state]
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import anyio

from memory.errors import RevisionConflict
from memory.sqlite import SqliteSessions
from memory.types import SessionKey, SessionRecord, StoredEvent


async def main(path: str, calls: str, revisions: int, state_bytes: int) -> None:
    store = await SqliteSessions.open(Path(path), budget_s=20)
    print("ready", flush=True)
    sys.stdin.readline()
    for call in calls.split(","):
        await write(store, call, revisions, bytes(state_bytes))
    await store.aclose()


async def write(store: SqliteSessions, call: str, revisions: int, state: bytes) -> None:
    now = datetime.now(UTC)
    for revision in range(1, revisions + 1):
        record = SessionRecord(SessionKey("clinic", call), revision, "flow", "hash", state, None, now, now)
        try:
            await store.save(record, [StoredEvent(revision, 0.0, b"{}")], seen=revision - 1)
        except RevisionConflict:
            print(call, "conflict", flush=True)
            return
        print(call, revision, flush=True)


if __name__ == "__main__":
    anyio.run(main, sys.argv[1], sys.argv[2], int(sys.argv[3]), int((*sys.argv, "100")[4]))
