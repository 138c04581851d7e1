"""The values in an utterance: those that fit a form, those that are typed, those in the caller's own words."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from flows.slot import SlotType
from reasoner.types import Answer, Channel, Heard, NamePart, SlotName, Waiting
from reasoner.understand import freely
from reasoner.understand.beside import (
    corrects_before,
    corrects_within,
    counts,
    is_cut_off,
    is_misheard,
    is_stray_name,
)
from reasoner.understand.choices import SURE_NEARLY, closest, is_near
from reasoner.understand.denied import by_verdict, lacks_all, none_of
from reasoner.understand.entries import brought_up, shared_phrases
from reasoner.understand.forms import best
from reasoner.understand.language import takes_yes_or_no
from reasoner.understand.names import known_parts
from reasoner.understand.pieces import PASSING, Kind, Piece
from reasoner.understand.ranges import alike_and_open, begins_at, begun_with, counts_from
from reasoner.understand.said import Said
from reasoner.understand.settled import repairs_within, settles_within
from reasoner.understand.values import Circumstances, whole_value
from reasoner.understand.words import words_of

_LISTING = (SlotType.CHOICE, SlotType.LIST, SlotType.YES_NO)

_EXACT = (SlotType.PHONE, SlotType.DIGITS, SlotType.ID, SlotType.EMAIL, SlotType.DATE, SlotType.MONEY)
_TOLD_ONCE = (SlotType.TEXT, SlotType.DIGITS, SlotType.ID, SlotType.NUMBER, SlotType.MONEY, SlotType.TIME)

SURE_READ = 1.0  # every word fits what was asked
SURE_SPOTTED = 0.8  # found among other words
_SURE_OTHER = 0.6  # none of the values of a choice
_MOST_CHARACTERS = 400  # of an utterance that is searched for keywords
_SHORTEST_MISSPELLED = 6  # letters of a value that is known with one wrong, though it was not asked for
_MOST_BESIDE = 3  # words behind "the second one"
_WORDS_IN_FULL = 3  # of a phrase that nobody says by chance
_SURE_HEARD = 0.75  # of the recogniser, for words of one's own that are nearly a refusal
_SURE_OF_NO_ANSWER = 0.5  # that they are an answer all the same: they are read back
_SURE_AMONG_SEVERAL = 0.6  # one of several that were named where one is wanted


def values_in(said: Said) -> Iterable[Heard]:
    slots = dict.fromkeys(piece.slot for piece in said.of(Kind.VALUE, Kind.AGAINST))
    for name in slots:
        pieces = [piece for piece in said.of(Kind.VALUE) if piece.slot == name]
        against = [piece for piece in said.of(Kind.AGAINST) if piece.slot == name]
        slot = said.expected.flow.slots[name]
        if slot.type in _TOLD_ONCE and any(piece.own for piece in pieces):
            pieces = [
                piece for piece in pieces if piece.own
            ]  # "account 12, order 34": what has its name counts
        if slot.type is SlotType.LIST:
            pieces, against = by_verdict(said, pieces, against)
        elif slot.type in (SlotType.NUMBER, SlotType.TIME):
            pieces = [piece for piece in pieces if counts(said, piece)]
        elif slot.type is SlotType.DATE:
            pieces = begun_with(said, name, pieces)
        if not pieces and slot.type is not SlotType.LIST:
            continue
        circumstances = Circumstances(
            known=said.slot(name),
            amends=name in said.asked or corrects_before(said, pieces),
            adds=_adds(said, [*pieces, *against]),
            replaces=_replaces(said, pieces),
            part=said.state.pending.part,
            today=said.today,
            about=said.about(name),
            counts_from=counts_from(said, name),
            begins=begins_at(said, name),
        )
        if slot.type is SlotType.PERSON_NAME and (
            is_misheard(said, name, pieces) or is_cut_off(said, pieces)
        ):
            continue
        value = whole_value(slot, pieces, against, circumstances, said.expected.language)
        if value is None and lacks_all(said, name, against):
            yield Heard(name, (), SURE_NEARLY, said.words.text())
        if value is None:
            continue
        used = [*pieces, *against]
        text = " ".join(said.words.text(piece.start, piece.end) for piece in used)
        name = alike_and_open(said, name, pieces)
        yield Heard(name, value, _sureness(said, slot.type, pieces, value), text)


def _replaces(said: Said, pieces: Sequence[Piece]) -> bool:
    return corrects_within(said, pieces) or settles_within(said, pieces) or repairs_within(said, pieces)


def in_other_words(said: Said, values: dict[SlotName, Heard]) -> Iterable[Heard]:
    """What no form fits: the whole utterance where it gave no value, or the rest of it beside a part of a list."""
    if said.waiting is not Waiting.ANSWER or said.of(Kind.COMMAND):
        return
    for name in said.asked:
        slot, heard = said.expected.flow.slots[name], values.get(name)
        is_list = heard is not None and isinstance(heard.value, tuple) and bool(heard.value)
        if slot.type not in _LISTING or not slot.values or (heard is not None and not is_list):
            continue
        beside = bool(values) and not is_list
        answers = bool(said.of(Kind.ANSWER)) and (takes_yes_or_no(slot) or _is_declined(said, name))
        if answers and slot.type is SlotType.YES_NO:
            continue
        pieces = (
            said.of(Kind.UNREAD)
            if heard is not None
            else [p for p in said.pieces if p.kind is not Kind.AGAINST]
        )
        text = " ".join(said.words.text(piece.start, piece.end) for piece in pieces)
        if heard is not None and isinstance(heard.value, tuple):
            heard = replace(heard, value=tuple(dict.fromkeys((*heard.value, *_in_full(said, name)))))
            yield heard
        found = (
            _closest(said, name, text, partly=heard is None and not answers and not beside)
            if said.unread or _kinds_named(said)
            else None
        )
        if found is None:
            continue
        labels, sure = found
        if heard is not None and isinstance(heard.value, tuple):
            yield replace(heard, value=tuple(dict.fromkeys((*heard.value, *labels))), confidence=sure)
        elif slot.type is SlotType.YES_NO:
            yield Heard(name, labels[0] == Answer.YES, sure, said.words.text())
        else:
            yield Heard(name, labels if slot.type is SlotType.LIST else labels[0], sure, said.words.text())


def _is_declined(said: Said, name: SlotName) -> bool:
    """`No, just dinner`, where a no is an answer."""
    first = next((piece.value for piece in said.of(Kind.ANSWER)), None)
    slot = said.expected.flow.slots[name]
    return (
        slot.type is SlotType.CHOICE
        and first is Answer.NO
        and none_of(slot, said.expected.language) is not None
    )


def _in_full(said: Said, name: SlotName) -> Iterable[str]:
    """Parts of a list in the flow's words, where they share a word with one before: `so I was asked to`."""
    denied = {at for piece in said.of(Kind.AGAINST) for at in range(piece.start, piece.end)}
    told = tuple("" if at in denied else word for at, word in enumerate(said.words.folded))
    for label, phrases in said.expected.flow.slots[name].values.items():
        cut = (words_of(phrase).folded for phrase in phrases)
        if any(len(one) >= _WORDS_IN_FULL and _occurs(one, told) for one in cut):
            yield label


