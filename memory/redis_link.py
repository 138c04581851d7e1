"""A Redis as memory's adapters use it: scripts and commands within a budget, its errors told in our words."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha1
from typing import Any, Self
from urllib.parse import quote

import anyio
import anyio.lowlevel
from redis.asyncio import Redis
from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    NoPermissionError,
    NoScriptError,
    OutOfMemoryError,
    RedisClusterException,
    RedisError,
    ResponseError,
)

from memory.errors import MemoryFailure, StoreFull, StoreLost
from memory.redis_client import CONNECTIONS, Client, connect
from memory.redis_place import RedisPlace, read_url

PREFIX = "souffleur"
Argument = str | bytes | int | float


@dataclass(frozen=True, slots=True)
class Script:
    """A Lua script. Runs as a whole or, where its first write is refused, not at all."""

    text: str
    sha: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sha", sha1(self.text.encode(), usedforsecurity=False).hexdigest())


def key_of(tag: Sequence[str], name: str) -> str:
    """A key. Those with the same `tag` lie together in a Cluster: it is the hash tag."""
    return f"{PREFIX}:{{{':'.join(quote(part, safe='') for part in tag)}}}:{name}"


class RedisLink:
    """One adapter's way to a Redis. Open it with `open`; close it with `aclose`."""

    def __init__(self, client: Client, place: RedisPlace, budget_s: float) -> None:
        self.place = place
        self.budget_s = budget_s
        self._client = client
        self._turns = anyio.CapacityLimiter(CONNECTIONS)
        self._under_way = 0
        self._idle = anyio.Event()
        self._closed = False

    @classmethod
    async def open(cls, url: str, *, budget_s: float = 2.0) -> Self:
        """Connect, and see that calls are safe there.

        Args:
            url: see `memory.redis_place.read_url`.
            budget_s: how long one piece of work may take.

        Raises:
            BadUrl: it names no Redis.
            MemoryFailure: it lets us not in, or would throw calls away when it is full.
            StoreLost: nobody answers there.
        """
        place = read_url(url)
        link = cls(connect(place, budget_s), place, budget_s)
        try:
            await link._keeps_what_it_is_given()
        except BaseException:
            with anyio.CancelScope(shield=True):
                await link.aclose()
            raise
        return link

    async def run(self, script: Script, keys: Sequence[str], *arguments: Argument) -> Any:
        """Run a script over keys of one tag. See `command`."""
        async with self._within():
            try:
                return await self._client.execute_command("EVALSHA", script.sha, len(keys), *keys, *arguments)
            except NoScriptError:
                return await self._client.execute_command("EVAL", script.text, len(keys), *keys, *arguments)

    async def command(self, *command: Argument) -> Any:
        """One command.

        Raises:
            StoreLost: no answer within the budget. Whether it was carried out, nobody can tell.
            StoreFull: there is no room; it was not carried out.
        """
        async with self._within():
            return await self._client.execute_command(*command)

    async def everywhere(self, *command: Argument) -> list[Any]:
        """One command on each server that takes writes; their answers. See `command`."""
        async with self._within():
            if isinstance(self._client, Redis):
                return [await self._client.execute_command(*command)]  # type: ignore[no-untyped-call]
            nodes = self._client.get_primaries()
            return [await self._client.execute_command(*command, target_nodes=node) for node in nodes]

    async def each(self, commands: Sequence[Sequence[Argument]]) -> list[Any]:
        """Commands of any keys, sent at once; their answers in order. See `command`."""
        if not commands:
            return []
        async with self._within():
            pipe: Any = (
                self._client.pipeline(transaction=False)
                if isinstance(self._client, Redis)
                else self._client.pipeline()
            )
            for command in commands:
                pipe.execute_command(*command)
            return list(await pipe.execute())

    async def aclose(self) -> None:
        """Let what is under way come to its end, and disconnect. Safe to call twice."""
        if self._closed:
            return
        self._closed = True
        if self._under_way:
            with anyio.move_on_after(self.budget_s):
                await self._idle.wait()
        await self._client.aclose()

    @asynccontextmanager
    async def as_one(self) -> AsyncIterator[None]:
        """Several steps as one piece of work, within one budget. Once begun it is not cancelled.

        Cut off half-way, whoever waited could not tell what has happened, and so not try it again.
        """
        await anyio.lowlevel.checkpoint_if_cancelled()
        if self._closed:
            raise StoreLost(f"{self.place}: this store was closed; open it again")
        try:
            with anyio.CancelScope(shield=True), anyio.fail_after(self.budget_s):
                yield
        except TimeoutError as late:
            raise StoreLost(
                f"{self.place}: no answer within {self.budget_s:g} s; see whether it runs"
            ) from late
        except (RedisError, OSError) as trouble:
            raise self._failure(trouble) from trouble

    @asynccontextmanager
    async def _within(self) -> AsyncIterator[None]:
        async with self.as_one():
            self._under_way += 1
            try:
                async with self._turns:
                    yield
            finally:
                self._under_way -= 1
                if not self._under_way:
                    self._idle.set()
                    self._idle = anyio.Event()

    async def _keeps_what_it_is_given(self) -> None:
        async with self._within():
            if isinstance(self._client, Redis):
                told = [await self._client.info("memory")]
            else:
                nodes = self._client.PRIMARIES
                answer = await self._client.info("memory", target_nodes=nodes)
                # Of one node it is the answer itself, of several one for each.
                told = [answer] if "used_memory" in answer else list(answer.values())
        for memory in told:
            policy = str(memory.get("maxmemory_policy", "noeviction"))
            if int(memory.get("maxmemory", 0)) and policy.startswith("allkeys"):
                raise MemoryFailure(
                    f"{self.place}: would throw calls away when it is full ({policy}); set maxmemory-policy to "
                    "noeviction, or use another Redis"
                )

    def _failure(self, trouble: RedisError | OSError) -> MemoryFailure:
        match trouble:
            case OutOfMemoryError():
                return StoreFull(f"{self.place}: no room (maxmemory); give it more, it is tried again")
            case AuthenticationError() | AuthorizationError() | NoPermissionError():
                return MemoryFailure(f"{self.place}: lets us not in; see to user, password and their rights")
            case ResponseError() if str(trouble).startswith(("WRONGPASS", "NOAUTH", "DENIED")):
                return MemoryFailure(f"{self.place}: lets us not in; see to user and password")
            case ResponseError() if not str(trouble).startswith(_PASSING):
                return MemoryFailure(f"{self.place}: refuses what was asked ({_brief(trouble)})")
            case RedisClusterException():
                return StoreLost(f"{self.place}: the cluster cannot be used ({_brief(trouble)})")
            case _:
                return StoreLost(f"{self.place}: {_brief(trouble)}; see whether it runs")


_PASSING = ("LOADING", "READONLY", "MISCONF", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "NOREPLICAS", "BUSY", "MOVED", "ASK")  # fmt: skip
"""Refusals that pass: it is starting, changing over, or its disk is in trouble."""


def _brief(trouble: Exception) -> str:
    """The kind of an error, and the first word of what a server said: keys and values are left out."""
    said = str(trouble).split(" ", 1)[0].strip(".:,")
    return f"{type(trouble).__name__} {said}" if said.isupper() and said.isalpha() else type(trouble).__name__
