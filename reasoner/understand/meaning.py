"""What one reading of an utterance means: pieces into values, an answer, intents and a question."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flows.schema import SlotType
from reasoner.types import (
    Answer,
    Channel,
    GoalState,
    Heard,
    Intent,
    Reading,
    SlotName,
    SlotState,
    Understood,
    Waiting,
)
from reasoner.understand import freely
from reasoner.understand.names import known_parts
from reasoner.understand.scan import Expectation, Kind, Piece
from reasoner.understand.values import Circumstances, spelled_in, whole_value
from reasoner.understand.words import Words

_ENDS_THE_CALL = (Intent.CANCEL, Intent.GOODBYE)
_HOLDS_OFF = (Intent.WAIT, Intent.REPEAT, Intent.CORRECT, Intent.CANCEL)
"""Commands that only lead over to a value where one follows: `never mind, it's the fourteenth`."""

_SURE_READ = 1.0  # every word fits what was asked
_SURE_SPOTTED = 0.8  # found among other words
_SURE_AMONG_SEVERAL = 0.6  # one of several that were named where one is wanted

_MOST_UNREAD = 4  # words not understood beside a yes or no of one word
_MOST_UNREAD_NO = 2  # the same, where a no ends something
_MOST_UNREAD_COMMAND = 2
_MOST_UNREAD_HUMAN = 8


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a reading means, and how much of it was understood.

    Attributes:
        understood: confidences are those of the parser alone.
        words: the utterance.
        unread: how many of its words fit nothing.
        exact: it has a value that words do not fit by chance: a whole date, number or name.
    """

    understood: Understood
    words: Words
    unread: int
    exact: bool


@dataclass(frozen=True, slots=True)
class _Utterance:
    """An utterance in pieces, within its state."""

    expected: Expectation
    state: GoalState
    words: Words
    pieces: tuple[Piece, ...]
    channel: Channel
    doubtful: bool  # an open vocabulary heard it
    today: datetime.date

    def of(self, *kinds: Kind) -> list[Piece]:
        return [piece for piece in self.pieces if piece.kind in kinds]

    def slot(self, name: SlotName) -> SlotState:
        return self.state.slots.get(name) or SlotState()

    @property
    def waiting(self) -> Waiting:
        return self.expected.pending.waiting

    @property
    def asked(self) -> tuple[SlotName, ...]:
        return self.expected.pending.slots

    @property
    def unread(self) -> int:
        return sum(len(piece) for piece in self.of(Kind.UNREAD))


def mean(
    expected: Expectation, state: GoalState, reading: Reading, channel: Channel, today: datetime.date
) -> Meaning:
    """Work out what a reading means. Never raises for anything that can be typed or recognised."""
    words = expected.cut(reading.text)
    doubtful = channel is Channel.SPEECH and not reading.expected
    said = _Utterance(expected, state, words, expected.scan(words), channel, doubtful, today)
    values = {heard.slot: heard for heard in (*_values(said), *_typed_names(said))}
    question = _question(said, bool(values))
    if not values and not question:
        values = {heard.slot: heard for heard in freely.by_keywords(expected, words, said.pieces)}
    commands = _commands(said, bool(values))
    if Intent.HUMAN in commands:
        question = ""
    answer = _answer(said, values, bool(question), commands)
    rejected, values = _rejected(said, values, answer)
    if answer is not None:
        values |= _answered(said, answer, values)
    spelled = spelled_in(said.of(Kind.VALUE))
    understood = Understood(
        values=tuple(values.values()),
        answer=answer,
        intents=commands | ({Intent.QUESTION} if question else frozenset()),
        question=question,
        spelled=spelled.letters if spelled else "",
        rejected=rejected,
    )
    if understood == Understood() and _is_backchannel(said):
        understood = Understood(intents=frozenset({Intent.BACKCHANNEL}))
    exact = (SlotType.DATE, SlotType.PHONE, SlotType.PERSON_NAME)
    return Meaning(
        understood, words, said.unread, exact=any(expected.flow.slots[name].type in exact for name in values)
    )


# --- values ------------------------------------------------------------------------------------------------


def _values(said: _Utterance) -> Iterable[Heard]:
    slots = dict.fromkeys(piece.slot for piece in said.of(Kind.VALUE, Kind.AGAINST))
    for name in slots:
        pieces = [piece for piece in said.of(Kind.VALUE) if piece.slot == name]
        against = [piece for piece in said.of(Kind.AGAINST) if piece.slot == name]
        slot = said.expected.flow.slots[name]
        if not pieces and slot.type is not SlotType.LIST:
            continue
        circumstances = Circumstances(
            known=said.slot(name),
            amends=name in said.asked or _corrects_before(said, pieces),
            adds=_adds(said, [*pieces, *against]),
            replaces=_corrects_within(said, pieces),
            part=said.state.pending.part,
            today=said.today,
        )
        value = whole_value(slot, pieces, against, circumstances, said.expected.language)
        if value is None:
            continue
        used = [*pieces, *against]
        text = " ".join(said.words.text(piece.start, piece.end) for piece in used)
        yield Heard(name, value, _sureness(said, slot.type, pieces, value), text)


def _typed_names(said: _Utterance) -> Iterable[Heard]:
    if said.channel is Channel.SPEECH:
        return
    for name in said.asked:
        if said.expected.flow.slots[name].type is SlotType.PERSON_NAME:
            known = known_parts(said.slot(name).value, said.slot(name).denied)
            spelling = said.state.pending.part if said.waiting is Waiting.SPELLING else None
            yield from freely.typed_name(name, known, spelling, said.words, said.pieces)


