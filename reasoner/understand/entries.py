"""What callers may say to a flow, by the words that it begins with: what is waited for, and what may come at any time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flows.schema import Flow
from flows.slot import Confirm, Slot, SlotType
from reasoner.types import Answer, SlotName, Waiting
from reasoner.understand.forms import ANY, Form, as_, maybe, seq
from reasoner.understand.kept import PerFlow
from reasoner.understand.language import INDIFFERENT, Language, SlotForms, language_for, takes_yes_or_no
from reasoner.understand.phrases import phrases
from reasoner.understand.pieces import Kind
from reasoner.understand.words import words_of


@dataclass(frozen=True, slots=True)
class Entry:
    kind: Kind
    form: Form[Any]
    slot: SlotName = ""
    own: bool = False


@dataclass(frozen=True, slots=True)
class Index:
    """Entries by the word that they begin with; `anywhere`: those that any word can begin."""

    by_word: Mapping[str, tuple[Entry, ...]]
    anywhere: tuple[Entry, ...]

    def at(self, key: str) -> tuple[Entry, ...]:
        return self.by_word.get(key, self.anywhere)


def indexed(entries: Iterable[Entry]) -> Index:
    by_word: dict[str, list[Entry]] = {}
    anywhere: list[Entry] = []
    for entry in entries:
        if ANY in entry.form.starts:
            anywhere.append(entry)
            for found in by_word.values():
                found.append(entry)
        else:
            for key in entry.form.starts:
                if key not in by_word:
                    by_word[key] = list(anywhere)
                by_word[key].append(entry)
    return Index({key: tuple(found) for key, found in by_word.items()}, tuple(anywhere))


def _slot_forms(flow: Flow, _: None) -> Mapping[SlotName, SlotForms]:
    language = language_for(flow.language)
    shared = _shared_phrases(flow)
    return {name: language.slot_forms(slot, shared) for name, slot in flow.slots.items()}


def _shared_phrases(flow: Flow) -> frozenset[str]:
    seen: dict[str, SlotName] = {}
    shared: set[str] = set()
    for name, slot in flow.slots.items():
        for label, others in slot.values.items() if slot.asked_for else ():
            for phrase in (label, *others):
                text = words_of(phrase).text()
                if seen.setdefault(text, name) != name:
                    shared.add(text)
    return frozenset(shared)


def _index_of_all(flow: Flow, loosely: bool) -> Index:
    return indexed(_entries(flow, language_for(flow.language), forms_of(flow), loosely))


def shared_phrases(flow: Flow) -> frozenset[str]:
    """Ways to say a value that more than one slot has."""
    return _shared(flow, None)


_shared: PerFlow[None, frozenset[str]] = PerFlow(lambda flow, _: _shared_phrases(flow))
_forms: PerFlow[None, Mapping[SlotName, SlotForms]] = PerFlow(_slot_forms)
always: PerFlow[bool, Index] = PerFlow(_index_of_all)


def forms_of(flow: Flow) -> Mapping[SlotName, SlotForms]:
    """How a value for each slot is said. Made once for a flow."""
    return _forms(flow, None)


def is_question(flow: Flow, name: SlotName) -> bool:
    """Whether the slot holds the answer to a step's question: it is named after it, and nobody brings it up."""
    slot = flow.slots[name]
    return name in flow.steps and slot.confirm is Confirm.NEVER and slot.pii == "none"


def brought_up(flow: Flow) -> tuple[SlotName, ...]:
    """The slots that callers may fill of their own accord."""
    return tuple(name for name, slot in flow.slots.items() if slot.asked_for and not is_question(flow, name))


