"""Whether a text can be the value of a slot, as it is written in a file."""

from __future__ import annotations

import re
from datetime import date, time

from flows.closest import did_you_mean
from flows.slot import Slot, SlotType

Why = tuple[str, str]
"""What is wrong, and the cure."""

_TRUTH = ("true", "false", "yes", "no")


def why_not(text: str, slot: Slot) -> Why | None:
    """Why `text` cannot be a value of `slot`, None where it can."""
    match slot.type:
        case SlotType.NUMBER | SlotType.MONEY:
            return _number(text, slot)
        case SlotType.YES_NO:
            return None if text in _TRUTH else ("it is a yes or a no", "Write `true` or `false`.")
        case SlotType.CHOICE:
            return _label(text, slot)
        case SlotType.LIST:
            labels = [part.strip() for part in text.strip("[]").split(",") if part.strip()]
            return next((why for label in labels if (why := _label(label, slot))), None)
        case SlotType.DATE:
            return _iso(text, date.fromisoformat, "it is no date", "Write it as `2026-11-23`.")
        case SlotType.TIME:
            return _iso(text, time.fromisoformat, "it is no time", "Write it as `16:30`.")
        case SlotType.PHONE | SlotType.DIGITS:
            return None if re.fullmatch(r"\d+", text) else ("it has more than digits", "Write digits only.")
        case SlotType.RECORD:
            return "a record is given by an action", "Take it out."
        case _:
            return None


def _number(text: str, slot: Slot) -> Why | None:
    try:
        number = float(text)
    except ValueError:
        return "it is no number", "Write it in digits: `0`."
    if slot.min is not None and number < slot.min:
        return f"the least is {slot.min:g}", "Change one of the two."
    if slot.max is not None and number > slot.max:
        return f"the most is {slot.max:g}", "Change one of the two."
    return None


def _label(text: str, slot: Slot) -> Why | None:
    known = labels(slot)
    if not known or text in known:
        return None
    return "it is none of its values", did_you_mean(text, known, f"They are: {', '.join(known[:12])}.")


def labels(slot: Slot) -> list[str]:
    """The values that a choice or a list can have, "" not among them."""
    beside = (slot.other, slot.no_preference) if slot.type is SlotType.CHOICE else (slot.no_preference,)
    return [*slot.values, *(value for value in beside if value)]


def _iso(text: str, read: object, rule: str, cure: str) -> Why | None:
    assert callable(read)
    try:
        read(text)
    except ValueError:
        return rule, cure
    return None
