"""Hears where the agent's turns begin and end, and keeps their sound so that it can be listened to again."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from duplex_frontend.audio import Pcm, to_bytes
from duplex_frontend.cascade.ear import Ear
from duplex_frontend.cascade.ear_wire import Phrases
from duplex_frontend.cascade.hearing import Hearing, Mark
from duplex_frontend.cascade.noise_floor import NoiseFloor
from duplex_frontend.cascade.tuning import EndpointTuning, VadTuning
from duplex_frontend.cascade.vad import SileroVad
from orchestrator.callers import grammars_en as grammars
from orchestrator.callers.cues_en import NOTHING_WANTED, gist
from orchestrator.callers.spoken_en import plain_words

RATE_HZ = 16_000
ASKED_MS, TOLD_MS, ENCOURAGED_MS = 560, 1100, 1600
LONGEST_TURN_S = 45.0
LEAD_IN_BLOCKS = 16
PIECE_BYTES = 1920  # 60 ms: what the decoders are woken for
LONGEST_PIECE_BYTES = 64_000  # pocketsphinx loses speech, or crashes, where it is given five seconds at once


@dataclass(frozen=True, slots=True)
class SoundTurn:
    """A turn of the agent in sound; a `listener.Turn`. Times in seconds of the audio heard."""

    start_s: float
    end_s: float
    pcm: bytes
    readings: tuple[str, ...]
    ear: Ear

    async def again(self, grammar: grammars.Grammar) -> str:
        """Listen to the same sound for other words."""
        await _listen(self.ear, grammar, self.pcm)
        reading = await self.ear.end()
        return reading.text if reading else ""


class Attention:
    """Listens to the agent with two ears. Decoders work only while the agent speaks."""

    def __init__(self, open_ear: Ear, value_ear: Ear) -> None:
        self._open, self._value = open_ear, value_ear
        self._vad = SileroVad()
        self._hearing = Hearing(VadTuning(), EndpointTuning(open_ms=TOLD_MS, longest_turn_s=LONGEST_TURN_S))
        self._noise = NoiseFloor()
        self._lead_in: deque[bytes] = deque(maxlen=LEAD_IN_BLOCKS)
        self._pcm = bytearray()
        self._given_bytes = 0  # of it, to the ears
        self._encouraged = False

    @property
    def now_s(self) -> float:
        return self._hearing.now_s

    @property
    def speaking(self) -> bool:
        """The agent is in a turn; it may pause."""
        return self._hearing.speaking

    @property
    def start_s(self) -> float:
        """Of the turn that goes on, or of the last one."""
        return self._hearing.start_s

    @property
    def end_s(self) -> float:
        """Last sample of the agent's speech so far."""
        return self._hearing.end_s

    @property
    def so_far(self) -> str:
        """Words of the turn that goes on."""
        return " ".join(reading.text for reading in (self._open.partial,) if reading)

    def hear(self, block: Pcm) -> Mark | None:
        """Take 20 ms, float32 [320]. Says whether a turn began or is over; `finish` then gives it."""
        pcm = self._noise.add(to_bytes(block))
        was_speaking = self._hearing.speaking
        mark = None
        for probability in self._vad.feed(block):
            heard = self._hearing.feed(probability)
            mark = heard if heard in (Mark.ONSET, Mark.END) else mark
            if self._hearing.speaking:
                self._hearing.patience_ms = self._patience_ms()
        if mark is Mark.ONSET:
            self._begin()
        if was_speaking or mark is Mark.ONSET:
            self._keep(pcm)
        self._lead_in.append(pcm)
        return mark

    def encourage(self) -> None:
        """The caller made a sound of listening: the agent may rest before it goes on."""
        self._encouraged = True

    async def finish(self) -> SoundTurn:
        """The turn that is over."""
        self._give()
        readings = []
        for ear in (self._open, self._value):
            await ear.settled()
            reading = await ear.end()
            readings.append(reading.text if reading else "")
        return SoundTurn(
            self._hearing.start_s, self._hearing.end_s, bytes(self._pcm), tuple(readings), self._value
        )

    def drop(self) -> None:
        """The turn that is over is not worth an answer."""
        self._open.cancel()
        self._value.cancel()

    def _begin(self) -> None:
        self._encouraged = False
        self._pcm.clear()
        self._given_bytes = 0
        questions = grammars.questions()
        self._value.expect(Phrases(questions.name, questions.text, dict(questions.sounds)))
        self._open.begin()
        self._value.begin()
        self._pcm += b"".join(self._lead_in)

    def _keep(self, pcm: bytes) -> None:
        self._pcm += pcm
        if len(self._pcm) - self._given_bytes >= PIECE_BYTES:
            self._give()

    def _give(self) -> None:
        piece = bytes(self._pcm[self._given_bytes :])
        self._given_bytes = len(self._pcm)
        self._open.feed(piece)
        self._value.feed(piece)

    def _patience_ms(self) -> int:
        """An answer is wanted at once after a question; after a piece of news the agent may go on."""
        if self._encouraged:
            return ENCOURAGED_MS
        wanted = gist(plain_words(self.so_far)).act not in NOTHING_WANTED
        return ASKED_MS if wanted else TOLD_MS


async def _listen(ear: Ear, grammar: grammars.Grammar, pcm: bytes) -> None:
    ear.expect(Phrases(grammar.name, grammar.text, dict(grammar.sounds)))
    ear.begin()
    for at in range(0, len(pcm), LONGEST_PIECE_BYTES):
        ear.feed(pcm[at : at + LONGEST_PIECE_BYTES])
        await ear.settled()
