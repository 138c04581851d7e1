"""Days that another day tells: `from Friday till Sunday`, `two days later`, `back on Tuesday`."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence

from flows.slot import Slot, SlotType
from reasoner.types import Heard, SlotName, Waiting
from reasoner.understand.beside import corrects_before
from reasoner.understand.dates import Ahead, Within
from reasoner.understand.entries import brought_up
from reasoner.understand.pieces import Kind, Piece
from reasoner.understand.said import Said

_SURE = 0.8
_MOST_DAYS = 60


def counts_from(said: Said, name: SlotName) -> datetime.date | None:
    """The date that `two days later` is counted from: what is known of the slot, else the one other date like it."""
    slots = said.expected.flow.slots
    if slots[name].type is not SlotType.DATE:
        return None
    own = said.slot(name).value
    alike = [n for n, slot in slots.items() if slot.type is SlotType.DATE and slot.past is slots[name].past]
    values = [own] if own is not None else [said.slot(n).value for n in alike]
    dates = [value for value in values if isinstance(value, str)]
    try:
        return datetime.date.fromisoformat(dates[0]) if len(dates) == 1 else None
    except ValueError:
        return None  # the state came from elsewhere, and what it holds is no date


def begins_at(said: Said, name: SlotName) -> datetime.date | None:
    """The day before which a return, or a check-out, cannot be: that of the one date before it, said now or earlier."""
    slots, language = said.expected.flow.slots, said.expected.language
    slot = slots[name]
    if slot.type is not SlotType.DATE or slot.past or not language.ends_something(f"{slot.label} {slot.ask}"):
        return None
    names = list(slots)
    before = [n for n in names[: names.index(name)] if slots[n].type is SlotType.DATE and not slots[n].past]
    if not before:
        return None
    now = [piece.value for piece in said.of(Kind.VALUE) if piece.slot == before[-1]]
    told = [
        one.iso(past=False, future=False, today=said.today) for one in now if isinstance(one, Ahead | Within)
    ]
    known = said.slot(before[-1]).value
    text = next((one for one in reversed(told) if one), known)
    try:
        return datetime.date.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None  # the state came from elsewhere, and what it holds is no date


def alike_and_open(said: Said, name: SlotName, pieces: Sequence[Piece]) -> SlotName:
    """The slot that a bare date is for: where the one is known already and was not asked for, the other one like it."""
    slots = said.expected.flow.slots
    bare = slots[name].type is SlotType.DATE and not any(piece.own for piece in pieces)
    if not bare or name in said.asked or said.slot(name).value is None or corrects_before(said, pieces):
        return name
    names = brought_up(said.expected.flow)
    past = slots[name].past
    alike = [n for n in names if slots[n].type is SlotType.DATE and slots[n].past is past and n != name]
    empty = [n for n in alike if said.slot(n).value is None]
    return empty[0] if len(alike) == len(empty) == 1 and said.waiting is Waiting.ANSWER else name


def begun_with(said: Said, name: SlotName, pieces: Sequence[Piece]) -> list[Piece]:
    """What is said of the day on which something begins, without the one until which it goes."""
    if _ends(said, name) or _is_moved(said, name):
        return list(pieces)
    return [piece for piece in pieces if not _reaches(said, piece)]


def stay_in(said: Said, values: dict[SlotName, Heard]) -> Iterable[Heard]:
    """How many nights it is `until Sunday`, where the flow asks for those and for no day on which they end."""
    slots = said.expected.flow.slots
    names = [
        n for n in brought_up(said.expected.flow) if slots[n].type is SlotType.DATE and not slots[n].past
    ]
    nights = [n for n in brought_up(said.expected.flow) if _counts_nights(said, slots[n], n)]
    last = [piece for piece in said.of(Kind.VALUE) if piece.slot in names and _reaches(said, piece)]
    if len(names) != 1 or len(nights) != 1 or len(last) != 1 or nights[0] in values or _ends(said, names[0]):
        return
    heard = values.get(names[0])
    begins = heard.value if heard is not None else said.slot(names[0]).value
    day = last[0].value
    if not isinstance(begins, str) or not isinstance(day, Ahead | Within) or _is_moved(said, names[0]):
        return
    try:
        first = datetime.date.fromisoformat(begins)
    except ValueError:
        return  # the state came from elsewhere, and what it holds is no date
    ends = day.iso(past=False, future=False, today=first)
    days = (datetime.date.fromisoformat(ends) - first).days if ends is not None else 0
    if 0 < days <= _MOST_DAYS:
        yield Heard(nights[0], days, _SURE, said.words.text(last[0].start, last[0].end))


def _day(said: Said, piece: Piece) -> str | None:
    day = piece.value
    return day.iso(past=False, future=False, today=said.today) if isinstance(day, Ahead | Within) else None


def _is_moved(said: Said, name: SlotName) -> bool:
    """`Move it from Friday to Sunday`: what is known is where it comes from."""
    known, days = said.slot(name).value, [piece for piece in said.of(Kind.VALUE) if piece.slot == name]
    return known is not None and known in {_day(said, piece) for piece in days}


def _reaches(said: Said, piece: Piece) -> bool:
    """`Till Sunday`, `through Sunday`."""
    reaching, folded = said.expected.language.reaching, said.words.folded
    return folded[piece.start] in reaching or (piece.start > 0 and folded[piece.start - 1] in reaching)


def _ends(said: Said, name: SlotName) -> bool:
    slot = said.expected.flow.slots[name]
    return said.expected.language.ends_something(f"{slot.label} {slot.ask}")


def _counts_nights(said: Said, slot: Slot, name: SlotName) -> bool:
    return slot.type is SlotType.NUMBER and said.expected.forms[name].counts in said.expected.language.nights
