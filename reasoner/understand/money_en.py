"""How sums of money are said in English, in words and figures, and what a slot for an amount can take."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flows.slot import Slot, SlotType
from reasoner.types import Value
from reasoner.understand.amounts_en import (
    ABOUT,
    BELOW_100,
    NUMBER,
    SCALE,
    WITH_FRACTION,
    Number,
    of_figures,
    plain_number,
)
from reasoner.understand.forms import Form, either, maybe, rule, seq, unspoken
from reasoner.understand.numbers_en import CARDINALS
from reasoner.understand.phrases import Figures, phrases, said
from reasoner.understand.units_en import LENGTHS, NotOf, counted

_CURRENCY_FIGURES = re.compile(r"[$€£]\s?([\d,.]+)")
_MAIN = ("dollars", "dollar", "euros", "euro", "pounds", "pound")
_MAIN_READ = ("bucks", "buck", "usd", "eur", "gbp", "quid", "pounds sterling", "us dollars", "francs", "franc", "rupees", "yen", "pesos", "dollars and", "euros and")  # fmt: skip
_SMALL = said("cents", "cent", readable=("pence", "penny", "pennies", "p"))
_CENTS: Form[int] = seq(either(BELOW_100, Figures(lambda w: int(w) if w.isascii() and w.isdecimal() and len(w) <= 2 else None)), make=lambda n: n)  # fmt: skip


def _of_currency(word: str) -> Number | None:
    found = _CURRENCY_FIGURES.fullmatch(word)
    return of_figures(found[1]) if found else None


_COINS = phrases({}, {"a quarter": 0.25, "a dime": 0.1, "a nickel": 0.05, "a penny": 0.01})


@dataclass(frozen=True, slots=True)
class TwoParts:
    """`two fifty`: two and a half, or two hundred and fifty; `nineteen ninety nine`."""

    main: int
    rest: int


_TWO_FIFTY: Form[TwoParts] = seq(
    phrases(dict(CARDINALS.items())),
    phrases({words: n for words, n in CARDINALS.items() if n >= 10}),
    make=TwoParts,
)
_SUM: Form[Number] = either(NUMBER, unspoken(WITH_FRACTION), phrases({}, {"a": 1}))

MONEY_TOLD: Form[Number] = either(
    seq(
        _SUM,
        said(*_MAIN, readable=_MAIN_READ),
        maybe(said("and")),
        maybe(seq(_CENTS, maybe(_SMALL), make=lambda n, _: n), 0),
        make=lambda main, _, __, cents: plain_number(main + cents / 100),
    ),
    seq(_SUM, said(*_MAIN, readable=_MAIN_READ), make=lambda main, _: main),
    seq(_CENTS, _SMALL, make=lambda cents, _: plain_number(cents / 100)),
    unspoken(seq(Figures(_of_currency), maybe(SCALE, 1), make=lambda n, scale: plain_number(n * scale))),
)
"""A sum that says itself that it is one: `twenty dollars`, `$1,250.50`, `fifty cents`."""

MONEY: Form[Number | TwoParts] = rule("money", either(MONEY_TOLD, NUMBER, _TWO_FIFTY, unspoken(_COINS)))
"""Also a bare number; `two fifty` is two and a half."""


def money_of(slot: Slot) -> Form[Number | TwoParts]:
    units = tuple(unit for unit in counted(slot) if unit not in _MAIN)
    own = maybe(said(*units)) if units else maybe(unspoken(said("or so", "in total", "total", "altogether")))
    told = seq(ABOUT, MONEY, own, make=lambda _, n, __: n)
    return NotOf(told, LENGTHS, told.starts)


def bounded(slot: Slot, told: object) -> Value | None:
    """A number as the slot can have it, None where it has to be whole and is not; an address as it is.

    What is too little or too much is given as it was said: whether it fits is asked elsewhere, and a caller wants to
    be told. `two fifty` is 2.50, and 250 where the slot says that 2.50 is too little.
    """
    if isinstance(told, TwoParts):
        pounds, hundreds = plain_number(told.main + told.rest / 100), told.main * 100 + told.rest
        too_little = slot.min is not None and pounds < slot.min <= hundreds
        return hundreds if too_little and (slot.max is None or hundreds <= slot.max) else pounds
    if slot.type is SlotType.NUMBER and slot.whole and isinstance(told, int | float) and told != int(told):
        return None
    return told if isinstance(told, int | float | str) else None
