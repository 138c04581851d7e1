"""Yes, no, and wrong: what an utterance says to a question, and to what was read back."""

from __future__ import annotations

from flows.schema import SlotType
from reasoner.types import Answer, Heard, Intent, SlotName, Waiting
from reasoner.understand.findings import SURE_READ, SURE_SPOTTED
from reasoner.understand.said import Said
from reasoner.understand.scan import PASSING, Kind, Piece

_MOST_UNREAD = 4  # words not understood beside a yes or no of one word
_MOST_UNREAD_NO = 2  # the same, where a no ends something


def answer_in(
    said: Said, values: dict[SlotName, Heard], asks: bool, commands: frozenset[Intent]
) -> Answer | None:
    """A clear yes or no: where it stands as one, with little beside it that was not understood."""
    found = {answer for piece in said.pieces if (answer := _answer_of(said, piece)) is not None}
    if len(found) != 1 or commands - {Intent.QUESTION, Intent.HUMAN}:
        return None
    answer = found.pop()
    if said.waiting is Waiting.ANSWER and said.asked:
        return _answer_to(said, said.asked[0], answer, values, asks)
    if answer is Answer.NO and values and said.waiting is Waiting.CONFIRMATION:
        # "No, my number is ...", while the date was read back, takes back the number if there was one.
        elsewhere = [name for name in values if name not in said.asked]
        if len(elsewhere) == len(values) and any(said.slot(name).value is not None for name in elsewhere):
            return None
    return answer


def _answer_of(said: Said, piece: Piece) -> Answer | None:
    if piece.kind is Kind.CORRECTION and piece.value:
        return Answer.NO
    if piece.kind is not Kind.ANSWER:
        return None
    passing = PASSING | {Kind.ANSWER, Kind.COMMAND, Kind.VALUE}
    leads = all(other.kind in passing for other in said.pieces if other.start < piece.start)
    ends = piece.end == len(said.words)
    if len(piece) == 1 and not leads and not ends:
        return None
    return piece.value if said.unread <= _MOST_UNREAD + len(piece) - 1 else None


def _answer_to(
    said: Said, name: SlotName, answer: Answer, values: dict[SlotName, Heard], asks: bool
) -> Answer | None:
    """The answer to a question: none where it only leads over to a value, or where a no is not beyond doubt."""
    if name in values:
        return None
    if said.expected.flow.slots[name].type not in (SlotType.YES_NO, SlotType.LIST):
        return None if values else answer
    if answer is Answer.NO and (values or asks or said.of(Kind.WRONG, Kind.AGAINST)):
        return None
    return None if answer is Answer.NO and said.unread > _MOST_UNREAD_NO else answer


def rejected_in(
    said: Said, values: dict[SlotName, Heard], answer: Answer | None
) -> tuple[tuple[SlotName, ...], dict[SlotName, Heard]]:
    """Slots that are said to be wrong, and the values without those that repeat what was denied."""
    wrong = [piece.slot for piece in said.of(Kind.WRONG, Kind.AGAINST)]
    if said.waiting is Waiting.WHICH or (said.waiting is Waiting.CONFIRMATION and answer is Answer.NO):
        wrong += [piece.slot for piece in said.of(Kind.NAMED, Kind.CARRIER)]
    if answer is Answer.NO and said.waiting is Waiting.CONFIRMATION:
        same = [n for n, heard in values.items() if n in said.asked and heard.value == said.slot(n).value]
        wrong += same
        values = {name: heard for name, heard in values.items() if name not in same}
    known = [name for name in wrong if name not in values and said.slot(name).value is not None]
    return tuple(dict.fromkeys(known)), values


def answered(said: Said, answer: Answer, values: dict[SlotName, Heard]) -> dict[SlotName, Heard]:
    """The value that a yes or no is where it was asked for."""
    if said.waiting is not Waiting.ANSWER or not said.asked:
        return {}
    name = said.asked[0]
    if name in values:
        return {}
    text = said.words.text()
    match said.expected.flow.slots[name].type:
        case SlotType.YES_NO:
            return {name: Heard(name, answer is Answer.YES, SURE_SPOTTED if said.unread else SURE_READ, text)}
        case SlotType.LIST if answer is Answer.NO:
            return {name: Heard(name, (), SURE_SPOTTED if said.unread else SURE_READ, text)}
        case _:
            return {}
