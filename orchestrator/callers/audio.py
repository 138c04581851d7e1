"""A simulated caller with a voice: rings a number, listens, and answers from its own facts.

    python -m orchestrator.callers.audio --url ws://127.0.0.1:8420/call?flow=medical_intake --seed 7

It hears the agent through a recogniser of its own and knows nothing of the agent's state. A simulation.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from duplex_frontend.audio import to_bytes
from duplex_frontend.cascade.clauses import clauses, pause_after_ms
from duplex_frontend.cascade.ear import Ear
from duplex_frontend.cascade.ear_pool import EarPool
from duplex_frontend.cascade.ear_wire import EarKind, Phrases
from duplex_frontend.cascade.hearing import Hearing, Mark
from duplex_frontend.cascade.tuning import EndpointTuning, VadTuning
from duplex_frontend.cascade.vad import SileroVad
from duplex_frontend.cascade.voice import ChildVoice
from duplex_frontend.cascade.voices import VoiceChoice, choose_voice, find_voices
from duplex_frontend.errors import FrontendError
from orchestrator.callers import grammars_en as grammars
from orchestrator.callers.cues_en import Act
from orchestrator.callers.facts import Field, Person, VoiceFamily, draw
from orchestrator.callers.listener import is_read_back, read_back_in, understand
from orchestrator.callers.mind import Mind, Say
from orchestrator.callers.telephone import Pcm, Telephone, ring

TURN_OVER_MS = 720  # the agent rests between sentences; longer than that, and it waits for an answer
HELD_MS = 1700  # after an "mm-hm" of ours: it may have stopped to listen
LEAD_IN_BLOCKS = 20
AT_ONCE = 100  # blocks of a turn that an ear is given when it listens once more
LONGEST_CALL_S = 480.0


@dataclass(slots=True)
class Listening:
    """The agent's turn so far."""

    pcm: list[bytes] = field(default_factory=list)
    start_s: float = 0.0


