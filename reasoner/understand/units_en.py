"""What numbers count in English: people, nights, miles; and what they count is none of a slot's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flows.slot import Slot, SlotType
from reasoner.understand.forms import Form, Rules
from reasoner.understand.words import Words, words_of

_PEOPLE = ("people", "persons", "guests", "person", "adults", "of us", "diners", "pax", "folks", "guest", "adult", "ppl", "peoples", "seats", "place settings", "individuals", "passengers", "tickets", "travelers", "travellers")  # fmt: skip
_UNITS: Mapping[str, tuple[str, ...]] = {
    "people": _PEOPLE,
    "persons": _PEOPLE,
    "guests": _PEOPLE,
    "nights": ("night", "nights", "days", "day"),
    "days": ("day", "days", "nights", "night"),
    "tickets": ("ticket", "tickets", *_PEOPLE),
    "percent": ("percent", "per cent"),
    "minutes": ("minute", "minutes", "mins", "min"),
    "hours": ("hour", "hours", "hrs", "hr"),
    "miles": ("mile", "miles"),
    "kilometers": ("kilometer", "kilometers", "kilometre", "kilometres", "km", "kms"),
    "kilograms": ("kilogram", "kilograms", "kilo", "kilos", "kg", "kgs"),
    "pounds": ("pound", "pounds", "lb", "lbs"),
    "degrees": ("degree", "degrees"),
}
UNIT_WORDS = frozenset(unit for units in _UNITS.values() for unit in units if " " not in unit) - {
    "days",
    "day",
}
BEFORE_PEOPLE = ("for", "party of", "a party of", "table for", "a table for", "group of", "a group of", "seats for", "a reservation for", "a booking for", "reservation for", "there are", "there will be", "there's", "we are", "we're", "there'll be", "family of", "a family of", "it's for", "for a party of", "for a group of")  # fmt: skip
PEOPLE_UNITS = frozenset(
    {
        "people",
        "persons",
        "guests",
        "adults",
        "passengers",
        "diners",
        "travelers",
        "travellers",
        "drivers",
        "attendees",
        "participants",
        "players",
        "visitors",
        "tenants",
        "students",
        "members",
        "employees",
        "residents",
        "patients",
        "occupants",
        "riders",
    }
)


def counted(slot: Slot) -> tuple[str, ...]:
    """The words for what a number counts, in singular and plural."""
    unit = " ".join(words_of(slot.unit).folded) or _unit_in(slot)
    if not unit:
        return ()
    known = (_PEOPLE if unit in PEOPLE_UNITS else None) or _UNITS.get(unit) or _UNITS.get(f"{unit}s") or ()
    one = unit[:-1] if unit.endswith("s") else unit
    return tuple(dict.fromkeys((unit, one, f"{one}s", *known)))


def _unit_in(slot: Slot) -> str:
    """What a number counts, where its label tells: `number of people`, `party size`, `nights`."""
    if slot.type is not SlotType.NUMBER:
        return ""
    for word in words_of(slot.label).folded:
        if unit := _IN_LABELS.get(word) or next((unit for unit in _UNITS if word in (unit, unit[:-1])), ""):
            return unit
    return ""


_IN_LABELS = {
    "party": "people",
    "group": "people",
    "guest": "people",
    "seats": "people",
    "stay": "nights",
    "people": "people",
}


LENGTHS = frozenset(
    "minutes minute mins min hours hour hrs days day weeks week months month years year percent times am pm".split()
)


@dataclass(frozen=True, slots=True)
class NotOf:
    """A form, unless what follows says that it counts something else: `20` is no number of people in `20 minutes`."""

    inner: Form[Any]
    others: frozenset[str]
    starts: frozenset[str]
    nullable: bool = False

    def read(self, words: Words, at: int) -> Iterator[tuple[int, Any]]:
        return (found for found in self.inner.read(words, at) if words.keys[found[0]] not in self.others)

    def jsgf(self, rules: Rules) -> str:
        return self.inner.jsgf(rules)
