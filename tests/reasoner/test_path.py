"""Steps that are passed by, or would be gone through too often, ask for nothing."""

from __future__ import annotations

from typing import Any

from flows.expand import expand
from flows.schema import Flow
from reasoner.acts import Ask, ReadBack, Say, SayLine
from reasoner.events import CallerSaid, CallStarted
from reasoner.machine import advance, start
from reasoner.state import GoalState
from reasoner.types import Heard, Reading, Understood, Utterance


def flow_of(slots: dict[str, Any], steps: dict[str, Any]) -> Flow:
    given = {
        "flow": "small",
        "version": "1",
        "about": "a test",
        "agent": {"name": "Ann", "company": "Acme", "business": "shop"},
        "slots": {name: {"type": "yes_no", "confirm": "never", **slot} for name, slot in slots.items()},
        "steps": steps,
    }
    return expand(Flow.model_validate(given), {})


def through(flow: Flow, *said: dict[str, Any]) -> GoalState:
    """The state after these values were given, turn by turn."""
    state, _ = advance(flow, start(flow, "call"), CallStarted())
    for values in said:
        heard = tuple(Heard(name, value, 1.0, "words") for name, value in values.items())
        utterance = Utterance((Reading("words", 1.0),), 0, 1)
        state, _ = advance(flow, state, CallerSaid(utterance, Understood(heard), state.revision))
    return state


def test_a_step_that_is_passed_by_asks_for_nothing_and_leads_to_the_one_below() -> None:
    steps = {
        "first": {"ask": "a"},
        "odd": {"if": "a", "ask": "b", "then": "handed_over"},
        "last": {"ask": "c"},
    }
    flow = flow_of({"a": {}, "b": {}, "c": {}}, steps)
    assert through(flow, {"a": False}).acts[-1] == Ask("c")
    assert through(flow, {"a": True}).acts[-1] == Ask("b")
    assert through(flow, {"a": False}, {"c": True}).code == "complete"
    assert through(flow, {"a": True}, {"b": True}).code == "handed_over"


def test_a_step_that_was_gone_through_often_enough_asks_no_more() -> None:
    steps = {"again": {"ask": "a", "at_most": 2, "or_else": "gave_up", "then": [{"if": "a", "go": "again"}]}}
    flow = flow_of({"a": {}}, steps)
    assert through(flow, {"a": True}).acts[-1] == Ask("a")
    assert through(flow, {"a": True}, {"a": True}).code == "gave_up"
    assert through(flow, {"a": True}, {"a": False}).code == "complete"


def test_going_back_asks_again_and_a_correction_does_not() -> None:
    steps = {
        "first": {"ask": ["a", "b"], "then": [{"if": "a", "go": "yes"}, {"go": "no"}]},
        "yes": {"ask": "c", "then": [{"if": "c", "go": "first"}, {"go": "complete"}]},
        "no": {"ask": "d"},
    }
    flow = flow_of({"a": {}, "b": {}, "c": {}, "d": {}}, steps)
    back = through(flow, {"a": True, "b": True}, {"c": True})
    assert (back.path, back.acts[-1], back.slots["b"].value) == (("first",), Ask("a"), None)
    corrected = through(flow, {"a": True, "b": True}, {"a": False})
    assert (corrected.path, corrected.acts[-1]) == (("first", "no"), Ask("d"))
    assert corrected.slots["b"].value is True


GATED = {
    "slots": {
        "pin": {"type": "digits", "length": "4"},
        "limit": {
            "type": "number",
            "max": 500,
            "protected_by": "gate",
            "invalid": "No more than five hundred.",
        },
        "day": {"type": "date", "future": True, "confirm": "never"},
    },
    "gates": {"gate": {"ask": "pin", "passes": 'pin == "1234"'}},
    "topics": {"hours": {"says": "hours", "visit": "hours"}},
}


def gated() -> Flow:
    given = {
        "flow": "small",
        "version": "1",
        "about": "a test",
        "agent": {"name": "Ann", "company": "Acme", "business": "shop"},
        "steps": {
            "first": {"ask": "day"},
            "second": {"needs": "gate", "ask": "limit"},
            "end": {"then": "complete"},
            "hours": {"say": "We open at nine.", "then": "back"},
        },
        **GATED,
    }
    return expand(Flow.model_validate(given), {})


def said(flow: Flow, state: GoalState, understood: Understood) -> GoalState:
    utterance = Utterance((Reading("words", 1.0),), 0, 1)
    return advance(flow, state, CallerSaid(utterance, understood, state.revision))[0]


def heard(**values: Any) -> Understood:
    return Understood(tuple(Heard(name, value, 1.0, "words") for name, value in values.items()))


def test_a_value_behind_a_gate_is_kept_and_not_talked_about_before_it_is_passed() -> None:
    flow = gated()
    state, _ = advance(flow, start(flow, "call"), CallStarted(today="2026-11-23"))
    state = said(flow, state, heard(limit=300))
    assert (state.acts[-1], state.slots["limit"].value) == (Ask("day"), 300)
    state = said(flow, state, heard(day="2026-12-01"))
    assert state.acts[-1] == Ask("pin")
    state = said(flow, state, heard(pin="1234"))
    assert state.acts[-1] == ReadBack(("limit",))


def test_what_is_understood_and_cannot_be_is_told_so() -> None:
    flow = gated()
    state, _ = advance(flow, start(flow, "call"), CallStarted(today="2026-11-23"))
    state = said(flow, state, heard(day="2026-11-01"))
    assert state.acts == (SayLine("invalid"), Ask("day", again=1))
    state = said(flow, said(flow, state, heard(day="2026-12-01")), heard(pin="1234"))
    state = said(flow, state, heard(limit=900))
    assert state.acts == (Say("No more than five hundred."), Ask("limit", again=1))


def test_a_visit_comes_back_to_the_question_and_counts_no_attempt() -> None:
    flow = gated()
    state, _ = advance(flow, start(flow, "call"), CallStarted(today="2026-11-23"))
    for _visit in range(6):
        state = said(flow, state, Understood(topics=("hours",), question="when do you open"))
        assert state.acts == (Say("We open at nine."), Ask("day"))
    assert (state.path[-1], state.outcome, state.slots["day"].asked) == ("first", None, 1)


def test_a_loop_keeps_what_it_does_not_ask_again_and_what_was_said_just_now() -> None:
    steps = {
        "first": {"ask": "a"},
        "kept": {"if": "a", "ask": "b"},
        "more": {"ask": "c", "at_most": 3, "then": [{"if": "c", "go": "first"}, {"go": "complete"}]},
    }
    flow = flow_of({"a": {}, "b": {}, "c": {}}, steps)
    again = through(flow, {"a": True}, {"b": True}, {"c": True})
    assert (again.acts[-1], again.slots["b"].value) == (Ask("a"), True)
    passed_by = through(flow, {"a": True}, {"b": True}, {"c": True}, {"a": False})
    assert (passed_by.acts[-1], passed_by.slots["b"].value) == (Ask("c"), True)
    said_along = through(flow, {"a": True}, {"b": True}, {"c": True, "a": False})
    assert (said_along.acts[-1], said_along.slots["a"].value) == (Ask("c"), False)
