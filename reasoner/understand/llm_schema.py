"""What a model may say of an utterance: a JSON schema, made from a flow and what is pending.

It fits strict mode: every property is required, no other is allowed, and what may be missing is a union with null.
Values come as a list, so that an answer is as long as what was said, not as long as the flow; slots whose values
have the same shape share an entry, so that fifty of them stay small.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flows.schema import Flow
from flows.slot import Slot, SlotType
from reasoner.state import GoalState
from reasoner.types import Intent, Pending, SlotName
from reasoner.understand.kept import PerFlow

INTENTS = tuple(intent for intent in Intent if intent is not Intent.QUESTION)  # that one is `question`
_MOST_LABELS = 400  # in one schema; servers refuse more than some 500 to 1,000


@dataclass(frozen=True, slots=True)
class Place:
    """Where a call is, as far as it matters for what may be said."""

    pending: Pending
    step: str
    gate: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for.

    Attributes:
        current: slots that are pending, or asked for in this step or by this gate.
        others: the other ones that callers may fill.
        schema: for strict mode. Shared: not to be changed.
    """

    current: tuple[SlotName, ...]
    others: tuple[SlotName, ...]
    schema: Mapping[str, Any]

    @property
    def slots(self) -> tuple[SlotName, ...]:
        return (*self.current, *self.others)


def wanted_of(flow: Flow, state: GoalState) -> Wanted:
    """What may be found in the caller's next words. Made once for a flow and a place in it."""
    gate = next((frame.gate for frame in reversed(state.frames) if frame.gate), "")
    return _wanted(flow, Place(state.pending, state.step, gate))


def _make(flow: Flow, place: Place) -> Wanted:
    step = flow.steps.get(place.step)
    gate = flow.gates.get(place.gate)
    first = (*place.pending.slots, *(gate.ask if gate else ()), *(step.ask if step else ()))
    open_to_callers = [name for name, slot in flow.slots.items() if slot.asked_for]
    current = tuple(name for name in dict.fromkeys(first) if name in open_to_callers)
    others = tuple(name for name in open_to_callers if name not in current)
    return Wanted(current, others, _schema(flow, current, others))


_wanted: PerFlow[Place, Wanted] = PerFlow(_make)


# --- the schema ----------------------------------------------------------------------------------------------


def _schema(flow: Flow, current: Sequence[SlotName], others: Sequence[SlotName]) -> Mapping[str, Any]:
    properties: dict[str, Any] = {}
    if current or others:
        properties["values"] = _list_of({"anyOf": list(_entries(flow, (*current, *others)))})
    said = _quoting(answer=_one_of(("yes", "no")), casual={"type": "boolean"})
    properties["answer"] = {"anyOf": [said, {"type": "null"}]}
    properties["intents"] = _list_of(_quoting(intent=_one_of(INTENTS)))
    if flow.topics:
        properties["topics"] = _list_of(_quoting(topic=_one_of(flow.topics)))
    properties |= {"question": {"type": "string"}, "spelled": {"type": "string"}}
    if current:
        properties["rejected"] = _list_of(_quoting(slot=_one_of(current)))
    return _object(properties)


def _entries(flow: Flow, names: Iterable[SlotName]) -> Iterable[Mapping[str, Any]]:
    """For each shape of a value the slots that have it."""
    shapes: dict[str, list[SlotName]] = {}
    left = _MOST_LABELS
    for name in names:
        slot = flow.slots[name]
        listed = len(slot.values) if slot.type in (SlotType.CHOICE, SlotType.LIST) else 0
        shape = _shape(slot, with_labels=0 < listed <= left)
        left -= listed if listed <= left else 0
        shapes.setdefault(json.dumps(shape), []).append(name)
    for shape_text, slots in shapes.items():
        yield _quoting(slot=_one_of(slots), value=json.loads(shape_text))


def _shape(slot: Slot, *, with_labels: bool) -> Mapping[str, Any]:
    match slot.type:
        case SlotType.YES_NO:
            return {"type": "boolean"}
        case SlotType.NUMBER if slot.whole:
            return {"type": "integer"}
        case SlotType.NUMBER | SlotType.MONEY:
            return {"type": "number"}
        case SlotType.CHOICE if with_labels:
            return _one_of(labels_of(slot))
        case SlotType.LIST:
            return _list_of(_one_of(labels_of(slot)) if with_labels else {"type": "string"})
        case _:
            return {"type": "string"}


def labels_of(slot: Slot) -> tuple[str, ...]:
    """What a choice or list can be, with its values for `none of them` and `I do not mind`."""
    return tuple(dict.fromkeys((*slot.values, *filter(None, (slot.other, slot.no_preference)))))


def _quoting(**properties: Mapping[str, Any]) -> Mapping[str, Any]:
    """The caller's words come first: a model that has to quote before it concludes makes less up."""
    return _object({"words": {"type": "string"}, **properties})


def _object(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def _list_of(items: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"type": "array", "items": items}


def _one_of(names: Iterable[str]) -> Mapping[str, Any]:
    return {"type": "string", "enum": [str(name) for name in names]}
