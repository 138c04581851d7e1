"""How numbers are said in English, in words and figures."""

from __future__ import annotations

import itertools
import re

from reasoner.understand.amounts import Number
from reasoner.understand.forms import Form, either, many, maybe, rule, seq, unspoken
from reasoner.understand.numbers_en import CARDINALS, ONES, TEENS, ZEROS
from reasoner.understand.phrases import Figures, phrases, said
from reasoner.understand.units_en import NotOf

_AND = maybe(said("and"))
_A_HUNDRED = phrases({"a hundred": 100, "one hundred": 100})
_FIGURES = re.compile(r"\d{1,15}|\d{1,3}(?:,\d{3}){1,5}(?:\.\d{1,2})?|\d{1,15}\.\d{1,2}")
_HUNDRED_COUNTS = {**ONES, **TEENS, **{words: n for words, n in CARDINALS.items() if 20 < n < 100 and n % 10}}


def of_figures(word: str) -> Number | None:
    return plain_number(float(word.replace(",", ""))) if _FIGURES.fullmatch(word) else None


def plain_number(number: float) -> Number:
    """A whole number without its decimal point; cents without what doubles add to them."""
    rounded = round(float(number), 6)
    return int(rounded) if rounded.is_integer() else rounded


BELOW_100: Form[int] = rule("below_hundred", phrases(CARDINALS))
_HUNDREDS: Form[int] = either(
    _A_HUNDRED,
    seq(phrases(_HUNDRED_COUNTS), said("hundred"), make=lambda n, _: n * 100),
    seq(said("hundred"), make=lambda _: 100),
)
_BELOW_1000: Form[int] = rule(
    "below_thousand",
    either(seq(_HUNDREDS, _AND, maybe(BELOW_100, 0), make=lambda h, _, rest: h + rest), BELOW_100),
)
SCALE: Form[int] = phrases(
    {"thousand": 1000, "million": 1_000_000}, {"k": 1000, "grand": 1000, "billion": 10**9, "m": 10**6}
)
_ONE_GROUP: Form[Number] = either(_BELOW_1000, Figures(of_figures))
_SCALED: Form[Number] = seq(
    either(_ONE_GROUP, unspoken(phrases({"a": 1, "an even": 1, "a good": 1, "an": 1}))),
    SCALE,
    make=lambda n, scale: plain_number(n * scale),
)


def _put_together(scaled: tuple[Number, ...], rest: Number) -> Number | None:
    """The parts of a number go down: `a thousand eleven hundred` are two of them."""
    parts = (*scaled, rest)
    goes_down = all(one > other for one, other in itertools.pairwise(parts))
    return sum(parts) if goes_down and rest < _THOUSAND else None


_THOUSAND = 1000
_WHOLE_READ: Form[Number] = either(
    seq(
        many(_SCALED, 3), _AND, maybe(_ONE_GROUP, 0), make=lambda scaled, _, rest: _put_together(scaled, rest)
    ),
    _ONE_GROUP,
    phrases({"zero": 0}, {"nil": 0, "nought": 0}),
)
_WHOLE: Form[Number] = NotOf(_WHOLE_READ, frozenset({"hundred", "thousand"}), _WHOLE_READ.starts)
"""Not the `a thousand eleven` of `a thousand, eleven hundred`."""
_DECIMALS: Form[str] = seq(
    many(
        either(
            phrases({w: str(n) for w, n in {**ZEROS, **ONES}.items()}),
            phrases({w: str(n) for w, n in CARDINALS.items() if n > 9}),
            Figures(lambda word: word if word.isascii() and word.isdecimal() else None),
        ),
        4,
    ),
    make="".join,
)
_POINT: Form[Number] = seq(
    maybe(_WHOLE, 0),
    said("point"),
    _DECIMALS,
    make=lambda whole, _, rest: plain_number(float(f"{int(whole)}.{rest[:9]}")),
)
_FRACTIONS = {"a half": 0.5, "half": 0.5, "a quarter": 0.25, "three quarters": 0.75, "a third": 1 / 3}
WITH_FRACTION: Form[Number] = either(
    seq(_WHOLE, said("and"), phrases(_FRACTIONS), make=lambda n, _, part: plain_number(n + part)),
    seq(maybe(said("a")), said("half"), make=lambda *_: 0.5),
    phrases({"one and a half": 1.5}, {"a quarter": 0.25}),
)
AND_A_PART: Form[float] = seq(said("and"), phrases(_FRACTIONS), make=lambda _, part: part)
"""Behind what is counted: `a mile and a half`."""
_SCALED_PART: Form[Number] = either(
    seq(either(_POINT, WITH_FRACTION), SCALE, make=lambda n, scale: plain_number(n * scale)),
    seq(
        either(_ONE_GROUP, phrases({"a": 1})),
        SCALE,
        AND_A_PART,
        make=lambda n, scale, part: plain_number((n + part) * scale),
    ),
)
"""`three point five thousand`, `one and a half million`, `a million and a half`"""
VAGUE = {
    "a couple hundred": 200, "a couple of hundred": 200, "a couple thousand": 2000, "a couple of thousand": 2000,
    "a couple": 2, "a couple of": 2, "a pair": 2, "a pair of": 2, "a dozen": 12, "half a dozen": 6,
    "two dozen": 24,
    "a single": 1, "just one": 1, "only one": 1, "once": 1, "twice": 2, "both": 2,
}  # fmt: skip
ABOUT = maybe(
    unspoken(
        said(
            "about",
            "around",
            "roughly",
            "approximately",
            "maybe",
            "probably",
            "some",
            "exactly",
            "just",
            "only",
            "at least",
            "like",
            "nearly",
            "almost",
            "up to",
            "no more than",
            "not more than",
            "at most",
            "at the most",
            "no less than",
            "not less than",
            "more than",
            "less than",
            "over",
            "under",
            "a total of",
            "for",
        )
    )
)
NUMBER: Form[Number] = rule(
    "number",
    either(
        _WHOLE,
        _POINT,
        unspoken(_SCALED_PART),
        unspoken(NotOf(WITH_FRACTION, frozenset({"of", "past"}), WITH_FRACTION.starts)),
        unspoken(phrases(VAGUE)),
        unspoken(seq(said("minus", "negative"), either(_POINT, _WHOLE), make=lambda _, n: -n)),
    ),
)
"""A number in words or figures: `twenty one`, `a couple`, `3.5`, `minus four`."""
