"""What every front-end promises. Add an adapter by adding it to ADAPTERS."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import anyio
import numpy as np
import pytest

from duplex_frontend.cascade.frontend import Cascade
from duplex_frontend.engine.call import Speech
from duplex_frontend.engine.client import at
from duplex_frontend.engine.frontend import PersonaPlex
from duplex_frontend.errors import NoSeat
from duplex_frontend.ports import DuplexCall, DuplexFrontend
from duplex_frontend.rehearsal.frontend import Rehearsal
from duplex_frontend.types import (
    BLOCK_S,
    AgentHeard,
    AgentStarted,
    AgentStopped,
    AgentWords,
    Capacity,
    Exchange,
    Fate,
    FrontendEvent,
    Line,
    Persona,
    Prompt,
    WhisperReceipt,
)
from tests.engine_process import HERE, WHY_NOT, shared_engine

Open = Callable[[int], Awaitable[DuplexFrontend]]


async def cascade(seats: int) -> DuplexFrontend:
    return await Cascade.start(seats=seats)


async def personaplex(seats: int) -> DuplexFrontend:
    """The engine in a process of its own. Its weights are random: of its own accord it babbles, so it is kept to lines."""
    engine = await anyio.to_thread.run_sync(shared_engine, seats)
    with anyio.fail_after(15):  # tests share it, and on a busy machine the last call of one leaves late
        while True:
            opened = await PersonaPlex.start(at(engine.address), speech=Speech.LINES)
            if opened._client.welcome.free == seats:
                return opened
            await opened.aclose()
            await anyio.sleep(0.1)


async def rehearsal(seats: int) -> DuplexFrontend:
    """A simulation: an actor that does as it is told."""
    return Rehearsal(seats=seats)


ADAPTERS: dict[str, Open] = {"cascade": cascade, "personaplex": personaplex, "rehearsal": rehearsal}


@pytest.fixture(params=ADAPTERS)
def adapter(request: pytest.FixtureRequest) -> Open:
    if request.param == "personaplex" and not HERE:
        pytest.skip(WHY_NOT)
    return ADAPTERS[request.param]


@asynccontextmanager
async def frontend(adapter: Open, seats: int = 1) -> AsyncIterator[DuplexFrontend]:
    opened = await adapter(seats)
    try:
        with anyio.fail_after(60):
            yield opened
    finally:
        await opened.aclose()


async def until(call: DuplexCall, kind: type, seen: list[FrontendEvent]) -> None:
    """Read events until one of `kind`."""
    with anyio.fail_after(20):
        async for event in call.events():
            seen.append(event)
            if isinstance(event, kind):
                return


def reply(revision: int, text: str) -> Prompt:
    return Prompt(revision, f"You work for The Door. Say: {text}", (Line(text),))


def test_the_call_is_handed_out_block_by_block_in_its_own_time(adapter: Open) -> None:
    async def scenario() -> None:
        async with frontend(adapter) as system:
            call = await system.open(Persona("Ann"))
            exchanges: list[Exchange] = []
            async for exchange in call.audio():
                exchanges.append(exchange)
                if len(exchanges) == 25:
                    break
            samples = round(system.capabilities.rate_hz * BLOCK_S)
            assert {e.heard.shape for e in exchanges} == {(samples,)} == {e.said.shape for e in exchanges}
            assert {e.said.dtype for e in exchanges} == {np.dtype(np.float32)}
            steps = np.diff([e.at_s for e in exchanges])
            assert np.allclose(steps, BLOCK_S)

    anyio.run(scenario)


def test_a_call_takes_a_seat_until_it_is_over(adapter: Open) -> None:
    async def scenario() -> None:
        async with frontend(adapter, seats=2) as system:
            assert system.capacity == Capacity(2, 0)
            call = await system.open(Persona("Ann"))
            assert system.capacity == Capacity(2, 1)
            await call.aclose()
            with anyio.fail_after(5):
                while system.capacity != Capacity(2, 0):
                    await anyio.sleep(0.02)

    anyio.run(scenario)


def test_caller_audio_comes_out_on_the_callers_side_of_the_exchange(adapter: Open) -> None:
    async def scenario() -> None:
        async with frontend(adapter) as system:
            call = await system.open(Persona("Ann"))
            samples = round(system.capabilities.rate_hz * BLOCK_S)
            call.feed(np.full(samples, 0.25, np.float32))
            with anyio.fail_after(5):
                async for exchange in call.audio():
                    if exchange.heard.any():
                        assert np.allclose(exchange.heard, 0.25)
                        return

    anyio.run(scenario)


@pytest.mark.parametrize(
    "bad", [np.zeros(7, np.float32), np.zeros(320, np.int16), np.zeros((1, 320), np.float32)]
)
def test_a_block_of_the_wrong_shape_or_type_is_refused(adapter: Open, bad: object) -> None:
    async def scenario() -> None:
        async with frontend(adapter) as system:
            call = await system.open(Persona("Ann"))
            with pytest.raises(ValueError, match="block"):
                call.feed(bad)  # type: ignore[arg-type]

    anyio.run(scenario)


def test_nan_and_floods_are_survived(adapter: Open) -> None:
    async def scenario() -> None:
        async with frontend(adapter) as system:
            call = await system.open(Persona("Ann"))
            samples = round(system.capabilities.rate_hz * BLOCK_S)
            for _ in range(500):
                call.feed(np.full(samples, np.nan, np.float32))
            count = 0
            async for exchange in call.audio():
                assert np.isfinite(exchange.heard).all() and np.isfinite(exchange.said).all()
                count += 1
                if count == 20:
                    break

    anyio.run(scenario)


def test_a_reply_is_told_from_its_first_sample_to_its_last(adapter: Open) -> None:
    async def scenario() -> None:
        async with frontend(adapter) as system:
            call = await system.open(Persona("Ann"))
            call.whisper(reply(3, "Good morning."))
            seen: list[FrontendEvent] = []
            await until(call, AgentStopped, seen)
            (started,) = (e for e in seen if isinstance(e, AgentStarted))
            (stopped,) = (e for e in seen if isinstance(e, AgentStopped))
            words = " ".join(e.text for e in seen if isinstance(e, AgentWords))
            assert started.revision == stopped.revision == 3
            assert not stopped.interrupted and started.at_s < stopped.at_s
            if system.capabilities.says_exactly:
                assert words == "Good morning."

    anyio.run(scenario)


def test_hush_stops_the_reply_and_tells_what_was_not_said(adapter: Open) -> None:
    async def scenario() -> None:
        async with frontend(adapter) as system:
            call = await system.open(Persona("Ann"))
            call.whisper(
                reply(1, "This is a sentence that goes on and on, and then on and on again for a while.")
            )
            seen: list[FrontendEvent] = []
            await until(call, AgentStarted, seen)
            await anyio.sleep(0.5)
            call.hush()
            await until(call, AgentStopped, seen)
            stopped = seen[-1]
            assert isinstance(stopped, AgentStopped) and stopped.interrupted and stopped.unspoken

    anyio.run(scenario)


def test_the_newest_whisper_wins(adapter: Open) -> None:
    async def scenario() -> None:
        async with frontend(adapter) as system:
            call = await system.open(Persona("Ann"))
            call.whisper(reply(5, "The newer one."))
            call.whisper(reply(4, "The older one."))
            seen: list[FrontendEvent] = []
            await until(call, AgentStopped, seen)
            assert {e.revision for e in seen if isinstance(e, AgentWords)} == {5}

    anyio.run(scenario)


def test_the_fate_of_every_whisper_is_told(adapter: Open) -> None:
    async def scenario() -> None:
        async with frontend(adapter) as system:
            call = await system.open(Persona("Ann"))
            call.whisper(reply(5, "The newer one."))
            call.whisper(reply(4, "The older one."))
            call.whisper(Prompt(6, "You work for The Door.", (Line("Too late."),), expires_s=-1.0))
            seen: list[FrontendEvent] = []
            await until(call, AgentStopped, seen)
            told = {
                e.revision: e.fate
                for e in seen
                if isinstance(e, WhisperReceipt) and e.fate is not Fate.PREPARED
            }
            assert told == {5: Fate.APPLIED, 4: Fate.SUPERSEDED, 6: Fate.EXPIRED}

    anyio.run(scenario)


def test_who_hears_itself_says_what_it_heard_after_it_has_ceased(adapter: Open) -> None:
    async def scenario() -> None:
        async with frontend(adapter) as system:
            if not system.capabilities.hears_itself:
                return
            call = await system.open(Persona("Ann"))
            call.whisper(reply(3, "Good morning."))
            seen: list[FrontendEvent] = []
            await until(call, AgentHeard, seen)
            heard = seen[-1]
            assert isinstance(heard, AgentHeard) and heard.revision == 3
            assert any(isinstance(e, AgentStopped) for e in seen)
            assert heard.text.lower().strip(".") == "good morning"

    anyio.run(scenario)


def test_a_full_system_says_so_at_once_and_has_room_again_after_a_hang_up(adapter: Open) -> None:
    async def scenario() -> None:
        async with frontend(adapter, seats=1) as system:
            call = await system.open(Persona("Ann"))
            with pytest.raises(NoSeat), anyio.fail_after(1):
                await system.open(Persona("Ann"))
            await call.aclose()
            await (await system.open(Persona("Ann"))).aclose()

    anyio.run(scenario)


def test_hanging_up_ends_what_is_read_and_may_be_done_twice(adapter: Open) -> None:
    async def scenario() -> None:
        async with frontend(adapter) as system:
            call = await system.open(Persona("Ann"))
            await call.aclose()
            await call.aclose()
            with anyio.fail_after(5):
                _ = [exchange async for exchange in call.audio()]
                _ = [event async for event in call.events()]

    anyio.run(scenario)


def test_calls_do_not_hear_each_other(adapter: Open) -> None:
    async def scenario() -> None:
        async with frontend(adapter, seats=2) as system:
            one, other = await system.open(Persona("Ann")), await system.open(Persona("Bob"))
            samples = round(system.capabilities.rate_hz * BLOCK_S)
            one.feed(np.full(samples, 0.5, np.float32))
            one.whisper(reply(1, "Only here."))
            blocks = 0
            async for exchange in other.audio():
                assert not exchange.heard.any() and not exchange.said.any()
                blocks += 1
                if blocks == 60:
                    break

    anyio.run(scenario)
