"""Keys that were pressed → what they mean. `#` ends a number, `*` asks for the question again, `0` for a person."""

from __future__ import annotations

import datetime

from flows.schema import Flow
from flows.slot import Slot, SlotType
from reasoner.state import GoalState
from reasoner.types import Answer, Heard, Intent, Understood, Value, Waiting
from reasoner.understand.dates import DateParts, iso_date
from reasoner.understand.language import language_for
from reasoner.understand.times import TimeParts

_MOST_KEYS = 60
_ANSWERS = {"1": Answer.YES, "2": Answer.NO}


def understand_keys(flow: Flow, state: GoalState, keys: str, today: datetime.date) -> Understood:
    """What keys mean, by what is pending. A star between figures is a decimal point."""
    pressed = "".join(key for key in keys[:_MOST_KEYS] if key in "0123456789*#").rstrip("#")
    if pressed.startswith("*") or pressed.endswith("*"):
        return Understood(intents=frozenset({Intent.REPEAT}))
    pending = state.pending
    slots = [name for name in pending.slots if name in flow.slots]
    if pending.waiting is Waiting.ANSWER and slots and flow.slots[slots[0]].keypad:
        value = keyed(flow, flow.slots[slots[0]], pressed, today)
        if value is not None:
            answer = (Answer.YES if value else Answer.NO) if isinstance(value, bool) else None
            return Understood(values=(Heard(slots[0], value, 1.0, keys[:_MOST_KEYS]),), answer=answer)
    if pending.waiting is Waiting.CONFIRMATION and pressed in _ANSWERS:
        return Understood(answer=_ANSWERS[pressed])
    if pending.waiting is Waiting.WHICH and pressed.isdecimal() and 0 < int(pressed) <= len(slots):
        return Understood(rejected=(slots[int(pressed) - 1],))
    return Understood(intents=frozenset({Intent.HUMAN})) if pressed == "0" else Understood()


def keyed(flow: Flow, slot: Slot, pressed: str, today: datetime.date) -> Value | None:
    """The value that keys give, None where they give none."""
    figures = pressed.replace("*", "").replace("#", "")
    if not figures or (not pressed.isdecimal() and slot.type not in (SlotType.MONEY, SlotType.NUMBER)):
        return None
    least, most = slot.lengths
    match slot.type:
        case SlotType.YES_NO:
            return {"1": True, "2": False}.get(pressed)
        case SlotType.CHOICE:
            return _nth(slot, int(figures))
        case SlotType.LIST:
            labels = [_nth(slot, int(figure)) for figure in figures]
            return None if None in labels else tuple(dict.fromkeys(label for label in labels if label))
        case SlotType.DIGITS | SlotType.ID:
            return figures if least <= len(figures) <= most else None
        case SlotType.PHONE:
            return language_for(flow.language).whole_number(figures, slot.digits)
        case SlotType.NUMBER | SlotType.MONEY:
            return _number(slot, pressed)
        case SlotType.DATE:
            return _date(flow, slot, figures, today)
        case SlotType.TIME:
            return _time(flow, slot, figures)
        case _:
            return None


def _nth(slot: Slot, place: int) -> str | None:
    labels = list(slot.values)
    return labels[place - 1] if 0 < place <= len(labels) else None


def _number(slot: Slot, pressed: str) -> int | float | None:
    whole, star, rest = pressed.replace("#", "").partition("*")
    if "*" in rest or (star and slot.type is SlotType.NUMBER and slot.whole):
        return None
    number = float(f"{whole or 0}.{rest or 0}")
    if (slot.min is not None and number < slot.min) or (slot.max is not None and number > slot.max):
        return None
    return int(number) if number.is_integer() else number


def _date(flow: Flow, slot: Slot, figures: str, today: datetime.date) -> str | None:
    """MMDDYYYY, MMDDYY, or MMDD where the year goes without saying."""
    if len(figures) not in (4, 6, 8):
        return None
    parts = DateParts(int(figures[4:]) if len(figures) > 4 else None, int(figures[:2]), int(figures[2:4]))
    needed = language_for(flow.language).needs_year(slot)
    return iso_date(parts, past=slot.past, today=today, future=slot.future, year_needed=needed)


def _time(flow: Flow, slot: Slot, figures: str) -> str | None:
    """HHMM, HMM, or the hour alone."""
    if len(figures) > 4:
        return None
    hour, minute = (figures[:-2], figures[-2:]) if len(figures) > 2 else (figures, "0")
    late = language_for(flow.language).late_from(
        f"{slot.label} {slot.ask} {flow.about} {flow.agent.business}"
    )
    return TimeParts(int(hour), int(minute), exact=hour.startswith("0")).hh_mm(late)
