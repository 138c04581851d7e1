"""Who read or changed what, in SQLite. The file itself refuses to change or remove an entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from memory.admin import AuditEntry
from memory.paging import check_page, stamp
from memory.sqlite_file import open_file
from memory.sqlite_work import SqliteWork

_COLUMNS = "tenant, at, who, role, action, target, allowed"


class SqliteAudit:
    """An `AuditLog` in the file of the sessions."""

    def __init__(self, work: SqliteWork) -> None:
        self._work = work

    @classmethod
    async def open(cls, path: Path, *, budget_s: float = 2.0) -> Self:
        """Raises what `memory.sqlite_file.open_file` does."""
        return cls(SqliteWork(await open_file(path, budget_s=budget_s), path, budget_s))

    async def append(self, entry: AuditEntry) -> None:
        """See `AuditLog.append`."""
        row = (
            entry.tenant,
            stamp(entry.at),
            entry.who,
            entry.role,
            entry.action,
            entry.target,
            entry.allowed,
        )
        async with self._work.transaction() as connection:
            await connection.execute_fetchall(
                f"INSERT INTO audit ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)", row
            )

    async def list(self, tenant: str, *, limit: int = 50, before: int | None = None) -> Sequence[AuditEntry]:
        """See `AuditLog.list`."""
        check_page(limit, "entries")
        async with self._work.reading() as connection:
            rows = await connection.execute_fetchall(
                f"SELECT place, {_COLUMNS} FROM audit WHERE tenant = :tenant"
                " AND (:before IS NULL OR place < :before) ORDER BY place DESC LIMIT :limit",
                {"tenant": tenant, "before": before, "limit": limit},
            )
        return [replace(_entry(row[1:]), place=row[0]) for row in rows]

    async def aclose(self) -> None:
        await self._work.aclose()


def _entry(row: Sequence[Any]) -> AuditEntry:
    tenant, at, who, role, action, target, allowed = row
    return AuditEntry(tenant, datetime.fromisoformat(at), who, role, action, target, bool(allowed))
