"""What a drawing of a flow shows: boxes with a few words, and arrows between them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from flows.graph import Edge, EdgeKind, caller_of, step_graph
from flows.places import BACK
from flows.schema import Flow, Kind
from flows.step import Step


class BoxKind(StrEnum):
    STEP = "step"
    GATE = "gate"
    TOPIC = "topic"
    COMPLETE = "complete"
    HANDED_OVER = "handed_over"
    CANCELLED = "cancelled"
    GAVE_UP = "gave_up"


_OUTCOMES = {
    Kind.COMPLETE: BoxKind.COMPLETE,
    Kind.HANDED_OVER: BoxKind.HANDED_OVER,
    Kind.CANCELLED: BoxKind.CANCELLED,
    Kind.GAVE_UP: BoxKind.GAVE_UP,
}
_EQUALS = re.compile(r"""([a-z][\w.]*)\s*==\s*["']([^"']*)["']""")
_ASIDE = frozenset(
    {EdgeKind.LIMIT, EdgeKind.FAILED, EdgeKind.GIVE_UP, EdgeKind.LOCKED, EdgeKind.PATTERN, EdgeKind.TOPIC}
)
"""Ways that are not the script's own."""


@dataclass(frozen=True, slots=True)
class Box:
    """A step, a gate, a topic or an outcome. `words`: pairs of what it does and to what."""

    name: str
    kind: BoxKind
    title: str
    words: tuple[tuple[str, str], ...] = ()
    first: bool = False


@dataclass(frozen=True, slots=True)
class Arrow:
    source: str
    target: str
    label: str
    aside: bool


@dataclass(frozen=True, slots=True)
class Picture:
    title: str
    about: str
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def picture(flow: Flow) -> Picture:
    """The boxes and arrows of a written-out flow."""
    graph = step_graph(flow)
    topics = [
        Box(f"topic {name}", BoxKind.TOPIC, name, (("any time:", part.says[0]),))
        for name, part in flow.topics.items()
    ]
    steps = [
        Box(
            name,
            BoxKind.GATE if name in flow.gates else BoxKind.STEP,
            name,
            tuple(_words(flow, name, step)),
            name == graph.first,
        )
        for name, step in flow.steps.items()
    ]
    arrows = _arrows(flow, graph.edges)
    used = {arrow.target for arrow in arrows} | {arrow.source for arrow in arrows}
    outcomes = [Box(name, _OUTCOMES[kind], name) for name, kind in graph.outcomes.items() if name in used]
    shown = [box for box in topics if box.name in used or flow.topics[box.title].say]
    title = f"{flow.flow} {flow.version}"
    return Picture(title, flow.about, (*steps, *shown, *outcomes), tuple(arrows))


def _words(flow: Flow, name: str, step: Step) -> Iterator[tuple[str, str]]:
    if step.about:
        yield "", step.about
    if step.if_ is not None:
        yield "only if", step.if_
    if step.needs:
        yield "needs", ", ".join(step.needs)
    for line in step.say[:2]:
        yield "says", f"“{line.text}”"
    if step.ask:
        first = flow.slots.get(step.ask[0])
        only = len(step.ask) == 1 and first is not None and first.ask
        yield "asks", f"“{first.ask}”" if only and first is not None else ", ".join(step.ask)
    if step.do:
        yield "does", step.do
    if step.call is not None:
        yield "calls", step.call.flow
    for slot, text in step.set.items():
        yield "sets", f"{slot} = {text}"
    if any(way.go == BACK for way in step.then):
        caller = caller_of(name, flow)
        yield "↩", f"back to {caller}" if caller else "back"
    if (gate := flow.gates.get(name)) is not None:
        yield "passes if", gate.passes


def _arrows(flow: Flow, edges: tuple[Edge, ...]) -> list[Arrow]:
    """One for each pair: several ways between the same two are told on one arrow."""
    labels: dict[tuple[str, str], list[str]] = {}
    aside: dict[tuple[str, str], bool] = {}
    for edge in edges:
        if edge.target == BACK or (edge.kind is EdgeKind.FAILED and edge.target == "handed_over"):
            continue
        sources = [edge.source] if edge.source else _topics(flow, edge)
        for source in sources:
            pair = (source, edge.target)
            labels.setdefault(pair, [])
            label = "" if edge.kind is EdgeKind.TOPIC else _answer(flow, edge)
            if label and label not in labels[pair]:
                labels[pair].append(label)
            aside[pair] = aside.get(pair, True) and edge.kind in _ASIDE
    return [Arrow(*pair, " or ".join(told), aside[pair]) for pair, told in labels.items()]


def _answer(flow: Flow, edge: Edge) -> str:
    """A condition over what the step itself has asked reads as the answer: `yes`, `billing`."""
    asked = flow.steps[edge.source].ask if edge.source else ()
    if edge.kind is EdgeKind.WAY and edge.label.lstrip("!") in asked:
        return "no" if edge.label.startswith("!") else "yes"
    compared = _EQUALS.fullmatch(edge.label)
    return compared[2] if compared and edge.kind is EdgeKind.WAY and compared[1] in asked else edge.label


def _topics(flow: Flow, edge: Edge) -> list[str]:
    if edge.kind is not EdgeKind.TOPIC:
        return []
    return [f"topic {name}" for name, part in flow.topics.items() if edge.target in (part.go, part.visit)]
