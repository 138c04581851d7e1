"""Where the caller's speech begins and ends, from the VAD's probabilities. Pure; time is counted in windows.

Endpointing is adaptive: how long a silence ends a turn is set from outside (`patience_ms`) while the turn goes
on, by how complete the words so far are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto

from duplex_frontend.cascade.tuning import EndpointTuning, VadTuning

WINDOW_S = 512 / 16_000  # of the VAD


class Mark(Enum):
    ONSET = auto()
    PAUSE = auto()  # first silent window within a turn
    RESUMED = auto()
    END = auto()  # the silence has lasted as long as patience goes


@dataclass(slots=True)
class Hearing:
    """One caller's speech. Times in seconds of the audio fed so far."""

    vad: VadTuning = field(default_factory=VadTuning)
    endpoint: EndpointTuning = field(default_factory=EndpointTuning)
    patience_ms: int = 0
    speaking: bool = False
    start_s: float = 0.0
    end_s: float = 0.0  # last sample that was speech
    now_s: float = 0.0
    _run: int = 0
    _pausing: bool = False

    def feed(self, probability: float, *, over_agent: bool = False) -> Mark | None:
        """Take the next window of 512 samples at 16 kHz; say what it changed."""
        self.now_s += WINDOW_S
        return self._in_turn(probability) if self.speaking else self._before(probability, over_agent)

    @property
    def silence_ms(self) -> float:
        """How long the caller has been silent in this turn."""
        return (self.now_s - self.end_s) * 1000

    @property
    def spoken_ms(self) -> float:
        return (self.end_s - self.start_s) * 1000

    def _before(self, probability: float, over_agent: bool) -> Mark | None:
        self._run = self._run + 1 if probability >= self.vad.onset else 0
        needed_ms = self.vad.onset_over_agent_ms if over_agent else self.vad.onset_ms
        if self._run * WINDOW_S * 1000 < needed_ms - 0.5:
            return None
        self.speaking, self._pausing = True, False
        self.start_s, self.end_s = self.now_s - self._run * WINDOW_S, self.now_s
        self._run, self.patience_ms = 0, self.endpoint.open_ms
        return Mark.ONSET

    def _in_turn(self, probability: float) -> Mark | None:
        if probability >= self.vad.offset:
            self.end_s = self.now_s
            if self.now_s - self.start_s >= self.endpoint.longest_turn_s:
                return self._end()
            if self._pausing:
                self._pausing = False
                return Mark.RESUMED
            return None
        if self.silence_ms >= self.patience_ms - 0.5:
            return self._end()
        if not self._pausing:
            self._pausing = True
            return Mark.PAUSE
        return None

    def _end(self) -> Mark:
        self.speaking, self._pausing = False, False
        return Mark.END
