"""Whether the caller, who speaks over a line that the agent is made to say, wants the floor. Pure.

A model that speaks of its own accord gives way by itself; one that is made to say words does not.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from duplex_frontend.engine.turn_tuning import BackchannelTuning
from duplex_frontend.engine.words import FRAME_S, Heard

_FORGET_S = 0.4  # of silence after which an overlap is over


@dataclass(frozen=True, slots=True)
class BargeInTuning:
    """Attributes:
    enabled: callers may interrupt lines.
    commit_s: speech this long is an interruption whatever its words.
    words: so many are one, where they are no backchannel.
    onset: probability that counts as speech.
    """

    enabled: bool = True
    commit_s: float = 0.7
    words: int = 2
    onset: float = 0.5


@dataclass(slots=True)
class BargeIn:
    """Feed it every frame of a call."""

    tuning: BargeInTuning
    backchannel: BackchannelTuning
    _spoken_s: float = 0.0
    _silent_s: float = 0.0
    _words: list[str] = field(default_factory=list)

    def feed(self, speech: float, heard: Heard | None, *, saying: bool) -> bool:
        """Take a frame; say whether the line is to be broken off now. `saying`: a line that may be."""
        if not saying or not self.tuning.enabled:
            self._forget()
            return False
        if speech >= self.tuning.onset:
            self._spoken_s, self._silent_s = self._spoken_s + FRAME_S, 0.0
        else:
            self._silent_s += FRAME_S
        self._words += [word.text for word in heard.words] if heard is not None else []
        if self._silent_s >= _FORGET_S and not self._words:
            self._forget()
        text = " ".join(self._words)
        meant = len(self._words) >= self.tuning.words and not self.backchannel.covers(text)
        if meant or self._spoken_s >= self.tuning.commit_s - 1e-6:
            self._forget()
            return True
        return False

    def _forget(self) -> None:
        self._spoken_s = self._silent_s = 0.0
        self._words.clear()
