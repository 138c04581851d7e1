"""A flow as written → the same, written out: nothing is left to be guessed, and sub-flows are part of it.

* Every slot has its label and its question.
* Every flow has steps. A `question` has become a slot named after its step, and its answers ways on.
* Every gate has a step of its own, of the same name, that asks for its slots and goes back.
* Every step ends with a way that is always open, and no way leads to `next` any more.
* What another flow brings along carries the name of the step that calls it in front: `step.slot`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TypeVar

from flows.inline import asked_in, inlined, with_changes, with_patterns, with_target
from flows.part import Part, Target
from flows.places import BACK, COMPLETE, ELSE, MAIN, NEXT
from flows.schema import Flow
from flows.slot import Confirm, Slot, SlotType
from flows.step import Answer, Step, Way

_QUESTIONS = {
    "en": {
        SlotType.YES_NO: "Is it so: {label}? Please say yes or no.",
        SlotType.LIST: "Which {label}?",
        SlotType.CHOICE: "Which {label}?",
        SlotType.NUMBER: "What is the {label}?",
        SlotType.TEXT: "Please tell me: what is the {label}?",
    }
}
_QUESTION = {"en": "What is your {label}?"}
P = TypeVar("P", bound=Part)


def expand(flow: Flow, imported: Mapping[str, Flow]) -> Flow:
    """Write a flow out.

    Args:
        flow: as written, and without mistakes.
        imported: what its `imports` name, written out.
    """
    steps = dict(flow.steps) or {MAIN: Step(ask=flow.ask)}
    slots = {name: _with_words(name, slot, flow.language) for name, slot in flow.slots.items()}
    for name, step in steps.items():
        if step.question:
            slots[name] = _question_slot(name, step)
    for gate in flow.gates.values():
        for name in gate.ask:
            if name in slots:
                slots[name] = _as_proof(slots[name])
    order = list(steps)
    resolved = {
        name: _resolved(_guarded(step, slots), name, order[at + 1] if at + 1 < len(order) else COMPLETE)
        for at, (name, step) in enumerate(steps.items())
    }
    resolved |= {
        name: Step(ask=gate.ask, do=gate.do, then=(Way(go=BACK),)) for name, gate in flow.gates.items()
    }
    whole = with_changes(flow, slots=slots, steps=resolved, ask=tuple(asked_in(resolved)))
    for name, step in resolved.items():
        if step.call is not None and step.call.flow in imported:
            whole = inlined(whole, name, imported[step.call.flow])
    return whole


def _with_words(name: str, slot: Slot, language: str) -> Slot:
    label = slot.label or name.rpartition(".")[2].replace("_", " ")
    primary = language.split("-")[0].lower()
    question = _QUESTIONS.get(primary, {}).get(slot.type) or _QUESTION.get(primary, "{label}?")
    return with_changes(slot, label=label, ask=slot.ask or question.format(label=label))


def _as_proof(slot: Slot) -> Slot:
    """What proves who is calling is not said aloud, unless the slot wants it: heard badly, it costs an attempt."""
    confirm = Confirm.NEVER if slot.confirm is None else slot.confirm
    unsure = slot.min_confidence if "min_confidence" in slot.model_fields_set else 0.0
    return with_changes(slot, confirm=confirm, min_confidence=unsure)


# --- questions -----------------------------------------------------------------------------------------------


def _question_slot(name: str, step: Step) -> Slot:
    answers = dict(step.answers)
    labels = [label for label in answers if label != ELSE]
    yes_no = ELSE not in answers and set(labels) <= {"yes", "no"}
    return Slot(
        type=SlotType.YES_NO if yes_no else SlotType.CHOICE,
        label=(step.about or name.replace("_", " ")).rstrip("."),
        ask=step.question,
        confirm=Confirm.NEVER,
        values={label: answers[label].says for label in labels},
        other=ELSE if ELSE in answers else "",
        pii="none",
    )


def _answer_ways(name: str, step: Step) -> tuple[Way, ...]:
    labels = [label for label in step.answers if label != ELSE]
    yes_no = ELSE not in step.answers and set(labels) <= {"yes", "no"}

    def condition(label: str) -> str:
        if yes_no:
            return name if label == "yes" else f"!{name}"
        return f"{name} == {json.dumps(label, ensure_ascii=False)}"

    return tuple(_answer_way(condition(label), answer, step) for label, answer in step.answers.items())


def _answer_way(condition: str, answer: Answer, step: Step) -> Way:
    """An answer that says not where to go is followed by the step's `then`."""
    then = step.then[0] if step.then and "go" not in answer.model_fields_set else Way(go=answer.go)
    return Way.model_validate({"if": condition, "go": then.go}).model_copy(
        update={"say": (*answer.say, *then.say), "set": {**then.set, **answer.set}}
    )


# --- where to go ---------------------------------------------------------------------------------------------


def _guarded(step: Step, slots: Mapping[str, Slot]) -> Step:
    """A step that asks for what is behind a gate needs the gate, whether it says so or not."""
    asked = (slots[name].protected_by for name in step.ask if name in slots)
    gates = dict.fromkeys(gate for gate in asked if gate is not None and gate not in step.needs)
    return with_changes(step, needs=(*step.needs, *gates)) if gates else step


def _resolved(step: Step, name: str, following: str) -> Step:
    """The step with every target named. `following`: the step below."""

    def target(go: Target) -> Target:
        return following if go == NEXT else go

    ways = (*(_answer_ways(name, step) if step.question else ()), *step.then)
    if not ways or ways[-1].if_ is not None:
        ways = (*ways, Way(go=NEXT))
    return with_changes(
        step,
        ask=(*step.ask, *((name,) if step.question else ())),
        question="",
        answers={},
        then=tuple(with_changes(way, go=target(way.go)) for way in ways),
        below=following,
        or_else=target(step.or_else),
        on=with_patterns(step.on, lambda response: with_target(response, target)),
    )
