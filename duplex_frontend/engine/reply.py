"""The lines of a reply on their way through the engine: numbered, word by word, with how far they came. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from duplex_frontend.types import Line

LONGEST_WORD = 80  # letters, see wire.Word
MOST_WORDS = 1000
_TAIL_FRAMES = 5  # the sound of the last word ends in them


class Replies:
    """Of one call. The newest reply is the one that counts."""

    def __init__(self) -> None:
        self._number = -1
        self._ends: list[tuple[int, bool]] = []  # for each line: words up to its end, whether it may be cut
        self._spoken = 0
        self._waiting = False  # given, and not over
        self._tail = 0

    def give(self, lines: Sequence[Line]) -> tuple[int, tuple[str, ...]] | None:
        """Number a reply and split it into words; None where it has none."""
        words: list[str] = []
        ends: list[tuple[int, bool]] = []
        for line in lines:
            words += _words(line.text)
            ends.append((len(words), line.interruptible))
        if not words:
            return None
        self._number += 1
        self._ends, self._spoken, self._waiting = ends, 0, True
        return self._number, tuple(words[:MOST_WORDS])

    def spoken(self, number: int | None, words: Sequence[int]) -> None:
        """These words of that reply have gone out in the newest frame."""
        if number == self._number and words:
            self._spoken = max(self._spoken, max(words) + 1)

    def sounds(self, number: int | None) -> bool:
        """Whether something is being said in the newest frame, or still dies away. Ask once a frame."""
        self._tail = _TAIL_FRAMES if number is not None else self._tail - 1
        return self._tail > 0

    def over(self, number: int) -> bool:
        """A reply has ended. Whether it was the newest."""
        if number != self._number:
            return False
        self._waiting = False
        return True

    def forget(self) -> None:
        """The newest was broken off."""
        self._waiting = False

    @property
    def interruptible(self) -> bool:
        """Whether the line that is being said may be cut."""
        return next((may for end, may in self._ends if self._spoken < end), True)

    @property
    def must_finish(self) -> bool:
        return self._waiting and not self.interruptible


def _words(text: str) -> Iterator[str]:
    for word in text.split():
        for at in range(0, len(word), LONGEST_WORD):
            yield word[at : at + LONGEST_WORD]
