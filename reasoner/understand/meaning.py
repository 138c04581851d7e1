"""What one reading of an utterance means: its pieces as values, an answer, intents and a question."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace

from flows.slot import SlotType
from reasoner.state import GoalState
from reasoner.types import Answer, Channel, Heard, Intent, Reading, SlotName, Understood, Waiting
from reasoner.understand.answering import (
    answer_in,
    answered,
    asks_lightly,
    has_no_more,
    is_casual,
    rejected_in,
)
from reasoner.understand.begun import begun_in, by_sound, misnamed_in, sounding_in
from reasoner.understand.beside import wished_in
from reasoner.understand.earlier import earlier_in
from reasoner.understand.expectation import Expectation
from reasoner.understand.findings import (
    in_other_words,
    misspelled_in,
    named_in,
    offered_in,
    other_in,
    own_words_in,
    typed_codes_in,
    typed_names_in,
    values_in,
)
from reasoner.understand.forms import best
from reasoner.understand.pieces import PASSING, Kind, Piece
from reasoner.understand.ranges import stay_in
from reasoner.understand.reworded import reworded_in
from reasoner.understand.said import Said
from reasoner.understand.scan import scan
from reasoner.understand.topics import is_of, topics_in
from reasoner.understand.values import spelled_in
from reasoner.understand.words import Words

_ENDS_THE_CALL = (Intent.CANCEL, Intent.GOODBYE)
_GAINS_TIME = (Intent.WAIT, Intent.REPEAT)
_MOST_UNREAD_COMMAND = 2  # words not understood beside a command
_MOST_UNREAD_HUMAN = 8
_PLEA, _MISHEARD = 4, 2  # words that ask for a person, and before them, where a story is asked for
_MOST_OTHER = 3  # words that are none of a choice's values, beside values of other slots
_EXPLAINED = (Intent.HUMAN, Intent.WAIT)  # "give me a second, I have to find it"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a reading means.

    Attributes:
        understood: confidences are those of the parser alone.
        words: the utterance.
        unread: how many of them were not understood.
        exact: it has a value that words do not fit by chance: a whole date, number or name.
    """

    understood: Understood
    words: Words
    unread: int
    exact: bool


def mean(
    expected: Expectation, state: GoalState, reading: Reading, channel: Channel, today: datetime.date
) -> Meaning:
    """Work out what a reading means. Never raises for anything that can be typed or recognised."""
    words = expected.cut(reading.text)
    doubtful = channel is Channel.SPEECH and not reading.expected
    said = _without_names(
        Said(expected, state, words, scan(expected, words), channel, doubtful, today, reading.confidence)
    )
    values = {
        heard.slot: heard
        for heard in (*wished_in(said), *values_in(said), *typed_names_in(said), *typed_codes_in(said))
    }
    for other, heard in misnamed_in(said, values):
        values.pop(other, None)
        values[heard.slot] = heard
    reworded = {heard.slot: heard for heard in reworded_in(said)}
    values = _without_overheard(said, values, reworded)
    sounding = by_sound(said, values)
    values |= {heard.slot: heard for heard in sounding_in(said, sounding)}
    values |= {heard.slot: heard for heard in stay_in(said, values)}
    question = _question(said)
    if question and _is_lead_over(said, question, values):
        question = ""
    earlier: dict[SlotName, Heard] = {}
    if not question:
        offered = {heard.slot: heard for heard in offered_in(said) if heard.slot not in values}
        earlier = {heard.slot: heard for heard in earlier_in(said, values, nearly=False)}
        others = () if earlier else in_other_words(said, values)
        values |= {heard.slot: heard for heard in others} | offered
        values |= {heard.slot: heard for heard in (*named_in(said, values), *misspelled_in(said, values))}
        if said.words.asks and said.unread and not values and not expected.takes_prose:
            question = said.words.text()
    if not earlier and not question:
        earlier = {heard.slot: heard for heard in earlier_in(said, values, nearly=True)}
    values |= earlier
    commands = _commands(said, bool(values))
    topics = topics_in(said, values, commands)
    if Intent.HUMAN in commands or is_of(said, topics, question):
        question = ""
    if question:
        commands -= {Intent.REPEAT}
    no_more = has_no_more(said)
    if no_more:
        commands -= {Intent.GOODBYE}
    answer, casual = answer_in(said, values, bool(question), commands)
    if reworded:
        answer, casual = Answer.NO, False
    rejected, values = rejected_in(said, values, answer)
    if no_more and not values:
        answer, casual = Answer.NO, False
    if answer is not None:
        values |= answered(said, answer, values, casual=casual)
    if not (question or commands or topics or rejected or earlier):
        told = {heard.slot: heard for heard in own_words_in(said, values)}
        values = _without_overheard(said, values, told)
        beside = bool(values) and said.unread > _MOST_OTHER
        if answer is None and not beside and not any(name in values for name in said.asked):
            values |= {heard.slot: heard for heard in other_in(said)}
    spelled = spelled_in(said.of(Kind.VALUE))
    understood = Understood(
        values=tuple(values.values()),
        answer=answer,
        casual=casual,
        intents=commands | ({Intent.QUESTION} if question else frozenset()),
        topics=topics,
        question=question,
        spelled=spelled.letters if spelled else "",
        rejected=rejected,
        begun=() if question or commands else tuple(begun_in(sounding, values)),
    )
    if understood == Understood() and _is_backchannel(said):
        understood = Understood(intents=frozenset({Intent.BACKCHANNEL}))
    exact = (SlotType.DATE, SlotType.PHONE, SlotType.PERSON_NAME)
    return Meaning(
        understood, words, said.unread, exact=any(expected.flow.slots[name].type in exact for name in values)
    )


