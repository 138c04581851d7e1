"""When to look knowledge up while the caller is still speaking. Pure: words in, a question or None out.

One look-up early and one or two when the meaning has moved on are enough, because each brings so many candidates that
the words which are still to come only have to put them in order.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from reasoner import words_en
from reasoner.terms import base_language, terms

MOST_WORDS = 200
"""Of an utterance; nothing is looked up for what comes after them."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How eagerly to look up. Tuned on every other question of a bank's callers, with look-ups of 300 ms.

    Attributes:
        first: so many words with a meaning are worth a look-up, whatever is said.
        first_asked: the same once the caller asks or wants something.
        growth, least_new: again when so many are new, against those looked up before; never fewer than `least_new`.
        most: look-ups in a turn.
    """

    first: int = 5
    first_asked: int = 2
    growth: float = 0.8
    least_new: int = 2
    most: int = 3


@dataclass(slots=True)
class LookAhead:
    """The decisions of one turn after the other. Small state: the words of the last partial, and what was looked up."""

    language: str
    pace: Pace = Pace()
    looked: tuple[str, ...] = ()
    lookups: int = 0
    _before: Sequence[str] = ()

    def heard(self, words: str, *, busy: bool = False) -> str:
        """A partial transcript came.

        Args:
            words: all of the utterance so far.
            busy: a look-up is under way; the next word will ask again.

        Returns:
            what to look up now, "" for nothing.
        """
        now = words.split()[:MOST_WORDS]
        stable = now[: _alike(self._before, now)] if self.lookups else now
        self._before = now
        if busy or self.lookups >= self.pace.most:
            return ""
        question = " ".join(stable)
        telling = meanings(question, self.language)
        if not self._worth(question, telling):
            return ""
        self.looked = tuple(dict.fromkeys((*self.looked, *telling)))
        self.lookups += 1
        return question

    def _worth(self, question: str, telling: Sequence[str]) -> bool:
        if not self.lookups:
            asked = len(telling) >= self.pace.first_asked and asks(question, self.language)
            return asked or len(telling) >= self.pace.first
        new = [term for term in telling if term not in self.looked]
        return len(new) >= max(self.pace.least_new, self.pace.growth * len(self.looked))

    def turn_over(self) -> None:
        """The next partial begins a turn."""
        self.looked, self.lookups, self._before = (), 0, ()


def meanings(words: str, language: str) -> list[str]:
    """The terms that a page can be about: no numbers, days or letters, and nothing that is only said to be polite."""
    said = terms(words, language)
    if base_language(language) != "en":
        return list(said)
    return [
        term for term in said if len(term) > 1 and not term.isdigit() and term not in words_en.NOT_LOOKED_UP
    ]


def asks(words: str, language: str) -> bool:
    """Whether the caller asks or wants something, as far as single words can tell. In other languages: it may be."""
    if base_language(language) != "en":
        return True
    return any(word in words_en.ASKING for word in re.findall(r"[a-z']+", words.lower()))


def keeps(final: Collection[str], looked: Collection[str], held: Collection[str]) -> bool:
    """Whether candidates fetched ahead serve the final words: half of their terms were looked up, or are in them."""
    return sum(term in looked or term in held for term in final) * 2 >= len(final) > 0


def _alike(before: Sequence[str], now: Sequence[str]) -> int:
    """How many words at the beginning were the same in the partial before."""
    at = 0
    while at < min(len(before), len(now)) and before[at] == now[at]:
        at += 1
    return at
