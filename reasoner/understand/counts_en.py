"""How English says how many there are of what a slot counts: people, nights, tickets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flows.slot import Slot, SlotType
from reasoner.understand.amounts import More, Number
from reasoner.understand.amounts_en import ABOUT, AND_A_PART, NUMBER, VAGUE, plain_number
from reasoner.understand.figures_en import FIGURE, ONE_TYPED
from reasoner.understand.forms import ANY, Form, Rules, either, many, maybe, seq, unspoken
from reasoner.understand.numbers_en import CARDINALS
from reasoner.understand.phrases import phrases, said
from reasoner.understand.things_en import ENDS, SUBJECTS, TURNING
from reasoner.understand.things_en import VAGUE as VAGUE_WORDS
from reasoner.understand.units_en import BEFORE_PEOPLE, LENGTHS, PEOPLE_UNITS, UNIT_WORDS, NotOf, counted
from reasoner.understand.words import FIGURES, Words


@dataclass(frozen=True, slots=True)
class Thing:
    """A word for what is counted beside `units`: one that ends no clause, and counts nothing else."""

    units: frozenset[str]
    starts: frozenset[str] = frozenset({ANY})
    nullable: bool = False

    def read(self, words: Words, at: int) -> Iterator[tuple[int, str]]:
        if at < len(words):
            word = words.folded[at]
            is_thing = word.isalpha() and len(word) > 1 and word not in _NO_THINGS
            if word in self.units or is_thing:
                yield at + 1, word

    def jsgf(self, rules: Rules) -> str:
        return ""


_NO_THINGS = (
    ENDS
    | LENGTHS
    | UNIT_WORDS
    | TURNING
    | SUBJECTS
    | VAGUE_WORDS
    | {
        *CARDINALS,
        "hundred",
        "thousand",
        "million",
        "point",
        "grand",
        "of",
        "us",
        "half",
        "quarter",
        "past",
        "stars",
        "star",
        "nights",
        "night",
        "bedroom",
        "the",
        "dollars",
        "people",
    }
)
_NIGHTS = frozenset({"nights", "days"})
_SPANS = frozenset({"day", "night", "hour", "week", "month", "minute", "year"})
_OLD = said(readable=("adults", "adult", "people", "persons", "men", "women", "man", "woman", "seniors", "friends", "colleagues", "grown ups", "of us"))  # fmt: skip
_YOUNG = said(readable=("children", "child", "kids", "kid", "infants", "infant", "babies", "baby", "teenagers", "toddlers", "toddler", "teens"))  # fmt: skip
_WITH_ME = said(
    readable=("me and", "myself and", "myself plus", "me plus", "i and", "me with", "myself with")
)
_MATES = said(readable=("friends", "others", "other people", "more", "more people", "colleagues", "coworkers", "kids", "children", "guests", "family members", "other", "other person", "friend", "child", "people"))  # fmt: skip
_COUPLE = said(readable=("my wife and i", "my husband and i", "me and my wife", "me and my husband", "my partner and i", "me and my partner", "my girlfriend and i", "my boyfriend and i", "my wife and me", "my husband and me", "me my wife", "my wife", "my husband", "us"))  # fmt: skip
_WITH_CHILDREN: Form[Number] = either(
    seq(NUMBER, _OLD, maybe(said("and", "plus", "with")), NUMBER, _YOUNG, make=lambda old, _, __, young, ___: old + young),
    seq(_COUPLE, said("and", "plus", "with"), either(NUMBER, phrases({}, {"our": 1, "a": 1})), _YOUNG, make=lambda _, __, young, ___: young + 2),
)  # fmt: skip
_PAIRS: Form[Number] = either(
    seq(_WITH_ME, NUMBER, _MATES, make=lambda _, mates, __: mates + 1),
    phrases({}, {"my wife and i": 2, "my husband and i": 2, "my partner and i": 2, "me and my partner": 2, "me and a friend": 2, "a friend and i": 2, "a friend and me": 2, "me and my friend": 2, "my girlfriend and i": 2, "my boyfriend and i": 2, "me and my girlfriend": 2, "me and my boyfriend": 2, "a couple": 2, "all by myself": 1, "solo": 1, "on my own": 1, "i'm alone": 1, "me alone": 1, "only myself": 1, "just me": 1, "i'm by myself": 1, "myself only": 1, "myself": 1, "just myself": 1, "only me": 1, "me plus one": 2, "myself plus one": 2, "me and one other": 2, "me and someone else": 2}),
)  # fmt: skip
"""People who are counted up: `two adults and a child`, `me and three friends`."""
_KIN = "wife husband partner girlfriend boyfriend mom mum mother dad father son daughter brother sister friend boss colleague kid child baby uncle aunt cousin grandmother grandfather grandma grandpa neighbor neighbour roommate mate fiance fiancee spouse".split()
_PLURAL_KIN = ("kids", "children", "sons", "daughters", "friends", "brothers", "sisters", "colleagues", "coworkers", "cousins", "others", "people", "adults", "guests", "babies", "boys", "girls")  # fmt: skip
_ONESELF: Form[int] = phrases(
    {}, dict.fromkeys(("me", "myself", "i", "just me", "only me", "it's me", "it's just me"), 1)
)
_ONE_OF_KIN: Form[int] = phrases(
    {}, {f"{my}{one}": 1 for one in _KIN for my in ("my ", "our ", "a ", "the ", "one ")} | {"my parents": 2, "both my parents": 2}
)  # fmt: skip
_SOME_OF_KIN: Form[Number] = seq(
    maybe(said("my", "our", "the", "her", "his")), NUMBER, said(*_PLURAL_KIN), make=lambda _, n, __: n
)
_OF_US: Form[Number] = seq(maybe(said("it's", "there are", "there's")), maybe(said("the")), NUMBER, said("of us"), make=lambda _, __, n, ___: n)  # fmt: skip
_OTHERS: Form[Number] = either(_ONE_OF_KIN, _SOME_OF_KIN)
_FURTHER = seq(maybe(said("and", "plus", "with", "as well as")), _OTHERS, make=lambda _, n: n)
_TOGETHER: Form[Number] = either(
    seq(either(_ONESELF, _OF_US), many(_FURTHER, 6), make=lambda n, others: n + sum(others)),
    seq(
        maybe(said("just", "only")),
        _ONE_OF_KIN,
        maybe(many(_FURTHER, 6), ()),
        said("and", "plus"),
        _ONESELF,
        make=lambda _, n, others, __, me: n + sum(others) + me,
    ),
)
"""`Me, my husband and our two kids`, `the four of us plus my mom`"""
PARTY: Form[Number] = either(_WITH_CHILDREN, _PAIRS, _TOGETHER)


def _party_of(units: tuple[str, ...]) -> Form[Number]:
    """Where adults are counted, children are not."""
    return either(_PAIRS, _TOGETHER) if units[0] == _ADULTS else PARTY


_ADULTS = "adults"


_WEEKEND: Form[Number] = phrases({}, {"the weekend": 2, "a weekend": 2, "just the weekend": 2, "the whole weekend": 2, "a long weekend": 3})  # fmt: skip
_EXACTLY = maybe(said("about", "around", "exactly"))
_LONG = 100
_FIGURE_BY_FIGURE: Form[Number] = seq(
    many(either(FIGURE, ONE_TYPED), 9),
    make=lambda figures: int("".join(figures)) if len(figures) > 2 and figures[0] != "0" else None,
)
"""`six five four three two`: as a meter is read out."""


_SIGNED: Form[int] = phrases({}, {"more": 1, "extra": 1, "additional": 1, "fewer": -1, "less": -1})


def _more(unit: Form[Any]) -> Form[More]:
    """`Two more people`, `one less`, `another one`."""
    return either(
        seq(ABOUT, NUMBER, _SIGNED, unit, make=lambda _, n, sign, __: More(sign * n)),
        seq(
            said("another", "an extra", "an additional"),
            maybe(NUMBER, 1),
            unit,
            make=lambda _, n, __: More(n),
        ),
    )


def _and_a_half(units: tuple[str, ...]) -> Form[Number]:
    """`A mile and a half`"""
    one = either(NUMBER, phrases({}, {"a": 1, "an": 1}))
    return seq(ABOUT, one, said(*units), AND_A_PART, make=lambda _, n, __, part: plain_number(n + part))


def several(slot: Slot) -> Form[Number] | None:
    """`Three phones and two laptops`: different things that are counted together. None without a unit."""
    units = counted(slot)
    if not units or PEOPLE_UNITS & set(units):
        return None
    thing: Form[tuple[Number, str]] = seq(
        either(NUMBER, phrases({}, {"a": 1, "an": 1, "my": 1})),
        Thing(frozenset(units)),
        maybe(said("one", "ones", *units)),
        make=lambda n, word, _: (n, word),
    )
    joined = seq(said("and", "plus", "and also"), thing, make=lambda _, one: one)
    return unspoken(seq(ABOUT, thing, maybe(many(thing, 4), ()), joined, make=_together))


def _together(
    _: object, one: tuple[Number, str], more: tuple[tuple[Number, str], ...], last: tuple[Number, str]
) -> Number | None:
    things = (one, *more, last)
    distinct = len({word for _, word in things}) == len(things)
    return plain_number(sum(n for n, _ in things)) if distinct else None


def number_of(slot: Slot) -> Form[Number | More]:
    """A number, with or without what it counts."""
    units = counted(slot)
    unit = maybe(said(*units[:3], readable=units[3:])) if units else maybe(unspoken(said("or so")))
    counted_: Form[Any] = seq(
        ABOUT, NUMBER, maybe(unspoken(said("other", "total"))), unit, make=lambda _, n, __, ___: n
    )
    counted_ = either(counted_, unspoken(_more(unit)))
    if units:
        counted_ = either(counted_, unspoken(_and_a_half(units)))
    if PEOPLE_UNITS & set(units):
        counted_ = either(counted_, unspoken(seq(ABOUT, _party_of(units), make=lambda _, n: n)))
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


def number_with_unit(slot: Slot) -> Form[Number | More] | None:
    """A number that says itself what it is of: `for four`, `four people`, `three nights`. None without a unit."""
    units = counted(slot)
    if not units:
        return None
    unit = said(*units[:3], readable=units[3:])
    some_to_more = seq(ABOUT, NUMBER, said(readable=("to", "till")), NUMBER, unit, make=lambda _, n, *__: n)
    counted_: Form[Any] = either(
        seq(ABOUT, NUMBER, unit, make=lambda _, n, __: n), unspoken(some_to_more), unspoken(_more(unit))
    )
    if slot.type is not SlotType.NUMBER or not PEOPLE_UNITS & set(units):
        return counted_
    party = _party_of(units)
    counted_ = either(counted_, unspoken(party))
    led = said("for", "party of", "a table for", readable=BEFORE_PEOPLE)
    alone = phrases({}, {"just me": 1, "only me": 1, "by myself": 1, "just myself": 1, "me and my wife": 2, "me and my husband": 2, "my wife and i": 2, "my husband and i": 2, "the two of us": 2, "the three of us": 3, "both of us": 2})  # fmt: skip
    return either(
        counted_,
        seq(led, either(NUMBER, unspoken(phrases(VAGUE)), unspoken(party)), make=lambda _, n: n),
        unspoken(alone),
    )


_DETERMINERS = frozenset("a an the that this any either which same".split())
_ARTICLES = frozenset({"a", "an", "the"})
_FARTHEST_DETERMINER = 3


def stands_for_a_thing(words: Words, start: int, end: int) -> bool:
    """The `one` of `that one`, `a normal one`, which counts nothing."""
    if words.folded[start:end] != ("one",):
        return False
    for at in range(start - 1, max(-1, start - 1 - _FARTHEST_DETERMINER), -1):
        if words.folded[at] in _DETERMINERS:
            return at < start - 1 or words.folded[at] not in _ARTICLES  # `just the one` is a number
        if words.folded[at] in ENDS or words.folded[at] in CARDINALS:
            return False
    return False


def counts_a_thing(words: Words, at: int) -> bool:
    """Whether the word at this place may be what the number before it counts: `two suitcases`."""
    if words.keys[at - 1] != FIGURES and words.folded[at - 1] not in CARDINALS:
        return False  # what it counts was said
    return next(_ANY_THING.read(words, at), None) is not None


_ANY_THING = Thing(frozenset())
