"""Pieces of text, one a frame, put together to words with times. Pure; used for both sides of a call.

The duplex model's text stream and the recogniser's both say a word as SentencePiece pieces, a piece a frame; the
first of a word begins with "▁" (or a space). A frame without a piece ends the word before it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from duplex_frontend.engine.tokens import EPAD, FRAMES_PER_S, PAD

FRAME_S = 1 / FRAMES_PER_S
MAX_PIECES = 24  # of one word: pieces that never begin a word are cut here


@dataclass(frozen=True, slots=True)
class HeardWord:
    """A word of the caller, complete; it will not change.

    Attributes:
        start_s, end_s: of its sound, in the call's own clock; the recogniser's delay is taken out.
        confidence: 0..1, of its least certain piece.
    """

    text: str
    start_s: float
    end_s: float
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Heard:
    """What the recogniser made of one frame of one call.

    Attributes:
        words: that became complete in it; usually none or one.
        pauses: the probability that the caller has come to a pause of 0.5, 1, 2 and 3 s, each 0..1; None where the
            model has no such heads.
    """

    words: tuple[HeardWord, ...] = ()
    pauses: tuple[float, ...] | None = None


@dataclass(frozen=True, slots=True)
class Word:
    """A word whose pieces came in the frames from start_s to end_s. `confidence` is of its least certain piece."""

    text: str
    start_s: float
    end_s: float
    confidence: float = 1.0


def piece_of(token: int, piece: Callable[[int], str]) -> str:
    """The text of a token, "" for one that says nothing.

    Args:
        piece: from the tokenizer's ids to its pieces.
    """
    return "" if token < 0 or token in (PAD, EPAD) else piece(token)


@dataclass(slots=True)
class WordAssembler:
    """Words out of one text stream."""

    _pieces: list[str] = field(default_factory=list)
    _start_s: float = 0.0
    _end_s: float = 0.0
    _confidence: float = 1.0

    @property
    def open(self) -> str:
        """The word that may go on, as far as it came; "" between words."""
        return "".join(self._pieces)

    def feed(self, piece: str, at_s: float, confidence: float = 1.0) -> Word | None:
        """Take the piece of the frame that begins at `at_s`, "" for none; give back the word that it ends."""
        if not piece:
            return self.flush()
        begins = piece[0] in "▁ " or len(self._pieces) >= MAX_PIECES
        ended = self.flush() if begins else None
        if not self._pieces:
            self._start_s, self._confidence = at_s, confidence
        self._pieces.append(piece.replace("▁", "").strip())
        self._end_s = at_s + FRAME_S
        self._confidence = min(self._confidence, confidence)
        return ended

    def rename(self, text: str) -> None:
        """The open word is this one: it is known what was to be said."""
        if self._pieces:
            self._pieces = [text]

    def flush(self) -> Word | None:
        """The open word, as far as it came; it is over."""
        text, self._pieces = self.open, []
        return Word(text, self._start_s, self._end_s, self._confidence) if text else None
