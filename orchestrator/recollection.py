"""What of a call is kept for the caller's next one, and what of it the next one is told. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import cast

from pydantic import JsonValue, TypeAdapter

from flows.schema import Flow
from flows.slot import Slot, SlotType
from memory.callers import (
    Caller,
    OpenMatter,
    PastCall,
    Remembered,
    Sign,
    SignKind,
    identity_sign,
    phone_sign,
    with_call,
)
from memory.privacy import Retention
from reasoner.conditions import holds, values_of
from reasoner.known import by_identity, by_number
from reasoner.state import GateState, GoalState, Outcome
from reasoner.types import SlotName, SlotState, SlotStatus, Value

MOST_EARLIER = 3
"""Calls and matters that the next call is told of: the newest."""

_json: TypeAdapter[Value] = TypeAdapter(Value)


# --- who it is -------------------------------------------------------------------------------------------------


def proof_of(flow: Flow, state: GoalState) -> tuple[str, Sign] | None:
    """The gate that the caller has passed and whom that proves them to be, None where it says nothing of that.

    What is never remembered, such as a PIN, is left out; a gate that a supervisor opened proves nothing.
    """
    for name, gate in flow.gates.items():
        known = state.gates.get(name, GateState())
        if not known.passed or known.waived_by:
            continue
        held = {slot: state.slots.get(slot, SlotState()) for slot in gate.ask}
        proof = {
            plain(slot): _dumped(one.value)
            for slot, one in held.items()
            if flow.slots[slot].remember == "caller" and one.value is not None
        }
        if (sign := identity_sign(plain(name), proof)) is not None:
            return name, sign
    return None


def plain(name: str) -> str:
    """The name of a slot or gate in the flow that it is from: a called flow's parts are named after the step."""
    return name.rpartition(".")[2]


def ringing(flow: Flow, number: str) -> dict[SlotName, Value]:
    """The number that rings, for the slot of the flow that wants it: a phone that the call gives."""
    sign = phone_sign(number)
    wanted = [n for n, s in flow.slots.items() if s.source == "call" and s.type is SlotType.PHONE]
    return {wanted[0]: sign.value} if sign is not None and len(wanted) == 1 else {}


# --- what the next call is told --------------------------------------------------------------------------------


def told_by_number(flow: Flow, caller: Caller, retention: Retention, now: datetime) -> dict[SlotName, Value]:
    """What may be used of whoever rings from the caller's number."""
    return {
        name: value
        for name, value in _values(flow, caller, retention, now).items()
        if by_number(flow, name) and caller.values[plain(name)].known_by is SignKind.PHONE
    }


def told_by_identity(
    flow: Flow, caller: Caller, retention: Retention, now: datetime
) -> dict[SlotName, Value]:
    """What may be used of a caller who has passed a gate."""
    found = _values(flow, caller, retention, now)
    return {name: value for name, value in found.items() if by_identity(flow, name)}


def _values(flow: Flow, caller: Caller, retention: Retention, now: datetime) -> dict[SlotName, Value]:
    """By the slots of this flow, those of the same name and type."""
    found = {}
    for name, slot in flow.slots.items():
        known = caller.values.get(plain(name))
        if known is not None and known.type == slot.type.value and known.value is not None:
            pii = max(known.pii, slot.pii, key=("none", "personal", "sensitive").index)
            if retention.keeps(pii, known.confirmed_at, now):
                found[name] = _loaded(known.value)
    return found


def told_of_earlier(caller: Caller) -> tuple[str, ...]:
    """What earlier calls came to and left open, the newest last; for a caller who has passed a gate."""
    calls = [f"on {call.began_at:%Y-%m-%d}: {call.text}" for call in caller.calls[-MOST_EARLIER:]]
    matters = [f"still open since {m.since:%Y-%m-%d}: {m.text}" for m in caller.open_matters[-MOST_EARLIER:]]
    wishes = [f"{name}: {wish}" for name, wish in sorted(caller.preferences.items())]
    return (*calls, *matters, *wishes[:MOST_EARLIER])


# --- what is kept ------------------------------------------------------------------------------------------------


def agreed(flow: Flow, state: GoalState) -> bool:
    """Whether the caller has agreed to all that the flow needs a yes to: without it, nothing of a call is kept."""
    values = values_of(state.slots, state.today)
    needed = [
        name
        for name, slot in flow.slots.items()
        if slot.must_be_yes and slot.asked_for and holds(flow, slot.required_if, values)
    ]
    held = [state.slots.get(name, SlotState()) for name in needed]
    return all(one.status is SlotStatus.CONFIRMED and one.value is True for one in held)


