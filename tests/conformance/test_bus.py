"""What every Bus promises. An adapter joins by a place in PLACES."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Protocol

import anyio
import pytest
from redis.asyncio import Redis

from memory.admin_ports import Bus
from memory.bus import InProcessBus
from memory.bus_redis import open_redis_bus
from memory.errors import AnswerLate, NobodyThere, StoreLost
from memory.types import SessionKey
from tests.redis_server import RedisServer

pytestmark = pytest.mark.anyio

BUDGET_S = 1.0
CARD_TTL_S = 0.6
KEY = SessionKey("clinic", "c1")


class Place(Protocol):
    """Where processes meet."""

    def open(self) -> AbstractAsyncContextManager[Bus]:
        """The bus as one process has it; each call is another process, where there can be several."""
        ...

    def close(self) -> None: ...


class InProcess:
    def __init__(self, _folder: Path) -> None:
        self._bus = InProcessBus()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Bus]:
        yield self._bus

    def close(self) -> None:
        return None


class OverRedis:
    def __init__(self, folder: Path) -> None:
        self.server = RedisServer(folder / "redis").start()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Bus]:
        # As `memory.redis_client.connect` makes it: an idle subscription has to outlive these.
        client = Redis(port=self.server.port, socket_timeout=BUDGET_S, socket_connect_timeout=BUDGET_S)
        try:
            async with open_redis_bus(client, budget_s=BUDGET_S, card_ttl_s=CARD_TTL_S) as bus:
                yield bus
        finally:
            await client.aclose()

    def close(self) -> None:
        self.server.stop()


PLACES: dict[str, type[InProcess] | type[OverRedis]] = {"in process": InProcess, "redis": OverRedis}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    made = PLACES[request.param](tmp_path)
    yield made
    made.close()


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[OverRedis]:
    made = OverRedis(tmp_path)
    yield made
    made.close()


async def echo(command: bytes) -> bytes:
    return b"did " + command


async def listed(bus: Bus, calls: set[str], tenant: str = "clinic", within_s: float = 5.0) -> None:
    with anyio.fail_after(within_s):
        while set(await bus.calls(tenant)) != calls:
            await asyncio.sleep(0.02)


async def test_a_command_reaches_whoever_serves_the_call_and_its_answer_comes_back(place: Place) -> None:
    async with place.open() as owner, place.open() as other, owner.serve(KEY, lambda: b"card", echo):
        await listed(other, {"c1"})
        assert await other.ask(KEY, b"\x00\n\xff{}", 2) == b"did \x00\n\xff{}"
        assert await owner.ask(KEY, b"", 2) == b"did "


async def test_nobody_is_there_before_and_after(place: Place) -> None:
    async with place.open() as owner, place.open() as other:
        with pytest.raises(NobodyThere):
            await other.ask(KEY, b"x", 2)
        async with owner.serve(KEY, lambda: b"card", echo):
            await listed(other, {"c1"})
        await listed(other, set())
        with pytest.raises(NobodyThere):
            await other.ask(KEY, b"x", 2)


async def test_calls_are_listed_with_their_newest_card_and_only_to_their_tenant(place: Place) -> None:
    step = b"one"
    async with (
        place.open() as owner,
        place.open() as other,
        owner.serve(KEY, lambda: step, echo),
        owner.serve(SessionKey("clinic", "c2"), lambda: b"2", echo),
        other.serve(SessionKey("rival", "c1"), lambda: b"secret", echo),
    ):
        await listed(other, {"c1", "c2"})
        step = b"two"
        with anyio.fail_after(3):
            while (await other.calls("clinic"))["c1"] != b"two":
                await asyncio.sleep(0.02)
        await listed(owner, {"c1"}, "rival")
        assert await other.ask(SessionKey("rival", "c1"), b"x", 2) == b"did x"


async def test_the_same_id_of_two_tenants_is_two_calls(place: Place) -> None:
    async def mine(command: bytes) -> bytes:
        return b"clinic"

    async with place.open() as owner, owner.serve(KEY, lambda: b"", mine):
        await listed(owner, {"c1"})
        with pytest.raises(NobodyThere):
            await owner.ask(SessionKey("rival", "c1"), b"x", 2)


async def test_an_answer_that_takes_too_long_is_late_and_says_that_it_may_have_happened(place: Place) -> None:
    done: list[bytes] = []

    async def slow(command: bytes) -> bytes:
        await asyncio.sleep(0.4)
        done.append(command)
        return b""

    async with place.open() as owner, place.open() as other, owner.serve(KEY, lambda: b"", slow):
        await listed(other, {"c1"})
        with pytest.raises(AnswerLate):
            await other.ask(KEY, b"x", 0.1)
        assert await other.ask(KEY, b"y", 5) == b""


async def test_commands_wait_for_no_slow_one_before_them(place: Place) -> None:
    freed = asyncio.Event()

    async def answer(command: bytes) -> bytes:
        if command == b"wait":
            await freed.wait()
        return command

    async with place.open() as owner, place.open() as other, owner.serve(KEY, lambda: b"", answer):
        await listed(other, {"c1"})
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(other.ask, KEY, b"wait", 5.0)
            await asyncio.sleep(0.05)
            assert await other.ask(KEY, b"quick", 2) == b"quick"
            freed.set()


async def test_a_bus_that_was_closed_says_so(place: Place) -> None:
    async with place.open() as bus:
        await bus.ping()
        await bus.aclose()
        await bus.aclose()
        if isinstance(bus, InProcessBus):
            with pytest.raises(StoreLost):
                await bus.ask(KEY, b"x", 1)


# --- over Redis ----------------------------------------------------------------------------------------------


async def test_a_quiet_bus_stays_subscribed_longer_than_its_sockets_wait(redis: OverRedis) -> None:
    async with redis.open() as owner, redis.open() as other, owner.serve(KEY, lambda: b"", echo):
        await listed(other, {"c1"})
        await asyncio.sleep(2.5 * BUDGET_S)
        assert await other.ask(KEY, b"x", 2) == b"did x"


async def test_a_call_of_a_server_that_was_killed_is_forgotten(redis: OverRedis) -> None:
    async with redis.open() as other:
        with anyio.CancelScope() as life:
            async with redis.open() as owner, owner.serve(KEY, lambda: b"", echo):
                await listed(other, {"c1"})
                owner._unlist = _nothing  # type: ignore[attr-defined,method-assign]  # it is killed, and tidies nothing up
                life.cancel()
                await asyncio.sleep(1)
        assert set(await other.calls("clinic")) == {"c1"}
        await listed(other, set(), within_s=4 * CARD_TTL_S)
        with pytest.raises(NobodyThere):
            await other.ask(KEY, b"x", 1)


async def _nothing(*_given: object) -> None:
    return None


async def test_redis_away_is_told_and_its_return_finds_every_call_again(redis: OverRedis) -> None:
    async with redis.open() as owner, redis.open() as other, owner.serve(KEY, lambda: b"", echo):
        await listed(other, {"c1"})
        redis.server.kill()
        with pytest.raises(StoreLost):
            await other.calls("clinic")
        with pytest.raises(StoreLost):
            await other.ask(KEY, b"x", 1)
        redis.server.start()
        with anyio.fail_after(15):
            while True:
                try:
                    assert await other.ask(KEY, b"again", 1) == b"did again"
                    break
                except (StoreLost, NobodyThere, AnswerLate):
                    await asyncio.sleep(0.1)


async def test_a_call_can_begin_while_redis_is_away(redis: OverRedis) -> None:
    redis.server.kill()
    async with redis.open() as owner, owner.serve(KEY, lambda: b"", echo):
        redis.server.start()
        with anyio.fail_after(15):
            while True:
                try:
                    assert await owner.ask(KEY, b"x", 1) == b"did x"
                    break
                except (StoreLost, NobodyThere, AnswerLate):
                    await asyncio.sleep(0.1)


async def test_a_command_that_arrives_twice_is_carried_out_once(redis: OverRedis) -> None:
    done: list[bytes] = []

    async def count(command: bytes) -> bytes:
        done.append(command)
        return b""

    async with redis.open() as owner, owner.serve(KEY, lambda: b"", count):
        await listed(owner, {"c1"})
        await asyncio.sleep(0.1)
        client = Redis(port=redis.server.port)
        for _ in range(2):
            await client.publish("souffleur:bus:call:{clinic}:c1", b'{"id": "1", "answer_to": "nobody"}\nx')
        for mess in (b"", b"{", b"[]\nx", b'{"id": 1}\n', b"\xff\xfe\nx"):
            await client.publish("souffleur:bus:call:{clinic}:c1", mess)
        await client.aclose()
        assert await owner.ask(KEY, b"y", 2) == b""
        await asyncio.sleep(0.1)
    assert done.count(b"x") == 1 and b"y" in done
