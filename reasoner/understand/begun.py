"""What was heard of a value that is not whole; and figures that were heard as words that sound like them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from flows.slot import CODES, Slot, SlotType
from reasoner.begun import lengths_of
from reasoner.fits import fits
from reasoner.types import Heard, SlotName, Waiting
from reasoner.understand.dates import Ahead, DateParts, Within
from reasoner.understand.findings import values_in
from reasoner.understand.language import INDIFFERENT
from reasoner.understand.pieces import Kind
from reasoner.understand.said import Said
from reasoner.understand.scan import scan

_FEWEST = 3  # characters of a code, and half of what it has: fewer may be anything
_SURE_BEGUN = 0.5
_SURE_BY_SOUND = 0.5
_SURE_MISNAMED = 0.8


def by_sound(said: Said, values: dict[SlotName, Heard]) -> Said:
    """The utterance with `to` for a two and `for` for a four, where figures are asked for and that makes them whole.

    Only words between figures, or beside them, are heard so; and only where the words as they are give no value.
    """
    name = _asked_code(said)
    if name is None or name in values or said.expected.flow.slots[name].type is SlotType.ID:
        return said
    words = list(said.words.folded)
    figures = {
        at for piece in said.of(Kind.VALUE) if piece.slot == name for at in range(piece.start, piece.end)
    }
    sounds, before = said.expected.language.figure_sounds, len(figures)
    for _ in range(2):
        for at in (*range(len(words)), *reversed(range(len(words)))):
            if at not in figures and words[at] in sounds and {at - 1, at + 1} & figures:
                words[at] = sounds[words[at]]
                figures.add(at)
    if not before or len(figures) == before:
        return said
    cut = said.expected.cut(" ".join(words))
    return replace(said, words=cut, pieces=scan(said.expected, cut))


def sounding_in(said: Said, sounding: Said) -> Iterable[Heard]:
    """The code that is whole with the words that sound like figures taken for them."""
    if sounding is not said:
        name = _asked_code(said)
        for heard in values_in(sounding):
            if heard.slot == name:
                yield replace(heard, confidence=heard.confidence * _SURE_BY_SOUND, words=said.words.text())


def misnamed_in(said: Said, values: dict[SlotName, Heard]) -> Iterable[tuple[SlotName, Heard]]:
    """Figures that are of what is asked for, and the slot that they were taken for.

    `The number is 55503`, where a postcode is asked for, is no phone number, though it is called so; and
    `it says 118,400` is what a meter shows, though a code could be told so.
    """
    asked = said.asked if said.waiting is Waiting.ANSWER else ()
    for name in asked:
        slot = said.expected.flow.slots[name]
        if name in values or slot.type not in CODES | {SlotType.NUMBER}:
            continue
        for piece in said.of(Kind.VALUE):
            other, text = said.expected.flow.slots[piece.slot], str(piece.value)
            strange = piece.slot not in (name, *values) and not fits(other, text)
            value = text if slot.type in CODES else _as_number(text)
            if other.type in CODES and (strange or not piece.own) and value is not None and fits(slot, value):
                yield piece.slot, Heard(name, value, _SURE_MISNAMED, said.words.text(piece.start, piece.end))
                return


def _as_number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and not text.startswith("0") else None


def begun_in(said: Said, values: dict[SlotName, Heard]) -> Iterable[Heard]:
    """Of what is asked for: figures that are too few or too many, or a part of a date."""
    for name in said.asked if said.waiting is Waiting.ANSWER else ():
        slot = said.expected.flow.slots[name]
        pieces = [p.value for p in said.of(Kind.VALUE) if p.slot == name and p.value is not INDIFFERENT]
        if name in values or not pieces:
            continue
        if slot.type in CODES:
            text = "".join(str(value) for value in pieces)
            if _is_half(slot, text):
                yield Heard(name, text, _SURE_BEGUN, said.words.text())
        elif slot.type is SlotType.DATE and not any(isinstance(value, Ahead | Within) for value in pieces):
            parts = DateParts()
            for value in pieces:
                if isinstance(value, DateParts):
                    parts = DateParts(
                        value.year if value.year is not None else parts.year,
                        value.month if value.month is not None else parts.month,
                        value.day if value.day is not None else parts.day,
                    )
            unfinished = _unfinished(parts)
            if unfinished is not None:
                yield Heard(name, unfinished, _SURE_BEGUN, said.words.text())


def _asked_code(said: Said) -> SlotName | None:
    names = said.asked if said.waiting in (Waiting.ANSWER, Waiting.CONFIRMATION) else ()
    return next((name for name in names if said.expected.flow.slots[name].type in CODES), None)


def _is_half(slot: Slot, text: str) -> bool:
    least, most = lengths_of(slot)
    return max(_FEWEST, least // 2) <= len(text) <= most + least // 2


def _unfinished(parts: DateParts) -> str | None:
    """`????-09-20`; None where nothing is known, and where the year was said with two figures."""
    if parts == DateParts() or (parts.year is not None and parts.year < 100):
        return None
    year = "????" if parts.year is None else f"{parts.year:04d}"
    month = "??" if parts.month is None else f"{parts.month:02d}"
    day = "??" if parts.day is None else f"{parts.day:02d}"
    return f"{year}-{month}-{day}"
