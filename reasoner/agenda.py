"""What the agent does next, given what is established. Pure functions."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from math import ceil

from flows.schema import Flow
from flows.slot import Confirm, Slot, SlotType
from reasoner.acts import Act, Ask, AskSpelling, AskWhich, ReadBack
from reasoner.conditions import holds, values_of
from reasoner.slots import is_partial
from reasoner.state import GoalState, StepName
from reasoner.types import Pending, SlotName, SlotState, SlotStatus, Waiting

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


def next_task(
    flow: Flow, slots: Slots, path: Sequence[StepName], today: str, hidden: Set[SlotName] = frozenset()
) -> ToRead | ToAsk | None:
    """What the steps so far still want: values to be confirmed at once, open questions, the rest to confirm.

    None: the step can be left. A slot that must be yes and was answered no is read back at once, whatever its
    policy: nothing that follows would be of use.

    Args:
        path: the steps that may ask. today: the date of the call.
        hidden: slots behind a gate that is not passed: neither read back nor asked for.
    """
    asked = list(asked_on(flow, slots, path, today))
    hidden = hidden | _not_due(slots, asked)
    waiting = [n for n in in_order(flow) if slots[n].status is SlotStatus.HEARD and n not in hidden]
    for name in waiting:
        if is_partial(flow.slots[name], slots[name]):
            return ToAsk(name)
    at_once = [name for name in waiting if _is_urgent(flow.slots[name], slots[name])]
    at_once.sort(key=lambda name: _remembered_last(slots[name]))
    if at_once:
        return ToRead(_group(at_once, slots))
    for name in asked:
        if name not in hidden and _is_open(flow.slots[name], slots[name]):
            return ToAsk(name)
    due = [name for name in waiting if not _is_echoed(flow, name)]
    return ToRead(_group(due, slots)) if due else None


def remembered_for_later(
    flow: Flow, slots: Slots, path: Sequence[StepName], today: str
) -> frozenset[SlotName]:
    """Remembered values that no step of the path asks for: nobody has to hear of them, nor to confirm them."""
    return _not_due(slots, list(asked_on(flow, slots, path, today)))


def _not_due(slots: Slots, asked: Sequence[SlotName]) -> frozenset[SlotName]:
    """A name by which it is known who calls is due from the first."""
    return frozenset(
        name
        for name, held in slots.items()
        if held.recalled and held.status is SlotStatus.HEARD and not held.doubted and name not in asked
    )


def last_to_read(flow: Flow, slots: Slots, hidden: Collection[SlotName]) -> ToRead | None:
    """What was said in passing and nobody had the time to object to, when everything else is done."""
    waiting = [n for n in in_order(flow) if slots[n].status is SlotStatus.HEARD and n not in hidden]
    return ToRead(_group(waiting, slots)) if waiting else None


def asked_on(flow: Flow, slots: Slots, path: Sequence[StepName], today: str) -> Iterator[SlotName]:
    """The slots that the steps of the path ask for, in their order. `path`: without steps that have not begun."""
    values = values_of(slots, today)
    seen: set[SlotName] = set()
    for step in (flow.steps[name] for name in path if name in flow.steps):
        if step.done_when is not None and holds(flow, step.done_when, values):
            continue
        for name in step.ask:
            if name not in seen and holds(flow, flow.slots[name].required_if, values):
                seen.add(name)
                yield name


def in_order(flow: Flow) -> Iterator[SlotName]:
    """All slots: those that are asked for in their order, then the others."""
    asked = dict.fromkeys(flow.ask)
    yield from asked
    yield from (name for name in flow.slots if name not in asked)


def _is_open(slot: Slot, state: SlotState) -> bool:
    # A state can come from an older version of its flow, where the slot was optional.
    required = slot.required and not slot.give_up
    return state.status is SlotStatus.EMPTY or (required and state.status is SlotStatus.DECLINED)


def _is_urgent(slot: Slot, state: SlotState) -> bool:
    at_once = slot.policy in (Confirm.READ_BACK, Confirm.SPELL_BACK)
    return at_once or state.doubted or is_refused(slot, state)


def _is_echoed(flow: Flow, name: SlotName) -> bool:
    return flow.slots[name].policy is Confirm.IMPLICIT


def is_refused(slot: Slot, state: SlotState) -> bool:
    """The answer is a no where the flow needs a yes."""
    return slot.type is SlotType.YES_NO and slot.must_be_yes and state.value is False


def _group(names: list[SlotName], slots: Slots) -> tuple[SlotName, ...]:
    """The first of `names` to read back together: doubted and spelled ones alone, the others in even groups."""
    if _stands_alone(slots[names[0]]):
        return (names[0],)
    recalled = slots[names[0]].recalled
    together = [name for name in names if not _stands_alone(slots[name]) and slots[name].recalled is recalled]
    groups = ceil(len(together) / READ_BACK_AT_MOST)
    return tuple(together[: ceil(len(together) / groups)])


def _remembered_last(state: SlotState) -> int:
    """What is remembered comes after what was said in this call; but a name by which it is known who calls, first."""
    if not state.recalled:
        return 1
    return 0 if state.doubted else 2


def _stands_alone(state: SlotState) -> bool:
    return state.doubted or bool(state.spelled)


# --- the acts for a task -------------------------------------------------------------------------------------


def reading_acts(flow: Flow, slots: Slots, names: tuple[SlotName, ...]) -> tuple[tuple[Act, ...], Pending]:
    spelled = any(slots[name].spelled or flow.slots[name].policy is Confirm.SPELL_BACK for name in names)
    recalled = all(slots[name].recalled for name in names)
    return (ReadBack(names, spelled=spelled, recalled=recalled),), Pending(Waiting.CONFIRMATION, names)


def repeat_pending(flow: Flow, state: GoalState, *, plainer: bool = False) -> tuple[Act, ...]:
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
            return reading_acts(flow, state.slots, pending.slots)[0]
        case Waiting.WHICH:
            return (AskWhich(pending.slots),)
        case Waiting.NOTHING | Waiting.ACTION:
            return ()