def _occurs(phrase: tuple[str, ...], told: tuple[str, ...]) -> bool:
    return any(told[at : at + len(phrase)] == phrase for at in range(len(told) - len(phrase) + 1))


def named_in(said: Said, values: dict[SlotName, Heard]) -> Iterable[Heard]:
    """What follows the name of a choice, in other words: `my price range is rather a moderate one`."""
    for piece, after in itertools.pairwise(said.pieces):
        name = piece.slot
        if piece.kind not in (Kind.CARRIER, Kind.NAMED) or after.kind is not Kind.UNREAD or name in values:
            continue
        slot = said.expected.flow.slots[name]
        if (
            slot.type is SlotType.CHOICE
            and said.waiting in (Waiting.ANSWER, Waiting.NOTHING)
            and name not in said.asked
        ):
            found = _closest(said, name, said.words.text(after.start, after.end), partly=True)
            if found is not None:
                yield Heard(name, found[0][0], found[1], said.words.text(piece.start, after.end))


def misspelled_in(said: Said, values: dict[SlotName, Heard]) -> Iterable[Heard]:
    """Values of one word with a letter wrong, of slots that were not asked for. Only what is typed is misspelled."""
    flow = said.expected.flow
    if any(name in values and values[name].confidence < SURE_SPOTTED for name in said.asked):
        return  # these words are spoken for
    if said.channel is not Channel.TEXT or any(flow.slots[name].type is SlotType.TEXT for name in said.asked):
        return
    words = [
        w
        for p in said.of(Kind.UNREAD)
        for w in said.words.folded[p.start : p.end]
        if len(w) >= _SHORTEST_MISSPELLED
    ]
    for name in brought_up(flow) if words else ():
        if flow.slots[name].type is not SlotType.CHOICE or name in values or name in said.asked:
            continue
        glued, shared = said.expected.options(name).glued, shared_phrases(flow)
        long = {p: label for p, label in glued.items() if len(p) >= _SHORTEST_MISSPELLED and p not in shared}
        labels = {label for phrase, label in long.items() if is_near(phrase, words)}
        if len(labels) == 1:
            yield Heard(name, labels.pop(), SURE_NEARLY, said.words.text())


