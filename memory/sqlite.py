"""Sessions in one SQLite file that several servers may share.

Write-ahead logging, one connection and one transaction at a time; other processes are waited for within the budget.
An acknowledged save is on the disk (`synchronous=FULL`).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import aiosqlite
import anyio

from memory.errors import NotFound, RevisionConflict, StoreLost
from memory.sqlite_file import open_file, told
from memory.types import SessionKey, SessionRecord, StoredEvent

_LONGEST_PAGE = 1000
_SETTLE_WITHIN_S = 10.0

_COLUMNS = "tenant, call, revision, flow, flow_hash, state, outcome, started_at, updated_at, summary, record"
_SAVE = f"""INSERT INTO sessions ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (tenant, call) DO UPDATE SET
        revision = excluded.revision, flow = excluded.flow, flow_hash = excluded.flow_hash,
        state = excluded.state, outcome = excluded.outcome, started_at = excluded.started_at,
        updated_at = excluded.updated_at, summary = excluded.summary, record = excluded.record"""
_APPEND = "INSERT INTO events (tenant, call, place, revision, at_s, event) VALUES (?, ?, ?, ?, ?, ?)"
_LIST = f"""SELECT {_COLUMNS.replace("state", "x''").replace(", record", ", x''")} FROM sessions
    WHERE tenant = :tenant AND (:flow IS NULL OR flow = :flow) AND (:outcome IS NULL OR outcome = :outcome)
        AND (:before IS NULL OR (started_at, call) < (:started_at, :before))
    ORDER BY started_at DESC, call DESC LIMIT :limit"""


class SqliteSessions:
    """A `SessionStore` in a file. Open it with `SqliteSessions.open`; close it with `aclose`."""

    def __init__(self, connection: aiosqlite.Connection, path: Path, budget_s: float) -> None:
        self._connection = connection
        self._path = path
        self._budget_s = budget_s
        self._alone = anyio.Lock()
        self._closed = False

    @classmethod
    async def open(cls, path: Path, *, budget_s: float = 2.0, most_mib: int | None = None) -> Self:
        """Open the file, create it where there is none (readable by its owner only), and bring it up to date.

        Args:
            path: the database file; its folder has to exist.
            budget_s: how long one piece of work may take, waiting for other processes included.
            most_mib: what the file may grow to, None for no limit of its own.

        Raises:
            MemoryFailure: the folder is missing or cannot be written, the file is no database of ours or was
                written by a newer version.
            StoreLost: another process kept the file locked.
            StoreFull: there is no room to create it.
        """
        return cls(await open_file(path, budget_s=budget_s, most_mib=most_mib), path, budget_s)

    async def save(self, record: SessionRecord, events: Sequence[StoredEvent], seen: int) -> None:
        """See `SessionStore.save`. A save that raises has not happened, so the same one can be tried again.
        (Only where the disk hangs for ten seconds inside the commit itself can nobody tell.)

        Raises:
            ValueError: the revision did not grow, or a time has no time zone.
        """
        key = record.key
        if record.revision <= seen:
            raise ValueError(f"revision {record.revision} of {key.call} does not come after {seen}")
        row = _row(record)
        async with self._transaction() as connection:
            found = await connection.execute_fetchall(
                "SELECT revision, (SELECT max(place) FROM events WHERE tenant = :tenant AND call = :call)"
                " FROM sessions WHERE tenant = :tenant AND call = :call",
                {"tenant": key.tenant, "call": key.call},
            )
            stored, last = next(((row[0], row[1] or 0) for row in found), (0, 0))
            if stored != seen:
                raise RevisionConflict(key.call, ours=seen, stored=stored)
            await connection.execute_fetchall(_SAVE, row)
            await connection.executemany(
                _APPEND,
                [
                    (key.tenant, key.call, place, event.revision, event.at_s, event.event)
                    for place, event in enumerate(events, start=last + 1)
                ],
            )

    async def attach(self, key: SessionKey, record: bytes) -> None:
        """See `SessionStore.attach`."""
        async with (
            self._transaction() as connection,
            connection.execute(
                "UPDATE sessions SET record = ? WHERE tenant = ? AND call = ?", (record, key.tenant, key.call)
            ) as done,
        ):
            if done.rowcount == 0:
                raise NotFound(f"{self._path}: no session {key.call} of tenant {key.tenant}")

    async def load(self, key: SessionKey) -> SessionRecord:
        """Raises NotFound, StoreLost."""
        async with self._reading() as connection:
            rows = await connection.execute_fetchall(
                f"SELECT {_COLUMNS} FROM sessions WHERE tenant = ? AND call = ?", (key.tenant, key.call)
            )
        for row in rows:
            return _record(row)
        raise NotFound(f"{self._path}: no session {key.call} of tenant {key.tenant}")

    async def events(self, key: SessionKey) -> Sequence[StoredEvent]:
        """All events of a session, in order. Empty where there is no such session."""
        async with self._reading() as connection:
            rows = await connection.execute_fetchall(
                "SELECT revision, at_s, event FROM events WHERE tenant = ? AND call = ? ORDER BY place",
                (key.tenant, key.call),
            )
        return [StoredEvent(revision=row[0], at_s=row[1], event=row[2]) for row in rows]

    async def list(
        self,
        tenant: str,
        *,
        flow: str | None = None,
        outcome: str | None = None,
        limit: int = 50,
        before: str | None = None,
    ) -> Sequence[SessionRecord]:
        """Newest first by `started_at`, without `state` and `record`. `limit`: 1 to 1000.

        Raises:
            NotFound: there is no session `before` (it may have been deleted since the last page).
        """
        if not 1 <= limit <= _LONGEST_PAGE:
            raise ValueError(f"limit is {limit}; ask for 1 to {_LONGEST_PAGE} sessions at a time")
        wanted = {"tenant": tenant, "flow": flow, "outcome": outcome, "limit": limit, "before": before}
        async with self._reading() as connection:
            found = await connection.execute_fetchall(
                "SELECT started_at FROM sessions WHERE tenant = :tenant AND call = :before", wanted
            )
            wanted["started_at"] = next((row[0] for row in found), None)
            if before is not None and wanted["started_at"] is None:
                raise NotFound(f"{self._path}: no session {before} of tenant {tenant} to go on from")
            rows = await connection.execute_fetchall(_LIST, wanted)
        return [_record(row) for row in rows]

    async def delete(self, key: SessionKey) -> bool:
        """Remove a session and its events. True where there was one."""
        mark = (key.tenant, key.call)
        async with self._transaction() as connection:
            await connection.execute_fetchall("DELETE FROM events WHERE tenant = ? AND call = ?", mark)
            async with connection.execute("DELETE FROM sessions WHERE tenant = ? AND call = ?", mark) as gone:
                return gone.rowcount > 0

    async def aclose(self) -> None:
        """Close the file. Safe to call twice."""
        async with self._alone:
            if not self._closed:
                self._closed = True
                await self._connection.close()

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[aiosqlite.Connection]:
        """The connection, for one piece of work at a time, within the budget, its errors told in our words."""
        with told(self._path, self._budget_s), anyio.fail_after(self._budget_s):
            async with self._alone:
                if self._closed:
                    raise StoreLost(f"{self._path}: this store was closed; open it again")
                yield self._connection

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[aiosqlite.Connection]:
        """All or nothing. Whoever leaves normally has committed; a cancelled one knows that it has not."""
        async with self._reading() as connection:
            try:
                await connection.execute_fetchall("BEGIN IMMEDIATE")
                yield connection
                # Cut off here we could not say whether it happened, and the next try would look like a conflict.
                with anyio.CancelScope(shield=True), anyio.fail_after(_SETTLE_WITHIN_S):
                    await connection.commit()
            except BaseException:
                # SQLite itself has rolled back after some errors; then this does nothing.
                with anyio.move_on_after(_SETTLE_WITHIN_S, shield=True), suppress(sqlite3.Error):
                    await connection.rollback()
                raise


def _row(record: SessionRecord) -> tuple[Any, ...]:
    return (
        record.key.tenant,
        record.key.call,
        record.revision,
        record.flow,
        record.flow_hash,
        record.state,
        record.outcome,
        _stamp(record.started_at),
        _stamp(record.updated_at),
        json.dumps(dict(record.summary), ensure_ascii=False, allow_nan=False),
        record.record,
    )


def _record(row: Sequence[Any]) -> SessionRecord:
    tenant, call, revision, flow, flow_hash, state, outcome, started_at, updated_at, summary, record = row
    return SessionRecord(
        key=SessionKey(tenant, call),
        revision=revision,
        flow=flow,
        flow_hash=flow_hash,
        state=state,
        outcome=outcome,
        started_at=datetime.fromisoformat(started_at),
        updated_at=datetime.fromisoformat(updated_at),
        summary=json.loads(summary),
        record=record,
    )


def _stamp(time: datetime) -> str:
    if time.tzinfo is None:
        raise ValueError(f"{time} has no time zone; give the time in UTC")
    return time.astimezone(UTC).isoformat(timespec="microseconds")