def _entries(
    flow: Flow, language: Language, forms: Mapping[SlotName, SlotForms], loosely: bool
) -> Iterable[Entry]:
    """In the order of preference among equals."""
    if flow.topics:
        yield Entry(Kind.TOPIC, topic_phrases(flow))
    yield Entry(Kind.ANSWER, language.answers)
    yield Entry(Kind.OPENING, language.openings)
    yield Entry(Kind.COMMAND, language.commands)
    yield Entry(Kind.CORRECTION, language.corrections)
    yield Entry(Kind.NEITHER, language.neither)
    names = brought_up(flow)
    for name in names:
        form = forms[name]
        if form.carried is not None:
            yield Entry(Kind.VALUE, form.carried, name, own=True)
        if loosely and form.followed is not None:
            yield Entry(Kind.VALUE, form.followed, name, own=True)
        if loosely and form.led is not None and (form.led_is_own or is_meant(flow, forms, name, names)):
            yield Entry(Kind.VALUE, form.led, name, own=form.led_is_own)
        if form.against is not None:
            yield Entry(Kind.AGAINST, form.against, name)
        if form.carrier is not None:
            yield Entry(Kind.CARRIER, form.carrier, name)
        yield Entry(Kind.WRONG, _named_wrong(language, form), name)
        yield Entry(Kind.NAMED, _named(language, form), name)
    for name in names if loosely else ():
        loose = forms[name].loose
        if loose is not None and is_meant(flow, forms, name, names):
            yield Entry(Kind.VALUE, loose, name)
        if (bare := forms[name].bare) is not None:
            yield Entry(Kind.VALUE, bare, name)
    for name in names if loosely else ():
        if (wished := forms[name].wished) is not None:
            yield Entry(Kind.WISHED, wished, name)
    for name in names if loosely else ():
        if (before := forms[name].before_text) is not None:
            yield Entry(Kind.LEAD, before, name, own=True)
    yield Entry(Kind.BACKCHANNEL, language.backchannels)
    yield Entry(Kind.JOINER, language.joiners)


def _kind(flow: Flow, forms: Mapping[SlotName, SlotForms], name: SlotName) -> tuple[SlotType, str]:
    return flow.slots[name].type, forms[name].counts


def is_meant(
    flow: Flow, forms: Mapping[SlotName, SlotForms], name: SlotName, among: Iterable[SlotName]
) -> bool:
    """Whether a bare value is of this slot: the only one of its kind, or of two dates the one that is always asked for."""
    kind, slots = _kind(flow, forms, name), flow.slots
    alike = [other for other in among if _kind(flow, forms, other) == kind]
    if len(alike) > 1 and kind[0] is SlotType.DATE:
        alike = [other for other in alike if not slots[other].required_if]
    return alike == [name]


def topic_phrases(flow: Flow) -> Form[str]:
    said = {says: name for name, topic in flow.topics.items() for says in topic.says if len(words_of(says))}
    return phrases({words_of(says).text(): name for says, name in said.items()})


def awaited_for(
    name: SlotName, slot: Slot, waiting: Waiting, language: Language, form: SlotForms
) -> Iterable[Entry]:
    match waiting:
        case Waiting.ANSWER:
            asked = form.answer
        case Waiting.CONFIRMATION | Waiting.WHICH:
            asked = form.amendment
        case Waiting.SPELLING:
            asked = form.amendment
            yield Entry(Kind.VALUE, language.spelling, name)
        case Waiting.NOTHING | Waiting.ACTION:
            asked = None
    if asked is not None:
        yield Entry(Kind.VALUE, asked, name)
    denied = form.lacking if waiting is Waiting.ANSWER else form.lacking_but
    if denied is not None and asked is not None:
        yield Entry(Kind.AGAINST, denied, name)
    if waiting is Waiting.ANSWER:
        if form.against is not None and slot.type is SlotType.CHOICE:
            yield Entry(Kind.AGAINST, form.against, name)
        if form.before_answer is not None:
            yield Entry(Kind.LEAD, form.before_answer, name)
        if slot.no_preference:
            yield Entry(Kind.VALUE, as_(lambda _: INDIFFERENT, language.indifferent), name)
        if takes_yes_or_no(slot):
            yield Entry(Kind.ANSWER, language.terse)
            if (well := language.ends_well(slot.ask)) is not None:
                yield Entry(
                    Kind.ANSWER,
                    as_(lambda good: Answer.YES if good is well else Answer.NO, language.outcomes),
                )
    if slot.no_preference and waiting in (Waiting.CONFIRMATION, Waiting.WHICH):
        yield Entry(Kind.VALUE, as_(lambda _: INDIFFERENT, language.indifferent), name)


def _named(language: Language, form: SlotForms) -> Form[str]:
    """`the phone number`"""
    return seq(maybe(language.naming), form.name, make=lambda _, name: name)


def _named_wrong(language: Language, form: SlotForms) -> Form[str]:
    """`the phone number is wrong`"""
    return seq(maybe(language.naming), form.name, language.wrong, make=lambda _, name, __: name)
