"""Writes a session at every revision, beside the call. A store that fails costs nothing but time: what could
not be written is kept and tried again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import anyio

from memory.errors import MemoryFailure, RevisionConflict
from memory.ports import SessionStore
from memory.types import SessionRecord, StoredEvent

RETRY_S = (0.2, 1.0, 5.0)  # then every 5 s


class Saver:
    """The one writer of one session.

    Args:
        trouble: told once when the store begins to fail, and once when it works again.
    """

    def __init__(self, store: SessionStore, trouble: Callable[[str, bool], None]) -> None:
        self._store = store
        self._trouble = trouble
        self._newest: SessionRecord | None = None
        self._events: list[StoredEvent] = []
        self._seen = 0
        self._dirty = asyncio.Event()
        self._failures = 0
        self._fenced = False

    def put(self, record: SessionRecord, event: StoredEvent | None) -> None:
        """This is the newest; write it as soon as possible. Never waits."""
        self._newest = record
        if event is not None:
            self._events.append(event)
        self._dirty.set()

    async def run(self) -> None:
        """Write whenever there is something new. Cancel to end; then call `flush`."""
        while True:
            await self._dirty.wait()
            if not await self._write():
                await asyncio.sleep(RETRY_S[min(self._failures, len(RETRY_S)) - 1])

    async def finish(self, record: bytes) -> bool:
        """Write what is left, and the whole story of the call. False where the store would not take it."""
        for wait_s in (0.0, *RETRY_S[:2]):
            await asyncio.sleep(wait_s)
            if (not self._dirty.is_set() or await self._write()) and await self._attach(record):
                return True
        return False

    async def _attach(self, record: bytes) -> bool:
        if self._newest is None or self._fenced:
            return True
        try:
            await self._store.attach(self._newest.key, record)
        except MemoryFailure as failure:
            self._trouble(str(failure), False)
            return False
        return True

    async def _write(self) -> bool:
        record, events = self._newest, tuple(self._events)
        self._dirty.clear()
        if record is None or self._fenced:
            return True
        try:
            # Whoever ends the session waits for a save that has begun: half-known it could not be repeated.
            with anyio.CancelScope(shield=True):
                await self._store.save(record, events, self._seen)
        except RevisionConflict as conflict:
            self._fenced = True
            self._trouble(f"another server has taken this session over: {conflict}", False)
            return True
        except MemoryFailure as failure:
            self._failures += 1
            if self._failures == 1:
                self._trouble(f"{failure}; kept here and tried again", False)
            self._dirty.set()
            return False
        del self._events[: len(events)]
        self._seen = record.revision
        if self._failures:
            self._trouble("the store works again; everything is written", True)
        self._failures = 0
        return True
