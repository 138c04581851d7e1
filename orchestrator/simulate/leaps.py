"""Where a call left its script because the flow says so: for a topic, `on` something that callers do, or its `turns`.

A caller who stops, or brings something up that is more pressing, is taken where the author wrote, with the step
unfinished. From there on nothing may be missing; what came before is not asked for any more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from flows.conditions import Expressions
from flows.schema import Flow
from flows.step import Patterns
from reasoner.events import CallerSaid, CallerWasSilent, Event
from reasoner.state import GoalState, StepName, Visit
from reasoner.types import Intent

_PATTERNS: dict[str, Intent] = {
    "human": Intent.HUMAN,
    "cancel": Intent.CANCEL,
    "repeat": Intent.REPEAT,
    "wait": Intent.WAIT,
    "dont_know": Intent.DONT_KNOW,
    "refuse": Intent.REFUSE,
    "skip": Intent.SKIP,
    "question": Intent.QUESTION,
}


@dataclass(frozen=True, slots=True)
class Leap:
    """A call went elsewhere. `to`: a step or an outcome. `known`: what was established then."""

    to: StepName
    known: dict[str, Any]


def last_leap(
    flow: Flow, log: Sequence[tuple[Event | None, GoalState]], expressions: Expressions
) -> Leap | None:
    """The last time that a call went where a topic, an `on` or the end of a step's `turns` sends it; None for never.

    Args:
        log: each event, None where nobody tells it, with the state that it led to.
    """
    for (_, before), (event, after) in reversed(list(pairwise(log))):
        known = _known(flow, before, after)
        for target in _sends(flow, before, event, known, expressions):
            if _arrived(before, after, target):
                return Leap(target, known)
    return None


def _sends(
    flow: Flow, state: GoalState, event: Event | None, known: dict[str, Any], expressions: Expressions
) -> Iterator[str]:
    """Where the flow says that such an event takes such a call, if anywhere."""
    step = flow.steps.get(state.step)
    patterns = [step.on if step is not None else Patterns(), flow.on]
    if isinstance(event, CallerWasSilent):
        yield from _answered(patterns, "silence")
    if not isinstance(event, CallerSaid):
        return
    for topic in (flow.topics[name] for name in event.understood.topics if name in flow.topics):
        if topic.go is not None and (topic.if_ is None or expressions.holds(topic.if_, known)):
            yield topic.go
    said = event.understood.intents
    for pattern, intent in _PATTERNS.items():
        if intent in said or (pattern == "cancel" and Intent.GOODBYE in said):
            yield from _answered(patterns, pattern)
    if not said:
        yield from _answered(patterns, "not_understood")
    if step is not None and step.turns is not None and state.visits[state.step].turns + 1 >= step.turns:
        yield step.or_else


def _answered(patterns: Sequence[Patterns], name: str) -> Iterator[str]:
    """A step's own `on` goes before the flow's."""
    responses = (getattr(pattern, name) for pattern in patterns)
    first = next((response for response in responses if response is not None), None)
    if first is not None and first.go is not None:
        yield first.go


def _arrived(before: GoalState, after: GoalState, target: str) -> bool:
    if after.outcome is not None and after.code == target:
        return True
    return _times(after, target) > _times(before, target)


def _times(state: GoalState, step: StepName) -> int:
    return state.visits.get(step, Visit(times=0)).times


def _known(flow: Flow, before: GoalState, after: GoalState) -> dict[str, Any]:
    """What callers gave, with this turn; what the script itself sets is as it was, for the walk sets it again."""
    told = {name: after if slot.asked_for else before for name, slot in flow.slots.items()}
    held = {name: state.slots[name].value for name, state in told.items() if name in state.slots}
    return {"today": before.today} | {name: value for name, value in held.items() if value is not None}
