"""Uploaded versions of flows, in SQLite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from memory.admin import FlowVersion
from memory.errors import NotFound
from memory.paging import stamp
from memory.sqlite_file import open_file
from memory.sqlite_work import SqliteWork

_COLUMNS = "tenant, name, number, content, content_hash, created_at, by"
_SELECT = """SELECT v.tenant, v.name, v.number, v.content, v.content_hash, v.created_at, v.by,
    a.number IS NOT NULL AND a.number = v.number
    FROM flow_versions v LEFT JOIN flows_active a ON a.tenant = v.tenant AND a.name = v.name"""


class SqliteFlows:
    """A `FlowStore` in the file of the sessions."""

    def __init__(self, work: SqliteWork) -> None:
        self._work = work

    @classmethod
    async def open(cls, path: Path, *, budget_s: float = 2.0) -> Self:
        """Raises what `memory.sqlite_file.open_file` does."""
        return cls(SqliteWork(await open_file(path, budget_s=budget_s), path, budget_s))

    async def add(self, version: FlowVersion) -> FlowVersion:
        """See `FlowStore.add`."""
        place = {"tenant": version.tenant, "name": version.name}
        async with self._work.transaction() as connection:
            newest = await connection.execute_fetchall(
                f"{_SELECT} WHERE v.tenant = :tenant AND v.name = :name ORDER BY v.number DESC LIMIT 1", place
            )
            last = next((_version(row) for row in newest), None)
            if last is not None and last.content == version.content:
                return last
            kept = replace(version, number=last.number + 1 if last else 1, active=False)
            await connection.execute_fetchall(
                f"INSERT INTO flow_versions ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    kept.tenant,
                    kept.name,
                    kept.number,
                    kept.content,
                    kept.content_hash,
                    stamp(kept.created_at),
                    kept.by,
                ),
            )
        return kept

    async def load(self, tenant: str, name: str, number: int) -> FlowVersion:
        """See `FlowStore.load`."""
        found = await self._select("v.tenant = ? AND v.name = ? AND v.number = ?", tenant, name, number)
        if not found:
            raise NotFound(f"there is no version {number} of a flow {name}")
        return found[0]

    async def find(self, tenant: str, name: str, content_hash: str) -> FlowVersion | None:
        """See `FlowStore.find`."""
        found = await self._select(
            "v.tenant = ? AND v.name = ? AND v.content_hash = ?", tenant, name, content_hash
        )
        return found[0] if found else None

    async def versions(self, tenant: str, name: str) -> Sequence[FlowVersion]:
        """See `FlowStore.versions`."""
        return await self._select("v.tenant = ? AND v.name = ?", tenant, name)

    async def activate(self, tenant: str, name: str, number: int | None) -> None:
        """See `FlowStore.activate`."""
        async with self._work.transaction() as connection:
            there = await connection.execute_fetchall(
                "SELECT 1 FROM flow_versions WHERE tenant = ? AND name = ? AND (? IS NULL OR number = ?) LIMIT 1",
                (tenant, name, number, number),
            )
            if not list(there):
                which = "versions" if number is None else f"version {number}"
                raise NotFound(f"there are no {which} of a flow {name}")
            await connection.execute_fetchall(
                "DELETE FROM flows_active WHERE tenant = ? AND name = ?", (tenant, name)
            )
            if number is not None:
                await connection.execute_fetchall(
                    "INSERT INTO flows_active (tenant, name, number) VALUES (?, ?, ?)", (tenant, name, number)
                )

    async def active(self, tenant: str) -> Sequence[FlowVersion]:
        """See `FlowStore.active`."""
        return await self._select("v.tenant = ? AND a.number = v.number", tenant)

    async def names(self, tenant: str) -> Sequence[str]:
        """See `FlowStore.names`."""
        async with self._work.reading() as connection:
            rows = await connection.execute_fetchall(
                "SELECT DISTINCT name FROM flow_versions WHERE tenant = ? ORDER BY name", (tenant,)
            )
        return [row[0] for row in rows]

    async def aclose(self) -> None:
        await self._work.aclose()

    async def _select(self, where: str, *given: str | int) -> list[FlowVersion]:
        async with self._work.reading() as connection:
            rows = await connection.execute_fetchall(
                f"{_SELECT} WHERE {where} ORDER BY v.name, v.number DESC", given
            )
        return [_version(row) for row in rows]


def _version(row: Sequence[Any]) -> FlowVersion:
    tenant, name, number, content, content_hash, created_at, by, active = row
    return FlowVersion(
        tenant=tenant,
        name=name,
        number=number,
        content=content,
        content_hash=content_hash,
        created_at=datetime.fromisoformat(created_at),
        by=by,
        active=bool(active),
    )
