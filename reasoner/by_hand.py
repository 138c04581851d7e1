"""What a supervisor may do to a call, and what follows from it. Pure, like the rest of the machine.

A supervisor takes the place of the caller or of the script, not of the rules: values have to fit their slots, words
that the flow forbids stay unsaid, disclosures are still owed, a write still waits for settled values and is never cut
off half-way. Two things only somebody with the right to it may do (`past_gates`): let a call past a gate, and give
what only the caller can give, which is a proof of who is calling, or consent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum

from flows.places import BACK
from flows.schema import Flow
from flows.slot import Slot, SlotType
from reasoner.acts import Dictated
from reasoner.conditions import Values, canonical, depends_on, refutes, values_of
from reasoner.draft import Draft, begin_draft, reply
from reasoner.events import (
    ByHand,
    Effect,
    HandedOverByHand,
    MemoryPatched,
    NoteWhispered,
    StepForced,
    WordsOrdered,
)
from reasoner.path import enter, hand_over, leave_for, turn_to
from reasoner.script import go_on, return_to_pending
from reasoner.slots import give
from reasoner.state import GateState, GoalState
from reasoner.types import Pending, SlotName, SlotState, SlotStatus, Value, Waiting

MOST_NOTES = 20
LONGEST_NOTE = 500
LONGEST_WORDS = 1000


class Refusal(StrEnum):
    """Why a call takes no notice of what was ordered."""

    OVER = "over"  # the call has its outcome
    STALE = "stale"  # it has moved on since it was looked at
    NO_SUCH_SLOT = "no_such_slot"
    NO_SUCH_STEP = (
        "no_such_step"  # nor one that a call can be sent to: gates and steps of called flows are none
    )
    BAD_VALUE = "bad_value"
    GATED = "gated"  # it takes the right to go past gates
    BUSY = "busy"  # something is being written in another system
    NEVER_SAY = "never_say"  # the flow forbids these words
    TOO_LONG = "too_long"
    EMPTY = "empty"


def refusal(flow: Flow, state: GoalState, event: ByHand) -> Refusal | None:
    """Why `advance` would leave the state as it is, None where it would not."""
    if isinstance(event, MemoryPatched):
        return _no_patch(flow, state, event)
    if state.outcome is not None:
        return Refusal.OVER
    match event:
        case NoteWhispered(text=text):
            return _no_text(text, LONGEST_NOTE) or (
                Refusal.TOO_LONG if len(state.notes) >= MOST_NOTES else None
            )
        case WordsOrdered(text=text):
            forbidden = any(claim.casefold() in text.casefold() for claim in flow.never_say)
            return _no_text(text, LONGEST_WORDS) or (Refusal.NEVER_SAY if forbidden else None)
        case StepForced(step=step):
            if step not in forcible(flow):
                return Refusal.NO_SUCH_STEP
            return Refusal.BUSY if _is_writing(flow, state) else None
        case HandedOverByHand():
            return None


def forcible(flow: Flow) -> tuple[str, ...]:
    """The steps that a call can be sent to."""
    return tuple(name for name in flow.steps if name not in flow.gates and "." not in name)


def only_the_caller(flow: Flow, state: GoalState) -> frozenset[SlotName]:
    """What proves who is calling at a gate that is not passed, and consent."""
    names = {name for name, slot in flow.slots.items() if slot.must_be_yes}
    for name, gate in flow.gates.items():
        if not state.gates.get(name, GateState()).passed:
            looked_up = tuple(flow.actions[gate.do].gives) if gate.do is not None else ()
            names |= {*gate.ask, *looked_up, *depends_on(flow, gate.passes)}
    return frozenset(names)


def take_by_hand(flow: Flow, state: GoalState, event: ByHand) -> tuple[GoalState, tuple[Effect, ...]]:
    """See `machine.advance`."""
    if refusal(flow, state, event) is not None:
        return state, ()
    draft = begin_draft(flow, state)
    draft.pass_time(event.at_s)
    match event:
        case MemoryPatched():
            _patch(draft, event)
        case NoteWhispered(text=text):
            draft.notes = (*draft.notes, text.strip())
        case WordsOrdered(text=text):
            draft.silences, draft.held = 0, False
            draft.acts.append(Dictated(text.strip()))
            return_to_pending(draft)
            reply(draft)
        case StepForced():
            _force(draft, event)
        case HandedOverByHand():
            hand_over(draft, "supervisor")
            reply(draft)
    return draft.settled()


# --- what is refused -----------------------------------------------------------------------------------------


def _no_text(text: str, longest: int) -> Refusal | None:
    if not text.strip():
        return Refusal.EMPTY
    return Refusal.TOO_LONG if len(text) > longest else None


def _no_patch(flow: Flow, state: GoalState, event: MemoryPatched) -> Refusal | None:
    if event.revision != state.revision:
        return Refusal.STALE
    notes = event.notes or ()
    if len(notes) > MOST_NOTES:
        return Refusal.TOO_LONG
    if wrong := next((why for note in notes if (why := _no_text(note, LONGEST_NOTE))), None):
        return wrong
    if not event.slots.keys() <= flow.slots.keys():
        return Refusal.NO_SUCH_SLOT
    if not event.past_gates and only_the_caller(flow, state) & event.slots.keys():
        return Refusal.GATED
    return Refusal.BAD_VALUE if unfit(flow, state, event.slots) else None


def unfit(flow: Flow, state: GoalState, given: Mapping[SlotName, Value | None]) -> list[SlotName]:
    """Of new values by slot, those that their slots cannot have."""
    meant = {name: canonical(flow, name, value) for name, value in given.items()}
    values = {**values_of(state.slots, state.today), **meant}
    known = {name: value for name, value in values.items() if value is not None}
    return [
        name
        for name, value in given.items()
        if value is not None
        and (meant[name] is None or _cannot_be(flow, flow.slots[name], meant[name], known, state.today))
    ]


def _cannot_be(flow: Flow, slot: Slot, value: Value | None, known: Values, today: str) -> bool:
    is_day = slot.type is SlotType.DATE and bool(today) and value != slot.no_preference
    if is_day and ((slot.past and str(value) > today) or (slot.future and str(value) < today)):
        return True
    return refutes(flow, slot.valid, known)


def _is_writing(flow: Flow, state: GoalState) -> bool:
    return (
        state.doing is not None
        and state.doing.action in flow.actions
        and flow.actions[state.doing.action].effect == "write"
    )


# --- what follows --------------------------------------------------------------------------------------------


def _patch(draft: Draft, event: MemoryPatched) -> None:
    """Set the values. The agent speaks only where it matters now: its open question is answered, or what the way
    here was decided by has changed."""
    if event.notes is not None:
        draft.notes = tuple(note.strip() for note in event.notes)
    touched: list[SlotName] = []
    matters = False
    for name, given in event.slots.items():
        held, value = draft.slots[name], canonical(draft.flow, name, given)
        if held.value == value and held.status in (SlotStatus.CONFIRMED, SlotStatus.EMPTY):
            continue
        touched.append(name)
        matters = matters or held.value is not None or name in draft.pending.slots
        draft.slots[name] = _by_hand(held, value)
    draft.echoed = tuple(name for name in draft.echoed if name not in touched)
    if draft.outcome is not None or not draft.path or draft.doing is not None or not matters:
        return
    before = draft.pending
    go_on(draft)
    _count_no_attempt(draft, before)
    if draft.acts:
        reply(draft)


def _by_hand(held: SlotState, value: Value | None) -> SlotState:
    was = held.value if held.status is SlotStatus.CONFIRMED else held.was
    return replace(give(value), asked=held.asked, denied=held.denied, was=was)


def _count_no_attempt(draft: Draft, before: Pending) -> None:
    """The question that was open before is put again for no fault of the caller's."""
    if draft.pending == before and before.waiting in (Waiting.ANSWER, Waiting.SPELLING):
        held = draft.slots[before.slots[0]]
        draft.slots[before.slots[0]] = replace(held, asked=max(0, held.asked - 1))


def _force(draft: Draft, event: StepForced) -> None:
    step = draft.flow.steps[event.step]
    if event.past_gates:
        for need in step.needs:
            known = draft.gates.get(need, GateState())
            if need in draft.flow.gates and not known.passed:
                draft.gates[need] = replace(known, passed=True, waived_by=event.by)
    draft.silences, draft.held, draft.open_question, draft.doing = 0, False, "", None
    if not draft.path:
        enter(draft, event.step)
    elif event.step != draft.step and any(way.go == BACK for way in step.then):
        turn_to(draft, event.step)
    else:
        leave_for(draft, event.step)
    go_on(draft)
    if draft.acts:
        reply(draft)
