"""A redis-py client for a place: one server, one behind Sentinels, or a Cluster."""

from __future__ import annotations

from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.cluster import ClusterNode, RedisCluster
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import NoBackoff

from memory.redis_place import RedisPlace

Client = Redis | RedisCluster

CONNECTIONS = 16


def connect(place: RedisPlace, budget_s: float) -> Client:
    """A client that has not connected yet. `budget_s`: for connecting, and for each answer."""
    login: dict[str, Any] = {"username": place.user, "password": place.password}
    common: dict[str, Any] = {
        **{name: value for name, value in login.items() if value is not None},
        "socket_timeout": budget_s,
        "socket_connect_timeout": budget_s,
    }
    if not place.path:
        common["socket_keepalive"] = True
    # One more try where a connection turns out to be dead: every write of ours may be repeated.
    again = Retry(NoBackoff(), 1)
    match place.kind:
        case "cluster":
            nodes = [ClusterNode(host, port) for host, port in place.hosts]
            return RedisCluster(startup_nodes=nodes, ssl=place.tls, retry=Retry(NoBackoff(), 2), **common)
        case "sentinel":
            sentinels: Any = Sentinel(  # type: ignore[no-untyped-call]
                place.hosts,
                sentinel_kwargs={"socket_timeout": budget_s, "socket_connect_timeout": budget_s},
            )
            more: dict[str, Any] = {"ssl": True} if place.tls else {}
            client: Redis = sentinels.master_for(
                place.service, db=place.database, retry=again, **more, **common
            )
            return client
        case "server":
            pool = BlockingConnectionPool.from_url(
                _url(place), max_connections=CONNECTIONS, timeout=budget_s, retry=again, **common
            )
            return Redis.from_pool(pool)


def _url(place: RedisPlace) -> str:
    if place.path:
        return f"unix://{place.path}?db={place.database}"
    host, port = place.hosts[0]
    shown = f"[{host}]" if ":" in host else host
    return f"{'rediss' if place.tls else 'redis'}://{shown}:{port}/{place.database}"