def is_another(flow: Flow, told: Mapping[SlotName, Value], state: GoalState) -> bool:
    """Whether somebody else has called than the one whose values were used: they do not answer to the name."""
    for name, value in told.items():
        if flow.slots[name].type is SlotType.PERSON_NAME:
            now = state.slots.get(name, SlotState())
            if now.value is None or _first_word(now.value) != _first_word(value):
                return True
    return False


def same_name(flow: Flow, caller: Caller, state: GoalState) -> bool:
    """Whether a name that the caller has confirmed is the one that is remembered."""
    return any(
        slot.type is SlotType.PERSON_NAME
        and (known := caller.values.get(plain(name))) is not None
        and (held := state.slots.get(name, SlotState())).status is SlotStatus.CONFIRMED
        and str(known.value).casefold() == str(held.value).casefold()
        for name, slot in flow.slots.items()
    )


def with_this_call(caller: Caller, flow: Flow, state: GoalState, began_at: datetime, now: datetime) -> Caller:
    """The caller with what this call has established: confirmed values that their slots have remembered."""
    values = dict(caller.values)
    if agreed(flow, state):
        for name, slot in flow.slots.items():
            held = state.slots.get(name, SlotState())
            if slot.remember == "caller" and held.status is SlotStatus.CONFIRMED and held.value is not None:
                values[plain(name)] = _remembered(flow, name, held.value, state, values.get(plain(name)), now)
    past = PastCall(state.call, state.flow, began_at, _outcome(state), summary(flow, state))
    kept = with_call(caller, past, open_matter(flow, state, began_at))
    return replace(kept, values=values, preferences={**caller.preferences, "language": flow.language})


def _remembered(
    flow: Flow, name: SlotName, value: Value, state: GoalState, before: Remembered | None, now: datetime
) -> Remembered:
    slot: Slot = flow.slots[name]
    known_by = SignKind.PHONE if by_number(flow, name) else SignKind.IDENTITY
    dumped = _dumped(value)
    if before is not None and before.value == dumped and before.known_by is SignKind.IDENTITY:
        known_by = SignKind.IDENTITY  # what wanted a proof once goes on wanting it
    return Remembered(dumped, slot.type.value, slot.pii, known_by, now, state.flow, state.call)


def summary(flow: Flow, state: GoalState) -> str:
    """What came of a call, in words: what it was about, how it ended, what was established. No values."""
    told = [f"{_about(flow)}, {_outcome(state).replace('_', ' ')}"]
    if settled := _labels(flow, state, SlotStatus.CONFIRMED):
        told.append(f"settled {_listed(settled)}")
    if state.code and state.code != _outcome(state) and state.code in flow.outcomes:
        told.append(f"ended as {state.code.replace('_', ' ')}")
    return "; ".join(told)


def open_matter(flow: Flow, state: GoalState, began_at: datetime) -> OpenMatter | None:
    """What a call has left undone: it did not come to its goal, and nobody refused it. No values."""
    if state.outcome is Outcome.COMPLETE or (state.outcome is Outcome.CANCELLED and state.code == "declined"):
        return None
    missing = [
        slot.label
        for name, slot in flow.slots.items()
        if name in flow.ask and slot.required and state.slots.get(name, SlotState()).value is None
    ]
    text = f"{_about(flow)}, not finished"
    return OpenMatter(
        state.flow, state.call, began_at, f"{text}; missing {_listed(missing)}" if missing else text
    )


def _about(flow: Flow) -> str:
    return flow.about.rstrip(".")


def _outcome(state: GoalState) -> str:
    return state.outcome.value if state.outcome is not None else Outcome.HUNG_UP.value


def _labels(flow: Flow, state: GoalState, status: SlotStatus) -> list[str]:
    held = ((name, state.slots.get(name, SlotState())) for name in flow.ask)
    return [flow.slots[name].label for name, one in held if one.status is status]


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)


def _first_word(value: Value) -> str:
    return next(iter(str(value).casefold().split()), "")


def _dumped(value: Value | None) -> JsonValue:
    return cast("JsonValue", _json.dump_python(value, mode="json")) if value is not None else None


def _loaded(value: JsonValue) -> Value:
    return tuple(map(str, value)) if isinstance(value, list) else cast("Value", value)
