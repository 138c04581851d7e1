"""Where a clause may begin within an utterance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reasoner.understand.pieces import PASSING, Kind, Piece
from reasoner.understand.words import Words

ENDS_A_CLAUSE = frozenset(".,;:?!-–—\n")
"""Signs that end one. Nobody speaks them."""


@dataclass(frozen=True, slots=True)
class Before:
    """What stands before a place in an utterance. `fresh`: nothing that was not understood is right before it."""

    pieces: Sequence[Piece]
    fresh: bool

    @property
    def is_passing(self) -> bool:
        """Nothing was said yet."""
        return self.fresh and all(p.kind in PASSING or p.kind is Kind.ANSWER for p in self.pieces)

    def ends(self, words: Words, at: int) -> bool:
        """A clause may begin at `at`: by a sign, or by what stands before it."""
        if at == 0 or not ENDS_A_CLAUSE.isdisjoint(words.between(at)):
            return True
        between = PASSING | {Kind.ANSWER, Kind.COMMAND, Kind.NEITHER, Kind.TOPIC}
        return self.fresh and bool(self.pieces) and self.pieces[-1].kind in between
