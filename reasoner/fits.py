"""Whether a value is one that a slot can have, in its canonical form. Reads are validated, whoever made them."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from datetime import date

from flows.slot import Slot, SlotType

_LONGEST_NAME = 80
_MOST_NAMES = 8
_LONGEST_TEXT = 2000
_LONGEST_EMAIL = 254
_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")
_EMAIL = re.compile(r"[a-z0-9._%+'-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_MOST_FIELDS = 100


def fits(slot: Slot, value: object) -> bool:
    """Whether the slot can have this value. Its `valid` condition, which may look at other slots, is not looked at."""
    if slot.no_preference and value == slot.no_preference:
        return True
    match slot.type:
        case SlotType.YES_NO:
            return isinstance(value, bool)
        case SlotType.LIST:
            return isinstance(value, tuple) and all(_is_listed(slot, label) for label in value)
        case SlotType.CHOICE:
            return _is_listed(slot, value)
        case SlotType.NUMBER | SlotType.MONEY:
            return _is_number(slot, value)
        case SlotType.RECORD:
            return isinstance(value, Mapping) and _is_record(slot, value)
        case _:
            return isinstance(value, str) and _is_text(slot, value)


def _is_listed(slot: Slot, label: object) -> bool:
    return isinstance(label, str) and (
        label in slot.values or (label in (slot.other, slot.no_preference) and label != "")
    )


def _is_number(slot: Slot, value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return False
    if slot.type is SlotType.NUMBER and slot.whole and value != int(value):
        return False
    return (slot.min is None or value >= slot.min) and (slot.max is None or value <= slot.max)


def _is_text(slot: Slot, text: str) -> bool:
    match slot.type:
        case SlotType.PHONE:
            return text.isascii() and text.isdigit() and len(text) == slot.digits
        case SlotType.DATE:
            return _is_date(text)
        case SlotType.TIME:
            return _TIME.fullmatch(text) is not None
        case SlotType.PERSON_NAME:
            return _is_name(text)
        case SlotType.EMAIL:
            return len(text) <= _LONGEST_EMAIL and _EMAIL.fullmatch(text) is not None
        case SlotType.DIGITS:
            return text.isascii() and text.isdigit() and _has_length(slot, text)
        case SlotType.ID:
            return text.isascii() and text.isalnum() and text == text.upper() and _has_length(slot, text)
        case _:
            return bool(text.strip()) and len(text) <= _LONGEST_TEXT and text.isprintable()


def _has_length(slot: Slot, text: str) -> bool:
    least, most = slot.lengths
    return least <= len(text) <= most


def _is_name(text: str) -> bool:
    """Letters of any script, with what stands between them in names. No name is a sentence."""
    return (
        any(ch.isalpha() for ch in text)
        and len(text) <= _LONGEST_NAME
        and len(text.split()) <= _MOST_NAMES
        and all(ch.isalnum() or ch in " -'’." or unicodedata.category(ch).startswith("M") for ch in text)
    )


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _is_record(slot: Slot, record: Mapping[object, object]) -> bool:
    """Fields that the flow names are of their kind; what else another system gives along is left alone."""
    if len(record) > _MOST_FIELDS or not all(isinstance(name, str) for name in record):
        return False
    return all(_is_field(kind, record[name]) for name, kind in slot.fields.items() if name in record)


def _is_field(kind: str, value: object) -> bool:
    match kind:
        case "yes_no":
            return isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        case "list":
            return isinstance(value, tuple | list) and all(isinstance(item, str) for item in value)
        case _:
            return isinstance(value, str)