def _closest(said: Said, name: SlotName, text: str, *, partly: bool) -> tuple[tuple[str, ...], float] | None:
    expected, text = said.expected, text[:_MOST_CHARACTERS]
    slot, words = expected.flow.slots[name], expected.language.keywords(text) | _kinds_named(said)
    # What only an open ear heard may be anything: a part of a value is not enough of it.
    return closest(slot, expected.options(name), words, text, partly=partly and not said.doubtful)


def _kinds_named(said: Said) -> frozenset[str]:
    """The word for what was named: who wants to `send 300 dollars` wants to `send money`."""
    slots = said.expected.flow.slots
    sums = any(slots[piece.slot].type is SlotType.MONEY for piece in said.of(Kind.VALUE))
    return said.expected.language.keywords(said.expected.language.money) if sums else frozenset()


def offered_in(said: Said) -> Iterable[Heard]:
    """`The second one`: of the values that were named in the question, in their order there."""
    if said.waiting is not Waiting.ANSWER or not said.asked:
        return
    name = said.asked[0]
    slot = said.expected.flow.slots[name]
    if slot.type is not SlotType.CHOICE:
        return
    asked = " ".join((slot.ask, *slot.again)).casefold()
    offered = sorted(
        (label for label in slot.values if label.casefold() in asked), key=lambda v: asked.index(v.casefold())
    )
    at = next((piece.start for piece in said.pieces if piece.kind is Kind.UNREAD), 0)
    found = best(said.expected.language.ordinals, said.words, at) if len(offered) > 1 else None
    if found is not None and found[1] < len(offered) and len(said.words) - found[0] <= _MOST_BESIDE:
        yield Heard(name, offered[found[1]], SURE_SPOTTED, said.words.text())


def other_in(said: Said) -> Iterable[Heard]:
    """An answer that is none of the values, where the flow has a value for that."""
    slots = said.expected.flow.slots
    numbers = (p for p in said.of(Kind.CARRIER, Kind.VALUE) if p.own or p.kind is Kind.CARRIER)
    if any(p.slot not in said.asked and slots[p.slot].type in _EXACT for p in numbers):
        return  # a number of another slot that was not made out
    for name in said.asked if said.waiting is Waiting.ANSWER else ():
        slot = said.expected.flow.slots[name]
        if slot.other and said.unread:
            value = (slot.other,) if slot.type is SlotType.LIST else slot.other
            yield Heard(name, value, _SURE_OTHER, said.words.text())


