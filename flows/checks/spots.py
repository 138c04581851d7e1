"""The places of a flow that name something else, compute something or are spoken, each with its path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from flows.action import Action, OnError
from flows.checks.written import Path_
from flows.schema import Flow
from flows.slot import Slot, SlotType
from flows.spoken import Line
from flows.step import Patterns, Step, Way


class What(StrEnum):
    """What stands there."""

    SLOT = "slot"
    TARGET = "target"  # a step, an outcome, `next`, `back`
    STEP = "step"
    NEED = "need"  # a gate or a disclosure
    GATE = "gate"
    ACTION = "action"
    IMPORT = "import"
    PAGES = "pages"
    EXPRESSION = "expression"
    TEXT = "text"  # spoken: `{slot}` in it stands for a value


@dataclass(frozen=True, slots=True)
class Spot:
    """One place.

    Attributes:
        what: of which kind it is.
        text: what is written there.
        path: where.
        key: it is the name of an entry, not its value.
        step: the step that it is part of, "" where it is none's.
        wanted: what an expression has to give; None for anything.
        into: the slot that an expression fills, "" for none.
        result: the expression may look at what an action answered.
        next: a target may be `next` or `back` here.
    """

    what: What
    text: str
    path: Path_
    key: bool = False
    step: str = ""
    wanted: SlotType | None = None
    into: str = ""
    result: bool = False
    next: bool = True


def spots(flow: Flow) -> Iterator[Spot]:
    """All of them, in the order of the schema."""
    for name, slot in flow.slots.items():
        yield from _of_slot(name, slot)
    yield from _each(What.SLOT, flow.ask, ("ask",))
    for name, step in flow.steps.items():
        yield from _of_step(name, step)
    yield from _of_topics(flow)
    yield from _of_gates(flow)
    for name, disclosure in flow.disclosures.items():
        yield Spot(What.TEXT, disclosure.text, ("disclosures", name, "text"))
    for name, action in flow.actions.items():
        yield from _of_action(name, action)
    for name, outcome in flow.outcomes.items():
        yield from _text(outcome.say, ("outcomes", name, "say"))
    yield from _condition(flow.done_when, ("done_when",))
    yield from _each(What.SLOT, flow.inputs, ("inputs",))
    yield from _each(What.SLOT, flow.outputs, ("outputs",))
    for name in type(flow.lines).model_fields:
        yield from _text(getattr(flow.lines, name), ("lines", name))
    yield from _on(flow.on, ("on",), "", nextable=False)


def _of_slot(name: str, slot: Slot) -> Iterator[Spot]:
    at: Path_ = ("slots", name)
    yield from _text(slot.ask, (*at, "ask"))
    yield from (Spot(What.TEXT, text, (*at, "again", n)) for n, text in enumerate(slot.again))
    yield from _text(slot.invalid, (*at, "invalid"))
    yield from _condition(slot.required_if, (*at, "required_if"))
    yield from _condition(slot.valid, (*at, "valid"))
    if slot.give_up and slot.give_up != "skip":
        yield Spot(What.TARGET, slot.give_up, (*at, "give_up"), next=False)
    if slot.protected_by:
        yield Spot(What.GATE, slot.protected_by, (*at, "protected_by"))


def _of_step(name: str, step: Step) -> Iterator[Spot]:
    at: Path_ = ("steps", name)
    yield from _condition(step.if_, (*at, "if"), name)
    yield from _each(What.NEED, step.needs, (*at, "needs"), name)
    yield from _lines(step.say, (*at, "say"), name)
    yield from _each(What.SLOT, step.ask, (*at, "ask"), name)
    yield from _text(step.question, (*at, "question"), name)
    for label, answer in step.answers.items():
        here = (*at, "answers", label)
        yield from _lines(answer.say, (*here, "say"), name)
        yield from _set(answer.set, (*here, "set"), name)
        yield Spot(What.TARGET, answer.go, (*here, "go"), step=name)
    yield from _condition(step.done_when, (*at, "done_when"), name)
    if step.do:
        yield Spot(What.ACTION, step.do, (*at, "do"), step=name)
    yield from _of_call(name, step)
    yield from _set(step.set, (*at, "set"), name)
    for n, way in enumerate(step.then):
        yield from _of_way(name, way, (*at, "then", n))
    if step.knowledge is not None:
        yield from _each(What.PAGES, step.knowledge.pages, (*at, "knowledge", "pages"), name)
    yield Spot(What.TARGET, step.or_else, (*at, "or_else"), step=name)
    yield from _on(step.on, (*at, "on"), name)


def _of_way(step: str, way: Way, at: Path_) -> Iterator[Spot]:
    yield from _condition(way.if_, (*at, "if"), step)
    yield from _lines(way.say, (*at, "say"), step)
    yield from _set(way.set, (*at, "set"), step)
    yield Spot(What.TARGET, way.go, (*at, "go"), step=step)


def _of_call(name: str, step: Step) -> Iterator[Spot]:
    if step.call is None:
        return
    at: Path_ = ("steps", name, "call")
    yield Spot(What.IMPORT, step.call.flow, (*at, "flow"), step=name)
    for theirs, text in step.call.with_.items():
        yield Spot(What.EXPRESSION, text, (*at, "with", theirs), step=name, into=f"{name}.{theirs}")
    for ours in step.call.gives:
        yield Spot(What.SLOT, ours, (*at, "gives", ours), key=True, step=name)


def _of_topics(flow: Flow) -> Iterator[Spot]:
    for name, topic in flow.topics.items():
        at: Path_ = ("topics", name)
        yield from _lines(topic.say, (*at, "say"))
        if topic.go is not None:
            yield Spot(What.TARGET, topic.go, (*at, "go"), next=False)
        if topic.visit is not None:
            yield Spot(What.STEP, topic.visit, (*at, "visit"))
        yield from _condition(topic.if_, (*at, "if"))


def _of_gates(flow: Flow) -> Iterator[Spot]:
    for name, gate in flow.gates.items():
        at: Path_ = ("gates", name)
        yield from _each(What.SLOT, gate.ask, (*at, "ask"))
        if gate.do:
            yield Spot(What.ACTION, gate.do, (*at, "do"))
        yield from _condition(gate.passes, (*at, "passes"))
        yield from _text(gate.wrong, (*at, "wrong"))
        yield Spot(What.TARGET, gate.locked, (*at, "locked"), next=False)


def _of_action(name: str, action: Action) -> Iterator[Spot]:
    at: Path_ = ("actions", name)
    for argument, text in action.with_.items():
        yield Spot(What.EXPRESSION, text, (*at, "with", argument))
    for slot, text in action.gives.items():
        here = (*at, "gives", slot)
        yield Spot(What.SLOT, slot, here, key=True)
        yield Spot(What.EXPRESSION, text, here, into=slot, result=True)
    yield from _text(action.meanwhile, (*at, "meanwhile"))
    if action.undo:
        yield Spot(What.ACTION, action.undo, (*at, "undo"))
    rules: Mapping[str, OnError | None] = {
        "on_error": action.on_error,
        "on_timeout": action.on_timeout,
        "on_refused": action.on_refused,
    }
    for key, rule in rules.items():
        if rule is not None:
            yield from _lines(rule.say, (*at, key, "say"))
        if rule is not None and rule.go is not None:
            yield Spot(What.TARGET, rule.go, (*at, key, "go"), next=False)


# --- parts that several have ----------------------------------------------------------------------------------


def _each(what: What, names: Iterable[str], at: Path_, step: str = "") -> Iterator[Spot]:
    for n, name in enumerate(names):
        yield Spot(what, name, (*at, n), step=step)


def _text(text: str, at: Path_, step: str = "") -> Iterator[Spot]:
    if text:
        yield Spot(What.TEXT, text, at, step=step)


def _lines(lines: Iterable[Line], at: Path_, step: str = "") -> Iterator[Spot]:
    for n, line in enumerate(lines):
        yield Spot(What.TEXT, line.text, (*at, n, "text"), step=step)


def _condition(text: str | None, at: Path_, step: str = "") -> Iterator[Spot]:
    if text is not None:
        yield Spot(What.EXPRESSION, text, at, step=step, wanted=SlotType.YES_NO)


def _set(given: Mapping[str, str], at: Path_, step: str) -> Iterator[Spot]:
    for slot, text in given.items():
        yield Spot(What.SLOT, slot, (*at, slot), key=True, step=step)
        yield Spot(What.EXPRESSION, text, (*at, slot), step=step, into=slot)


def _on(on: Patterns, at: Path_, step: str, *, nextable: bool = True) -> Iterator[Spot]:
    for name in type(on).model_fields:
        response = getattr(on, name)
        if response is None:
            continue
        yield from _lines(response.say, (*at, name, "say"), step)
        if response.go is not None:
            yield Spot(What.TARGET, response.go, (*at, name, "go"), step=step, next=nextable)
