"""A simulated caller with a voice: rings a number, listens, and answers from its own facts.

    python -m orchestrator.callers.audio --url 'ws://127.0.0.1:8420/call?flow=medical_intake' --seed 7

It hears the agent through recognisers of its own and knows nothing of the agent's state: a simulation of a person,
in a process of its own. What it says follows from what it heard, its facts, its temper and its seed.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import get_args

import anyio
import numpy as np

from duplex_frontend.audio import Pcm
from duplex_frontend.cascade.clauses import clauses, pause_after_ms
from duplex_frontend.cascade.ear import Ear
from duplex_frontend.cascade.ear_pool import EarPool
from duplex_frontend.cascade.ear_wire import EarKind
from duplex_frontend.cascade.hearing import Mark
from duplex_frontend.cascade.voice import ChildVoice
from duplex_frontend.cascade.voices import VoiceChoice, choose_voice, find_voices
from duplex_frontend.errors import FrontendError
from duplex_frontend.ports import Voice
from orchestrator.callers.attention import RATE_HZ, Attention
from orchestrator.callers.facts import Person, VoiceFamily, draw
from orchestrator.callers.listener import Listener
from orchestrator.callers.mind import Mind
from orchestrator.callers.moves import Ending, Meaning, Say
from orchestrator.callers.report import Report, Said
from orchestrator.callers.telephone import NoAnswer, Telephone, ring

LONGEST_CALL_S = 600.0
A_SOUND_S = 0.6  # of the agent while the caller speaks: not worth an answer
REST_S = 1.6  # of a turn that the caller broke into: the agent took that long to stop
GIVES_WAY_AFTER_S, INSISTS_FOR_S = 0.9, 2.0  # when both speak; the second where the caller broke in
SPEAKS_NOW_S = 0.15  # after its last sound
TURN_PAUSE_S = 0.5  # between two sentences of a turn


class Caller:
    """One person on one line."""

    def __init__(self, person: Person, telephone: Telephone, voice: Voice, attention: Attention) -> None:
        self.report = Report(person)
        self._telephone, self._voice, self._attention = telephone, voice, attention
        self._mind, self._listener = Mind(person), Listener(person.facts)
        self._talk: asyncio.Task[None] | None = None
        self._talk_from_s = 0.0  # of the last utterance, in the time of `attention`
        self._broke_in = False  # the last utterance was said into the agent's turn
        self._quiet_since_s = 0.0
        self._leaving: Ending | None = None  # after the last words
        self._gone = False

    async def converse(self) -> None:
        """Listen and answer until one side hangs up.

        Raises:
            FrontendError: the voice or a recogniser failed for good.
        """
        while not self._gone and self._telephone.now_s < LONGEST_CALL_S:
            block = await self._telephone.heard()
            if block is None:
                break
            mark = self._attention.hear(block)
            if mark is Mark.END:
                await self._consider()
            elif self._attention.speaking:
                self._overhear()
            else:
                self._bear_silence()
            if self._talk is not None and self._talk.done():
                self._talk.result()
        if self._talk is not None:
            self._telephone.hush()
            await self._talk
        self.report.ended = self._leaving or ("line closed" if self._telephone.over else "took too long")

    async def _consider(self) -> None:
        """The agent's turn is over: answer it, unless it was only a sound, or the rest of what we broke into."""
        self._quiet_since_s = self._attention.now_s
        start_s, end_s = self._attention.start_s, self._attention.end_s
        since_s = max(start_s, self._talk_from_s) if self._broke_in else start_s
        ignored_s = REST_S if self._broke_in else A_SOUND_S if self._telephone.speaking else 0.0
        self._broke_in = False
        if end_s - since_s < ignored_s or self._leaving is not None:
            self._attention.drop()
            return
        turn = await self._attention.finish()
        heard = await self._listener.listen(turn, self._mind.told)
        self.report.hear(start_s, end_s, heard)
        move = self._mind.respond(heard)
        if isinstance(move, Say):
            self._say(move)

    def _overhear(self) -> None:
        """The agent is in a turn: say something into it, or give way, or just listen."""
        attention = self._attention
        self._quiet_since_s = attention.now_s
        pause_s = attention.now_s - attention.end_s
        if self._telephone.speaking:
            both_s = attention.now_s - max(attention.start_s, self._talk_from_s)
            bears_s = INSISTS_FOR_S if self._broke_in else GIVES_WAY_AFTER_S
            if both_s > bears_s and pause_s < SPEAKS_NOW_S:
                self._telephone.hush()
            return
        say = self._mind.overhear(attention.so_far, attention.now_s - attention.start_s, pause_s)
        if say is not None:
            self._say(say, into_turn=True)

    def _bear_silence(self) -> None:
        if self._telephone.speaking or self._leaving is not None:
            self._quiet_since_s = self._attention.now_s
            return
        move = self._mind.silence(self._attention.now_s - self._quiet_since_s)
        if isinstance(move, Say):
            self._say(move)

    # --- speaking --------------------------------------------------------------------------------------------

    def _say(self, say: Say, *, into_turn: bool = False) -> None:
        self._leaving = say.then
        self._quiet_since_s = self._attention.now_s
        self._talk = asyncio.create_task(self._speak(say, self._talk, into_turn), name="caller-speaks")

    async def _speak(self, say: Say, before: asyncio.Task[None] | None, into_turn: bool) -> None:
        if before is not None:
            self._telephone.hush()
            await before
        said: list[Said] = []
        whole = await self._telephone.say(
            self._sound(say.words), lambda: said.append(self._begun(say, into_turn))
        )
        for utterance in said:
            utterance.end_s, utterance.whole = round(self._telephone.now_s, 2), whole
        self._gone = say.then is not None

    def _begun(self, say: Say, into_turn: bool) -> Said:
        """The first sound of an utterance goes out."""
        over_agent = self._attention.speaking and self._attention.now_s - self._attention.end_s < TURN_PAUSE_S
        self._talk_from_s = self._attention.now_s
        if into_turn and over_agent:
            self._mind.spoke_over(say)
        if say.meaning is Meaning.BACKCHANNEL:
            self._attention.encourage()
        else:
            self._broke_in = into_turn
        return self.report.say(say, self._telephone.now_s, over_agent=over_agent)

    async def _sound(self, words: str) -> AsyncIterator[Pcm]:
        for clause in clauses(words):
            async for chunk in self._voice.stream(clause):
                yield chunk
            yield np.zeros(self._voice.rate_hz * pause_after_ms(clause) // 1000, np.float32)


async def call(url: str, person: Person, voice: VoiceChoice, report_to: Path | None) -> Report:
    """Hold one call, and write the report even where it fails.

    Raises:
        FrontendError: no voice or no recogniser on this machine.
        NoAnswer: nobody takes the call.
        OSError: the report cannot be written.
    """
    async with AsyncExitStack() as stack:
        speaking = await ChildVoice.open(voice, rate_hz=RATE_HZ)
        stack.push_async_callback(speaking.aclose)
        pool = EarPool()
        open_ear, value_ear = [
            await Ear.open(kind, pool, _unheeded, _complain) for kind in (EarKind.OPEN, EarKind.GRAMMAR)
        ]
        stack.push_async_callback(open_ear.aclose)
        stack.push_async_callback(value_ear.aclose)
        telephone = await stack.enter_async_context(ring(url))
        if telephone.rate_hz != RATE_HZ:
            raise NoAnswer(
                f"the line has {telephone.rate_hz} Hz; this caller speaks and hears at {RATE_HZ} Hz"
            )
        caller = Caller(person, telephone, speaking, Attention(open_ear, value_ear))
        try:
            await caller.converse()
        finally:
            if report_to is not None:
                await anyio.Path(report_to).write_bytes(caller.report.dump(telephone.punctuality))
        return caller.report


def _unheeded() -> None:
    return None


def _complain(part: str, why: str, _recovered: bool) -> None:
    print(f"caller: {part}: {why}", file=sys.stderr)


def cast(seed: int, family: VoiceFamily, *, unknown_surname: bool) -> tuple[Person, VoiceChoice]:
    """Who rings, with a voice that this machine has.

    Raises:
        NoVoice: it has none of the family.
    """
    found = find_voices()
    engines = [info.engine.value for info in found]
    person = draw(seed, unknown_surname=unknown_surname, voice=family)
    if family == "auto" and engines and person.voice.partition(":")[0] not in engines:
        there: VoiceFamily = "flite" if "flite" in engines else "espeak"
        person = draw(seed, unknown_surname=unknown_surname, voice=there)
    return person, choose_voice(person.voice, rate=person.pace, found=found)


def main(arguments: list[str] | None = None) -> int:
    """Ring and talk. Exit code 1 where no call came about."""
    parser = argparse.ArgumentParser(description="A simulated caller with a synthesized voice.")
    parser.add_argument("--url", required=True, help="the websocket of the call")
    parser.add_argument("--seed", type=int, default=7, help="draws facts, temper and voice")
    parser.add_argument(
        "--voice", choices=get_args(VoiceFamily), default="auto", help="the family of synthesizers"
    )
    parser.add_argument("--unknown-surname", action="store_true", help="a surname that usual lists lack")
    parser.add_argument("--report", type=Path, help="write what was said and heard here, as JSON")
    options = parser.parse_args(arguments)
    try:
        person, voice = cast(options.seed, options.voice, unknown_surname=options.unknown_surname)
        report = asyncio.run(call(options.url, person, voice, options.report))
    except (FrontendError, NoAnswer, OSError) as error:
        print(f"caller: {error}", file=sys.stderr)
        return 1
    print(f"caller: {person.voice}, seed {person.seed}: {report.ended}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
