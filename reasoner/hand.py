"""What a call has in hand of its knowledge: candidates of this turn, scopes loaded whole, and what was found before.

Pure but for the clock that it is given. Everything is bounded.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from time import monotonic

from memory.edge_terms import source_words
from memory.types import Candidate, Passage
from reasoner.lookahead import keeps
from reasoner.terms import terms

MOST_IN_HAND = 600
MOST_LOOKUPS = 6  # of a turn
MOST_REMEMBERED = 64
GOOD_FOR_S = 300.0
MOST_READ = 8192  # passages whose words are known, in a process

Words = frozenset[str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Words that mean the same within the same pages are the same look-up. No words: all that is there."""

    tenant: str
    terms: Words
    scope: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Lookup:
    """`looked`: its terms. `held`: those of what it found."""

    looked: Words
    found: tuple[Candidate, ...]
    held: Words


@dataclass(slots=True)
class Hand:
    """The candidates of one scope.

    Attributes:
        whole: all that the scope has is here; nothing needs to be looked up.
    """

    language: str
    whole: bool = False
    _lookups: list[_Lookup] = field(default_factory=list)
    _ahead: tuple[Candidate, ...] = ()

    @property
    def candidates(self) -> list[Candidate]:
        """Those of this turn, and what was loaded before it, each once."""
        found = {_key(candidate): candidate for candidate in self._ahead}
        for lookup in self._lookups:
            found |= {_key(candidate): candidate for candidate in lookup.found}
        return list(found.values())[-MOST_IN_HAND:]

    def add(self, looked: Words, found: Sequence[Candidate]) -> None:
        """A look-up of this turn came back."""
        held = frozenset().union(*(words_of(candidate.passage, self.language) for candidate in found))
        self._lookups = [*self._lookups, _Lookup(looked, tuple(found), held)][-MOST_LOOKUPS:]

    def revise(self, said: Words) -> None:
        """Put away what was looked up for words that the recogniser has taken back: more than half of them."""
        self._lookups = [look for look in self._lookups if 2 * len(look.looked & said) >= len(look.looked)]

    def load(self, found: Sequence[Candidate], *, whole: bool) -> None:
        """What was loaded before it was asked for. Stays until the call ends."""
        self.whole = self.whole or whole
        self._ahead = (*self._ahead, *found)[-MOST_IN_HAND:]

    def serves(self, wanted: Words) -> bool:
        """Whether what is here answers as well as a look-up would."""
        looked = frozenset().union(*(lookup.looked for lookup in self._lookups))
        held = frozenset().union(*(lookup.held for lookup in self._lookups))
        return self.whole or (bool(looked) and keeps(wanted, looked, held))

    def discard(self) -> None:
        """Put away the candidates of this turn: it is over, or it means something else."""
        self._lookups = []


class Remembered:
    """What look-ups found, newest last; for one call, or for all calls of a process where nobody may not hear it.

    Args:
        most: look-ups that are kept. good_for_s: for so long.
    """

    def __init__(
        self,
        most: int = MOST_REMEMBERED,
        good_for_s: float = GOOD_FOR_S,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._most, self._good_for_s, self._clock = most, good_for_s, clock
        self._found: OrderedDict[Wanted, tuple[float, tuple[Candidate, ...]]] = OrderedDict()

    def get(self, wanted: Wanted) -> tuple[Candidate, ...] | None:
        since, found = self._found.get(wanted, (0.0, None))
        if found is None or self._clock() - since > self._good_for_s:
            self._found.pop(wanted, None)
            return None
        self._found.move_to_end(wanted)
        return found

    def keep(self, wanted: Wanted, found: Sequence[Candidate]) -> None:
        self._found[wanted] = (self._clock(), tuple(found))
        self._found.move_to_end(wanted)
        if len(self._found) > self._most:
            self._found.popitem(last=False)

    def forget(self, tenant: str, scope: str) -> None:
        """The pages of a scope have changed."""
        for wanted in [w for w in self._found if w.tenant == tenant and (not w.scope or scope in w.scope)]:
            del self._found[wanted]


def words_of(passage: Passage, language: str) -> frozenset[str]:
    """The terms of a passage, with those of its title and its source."""
    return _words_of(passage.source, passage.title, passage.text, language)


@lru_cache(maxsize=MOST_READ)
def _words_of(source: str, title: str, text: str, language: str) -> frozenset[str]:
    return frozenset(terms(f"{source_words(source)} {title} {text}", language))


def _key(candidate: Candidate) -> tuple[str, str]:
    return candidate.passage.id, candidate.passage.text
