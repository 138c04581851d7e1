"""Figures one by one in English, as codes and phone numbers are made of them: `oh`, `double four`, `nineteen`, `two hundred`."""

from __future__ import annotations

from reasoner.understand.forms import Form, maybe, rule, seq
from reasoner.understand.numbers_en import CARDINALS, ONES, ZEROS
from reasoner.understand.phrases import Figures, phrases, said

FIGURE: Form[str] = rule(
    "figure", phrases({w: str(n) for w, n in {**ZEROS, **ONES}.items()}, {"nought": "0", "null": "0"})
)
TIMES: Form[int] = maybe(phrases({"double": 2, "triple": 3}, {"treble": 3, "quadruple": 4}), 1)
"""How often what follows is meant."""
TWO_FIGURES: Form[str] = phrases({words: str(n) for words, n in CARDINALS.items() if n >= 10})
HUNDREDS: Form[str] = seq(phrases(dict(ONES)), said("hundred"), make=lambda n, _: f"{n}00")
THOUSANDS: Form[str] = seq(phrases(dict(ONES)), said("thousand"), make=lambda n, _: f"{n}000")


AND_FEW: Form[str] = seq(
    phrases(dict(ONES)),
    phrases({"thousand": 3, "hundred": 2}),
    said("and"),
    phrases(dict(CARDINALS)),
    make=lambda n, zeros, _, few: f"{n}{few:0{zeros}d}",
)
"""`two thousand and five` is 2005, figure by figure."""
ONE_TYPED: Form[str] = Figures(
    lambda word: word if len(word) == 1 and word.isascii() and word.isdecimal() else None
)


def repeated(one: Form[str]) -> Form[str]:
    """`double four`"""
    return seq(TIMES, one, make=lambda times, figure: figure * times)
