"""What the steps that a call is in, and comes to next, may need: which pages, and about what. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flows.schema import Flow
from flows.step import Knowledge, Step
from reasoner.state import GoalState, StepName

MOST_STEPS = 4
"""Looked at: the one the call is in and those it can go to from there, in the order of the script."""


@dataclass(frozen=True, slots=True)
class Coming:
    """Pages that may be asked about soon. `within`: their names in the flow, () for all; `about`: a step's own words."""

    within: tuple[str, ...]
    about: str


def limits_of(flow: Flow, state: GoalState) -> Knowledge:
    """What may be looked up in the step that the call is in."""
    step = flow.steps.get(state.step)
    return step.knowledge if step is not None and step.knowledge is not None else Knowledge()


def is_closed(limits: Knowledge) -> bool:
    """Whether nothing may be looked up: `knowledge: []` names no pages. Leaving it out means all of them."""
    return not limits.pages and "pages" in limits.model_fields_set


def coming(flow: Flow, state: GoalState) -> tuple[Coming, ...]:
    """What to load before it is asked for, the present step first; each once."""
    if state.outcome is not None:
        return ()
    near = [flow.steps[name] for name in _near(flow, state) if name in flow.steps]
    wanted = [_of(flow, step) for step in near if step.knowledge is None or not is_closed(step.knowledge)]
    return tuple(dict.fromkeys(wanted)) if near else (Coming((), flow.about),)


def _near(flow: Flow, state: GoalState) -> list[StepName]:
    names = list(flow.steps)
    here = state.step or (names[0] if names else "")
    return list(dict.fromkeys((here, *_next(flow, here, names))))[:MOST_STEPS]


def _next(flow: Flow, here: StepName, names: list[StepName]) -> Iterator[StepName]:
    step = flow.steps.get(here)
    if step is None:
        return
    yield from (way.go for way in step.then if way.go is not None)
    yield from (answer.go for answer in step.answers.values() if answer.go is not None)
    yield from names[names.index(here) + 1 :][:1]


def _of(flow: Flow, step: Step) -> Coming:
    pages = step.knowledge.pages if step.knowledge is not None else ()
    labels = [flow.slots[name].label for name in step.ask if name in flow.slots]
    return Coming(pages, " ".join(text for text in (step.about, step.question, *labels) if text))
