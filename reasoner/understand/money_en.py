"""How sums of money are said in English, in words and figures, and what a slot for an amount can take."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flows.slot import Slot, SlotType
from reasoner.types import Value
from reasoner.understand.amounts import More, Number
from reasoner.understand.amounts_en import (
    ABOUT,
    AND_A_PART,
    BELOW_100,
    NUMBER,
    SCALE,
    WITH_FRACTION,
    of_figures,
    plain_number,
)
from reasoner.understand.clauses import ENDS_A_CLAUSE
from reasoner.understand.forms import Form, Rules, best, either, maybe, rule, seq, unspoken
from reasoner.understand.numbers_en import CARDINALS
from reasoner.understand.phrases import Figures, phrases, said
from reasoner.understand.settled_en import SETTLED
from reasoner.understand.units_en import LENGTHS, NotOf, counted
from reasoner.understand.words import Words

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


@dataclass(frozen=True, slots=True)
class _Close:
    """A second part without a name, right behind the first: `forty dollars, fifty to be safe` is none of fifty cents."""

    inner: Form[int]
    starts: frozenset[str]
    nullable: bool = False

    def read(self, words: Words, at: int) -> Iterator[tuple[int, int]]:
        if ENDS_A_CLAUSE.isdisjoint(words.between(at)):
            yield from (
                found for found in self.inner.read(words, at) if best(SETTLED, words, found[0]) is None
            )

    def jsgf(self, rules: Rules) -> str:
        return self.inner.jsgf(rules)


_REST: Form[int] = phrases({words: n for words, n in CARDINALS.items() if n >= 10})
_TWO_FIFTY: Form[TwoParts] = seq(
    phrases(dict(CARDINALS.items())),
    _Close(_REST, _REST.starts),
    make=TwoParts,
)
_SUM: Form[Number] = either(NUMBER, unspoken(WITH_FRACTION), phrases({}, {"a": 1}))

MONEY_TOLD: Form[Number] = either(
    seq(
        _SUM,
        said(*_MAIN, readable=_MAIN_READ),
        maybe(said("and")),
        maybe(either(seq(_CENTS, _SMALL, make=lambda n, _: n), _Close(_CENTS, _CENTS.starts)), 0),
        make=lambda main, _, __, cents: plain_number(main + cents / 100),
    ),
    seq(_SUM, said(*_MAIN, readable=_MAIN_READ), make=lambda main, _: main),
    unspoken(
        seq(
            _SUM,
            said(*_MAIN, readable=_MAIN_READ),
            AND_A_PART,
            make=lambda main, _, part: plain_number(main + part),
        )
    ),
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


def bounded(slot: Slot, told: object, beside: Sequence[object] = ()) -> Value | None:
    """A number as the slot can have it, None where it has to be whole and is not; an address as it is.

    What is too little or too much is given as it was said: whether it fits is asked elsewhere, and a caller wants to
    be told.

    Args:
        told: also `two fifty`, which is 2.50 or 250: what the slot can have, and what else was said, tells.
        beside: other values that were said of the slot, or are known for it.
    """
    numbers = [n for n in beside if isinstance(n, int | float) and not isinstance(n, bool) and n > 0]
    if isinstance(told, More):
        told = told.by
    if isinstance(told, TwoParts):
        return _of_two_parts(slot, told, numbers)
    if slot.type is SlotType.NUMBER and slot.whole and isinstance(told, int | float) and told != int(told):
        return None
    return told if isinstance(told, int | float | str) else None


def _of_two_parts(slot: Slot, told: TwoParts, beside: Sequence[Number]) -> Number:
    """The one of which the size is that of what was said before, or of what the slot can have."""
    pounds, hundreds = plain_number(told.main + told.rest / 100), told.main * 100 + told.rest
    if slot.max is not None and hundreds > slot.max:
        return pounds
    if slot.min is not None and pounds < slot.min <= hundreds:
        return hundreds
    if beside:
        size = float(beside[-1])
    elif slot.min is not None and slot.max is not None:
        size = math.sqrt(max(1.0, float(slot.min)) * float(slot.max))
    else:
        return pounds
    return min((pounds, hundreds), key=lambda n: abs(math.log(n / size)))


def alike(told: object, before: object) -> object:
    """`Five hundred, no, make it six`: a single figure put in place of one with hundreds, or thousands, behind it."""
    if not isinstance(told, int) or not isinstance(before, int) or not 0 < told < 10:
        return told
    size = 10 ** (len(str(before)) - 1)
    return told * size if size >= 100 and before % size == 0 else told
