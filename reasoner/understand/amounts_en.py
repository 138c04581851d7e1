"""How numbers and sums of money are said in English, in words and figures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from flows.slot import Slot, SlotType
from reasoner.types import Value
from reasoner.understand.forms import Figures, Form, either, many, maybe, phrases, rule, said, seq, unspoken
from reasoner.understand.numbers_en import CARDINALS, ONES, TEENS, ZEROS
from reasoner.understand.words import words_of

Number = int | float

_AND = maybe(said("and"))
_A_HUNDRED = phrases({"a hundred": 100, "one hundred": 100})
_FIGURES = re.compile(r"\d{1,15}|\d{1,3}(?:,\d{3}){1,5}(?:\.\d{1,2})?|\d{1,15}\.\d{1,2}")
_CURRENCY_FIGURES = re.compile(r"[$€£]\s?([\d,.]+)")
_HUNDRED_COUNTS = {**ONES, **TEENS, **{words: n for words, n in CARDINALS.items() if 20 < n < 100 and n % 10}}


def _of_figures(word: str) -> Number | None:
    return plain_number(float(word.replace(",", ""))) if _FIGURES.fullmatch(word) else None


def _of_currency(word: str) -> Number | None:
    found = _CURRENCY_FIGURES.fullmatch(word)
    return _of_figures(found[1]) if found else None


def plain_number(number: float) -> Number:
    """A whole number without its decimal point; cents without what doubles add to them."""
    rounded = round(float(number), 6)
    return int(rounded) if rounded.is_integer() else rounded


_BELOW_100: Form[int] = rule("below_hundred", phrases(CARDINALS))
_HUNDREDS: Form[int] = either(
    _A_HUNDRED,
    seq(phrases(_HUNDRED_COUNTS), said("hundred"), make=lambda n, _: n * 100),
    seq(said("hundred"), make=lambda _: 100),
)
_BELOW_1000: Form[int] = rule(
    "below_thousand",
    either(seq(_HUNDREDS, _AND, maybe(_BELOW_100, 0), make=lambda h, _, rest: h + rest), _BELOW_100),
)
_SCALE: Form[int] = phrases(
    {"thousand": 1000, "million": 1_000_000}, {"k": 1000, "grand": 1000, "billion": 10**9, "m": 10**6}
)
_ONE_GROUP: Form[Number] = either(_BELOW_1000, Figures(_of_figures))
_SCALED: Form[Number] = seq(
    either(_ONE_GROUP, unspoken(phrases({"a": 1}))), _SCALE, make=lambda n, scale: plain_number(n * scale)
)
_WHOLE: Form[Number] = either(
    seq(
        many(_SCALED, 3),
        _AND,
        maybe(_ONE_GROUP, 0),
        make=lambda scaled, _, rest: sum(scaled) + rest,
    ),
    _ONE_GROUP,
    phrases({"zero": 0}, {"nil": 0, "nought": 0}),
)
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
_WITH_FRACTION: Form[Number] = either(
    seq(_WHOLE, said("and"), phrases(_FRACTIONS), make=lambda n, _, part: plain_number(n + part)),
    seq(maybe(said("a")), said("half"), make=lambda *_: 0.5),
    phrases({"one and a half": 1.5}, {"a quarter": 0.25}),
)
_VAGUE = {
    "a couple": 2, "a couple of": 2, "a pair": 2, "a pair of": 2, "a dozen": 12, "half a dozen": 6,
    "two dozen": 24,
    "a single": 1, "just one": 1, "just me": 1, "only me": 1, "only one": 1, "myself": 1, "just myself": 1,
    "once": 1, "twice": 2, "both": 2,
}  # fmt: skip
_ABOUT = maybe(
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
        unspoken(_WITH_FRACTION),
        unspoken(phrases(_VAGUE)),
        unspoken(seq(said("minus", "negative"), either(_POINT, _WHOLE), make=lambda _, n: -n)),
    ),
)
"""A number in words or figures: `twenty one`, `a couple`, `3.5`, `minus four`."""

_PEOPLE = ("people", "persons", "guests", "person", "adults", "of us", "diners", "pax", "folks", "guest", "adult", "ppl", "peoples", "seats", "place settings", "individuals", "passengers", "tickets", "travelers", "travellers")  # fmt: skip
_UNITS: Mapping[str, tuple[str, ...]] = {
    "people": _PEOPLE,
    "persons": _PEOPLE,
    "guests": _PEOPLE,
    "nights": ("night", "nights", "days", "day"),
    "days": ("day", "days", "nights", "night"),
    "tickets": ("ticket", "tickets", *_PEOPLE),
    "percent": ("percent", "per cent"),
    "minutes": ("minute", "minutes", "mins", "min"),
    "hours": ("hour", "hours", "hrs", "hr"),
    "miles": ("mile", "miles"),
    "kilometers": ("kilometer", "kilometers", "kilometre", "kilometres", "km", "kms"),
    "kilograms": ("kilogram", "kilograms", "kilo", "kilos", "kg", "kgs"),
    "pounds": ("pound", "pounds", "lb", "lbs"),
    "degrees": ("degree", "degrees"),
}
_BEFORE_PEOPLE = ("for", "party of", "a party of", "table for", "a table for", "group of", "a group of", "seats for", "a reservation for", "a booking for", "reservation for", "there are", "there will be", "there's", "we are", "we're", "there'll be", "family of", "a family of", "it's for", "for a party of", "for a group of", "with")  # fmt: skip
_PEOPLE_UNITS = frozenset(
    {"people", "persons", "guests", "adults", "passengers", "diners", "travelers", "travellers"}
)


def counted(slot: Slot) -> tuple[str, ...]:
    """The words for what a number counts, in singular and plural."""
    unit = " ".join(words_of(slot.unit).folded) or _unit_in(slot)
    if not unit:
        return ()
    known = _UNITS.get(unit) or _UNITS.get(f"{unit}s") or ()
    one = unit[:-1] if unit.endswith("s") else unit
    return tuple(dict.fromkeys((unit, one, f"{one}s", *known)))


def _unit_in(slot: Slot) -> str:
    """What a number counts, where its label tells: `number of people`, `party size`, `nights`."""
    if slot.type is not SlotType.NUMBER:
        return ""
    for word in words_of(slot.label).folded:
        if unit := _IN_LABELS.get(word) or next((unit for unit in _UNITS if word in (unit, unit[:-1])), ""):
            return unit
    return ""


_IN_LABELS = {
    "party": "people",
    "group": "people",
    "guest": "people",
    "seats": "people",
    "stay": "nights",
    "people": "people",
}


def number_of(slot: Slot) -> Form[Number]:
    """A number, with or without what it counts."""
    units = counted(slot)
    unit = maybe(said(*units[:3], readable=units[3:])) if units else maybe(unspoken(said("or so")))
    told = seq(
        _ABOUT, NUMBER, maybe(unspoken(said("more", "other", "total"))), unit, make=lambda _, n, __, ___: n
    )
    if slot.min is not None and slot.min > 0:
        return told
    nothing = ("none", "no one", "nobody", "none at all", "not any", *(f"no {unit}" for unit in units))
    return either(told, unspoken(phrases({}, dict.fromkeys(nothing, 0))))


def number_with_unit(slot: Slot) -> Form[Number] | None:
    """A number that says itself what it is of: `for four`, `four people`, `three nights`. None without a unit."""
    units = counted(slot)
    if not units:
        return None
    unit = said(*units[:3], readable=units[3:])
    counted_ = seq(_ABOUT, NUMBER, unit, make=lambda _, n, __: n)
    if slot.type is not SlotType.NUMBER or not _PEOPLE_UNITS & set(units):
        return counted_
    led = said("for", "party of", "a table for", readable=_BEFORE_PEOPLE)
    alone = phrases({}, {"just me": 1, "only me": 1, "by myself": 1, "just myself": 1, "me and my wife": 2, "me and my husband": 2, "my wife and i": 2, "my husband and i": 2, "the two of us": 2, "the three of us": 3, "both of us": 2})  # fmt: skip
    return either(
        counted_, seq(led, either(NUMBER, unspoken(phrases(_VAGUE))), make=lambda _, n: n), unspoken(alone)
    )


# --- money ---------------------------------------------------------------------------------------------------

_MAIN = ("dollars", "dollar", "euros", "euro", "pounds", "pound")
_MAIN_READ = ("bucks", "buck", "usd", "eur", "gbp", "quid", "pounds sterling", "us dollars", "francs", "franc", "rupees", "yen", "pesos", "dollars and", "euros and")  # fmt: skip
_SMALL = said("cents", "cent", readable=("pence", "penny", "pennies", "p"))
_CENTS: Form[int] = seq(either(_BELOW_100, Figures(lambda w: int(w) if w.isascii() and w.isdecimal() and len(w) <= 2 else None)), make=lambda n: n)  # fmt: skip
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
_SUM: Form[Number] = either(NUMBER, unspoken(_WITH_FRACTION), phrases({}, {"a": 1}))

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
    unspoken(seq(Figures(_of_currency), maybe(_SCALE, 1), make=lambda n, scale: plain_number(n * scale))),
)
"""A sum that says itself that it is one: `twenty dollars`, `$1,250.50`, `fifty cents`."""

MONEY: Form[Number | TwoParts] = rule("money", either(MONEY_TOLD, NUMBER, _TWO_FIFTY, unspoken(_COINS)))
"""Also a bare number; `two fifty` is two and a half."""


def money_of(slot: Slot) -> Form[Number | TwoParts]:
    units = tuple(unit for unit in counted(slot) if unit not in _MAIN)
    own = maybe(said(*units)) if units else maybe(unspoken(said("or so", "in total", "total", "altogether")))
    return seq(_ABOUT, MONEY, own, make=lambda _, n, __: n)


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
