"""Whatever callers say, other systems answer and voices cut off, a call through a flow of the library keeps in order."""

from __future__ import annotations

from typing import Any

import pytest

from flows.graph import caller_of
from flows.loader import library, load_flow
from flows.places import BACK
from flows.schema import Flow
from flows.slot import Slot, SlotType
from reasoner.events import CallStarted
from reasoner.machine import advance, start
from reasoner.state import GoalState, Outcome
from reasoner.types import Heard, Value
from reasoner.whisper import compose
from tests.reasoner.scripts import Line

SEEDS = range(60)
GIVEN: dict[str, dict[str, Value]] = {
    "debt_collection": {
        "debtor": "Ann Lee",
        "born": "1980-04-03",
        "account": "A1234",
        "creditor": "First Street Bank",
        "balance": 480,
    }
}
SAID: dict[SlotType, tuple[Value, ...]] = {
    SlotType.YES_NO: (True, False),
    SlotType.NUMBER: (1, 2),
    SlotType.MONEY: (30, 100, 9),
    SlotType.DATE: ("2026-11-25", "2026-11-26", "1980-04-03"),
    SlotType.TIME: ("10:00", "14:30"),
    SlotType.PHONE: ("5552345678", "5552345679"),
    SlotType.PERSON_NAME: ("Ann Lee", "Sam Reed"),
}
RESULT = {
    "ok": True,
    "name": "Ann Lee",
    "balance": 5,
    "date": "2026-11-23",
    "reference": "AB12",
    "times": ["10:00", "14:30"],
    "number": "K123",
    "status": "arrived",
    "arrived_on": "Monday",
    "outage": False,
    "back_at": "10:00",
}


class AnyLine(Line):
    """A caller who says what a slot can be, at any time, and other systems that mostly answer well."""

    def _heard(self, name: str) -> Heard:
        return Heard(name, self._value(self.flow.slots[name]), self.draw.choice([0.3, 0.9, 1.0]), "words")

    def _value(self, slot: Slot) -> Value:
        if slot.type is SlotType.CHOICE:
            return self.draw.choice([*slot.values, *([slot.other] if slot.other else [])])
        if slot.type is SlotType.LIST:
            return tuple(label for label in slot.values if self.draw.random() < 0.5)
        if slot.type in (SlotType.DIGITS, SlotType.ID):
            return self.draw.choice("12") * slot.lengths[0]
        return self.draw.choice(SAID.get(slot.type, ("one", "two")))

    def _result(self) -> Any:
        odd = [{}, None, [1], {"ok": False, "times": []}, {"times": [1, None]}, {"status": {"a": [1]}}]
        return RESULT if self.draw.random() < 0.8 else self.draw.choice(odd)


def check_order(flow: Flow, state: GoalState, where: str) -> None:
    """Nobody is waited for who is not there, nothing is past a closed gate, every called flow comes back."""
    assert len(set(state.path)) == len(state.path), where
    assert all(frame.step in state.path and frame.depth <= len(state.path) for frame in state.frames), where
    for name in state.path:
        visit = state.visits[name]
        past = visit.said and not visit.skipped
        needs = [need for need in flow.steps[name].needs if need in flow.gates]
        assert not past or all(state.gates[need].passed for need in needs), where
        caller = caller_of(name, flow)
        waits = any(frame.step == caller for frame in state.frames)
        back = bool(caller) and visit.done and visit.led_to == BACK
        assert not back or state.outcome or waits or state.visits[caller].called, where
    if state.outcome is Outcome.COMPLETE:
        assert state.frames == (), where
    spoken = " ".join(line.text for line in compose(flow, state).reply)
    assert "{" not in spoken, where


@pytest.mark.parametrize("name", [name for name, _path in library()])
def test_a_call_through_a_flow_of_the_library_keeps_in_order_and_ends(name: str) -> None:
    flow = load_flow(name)
    for seed in SEEDS:
        line, state = AnyLine(flow, seed), start(flow, "call")
        event: Any = CallStarted(today="2026-11-23", given=GIVEN.get(name, {}))
        for _ in range(400):
            state, _effects = advance(flow, state, event)
            check_order(flow, state, f"{name} seed {seed} revision {state.revision} {event}")
            if state.outcome is not None:
                break
            event = line.event(state)
        assert state.outcome is not None, f"{name} seed {seed} did not end"
