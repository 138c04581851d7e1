"""How a phone number is said in American English."""

from __future__ import annotations

from reasoner.understand.forms import Figures, Form, either, many, maybe, phrases, rule, said, seq, unspoken
from reasoner.understand.numbers_en import CARDINALS, ONES, ZEROS

COUNTRY_CODE = "1"

_MOST_GROUPS = 24  # a number that is said twice over in single figures

_TWO_FIGURES = {words: str(n) for words, n in CARDINALS.items() if n >= 10}

_FIGURE: Form[str] = rule("figure", phrases({w: str(n) for w, n in {**ZEROS, **ONES}.items()}, {"o": "0"}))
_TIMES: Form[int] = phrases({"double": 2, "triple": 3})
_BETWEEN = maybe(unspoken(said("and then", "then", "and", "area code", "dash", "extension")))

PHONE: Form[str] = seq(
    many(
        seq(
            _BETWEEN,
            either(
                seq(maybe(_TIMES, 1), _FIGURE, make=lambda times, figure: figure * times),
                seq(phrases(dict(ONES)), said("hundred"), make=lambda one, _: f"{one}00"),
                unspoken(phrases(_TWO_FIGURES)),
                Figures(lambda word: word if word.isdecimal() else None),
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
