"""The machine with a remembered caller: pure, and never a remembered value where it may not be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.expand import expand
from flows.schema import Flow
from reasoner.events import (
    ActionDone,
    CallerRecognised,
    CallerSaid,
    CallStarted,
    Event,
    StepForced,
    dump_event,
    load_event,
)
from reasoner.machine import advance, start
from reasoner.state import GoalState, dump_state, load_state
from reasoner.types import Answer, Heard, Reading, SlotStatus, Understood, Utterance, Value
from reasoner.whisper import compose

MADE = {
    "flow": "made",
    "version": "1",
    "about": "a test",
    "agent": {"name": "Ann", "company": "Acme", "business": "shop"},
}
SLOTS = {
    "name": {"type": "person_name", "remember": "caller", "known_by": "phone"},
    "city": {"type": "text", "confirm": "read_back", "remember": "caller", "known_by": "phone"},
    "tone": {"type": "text", "confirm": "implicit", "remember": "caller", "known_by": "phone"},
    "loud": {"type": "yes_no", "confirm": "never", "remember": "caller", "known_by": "phone"},
    "street": {"type": "text", "confirm": "together", "remember": "caller"},
    "rest": {"type": "text", "confirm": "never"},
}
GATED = {
    "slots": {
        "number": {"type": "digits", "length": "4", "confirm": "never", "remember": "caller"},
        "ok": {"type": "yes_no", "source": "action"},
        "street": {"type": "text", "confirm": "read_back", "remember": "caller", "protected_by": "gate"},
        "city": {"type": "text", "confirm": "read_back", "remember": "caller"},
        "rest": {"type": "text", "confirm": "never"},
    },
    "steps": {
        "first": {"ask": "rest"},
        "in": {"needs": "gate", "say": "You are in.", "ask": ["street", "city"]},
    },
    "gates": {"gate": {"ask": "number", "do": "look", "passes": "ok"}},
    "actions": {
        "look": {"python": "x", "effect": "read", "with": {"number": "number"}, "gives": {"ok": "result.ok"}}
    },
}


def flow(given: Mapping[str, Any]) -> Flow:
    return expand(Flow.model_validate({**MADE, **given}), {})


FORM = flow({"slots": SLOTS, "ask": list(SLOTS)})
BANK = flow(GATED)


class Talk:
    def __init__(self, flow: Flow, given: Mapping[str, Value] | None = None) -> None:
        self.flow = flow
        self.state, _ = advance(
            flow, start(flow, "call"), CallStarted(today="2026-11-23", given=given or {}, number="5551234567")
        )

    def happen(self, event: Event) -> GoalState:
        assert load_event(dump_event(event)) == event
        self.state, _ = advance(self.flow, self.state, event)
        assert load_state(dump_state(self.state)) == self.state
        return self.state

    def says(self, answer: Answer | None = None, **values: Value) -> GoalState:
        heard = tuple(Heard(name, value, 1.0, str(value)) for name, value in values.items())
        utterance = Utterance((Reading("words", 1.0),), 1.0, 2.0)
        return self.happen(CallerSaid(utterance, Understood(heard, answer), self.state.revision))

    def proves(self, ok: bool = True) -> GoalState:
        self.says(number="1234")
        assert self.state.doing is not None
        return self.happen(ActionDone(self.state.doing.id, {"ok": ok}))

    @property
    def words(self) -> str:
        whisper = compose(self.flow, self.state)
        return " ".join(line.text for line in whisper.reply) + " " + whisper.text

    def status(self, name: str) -> SlotStatus:
        return self.state.slots[name].status


KNOWN: dict[str, Value] = {"name": "Ann Lee", "city": "Rome", "tone": "kindly", "loud": True}


def test_each_is_confirmed_as_its_slot_says_the_name_first_and_alone() -> None:
    talk = Talk(FORM, KNOWN)
    assert talk.state.pending.slots == ("name",)
    assert [talk.status(name).value for name in KNOWN] == ["heard", "heard", "heard", "confirmed"]
    assert "Rome" not in " ".join(line.text for line in compose(FORM, talk.state).reply)
    talk.says(Answer.YES)
    assert talk.state.pending.slots == ("city",)
    talk.says(Answer.YES)
    assert talk.state.pending.slots == ("street",)
    talk.says(street="Elm Street")
    talk.says(rest="nothing")
    read = set()
    while talk.state.outcome is None:
        read |= set(talk.state.pending.slots)
        talk.says(Answer.YES)
    assert {"tone", "street"} <= read
    assert [talk.state.slots[name].asked for name in KNOWN] == [0, 0, 0, 0]
    assert talk.state.slots["city"].evidence is not None, "the caller's yes is the evidence"


def test_a_value_that_its_slot_cannot_have_is_left_out() -> None:
    talk = Talk(FORM, {"name": "12345!", "city": ("a", "list"), "loud": "perhaps", "nobody": "x"})
    assert all(talk.status(name) is SlotStatus.EMPTY for name in ("name", "city", "loud"))


def test_who_says_another_name_is_somebody_else() -> None:
    talk = Talk(FORM, KNOWN)
    talk.says(name="Peter Smith")
    assert [talk.state.slots[name].value for name in ("city", "tone")] == [None, None]
    assert talk.state.slots["name"].value == "Peter Smith"


def test_what_the_caller_has_said_before_stands() -> None:
    talk = Talk(BANK)
    talk.says(rest="all", city="Oslo")
    talk.says(Answer.YES)
    talk.proves()
    talk.happen(CallerRecognised("gate", {"city": "Rome", "street": "Elm Street"}))
    assert (talk.state.slots["city"].value, talk.state.slots["street"].value) == ("Oslo", "Elm Street")


def test_what_was_about_to_be_asked_is_not_and_what_was_about_to_be_said_is() -> None:
    talk = Talk(BANK)
    talk.says(rest="all")
    talk.proves()
    assert talk.state.pending.slots == ("street",)
    talk.happen(CallerRecognised("gate", {"street": "Elm Street"}, ("on 2026-01-01: a call",)))
    assert talk.state.slots["street"].asked == 0
    assert "You are in." in talk.words and "Elm Street" in talk.words
    assert "Known from earlier calls, on 2026-01-01, a call." in talk.words


def test_a_question_that_stays_open_counts_as_asked_once() -> None:
    talk = Talk(BANK)
    talk.says(rest="all")
    talk.proves()
    talk.happen(CallerRecognised("gate", {"city": "Rome"}))
    talk.says(Answer.YES)
    assert talk.state.slots["street"].asked == 1


def test_recognised_a_second_time_nothing_changes() -> None:
    talk = Talk(BANK)
    talk.says(rest="all")
    talk.proves()
    event = CallerRecognised("gate", {"street": "Elm Street"}, ("a call",))
    before = talk.happen(event)
    assert talk.happen(event) is before


def test_a_gate_that_a_supervisor_opened_recognises_nobody() -> None:
    talk = Talk(BANK)
    talk.happen(StepForced("in", "key:1", past_gates=True))
    assert talk.state.gates["gate"].passed
    before = talk.state
    assert talk.happen(CallerRecognised("gate", {"street": "Elm Street"})) is before


SECRET = st.fixed_dictionaries(
    {}, optional={name: st.just(f"Secret{name}") for name in ("street", "city", "rest", "number")}
)
TURNS = st.lists(
    st.one_of(
        st.sampled_from([Answer.YES, Answer.NO]),
        st.sampled_from([("rest", "x"), ("city", "Oslo"), ("number", "1234"), ("street", "Oak")]),
        st.just("recognised"),
    ),
    max_size=12,
)


@given(SECRET, TURNS)
@settings(max_examples=150, deadline=None)
def test_before_the_gate_no_remembered_value_is_in_any_state_or_word(
    secret: dict[str, Value], turns: list[Any]
) -> None:
    talk = Talk(BANK, {name: value for name, value in secret.items() if name in ("x",)})
    for turn in turns:
        if turn == "recognised":
            talk.happen(CallerRecognised("gate", secret, ("SecretCall",)))
        elif isinstance(turn, Answer):
            talk.says(turn)
        else:
            talk.says(**{turn[0]: turn[1]})
        if talk.state.doing is not None:
            talk.happen(ActionDone(talk.state.doing.id, {"ok": False}))
        assert not talk.state.gates.get("gate") or not talk.state.gates["gate"].passed
        assert b"Secret" not in dump_state(talk.state)
        assert "Secret" not in talk.words


@given(SECRET)
def test_after_the_gate_what_proves_and_what_is_not_remembered_is_still_never_filled_in(
    secret: dict[str, Value],
) -> None:
    talk = Talk(BANK)
    talk.says(rest="all")
    talk.proves()
    talk.happen(CallerRecognised("gate", secret))
    assert (talk.state.slots["rest"].value, talk.state.slots["number"].value) == ("all", "1234")
    for name in ("street", "city"):
        assert talk.state.slots[name].value == secret.get(name)


@pytest.mark.parametrize("name", ["number", "street", "rest"])
def test_no_value_behind_a_gate_is_taken_with_the_number_alone(name: str) -> None:
    from reasoner.known import by_number

    assert not by_number(BANK, name)


def test_what_another_gate_asks_for_is_never_filled_in_though_one_is_passed() -> None:
    code = {"type": "digits", "length": "4", "confirm": "never", "remember": "caller"}
    two = flow(
        {
            **GATED,
            "slots": {**GATED["slots"], "code": code},  # type: ignore[dict-item]
            "gates": {**GATED["gates"], "second": {"ask": "code", "passes": "code == '4321'"}},  # type: ignore[dict-item]
        }
    )
    talk = Talk(two)
    talk.says(rest="all")
    talk.proves()
    talk.happen(CallerRecognised("gate", {"code": "4321", "street": "Elm Street"}))
    assert (talk.state.slots["code"].value, talk.state.slots["street"].value) == (None, "Elm Street")
