"""From what was said of a slot to its canonical value, or to none."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from flows.slot import Slot, SlotType
from reasoner.types import NamePart, SlotState, Value
from reasoner.understand.amounts import More
from reasoner.understand.dates import Ahead, DateParts, Within, iso_date
from reasoner.understand.language import INDIFFERENT, Language
from reasoner.understand.names import NameParts, Spelled, as_written, known_parts
from reasoner.understand.pieces import Piece
from reasoner.understand.times import Later, Minutes, TimeParts
from reasoner.understand.words import fold


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What has to be known to make a value whole.

    Attributes:
        known: the slot as it is now.
        amends: what is said may put right a part of the value that is known.
        adds: what is said is added to a list that is known.
        replaces: the last of several values counts, not the first.
        part: which part of a name was asked to be spelled.
        today: the day of the call.
        about: what the call is about, in the words of the flow: it tells in which half of the day a bare hour is.
        counts_from: the date that `two days later` is counted from, None for the day of the call.
        begins: the day before which this one cannot be, `back on Tuesday` after a Sunday; None where that is not known.
    """

    known: SlotState
    amends: bool
    adds: bool
    replaces: bool
    part: NamePart
    today: datetime.date
    about: str = ""
    counts_from: datetime.date | None = None
    begins: datetime.date | None = None


def whole_value(
    slot: Slot, pieces: Sequence[Piece], against: Sequence[Piece], at: Circumstances, language: Language
) -> Value | None:
    """The value that these pieces of an utterance give, None where they do not make one."""
    if any(piece.value is INDIFFERENT for piece in pieces):
        return _indifferent(slot)
    match slot.type:
        case SlotType.DATE:
            return _date(slot, pieces, at, language)
        case SlotType.PHONE:
            return _phone(slot, pieces, language)
        case SlotType.PERSON_NAME:
            return _name(slot, pieces, at)
        case SlotType.LIST:
            return _list(pieces, against, at)
        case SlotType.CHOICE:
            choices = [piece.value for piece in pieces]
            return choices[-1 if at.replaces else 0] if choices else None
        case SlotType.YES_NO:
            return bool(pieces[-1].value) if pieces else None
        case SlotType.TIME:
            return _time(pieces, at, language)
        case SlotType.DIGITS | SlotType.ID:
            return _code(slot, [piece.value for piece in pieces], at)
        case SlotType.NUMBER | SlotType.MONEY:
            return _number(slot, [piece.value for piece in (*against, *pieces)], len(against), at, language)
        case SlotType.EMAIL:
            return str(pieces[-1 if at.replaces else 0].value) if pieces else None
        case SlotType.TEXT:
            return str(pieces[-1 if at.replaces else 0].value) if pieces else None
        case SlotType.RECORD:
            return None


def _indifferent(slot: Slot) -> Value:
    return (slot.no_preference,) if slot.type is SlotType.LIST else slot.no_preference


def _number(
    slot: Slot, given: list[object], denied: int, at: Circumstances, language: Language
) -> Value | None:
    """One of the numbers that were given; the first ones are `denied`, and tell no more than a size."""
    if len(given) == denied:
        return None
    place = len(given) - 1 if at.replaces else denied
    told, before = given[place], given[:place]
    known = at.known.value
    if isinstance(told, More):
        return language.bounded(slot, told.than(known), ())
    if before and at.replaces:
        told = language.alike(told, before[-1])
    beside = [*before, *given[place + 1 :]] or ([known] if at.amends else [])
    return language.bounded(slot, told, beside)


def _time(pieces: Sequence[Piece], at: Circumstances, language: Language) -> str | None:
    if not pieces:
        return None
    place = len(pieces) - 1 if at.replaces else 0
    told: TimeParts | Minutes | Later = pieces[place].value
    known = TimeParts.of(at.known.value) if isinstance(at.known.value, str) else None
    if isinstance(told, Later):
        return known.shifted(told.minutes) if known is not None else None
    if isinstance(told, Minutes):
        before = (piece.value for piece in reversed(pieces[:place]))
        base = next((one for one in before if isinstance(one, TimeParts)), known)
        if base is None:
            return None
        told = told.of(base)
    return told.hh_mm(language.late_from(at.about))


def _code(slot: Slot, codes: Sequence[str], at: Circumstances) -> str | None:
    """The last code of the right length; one in several pieces is put together."""
    least, most = slot.lengths
    for code in (
        (*reversed(codes), "".join(codes)) if at.replaces or len(codes) < 2 else ("".join(codes), *codes)
    ):
        if least <= len(code) <= most:
            return code
    return None


