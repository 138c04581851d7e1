"""The values in an utterance: those that fit a form, those that are typed, those in the caller's own words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from flows.schema import SlotType
from reasoner.types import Answer, Channel, Heard, NamePart, SlotName, Waiting
from reasoner.understand import freely
from reasoner.understand.names import known_parts
from reasoner.understand.said import Said
from reasoner.understand.scan import Kind, Piece
from reasoner.understand.values import Circumstances, whole_value

SURE_READ = 1.0  # every word fits what was asked
SURE_SPOTTED = 0.8  # found among other words
_SURE_AMONG_SEVERAL = 0.6  # one of several that were named where one is wanted


def values_in(said: Said) -> Iterable[Heard]:
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


def by_keywords_in(said: Said, values: dict[SlotName, Heard]) -> Iterable[Heard]:
    """What no form fits: the whole utterance where it gave no value, or the rest of it beside a part of a list."""
    if said.waiting is not Waiting.ANSWER or said.of(Kind.COMMAND):
        return
    for name in said.asked:
        slot, heard = said.expected.flow.slots[name], values.get(name)
        is_list = heard is not None and isinstance(heard.value, tuple) and bool(heard.value)
        if slot.type not in (SlotType.CHOICE, SlotType.LIST) or (values and not is_list):
            continue
        pieces = said.of(Kind.UNREAD) if heard is not None else said.pieces
        text = " ".join(said.words.text(piece.start, piece.end) for piece in pieces)
        found = freely.by_keywords(slot, text, said.expected.language) if said.unread else None
        if found is None:
            continue
        labels, sure = found
        if heard is not None and isinstance(heard.value, tuple):
            yield replace(heard, value=tuple(dict.fromkeys((*heard.value, *labels))), confidence=sure)
        else:
            yield Heard(name, labels if slot.type is SlotType.LIST else labels[0], sure, said.words.text())


def typed_names_in(said: Said) -> Iterable[Heard]:
    """A name that is on no list; only what was typed is spelled as it is meant."""
    names = [n for n in said.asked if said.expected.flow.slots[n].type is SlotType.PERSON_NAME]
    for name in names if said.channel is not Channel.SPEECH else ():
        found = freely.typed_name(name, said.expected.language, said.words, said.pieces)
        if found is None:
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


def _sureness(said: Said, kind: SlotType, pieces: Sequence[Piece], value: Any) -> float:
    if kind is SlotType.CHOICE and len({piece.value for piece in pieces}) > 1:
        return _SURE_AMONG_SEVERAL
    if kind is SlotType.PERSON_NAME and " " not in value:
        return _SURE_AMONG_SEVERAL
    return SURE_SPOTTED if said.unread else SURE_READ


def _corrects_before(said: Said, pieces: Sequence[Piece]) -> bool:
    """`actually ...`, `no, ...`, `hold on, ...`: what follows replaces what is known."""
    first = min((piece.start for piece in pieces), default=0)
    return any(_takes_back(piece) for piece in said.pieces if piece.end <= first)


def _corrects_within(said: Said, pieces: Sequence[Piece]) -> bool:
    first = min((piece.end for piece in pieces), default=0)
    last = max((piece.start for piece in pieces), default=0)
    return any(_takes_back(piece) for piece in said.pieces if first <= piece.start < last)


def _takes_back(piece: Piece) -> bool:
    says_no = piece.kind is Kind.ANSWER and piece.value is Answer.NO
    return says_no or piece.kind in (Kind.CORRECTION, Kind.COMMAND)


def _adds(said: Said, pieces: Sequence[Piece]) -> bool:
    """`also`, in the words of the value or beside them."""
    adding = said.expected.language.adding
    for piece in pieces:
        if not adding.isdisjoint(said.words.folded[max(0, piece.start - 1) : piece.end + 1]):
            return True
    return False
