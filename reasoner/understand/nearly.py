"""Words that would be a phrase but for one of them: `a don't have that` for `I don't have that`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

_SHORTEST = 3
"""Words of a phrase of which one may be lost, or another. A word more may stand in any."""

Words = tuple[str, ...]


def nearly_one_of(phrases: Iterable[str]) -> Callable[[Sequence[str]], bool]:
    """Tells whether words are one of these phrases with one word lost, added or changed; not the phrase itself."""
    whole = frozenset(tuple(phrase.split()) for phrase in phrases)
    long = [phrase for phrase in whole if len(phrase) >= _SHORTEST]
    lacking = frozenset(_without(phrase, at) for phrase in long for at in range(len(phrase)))
    open_ = frozenset(_blank(phrase, at) for phrase in long for at in range(len(phrase)))

    def is_nearly(said: Sequence[str]) -> bool:
        words = tuple(said)
        if words in whole:
            return False
        places = range(len(words))
        return (
            words in lacking
            or any(_blank(words, at) in open_ for at in places)
            or any(_without(words, at) in whole for at in places)
        )

    return is_nearly


def _without(words: Words, at: int) -> Words:
    return words[:at] + words[at + 1 :]


def _blank(words: Words, at: int) -> Words:
    return (*words[:at], "", *words[at + 1 :])
