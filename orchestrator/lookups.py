"""Look-ups as they are told, one by one, and what they come to. Pure.

While the caller speaks, the same question is looked up again with each word, and once more when its answer is used;
what people want to see is when the passages that were used were first there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from orchestrator.recording import LookedUp

SAME_TURN_S = 15.0

M = TypeVar("M")


def found(told: Sequence[M | LookedUp], lookup: LookedUp) -> tuple[M | LookedUp, ...]:
    """What was told so far, with one more look-up.

    One that is used takes the place of the first that found the same in this turn, and keeps its time; one that is
    not used and found the same as another is left out.
    """
    for place, earlier in enumerate(told):
        if isinstance(earlier, LookedUp) and not earlier.used and _same(earlier, lookup):
            if not lookup.used:
                return tuple(told)
            return (*told[:place], replace(earlier, query=lookup.query, used=True), *told[place + 1 :])
    return (*told, lookup)


def _same(earlier: LookedUp, lookup: LookedUp) -> bool:
    near = lookup.at_s - earlier.at_s <= SAME_TURN_S
    return near and (
        earlier.query == lookup.query or (earlier.titles == lookup.titles and bool(earlier.titles))
    )
