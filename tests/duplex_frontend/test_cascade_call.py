"""The embedded front-end on real audio, its clock turned by the test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio
import numpy as np

from duplex_frontend.cascade.frontend import Cascade, DrivenCall
from duplex_frontend.cascade.line import BLOCK
from duplex_frontend.cascade.voice import ChildVoice
from duplex_frontend.cascade.voices import choose_voice
from duplex_frontend.types import (
    AgentStarted,
    AgentStopped,
    AgentWords,
    Block,
    CallerBackchannel,
    CallerPartial,
    CallerTurn,
    Completeness,
    Expected,
    FloorChanged,
    FloorReason,
    FrontendEvent,
    Line,
    Persona,
    Prompt,
)

YES_NO = Expected(
    "yes_no",
    "#JSGF V1.0;\ngrammar yes_no;\npublic <s> = yes | no | yes please | that is wrong | mm-hm | okay;\n",
    judge=lambda words: Completeness.COMPLETE if words in ("yes", "no") else Completeness.OPEN,
)
LONG = "Please listen carefully because I have a rather long story to tell you about the clinic and its many rooms."


@dataclass(slots=True)
class Driven:
    """A call driven block by block, and everything that it reported."""

    driven: DrivenCall
    said: list[Block] = field(default_factory=list)
    happened: list[FrontendEvent] = field(default_factory=list)

    async def hear(self, audio: Block) -> None:
        blocks = np.pad(audio, (0, -len(audio) % BLOCK)).reshape(-1, BLOCK).astype(np.float32)
        for block in blocks:
            await self.driven.exchange(block)

    async def quiet(self, seconds: float) -> None:
        await self.hear(np.zeros(int(seconds * 16_000), np.float32))

    def of(self, kind: type) -> list[FrontendEvent]:
        return [event for event in self.happened if isinstance(event, kind)]

    def loud(self, from_s: float, to_s: float) -> bool:
        audio = np.concatenate(self.said)[int(from_s * 16_000) : int(to_s * 16_000)]
        return bool(np.abs(audio).max(initial=0) > 0.01)


async def spoken(text: str, voice: str = "flite:rms") -> Block:
    speaker = await ChildVoice.open(choose_voice(voice))
    chunks = [chunk async for chunk in speaker.stream(text)]
    await speaker.aclose()
    return np.concatenate(chunks)


@asynccontextmanager
async def a_call() -> AsyncIterator[Driven]:
    frontend = await Cascade.start(seats=1)
    call = Driven(await frontend.open_driven(Persona("Ann", "flite:slt")))

    async def listen() -> None:
        async for event in call.driven.call.events():
            call.happened.append(event)

    async def record() -> None:
        async for exchange in call.driven.call.audio():
            call.said.append(exchange.said)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(listen)
        tasks.start_soon(record)
        yield call
        await frontend.aclose()


def test_a_turn_is_heard_word_by_word_and_ends_soon_when_the_answer_is_complete() -> None:
    async def scenario() -> None:
        async with a_call() as call:
            call.driven.call.expect(YES_NO)
            yes = await spoken("yes")
            await call.quiet(0.5)
            await call.hear(yes)
            await call.quiet(1.5)
            (turn,) = call.of(CallerTurn)
            assert isinstance(turn, CallerTurn) and turn.hypotheses[0].text == "yes"
            assert call.of(CallerPartial)
            assert abs(turn.start_s - 0.5) < 0.2 and abs(turn.end_s - 0.5 - len(yes) / 16_000) < 0.2
            assert turn.decided_s - turn.end_s < 0.45

    anyio.run(scenario)


def test_a_reply_is_spoken_with_its_words_and_times() -> None:
    async def scenario() -> None:
        async with a_call() as call:
            call.driven.call.whisper(Prompt(1, "", (Line("Good morning."), Line("How are you?"))))
            await call.quiet(4)
            (started,), (stopped,) = call.of(AgentStarted), call.of(AgentStopped)
            assert isinstance(started, AgentStarted) and isinstance(stopped, AgentStopped)
            words = [e.text for e in call.of(AgentWords) if isinstance(e, AgentWords)]
            assert words == ["Good", "morning.", "How", "are", "you?"]
            assert not stopped.interrupted and stopped.at_s > started.at_s
            assert call.loud(started.at_s, stopped.at_s) and not call.loud(stopped.at_s, 4)

    anyio.run(scenario)


def test_an_interruption_silences_the_agent_and_tells_what_was_left_unsaid() -> None:
    async def scenario() -> None:
        async with a_call() as call:
            call.driven.call.expect(YES_NO)
            call.driven.call.whisper(Prompt(1, "", (Line(LONG),)))
            await call.quiet(2)
            await call.hear(await spoken("no that is wrong"))
            await call.quiet(1.5)
            (turn,) = call.of(CallerTurn)
            stopped = call.of(AgentStopped)[-1]
            assert isinstance(turn, CallerTurn) and turn.interrupted
            assert isinstance(stopped, AgentStopped) and stopped.interrupted and "rooms" in stopped.unspoken
            assert not call.loud(2.25, 4), "silent within 250 ms of the first sample"

    anyio.run(scenario)


def test_a_backchannel_is_no_turn_and_every_word_of_the_reply_is_spoken() -> None:
    async def scenario() -> None:
        async with a_call() as call:
            call.driven.call.expect(YES_NO)
            call.driven.call.whisper(Prompt(1, "", (Line(LONG),)))
            await call.quiet(2)
            await call.hear(await spoken("okay"))
            await call.quiet(8)
            assert call.of(CallerTurn) == []
            assert len(call.of(CallerBackchannel)) == 1
            (stopped,) = call.of(AgentStopped)
            assert isinstance(stopped, AgentStopped) and not stopped.interrupted
            words = [e.text for e in call.of(AgentWords) if isinstance(e, AgentWords)]
            assert " ".join(words) == LONG
            reasons = [e.reason for e in call.of(FloorChanged) if isinstance(e, FloorChanged)]
            assert FloorReason.BACKCHANNEL in reasons

    anyio.run(scenario)


def test_the_newest_whisper_wins_and_a_late_one_is_dropped() -> None:
    async def scenario() -> None:
        async with a_call() as call:
            call.driven.call.whisper(Prompt(2, "", (Line("Second."),)))
            call.driven.call.whisper(Prompt(1, "", (Line("First."),)))
            call.driven.call.whisper(Prompt(3, "", (Line("Expired."),), expires_s=0.0))
            await call.quiet(2)
            assert [e.text for e in call.of(AgentWords) if isinstance(e, AgentWords)] == ["Second."]

    anyio.run(scenario)
