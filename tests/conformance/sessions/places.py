"""Where sessions are kept, through what, and what is kept there. An adapter joins in `Place`, a wrapper in WAYS."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from memory.leases_redis import RedisLeases
from memory.leases_sqlite import SqliteLeases
from memory.ports import Leases, SessionStore
from memory.redis import RedisSessions
from memory.sealed import Key, Keyring
from memory.sealed_sessions import SealedSessions
from memory.sqlite import SqliteSessions
from memory.types import SessionKey, SessionRecord, StoredEvent
from orchestrator.telemetry_metrics import Metrics
from orchestrator.telemetry_store import TimedSessions
from tests.conformance.places import AFile, ARedis

BUDGET_S = 1.0
TTL_S = 1.0
ROOM_MIB = 1
ON_THE_WAY_BYTES = 550_000  # what Redis needs for half a megabyte while it comes in, beside what it keeps
NOON = datetime(2026, 11, 2, 12, 0, 0, 123456, tzinfo=UTC)


KEYS = Keyring([Key("new", b"n" * 32), Key("old", b"o" * 32)])


def as_it_is(store: SessionStore) -> SessionStore:
    return store


def sealed(store: SessionStore) -> SessionStore:
    return SealedSessions(store, KEYS)


def timed(store: SessionStore) -> SessionStore:
    return TimedSessions(store, Metrics())


class Place:
    """Where sessions are kept and through what, and how to make that place fail for real."""

    def __init__(self, where: AFile | ARedis, through: Callable[[SessionStore], SessionStore]) -> None:
        self._where, self._through = where, through
        self.silent = where.silent

    async def open(self) -> SessionStore:
        """A client of the place; each call another one, over the same sessions. Its budget is BUDGET_S."""
        if isinstance(self._where, AFile):
            return self._through(await SqliteSessions.open(self._where.file, budget_s=BUDGET_S))
        return self._through(await RedisSessions.open(self._where.url, budget_s=BUDGET_S))

    async def open_small(self) -> SessionStore:
        """The same, with room for about ROOM_MIB."""
        if isinstance(self._where, AFile):
            small = await SqliteSessions.open(self._where.file, budget_s=BUDGET_S, most_mib=ROOM_MIB)
            return self._through(small)
        store, server = await self.open(), self._where.server
        server.set("maxmemory-policy", "noeviction")
        server.set("maxmemory", server.used_bytes() + ROOM_MIB * 2**20 + ON_THE_WAY_BYTES)
        return store

    async def leases(self) -> Leases:
        """The leases of the place's calls."""
        if isinstance(self._where, AFile):
            return await SqliteLeases.open(self._where.file, ttl_s=TTL_S, budget_s=BUDGET_S)
        return await RedisLeases.open(self._where.url, ttl_s=TTL_S, budget_s=BUDGET_S)


WAYS = {
    "sealed_sqlite": ("sqlite", sealed),
    "sealed_redis": ("redis", sealed),
    "sqlite": ("sqlite", as_it_is),
    "timed": ("sqlite", timed),
    "redis": ("redis", as_it_is),
    "redis_cluster": ("redis_cluster", as_it_is),
}


def a_record(
    call: str = "c1", revision: int = 1, *, tenant: str = "clinic", minute: int = 0
) -> SessionRecord:
    return SessionRecord(
        key=SessionKey(tenant, call),
        revision=revision,
        flow="medical_intake",
        flow_hash="a1b2",
        state=b'{"slots": {"name": "J\xc3\xb6rg"}}',
        outcome=None,
        started_at=NOON + timedelta(minutes=minute),
        updated_at=NOON + timedelta(minutes=minute, seconds=revision),
        summary={"slots": {"name": "Jörg"}, "turns": 3, "confirmed": True},
        record=b"\x00\xff",
    )


def some_events(*revisions: int) -> list[StoredEvent]:
    return [StoredEvent(revision, revision * 1.25, b'{"kind": "%d"}' % revision) for revision in revisions]
