"""The leaves of spoken forms: tables of phrases, and words in figures."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from reasoner.understand.forms import Form, Rules
from reasoner.understand.words import FIGURES, Words, words_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Phrases:
    """A table of phrases with their values. Build it with `phrases` or `said`.

    `entries`: by the first word of a phrase, and by how many words it has, the longest first.
    """

    spoken: tuple[str, ...]
    entries: Mapping[str, tuple[tuple[int, Mapping[tuple[str, ...], Any]], ...]]
    starts: frozenset[str]
    halves_at: float | None = None
    nullable: bool = False

    def read(self, words: Words, at: int) -> Iterator[tuple[int, Any]]:
        for length, table in self.entries.get(words.keys[at], ()):
            phrase = words.folded[at : at + length]
            if phrase in table:
                yield at + length, table[phrase]

    def jsgf(self, rules: Rules) -> str:
        if len(self.spoken) < 2:
            return "".join(self.spoken)
        if self.halves_at is None:
            return f"({' | '.join(self.spoken)})"
        weighed = (f"/{1 / (1 + n / self.halves_at):.4f}/ {said}" for n, said in enumerate(self.spoken))
        return f"({' | '.join(weighed)})"


@functools.lru_cache(maxsize=32768)
def _cut(phrase: str) -> Words:
    """Many slots have the same phrases: each is cut into words once."""
    return words_of(phrase)


def phrases(
    table: Mapping[str, T], readable: Mapping[str, T] | None = None, *, halves_at: float | None = None
) -> Form[T]:
    """Phrases that can be said, and `readable` ones that are understood but not offered to a recogniser.

    Args:
        table: phrase → value.
        readable: the same.
        halves_at: the table is in order of likelihood, and the phrase in this place is half as likely as the first,
            falling as 1/rank. None: all are equally likely.

    Raises:
        ValueError: a phrase without a word.
    """
    entries: dict[str, dict[int, dict[tuple[str, ...], T]]] = {}
    for phrase, value in [*table.items(), *(readable or {}).items()]:
        cut = _cut(phrase)
        if not len(cut):
            raise ValueError(f"a phrase without a word: {phrase!r}")
        entries.setdefault(cut.keys[0], {}).setdefault(len(cut), {}).setdefault(cut.folded, value)
    longest_first = {key: tuple(sorted(of.items(), key=lambda item: -item[0])) for key, of in entries.items()}
    return Phrases(tuple(table), longest_first, frozenset(longest_first), halves_at)


def said(*spoken: str, readable: Sequence[str] = ()) -> Form[str]:
    """Phrases whose value is the phrase itself."""
    return phrases({p: p for p in spoken}, {p: p for p in readable})


@dataclass(frozen=True, slots=True)
class Figures:
    """A word in figures, as it is typed: `14`, `14th`, `03/14/1986`. `make` gives its value, None if it is not one."""

    make: Callable[[str], Any]
    starts: frozenset[str] = frozenset({FIGURES})
    nullable: bool = False

    def read(self, words: Words, at: int) -> Iterator[tuple[int, Any]]:
        if words.keys[at] == FIGURES:
            value = self.make(words.folded[at])
            if value is not None:
                yield at + 1, value

    def jsgf(self, rules: Rules) -> str:
        return ""
