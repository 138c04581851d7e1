"""Hearings of which none is whole, put together: figures of a wrong length, a date without its year. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from flows.slot import Slot, SlotType
from reasoner.fits import fits
from reasoner.types import Heard, SlotState

MOST_KEPT = 4
"""Hearings of one value. What was heard long ago was heard no better."""
SURE_PUT_TOGETHER = 0.3
"""Nobody said it so: where the slot wants to be sure at all, it is read back."""
_LONGEST = 40
_GAP = ""
_OTHER, _LOST = 4, 3
"""What it costs that a character was heard as another, and that one was lost or added."""

Missing = tuple[Literal["year", "month", "day"], ...]


def with_begun(slot: Slot, state: SlotState, heard: Heard) -> tuple[SlotState, Heard | None]:
    """The slot with one more hearing, and the value that all of them give; None where they give none yet."""
    text = str(heard.value)[:_LONGEST]
    if slot.type is SlotType.DATE:
        text = _merged(state.begun[-1] if state.begun else "????-??-??", text)
        state = replace(state, begun=(text,))
        value: str | None = text if "?" not in text else None
    else:
        state = replace(state, begun=(*state.begun, text)[-MOST_KEPT:])
        value = put_together([*map(str, state.denied), *state.begun], lengths_of(slot))
    if value is None or value in state.denied or not fits(slot, value):
        return state, None
    return state, replace(heard, value=value, confidence=min(heard.confidence, SURE_PUT_TOGETHER))


def missing_of(state: SlotState) -> Missing:
    """What of a date is not known yet; nothing where nothing is known, for then all of it is asked for."""
    parts = state.begun[-1].split("-") if state.begun else []
    names: Missing = ("year", "month", "day")
    lacks = tuple(name for name, part in zip(names, parts, strict=False) if "?" in part)
    return lacks if len(lacks) < len(names) else ()


def lengths_of(slot: Slot) -> tuple[int, int]:
    """Fewest and most characters of a code."""
    return (slot.digits, slot.digits) if slot.type is SlotType.PHONE else slot.lengths


def _merged(before: str, now: str) -> str:
    """The parts of a date as they were heard last."""
    parts = zip(before.split("-"), now.split("-"), strict=False)
    return "-".join(old if "?" in new else new for old, new in parts)


def put_together(hearings: Sequence[str], lengths: tuple[int, int]) -> str | None:
    """What was most likely said, of hearings that have lost or gained characters.

    They are laid side by side as in ROVER (Fiscus 1997); in each place the character that most of them have counts,
    of equals the one heard last. The places that the fewest have are left out until the length is right.

    Args:
        hearings: in the order in which they were heard. lengths: fewest and most characters.

    Returns:
        None for fewer than two hearings, and where they have too few places between them.
    """
    least, most = lengths
    hearings = [one for one in hearings if one]
    if len(hearings) < 2:
        return None
    places: list[list[str]] = [[char] for char in hearings[0]]
    for count, hearing in enumerate(hearings[1:], start=1):
        places = _beside(places, hearing, count)
    kept = sorted(sorted(range(len(places)), key=lambda at: -_support(places[at]))[:most])
    sure = [at for at in kept if 2 * _support(places[at]) > len(hearings)]
    chosen = sure if len(sure) >= least else kept
    if not least <= len(chosen) <= most:
        return None
    return "".join(_usual(places[at]) for at in chosen)


def _support(place: list[str]) -> int:
    return sum(char != _GAP for char in place)


def _usual(place: list[str]) -> str:
    counts = Counter(char for char in place if char != _GAP)
    most = max(counts.values())
    return next(char for char in reversed(place) if counts.get(char) == most)


def _beside(places: list[list[str]], hearing: str, count: int) -> list[list[str]]:
    """The places with one more hearing in them, at the least cost. `count`: hearings so far."""
    rows, width = len(places) + 1, len(hearing) + 1
    cost = [[_LOST * (at + across) for across in range(width)] for at in range(rows)]
    for at in range(1, rows):
        for across in range(1, width):
            other = _OTHER * (hearing[across - 1] not in places[at - 1])
            lost = min(cost[at - 1][across], cost[at][across - 1]) + _LOST
            cost[at][across] = min(cost[at - 1][across - 1] + other, lost)
    at, across, out = rows - 1, width - 1, list[list[str]]()
    while at or across:
        both = _OTHER * bool(at and across and hearing[across - 1] not in places[at - 1])
        if at and across and cost[at][across] == cost[at - 1][across - 1] + both:
            at, across = at - 1, across - 1
            out.append([*places[at], hearing[across]])
        elif at and cost[at][across] == cost[at - 1][across] + _LOST:
            at -= 1
            out.append([*places[at], _GAP])
        else:
            across -= 1
            out.append([*[_GAP] * count, hearing[across]])
    return out[::-1]
