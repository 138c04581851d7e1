"""The recogniser of the embedded front-end: two ears on the same audio.

One listens for what the flow expects (a grammar), one for anything. A grammar answers whatever it hears, so its
reading is believed only where it explains the audio well beside the open ear's.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher

from duplex_frontend.cascade.ear_process import EarLost, EarProcess
from duplex_frontend.cascade.ear_wire import Frame, Kind
from duplex_frontend.errors import FrontendError
from duplex_frontend.types import ANYTHING, Expected, Hypothesis, Source

PIECE_BYTES = 1280  # 40 ms: what a decoder is given at a time
FINAL_WITHIN_S = 3.0
OPEN_CONFIDENCE = 0.5  # the open ear gives no usable measure of its own
RESTARTS = 5  # of one ear in one call; beyond it the call goes on without that ear

# Confidence in the grammar's reading: a logistic of how much more likely the audio is under it than under the open
# ear's (natural log per second) and of how far the two agree in words. Fitted as told in benchmarks/ears.py.
WEIGHT_LIKELIHOOD, WEIGHT_AGREEMENT, BIAS = 8.0, 4.0, -1.5

Words = Callable[[tuple[Hypothesis, ...]], None]
Trouble = Callable[[str, str, bool], None]


class _Ear:
    """One ear and the process behind it, which is started again when it dies."""

    def __init__(self, name: str, process: EarProcess, on_words: Callable[[], None], on_trouble: Trouble) -> None:
        self.name = name
        self.words = ""
        self._process: EarProcess | None = process
        self._on_words, self._on_trouble = on_words, on_trouble
        self._expected = ANYTHING
        self._utterance = 0
        self._lost = False  # in this utterance
        self._restarts = 0
        self._restart: asyncio.Task[None] | None = None
        self._listen_to(process)

    @property
    def process_id(self) -> int | None:
        return self._process.process_id if self._process else None

    def expect(self, expected: Expected) -> None:
        self._expected = expected
        self._send(Frame(Kind.EXPECT, 0, _expectation(expected)))

    def begin(self, utterance: int) -> None:
        self._utterance, self.words, self._lost = utterance, "", self._process is None
        self._send(Frame(Kind.BEGIN, utterance))

    def feed(self, pcm: bytes) -> None:
        for start in range(0, len(pcm), PIECE_BYTES):
            self._send(Frame(Kind.PCM, self._utterance, pcm[start : start + PIECE_BYTES]))

    async def end(self) -> dict[str, float | str] | None:
        """The final reading; None where this ear has heard nothing of the utterance, or not all."""
        if self._process is None or self._lost:
            return None
        self._send(Frame(Kind.END, self._utterance))
        try:
            return await self._process.final(self._utterance, FINAL_WITHIN_S)
        except EarLost as lost:
            if self._process is not None:
                self._failed(str(lost))
            return None

    async def settled(self) -> None:
        if self._process is not None:
            await self._process.settled()
        elif self._restart is not None:
            await asyncio.wait([self._restart])

    async def aclose(self) -> None:
        if self._restart is not None:
            self._restart.cancel()
            await asyncio.gather(self._restart, return_exceptions=True)
        process, self._process = self._process, None
        if process is not None:
            await process.aclose()

    def _send(self, frame: Frame) -> None:
        if self._process is not None and not self._process.send(frame):
            self._lost = True

    def _listen_to(self, process: EarProcess) -> None:
        process.on_partial = self._partial
        process.on_refused = lambda why: self._on_trouble(self.name, why, False)
        process.on_exit = self._failed

    def _partial(self, utterance: int, words: str) -> None:
        if utterance == self._utterance:
            self.words = words
            self._on_words()

    def _failed(self, why: str) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        self._lost, self.words = True, ""
        process.kill()
        self._restarts += 1
        again = self._restarts <= RESTARTS
        self._on_trouble(self.name, why, again)
        if again:
            self._restart = asyncio.create_task(self._start_again(), name=f"restart-{self.name}")

    async def _start_again(self) -> None:
        try:
            self._process = await EarProcess.start(self.name)
        except EarLost as lost:
            self._on_trouble(self.name, str(lost), False)
            return
        self._listen_to(self._process)
        self.expect(self._expected)


class PocketsphinxEars:
    """A `Transcriber` of two pocketsphinx processes. Made by `start`."""

    def __init__(self, processes: Sequence[EarProcess], on_partial: Words, on_trouble: Trouble, believe: float) -> None:
        self._grammar, self._open = (
            _Ear(name, process, self._partial, on_trouble)
            for name, process in zip(("grammar", "open"), processes, strict=True)
        )
        self._on_partial, self._believe = on_partial, believe
        self._expected = ANYTHING
        self._applied = ANYTHING
        self._listening = False
        self._utterance = 0

    @classmethod
    async def start(
        cls, language: str, on_partial: Words, on_trouble: Trouble, believe: float = 0.5
    ) -> PocketsphinxEars:
        """Start both processes: 0.7 s.

        Args:
            language: BCP 47; the model that comes with the recogniser is English.
            on_partial: given the readings so far whenever one of them changes.
            on_trouble: given part, reason, and whether it is being mended.
            believe: confidence from which the grammar's reading comes first.

        Raises:
            FrontendError: another language, or a process does not start.
        """
        if language.split("-")[0].lower() != "en":
            raise FrontendError(f"the embedded recogniser hears English only, not {language}; use another front-end")
        processes = await asyncio.gather(
            EarProcess.start("grammar"), EarProcess.start("open"), return_exceptions=True
        )
        failed = [each for each in processes if isinstance(each, BaseException)]
        started = [each for each in processes if isinstance(each, EarProcess)]
        if failed:
            for process in started:
                await process.aclose()
            raise failed[0]
        return cls(started, on_partial, on_trouble, believe)

    @property
    def process_ids(self) -> tuple[int | None, int | None]:
        """Of the grammar's ear and of the open one."""
        return self._grammar.process_id, self._open.process_id

    def expect(self, expected: Expected) -> None:
        self._expected = expected
        if not self._listening:
            self._apply()

    def begin(self) -> None:
        self._apply()
        self._listening = True
        self._utterance += 1
        for ear in (self._grammar, self._open):
            ear.begin(self._utterance)

    def feed(self, pcm: bytes) -> None:
        for ear in (self._grammar, self._open):
            ear.feed(pcm)

    async def end(self) -> tuple[Hypothesis, ...]:
        grammar, heard = await asyncio.gather(self._grammar.end(), self._open.end())
        self._listening = False
        self._apply()
        return self._weigh(grammar, heard)

    def cancel(self) -> None:
        self._listening = False
        self._utterance += 1
        self._apply()

    async def settled(self) -> None:
        await asyncio.gather(self._grammar.settled(), self._open.settled())

    async def aclose(self) -> None:
        await asyncio.gather(self._grammar.aclose(), self._open.aclose())

    def _apply(self) -> None:
        """Hand on what is expected, once. Grammars are compiled between utterances."""
        if self._applied is not self._expected:
            self._applied = self._expected
            self._grammar.expect(self._expected)

    def _partial(self) -> None:
        readings = []
        if self._grammar.words:
            agree = _agreement(self._grammar.words, self._open.words)
            believed = agree >= 0.5 or not self._open.words
            readings.append(Hypothesis(self._grammar.words, 0.3 + 0.4 * agree, Source.GRAMMAR))
        if self._open.words:
            at = 1 if readings and believed else 0
            readings.insert(at, Hypothesis(self._open.words, OPEN_CONFIDENCE, Source.OPEN))
        if readings:
            self._on_partial(tuple(readings))

    def _weigh(
        self, grammar: dict[str, float | str] | None, heard: dict[str, float | str] | None
    ) -> tuple[Hypothesis, ...]:
        expected, anything = str(grammar["words"]) if grammar else "", str(heard["words"]) if heard else ""
        readings = [Hypothesis(anything, OPEN_CONFIDENCE, Source.OPEN)] if anything else []
        if grammar and expected:
            confidence = self._confidence(grammar, heard)
            first = confidence >= self._believe or not readings
            readings.insert(0 if first else 1, Hypothesis(expected, confidence, Source.GRAMMAR))
        return tuple(readings)

    def _confidence(self, grammar: dict[str, float | str], heard: dict[str, float | str] | None) -> float:
        if not heard or not heard["words"]:
            return self._believe
        per_s = 100 * (float(grammar["log"]) - float(heard["log"])) / max(1.0, float(grammar["frames"]))
        agree = _agreement(str(grammar["words"]), str(heard["words"]))
        return 1 / (1 + math.exp(-(WEIGHT_LIKELIHOOD * per_s + WEIGHT_AGREEMENT * agree + BIAS)))


def _agreement(one: str, other: str) -> float:
    """Share of words that two readings have in common, in order, 0..1."""
    return SequenceMatcher(None, one.split(), other.split(), autojunk=False).ratio()


def _expectation(expected: Expected) -> bytes:
    known = {"name": expected.name, "grammar": expected.grammar, "sounds": dict(expected.sounds)}
    return json.dumps(known).encode()
