"""What was played in a rehearsal: the truth that a benchmark holds what was found against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from duplex_frontend.rehearsal.actor import Performance


@dataclass(slots=True)
class Played:
    """One performance, as far as it came.

    Attributes:
        revision: of the prompt that was in force.
        spoken: words that were played. start_s, end_s: of their sound.
        early: it began before there was a whisper for it.
    """

    revision: int
    performance: Performance
    start_s: float
    end_s: float
    early: bool = False
    spoken: int = 0
    interrupted: bool = False

    @property
    def heard(self) -> str:
        """What reached the caller."""
        return " ".join(word for word in self.performance.heard[: self.spoken] if word)

    @property
    def written(self) -> str:
        return " ".join(self.performance.written[: self.spoken])

    @property
    def unspoken(self) -> str:
        return " ".join(self.performance.written[self.spoken :])


@dataclass(slots=True)
class Record:
    """All performances of one call, in order."""

    played: list[Played] = field(default_factory=list)

    def since(self, count: int) -> Sequence[Played]:
        return self.played[count:]
