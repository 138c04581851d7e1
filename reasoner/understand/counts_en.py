"""How English says how many there are of what a slot counts: people, nights, tickets."""

from __future__ import annotations

from flows.slot import Slot, SlotType
from reasoner.understand.amounts_en import ABOUT, NUMBER, VAGUE, Number
from reasoner.understand.figures_en import FIGURE, ONE_TYPED
from reasoner.understand.forms import Form, either, many, maybe, seq, unspoken
from reasoner.understand.phrases import phrases, said
from reasoner.understand.units_en import BEFORE_PEOPLE, LENGTHS, PEOPLE_UNITS, UNIT_WORDS, NotOf, counted

_NIGHTS = frozenset({"nights", "days"})
_SPANS = frozenset({"day", "night", "hour", "week", "month", "minute", "year"})
_OLD = said(readable=("adults", "adult", "people", "persons", "men", "women", "man", "woman", "seniors", "friends", "colleagues", "grown ups", "of us"))  # fmt: skip
_YOUNG = said(readable=("children", "child", "kids", "kid", "infants", "infant", "babies", "baby", "teenagers", "toddlers", "toddler", "teens"))  # fmt: skip
_WITH_ME = said(
    readable=("me and", "myself and", "myself plus", "me plus", "i and", "me with", "myself with")
)
_MATES = said(readable=("friends", "others", "other people", "more", "more people", "colleagues", "coworkers", "kids", "children", "guests", "family members", "other", "other person", "friend", "child", "people"))  # fmt: skip
_COUPLE = said(readable=("my wife and i", "my husband and i", "me and my wife", "me and my husband", "my partner and i", "me and my partner", "my girlfriend and i", "my boyfriend and i", "my wife and me", "my husband and me", "me my wife", "my wife", "my husband", "us"))  # fmt: skip
PARTY: Form[Number] = either(
    seq(NUMBER, _OLD, maybe(said("and", "plus", "with")), NUMBER, _YOUNG, make=lambda old, _, __, young, ___: old + young),
    seq(_WITH_ME, NUMBER, _MATES, make=lambda _, mates, __: mates + 1),
    seq(_COUPLE, said("and", "plus", "with"), either(NUMBER, phrases({}, {"our": 1, "a": 1})), _YOUNG, make=lambda _, __, young, ___: young + 2),
    phrases({}, {"my wife and i": 2, "my husband and i": 2, "my partner and i": 2, "me and my partner": 2, "me and a friend": 2, "a friend and i": 2, "a friend and me": 2, "me and my friend": 2, "my girlfriend and i": 2, "my boyfriend and i": 2, "me and my girlfriend": 2, "me and my boyfriend": 2, "a couple": 2, "all by myself": 1, "solo": 1, "on my own": 1, "i'm alone": 1, "me alone": 1, "only myself": 1, "just me": 1, "i'm by myself": 1, "myself only": 1, "myself": 1, "just myself": 1, "only me": 1}),
)  # fmt: skip
"""People who are counted up: `two adults and a child`, `me and three friends`."""


_WEEKEND: Form[Number] = phrases({}, {"the weekend": 2, "a weekend": 2, "just the weekend": 2, "the whole weekend": 2, "a long weekend": 3})  # fmt: skip
_EXACTLY = maybe(said("about", "around", "exactly"))
_LONG = 100
_FIGURE_BY_FIGURE: Form[Number] = seq(
    many(either(FIGURE, ONE_TYPED), 9),
    make=lambda figures: int("".join(figures)) if len(figures) > 2 and figures[0] != "0" else None,
)
"""`six five four three two`: as a meter is read out."""


def number_of(slot: Slot) -> Form[Number]:
    """A number, with or without what it counts."""
    units = counted(slot)
    unit = maybe(said(*units[:3], readable=units[3:])) if units else maybe(unspoken(said("or so")))
    counted_ = seq(
        ABOUT, NUMBER, maybe(unspoken(said("more", "other", "total"))), unit, make=lambda _, n, __, ___: n
    )
    if PEOPLE_UNITS & set(units):
        counted_ = either(counted_, unspoken(seq(ABOUT, PARTY, make=lambda _, n: n)))
    if _NIGHTS & set(units):
        weeks = {
            "a week": 7,
            "one week": 7,
            "two weeks": 14,
            "a fortnight": 14,
            "three weeks": 21,
            "1 week": 7,
            "2 weeks": 14,
        }
        counted_ = either(
            counted_, unspoken(seq(maybe(said("for")), phrases({}, weeks), make=lambda _, n: n))
        )
    if _NIGHTS & set(units):
        counted_ = either(counted_, unspoken(seq(maybe(said("for", "over")), _WEEKEND, make=lambda _, n: n)))
    if _SPANS & set(units):
        single = phrases({}, {f"{a} {unit}": 1 for unit in units for a in ("a", "an", "just a", "only a")})
        counted_ = either(counted_, unspoken(single))
    if slot.max is None or slot.max >= _LONG:
        counted_ = either(counted_, unspoken(seq(_EXACTLY, _FIGURE_BY_FIGURE, unit, make=lambda _, n, __: n)))
    told = NotOf(counted_, (LENGTHS | UNIT_WORDS).difference(units), counted_.starts)
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
    some_to_more = seq(ABOUT, NUMBER, said(readable=("to", "till")), NUMBER, unit, make=lambda _, n, *__: n)
    counted_ = either(seq(ABOUT, NUMBER, unit, make=lambda _, n, __: n), unspoken(some_to_more))
    if slot.type is not SlotType.NUMBER or not PEOPLE_UNITS & set(units):
        return counted_
    counted_ = either(counted_, unspoken(PARTY))
    led = said("for", "party of", "a table for", readable=BEFORE_PEOPLE)
    alone = phrases({}, {"just me": 1, "only me": 1, "by myself": 1, "just myself": 1, "me and my wife": 2, "me and my husband": 2, "my wife and i": 2, "my husband and i": 2, "the two of us": 2, "the three of us": 3, "both of us": 2})  # fmt: skip
    return either(
        counted_,
        seq(led, either(NUMBER, unspoken(phrases(VAGUE)), unspoken(PARTY)), make=lambda _, n: n),
        unspoken(alone),
    )
