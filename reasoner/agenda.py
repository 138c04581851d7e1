"""What the agent does next, given what is established. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil

from flows.schema import Confirm, Flow, Slot, SlotType
from reasoner.slots import is_partial
from reasoner.types import (
    Act,
    Ask,
    AskSpelling,
    AskWhich,
    GoalState,
    Pending,
    ReadBack,
    SlotName,
    SlotState,
    SlotStatus,
    Waiting,
)

READ_BACK_AT_MOST = 3
"""Values read back in one breath. A listener who has to check each against the truth keeps three or four in mind;
with more, the yes at the end means little."""

Slots = Mapping[SlotName, SlotState]


@dataclass(frozen=True, slots=True)
class ToRead:
    """These values are to be read back next."""

    slots: tuple[SlotName, ...]


@dataclass(frozen=True, slots=True)
class ToAsk:
    """This slot is to be asked for next."""

    slot: SlotName


def next_task(flow: Flow, slots: Slots) -> ToRead | ToAsk | None:
    """What comes next: values to be confirmed at once, open questions, the rest to confirm. None: all is done.

    A slot that must be yes and was answered no is read back at once, whatever its policy: nothing that follows
    would be of use.
    """
    waiting = [name for name in in_order(flow) if slots[name].status is SlotStatus.HEARD]
    for name in waiting:
        if is_partial(flow.slots[name], slots[name]):
            return ToAsk(name)
    at_once = [name for name in waiting if _is_urgent(flow.slots[name], slots[name])]
    if at_once:
        return ToRead(_group(at_once, slots))
    for name in flow.ask:
        if _is_open(flow.slots[name], slots[name]):
            return ToAsk(name)
    return ToRead(_group(waiting, slots)) if waiting else None


def in_order(flow: Flow) -> Iterator[SlotName]:
    """All slots: those that are asked for in their order, then the others."""
    yield from flow.ask
    yield from (name for name in flow.slots if name not in flow.ask)


def is_complete(flow: Flow, slots: Slots) -> bool:
    """Every required slot is confirmed and nothing that was heard still waits for it."""
    return next_task(flow, slots) is None


def _is_open(slot: Slot, state: SlotState) -> bool:
    # A state can come from an older version of its flow, where the slot was optional.
    return state.status is SlotStatus.EMPTY or (slot.required and state.status is SlotStatus.DECLINED)


def _is_urgent(slot: Slot, state: SlotState) -> bool:
    return slot.confirm is Confirm.READ_BACK or state.doubted or is_refused(slot, state)


def is_refused(slot: Slot, state: SlotState) -> bool:
    """The answer is a no where the flow needs a yes."""
    return slot.type is SlotType.YES_NO and slot.must_be_yes and state.value is False


def _group(names: list[SlotName], slots: Slots) -> tuple[SlotName, ...]:
    """The first of `names` to read back together: doubted and spelled ones alone, the others in even groups."""
    if _stands_alone(slots[names[0]]):
        return (names[0],)
    together = [name for name in names if not _stands_alone(slots[name])]
    groups = ceil(len(together) / READ_BACK_AT_MOST)
    return tuple(together[: ceil(len(together) / groups)])


def _stands_alone(state: SlotState) -> bool:
    return state.doubted or bool(state.spelled)


# --- the acts for a task -------------------------------------------------------------------------------------


def reading_acts(slots: Slots, names: tuple[SlotName, ...]) -> tuple[tuple[Act, ...], Pending]:
    spelled = any(slots[name].spelled for name in names)
    return (ReadBack(names, spelled=spelled),), Pending(Waiting.CONFIRMATION, names)


def repeat_pending(state: GoalState, *, plainer: bool = False) -> tuple[Act, ...]:
    """The question that the agent waits on, once more: after a digression, a silence, or words of no use.

    `plainer`: in the words for a question that was not answered.
    """
    pending = state.pending
    if not pending.slots:
        return ()
    first = pending.slots[0]
    again = max(state.slots[first].asked - 1, int(plainer)) if first in state.slots else 0
    match pending.waiting:
        case Waiting.ANSWER:
            return (Ask(first, again=again),)
        case Waiting.SPELLING:
            return (AskSpelling(first, again=1, part=pending.part),)
        case Waiting.CONFIRMATION:
            return reading_acts(state.slots, pending.slots)[0]
        case Waiting.WHICH:
            return (AskWhich(pending.slots),)
        case Waiting.NOTHING:
            return ()
