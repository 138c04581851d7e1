"""Names of people in parts, and how they are written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reasoner.understand.words import fold


@dataclass(frozen=True, slots=True)
class NameParts:
    """What was said of a name, as it is written; "" is what was not said."""

    first: str = ""
    last: str = ""

    @property
    def whole(self) -> bool:
        return bool(self.first and self.last)

    def over(self, known: NameParts) -> NameParts:
        """These parts, and from `known` those that were not said."""
        return NameParts(self.first or known.first, self.last or known.last)

    def __str__(self) -> str:
        return f"{self.first} {self.last}".strip()


@dataclass(frozen=True, slots=True)
class Spelled:
    """A name letter by letter, in lower case: the last name, or the first too where `letters` has a space."""

    letters: str
    is_first: bool = False

    def over(self, known: NameParts, *, part_is_first: bool = False) -> NameParts:
        """The spelled name with what is known beside it: it replaces the last name, or the first if it is that.

        Letters that spell the known first name over again leave the rest as it is.
        """
        words = [as_written(word) for word in self.letters.split()]
        if len(words) > 1:
            return NameParts(" ".join(words[:-1]), words[-1])
        if self.is_first or part_is_first or fold(self.letters) == fold(known.first):
            return NameParts(words[0], known.last)
        return NameParts(known.first, words[0])


def parts_of(name: str) -> NameParts:
    """`Mary Ann Clark` is Mary Ann, Clark, `Jan van der Berg` Jan, van der Berg; one word alone is a first name."""
    words = name.split() or [""]
    family = next((at for at, word in enumerate(words) if at and word in PARTICLES), len(words) - 1)
    first, last = words[:family], words[family:]
    return NameParts(" ".join(first), " ".join(last)) if first else NameParts(first=" ".join(last))


def known_parts(value: object, denied: Iterable[object]) -> NameParts:
    """The newest name that was heard before: the slot's value, else what the caller denied.

    Of a denied name of two words the last is the doubtful one; the first is as good as it gets.
    """
    for candidate in (value, *reversed(tuple(denied))):
        if isinstance(candidate, str) and candidate:
            return parts_of(candidate)
    return NameParts()


PARTICLES = frozenset(
    "van von der den dem de del della di da das dos du des la las le los al el bin ibn zu zum vom ter te ten af av abu".split()
)
"""Words that a family name begins with, written small within a name."""


def as_written(name: str) -> str:
    """`o'brien` is O'Brien, `SMITH-JONES` Smith-Jones; what is already written in mixed case stays."""
    if name != name.lower() and name != name.upper():
        return name
    return "-".join(
        "'".join(part[:1].upper() + part[1:].lower() for part in half.split("'")) for half in name.split("-")
    )


def as_name(typed: Sequence[str]) -> list[str]:
    """The words of a name, each as it is written: `jan van der berg` is Jan van der Berg."""
    within = range(1, len(typed) - 1)
    return [
        word.lower()
        if at in within and word.lower() in PARTICLES and word in (word.lower(), word.upper())
        else as_written(word)
        for at, word in enumerate(typed)
    ]
