"""How a phone number is said in American English."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reasoner.understand.figures_en import FIGURE, HUNDREDS, THOUSANDS, TWO_FIGURES, repeated
from reasoner.understand.forms import Form, Rules, either, many, maybe, seq, unspoken
from reasoner.understand.phrases import Figures, phrases, said
from reasoner.understand.words import FIGURES, Words

COUNTRY_CODE = "1"

_MOST_GROUPS = 24  # a number that is said twice over in single figures

_BETWEEN = maybe(unspoken(said("and then", "then", "and", "area code", "dash", "extension")))

_COUNTRY_CODES = (
    "44",
    "353",
    "61",
    "64",
    "91",
    "49",
    "33",
    "34",
    "39",
    "31",
    "32",
    "41",
    "43",
    "52",
    "86",
    "81",
    "82",
    "65",
    "27",
)


@dataclass(frozen=True, slots=True)
class _International:
    """`+44 7911 123456`, typed: the code of a country is no part of the number at home."""

    starts: frozenset[str] = frozenset({FIGURES})
    nullable: bool = False

    def read(self, words: Words, at: int) -> Iterator[tuple[int, str]]:
        begin = words.spans[at][0] if at < len(words.spans) else 0
        if words.plain[begin - 1 : begin] == "+" and begin:
            code = next((code for code in _COUNTRY_CODES if words.folded[at].startswith(code)), None)
            if code is not None:
                yield at + 1, words.folded[at].removeprefix(code)

    def jsgf(self, rules: Rules) -> str:
        return ""


def _typed(word: str) -> str | None:
    figures = word.replace(".", "")
    return figures if figures.isascii() and figures.isdecimal() else None


PHONE: Form[str] = seq(
    many(
        seq(
            _BETWEEN,
            either(
                _International(),
                repeated(either(FIGURE, unspoken(phrases({}, {"o": "0"})))),
                HUNDREDS,
                unspoken(either(THOUSANDS, TWO_FIGURES)),
                Figures(_typed),
            ),
            make=lambda _, figures: figures,
        ),
        _MOST_GROUPS,
    ),
    make="".join,
)
"""Figures in any number: whether they are enough is for `whole_number`."""


def whole_number(figures: str, length: int) -> str | None:
    """The number if it has `length` figures, with or without the country code before them."""
    if length == 10 and figures.startswith(COUNTRY_CODE):  # no area code begins with it
        figures = figures[1:]
    return figures if len(figures) == length else None
