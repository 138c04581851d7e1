"""How a phone number is said in American English."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reasoner.understand.forms import (
    Figures,
    Form,
    Rules,
    either,
    many,
    maybe,
    phrases,
    rule,
    said,
    seq,
    unspoken,
)
from reasoner.understand.numbers_en import CARDINALS, ONES, ZEROS
from reasoner.understand.words import FIGURES, Words

COUNTRY_CODE = "1"

_MOST_GROUPS = 24  # a number that is said twice over in single figures

_TWO_FIGURES = {words: str(n) for words, n in CARDINALS.items() if n >= 10}

_FIGURE: Form[str] = rule("figure", phrases({w: str(n) for w, n in {**ZEROS, **ONES}.items()}, {"o": "0"}))
_TIMES: Form[int] = phrases({"double": 2, "triple": 3})
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
                seq(maybe(_TIMES, 1), _FIGURE, make=lambda times, figure: figure * times),
                seq(phrases(dict(ONES)), said("hundred"), make=lambda one, _: f"{one}00"),
                unspoken(phrases(_TWO_FIGURES)),
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