@dataclass(slots=True)
class Caller:
    """One person on one line."""

    person: Person
    telephone: Telephone
    voice: ChildVoice
    open_ear: Ear
    value_ear: Ear
    mind: Mind
    said: list[dict[str, Any]] = field(default_factory=list)
    heard: list[dict[str, Any]] = field(default_factory=list)
    ended: str = "the line was closed"
    _vad: SileroVad = field(default_factory=SileroVad)
    _hearing: Hearing = field(
        default_factory=lambda: Hearing(VadTuning(), EndpointTuning(open_ms=TURN_OVER_MS, longest_turn_s=60))
    )
    _expected: Phrases = field(default_factory=lambda: Phrases(""))
    _listened_for: frozenset[Field] = frozenset()
    _talking: asyncio.Task[None] | None = None

    async def converse(self) -> None:
        """Listen and answer until one side hangs up."""
        turn, lead_in = Listening(), list[bytes]()
        quiet_since_s = 0.0
        while not self.telephone.over.is_set() and self.telephone.now_s < LONGEST_CALL_S:
            block = await self._next_block()
            if self._talking is not None and self._talking.done():
                self._talking.result()  # a voice that failed is told, not waited for
            if block is None:
                continue
            pcm = to_bytes(block)
            marks = [m for p in self._vad.feed(block) if (m := self._hearing.feed(p))]
            if Mark.ONSET in marks:
                turn = Listening(list(lead_in), self._hearing.start_s)
                self._begin(turn)
            if self._hearing.speaking and self.mind.expects_more:
                self._hearing.patience_ms = HELD_MS
            if self._hearing.speaking:
                quiet_since_s = self._hearing.now_s
                self._hear(turn, pcm)
                self._during(turn)
            elif Mark.END in marks:
                quiet_since_s = self._hearing.now_s
                if self.mind.last_during == "barge_in":
                    self.mind.last_during = ""  # the agent fell silent because it was interrupted
                    self._forget()
                elif not self.telephone.speaking and await self._answer(turn):
                    return
            lead_in = [*lead_in[-LEAD_IN_BLOCKS:], pcm]
            if self.telephone.speaking:
                quiet_since_s = self._hearing.now_s
            elif self._hearing.now_s - quiet_since_s > self.person.temper.patience_s + 4.0:
                quiet_since_s = self._hearing.now_s
                self._say(self.mind.impatient())
        self.ended = self.ended if self.telephone.over.is_set() else "it took too long"

    async def _next_block(self) -> Pcm | None:
        try:
            async with asyncio.timeout(1.0):
                return await self.telephone.heard.get()
        except TimeoutError:
            return None

    def _forget(self) -> None:
        for ear in (self.open_ear, self.value_ear):
            ear.cancel()

    def _begin(self, turn: Listening) -> None:
        """Listen with both ears; the one for values expects what has been told and not yet been read back."""
        self._listened_for = frozenset(self.mind.unsettled)
        self._expected = self._expecting(self._listened_for)
        self.value_ear.expect(self._expected)
        for ear in (self.open_ear, self.value_ear):
            ear.begin()
            for pcm in turn.pcm:
                ear.feed(pcm)

    def _expecting(self, fields: frozenset[Field], spelled: bool = True) -> Phrases:
        if not fields:
            grammar = grammars.questions()
        else:  # who is known hears the own name right after the greeting, and not spelled
            greeted = self.mind.again and Field.NAME in self.mind.unsettled
            grammar = grammars.read_back(self.person.facts, fields, spelled and not greeted, greeted)
        return Phrases(grammar.name, grammar.text, dict(grammar.sounds))

    def _hear(self, turn: Listening, pcm: bytes) -> None:
        turn.pcm.append(pcm)
        self.open_ear.feed(pcm)
        self.value_ear.feed(pcm)

    def _during(self, turn: Listening) -> None:
        if self.telephone.speaking or self._hearing.silence_ms > 100:
            return
        so_far = self.open_ear.partial
        say = self.mind.during(self._hearing.now_s - turn.start_s, so_far.text if so_far else "")
        if say is not None:
            self._say(say)

    async def _answer(self, turn: Listening) -> bool:
        """Answer the agent's turn; true where that ended the call."""
        await asyncio.gather(self.open_ear.settled(), self.value_ear.settled())
        reading, expected = await asyncio.gather(self.open_ear.end(), self.value_ear.end())
        values = expected.text if expected else ""
        understood = understand(reading.text if reading else "")
        listened_for = self._listened_for
        if understood.act is not Act.READS_BACK and is_read_back(values):
            understood = understand(values)
        if understood.act is Act.UNCLEAR:
            if listened_for:
                listened_for, values = frozenset(), await self._again(turn, frozenset())
            understood = understand(values)
        reads = understood.reads | read_back_in(values)
        if understood.act is Act.READS_BACK and not (values and _ear_for(reads) <= _ear_for(listened_for)):
            values = await self._again(turn, reads, understood.spelled)
        say = self.mind.reply(understood, values)
        self.heard.append(
            {
                "at_s": round(turn.start_s, 2),
                "text": understood.text,
                "values": values,
                "act": understood.act.value,
                "asks": understood.asks.value if understood.asks else None,
            }
        )
        if say.hangs_up:
            self.ended = f"hung up: {say.meaning}"
            await self._speak(say)
            return True
        self._say(say)
        return False

    async def _again(self, turn: Listening, fields: frozenset[Field], spelled: bool = False) -> str:
        """The same sound once more, for other values, or for the question where there are none."""
        self.value_ear.expect(self._expecting(fields, spelled))
        self.value_ear.begin()
        for n, pcm in enumerate(turn.pcm, start=1):
            self.value_ear.feed(pcm)
            if n % AT_ONCE == 0 or n == len(turn.pcm):  # an ear that is too far behind gives up
                await self.value_ear.settled()
        reading = await self.value_ear.end()
        return reading.text if reading else ""

    def _say(self, say: Say) -> None:
        # Made ready while nobody speaks to us.
        self.value_ear.expect(self._expecting(frozenset(self.mind.unsettled)))
        self._talking = asyncio.create_task(self._speak(say), name="caller-speaks")

    async def _speak(self, say: Say) -> None:
        start_s = self.telephone.now_s
        if say.keys:
            await self.telephone.press(say.keys)
        else:
            await self.telephone.say(self._sound(say.text))
        self.said.append(
            {
                "start_s": round(start_s, 2),
                "end_s": round(self.telephone.now_s, 2),
                "text": say.text or f"(keys {say.keys})",
                "meaning": say.meaning,
            }
        )

    async def _sound(self, text: str) -> AsyncIterator[Pcm]:
        for clause in clauses(text):
            async for chunk in self.voice.stream(clause):
                yield chunk
            yield np.zeros(int(self.telephone.rate_hz * pause_after_ms(clause) / 1000), np.float32)