def _date(slot: Slot, pieces: Sequence[Piece], at: Circumstances, language: Language) -> str | None:
    """The last whole date. To one that is known, or was begun in the same breath, parts may be added."""
    base = at.known.value if at.amends and isinstance(at.known.value, str) else None
    said = DateParts()
    for piece in reversed(pieces):
        if isinstance(piece.value, Ahead) and piece.value.onward and at.counts_from is not None:
            return piece.value.onward_from(at.counts_from, past=slot.past, future=slot.future, today=at.today)
        if isinstance(piece.value, Ahead | Within):
            day = piece.value.iso(past=slot.past, future=slot.future, today=at.today)
            if (
                day is not None
                and at.begins is not None
                and day < at.begins.isoformat()
                and piece.value.is_nearest
            ):
                return piece.value.iso(past=slot.past, future=slot.future, today=at.begins)
            return day
    for piece in pieces:
        parts: DateParts = piece.value
        said = parts if parts.whole else replace(said, **_given(parts))
    if base is not None:
        try:
            said = said.over(base)
        except ValueError:
            return None  # the state came from elsewhere, and what it holds is no date
    needed = language.needs_year(slot)
    return iso_date(said, past=slot.past, today=at.today, future=slot.future, year_needed=needed)


def _given(parts: DateParts) -> dict[str, int]:
    fields = {"year": parts.year, "month": parts.month, "day": parts.day}
    return {name: value for name, value in fields.items() if value is not None}


def _phone(slot: Slot, pieces: Sequence[Piece], language: Language) -> str | None:
    """The last whole number; a number in several pieces is put together."""
    for piece in reversed(pieces):
        if (whole := language.whole_number(piece.value, slot.digits)) is not None:
            return whole
    return language.whole_number("".join(piece.value for piece in pieces), slot.digits)


def _name(slot: Slot, pieces: Sequence[Piece], at: Circumstances) -> str | None:
    """First and last name, from what was said, spelled, and heard before. A first name alone is a value too."""
    known = known_parts(at.known.value, at.known.denied)
    last_known = known.last if at.known.value is not None else as_written(at.known.spelled)
    said = NameParts()
    for piece in pieces:
        if isinstance(piece.value, NameParts):
            said = piece.value if piece.value.whole else piece.value.over(said)
    letters = spelled_in(pieces)
    if letters is not None:
        beside = NameParts(said.first or known.first, said.last or last_known)
        name = letters.over(beside, part_is_first=at.part is NamePart.GIVEN)
        return str(name) if name.whole or not slot.full else None
    if said.last and not said.first:
        if slot.full and not known.first:
            return said.last if " " in said.last else None  # `van der Berg` is a name by itself
        said = NameParts(_without(known.first, said.last), said.last)
    elif said.first and not said.last and at.amends:
        said = NameParts(said.first, known.last if at.known.value is not None else "")
    return str(said) or None


def _without(first: str, last: str) -> str:
    """`Nowak Weber it`, put right by `Weber`, is Nowak Weber."""
    *names, end = first.split() or [""]
    return " ".join(names) if names and fold(end) == fold(last) else first


def spelled_in(pieces: Iterable[Piece]) -> Spelled | None:
    """The letters among these pieces: all runs of them together, a stray letter only where there is nothing else."""
    found = [piece for piece in pieces if isinstance(piece.value, Spelled)]
    runs = [piece for piece in found if len(piece.value.letters) > 1 or len(piece) > 1] or found[:1]
    if not runs:
        return None
    first: Spelled = runs[0].value
    return Spelled("".join(piece.value.letters for piece in runs), is_first=first.is_first)


def _list(pieces: Sequence[Piece], against: Sequence[Piece], at: Circumstances) -> tuple[str, ...] | None:
    """All that was named. What is denied goes from the list that is known, what is added comes to it."""
    known = at.known.value if isinstance(at.known.value, tuple) else ()
    denied = {label for piece in against for label in piece.value}
    named = [label for piece in pieces for label in piece.value]
    if not pieces:
        return tuple(label for label in known if label not in denied) if denied & set(known) else None
    kept = [label for label in known if label not in denied] if at.adds else []
    return tuple(dict.fromkeys((*kept, *(label for label in named if label not in denied))))
