"""Leases in the Redis that keeps the sessions. They expire by its clock."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Self

from memory.errors import Fenced, LeaseHeld, NotFound, WrongToken
from memory.leases import hash_of
from memory.paging import check_page
from memory.redis_link import RedisLink, key_of
from memory.redis_scripts import BEGIN, LOOK, RELEASE, RENEW, TAKE
from memory.types import Lease, SessionKey


class RedisLeases:
    """`Leases` in a Redis. Open them with `RedisLeases.open`; close them with `aclose`.

    A tenant's leases are listed by the time at which they expire; the list says where to look, the lease what holds.
    """

    def __init__(self, link: RedisLink, ttl_s: float) -> None:
        self._link = link
        self._ttl_s = ttl_s

    @classmethod
    async def open(cls, url: str, *, ttl_s: float, budget_s: float = 2.0) -> Self:
        """See `RedisLink.open`. `ttl_s`: how long a lease holds without being renewed."""
        return cls(await RedisLink.open(url, budget_s=budget_s), ttl_s)

    @property
    def ttl_s(self) -> float:
        """How long a lease holds without being renewed."""
        return self._ttl_s

    async def begin(self, key: SessionKey, owner: str, token: str) -> Lease:
        """See `Leases.begin`."""
        async with self._link.as_one():
            answer = _texts(await self._link.run(BEGIN, [_key(key)], owner, hash_of(token), self._ttl_ms))
            if answer[0] == "held":
                raise LeaseHeld(key.call, answer[1], int(answer[2]) / 1000)
            return await self._held(key, owner, answer)

    async def take(self, key: SessionKey, owner: str, token: str | None = None) -> Lease:
        """See `Leases.take`."""
        shown = "" if token is None else hash_of(token)
        async with self._link.as_one():
            answer = _texts(await self._link.run(TAKE, [_key(key)], owner, shown, self._ttl_ms))
            match answer[0]:
                case "missing":
                    raise NotFound(f"{self._link.place}: call {key.call} of tenant {key.tenant} has no lease")
                case "wrong":
                    raise WrongToken(f"call {key.call} is over, or this is not its resume token")
                case "held":
                    raise LeaseHeld(key.call, answer[1], int(answer[2]) / 1000)
            return await self._held(key, owner, answer)

    async def renew(self, lease: Lease) -> None:
        """See `Leases.renew`."""
        async with self._link.as_one():
            answer = _texts(
                await self._link.run(
                    RENEW, [_key(lease.key)], lease.owner, lease.fence, lease.token_hash, self._ttl_ms
                )
            )
            if answer[0] == "fenced":
                raise Fenced(lease.key.call, lease.fence, int(answer[1]))
            await self._list(lease.key, answer[3])

    async def release(self, lease: Lease, *, over: bool) -> None:
        """See `Leases.release`."""
        async with self._link.as_one():
            answer = _texts(
                await self._link.run(RELEASE, [_key(lease.key)], lease.owner, lease.fence, int(over))
            )
            if answer[0] == "released" and over:
                await self._link.command("ZREM", _all(lease.key.tenant), lease.key.call)
            elif answer[0] == "released":
                await self._list(lease.key, answer[3])

    async def holder(self, key: SessionKey) -> Lease | None:
        """See `Leases.holder`."""
        there = await self._look(key)
        return there if there is not None and there.owner and there.left_s > 0 else None

    async def abandoned(self, tenant: str, for_s: float, limit: int = 50) -> Sequence[SessionKey]:
        """See `Leases.abandoned`."""
        check_page(limit, "calls")
        latest_ms = int((time.time() - for_s) * 1000)
        listed = await self._link.command("ZRANGEBYSCORE", _all(tenant), "-inf", latest_ms, "LIMIT", 0, limit)
        found = []
        for key in [SessionKey(tenant, call.decode()) for call in listed]:
            there = await self._look(key)
            if there is None or not there.token_hash:
                await self._link.command("ZREM", _all(tenant), key.call)
            elif there.left_s <= -for_s:
                found.append(key)
        return found

    async def aclose(self) -> None:
        """Disconnect. Safe to call twice."""
        await self._link.aclose()

    @property
    def _ttl_ms(self) -> int:
        return round(self._ttl_s * 1000)

    async def _held(self, key: SessionKey, owner: str, answer: tuple[str, ...]) -> Lease:
        _, fence, token_hash, ends_ms = answer
        if token_hash:
            await self._list(key, ends_ms)
        return Lease(key, owner, int(fence), token_hash, self._ttl_s)

    async def _list(self, key: SessionKey, ends_ms: str) -> None:
        await self._link.command("ZADD", _all(key.tenant), ends_ms, key.call)

    async def _look(self, key: SessionKey) -> Lease | None:
        """As it stands, `left_s` below 0 where it has expired."""
        found = _texts(await self._link.run(LOOK, [_key(key)]))
        if not found:
            return None
        fence, owner, token_hash, left_ms = found
        return Lease(key, owner, int(fence), token_hash, int(left_ms) / 1000)


def _key(key: SessionKey) -> str:
    return key_of((key.tenant, key.call), "lease")


def _all(tenant: str) -> str:
    return key_of((tenant,), "leases")


def _texts(answer: Sequence[bytes]) -> tuple[str, ...]:
    return tuple(each.decode() for each in answer)