def _without_overheard(
    said: Said, values: dict[SlotName, Heard], told: dict[SlotName, Heard]
) -> dict[SlotName, Heard]:
    """All of them, but for what a text in the caller's own words seems to say of other slots that are known already.

    `In the end we laughed about it` tells how it ended. It puts nothing right that was said before, unless that is named.
    """
    named = {piece.slot for piece in said.pieces if piece.own or piece.kind in (Kind.CARRIER, Kind.NAMED)}
    kept = {
        name: heard
        for name, heard in values.items()
        if not told or name in said.asked or name in named or said.slot(name).value is None
    }
    return kept | told


def _commands(said: Said, has_values: bool) -> frozenset[Intent]:
    found: set[Intent] = set()
    for piece in said.of(Kind.COMMAND):
        intent: Intent = piece.value
        explained = intent in _EXPLAINED and len(piece) > 1 and (intent is Intent.HUMAN or not piece.start)
        most = _MOST_UNREAD_HUMAN if explained else _MOST_UNREAD_COMMAND
        if intent is Intent.SKIP and len(piece) == 1:
            most = 0
        if said.unread > most or (has_values and intent is not Intent.HUMAN):
            continue
        if intent in _GAINS_TIME and (_is_answered_behind(said, piece) or _is_within(said, piece)):
            continue
        if intent in _ENDS_THE_CALL and (said.unread or (said.doubtful and len(piece) == 1)):
            continue
        if intent is Intent.WAIT:
            found.discard(Intent.DONT_KNOW)  # "I don't remember, let me look"
        found.add(intent)
    if not found and said.pieces and all(piece.kind in PASSING for piece in said.pieces):
        if any(piece.kind is Kind.OPENING and piece.value for piece in said.pieces):
            found.add(Intent.REPEAT)
        elif any(piece.kind is Kind.CORRECTION for piece in said.pieces):
            found.add(Intent.CORRECT)
    return frozenset(found)


def _is_answered_behind(said: Said, piece: Piece) -> bool:
    """`Let me think, yes`: what was waited for has come. A casual word has where one is enough."""
    lightly = asks_lightly(said) and not any(said.expected.flow.slots[name].clear_yes for name in said.asked)
    return any(
        other.kind is Kind.ANSWER and other.start >= piece.end and (lightly or not is_casual(said, other))
        for other in said.pieces
    )


def _is_within(said: Said, piece: Piece) -> bool:
    """`It never happened again`: a single word in the middle of a sentence asks for nothing; nor does `nope, sorry`."""
    before = (Kind.UNREAD, Kind.ANSWER)
    return len(piece) == 1 and any(
        other.kind in before and other.start < piece.start for other in said.pieces
    )


def _asks_for_words(said: Said) -> bool:
    slots = said.expected.flow.slots
    return said.waiting is Waiting.ANSWER and any(slots[name].type is SlotType.TEXT for name in said.asked)


def _is_plea(said: Said, piece: Piece) -> bool:
    """`Can r speak to a human`: all there is, but for a word or two that were misheard."""
    return len(piece) >= _PLEA and piece.start <= _MISHEARD and piece.end == len(said.words)


def _without_names(said: Said) -> Said:
    """Who tells something names people: `I was at the front desk`, `warehouse supervisor`. That calls for nobody."""
    if not _asks_for_words(said):
        return said
    pieces: list[Piece] = []
    for piece in said.pieces:
        calls = piece.kind is Kind.COMMAND and piece.value is Intent.HUMAN
        named = calls and bool(pieces) and pieces[-1].kind not in PASSING and not _is_plea(said, piece)
        kind = Kind.UNREAD if named else piece.kind
        if kind is Kind.UNREAD and pieces and pieces[-1].kind is Kind.UNREAD:
            pieces[-1] = replace(pieces[-1], end=piece.end)
        else:
            pieces.append(replace(piece, kind=Kind.UNREAD, value=None) if named else piece)
    return replace(said, pieces=tuple(pieces))


def _question(said: Said) -> str:
    """The words to look up."""
    for piece in said.of(Kind.QUESTION):
        end = piece.end
        while end < len(said.words) and said.words.folded[end - 1] in said.expected.language.hanging:
            end -= 1  # what led over to the value that follows
        return said.words.text(piece.value, end)
    return said.words.text() if _has_tag(said) else ""


def _is_lead_over(said: Said, question: str, values: dict[SlotName, Heard]) -> bool:
    """`What would be four three zero ...`: words that ask nothing, before figures of what was asked for."""
    language = said.expected.language
    asks = any(language.keywords(word) and word not in language.weak.starts for word in question.split())
    if said.waiting is not Waiting.ANSWER or asks:
        return False
    return any(name in values for name in said.asked) or any(begun_in(said, values))


def _has_tag(said: Said) -> bool:
    """`It is free, is that so`: a statement with a question behind it."""
    if said.of(Kind.VALUE) or said.waiting is Waiting.CONFIRMATION:
        return False
    tags, size = said.expected.language.tags, len(said.words)
    tag = next(
        (at for at in range(max(0, size - 4), size) if (f := best(tags, said.words, at)) and f[0] == size), 0
    )
    return tag > 0 and said.unread > size - tag


def _is_backchannel(said: Said) -> bool:
    return bool(said.pieces) and all(p.kind in PASSING or is_casual(said, p) for p in said.pieces)
