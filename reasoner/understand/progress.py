"""How far the words of a turn have come: whether the caller has said what was asked, or is in the middle of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from flows.slot import Slot, SlotType
from reasoner.ports import Progress
from reasoner.types import Answer, Intent, SlotName, Waiting
from reasoner.understand.dates import Ahead, DateParts, Within
from reasoner.understand.expectation import Expectation
from reasoner.understand.forms import best
from reasoner.understand.language import INDIFFERENT
from reasoner.understand.names import NameParts, Spelled
from reasoner.understand.pieces import Kind, Piece
from reasoner.understand.scan import scan
from reasoner.understand.words import Words

_LEAST_LETTERS = 3  # fewer are hardly ever a whole name
_MOST_CHARACTERS = 600  # a turn that is longer than this has no more to wait for


def judge_of(expected: Expectation) -> Callable[[str], Progress]:
    """A judge of the words so far. Pure, quick, and total."""

    def judge(text: str) -> Progress:
        words = expected.cut(text[-_MOST_CHARACTERS:])
        if not len(words):
            return Progress.OPEN
        return _progress(expected, words, scan(expected, words))

    return judge


def _progress(expected: Expectation, words: Words, pieces: Sequence[Piece]) -> Progress:
    last = pieces[-1]
    if last.kind is Kind.QUESTION:
        return Progress.OPEN
    if isinstance(last.value, Spelled) and len(last.value.letters) >= _LEAST_LETTERS:
        return Progress.SPELLING
    if last.kind is Kind.CARRIER or _is_begun(expected, last):
        return Progress.MIDDLE
    if last.kind is not Kind.COMMAND and words.folded[-1] in expected.language.hanging:
        return Progress.MIDDLE
    if last.kind is Kind.COMMAND:
        return Progress.OPEN if last.value is Intent.WAIT else Progress.COMPLETE
    if last.kind is Kind.ANSWER:
        return _after_answer(expected, words, last)
    if last.kind is Kind.UNREAD and _spells_on(expected, words):
        return Progress.MIDDLE
    if last.kind is Kind.VALUE and last.slot in _still_open(expected, pieces):
        return Progress.OPEN
    answered = [name for name in expected.pending.slots if _is_answered(expected, name, pieces)]
    if answered and last.kind is not Kind.UNREAD:
        return Progress.COMPLETE
    return Progress.OPEN


def _spells_on(expected: Expectation, words: Words) -> bool:
    """An address that has begun: it is one only when it has come to its end."""
    asked = expected.pending.slots if expected.pending.waiting is Waiting.ANSWER else ()
    return len(words) > 1 and any(expected.flow.slots[name].type is SlotType.EMAIL for name in asked)


def _is_begun(expected: Expectation, piece: Piece) -> bool:
    """The piece at the end is a value of which more must follow."""
    if piece.kind is not Kind.VALUE:
        return False
    slot, value = expected.flow.slots[piece.slot], piece.value
    amends = expected.pending.waiting is not Waiting.ANSWER and piece.slot in expected.pending.slots
    if value is INDIFFERENT:
        return False
    if isinstance(value, Spelled):
        return True
    if isinstance(value, DateParts):
        if value.year is None and value.day is not None:
            return expected.language.needs_year(slot) and not amends
        return value.month is not None and value.day is None
    if isinstance(value, NameParts):
        return slot.full and not value.last and not amends
    if slot.type in (SlotType.DIGITS, SlotType.ID):
        return len(value) < slot.lengths[0]
    return slot.type is SlotType.PHONE and _is_short(expected, piece)


def _is_short(expected: Expectation, piece: Piece) -> bool:
    length = expected.flow.slots[piece.slot].digits
    return expected.language.whole_number(piece.value, length) is None and len(piece.value) <= length


def _after_answer(expected: Expectation, words: Words, piece: Piece) -> Progress:
    """A yes is all there is to say; after a no the right value often follows."""
    pending = expected.pending
    wants_clear = any(
        expected.flow.slots[n].must_be_yes or expected.flow.slots[n].clear_yes for n in pending.slots
    )
    casual = best(expected.language.casual, words, piece.start) if wants_clear else None
    if casual is not None and casual[0] == piece.end:
        return Progress.OPEN
    if not pending.slots or pending.waiting in (Waiting.NOTHING, Waiting.SPELLING):
        return Progress.OPEN
    if pending.waiting is Waiting.ANSWER:
        kind = expected.flow.slots[pending.slots[0]].type
        if kind is SlotType.YES_NO or (kind is SlotType.LIST and piece.value is Answer.NO):
            return Progress.COMPLETE
        return Progress.OPEN
    return Progress.COMPLETE if piece.value is Answer.YES else Progress.OPEN


def _still_open(expected: Expectation, pieces: Sequence[Piece]) -> set[SlotName]:
    """Lists with a single thing named: there may be another. After `and` it was the last."""
    named: dict[SlotName, int] = {}
    for piece in pieces:
        if piece.kind is Kind.VALUE and expected.flow.slots[piece.slot].type is SlotType.LIST:
            count = 2 if piece.value is INDIFFERENT else len(piece.value)
            named[piece.slot] = named.get(piece.slot, 0) + (count or 2)
    return {name for name, count in named.items() if count == 1}


def _is_answered(expected: Expectation, name: SlotName, pieces: Sequence[Piece]) -> bool:
    slot = expected.flow.slots[name]
    of_slot = [piece for piece in pieces if piece.slot == name]
    if expected.pending.waiting is not Waiting.ANSWER and any(
        piece.kind in (Kind.WRONG, Kind.NAMED) for piece in of_slot
    ):
        return True
    values = [piece for piece in of_slot if piece.kind is Kind.VALUE]
    if not values or values[-1].value is INDIFFERENT:
        return bool(values)
    match slot.type:
        case SlotType.PERSON_NAME:
            return not slot.full or _names_both(piece.value for piece in values)
        case SlotType.DATE:
            return any(_is_date(expected, slot, piece.value) for piece in values)
        case SlotType.DIGITS | SlotType.ID:
            return len(values[-1].value) >= slot.lengths[1]
        case SlotType.PHONE:
            return not _is_short(expected, values[-1])
        case _:
            return True


def _is_date(expected: Expectation, slot: Slot, value: DateParts | Ahead | Within) -> bool:
    if isinstance(value, Ahead | Within) or value.whole:
        return True
    return value.day is not None and not expected.language.needs_year(slot)


def _names_both(values: Iterable[object]) -> bool:
    said = NameParts()
    for value in values:
        said = value.over(said) if isinstance(value, NameParts) else said
    return said.whole
