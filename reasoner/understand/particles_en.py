"""Family names of several words: `van der Berg`, `de la Cruz`, `O'Neill`, `Mac Donald`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from reasoner.understand.clauses import ENDS_A_CLAUSE
from reasoner.understand.forms import Rules
from reasoner.understand.names import PARTICLES, NameParts, as_written
from reasoner.understand.words import Words

_FIRST = PARTICLES - {"ten", "las", "los", "der", "dem"}
"""`ten Brink` is left to who types it: `Anna, ten people` is said more often."""
_SECOND = frozenset("de der den dem la las los le het und zu der".split())
_HALVES = frozenset({"mac", "mc", "saint", "st", "fitz"})
_MOST = 3  # particles
_SHORTEST_HALF = 3  # letters of what follows `Mac`
_IRISH = frozenset(
    """brien bryan callaghan connell connor conor dea doherty donnell donoghue donovan dowd driscoll dwyer farrell flaherty
    flanagan gorman grady hagan halloran hanlon hara hare keefe keeffe kane kelly leary loughlin mahony mahoney malley meara
    neal neil neill regan reilly riley rourke shaughnessy shea sullivan toole""".split()
)
"""Names that `O` goes before; before any other it is a middle initial."""


@dataclass(frozen=True, slots=True)
class Surname:
    """A family name that begins with a word which is no name by itself. Read in any spelling, and never offered.

    Attributes:
        listed: family names that are known in one word, by how they sound: `macdonald`.
        is_of_name: whether a word may be part of a name.
    """

    listed: Mapping[str, str]
    is_of_name: Callable[[str], bool]
    starts: frozenset[str] = frozenset({*_FIRST, *_HALVES, "o"})
    nullable: bool = False

    def read(self, words: Words, at: int) -> Iterator[tuple[int, NameParts]]:
        first = words.keys[at]
        end = self._begins(words, at)
        if end >= len(words) or not self._names(words, end):
            return
        if first == "o" and words.folded[end] not in _IRISH:
            return
        half = first in _HALVES or first == "o"
        name = words.written[end]
        last = end + 1
        while last < len(words) and words.written[last].startswith("-"):
            name, last = name + words.written[last], last + 1
        yield (
            last,
            NameParts(last=self._joined(words, at, name) if half else _with(words.written[at:end], name)),
        )

    def jsgf(self, rules: Rules) -> str:
        return ""

    def _begins(self, words: Words, at: int) -> int:
        end = at + 1
        while (
            words.folded[at] in _FIRST and end < min(len(words), at + _MOST) and words.folded[end] in _SECOND
        ):
            end += 1
        return end

    def _names(self, words: Words, at: int) -> bool:
        word = words.folded[at]
        stands_apart = not ENDS_A_CLAUSE.isdisjoint(words.between(at))
        shortest = _SHORTEST_HALF if words.folded[at - 1] in _HALVES else 2
        return len(word) >= shortest and word.isalpha() and self.is_of_name(word) and not stands_apart

    def _joined(self, words: Words, at: int, name: str) -> str:
        """`o neill` is O'Neill, `mac donald` MacDonald; who types `Mac Donald` is called so."""
        of_o, written = words.folded[at] == "o", words.written[at]
        sound = f"o'{name}" if of_o else f"{words.folded[at]}{name}"
        if sound.lower() in self.listed and (of_o or written == written.lower()):
            return self.listed[sound.lower()]
        return f"O'{as_written(name)}" if of_o else f"{as_written(written)} {as_written(name)}"


def _with(particles: tuple[str, ...], name: str) -> str:
    """`van der Berg`; a particle that was written with a capital letter keeps it."""
    shouted = all(word == word.upper() for word in (*particles, name))
    return " ".join((*(word.lower() if shouted else word for word in particles), as_written(name)))
