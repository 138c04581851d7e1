"""What follows from what: the goal-state machine, one situation after the other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reasoner.acts import ReadBack
from reasoner.events import (
    AgentSpoke,
    HangUp,
    Reply,
)
from reasoner.machine import start
from reasoner.state import Outcome
from reasoner.types import (
    Answer,
    Channel,
    Intent,
    SlotState,
    SlotStatus,
    Understood,
    Waiting,
)
from tests.reasoner.talking import (
    FACTS,
    INTAKE,
    NO,
    NOTHING,
    YES,
    Call,
    heard,
    small_flow,
    started,
    values,
    wants,
)

BACKCHANNEL = wants(Intent.BACKCHANNEL)


# --- the straight way ----------------------------------------------------------------------------------------


def test_a_call_begins_with_the_greeting_and_the_first_question() -> None:
    call = started()
    assert call.kinds == ["greet", "ask"]
    assert call.effects == (Reply(),)
    assert call.state.revision == 1
    assert (call.state.pending.waiting, call.state.pending.slots) == (Waiting.ANSWER, ("name",))


def test_a_caller_who_answers_every_question_gets_through_in_the_fewest_turns() -> None:
    call = started()
    for name, value in FACTS.items():
        call.says(values(**{name: value}))
        if call.state.pending.waiting is Waiting.CONFIRMATION:
            call.says(YES)
    assert call.says(YES) == "Thank you. You are all set, we look forward to seeing you. Goodbye."
    assert call.state.outcome is Outcome.COMPLETE
    assert call.effects == (Reply(), HangUp())
    assert call.state.turns == 8 + 3 + 2
    assert {name: call.value(name) for name in FACTS} == FACTS
    assert {call.status(name) for name in FACTS} == {SlotStatus.CONFIRMED}


def test_a_value_keeps_where_it_was_heard_and_where_it_was_accepted() -> None:
    call = started()
    call.says(Understood(values=heard(name="Susan Clark")), words="it's susan clark")
    call.says(YES, words="yes it is")
    evidence = call.state.slots["name"].evidence
    assert evidence is not None
    assert (evidence.words, evidence.start_s, evidence.end_s) == ("Susan Clark", 3.0, 5.0)
    assert (evidence.accepted_words, evidence.accepted_s) == ("yes it is", 10.0)


def test_slots_fill_in_any_order_and_several_at_once_are_read_back_in_one_go() -> None:
    call = started()
    call.says(values(phone="5551234567", name="Susan Clark"))
    assert call.state.acts == (ReadBack(("name", "phone")),)
    call.says(YES)
    assert call.kinds == ["acknowledge", "ask"]
    assert call.state.pending.slots == ("date_of_birth",)
    call.says(values(date_of_birth="1980-03-03"))
    call.says(YES)
    assert call.state.pending.slots == ("reason",)


def test_everything_at_once_is_read_back_three_at_a_time() -> None:
    call = started()
    call.says(values(**FACTS))
    read = []
    while call.state.outcome is None:
        assert call.state.pending.waiting is Waiting.CONFIRMATION
        read.append(call.state.pending.slots)
        call.says(YES)
    assert read == [
        ("name", "date_of_birth", "phone"),
        ("reason", "allergies", "medicines"),
        ("insurance", "consent"),
    ]


@pytest.mark.parametrize(("slots", "groups"), [(1, [1]), (3, [3]), (4, [2, 2]), (5, [3, 2]), (7, [3, 2, 2])])
def test_values_for_the_end_are_read_back_in_even_groups_of_three_at_most(
    slots: int, groups: list[int]
) -> None:
    given = {f"s{n}": {"type": "phone", "digits": 3, "confirm": "together"} for n in range(slots)}
    call = Call(small_flow(given))
    call.started()
    for name in given:
        call.says(values(**{name: "123"}))
    read = []
    while call.state.outcome is None:
        read.append(len(call.state.pending.slots))
        call.says(YES)
    assert read == groups


def test_a_value_that_is_confirmed_later_is_acknowledged_and_the_script_goes_on() -> None:
    call = Call().up_to("reason")
    call.says(values(reason="back pain"))
    assert call.kinds == ["acknowledge", "ask"]
    assert call.status("reason") is SlotStatus.HEARD
    assert call.state.pending.slots == ("allergies",)


def test_a_slot_that_needs_no_confirmation_is_settled_when_heard() -> None:
    call = Call(small_flow({"colour": {"type": "choice", "values": {"red": []}, "confirm": "never"}}))
    call.started()
    call.says(values(colour="red"))
    assert (call.status("colour"), call.state.outcome) == (SlotStatus.CONFIRMED, Outcome.COMPLETE)


@pytest.mark.parametrize("confidence", [0.0, 0.2, 1.0])
def test_no_confidence_is_high_or_low_enough_to_skip_the_read_back(confidence: float) -> None:
    call = started()
    (value,) = heard(name="Susan Clark")
    call.says(Understood(values=(replace(value, confidence=confidence),)))
    assert call.state.acts == (ReadBack(("name",)),)


# --- what is no value ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slot", "value"),
    [
        ("phone", "555"),
        ("phone", "call me"),
        ("date_of_birth", "1980-02-30"),
        ("date_of_birth", "yesterday"),
        ("insurance", "Acme"),
        ("allergies", ("kryptonite",)),
        ("allergies", "penicillin"),
        ("consent", "yes"),
        ("name", " "),
        ("name", True),
        ("nothing_of_ours", "x"),
    ],
)
def test_a_value_that_the_slot_cannot_have_is_not_taken(slot: str, value: object) -> None:
    call = started()
    call.says(values(**{slot: value}))  # type: ignore[arg-type]
    assert call.state.slots == {**start(INTAKE, "x").slots, "name": SlotState(asked=2)}
    assert call.kinds[0] == "apologise"


def test_a_backchannel_answers_nothing_and_needs_no_reply() -> None:
    call = started()
    call.says(values(name="Susan Clark"))
    before = call.state
    assert call.says(BACKCHANNEL) == ""
    assert call.effects == ()
    assert call.state == replace(before, revision=before.revision + 1, turns=2, at_s=10.0)


def test_a_backchannel_is_no_yes_even_where_its_word_could_be_one() -> None:
    call = started()
    call.says(values(name="Susan Clark"))
    call.says(wants(Intent.BACKCHANNEL, answer=Answer.YES))
    assert call.status("name") is SlotStatus.HEARD


def test_a_yes_while_nothing_is_confirmed_confirms_nothing() -> None:
    call = Call().up_to("insurance")
    call.says(YES)
    assert (call.state.pending.slots, call.kinds) == (("insurance",), ["ask"])
    assert call.status("reason") is SlotStatus.HEARD


def test_a_yes_or_no_is_the_value_where_that_was_asked() -> None:
    call = Call().up_to("consent")
    call.says(YES)
    assert call.value("consent") is True
    assert call.status("consent") is SlotStatus.HEARD


def test_a_no_to_a_list_means_none() -> None:
    call = Call().up_to("allergies")
    call.says(NO)
    assert (call.value("allergies"), call.status("allergies")) == ((), SlotStatus.HEARD)


# --- wrong values --------------------------------------------------------------------------------------------


def test_a_no_to_one_value_apologises_and_asks_again_in_other_words() -> None:
    call = Call().up_to("phone")
    call.says(values(phone="5551234568"))
    reply = call.says(NO)
    assert reply.endswith("Please say the ten digits of your phone number, one by one.")
    assert call.kinds == ["apologise", "ask"]
    assert call.state.slots["phone"] == SlotState(asked=2, denied=("5551234568",))


def test_a_no_with_the_right_value_reads_that_back_at_once() -> None:
    call = Call().up_to("phone")
    call.says(values(phone="5551234568"))
    call.says(Understood(answer=Answer.NO, values=heard(phone="5551234567")))
    assert call.kinds == ["apologise", "read_back"]
    assert call.state.slots["phone"].denied == ("5551234568",)
    call.says(YES)
    assert (call.value("phone"), call.status("phone")) == ("5551234567", SlotStatus.CONFIRMED)


def test_a_value_that_was_denied_is_not_offered_again() -> None:
    call = denied_and_said_again()
    assert call.kinds == ["apologise", "ask"]
    assert call.status("phone") is SlotStatus.EMPTY


def test_a_denied_value_that_is_said_twice_more_is_offered_again() -> None:
    call = denied_and_said_again()
    call.says(values(phone="5551234568"))
    assert call.state.acts == (ReadBack(("phone",)),)
    call.says(NO)
    call.says(values(phone="5551234568"))
    assert call.status("phone") is SlotStatus.EMPTY


@pytest.mark.parametrize(
    ("denied", "offered"),
    [("1956-09-13", "1956-09-30"), ("1956-09-30", "1956-09-13"), ("1956-02-13", None), ("1956-09-12", None)],
)
def test_a_denied_date_that_is_said_again_may_be_the_one_that_sounds_like_it(
    denied: str, offered: str | None
) -> None:
    call = Call().up_to("date_of_birth")
    call.says(values(date_of_birth=denied))
    call.says(NO)
    call.says(values(date_of_birth=denied))
    assert call.value("date_of_birth") == offered
    assert call.status("date_of_birth") is (SlotStatus.HEARD if offered else SlotStatus.EMPTY)


def denied_and_said_again() -> Call:
    call = Call().up_to("phone")
    call.says(values(phone="5551234568"))
    call.says(NO)
    call.says(values(phone="5551234568"))
    return call


def test_a_denied_value_that_is_typed_counts_as_meant() -> None:
    call = Call().up_to("phone")
    call.says(values(phone="5551234567"))
    call.says(NO)
    call.says(values(phone="5551234567"), channel=Channel.TEXT)
    assert call.state.acts == (ReadBack(("phone",)),)


def test_a_no_to_several_values_asks_which() -> None:
    call = started()
    call.says(values(name="Susan Clark", phone="5551234567"))
    assert call.says(NO).endswith("What is not right: your name or your phone number?")
    assert call.state.pending.waiting is Waiting.WHICH
    call.says(Understood(rejected=("phone",)))
    assert (call.status("phone"), call.status("name")) == (SlotStatus.EMPTY, SlotStatus.HEARD)
    assert call.state.pending.slots == ("phone",)
    call.says(values(phone="5551234560"))
    assert call.state.acts == (ReadBack(("name", "phone")),)


def test_a_no_that_says_which_is_believed() -> None:
    call = started()
    call.says(values(name="Susan Clark", phone="5551234567"))
    call.says(Understood(answer=Answer.NO, rejected=("phone",)))
    assert call.state.pending.slots == ("phone",)
    assert call.status("name") is SlotStatus.HEARD


def test_a_no_with_a_value_says_which_and_the_others_still_need_their_yes() -> None:
    call = started()
    call.says(values(name="Susan Clark", phone="5551234567"))
    call.says(Understood(answer=Answer.NO, values=heard(phone="5559999999")))
    assert call.state.acts[-1] == ReadBack(("name", "phone"))
    assert call.status("name") is SlotStatus.HEARD
    assert call.state.slots["phone"].denied == ("5551234567",)


def test_a_yes_with_a_correction_accepts_only_the_rest() -> None:
    call = started()
    call.says(values(name="Susan Clark", phone="5551234567"))
    call.says(Understood(answer=Answer.YES, values=heard(phone="5559999999")))
    assert call.status("name") is SlotStatus.CONFIRMED
    assert call.kinds == ["acknowledge", "read_back"]
    assert call.state.acts[-1] == ReadBack(("phone",))


def test_a_caller_who_cannot_say_what_is_wrong_hears_the_values_one_by_one() -> None:
    call = started()
    call.says(values(name="Susan Clark", phone="5551234567"))
    call.says(NO)
    call.says(NOTHING)
    assert call.state.acts[-1] == ReadBack(("name",))
    call.says(YES)
    assert call.state.acts[-1] == ReadBack(("phone",))
    call.says(NO)
    assert call.state.pending.slots == ("phone",)
    assert call.status("name") is SlotStatus.CONFIRMED


def test_a_settled_value_can_be_corrected_at_any_time_and_is_read_back_again() -> None:
    call = Call().up_to("insurance")
    call.says(Understood(values=heard(insurance="Aetna", phone="5550000000")))
    assert call.state.acts[-1] == ReadBack(("phone",))
    assert call.status("phone") is SlotStatus.HEARD
    call.says(YES)
    assert call.status("phone") is SlotStatus.CONFIRMED
    assert call.state.pending.slots == ("consent",)


def test_a_correction_of_what_was_settled_together_is_read_back_alone_at_once() -> None:
    call = Call().up_to("consent")
    call.says(YES)
    call.says(YES)  # reason, allergies, medicines
    call.says(Understood(values=heard(reason="rash")))
    assert call.state.acts[-1] == ReadBack(("reason",))
    call.says(YES)
    assert call.state.acts[-1] == ReadBack(("insurance", "consent"))


def test_a_settled_value_that_the_caller_calls_wrong_is_asked_for_again() -> None:
    call = Call().up_to("insurance")
    call.says(Understood(rejected=("date_of_birth",)))
    assert call.kinds == ["apologise", "ask"]
    assert call.state.pending.slots == ("date_of_birth",)
    call.says(values(date_of_birth="1981-04-04"))
    call.says(YES)
    assert call.state.pending.slots == ("insurance",)


def test_a_caller_who_made_a_mistake_is_asked_which() -> None:
    call = Call().up_to("reason")
    call.says(wants(Intent.CORRECT))
    assert call.state.pending.waiting is Waiting.WHICH
    assert call.state.pending.slots == ("name", "date_of_birth", "phone")
    call.says(values(phone="5550000000"))
    assert call.state.acts[-1] == ReadBack(("phone",))


def test_saying_the_same_value_again_is_not_yet_a_yes() -> None:
    call = started()
    call.says(values(name="Susan Clark"))
    call.says(values(name="Susan Clark"))
    assert call.status("name") is SlotStatus.HEARD
    assert call.state.pending.waiting is Waiting.CONFIRMATION


# --- a read-back that was cut --------------------------------------------------------------------------------


def cut(call: Call, unspoken: str) -> None:
    said = call.reply.removesuffix(unspoken)
    call.apply(AgentSpoke(said, call.state.acts_revision, 0.0, 1.0, unspoken))


def test_a_yes_before_the_values_were_read_out_accepts_nothing() -> None:
    call = started()
    call.says(values(name="Susan Clark"))
    cut(call, "Clark. Is that right?")
    call.says(YES)
    assert call.status("name") is SlotStatus.HEARD
    assert call.state.acts == (ReadBack(("name",)),)
    call.says(YES)
    assert call.status("name") is SlotStatus.CONFIRMED


@pytest.mark.parametrize("unspoken", ["", "Is that right?", "right?", "is that RIGHT"])
def test_a_yes_before_the_closing_question_is_over_counts(unspoken: str) -> None:
    call = started()
    call.says(values(name="Susan Clark"))
    before = call.state
    cut(call, unspoken)
    assert call.state is before
    call.says(YES)
    assert call.status("name") is SlotStatus.CONFIRMED


def test_a_no_or_the_right_value_need_not_wait_for_the_end_of_the_read_back() -> None:
    call = started()
    call.says(values(name="Susan Clark"))
    cut(call, "Clark. Is that right?")
    call.says(Understood(answer=Answer.NO, values=heard(name="Susan Park")))
    assert call.state.acts[-1] == ReadBack(("name",))
    assert call.value("name") == "Susan Park"


def test_what_was_cut_of_an_earlier_reply_says_nothing_about_this_one() -> None:
    call = started()
    earlier = call.state.acts_revision
    call.says(values(name="Susan Clark"))
    before = call.state
    call.apply(AgentSpoke("words", earlier, 0.0, 1.0, "first and last name, please?"))
    assert call.state is before


# --- consent -------------------------------------------------------------------------------------------------


def test_a_no_where_a_yes_is_needed_is_read_back_at_once_and_then_ends_the_call() -> None:
    call = Call().up_to("consent")
    reply = call.says(NO)
    assert reply == "You do not agree that we keep your details. Is that right?"
    call.says(YES)
    assert call.state.outcome is Outcome.CANCELLED
    assert call.reply.startswith("I understand. Without your consent")
    assert call.effects == (Reply(), HangUp())


def test_a_no_to_consent_that_was_misheard_can_be_put_right() -> None:
    call = Call().up_to("consent")
    call.says(NO)
    call.says(NO)  # that is not right
    assert call.state.pending.slots == ("consent",)
    call.says(YES)
    assert call.value("consent") is True
    assert call.state.acts[-1] == ReadBack(("reason", "allergies", "medicines"))
