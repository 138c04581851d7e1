"""Opens the stores that the settings name. The Redis client is imported by those who choose it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

import anyio

from memory.admin_ports import AuditLog, Bus, FlowStore, KeyStore
from memory.audit import SqliteAudit
from memory.bus import InProcessBus
from memory.callers_book import CallerBook
from memory.callers_sqlite import SqliteCallers
from memory.flow_versions import SqliteFlows
from memory.keys import SqliteKeys
from memory.leases_sqlite import SqliteLeases
from memory.ports import CallerStore, Leases, SessionStore
from memory.sealed_sessions import SealedSessions
from memory.sqlite import SqliteSessions
from orchestrator.settings import Settings

BUS_WITHIN_S = 2.0


async def open_sessions(settings: Settings) -> SessionStore:
    """Where calls are kept, sealed with the keys of the settings.

    Raises:
        MemoryFailure: it cannot be opened or reached; the keys are none.
        BadSettings: the keys are not there.
    """
    keys = settings.privacy.keys
    store: SessionStore
    if settings.data.store == "redis":
        from memory.redis import RedisSessions

        store = await RedisSessions.open(settings.data.redis_url)
    else:
        store = await SqliteSessions.open(settings.data.database)
    return SealedSessions(store, keys)


@asynccontextmanager
async def open_bus(settings: Settings) -> AsyncIterator[Bus]:
    """Orders to calls, within this process or over the Redis that servers share. It need not answer yet."""
    if settings.data.store != "redis":
        yield InProcessBus()
        return
    from redis.asyncio import RedisCluster

    from memory.bus_redis import open_redis_bus
    from memory.redis_client import connect
    from memory.redis_place import read_url

    place = read_url(settings.data.redis_url)
    listed = connect(place, BUS_WITHIN_S)
    # What is published at one node of a Cluster reaches all of them.
    one_node = replace(place, kind="server", hosts=place.hosts[:1]) if place.kind == "cluster" else place
    client = connect(one_node, BUS_WITHIN_S)
    assert not isinstance(client, RedisCluster)
    try:
        async with open_redis_bus(client, listed, budget_s=BUS_WITHIN_S) as bus:
            yield bus
    finally:
        with anyio.move_on_after(BUS_WITHIN_S, shield=True):
            await client.aclose()
            await listed.aclose()


async def open_audit(settings: Settings) -> AuditLog:
    """Who read or changed what; beside the calls. Close it. Raises as `open_sessions`."""
    if settings.data.store == "redis":
        from memory.admin_redis import RedisAudit

        return await RedisAudit.open(settings.data.redis_url)
    return await SqliteAudit.open(settings.data.database)


async def open_admin(settings: Settings) -> tuple[KeyStore, AuditLog, FlowStore]:
    """Keys, audit log and versions of flows, beside the calls. Close each. Raises as `open_sessions`."""
    async with AsyncExitStack() as opened:
        keys: KeyStore
        audit: AuditLog
        flows: FlowStore
        if settings.data.store == "redis":
            from memory.admin_redis import RedisFlows, RedisKeys

            url = settings.data.redis_url
            keys = await RedisKeys.open(url)
            opened.push_async_callback(keys.aclose)
            audit = await open_audit(settings)
            opened.push_async_callback(audit.aclose)
            flows = await RedisFlows.open(url)
        else:
            path = settings.data.database
            keys = await SqliteKeys.open(path)
            opened.push_async_callback(keys.aclose)
            audit = await open_audit(settings)
            opened.push_async_callback(audit.aclose)
            flows = await SqliteFlows.open(path)
        opened.pop_all()
        return keys, audit, flows


async def open_callers(settings: Settings) -> tuple[CallerBook, CallerStore]:
    """Who has called before; beside the calls. Close the store. Raises as `open_sessions`."""
    keys = settings.privacy.keys
    store: CallerStore
    if settings.data.store == "redis":
        from memory.callers_redis import RedisCallers

        store = await RedisCallers.open(settings.data.redis_url)
    else:
        store = await SqliteCallers.open(settings.data.database)
    return CallerBook(store, keys), store


def nothing_kept(settings: Settings) -> bool:
    """No call was ever kept in the file, which is not made by looking."""
    return settings.data.store == "sqlite" and not settings.data.database.exists()


async def open_leases(settings: Settings) -> Leases:
    """Who leads which call; beside the calls. Raises MemoryFailure."""
    ttl_s = settings.data.lease_s
    if settings.data.store == "redis":
        from memory.leases_redis import RedisLeases

        return await RedisLeases.open(settings.data.redis_url, ttl_s=ttl_s)
    return await SqliteLeases.open(settings.data.database, ttl_s=ttl_s)
