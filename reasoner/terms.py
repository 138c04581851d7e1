"""The words of a text that say what it is about, in a form that can be compared."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from reasoner import words_en

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
MOST_CHARACTERS = 2000


def _as_it_is(word: str) -> str:
    return word


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a language says about its words."""

    empty: frozenset[str] = frozenset()
    stem: Callable[[str], str] = _as_it_is


_LANGUAGES = {"en": Vocabulary(words_en.EMPTY_WORDS, words_en.stem)}


def terms(text: str, language: str) -> tuple[str, ...]:
    """The stems of the words that carry meaning, in order, each once.

    Args:
        text: no more than MOST_CHARACTERS of it are read.
        language: BCP 47; of a language that is not known every word counts, as it is.
    """
    vocabulary = _LANGUAGES.get(base_language(language), Vocabulary())
    words = (w.replace("’", "'") for w in _WORD.findall(text[:MOST_CHARACTERS].casefold()))
    return tuple(dict.fromkeys(vocabulary.stem(word) for word in words if word not in vocabulary.empty))


def base_language(tag: str) -> str:
    """ "en" of "en-US"."""
    return tag.split("-")[0].lower()
