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

MOST_KEYS = 60  # of one entry: no value has more
END = "#"
_PERSON = "0"
_ANSWERS = {"1": Answer.YES, "2": Answer.NO}
_WITH_POINT = frozenset({SlotType.MONEY, SlotType.NUMBER})
_MOST_FIGURES = {SlotType.DATE: 8, SlotType.TIME: 4}


def understand_keys(flow: Flow, state: GoalState, keys: str, today: datetime.date) -> Understood:
    """What keys mean, by what is pending. A star between figures is a decimal point."""
    pressed = "".join(key for key in keys[:MOST_KEYS] if key in "0123456789*#").rstrip(END)
    if pressed.startswith("*") or pressed.endswith("*"):
        return Understood(intents=frozenset({Intent.REPEAT}))
    pending = state.pending
    slots = [name for name in pending.slots if name in flow.slots]
    if pending.waiting is Waiting.ANSWER and slots and flow.slots[slots[0]].keypad:
        value = keyed(flow, flow.slots[slots[0]], pressed, today)
        if value is not None:
            answer = (Answer.YES if value else Answer.NO) if isinstance(value, bool) else None
            return Understood(values=(Heard(slots[0], value, 1.0, keys[:MOST_KEYS]),), answer=answer)
    if pending.waiting is Waiting.CONFIRMATION and pressed in _ANSWERS:
        return Understood(answer=_ANSWERS[pressed])
    if pending.waiting is Waiting.WHICH and pressed.isdecimal() and 0 < int(pressed) <= len(slots):
        return Understood(rejected=(slots[int(pressed) - 1],))
    return Understood(intents=frozenset({Intent.HUMAN})) if pressed == _PERSON else Understood()


def all_keyed(flow: Flow, state: GoalState, keys: str) -> bool:
    """Whether an entry is whole, so that nobody has to wait for another key.

    `#` ends any entry, `*` all but a number that may go on behind its decimal point. Without them it is whole where one
    more key could only spoil it: as many figures as the slot has at most, or the one key that answers. A key that
    means nothing here waits for those after it: all of them are one misunderstanding then, and not one each.
    """
    if keys.endswith(END) or keys.startswith("*") or len(keys) >= MOST_KEYS:
        return True
    pending = state.pending
    slots = [flow.slots[name] for name in pending.slots if name in flow.slots]
    slot = slots[0] if pending.waiting is Waiting.ANSWER and slots and slots[0].keypad else None
    if "*" in keys:
        return slot is None or slot.type not in _WITH_POINT
    if pending.waiting is Waiting.CONFIRMATION:
        return keys in (*_ANSWERS, _PERSON)
    if pending.waiting is Waiting.WHICH:
        return _is_a_place(keys, len(slots))
    return slot is not None and _is_full(flow, slot, keys)


def _is_full(flow: Flow, slot: Slot, figures: str) -> bool:
    match slot.type:
        case SlotType.YES_NO:
            return figures in (*_ANSWERS, _PERSON)
        case SlotType.CHOICE:
            return _is_a_place(figures, len(slot.values))
        case SlotType.DIGITS | SlotType.ID:
            return len(figures) == slot.lengths[1]
        case SlotType.PHONE:  # whose country code may stand before it
            return language_for(flow.language).whole_number(figures, slot.digits) is not None
        case _:
            return len(figures) == _MOST_FIGURES.get(slot.type)


def _is_a_place(figures: str, places: int) -> bool:
    """One of so many, and not the beginning of a longer one."""
    if figures == _PERSON:
        return places <= 9  # else it may be the zero of `03`
    return 0 < int(figures) <= places < 10 * int(figures)


def keyed(flow: Flow, slot: Slot, pressed: str, today: datetime.date) -> Value | None:
    """The value that keys give, None where they give none."""
    figures = pressed.replace("*", "").replace(END, "")
    if not figures or (not pressed.isdecimal() and slot.type not in _WITH_POINT):
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
    whole, star, rest = pressed.replace(END, "").partition("*")
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