def _ear_for(fields: frozenset[Field]) -> frozenset[Field]:
    """What a grammar for `fields` listens for: all that is picked from lists is listened for together."""
    picked = fields & grammars.PICKED
    return (fields - grammars.PICKED) | (grammars.PICKED if picked else frozenset())


def report(caller: Caller) -> dict[str, Any]:
    """What the caller knows, said and heard."""
    late_ms = caller.telephone.late_ms or [0.0]
    return {
        "simulation": True,
        "seed": caller.person.seed,
        "voice": caller.person.voice,
        "pace": caller.person.pace,
        "facts": asdict(caller.person.facts),
        "events": caller.mind.events,
        "said": caller.said,
        "heard": caller.heard,
        "ended": caller.ended,
        "clock": {"blocks": len(late_ms), "latest_ms": round(max(late_ms), 1)},
    }


def _unheeded(*_: object) -> None:
    return None


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


async def call(url: str, person: Person, choice: VoiceChoice, *, again: bool = False) -> dict[str, Any]:
    """Hold one call. `again`: they have called before.

    Returns:
        The report.

    Raises:
        FrontendError: no voice or no recogniser on this machine.
        OSError, RuntimeError: the number does not answer.
    """
    voice = await ChildVoice.open(choice)
    pool = EarPool()
    open_ear, value_ear = await asyncio.gather(
        Ear.open(EarKind.OPEN, pool, _unheeded, _unheeded),
        Ear.open(EarKind.GRAMMAR, pool, _unheeded, _unheeded),
    )
    try:
        async with ring(url) as telephone:
            caller = Caller(person, telephone, voice, open_ear, value_ear, Mind(person, again))
            await caller.converse()
            return report(caller)
    finally:
        await asyncio.gather(voice.aclose(), open_ear.aclose(), value_ear.aclose(), pool.aclose())


def main(arguments: list[str] | None = None) -> int:
    """Ring and talk. Exit code 1 where no call came about."""
    parser = argparse.ArgumentParser(description="A simulated caller with a synthesized voice.")
    parser.add_argument("--url", required=True, help="the websocket of the call")
    parser.add_argument("--seed", type=int, default=7, help="draws facts, temper and voice")
    families: tuple[VoiceFamily, ...] = ("auto", "flite", "espeak")
    parser.add_argument("--voice", choices=families, default="auto", help="the family of synthesizers")
    parser.add_argument("--unknown-surname", action="store_true", help="a surname that usual lists lack")
    parser.add_argument("--again", action="store_true", help="they have called before")
    parser.add_argument("--report", type=Path, help="write what was said and heard here, as JSON")
    options = parser.parse_args(arguments)
    try:
        person, choice = cast(options.seed, options.voice, unknown_surname=options.unknown_surname)
        told = asyncio.run(call(options.url, person, choice, again=options.again))
    except (FrontendError, OSError, RuntimeError) as error:
        print(f"caller: {error}", file=sys.stderr)
        return 1
    if options.report:
        options.report.write_text(json.dumps(told, indent=1, default=str) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