def own_words_in(said: Said, values: dict[SlotName, Heard]) -> Iterable[Heard]:
    """What the caller says to a question for a text."""
    for name in said.asked if said.waiting is Waiting.ANSWER else ():
        if said.expected.flow.slots[name].type is SlotType.TEXT and name not in values:
            if (forms := said.expected.forms[name]).before_answer is not None:
                language = said.expected.language
                text = freely.thing(language, said.words, said.pieces, is_place=forms.is_place)
            else:
                text = freely.own_words(said.expected.language, said.words, said.pieces)
            if text:
                sure = _SURE_OF_NO_ANSWER if _is_nearly_no_answer(said) else SURE_READ
                yield Heard(name, text, sure, said.words.text())


def _is_nearly_no_answer(said: Said) -> bool:
    """`A don't have that`: heard none too well, and a word away from saying that there is nothing to say."""
    if said.sure >= _SURE_HEARD:
        return False
    passing = itertools.takewhile(lambda piece: piece.kind in PASSING | {Kind.ANSWER}, said.pieces)
    begins = {0, 1, *(piece.end for piece in passing)}
    return any(said.expected.language.nearly_commands(said.words.folded[begin:]) for begin in begins)


def typed_codes_in(said: Said) -> Iterable[Heard]:
    """A code that is typed like a word: `qwerty`."""
    for name in said.asked if said.channel is Channel.TEXT and len(said.words) == 1 else ():
        slot = said.expected.flow.slots[name]
        least, most = slot.lengths
        code = "".join(c for c in said.words.plain if c.isalnum()).upper()
        if slot.type is SlotType.ID and least <= len(code) <= most and code.isascii() and _is_unread(said):
            yield Heard(name, code, SURE_SPOTTED, said.words.text())


def _is_unread(said: Said) -> bool:
    return all(piece.kind is Kind.UNREAD for piece in said.pieces)


def typed_names_in(said: Said) -> Iterable[Heard]:
    """A name that is on no list; only what was typed is spelled as it is meant."""
    led = [p.slot for p in said.of(Kind.CARRIER) if p.slot not in said.asked]
    of_names = dict.fromkeys((*said.asked, *led))
    names = [n for n in of_names if said.expected.flow.slots[n].type is SlotType.PERSON_NAME]
    for name in names if said.channel is not Channel.SPEECH else ():
        found = freely.typed_name(name, said.expected.language, said.words, said.pieces)
        if found is None or (name not in said.asked and not found.capital and not _says_name(said, name)):
            continue
        if found.part is NamePart.WHOLE and is_stray_name(said, name, found.name):
            continue
        known = known_parts(said.slot(name).value, said.slot(name).denied)
        part, typed = found.part, found.name
        if said.waiting is Waiting.SPELLING and part is NamePart.WHOLE and " " not in typed:
            part = said.state.pending.part
        if part is NamePart.FAMILY:
            typed = f"{known.first} {typed}".strip()
        elif part is NamePart.GIVEN:
            typed = f"{typed} {known.last}".strip()
        yield Heard(name, typed, found.sure, found.words)


def _says_name(said: Said, name: SlotName) -> bool:
    """`My name is`, which unlike `I'm` is followed by nothing else."""
    called = said.expected.forms[name].name
    carriers = [piece for piece in said.of(Kind.CARRIER) if piece.slot == name]
    return any(best(called, said.words, at) for piece in carriers for at in range(piece.start, piece.end))


def _sureness(said: Said, kind: SlotType, pieces: Sequence[Piece], value: Any) -> float:
    weighed = (SlotType.CHOICE, SlotType.NUMBER, SlotType.MONEY)
    if kind in weighed and len({piece.value for piece in pieces}) > 1:
        return _SURE_AMONG_SEVERAL
    if kind is SlotType.PERSON_NAME and " " not in value:
        return _SURE_AMONG_SEVERAL
    return SURE_SPOTTED if said.unread else SURE_READ


def _adds(said: Said, pieces: Sequence[Piece]) -> bool:
    """`also`, in the words of the value or beside them."""
    adding = said.expected.language.adding
    for piece in pieces:
        if not adding.isdisjoint(said.words.folded[max(0, piece.start - 1) : piece.end + 1]):
            return True
    return False
