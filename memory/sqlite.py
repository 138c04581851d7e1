"""Sessions in one SQLite file that several servers may share.

Write-ahead logging, one connection and one transaction at a time; other processes are waited for within the budget.
An acknowledged save is on the disk (`synchronous=FULL`).
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import aiosqlite

from memory.errors import Fenced, NotFound, RevisionConflict
from memory.paging import check_page, stamp
from memory.session_filter import ANY, SessionFilter
from memory.sqlite_file import open_file
from memory.sqlite_listing import selections
from memory.sqlite_work import SqliteWork
from memory.types import SessionKey, SessionRecord, StoredEvent

_COLUMNS = "tenant, call, revision, flow, flow_hash, state, outcome, started_at, updated_at, summary, record"
_SAVE = f"""INSERT INTO sessions ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (tenant, call) DO UPDATE SET
        revision = excluded.revision, flow = excluded.flow, flow_hash = excluded.flow_hash,
        state = excluded.state, outcome = excluded.outcome, started_at = excluded.started_at,
        updated_at = excluded.updated_at, summary = excluded.summary, record = excluded.record"""
_STORED = """SELECT coalesce((SELECT revision FROM sessions WHERE tenant = :tenant AND call = :call), 0),
    coalesce((SELECT max(place) FROM events WHERE tenant = :tenant AND call = :call), 0),
    coalesce((SELECT max(place) FROM moments WHERE tenant = :tenant AND call = :call), 0)"""
_APPEND = "INSERT INTO events (tenant, call, place, revision, at_s, event) VALUES (?, ?, ?, ?, ?, ?)"
_TELL = "INSERT INTO moments (tenant, call, place, revision, at_s, moment) VALUES (?, ?, ?, ?, ?, ?)"
_LISTED = _COLUMNS.replace("state", "x''").replace(", record", ", x''")
_PLACE_OF = "SELECT started_at FROM sessions WHERE tenant = :tenant AND call = :before"


class SqliteSessions:
    """A `SessionStore` in a file. Open it with `SqliteSessions.open`; close it with `aclose`."""

    def __init__(self, work: SqliteWork) -> None:
        self._work = work
        self._path = work.path

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
        connection = await open_file(path, budget_s=budget_s, most_mib=most_mib)
        return cls(SqliteWork(connection, path, budget_s))

    async def save(
        self,
        record: SessionRecord,
        events: Sequence[StoredEvent],
        seen: int,
        *,
        fence: int | None = None,
        moments: Sequence[StoredEvent] = (),
    ) -> None:
        """See `SessionStore.save`. A save that raises has not happened.
        (Only where the disk hangs for ten seconds inside the commit itself can nobody tell.)

        Raises:
            ValueError: the revision did not grow, or a time has no time zone.
        """
        key = record.key
        if record.revision <= seen:
            raise ValueError(f"revision {record.revision} of {key.call} does not come after {seen}")
        row = _row(record)
        async with self._work.transaction() as connection:
            await _check_fence(connection, key, fence)
            mark = {"tenant": key.tenant, "call": key.call}
            [(stored, last, told)] = await connection.execute_fetchall(_STORED, mark)
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
            await connection.executemany(
                _TELL,
                [
                    (key.tenant, key.call, place, moment.revision, moment.at_s, moment.event)
                    for place, moment in enumerate(moments, start=told + 1)
                ],
            )

    async def attach(self, key: SessionKey, record: bytes, *, fence: int | None = None) -> None:
        """See `SessionStore.attach`."""
        async with self._work.transaction() as connection:
            await _check_fence(connection, key, fence)
            async with connection.execute(
                "UPDATE sessions SET record = ? WHERE tenant = ? AND call = ?", (record, key.tenant, key.call)
            ) as done:
                if done.rowcount == 0:
                    raise NotFound(f"{self._path}: no session {key.call} of tenant {key.tenant}")

    async def load(self, key: SessionKey) -> SessionRecord:
        """Raises NotFound, StoreLost."""
        async with self._work.reading() as connection:
            rows = await connection.execute_fetchall(
                f"SELECT {_COLUMNS} FROM sessions WHERE tenant = ? AND call = ?", (key.tenant, key.call)
            )
        for row in rows:
            return _record(row)
        raise NotFound(f"{self._path}: no session {key.call} of tenant {key.tenant}")

    async def events(self, key: SessionKey) -> Sequence[StoredEvent]:
        """All events of a session, in order. Empty where there is no such session."""
        async with self._work.reading() as connection:
            rows = await connection.execute_fetchall(
                "SELECT revision, at_s, event FROM events WHERE tenant = ? AND call = ? ORDER BY place",
                (key.tenant, key.call),
            )
        return [StoredEvent(revision=row[0], at_s=row[1], event=row[2]) for row in rows]

    async def moments(self, key: SessionKey) -> Sequence[StoredEvent]:
        """What was told of a call, in order. Empty where there is no such session."""
        async with self._work.reading() as connection:
            rows = await connection.execute_fetchall(
                "SELECT revision, at_s, moment FROM moments WHERE tenant = ? AND call = ? ORDER BY place",
                (key.tenant, key.call),
            )
        return [StoredEvent(revision=row[0], at_s=row[1], event=row[2]) for row in rows]

    async def list(
        self,
        tenant: str,
        wanted: SessionFilter = ANY,
        *,
        limit: int = 50,
        before: str | None = None,
    ) -> Sequence[SessionRecord]:
        """See `SessionStore.list`."""
        check_page(limit, "sessions")
        values: dict[str, Any] = {"tenant": tenant, "limit": limit, "before": before}
        async with self._work.reading() as connection:
            if before is not None:
                place = list(await connection.execute_fetchall(_PLACE_OF, values))
                if not place:
                    raise NotFound(f"{self._path}: no session {before} of tenant {tenant} to go on from")
                values["began_before"] = place[0][0]
            found: dict[str, Sequence[Any]] = {}
            for statement, more in selections(_LISTED, wanted, paged=before is not None):
                rows = await connection.execute_fetchall(statement, values | more)
                found |= {row[1]: row for row in rows}
        records = map(_record, found.values())
        return sorted(records, key=lambda each: (each.started_at, each.key.call), reverse=True)[:limit]

    async def delete(self, key: SessionKey) -> bool:
        """Remove a session, its events, its moments and its lease. True where there was one."""
        mark = (key.tenant, key.call)
        async with self._work.transaction() as connection:
            for table in ("events", "moments", "leases"):
                await connection.execute_fetchall(f"DELETE FROM {table} WHERE tenant = ? AND call = ?", mark)
            async with connection.execute("DELETE FROM sessions WHERE tenant = ? AND call = ?", mark) as gone:
                return gone.rowcount > 0

    async def rewrite(
        self, record: SessionRecord, events: Sequence[StoredEvent], moments: Sequence[StoredEvent]
    ) -> None:
        """See `SessionStore.rewrite`."""
        key, whose = record.key, (record.key.tenant, record.key.call)
        async with self._work.transaction() as connection:
            mark = {"tenant": key.tenant, "call": key.call}
            [(stored, last, told)] = await connection.execute_fetchall(_STORED, mark)
            found = await connection.execute_fetchall(
                "SELECT length(record) FROM sessions WHERE tenant = ? AND call = ?", whose
            )
            attached = next((bool(row[0]) for row in found), None)
            if attached is None:
                raise NotFound(f"{self._path}: no session {key.call} of tenant {key.tenant}")
            there = (stored, last, told, attached)
            if there != (record.revision, len(events), len(moments), bool(record.record)):
                raise RevisionConflict(key.call, ours=record.revision, stored=stored)
            await connection.execute_fetchall(
                "UPDATE sessions SET state = ?, record = ? WHERE tenant = ? AND call = ?",
                (record.state, record.record, *whose),
            )
            for table, into, rows in (("events", _APPEND, events), ("moments", _TELL, moments)):
                await connection.execute_fetchall(f"DELETE FROM {table} WHERE tenant = ? AND call = ?", whose)
                await connection.executemany(
                    into, [(*whose, n, row.revision, row.at_s, row.event) for n, row in enumerate(rows, 1)]
                )

    async def aclose(self) -> None:
        """Close the file. Safe to call twice."""
        await self._work.aclose()


async def _check_fence(connection: aiosqlite.Connection, key: SessionKey, fence: int | None) -> None:
    """Raises Fenced where the call is somebody else's to write."""
    found = await connection.execute_fetchall(
        "SELECT fence, owner <> '' AND expires_at > ? FROM leases WHERE tenant = ? AND call = ?",
        (time.time(), key.tenant, key.call),
    )
    for stored, held in found:
        if held if fence is None else stored > fence:
            raise Fenced(key.call, fence, stored)


def _row(record: SessionRecord) -> tuple[Any, ...]:
    return (
        record.key.tenant,
        record.key.call,
        record.revision,
        record.flow,
        record.flow_hash,
        record.state,
        record.outcome,
        stamp(record.started_at),
        stamp(record.updated_at),
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
