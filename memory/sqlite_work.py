"""One connection to a SQLite file of ours: a piece of work at a time, within a budget, all or nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiosqlite
import anyio

from memory.errors import StoreLost
from memory.sqlite_file import told

_SETTLE_WITHIN_S = 10.0


class SqliteWork:
    """Shares a connection among tasks.

    Args:
        connection: as `memory.sqlite_file.open_file` opens it.
        budget_s: how long one piece of work may take.
    """

    def __init__(self, connection: aiosqlite.Connection, path: Path, budget_s: float) -> None:
        self.path = path
        self._connection = connection
        self._budget_s = budget_s
        self._alone = anyio.Lock()
        self._closed = False

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[aiosqlite.Connection]:
        """The connection, its errors told in our words."""
        with told(self.path, self._budget_s), anyio.fail_after(self._budget_s):
            async with self._alone:
                if self._closed:
                    raise StoreLost(f"{self.path}: this store was closed; open it again")
                yield self._connection

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[aiosqlite.Connection]:
        """All or nothing. Whoever leaves normally has committed; a cancelled one knows that it has not."""
        async with self.reading() as connection:
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

    async def aclose(self) -> None:
        """Close the file. Safe to call twice."""
        async with self._alone:
            if not self._closed:
                self._closed = True
                await self._connection.close()
