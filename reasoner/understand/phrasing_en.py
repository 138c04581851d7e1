"""What stands around a value in English, whatever its type."""

from __future__ import annotations

from flows.slot import Slot
from reasoner.understand import carriers_en as carriers
from reasoner.understand.forms import Form, as_, either, maybe, rule, seq, unspoken
from reasoner.understand.indifferent_en import indifferent_to
from reasoner.understand.language import INDIFFERENT
from reasoner.understand.phrases import said

ITS = rule("its", said(*carriers.ITS, readable=carriers.ITS_READ))
ITS_OF_TEXT = said(
    readable=(
        "it would be", "it will be", "it'll be", "that'd be", "it's for", "it's at", "it's in", "i'm at", "i'm in", "in", "at",
        "for", "let's go with", "it's called", "called", "named", "it's the", "on", "to", "from", "i live at", "i live in",
        "i live on", "i will be at", "it's from", "it's to", "i'll be at", "we're at", "we are at", "i'm staying at",
        "we're staying at", "i am staying at", "i think it's",
        "i was at", "i was in", "we were at", "we were in", "it was at", "it was in", "that was at", "that was in",
        "it happened at", "it happened in", "it was on", "it happened on",
    )
)  # fmt: skip
"""Before the name of a thing that was asked for."""
WISH_FOR_TEXT = said(
    readable=(
        "i'd like", "i would like", "i want", "i need", "i'm looking for", "i'll take", "i'll have", "i will take",
        "i'd like to have", "i'd like to order", "i want to order", "i'm calling about", "we need", "we want",
    )
)  # fmt: skip
"""The same, where a thing can be wished for."""
DETERMINERS = unspoken(said("a", "an", "the", "some", "any", "my", "those", "these", "a bad", "a really bad"))
ARTICLE = maybe(either(said("a", "an"), DETERMINERS))
UNSPOKEN_ARTICLE = maybe(DETERMINERS)
AND = maybe(said("and", readable=("and also", "also", "plus", "or")))


def carry(carrier: Form[str], value: Form[object]) -> Form[object]:
    return seq(carrier, maybe(unspoken(ITS)), value, make=lambda _, __, value: value)


def answer_with(carrier: Form[str], value: Form[object]) -> Form[object]:
    """Bare, with a carrier phrase, or with words that would do for any slot."""
    return seq(maybe(either(carrier, ITS)), maybe(unspoken(ITS)), value, make=lambda _, __, value: value)


def minded_of(slot: Slot) -> Form[object] | None:
    """`any area will do`: said of this slot, though it was not asked for. None where it counts for nothing."""
    if not slot.no_preference:
        return None
    names = carriers.also_called(slot)
    return as_(lambda _: INDIFFERENT, unspoken(indifferent_to(names)))


def called(slot: Slot, *also: str) -> Form[str]:
    return said(*dict.fromkeys((*carriers.names_of(slot), *also)))


def against(slot: Slot, value: Form[object], *also: str) -> Form[object]:
    """What is denied. `also`: more ways to do so."""
    return denied(tuple(dict.fromkeys((*carriers.topic_of(slot).against, *carriers.NOT, *also))), value)


def denied(ways: tuple[str, ...], value: Form[object]) -> Form[object]:
    """`I don't need`, `no, I don't need`."""
    begun_by_no = (f"no {way}" for way in ways if way.startswith(_SUBJECTS))
    return seq(unspoken(said(*ways, *begun_by_no)), value, make=lambda _, value: value)


_SUBJECTS = ("i ", "we ", "i'm ", "don't ")
_NO = said(readable=("no", "and no", "but no", "or no", "also no", "with no", "no no"))
_BUT = said(readable=("but", "just", "only", "but just", "but only"))


def lacking(values: Form[object]) -> Form[object]:
    """`no child seat`: said to the question. Read back, `no` may put right what was heard; see `lacking_but`."""
    return unspoken(seq(_NO, values, make=lambda _, value: value))


def lacking_but(values: Form[object]) -> Form[object]:
    """`no child seat but`, something else: that can be nothing but a no to the first."""
    return seq(lacking(values), _BUT, make=lambda value, _: value)
