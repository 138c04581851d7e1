"""A value that is told by what follows it: `1234 is my PIN`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from reasoner.understand.forms import Form, Rules, best
from reasoner.understand.words import Words

_FARTHEST = 24  # words from a value to what follows it


@dataclass(frozen=True, slots=True)
class Followed:
    """A value with words behind it that say what it is. Looked for from its end, which few utterances have. Only read."""

    inner: Form[Any]
    behind: Form[Any]
    starts: frozenset[str]
    nullable: bool = False

    def read(self, words: Words, at: int) -> Iterator[tuple[int, Any]]:
        for place in range(at + 1, min(at + _FARTHEST, len(words))):
            found = best(self.behind, words, place) if words.keys[place] in self.behind.starts else None
            if found is not None:
                yield from ((found[0], value) for end, value in self.inner.read(words, at) if end == place)
                return

    def jsgf(self, rules: Rules) -> str:
        return ""
