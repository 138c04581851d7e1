"""Where a call has to go, given what its caller knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flows.conditions import Expressions
from flows.places import OUTCOMES
from flows.schema import Flow
from orchestrator.simulate.leaps import Leap
from orchestrator.simulate.walk import EndlessWay, Walk, WantAction, WantSlot
from reasoner.state import Outcome
from reasoner.types import SlotName, Value


@dataclass(frozen=True, slots=True)
class Route:
    """How a call has to end, and what has to be asked on the way.

    Attributes:
        outcome, code: the end.
        asked: the caller's slots that come up, in their order; those of gates among them.
        needed: of these, the ones that the call cannot be complete without.
        actions: done on the way, in their order.
    """

    outcome: Outcome
    code: str
    asked: tuple[SlotName, ...]
    needed: frozenset[SlotName]
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class World:
    """What is so: what the caller would say, what the call gives, what other systems answer, by action.

    `given_up`: slots that were asked for in vain, and for which the flow says what then.
    """

    today: str
    told: Mapping[SlotName, Value]
    given: Mapping[SlotName, Value] = field(default_factory=dict)
    results: Mapping[str, Any] = field(default_factory=dict)
    given_up: frozenset[SlotName] = frozenset()


def route(flow: Flow, world: World, expressions: Expressions) -> Route:
    """Walk a flow with all that is so.

    Raises:
        EndlessWay: there is no end to it.
    """
    asked: dict[SlotName, None] = {}
    needed: set[SlotName] = set()
    actions: list[str] = []
    way = Walk(flow, expressions, {"today": world.today, **world.given}).go()
    answer: Any = None
    while True:
        try:
            wanted = way.send(answer)
        except StopIteration as end:
            return Route(
                outcome_of(flow, end.value), end.value, tuple(asked), frozenset(needed), tuple(actions)
            )
        answer = None
        if isinstance(wanted, WantSlot):
            asked.setdefault(wanted.slot)
            answer = world.told.get(wanted.slot)
            if wanted.required and answer is not None:
                needed.add(wanted.slot)
        elif isinstance(wanted, WantAction):
            actions.append(wanted.action)
            answer = (world.results[wanted.action],) if wanted.action in world.results else None


def missing(
    flow: Flow, world: World, expressions: Expressions, leap: Leap | None = None
) -> frozenset[SlotName]:
    """What the way through a flow needs and `world` does not have, up to where it ends or goes round for ever.

    Args:
        leap: where the call last left its script because the flow says so: nothing before it is needed any more.
    """
    lacking: set[SlotName] = set()
    walk = Walk(flow, expressions, {"today": world.today, **world.given}, world.told)
    way = walk.go() if leap is None else walk.go_from(leap.to, leap.known)
    answer: Any = None
    try:
        while True:
            wanted = way.send(answer)
            answer = None
            if isinstance(wanted, WantSlot):
                answer = world.told.get(wanted.slot)
                if wanted.required and answer is None and wanted.slot not in world.given_up:
                    lacking.add(wanted.slot)
            elif isinstance(wanted, WantAction):
                answer = (world.results[wanted.action],) if wanted.action in world.results else None
    except (StopIteration, EndlessWay):
        return frozenset(lacking)


def outcome_of(flow: Flow, code: str) -> Outcome:
    """What an outcome's code means."""
    kind = flow.outcomes[code].kind if code in flow.outcomes else OUTCOMES[code]
    return Outcome(kind.value)
