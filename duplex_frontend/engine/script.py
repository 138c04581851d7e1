"""Guiding a row's text stream: saying exact words, and holding the onset of an answer.

Pure state machines, one a row. Before a tick the batch asks which text tokens may come (`allowed`); after it,
it tells which one came (`drew`). The model keeps its own pacing: it chooses when a word starts. The audio of a
token drawn in one tick goes out in the next, so a word is confirmed one tick after its last token.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from duplex_frontend.engine.errors import Unspeakable
from duplex_frontend.engine.tokens import EPAD, PAD

MAX_ALLOWED = 4  # most tokens a guide ever leaves open
HOLD_FRAMES = 5  # 400 ms

_FREE: tuple[int, ...] = ()


class Guide(Protocol):
    """What a row's text stream may say next."""

    @property
    def done(self) -> bool: ...

    def allowed(self) -> tuple[int, ...]:
        """Tokens that may come in the next draw, at most MAX_ALLOWED; empty where any may."""
        ...

    def drew(self, token: int) -> tuple[int, ...]:
        """This token came. Returns the words (by index) whose audio has now gone out."""
        ...


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a script came.

    Attributes:
        spoken: words whose last token's audio went out.
        started: words of which at least one token was drawn; more than `spoken` where one was cut.
        words: of the whole script.
    """

    spoken: int
    started: int
    words: int


def words_of(
    text: str, encode: Callable[[str], Sequence[int]], piece: Callable[[int], str]
) -> list[list[int]]:
    """Split a text into words of SentencePiece tokens.

    Raises:
        Unspeakable: nothing to say, or a character that the vocabulary lacks.
    """
    words: list[list[int]] = []
    for token in encode(text):
        if token in (EPAD, PAD):
            raise Unspeakable(
                "the text has a character that the model's vocabulary lacks; spell it out in plain letters"
            )
        if piece(token).startswith("▁") or not words:
            words.append([])
        words[-1].append(token)
    if not words:
        raise Unspeakable("there is nothing to say in the text; give at least one word")
    return words


class Script:
    """Say these words, in this order, and nothing else.

    Args:
        words: tokens of each word, none of them PAD or EPAD.
        max_pad: most PAD frames between two words; then the next word is made to start.
        lead_pad: PAD frames before the first word.
        tail_pad: PAD frames after the last, so that its sound can end before the model is free again.
    """

    def __init__(
        self, words: Sequence[Sequence[int]], *, max_pad: int = 8, lead_pad: int = 0, tail_pad: int = 4
    ) -> None:
        if not words or not all(words):
            raise ValueError("a script has at least one word, and each word at least one token")
        if any(token in (PAD, EPAD) for word in words for token in word):
            raise ValueError("a word has no PAD and no EPAD in it")
        self._words = tuple(tuple(word) for word in words)
        self._max_pad, self._lead, self._tail = max_pad, lead_pad, tail_pad
        self._word = self._token = 0  # the token that comes next
        self._pads = 0  # PAD frames since the last word
        self._before = PAD
        self._going_out: tuple[int, ...] = ()
        self._spoken = 0
        self._stopped = False

    @property
    def done(self) -> bool:
        return self._stopped or (self._word == len(self._words) and self._tail <= 0 and not self._going_out)

    @property
    def progress(self) -> Progress:
        return Progress(self._spoken, self._word + (self._token > 0), len(self._words))

    def stop(self) -> Progress:
        """Let go at once, in the middle of a word if need be, and say how far it came."""
        self._stopped = True
        return self.progress

    def allowed(self) -> tuple[int, ...]:
        if self._stopped:
            return _FREE
        if self._word == len(self._words):
            return (PAD,)
        following = self._words[self._word][self._token]
        if self._token > 0 or self._before == EPAD:
            return (following,)
        if self._lead > 0:
            return (PAD,)
        choice = [EPAD]
        if self._before != PAD:
            choice.append(following)  # straight after a word the next may come without its EPAD
        if self._pads < self._max_pad:
            choice.append(PAD)
        return tuple(choice)

    def drew(self, token: int) -> tuple[int, ...]:
        assert self._stopped or token in self.allowed(), (token, self.allowed())
        confirmed, self._going_out = self._going_out, ()
        self._spoken += len(confirmed)
        if self._stopped:
            return confirmed
        self._before = token
        if self._word == len(self._words):
            self._tail -= 1
        elif token == PAD:
            self._pads += 1
            self._lead = max(0, self._lead - 1)
        elif token != EPAD:
            self._pads = 0
            self._token += 1
            if self._token == len(self._words[self._word]):
                self._going_out = (self._word,)
                self._word, self._token = self._word + 1, 0
        return confirmed


class Hold:
    """Keep the agent from beginning to answer: PAD only, for at most 400 ms; then it lets go by itself."""

    def __init__(self, frames: int = HOLD_FRAMES) -> None:
        if not 1 <= frames <= HOLD_FRAMES:
            raise ValueError(f"a hold lasts 1 to {HOLD_FRAMES} frames of 80 ms, not {frames}")
        self._left = frames

    @property
    def done(self) -> bool:
        return self._left <= 0

    def release(self) -> None:
        """What it waited for has landed."""
        self._left = 0

    def allowed(self) -> tuple[int, ...]:
        return (PAD,) if self._left > 0 else _FREE

    def drew(self, token: int) -> tuple[int, ...]:
        self._left = max(0, self._left - 1)
        return ()
