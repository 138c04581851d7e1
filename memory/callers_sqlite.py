"""Callers in the SQLite file that sessions are in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import aiosqlite

from memory.callers import CallerKey, CallerRecord, MarkTaken
from memory.errors import NotFound, RevisionConflict, StoreLost
from memory.paging import check_page, stamp
from memory.sqlite_file import open_file
from memory.sqlite_work import SqliteWork

_COLUMNS = (
    "tenant, caller, revision, body, created_at, updated_at,"
    " (SELECT group_concat(mark) FROM caller_marks WHERE tenant = callers.tenant AND caller = callers.caller)"
)
_SAVE = """INSERT INTO callers (tenant, caller, revision, body, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (tenant, caller) DO UPDATE SET
        revision = excluded.revision, body = excluded.body,
        created_at = excluded.created_at, updated_at = excluded.updated_at"""
_LIST = f"""SELECT {_COLUMNS} FROM callers
    WHERE tenant = :tenant AND (:before IS NULL OR (created_at, caller) < (:created_at, :before))
    ORDER BY created_at DESC, caller DESC LIMIT :limit"""


class SqliteCallers:
    """A `CallerStore` in a file. Open it with `SqliteCallers.open`; close it with `aclose`."""

    def __init__(self, work: SqliteWork) -> None:
        self._work = work

    @classmethod
    async def open(cls, path: Path, *, budget_s: float = 2.0, most_mib: int | None = None) -> Self:
        """Open the file, create it where there is none, and bring it up to date.

        Args and raises: see `memory.sqlite_file.open_file`.
        """
        connection = await open_file(path, budget_s=budget_s, most_mib=most_mib)
        return cls(SqliteWork(connection, path, budget_s))

    async def save(
        self,
        record: CallerRecord,
        seen: int,
        *,
        alone: Collection[str] = (),
        absorb: str | None = None,
    ) -> None:
        """See `CallerStore.save`.

        Raises:
            ValueError: the revision did not grow, or a time has no time zone.
        """
        key = record.key
        if record.revision <= seen:
            raise ValueError(f"revision {record.revision} of {key.caller} does not come after {seen}")
        row = (
            key.tenant,
            key.caller,
            record.revision,
            record.body,
            stamp(record.created_at),
            stamp(record.updated_at),
        )
        async with self._work.transaction() as connection:
            stored = await _revision(connection, key)
            if stored != seen:
                raise RevisionConflict(key.caller, ours=seen, stored=stored)
            if absorb is not None and not await _remove(connection, CallerKey(key.tenant, absorb)):
                raise NotFound(f"{self._work.path}: no caller {absorb} of tenant {key.tenant}")
            for mark in alone:
                await _keep_alone(connection, key, mark)
            await connection.execute_fetchall(_SAVE, row)
            await connection.execute_fetchall(
                "DELETE FROM caller_marks WHERE tenant = ? AND caller = ?", (key.tenant, key.caller)
            )
            await connection.executemany(
                "INSERT INTO caller_marks (tenant, mark, caller) VALUES (?, ?, ?)",
                [(key.tenant, mark, key.caller) for mark in sorted(record.marks)],
            )

    async def load(self, key: CallerKey) -> CallerRecord:
        """Raises NotFound, StoreLost."""
        async with self._work.reading() as connection:
            rows = await connection.execute_fetchall(
                f"SELECT {_COLUMNS} FROM callers WHERE tenant = ? AND caller = ?", (key.tenant, key.caller)
            )
        for row in rows:
            return _record(row)
        raise NotFound(f"{self._work.path}: no caller {key.caller} of tenant {key.tenant}")

    async def find(self, tenant: str, mark: str) -> Sequence[CallerRecord]:
        """Those who have this mark, by their ids. Raises StoreLost."""
        async with self._work.reading() as connection:
            rows = await connection.execute_fetchall(
                f"SELECT {_COLUMNS} FROM callers WHERE tenant = ?1 AND caller IN"
                " (SELECT caller FROM caller_marks WHERE tenant = ?1 AND mark = ?2) ORDER BY caller",
                (tenant, mark),
            )
        return [_record(row) for row in rows]

    async def list(
        self, tenant: str, *, limit: int = 50, before: str | None = None
    ) -> Sequence[CallerRecord]:
        """See `CallerStore.list`."""
        check_page(limit, "callers")
        wanted: dict[str, Any] = {"tenant": tenant, "limit": limit, "before": before, "created_at": None}
        async with self._work.reading() as connection:
            if before is not None:
                found = await connection.execute_fetchall(
                    "SELECT created_at FROM callers WHERE tenant = :tenant AND caller = :before", wanted
                )
                wanted["created_at"] = next((row[0] for row in found), None)
                if wanted["created_at"] is None:
                    raise NotFound(f"{self._work.path}: no caller {before} of tenant {tenant} to go on from")
            rows = await connection.execute_fetchall(_LIST, wanted)
        return [_record(row) for row in rows]

    async def delete(self, key: CallerKey) -> bool:
        """Remove a caller and its marks. True where there was one."""
        async with self._work.transaction() as connection:
            return await _remove(connection, key)

    async def tenants(self) -> Sequence[str]:
        """Whose callers there are, in order."""
        async with self._work.reading() as connection:
            rows = await connection.execute_fetchall("SELECT DISTINCT tenant FROM callers ORDER BY tenant")
        return [row[0] for row in rows]

    async def scrub(self) -> None:
        """Empty the write-ahead log. (`secure_delete` has overwritten what was deleted in the file itself.)

        Raises:
            StoreLost: another process is reading or writing.
        """
        async with self._work.reading() as connection:
            [(busy, *_)] = await connection.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
        if busy:
            raise StoreLost(
                f"{self._work.path}: others are at work on it, so its write-ahead log could not be emptied; "
                "what was deleted is gone from it with their next checkpoint"
            )

    async def aclose(self) -> None:
        """Close the file. Safe to call twice."""
        await self._work.aclose()


async def _revision(connection: aiosqlite.Connection, key: CallerKey) -> int:
    rows = await connection.execute_fetchall(
        "SELECT revision FROM callers WHERE tenant = ? AND caller = ?", (key.tenant, key.caller)
    )
    return next((row[0] for row in rows), 0)


async def _keep_alone(connection: aiosqlite.Connection, key: CallerKey, mark: str) -> None:
    rows = await connection.execute_fetchall(
        "SELECT caller FROM caller_marks WHERE tenant = ? AND mark = ? AND caller != ? LIMIT 1",
        (key.tenant, mark, key.caller),
    )
    for row in rows:
        raise MarkTaken(key.caller, row[0])


async def _remove(connection: aiosqlite.Connection, key: CallerKey) -> bool:
    whose = (key.tenant, key.caller)
    await connection.execute_fetchall("DELETE FROM caller_marks WHERE tenant = ? AND caller = ?", whose)
    async with connection.execute("DELETE FROM callers WHERE tenant = ? AND caller = ?", whose) as gone:
        return gone.rowcount > 0


def _record(row: Any) -> CallerRecord:
    tenant, caller, revision, body, created_at, updated_at, marks = row
    return CallerRecord(
        key=CallerKey(tenant, caller),
        revision=revision,
        marks=frozenset(marks.split(",")) if marks else frozenset(),
        body=body,
        created_at=datetime.fromisoformat(created_at),
        updated_at=datetime.fromisoformat(updated_at),
    )
