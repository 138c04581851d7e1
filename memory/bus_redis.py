"""Commands to whoever serves a call, over Redis: publish and subscribe, and a list of calls that forgets by itself.

A command goes out once and is not kept, so it is carried out once at most; whoever asks has the answer, or knows that
there is none. Several servers share one Redis.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import anyio
from anyio.abc import TaskGroup
from redis.asyncio import Redis, RedisCluster
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from memory.admin_ports import Answer
from memory.bus import late
from memory.errors import MemoryFailure, NobodyThere, StoreLost
from memory.types import SessionKey

T = TypeVar("T")

CARD_TTL_S = 15.0
AT_ONCE = 64  # commands to one call
_RETRY_S = 1.0
_REMEMBERED = 10_000
_LOST = (RedisError, OSError, TimeoutError)


@dataclass(slots=True)
class _Served:
    card: Callable[[], bytes]
    answer: Answer
    at_work: int = 0


@dataclass(slots=True)
class _Asked:
    done: anyio.Event = field(default_factory=anyio.Event)
    answer: bytes | None = None


class RedisBus:
    """A `Bus` for several servers. Made by `open_redis_bus`.

    Args:
        redis: a client without decoding (`decode_responses=False`): what is published at one node of a Cluster
            reaches all. It stays the caller's to close.
        listed: where the list of calls is kept; the same, or the client of a Cluster.
        budget_s: how long one request to Redis may take.
        prefix: of every key and channel.
    """

    def __init__(
        self,
        redis: Redis,
        listed: Redis | RedisCluster,
        tasks: TaskGroup,
        *,
        prefix: str,
        budget_s: float,
        card_ttl_s: float,
    ) -> None:
        self._redis = redis
        self._kept: Redis | RedisCluster = listed
        self._tasks = tasks
        self._prefix = prefix
        self._budget_s = budget_s
        self._card_ttl_s = card_ttl_s
        self._pubsub: PubSub = redis.pubsub()
        self._answers = f"{prefix}answers:{uuid.uuid4().hex}"
        self._served: dict[str, _Served] = {}  # by channel
        self._asked: dict[str, _Asked] = {}
        self._begun: dict[str, None] = {}  # the newest commands, by id
        self._listening = anyio.Event()
        self._closed = False

    # --- Bus ---

    @asynccontextmanager
    async def serve(self, key: SessionKey, card: Callable[[], bytes], answer: Answer) -> AsyncIterator[None]:
        """See `Bus.serve`."""
        channel = self._channel(key)
        ours = self._served[channel] = _Served(card, answer)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._keep_listed, key, channel, ours)
            try:
                yield
            finally:
                tasks.cancel_scope.cancel()
                if self._served.get(channel) is ours:
                    del self._served[channel]
                    with anyio.move_on_after(self._budget_s, shield=True):
                        await self._unlist(key, channel)

    async def ask(self, key: SessionKey, command: bytes, within_s: float) -> bytes:
        """See `Bus.ask`."""
        id = uuid.uuid4().hex
        asked = self._asked[id] = _Asked()
        head = json.dumps({"id": id, "answer_to": self._answers}).encode()
        try:
            with anyio.move_on_after(self._budget_s):
                await self._listening.wait()
            if not self._listening.is_set():
                raise self._gone()
            heard = await self._budgeted(self._redis.publish(self._channel(key), head + b"\n" + command))
            # In a cluster only subscribers at the same node are counted, so nobody may be somebody.
            if not heard and not await self._budgeted(self._kept.exists(self._card_key(key))):
                raise NobodyThere(f"nobody serves the call {key.call}; it may be over")
            with anyio.move_on_after(within_s):
                await asked.done.wait()
            if not asked.done.is_set():
                raise late(key, within_s)
            if asked.answer is None:
                raise MemoryFailure(
                    f"whoever serves the call {key.call} has too much to do; try again shortly"
                )
            return asked.answer
        finally:
            self._asked.pop(id, None)

    async def calls(self, tenant: str) -> Mapping[str, bytes]:
        """See `Bus.calls`. A server that was killed is forgotten after `card_ttl_s`."""
        listed = f"{self._prefix}live:{{{tenant}}}"
        members = sorted(await self._budgeted(self._kept.smembers(listed)))  # type: ignore[arg-type]
        if not members:
            return {}
        keys = [self._card_key(SessionKey(tenant, member.decode())) for member in members]
        cards = await self._budgeted(self._kept.mget(keys))
        gone = [member for member, card in zip(members, cards, strict=True) if card is None]
        if gone:
            await self._budgeted(self._kept.srem(listed, *gone))  # type: ignore[arg-type]
        return {m.decode(): card for m, card in zip(members, cards, strict=True) if card is not None}

    async def ping(self) -> None:
        """See `Bus.ping`."""
        await self._budgeted(self._redis.ping())  # type: ignore[arg-type]

    async def aclose(self) -> None:
        """Nothing more is answered. Safe to call twice."""
        if not self._closed:
            self._closed = True
            with anyio.move_on_after(self._budget_s, shield=True):
                await self._pubsub.aclose()  # type: ignore[no-untyped-call]

    # --- listening ---

    async def run(self) -> None:
        """Take commands and answers in. Goes on through anything that happens to Redis; cancel to end."""
        while not self._closed:
            try:
                await self._pubsub.subscribe(self._answers, *self._served)
                self._listening.set()
                while True:
                    message = await self._pubsub.get_message(
                        ignore_subscribe_messages=True, timeout=self._budget_s / 2
                    )
                    if message is not None:
                        self._take(message["channel"].decode(), message["data"])
            except _LOST:
                self._listening = anyio.Event()
                await anyio.sleep(_RETRY_S)
                with anyio.move_on_after(self._budget_s):
                    await self._pubsub.aclose()  # type: ignore[no-untyped-call]
                self._pubsub = self._redis.pubsub()

    def _take(self, channel: str, data: bytes) -> None:
        head, _, body = data.partition(b"\n")
        try:
            told: dict[str, Any] = json.loads(head)
            id = str(told["id"])
        except (ValueError, KeyError, TypeError):
            return  # not one of ours
        if channel == self._answers:
            asked = self._asked.get(id)
            if asked is not None:
                asked.answer = None if told.get("busy") else body
                asked.done.set()
        elif (served := self._served.get(channel)) is not None and id not in self._begun:
            self._begun[id] = None  # a client repeats what it does not know to have arrived
            if len(self._begun) > _REMEMBERED:
                del self._begun[next(iter(self._begun))]
            self._tasks.start_soon(self._carry_out, served, id, str(told.get("answer_to", "")), body)

    async def _carry_out(self, served: _Served, id: str, answer_to: str, command: bytes) -> None:
        busy = served.at_work >= AT_ONCE
        served.at_work += 1
        try:
            answer = b"" if busy else await served.answer(command)
        finally:
            served.at_work -= 1
        head = json.dumps({"id": id, "busy": busy}).encode()
        try:
            await self._budgeted(self._redis.publish(answer_to, head + b"\n" + answer))
        except StoreLost:
            return  # whoever asked is told that nobody answered

    # --- the list of calls ---

    async def _keep_listed(self, key: SessionKey, channel: str, served: _Served) -> None:
        subscribed: PubSub | None = None
        while True:
            try:
                if subscribed is not self._pubsub and self._listening.is_set():
                    subscribed = self._pubsub
                    await self._budgeted(subscribed.subscribe(channel))
                await self._list(key, served)
                await anyio.sleep(self._card_ttl_s / 3)
            except StoreLost:
                subscribed = None
                await anyio.sleep(_RETRY_S)

    async def _list(self, key: SessionKey, served: _Served) -> None:
        card = self._kept.set(self._card_key(key), served.card(), px=int(self._card_ttl_s * 1000))
        await self._budgeted(card)
        listed = self._kept.sadd(f"{self._prefix}live:{{{key.tenant}}}", key.call)
        await self._budgeted(listed)  # type: ignore[arg-type]

    async def _unlist(self, key: SessionKey, channel: str) -> None:
        try:
            await self._pubsub.unsubscribe(channel)
            await self._kept.delete(self._card_key(key))
            await self._kept.srem(f"{self._prefix}live:{{{key.tenant}}}", key.call)  # type: ignore[misc]
        except _LOST:
            return  # it is forgotten in a while

    async def _budgeted(self, request: Awaitable[T]) -> T:
        try:
            with anyio.fail_after(self._budget_s):
                return await request
        except _LOST as trouble:
            raise self._gone() from trouble

    def _gone(self) -> StoreLost:
        return StoreLost(f"Redis does not answer within {self._budget_s:g} s; see whether it runs")

    def _channel(self, key: SessionKey) -> str:
        return f"{self._prefix}call:{{{key.tenant}}}:{key.call}"

    def _card_key(self, key: SessionKey) -> str:
        return f"{self._prefix}card:{{{key.tenant}}}:{key.call}"


@asynccontextmanager
async def open_redis_bus(
    redis: Redis,
    listed: Redis | RedisCluster | None = None,
    *,
    prefix: str = "souffleur:bus:",
    budget_s: float = 2.0,
    card_ttl_s: float = CARD_TTL_S,
) -> AsyncIterator[RedisBus]:
    """A bus that listens until the block is left. Redis need not be there yet."""
    async with anyio.create_task_group() as tasks:
        bus = RedisBus(redis, listed or redis, tasks, prefix=prefix, budget_s=budget_s, card_ttl_s=card_ttl_s)
        tasks.start_soon(bus.run)
        try:
            yield bus
        finally:
            tasks.cancel_scope.cancel()
            await bus.aclose()
