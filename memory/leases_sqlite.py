"""Leases in the SQLite file that keeps the sessions. Its processes share the machine's clock."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

import aiosqlite

from memory.errors import Fenced, LeaseHeld, NotFound, WrongToken
from memory.leases import hash_of
from memory.paging import check_page
from memory.sqlite_file import open_file
from memory.sqlite_work import SqliteWork
from memory.types import Lease, SessionKey

_READ = "SELECT owner, fence, token_hash, expires_at FROM leases WHERE tenant = ? AND call = ?"
_WRITE = """INSERT INTO leases (tenant, call, owner, fence, token_hash, expires_at) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (tenant, call) DO UPDATE SET owner = excluded.owner, fence = excluded.fence,
        token_hash = excluded.token_hash, expires_at = excluded.expires_at"""
_ABANDONED = """SELECT call FROM leases WHERE tenant = ? AND token_hash <> '' AND expires_at <= ?
    ORDER BY expires_at LIMIT ?"""


class SqliteLeases:
    """`Leases` in a file. Open them with `SqliteLeases.open`; close them with `aclose`.

    Args:
        clock: seconds since the epoch.
    """

    def __init__(self, work: SqliteWork, ttl_s: float, clock: Callable[[], float] = time.time) -> None:
        self._work = work
        self._ttl_s = ttl_s
        self._clock = clock

    @classmethod
    async def open(cls, path: Path, *, ttl_s: float, budget_s: float = 2.0) -> Self:
        """See `SqliteSessions.open`. `ttl_s`: how long a lease holds without being renewed."""
        return cls(SqliteWork(await open_file(path, budget_s=budget_s), path, budget_s), ttl_s)

    @property
    def ttl_s(self) -> float:
        """How long a lease holds without being renewed."""
        return self._ttl_s

    async def begin(self, key: SessionKey, owner: str, token: str) -> Lease:
        """See `Leases.begin`."""
        async with self._work.transaction() as connection:
            there = await self._read(connection, key)
            if there is not None:
                raise LeaseHeld(key.call, there.owner, there.left_s)
            return await self._write(connection, Lease(key, owner, 1, hash_of(token), self._ttl_s))

    async def take(self, key: SessionKey, owner: str, token: str | None = None) -> Lease:
        """See `Leases.take`."""
        async with self._work.transaction() as connection:
            there = await self._read(connection, key)
            if there is None:
                raise NotFound(f"{self._work.path}: call {key.call} of tenant {key.tenant} has no lease")
            if token is not None and there.token_hash != hash_of(token):
                raise WrongToken(f"call {key.call} is over, or this is not its resume token")
            if token is None and there.left_s > 0:
                raise LeaseHeld(key.call, there.owner, there.left_s)
            return await self._write(
                connection, Lease(key, owner, there.fence + 1, there.token_hash, self._ttl_s)
            )

    async def renew(self, lease: Lease) -> None:
        """See `Leases.renew`."""
        async with self._work.transaction() as connection:
            there = await self._read(connection, lease.key)
            if there is not None and (
                there.fence > lease.fence or (there.fence == lease.fence and there.owner != lease.owner)
            ):
                raise Fenced(lease.key.call, lease.fence, there.fence)
            await self._write(connection, lease)

    async def release(self, lease: Lease, *, over: bool) -> None:
        """See `Leases.release`."""
        async with self._work.transaction() as connection:
            await connection.execute_fetchall(
                "UPDATE leases SET owner = '', expires_at = ?, token_hash = CASE WHEN ? THEN '' ELSE token_hash END"
                " WHERE tenant = ? AND call = ? AND fence = ? AND owner = ?",
                (self._clock(), over, lease.key.tenant, lease.key.call, lease.fence, lease.owner),
            )

    async def holder(self, key: SessionKey) -> Lease | None:
        """See `Leases.holder`."""
        async with self._work.reading() as connection:
            there = await self._read(connection, key)
        return there if there is not None and there.owner and there.left_s > 0 else None

    async def abandoned(self, tenant: str, for_s: float, limit: int = 50) -> Sequence[SessionKey]:
        """See `Leases.abandoned`."""
        check_page(limit, "calls")
        async with self._work.reading() as connection:
            rows = await connection.execute_fetchall(_ABANDONED, (tenant, self._clock() - for_s, limit))
        return [SessionKey(tenant, call) for (call,) in rows]

    async def aclose(self) -> None:
        """Close the file. Safe to call twice."""
        await self._work.aclose()

    async def _read(self, connection: aiosqlite.Connection, key: SessionKey) -> Lease | None:
        rows = await connection.execute_fetchall(_READ, (key.tenant, key.call))
        for owner, fence, token_hash, expires_at in rows:
            return Lease(key, owner, fence, token_hash, max(0.0, expires_at - self._clock()))
        return None

    async def _write(self, connection: aiosqlite.Connection, lease: Lease) -> Lease:
        key = lease.key
        row = (
            key.tenant,
            key.call,
            lease.owner,
            lease.fence,
            lease.token_hash,
            self._clock() + self._ttl_s,
        )
        await connection.execute_fetchall(_WRITE, row)
        return lease
