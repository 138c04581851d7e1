"""The steps of a written-out flow and the ways between them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from flows.action import Action
from flows.places import OUTCOMES, SKIP
from flows.schema import Flow, Kind
from flows.slot import Slot, SlotType
from flows.step import Patterns, Step


class EdgeKind(StrEnum):
    """Why a call goes from one step to another."""

    WAY = "way"  # `then`
    PASSED_BY = "passed_by"  # its `if` does not hold
    NEED = "need"  # a gate comes first
    CALL = "call"  # into the flow that it calls
    LIMIT = "limit"  # `at_most` or `turns` is used up
    FAILED = "failed"  # an action came to nothing
    GIVE_UP = "give_up"  # a slot was asked for too often
    LOCKED = "locked"  # a gate was failed too often
    PATTERN = "pattern"  # `on`
    TOPIC = "topic"  # from anywhere


@dataclass(frozen=True, slots=True)
class Edge:
    """One way on. `label`: when it is taken, "" where that is always. `source`: "" for anywhere."""

    source: str
    target: str
    kind: EdgeKind
    label: str = ""


@dataclass(frozen=True, slots=True)
class StepGraph:
    """What leads where.

    Attributes:
        first: the step that a call begins with.
        steps: in their order.
        edges: in the order of the steps. `back` is a target too.
        outcomes: those that some way leads to, with what they mean.
    """

    first: str
    steps: tuple[str, ...]
    edges: tuple[Edge, ...]
    outcomes: Mapping[str, Kind]

    def leaving(self) -> Mapping[str, tuple[Edge, ...]]:
        """The edges by their source."""
        found: dict[str, list[Edge]] = {name: [] for name in ("", *self.steps)}
        for edge in self.edges:
            found[edge.source].append(edge)
        return {name: tuple(edges) for name, edges in found.items()}


def step_graph(flow: Flow) -> StepGraph:
    """The graph of a flow that `flows.expand` has written out. A gate's step leads back to whoever needed it."""
    edges: list[Edge] = []
    for name, step in flow.steps.items():
        edges += _of_step(flow, name, step)
    edges += _from_anywhere(flow)
    edges = list(dict.fromkeys(edges))
    kinds = {**OUTCOMES, **{code: outcome.kind for code, outcome in flow.outcomes.items()}}
    used = {edge.target: kinds[edge.target] for edge in edges if edge.target in kinds}
    return StepGraph(next(iter(flow.steps)), tuple(flow.steps), tuple(edges), used)


def caller_of(name: str, flow: Flow) -> str:
    """The step whose called flow the step `name` belongs to, "" where it is the flow's own."""
    around = name
    while "." in around:
        around = around.rpartition(".")[0]
        step = flow.steps.get(around)
        if step is not None and step.call is not None:
            return around
    return ""


def _of_step(flow: Flow, name: str, step: Step) -> Iterator[Edge]:
    if step.if_ is not None:
        yield Edge(name, step.below, EdgeKind.PASSED_BY, f"unless {step.if_}")
    yield from (Edge(name, need, EdgeKind.NEED, "needs") for need in step.needs if need in flow.gates)
    yield from _given_up(flow, name, step.ask)
    yield from _failures(flow, name, step.do)
    if step.call is not None and step.call.first:
        yield Edge(name, step.call.first, EdgeKind.CALL, step.call.flow)
    if (gate := flow.gates.get(name)) is not None:
        yield Edge(name, gate.locked, EdgeKind.LOCKED, f"after {gate.attempts} attempts")
    else:
        yield from _ways(flow, name, step)
    if step.at_most is not None or step.turns is not None:
        words = [f"after {step.at_most} times"] if step.at_most is not None else []
        words += [f"after {step.turns} turns"] if step.turns is not None else []
        yield Edge(name, step.or_else, EdgeKind.LIMIT, " or ".join(words))
    yield from _patterns(name, step.on)


def _ways(flow: Flow, name: str, step: Step) -> Iterator[Edge]:
    ways = step.then
    if len(ways) > 1 and ways[-1].if_ is None and not ways[-1].say and is_decided(flow.slots, step):
        ways = ways[:-1]
    for n, way in enumerate(ways):
        yield Edge(name, way.go, EdgeKind.WAY, way.if_ or ("else" if n else ""))


def is_decided(slots: Mapping[str, Slot], step: Step) -> bool:
    """Whether one of the conditional ways is always open: they name each answer to something that the step asks."""
    conditions = {way.if_ for way in step.then}
    for name in step.ask:
        slot = slots.get(name)
        if slot is None or not slot.required or slot.required_if is not None or slot.give_up:
            continue
        if slot.type is SlotType.YES_NO:
            answers = {name, f"!{name}"}
        else:
            labels = [*slot.values, *filter(None, (slot.other, slot.no_preference))]
            answers = {f"{name} == {json.dumps(label, ensure_ascii=False)}" for label in labels}
        if slot.type in (SlotType.YES_NO, SlotType.CHOICE) and answers <= conditions:
            return True
    return False


def _failures(flow: Flow, name: str, do: str | None) -> Iterator[Edge]:
    action: Action | None = flow.actions.get(do or "")
    if action is None:
        return
    for label, rule in (
        (f"{do} fails", action.on_error),
        (f"{do} takes too long", action.on_timeout),
        (f"{do} is refused", action.on_refused),
    ):
        if rule is not None:
            yield Edge(name, rule.go or "handed_over", EdgeKind.FAILED, label)


def _given_up(flow: Flow, name: str, asked: tuple[str, ...]) -> Iterator[Edge]:
    for slot_name in asked:
        slot = flow.slots.get(slot_name)
        if slot is not None and slot.give_up and slot.give_up != SKIP:
            yield Edge(name, slot.give_up, EdgeKind.GIVE_UP, f"no {slot.label or slot_name}")


def _patterns(source: str, on: Patterns) -> Iterator[Edge]:
    for name in Patterns.model_fields:
        response = getattr(on, name)
        if response is not None and response.go is not None:
            yield Edge(source, response.go, EdgeKind.PATTERN, name.replace("_", " "))


def _from_anywhere(flow: Flow) -> Iterator[Edge]:
    yield from _patterns("", flow.on)
    for name, topic in flow.topics.items():
        for target in (topic.go, topic.visit):
            if target is not None:
                yield Edge("", target, EdgeKind.TOPIC, name.replace("_", " "))