def _sureness(said: _Utterance, kind: SlotType, pieces: Sequence[Piece], value: Any) -> float:
    if kind is SlotType.CHOICE and len({piece.value for piece in pieces}) > 1:
        return _SURE_AMONG_SEVERAL
    if kind is SlotType.PERSON_NAME and " " not in value:
        return _SURE_AMONG_SEVERAL
    return _SURE_SPOTTED if said.unread else _SURE_READ


def _corrects_before(said: _Utterance, pieces: Sequence[Piece]) -> bool:
    """`actually ...`, `no, ...`: what follows replaces what is known."""
    first = min((piece.start for piece in pieces), default=0)
    return any(
        _says_no(piece) or piece.kind is Kind.CORRECTION for piece in said.pieces if piece.end <= first
    )


def _corrects_within(said: _Utterance, pieces: Sequence[Piece]) -> bool:
    first = min((piece.end for piece in pieces), default=0)
    last = max((piece.start for piece in pieces), default=0)
    between = [piece for piece in said.pieces if first <= piece.start < last]
    return any(_says_no(piece) or piece.kind is Kind.CORRECTION for piece in between)


def _says_no(piece: Piece) -> bool:
    return (piece.kind is Kind.ANSWER and piece.value is Answer.NO) or (
        piece.kind is Kind.CORRECTION and bool(piece.value)
    )


def _adds(said: _Utterance, pieces: Sequence[Piece]) -> bool:
    """`also`, in the words of the value or beside them."""
    adding = said.expected.language.adding
    for piece in pieces:
        if not adding.isdisjoint(said.words.folded[max(0, piece.start - 1) : piece.end + 1]):
            return True
    return False


def _answered(said: _Utterance, answer: Answer, values: dict[SlotName, Heard]) -> dict[SlotName, Heard]:
    """The value that a yes or no is where it was asked for."""
    if said.waiting is not Waiting.ANSWER or not said.asked:
        return {}
    name = said.asked[0]
    if name in values:
        return {}
    text = said.words.text()
    match said.expected.flow.slots[name].type:
        case SlotType.YES_NO:
            return {
                name: Heard(name, answer is Answer.YES, _SURE_SPOTTED if said.unread else _SURE_READ, text)
            }
        case SlotType.LIST if answer is Answer.NO:
            return {name: Heard(name, (), _SURE_SPOTTED if said.unread else _SURE_READ, text)}
        case _:
            return {}


# --- yes and no --------------------------------------------------------------------------------------------


def _answer(
    said: _Utterance, values: dict[SlotName, Heard], asks: bool, commands: frozenset[Intent]
) -> Answer | None:
    """A clear yes or no: where it stands as one, with little beside it that was not understood."""
    found = {answer for piece in said.pieces if (answer := _answer_of(said, piece)) is not None}
    if len(found) != 1 or said.of(Kind.NEITHER) or commands - {Intent.QUESTION, Intent.HUMAN}:
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


def _answer_of(said: _Utterance, piece: Piece) -> Answer | None:
    if piece.kind is Kind.CORRECTION and piece.value:
        return Answer.NO
    if piece.kind is not Kind.ANSWER:
        return None
    passing = (Kind.BACKCHANNEL, Kind.CORRECTION, Kind.JOINER, Kind.ANSWER, Kind.COMMAND, Kind.VALUE)
    leads = all(other.kind in passing for other in said.pieces if other.start < piece.start)
    ends = piece.end == len(said.words)
    if len(piece) == 1 and not leads and not ends:
        return None
    return piece.value if said.unread <= _MOST_UNREAD + len(piece) - 1 else None


def _answer_to(
    said: _Utterance, name: SlotName, answer: Answer, values: dict[SlotName, Heard], asks: bool
) -> Answer | None:
    """The answer to a question: none where it only leads over to a value, or where a no is not beyond doubt."""
    if name in values:
        return None
    if said.expected.flow.slots[name].type not in (SlotType.YES_NO, SlotType.LIST):
        return None if values else answer
    if answer is Answer.NO and (values or asks or said.of(Kind.WRONG, Kind.AGAINST)):
        return None
    return None if answer is Answer.NO and said.unread > _MOST_UNREAD_NO else answer


def _rejected(
    said: _Utterance, values: dict[SlotName, Heard], answer: Answer | None
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


# --- everything else ---------------------------------------------------------------------------------------


def _commands(said: _Utterance, has_values: bool) -> frozenset[Intent]:
    found: set[Intent] = set()
    for piece in said.of(Kind.COMMAND):
        intent: Intent = piece.value
        most = _MOST_UNREAD_HUMAN if intent is Intent.HUMAN and len(piece) > 1 else _MOST_UNREAD_COMMAND
        if said.unread > most or (has_values and intent is not Intent.HUMAN):
            continue
        if intent in _ENDS_THE_CALL and (said.unread or (said.doubtful and len(piece) == 1)):
            continue
        found.add(intent)
    if not found and not has_values and said.pieces and all(p.kind is Kind.CORRECTION for p in said.pieces):
        found.add(Intent.CORRECT)
    return frozenset(found)


def _question(said: _Utterance, has_values: bool) -> str:
    """The words to look up."""
    for piece in said.of(Kind.QUESTION):
        end = piece.end
        while end < len(said.words) and said.words.folded[end - 1] in said.expected.language.hanging:
            end -= 1  # what led over to the value that follows
        return said.words.text(piece.value, end)
    if said.words.asks and not has_values and said.unread:
        return said.words.text()
    return ""


def _is_backchannel(said: _Utterance) -> bool:
    return bool(said.pieces) and all(p.kind in (Kind.BACKCHANNEL, Kind.JOINER) for p in said.pieces)
