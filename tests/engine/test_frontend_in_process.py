"""The front-end over an engine of the same process: the port's promises where time can be turned by hand."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("moshi", reason="the engine's tests run in .venv-engine (tools/setup.sh engine)")

from duplex_frontend.engine import wire
from duplex_frontend.engine.call import EngineDuplexCall, Speech
from duplex_frontend.engine.frontend import PersonaPlex
from duplex_frontend.engine.local import inside
from duplex_frontend.engine.server import EngineServer
from duplex_frontend.types import (
    AgentStarted,
    AgentStopped,
    AgentWords,
    CallerTurn,
    Exchange,
    FrontendEvent,
    Line,
    Persona,
    Prompt,
)
from tests.engine.in_process import served, settle

LINE = "we are open from nine to five every day of the week"


class Turned:
    """A call, and time that passes when a test says so."""

    def __init__(self, speech: Speech, flavour: wire.Flavour = wire.Flavour.PERSONAPLEX) -> None:
        self.engine = replace(served(), family=flavour)
        self.server = EngineServer(self.engine)
        self.speech = speech
        self.events: list[FrontendEvent] = []
        self.exchanges: list[Exchange] = []
        self._loud = np.random.default_rng(1)

    async def open(self) -> EngineDuplexCall:
        self.front_end = await PersonaPlex.start(inside(self.server), speech=self.speech)
        opening = asyncio.create_task(self.front_end.open(Persona("Ann")))
        await settle()
        await self.frames(1)
        self.call = await opening
        self._readers = [asyncio.create_task(self._read()), asyncio.create_task(self._listen())]
        return self.call

    async def _read(self) -> None:
        async for event in self.call.events():
            self.events.append(event)

    async def _listen(self) -> None:
        async for exchange in self.call.audio():
            self.exchanges.append(exchange)

    async def frames(self, count: int, loud: float = 0.0) -> None:
        for _ in range(count):
            if loud:
                for _ in range(4):
                    self.call.feed(self._loud.normal(0, loud, 480).astype(np.float32))
            await settle()
            self.engine.stage.tick(0.0)
            self.server.deliver()
            await settle()

    async def until(self, kind: type, most: int = 300, loud: float = 0.0) -> FrontendEvent:
        for _ in range(most):
            found = [event for event in self.events if isinstance(event, kind)]
            if found:
                return found[-1]
            await self.frames(1, loud)
        raise AssertionError(f"no {kind.__name__} in {most} frames: {self.events[-5:]}")

    async def aclose(self) -> None:
        await self.front_end.aclose()
        await asyncio.gather(*self._readers)
        await self.server.aclose()


def test_a_line_is_told_word_by_word_and_only_it_is_heard() -> None:
    async def scenario() -> None:
        on = Turned(Speech.LINES)
        call = await on.open()
        await on.frames(12)
        assert not any(exchange.said.any() for exchange in on.exchanges)
        call.whisper(Prompt(5, "", (Line("we are open"), Line("from nine."))))
        stopped = await on.until(AgentStopped)
        assert isinstance(stopped, AgentStopped) and not stopped.interrupted and stopped.revision == 5
        words = [event for event in on.events if isinstance(event, AgentWords)]
        assert [word.text for word in words] == ["we", "are", "open", "from", "nine."]
        (started,) = [event for event in on.events if isinstance(event, AgentStarted)]
        sounding = [e.at_s for e in on.exchanges if e.said.any()]
        assert min(sounding) <= started.at_s + 1e-6 and words[-1].end_s <= max(sounding) + 0.1
        await on.frames(12)
        assert not any(e.said.any() for e in on.exchanges if e.at_s > stopped.at_s + 0.6)
        await on.aclose()

    asyncio.run(scenario())


def test_a_caller_who_insists_stops_the_line_and_it_is_told_how_far_it_came() -> None:
    async def scenario() -> None:
        on = Turned(Speech.LINES)
        call = await on.open()
        call.whisper(Prompt(1, "", (Line(LINE),)))
        await on.until(AgentWords)
        stopped = await on.until(AgentStopped, most=40, loud=0.2)
        assert isinstance(stopped, AgentStopped) and stopped.interrupted
        spoken = " ".join(event.text for event in on.events if isinstance(event, AgentWords))
        assert stopped.unspoken and f"{spoken} {stopped.unspoken}" == LINE
        turn = await on.until(CallerTurn)
        assert isinstance(turn, CallerTurn) and turn.interrupted
        await on.aclose()

    asyncio.run(scenario())


def test_a_line_that_must_be_finished_is_and_what_came_meanwhile_follows_it() -> None:
    async def scenario() -> None:
        on = Turned(Speech.LINES)
        call = await on.open()
        call.whisper(Prompt(1, "", (Line("this call is recorded", interruptible=False),)))
        await on.until(AgentWords)
        call.whisper(Prompt(2, "", (Line("hello"),)))
        await on.frames(15, loud=0.2)
        for _ in range(200):
            words = [(e.revision, e.text) for e in on.events if isinstance(e, AgentWords)]
            if (2, "hello") in words:
                break
            await on.frames(1)
        assert words == [(1, w) for w in "this call is recorded".split()] + [(2, "hello")]
        await on.aclose()

    asyncio.run(scenario())


def test_moshi_talks_by_itself_and_reads_no_role() -> None:
    async def scenario() -> None:
        on = Turned(Speech.BETWEEN, wire.Flavour.MOSHI)
        call = await on.open()
        call.whisper(Prompt(1, "You work for the clinic."))
        await on.frames(40, loud=0.05)
        assert len(on.exchanges) >= 156 and any(exchange.said.any() for exchange in on.exchanges)
        assert on.events and call.in_force == -1
        await on.aclose()

    asyncio.run(scenario())


def test_tokens_are_counted_as_the_model_reads_them() -> None:
    async def scenario() -> None:
        on = Turned(Speech.BETWEEN)
        await on.open()
        count = on.front_end.capabilities.count_tokens
        assert count is not None and count("  ") == 0
        role = "You work for the  clinic."
        assert count(role) == len(on.engine.role(role)) > 4
        await on.aclose()

    asyncio.run(scenario())
