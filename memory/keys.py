"""API keys: made, and known by their hash. In SQLite.

A key is 256 random bits, so a plain SHA-256 of it cannot be reversed by trying, and there is nothing for a slow,
salted password hash to protect. It is looked up by the hash, so no comparison of ours leaks by its timing.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

from memory.admin import ApiKey
from memory.errors import NotFound
from memory.paging import stamp
from memory.sqlite_file import open_file
from memory.sqlite_work import SqliteWork

PREFIX = "sfl_"
_COLUMNS = "id, tenant, hash, role, note, created_at, expires_at, revoked_at"


def new_key() -> tuple[str, str]:
    """A key that nobody can guess, and the id by which people may speak of it: `sfl_ID_SECRET`."""
    id = secrets.token_hex(6)
    return f"{PREFIX}{id}_{secrets.token_urlsafe(32)}", id


def hash_of(key: str) -> str:
    """What is kept of a key."""
    return sha256(key.encode(errors="surrogatepass")).hexdigest()


class SqliteKeys:
    """A `KeyStore` in the file of the sessions."""

    def __init__(self, work: SqliteWork) -> None:
        self._work = work

    @classmethod
    async def open(cls, path: Path, *, budget_s: float = 2.0) -> Self:
        """Raises what `memory.sqlite_file.open_file` does."""
        return cls(SqliteWork(await open_file(path, budget_s=budget_s), path, budget_s))

    async def add(self, key: ApiKey) -> None:
        """See `KeyStore.add`."""
        row = (
            key.id,
            key.tenant,
            key.hash,
            key.role,
            key.note,
            stamp(key.created_at),
            key.expires_at and stamp(key.expires_at),
            key.revoked_at and stamp(key.revoked_at),
        )
        try:
            async with self._work.transaction() as connection:
                await connection.execute_fetchall(
                    f"INSERT INTO api_keys ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row
                )
        except sqlite3.IntegrityError:
            raise ValueError(f"there is a key {key.id} already, or one with its hash; make another") from None

    async def find(self, hash: str) -> ApiKey | None:
        """See `KeyStore.find`."""
        async with self._work.reading() as connection:
            rows = await connection.execute_fetchall(
                f"SELECT {_COLUMNS} FROM api_keys WHERE hash = ?", (hash,)
            )
        return next((_key(row) for row in rows), None)

    async def list(self, tenant: str | None = None) -> Sequence[ApiKey]:
        """See `KeyStore.list`."""
        async with self._work.reading() as connection:
            rows = await connection.execute_fetchall(
                f"SELECT {_COLUMNS} FROM api_keys WHERE :tenant IS NULL OR tenant = :tenant"
                " ORDER BY created_at DESC, id",
                {"tenant": tenant},
            )
        return [_key(row) for row in rows]

    async def change(
        self, tenant: str, id: str, *, expires_at: datetime | None = None, revoked_at: datetime | None = None
    ) -> ApiKey:
        """See `KeyStore.change`."""
        given = {
            "tenant": tenant,
            "id": id,
            "expires_at": expires_at and stamp(expires_at),
            "revoked_at": revoked_at and stamp(revoked_at),
        }
        async with self._work.transaction() as connection:
            rows = await connection.execute_fetchall(
                f"""UPDATE api_keys SET
                    expires_at = min(coalesce(:expires_at, expires_at), coalesce(expires_at, :expires_at)),
                    revoked_at = coalesce(revoked_at, :revoked_at)
                WHERE tenant = :tenant AND id = :id RETURNING {_COLUMNS}""",
                given,
            )
        for row in rows:
            return _key(row)
        raise NotFound(f"there is no key {id} of tenant {tenant}; see `souffleur keys list`")

    async def aclose(self) -> None:
        await self._work.aclose()


def _key(row: Sequence[Any]) -> ApiKey:
    id, tenant, hash, role, note, created_at, expires_at, revoked_at = row
    return ApiKey(
        id=id,
        tenant=tenant,
        hash=hash,
        role=role,
        note=note,
        created_at=datetime.fromisoformat(created_at),
        expires_at=datetime.fromisoformat(expires_at) if expires_at else None,
        revoked_at=datetime.fromisoformat(revoked_at) if revoked_at else None,
    )
