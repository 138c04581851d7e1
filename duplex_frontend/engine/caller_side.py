"""The caller's half of a call: where an utterance begins and ends, and its words. Pure.

The end is a pause that the recogniser's heads foresee together with silence; without such heads it is silence
alone, longer or shorter by how complete the answer is. It is never decided before the words of the utterance's
end can have come.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from duplex_frontend.engine.turn_tuning import CallerTuning
from duplex_frontend.engine.words import FRAME_S, Heard, HeardWord
from duplex_frontend.types import Completeness, Hypothesis, Source, cannot_tell

MOST_WORDS = 400  # of one utterance


@dataclass(slots=True)
class Utterance:
    """What the caller is saying, or has just said.

    Attributes:
        start_s, end_s: first and last that was speech, so far.
        over_agent: it began while the agent spoke.
        interrupted: the agent gave way to it.
        sounded: the VAD heard it; else only the recogniser did.
        word_s: when the last word became known.
    """

    start_s: float
    end_s: float
    over_agent: bool = False
    interrupted: bool = False
    sounded: bool = True
    word_s: float = 0.0
    words: list[HeardWord] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)

    @property
    def length_s(self) -> float:
        return self.end_s - self.start_s

    @property
    def hypotheses(self) -> tuple[Hypothesis, ...]:
        if not self.words:
            return ()
        confidence = sum(word.confidence for word in self.words) / len(self.words)
        return (Hypothesis(self.text, min(1.0, max(0.0, confidence)), Source.OPEN),)


class CallerSide:
    """Feed it every frame.

    Args:
        delay_s: of the recogniser; None without one.

    Attributes:
        open: the utterance that goes on, None between two.
        sounding: the caller speaks in the newest frame.
        now_s: end of the newest frame.
        judge: see `Expected.judge`.
    """

    def __init__(self, tuning: CallerTuning, delay_s: float | None) -> None:
        self._tuning, self._delay_s = tuning, delay_s
        self.open: Utterance | None = None
        self.sounding = False
        self.now_s = 0.0
        self.judge: Callable[[str], Completeness] = cannot_tell
        self._run_s = 0.0  # speech in a row, before an onset
        self._pause: float | None = None  # smoothed; None while no head has spoken
        self._over_s = 0.0  # end of the last utterance

    def feed(self, at_s: float, speech: float, heard: Heard | None, *, over_agent: bool) -> bool:
        """Take a frame that begins at `at_s`; say whether new words came."""
        gap = at_s > self.now_s + FRAME_S / 2
        passed_s, self.now_s = at_s + FRAME_S - self.now_s, at_s + FRAME_S
        self._hear_pause(heard, passed_s)
        self._hear_sound(at_s, speech, gap=gap, over_agent=over_agent)
        words = heard.words if heard is not None else ()
        for word in words:
            self._hear_word(word, over_agent=over_agent)
        return bool(words)

    @property
    def silence_s(self) -> float:
        """Since the utterance's last sound or word. What no VAD heard is silent when no word comes any more."""
        if self.open is None:
            return 0.0
        return self.now_s - (self.open.end_s if self.open.sounded else self.open.word_s)

    def over(self, *, quick: bool) -> bool:
        """Whether the utterance has ended.

        Args:
            quick: nothing more is waited for than the words that are on their way.
        """
        if self.open is None:
            return False
        if self.now_s - self.open.start_s >= self._tuning.longest_turn_s:
            return True
        lag_s = 0.0 if self._delay_s is None else self._delay_s + FRAME_S
        if self.sounding or self.silence_s < max(lag_s, self._tuning.pause_silence_s) - 1e-6:
            return False
        return quick or self._silent_enough(self.open)

    def take(self) -> Utterance:
        """The utterance is over, and is the caller's own from now on."""
        assert self.open is not None
        taken, self.open = self.open, None
        taken.end_s = min(taken.end_s, self.now_s)
        self._over_s, self._run_s = taken.end_s, 0.0
        return taken

    def _silent_enough(self, utterance: Utterance) -> bool:
        tuning, silence_s = self._tuning, self.silence_s + 1e-6
        judged = self.judge(utterance.text) if utterance.words else Completeness.OPEN
        if judged is Completeness.MIDDLE and silence_s < tuning.middle_s:
            return False
        if self._pause is not None:
            return self._pause > tuning.pause or silence_s >= tuning.undecided_s
        needed = {
            Completeness.COMPLETE: tuning.complete_s,
            Completeness.OPEN: tuning.open_s,
            Completeness.MIDDLE: tuning.middle_s,
        }[judged]
        return silence_s >= needed

    def _hear_pause(self, heard: Heard | None, passed_s: float) -> None:
        if heard is None or heard.pauses is None or len(heard.pauses) <= self._tuning.pause_head:
            return
        new = heard.pauses[self._tuning.pause_head]
        new = new if 0 <= new <= 1 else 0.0  # NaN
        keep = math.exp(-max(0.0, passed_s) / self._tuning.smoothing_s)
        self._pause = new if self._pause is None else keep * self._pause + (1 - keep) * new

    def _hear_sound(self, at_s: float, speech: float, *, gap: bool, over_agent: bool) -> None:
        if self.open is not None:
            self.sounding = speech >= self._tuning.offset
            if self.sounding:
                self.open.end_s, self.open.sounded = self.now_s, True
            return
        self.sounding = False
        if not speech >= self._tuning.onset:
            self._run_s = 0.0
            return
        self._run_s = FRAME_S if gap else self._run_s + FRAME_S
        if self._run_s >= self._tuning.onset_s - 1e-6:
            start_s = max(self._over_s, self.now_s - self._run_s, 0.0)
            self.open = Utterance(start_s, self.now_s, over_agent)
            self.sounding, self._run_s = True, 0.0

    def _hear_word(self, word: HeardWord, *, over_agent: bool) -> None:
        start_s = min(max(word.start_s, self._over_s), self.now_s)
        end_s = min(max(word.end_s, start_s), self.now_s)
        if self.open is None:
            # Too quiet for the VAD, or later than expected: better a turn of its own than lost.
            self.open = Utterance(start_s, end_s, over_agent, sounded=False)
        self.open.word_s = self.now_s
        self.open.start_s = min(self.open.start_s, start_s)
        self.open.end_s = max(self.open.end_s, end_s)
        if len(self.open.words) < MOST_WORDS:
            self.open.words.append(word)
