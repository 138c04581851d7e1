"""Whether what a model claims is in what the caller said.

A quote has to occur in the utterance, give or take a word. What has an exact form on top of that (a date, a number,
a code) has to follow from the quoted words by the parsers' rules or by the figures in them: a model may find a number,
but not make one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import Enum

from flows.schema import Flow
from flows.slot import Slot, SlotType
from reasoner.ports import Understander
from reasoner.state import GoalState
from reasoner.types import Pending, Reading, SlotName, Utterance, Value, Waiting
from reasoner.understand.words import words_of

EXACT = frozenset(
    {
        SlotType.NUMBER,
        SlotType.MONEY,
        SlotType.DATE,
        SlotType.TIME,
        SlotType.PHONE,
        SlotType.EMAIL,
        SlotType.DIGITS,
        SlotType.ID,
    }
)
"""Types whose values follow from the words or do not."""

_OCCURS = 0.75  # share of the quoted words that the caller said
_PERHAPS = 0.5
_FIGURES = re.compile(r"\d[\d,]*(?:\.\d+)?")
_NOT_ALNUM = re.compile(r"[\W_]+")


class Ground(Enum):
    """How well a claim stands in what was said."""

    FIRM = 1
    LOOSE = 2  # some of the words are not the caller's
    NONE = 3


@dataclass(frozen=True, slots=True)
class Grounds:
    """What the caller said, as words: of each reading in one tuple."""

    readings: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, utterance: Utterance) -> Grounds:
        return cls(tuple(words_of(reading.text).folded for reading in utterance.readings))

    def share(self, quote: str) -> float:
        """The largest share of the quoted words that are in one reading; 0 where nothing is quoted."""
        quoted = words_of(quote).folded
        if not quoted:
            return 0.0
        if any(_runs_together("".join(quoted), said) for said in self.readings):
            return 1.0
        return max(
            (sum(word in said for word in quoted) / len(quoted) for said in self.readings), default=0.0
        )

    def of_quote(self, quote: str) -> Ground:
        share = self.share(quote)
        if share >= _OCCURS:
            return Ground.FIRM
        return Ground.LOOSE if share >= _PERHAPS else Ground.NONE

    def has(self, quote: str) -> bool:
        return self.of_quote(quote) is Ground.FIRM

    def has_letters(self, letters: str) -> bool:
        """Whether these letters were spelled: said one by one, or as the first ones of words in a row."""
        wanted = _NOT_ALNUM.sub("", letters).casefold()
        return bool(wanted) and any(
            wanted in "".join(word for word in said if len(word) == 1)
            or wanted in "".join(word[0] for word in said)
            for said in self.readings
        )


async def follows(
    parsers: Understander, flow: Flow, state: GoalState, name: SlotName, value: Value, utterance: Utterance
) -> bool:
    """Whether a value of an exact type follows from words.

    Args:
        parsers: read the words as if they answered the question for the slot.
        utterance: the quoted words alone, as one reading.
    """
    slot = flow.slots[name]
    asked = replace(state, pending=Pending(Waiting.ANSWER, (name,)))
    read = await parsers.understand(flow, asked, utterance)
    for heard in read.values:
        if heard.slot == name:
            return heard.value == value
    return in_figures(slot, value, utterance.text)


def quoted(quote: str, utterance: Utterance) -> Utterance:
    """The quote as if the caller had said no more."""
    return replace(utterance, readings=(Reading(quote, 1.0, expected=True),))


def in_figures(slot: Slot, value: Value, quote: str) -> bool:
    """Whether the quote has the value in figures or characters, as what is typed does."""
    if isinstance(value, int | float):
        return any(_as_number(found) == value for found in _FIGURES.findall(quote))
    if not isinstance(value, str):
        return False
    match slot.type:
        case SlotType.PHONE | SlotType.DIGITS:
            return re.sub(r"\D", "", quote) == value
        case SlotType.ID:
            return value.casefold() in _NOT_ALNUM.sub("", quote).casefold()
        case SlotType.EMAIL:
            return value in quote.casefold().split()
        case SlotType.DATE | SlotType.TIME:
            return value in quote.split()
        case _:
            return False


def names_said(value: str, grounds: Grounds) -> bool:
    """Whether each part of a name was said or spelled."""
    return all(grounds.share(part) == 1.0 or grounds.has_letters(part) for part in value.split())


def _runs_together(wanted: str, said: tuple[str, ...]) -> bool:
    """Whether words in a row make these letters, wherever the gaps between them are: `kowal ski`."""
    for begin in range(len(said)):
        joined = ""
        for word in said[begin:]:
            joined += word
            if len(joined) >= len(wanted):
                break
        if joined == wanted:
            return True
    return False


def _as_number(figures: str) -> float:
    return float(figures.replace(",", ""))
