"""An utterance cut into pieces: values, answers, commands, questions, and words that nobody understood.

From left to right, the longest form that fits wins; of equals the one that is waited for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from flows.schema import Flow, SlotType
from reasoner.types import Pending, SlotName, Waiting
from reasoner.understand.forms import Form, best, maybe, seq
from reasoner.understand.kept import PerFlow
from reasoner.understand.language import Language, SlotForms, language_for
from reasoner.understand.words import Words, without, words_of

_FEWEST_WEAK = 4  # words of a question that begins with a weak word; fewer are too easily misheard


class Kind(StrEnum):
    VALUE = "value"  # of `slot`, as far as it was said
    CARRIER = "carrier"  # the words before a value of `slot` that has not come
    AGAINST = "against"  # a value of `slot` that is denied
    WRONG = "wrong"  # `slot` is named and said to be wrong
    NAMED = "named"  # `slot` is named
    ANSWER = "answer"
    NEITHER = "neither"
    COMMAND = "command"
    CORRECTION = "correction"
    BACKCHANNEL = "backchannel"
    OPENING = "opening"
    JOINER = "joiner"
    QUESTION = "question"  # its value: where the words to look up begin
    UNREAD = "unread"


PASSING = frozenset({Kind.BACKCHANNEL, Kind.OPENING, Kind.JOINER, Kind.CORRECTION})
"""What may stand before anything without changing it."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Words `start` to `end`, and what they are. `own`: a value with a carrier phrase of its own slot."""

    kind: Kind
    start: int
    end: int
    slot: SlotName = ""
    value: Any = None
    own: bool = False

    def __len__(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class _Entry:
    kind: Kind
    form: Form[Any]
    slot: SlotName = ""
    own: bool = False


@dataclass(frozen=True, slots=True)
class Expectation:
    """All that a caller may say while something is pending, ready to be read and to be written as a grammar.

    Attributes:
        forms: of each slot of the flow.
        entries: by the word that they begin with, those that are waited for first.
    """

    flow: Flow
    pending: Pending
    language: Language
    forms: Mapping[SlotName, SlotForms]
    entries: Mapping[str, tuple[_Entry, ...]]

    def cut(self, text: str) -> Words:
        """The words of `text` without those that carry nothing."""
        words = words_of(text)
        fillers = self.language.fillers
        if fillers.isdisjoint(words.folded):
            return words
        kept: set[int] = set()
        for at, word in enumerate(words.folded):
            if word in fillers and at not in kept:
                found = best(self.language.backchannels, words, at)
                kept.update(range(at, found[0] if found else at))
        return without(words, (n for n, word in enumerate(words.folded) if word in fillers and n not in kept))

    def scan(self, words: Words) -> tuple[Piece, ...]:
        """The pieces of an utterance, in order, without gaps."""
        pieces: list[Piece] = []
        at = unread = 0
        while at < len(words):
            piece = self._question(words, at, pieces, self._longest(words, at))
            if piece is None:
                at += 1
                continue
            if unread < at:
                pieces.append(Piece(Kind.UNREAD, unread, at))
            pieces.append(piece)
            at = unread = piece.end
        if unread < at:
            pieces.append(Piece(Kind.UNREAD, unread, at))
        return tuple(pieces)

    def _longest(self, words: Words, at: int) -> Piece | None:
        found: Piece | None = None
        for entry in self.entries.get(words.keys[at], ()):
            reading = best(entry.form, words, at)
            if reading is None or (found is not None and reading[0] < found.end):
                continue
            end, value = reading
            if found is None or end > found.end or (found.kind is Kind.UNREAD and entry.own):
                found = Piece(entry.kind, at, end, entry.slot, value, entry.own)
            elif self._is_either(entry, found):
                found = Piece(Kind.UNREAD, at, end)
        return found

    def _is_either(self, entry: _Entry, found: Piece) -> bool:
        """The same words are a value of either slot that was read back, and nothing tells of which."""
        if self.pending.waiting not in (Waiting.CONFIRMATION, Waiting.WHICH):
            return False
        bare = entry.kind is found.kind is Kind.VALUE and not entry.own and not found.own
        return bare and entry.slot != found.slot

    def _question(self, words: Words, at: int, before: list[Piece], other: Piece | None) -> Piece | None:
        """The question that begins here, else `other`."""
        language = self.language
        lead_in = best(language.lead_ins, words, at)
        strong = best(language.strong, words, at)
        taken = other.end if other is not None else at
        if lead_in is not None and lead_in[0] > taken:
            begin = lead_in[0]
        elif strong is not None and strong[0] > taken:
            begin = at
        elif other is None and self._stands_first(before) and best(language.weak, words, at) is not None:
            begin = at
            if len(words) - at < _FEWEST_WEAK and not words.asks:
                return None
        else:
            return other
        end = self._end_of_question(words, max(begin, at + 1))
        if begin >= end or end - at < 2:
            return other
        return Piece(Kind.QUESTION, at, end, value=begin)

    def _stands_first(self, before: list[Piece]) -> bool:
        return all(p.kind in PASSING or p.kind is Kind.ANSWER for p in before)

    def _end_of_question(self, words: Words, at: int) -> int:
        """A question goes on to the end, or until a value is said with the phrase that belongs to it."""
        for place in range(at, len(words)):
            entries = (e for e in self.entries.get(words.keys[place], ()) if self._is_exact(e))
            if any(best(entry.form, words, place) is not None for entry in entries):
                return place
        return len(words)

    def _is_exact(self, entry: _Entry) -> bool:
        exact = (SlotType.DATE, SlotType.PHONE)
        return entry.kind is Kind.VALUE and entry.own and self.flow.slots[entry.slot].type in exact


def expectation_of(flow: Flow, pending: Pending) -> Expectation:
    """What may be said to `flow` while `pending`. Made once for both.

    Raises:
        UnknownLanguage: the flow is in a language without spoken forms.
    """
    # Which part of a name is being spelled makes no difference to what can be said.
    slots = tuple(name for name in pending.slots if name in flow.slots)
    return _expectations(flow, Pending(pending.waiting, slots))


def _expectation(flow: Flow, pending: Pending) -> Expectation:
    language, forms = language_for(flow.language), _forms(flow, None)
    entries: dict[str, list[_Entry]] = defaultdict(list)
    for entry in _entries(flow, pending, language, forms):
        for key in entry.form.starts:
            entries[key].append(entry)
    return Expectation(flow, pending, language, forms, {key: tuple(found) for key, found in entries.items()})


def _slot_forms(flow: Flow, _: None) -> Mapping[SlotName, SlotForms]:
    language = language_for(flow.language)
    return {name: language.slot_forms(slot) for name, slot in flow.slots.items()}


_forms: PerFlow[None, Mapping[SlotName, SlotForms]] = PerFlow(_slot_forms)
_expectations: PerFlow[Pending, Expectation] = PerFlow(_expectation)


def _entries(
    flow: Flow, pending: Pending, language: Language, forms: Mapping[SlotName, SlotForms]
) -> Iterable[_Entry]:
    """In the order of preference among equals."""
    for name in pending.slots:
        yield from _awaited(name, pending.waiting, language, forms[name])
    yield _Entry(Kind.ANSWER, language.answers)
    yield _Entry(Kind.OPENING, language.openings)
    yield _Entry(Kind.COMMAND, language.commands)
    yield _Entry(Kind.CORRECTION, language.corrections)
    yield _Entry(Kind.NEITHER, language.neither)
    for name, form in forms.items():
        if form.carried is not None:
            yield _Entry(Kind.VALUE, form.carried, name, own=True)
        if form.against is not None:
            yield _Entry(Kind.AGAINST, form.against, name)
        if form.carrier is not None:
            yield _Entry(Kind.CARRIER, form.carrier, name)
        yield _Entry(Kind.WRONG, _named_wrong(language, form), name)
        yield _Entry(Kind.NAMED, _named(language, form), name)
    types = [slot.type for slot in flow.slots.values()]
    for name, form in forms.items():
        if form.loose is not None and types.count(flow.slots[name].type) == 1:
            yield _Entry(Kind.VALUE, form.loose, name)
    yield _Entry(Kind.BACKCHANNEL, language.backchannels)
    yield _Entry(Kind.JOINER, language.joiners)


def _awaited(name: SlotName, waiting: Waiting, language: Language, form: SlotForms) -> Iterable[_Entry]:
    match waiting:
        case Waiting.ANSWER:
            asked = form.answer
        case Waiting.CONFIRMATION | Waiting.WHICH:
            asked = form.amendment
        case Waiting.SPELLING:
            asked = form.amendment
            yield _Entry(Kind.VALUE, language.spelling, name)
        case Waiting.NOTHING:
            asked = None
    if asked is not None:
        yield _Entry(Kind.VALUE, asked, name)


def _named(language: Language, form: SlotForms) -> Form[str]:
    """`the phone number`"""
    return seq(maybe(language.naming), form.name, make=lambda _, name: name)


def _named_wrong(language: Language, form: SlotForms) -> Form[str]:
    """`the phone number is wrong`"""
    return seq(maybe(language.naming), form.name, language.wrong, make=lambda _, name, __: name)
