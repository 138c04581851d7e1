"""An utterance cut into words, whatever was typed or recognised, in bounded time.

Nothing here belongs to a language: which words mean nothing is for the language to say.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MOST_CHARACTERS = 2000  # a turn of thirty seconds has some 500; what lies beyond is not read
MOST_WORDS = 200
LONGEST_WORD = 40

LONGEST_ADDRESS = 254

FIGURES = "#"
"""The key of every word that begins with a figure, or with the sign of a currency before one."""

ADDRESS = "@"
"""The key of every e-mail address."""

CURRENCIES = "$€£"

_NOISE = re.compile(r"\[\w{1,20}\]|<[^<>]{0,20}>|\+\+\w{1,20}\+\+|(?<=\w)\(\d\)")
_WORD = re.compile(
    r"(?<![\w.+%'\-])[\w.+%'\-]{1,64}@[\w\-]+(?:\.[\w\-]+)+"  # an address
    r"|(?<!\d)(?:\d{4}|\d{1,2})[/.\-]\d{1,2}[/.\-](?:\d{4}|\d{2})(?!\d)"  # a date in figures
    r"|\d+(?:st|nd|rd|th)\b"
    r"|\d{1,2}:\d{2}(?!\d)"  # a time
    r"|[$€£]?\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?(?!,?\d)"  # an amount
    r"|[$€£]?\d+\.\d{1,2}(?!\d|[.\-]\d)"
    r"|[$€£]\s?\d+"
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
        plain: what the words were cut from.
        spans: where each word begins and ends in `plain`.
    """

    folded: tuple[str, ...]
    written: tuple[str, ...]
    keys: tuple[str, ...]
    asks: bool = False
    plain: str = ""
    spans: tuple[tuple[int, int], ...] = ()

    def __len__(self) -> int:
        return len(self.folded)

    def text(self, start: int = 0, end: int | None = None) -> str:
        return " ".join(self.folded[start:end])

    def between(self, at: int) -> str:
        """What stands between the word before `at` and the one at `at`."""
        return self.plain[self.spans[at - 1][1] : self.spans[at][0]] if 0 < at < len(self.spans) else " "

    def as_written(self, start: int = 0, end: int | None = None, *, exactly: bool = False) -> str:
        """The text from one word to another with all that stands between them, in one line.

        `exactly`: behind the last word nothing comes along, not even what carries nothing.
        """
        spans = self.spans[start:end]
        if not spans:
            return ""
        ends = not exactly and (end is None or end >= len(self.spans))
        last = len(self.plain) if ends else spans[-1][1]
        shown = "".join(c if c.isprintable() else " " for c in self.plain[spans[0][0] : last])
        return " ".join(shown.split())


def words_of(text: str) -> Words:
    """Cut `text` into words: case, punctuation, accents, control characters and a recogniser's noise marks go.

    No more than MOST_CHARACTERS of it are looked at. Never raises.
    """
    text = text[:MOST_CHARACTERS].translate(_APOSTROPHES)
    plain = unicodedata.normalize("NFKC", _NOISE.sub(" ", text))[:MOST_CHARACTERS]
    found = list(itertools.islice(_WORD.finditer(plain), MOST_WORDS))
    return _numbered(tuple(m.group() for m in found), tuple(m.span() for m in found), plain)


def without(words: Words, dropped: Iterable[int]) -> Words:
    """The same utterance without the words at these places."""
    gone = frozenset(dropped)
    if not gone:
        return words
    kept = [place for place in range(len(words)) if place not in gone]
    written = tuple(words.written[place] for place in kept)
    return _numbered(written, tuple(words.spans[place] for place in kept), words.plain)


def _numbered(written: Sequence[str], spans: tuple[tuple[int, int], ...], plain: str) -> Words:
    short = tuple(word[: LONGEST_ADDRESS if ADDRESS in word else LONGEST_WORD] for word in written)
    folded = tuple(fold(word.removeprefix("-")) for word in short)
    keys = tuple(map(_key, folded))
    return Words(folded, short, (*keys, ""), "?" in plain, plain, spans)


def _key(word: str) -> str:
    if word[:1].isdigit() or word[:1] in CURRENCIES:
        return ADDRESS if ADDRESS in word else FIGURES
    return ADDRESS if ADDRESS in word else word


def fold(word: str) -> str:
    """Lower case and without accents: `Muñoz` and `munoz` are the same word."""
    if word.isascii():
        return word.lower()
    parts = unicodedata.normalize("NFKD", word.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))
