"""An utterance cut into words, whatever was typed or recognised, in bounded time.

Nothing here belongs to a language: which words mean nothing is for the language to say.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MOST_CHARACTERS = 2000  # a turn of thirty seconds has some 500; what lies beyond is not read
MOST_WORDS = 200
LONGEST_WORD = 40

FIGURES = "#"
"""The key of every word that begins with a figure."""

_NOISE = re.compile(r"\[\w{1,20}\]|<[^<>]{0,20}>|\+\+\w{1,20}\+\+|(?<=\w)\(\d\)")
_WORD = re.compile(
    r"(?<!\d)(?:\d{4}|\d{1,2})[/.\-]\d{1,2}[/.\-](?:\d{4}|\d{2})(?!\d)"  # a date in figures
    r"|\d+(?:st|nd|rd|th)\b"
    r"|\d+"
    r"|(?:(?<=[^\W\d_])-)?[^\W\d_]+(?:'[^\W\d_]+)*",
    re.IGNORECASE,
)
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "ʼ": "'"})


@dataclass(frozen=True, slots=True)
class Words:
    """An utterance word by word.

    Attributes:
        folded: lower case, without accents; what is compared.
        written: the same words as they stood; the hyphen before `-Luc` is a part of it.
        keys: what a form's `starts` are compared with: the word, or FIGURES; one empty key at the end.
        asks: a question mark was typed.
    """

    folded: tuple[str, ...]
    written: tuple[str, ...]
    keys: tuple[str, ...]
    asks: bool = False

    def __len__(self) -> int:
        return len(self.folded)

    def text(self, start: int = 0, end: int | None = None) -> str:
        return " ".join(self.folded[start:end])


def words_of(text: str) -> Words:
    """Cut `text` into words: case, punctuation, accents, control characters and a recogniser's noise marks go.

    No more than MOST_CHARACTERS of it are looked at. Never raises.
    """
    text = text[:MOST_CHARACTERS].translate(_APOSTROPHES)
    plain = unicodedata.normalize("NFKC", _NOISE.sub(" ", text))[:MOST_CHARACTERS]
    written = [match.group()[:LONGEST_WORD] for match in _WORD.finditer(plain)][:MOST_WORDS]
    return _numbered(written, asks="?" in plain)


def without(words: Words, dropped: Iterable[int]) -> Words:
    """The same utterance without the words at these places."""
    gone = frozenset(dropped)
    if not gone:
        return words
    return _numbered([w for place, w in enumerate(words.written) if place not in gone], asks=words.asks)


def _numbered(written: Sequence[str], asks: bool) -> Words:
    folded = tuple(fold(word.removeprefix("-")) for word in written)
    keys = tuple(FIGURES if word[:1].isdigit() else word for word in folded)
    return Words(folded, tuple(written), (*keys, ""), asks)


def fold(word: str) -> str:
    """Lower case and without accents: `Muñoz` and `munoz` are the same word."""
    if word.isascii():
        return word.lower()
    parts = unicodedata.normalize("NFKD", word.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))
