"""No call is complete without what its flow needs, by a reading of the rules that the machine has no part in."""

from __future__ import annotations

import random
from dataclasses import dataclass

from flows.conditions import Expressions
from flows.loader import load_flow
from flows.schema import Flow
from flows.step import Patterns, Response
from orchestrator.simulate.leaps import Leap, last_leap
from orchestrator.simulate.route import World, missing
from reasoner.events import ActionDone, CallerSaid, CallStarted, Event
from reasoner.machine import advance, start
from reasoner.state import GoalState, Outcome
from reasoner.types import Intent, Reading, SlotName, Understood, Utterance
from tests.reasoner.scripts import Line, random_flow

SEEDS = range(500)
TODAY = "2026-11-23"


@dataclass(frozen=True, slots=True)
class Held:
    """A call that was held: each event with the state it led to."""

    flow: Flow
    log: tuple[tuple[Event | None, GoalState], ...]

    @property
    def last(self) -> GoalState:
        return self.log[-1][1]

    @property
    def leap(self) -> Leap | None:
        return last_leap(self.flow, self.log, self._expressions)

    @property
    def _expressions(self) -> Expressions:
        return Expressions(self.flow.slots, ("result",))

    def missing(self, leap: Leap | None) -> frozenset[SlotName]:
        told = {name: held.value for name, held in self.last.slots.items() if held.value is not None}
        results = {
            before.doing.action: event.result
            for (_, before), (event, _) in zip(self.log, self.log[1:], strict=False)
            if isinstance(event, ActionDone) and before.doing is not None
        }
        return missing(self.flow, World(TODAY, told, {}, results), self._expressions, leap)


def made(seed: int) -> Flow:
    """A random flow that says where to go when callers stop; the checker lets nobody write both kinds of required."""
    flow, draw = random_flow(seed), random.Random(seed)
    required = {"required": True}
    slots = {
        n: slot.model_copy(update=required) if slot.required_if else slot for n, slot in flow.slots.items()
    }
    on = Patterns(cancel=Response(go=draw.choice(list(flow.steps))) if draw.random() < 0.5 else None)
    return flow.model_copy(update={"slots": slots, "on": on})


def held(seed: int) -> Held:
    """A call from its first word to its outcome, by a caller who now and then wants to stop."""
    flow, draw = made(seed), random.Random(seed)
    line, state = Line(flow, seed), start(flow, "call")
    event: Event = CallStarted(today=TODAY)
    log: list[tuple[Event | None, GoalState]] = []
    for _ in range(300):
        state, _ = advance(flow, state, event)
        log.append((event, state))
        if state.outcome is not None:
            break
        event = line.event(state)
        if isinstance(event, CallerSaid) and flow.on.cancel is not None and draw.random() < 0.1:
            stop = Understood(intents=frozenset({Intent.CANCEL}))
            event = CallerSaid(event.utterance, stop, state.revision)
    return Held(flow, tuple(log))


def test_no_complete_call_lacks_what_its_flow_needs() -> None:
    complete = left = 0
    for call in map(held, SEEDS):
        if call.last.outcome is Outcome.COMPLETE:
            complete += 1
            left += bool(call.missing(None))
            assert call.missing(call.leap) == frozenset(), call.last
    assert complete > 80
    assert left > 2, "no call left its script for what the caller did: the test shows nothing"


def bank(*said: Understood) -> Held:
    flow = load_flow("customer_service")
    state, _ = advance(flow, start(flow, "call"), CallStarted(today=TODAY))
    log: list[tuple[Event | None, GoalState]] = [(None, state)]
    for understood in said:
        utterance = Utterance((Reading("words", 1.0),), 0.0, 0.0)
        event = CallerSaid(utterance, understood, state.revision)
        state, _ = advance(flow, state, event)
        log.append((event, state))
    return Held(flow, tuple(log))


def test_what_a_topic_leaves_behind_is_not_missing() -> None:
    """The caller names a lost card instead of answering what the call is about."""
    call = bank(Understood(topics=("card_lost",)))
    assert call.leap is not None and call.leap.to == "card_lost"
    assert "matter" in call.missing(None)
    assert call.missing(call.leap) == {
        "who.customer_number"
    }  # without it the gate stays shut, and a person takes over


def test_a_topic_that_was_only_named_excuses_nothing() -> None:
    """A machine that goes on with something else has not done what the flow says."""
    call = bank(Understood(topics=("card_lost",)))
    (_, before), (event, _) = call.log
    stayed = Held(call.flow, ((None, before), (event, before)))
    assert stayed.leap is None
    assert "matter" in stayed.missing(stayed.leap)


def test_who_stops_a_lesson_is_led_where_its_flow_says() -> None:
    flow = load_flow("language_lesson")
    state, _ = advance(flow, start(flow, "call"), CallStarted(today=TODAY))
    stop = Understood(intents=frozenset({Intent.CANCEL}))
    event = CallerSaid(Utterance((Reading("stop", 1.0),), 0.0, 0.0), stop, state.revision)
    after, _ = advance(flow, state, event)
    call = Held(flow, ((None, state), (event, after)))
    assert after.outcome is Outcome.COMPLETE
    assert call.missing(None) == {"coffee"}
    assert call.leap is not None and call.missing(call.leap) == frozenset()
