"""What follows from what: attempts, questions, commands, silence, limits and the end."""

from __future__ import annotations

import pytest

from reasoner.acts import ReadBack
from reasoner.events import (
    CallEnded,
    CallerSaid,
    CallStarted,
    HandOver,
    HangUp,
    PassagesFound,
    Reply,
)
from reasoner.machine import HOLD_S, advance
from reasoner.state import Outcome
from reasoner.types import (
    Answer,
    Intent,
    SlotStatus,
    Utterance,
)
from tests.reasoner.talking import (
    INTAKE,
    NOTHING,
    PARKING,
    YES,
    Call,
    asks,
    heard,
    small_flow,
    started,
    values,
    wants,
)

BACKCHANNEL = wants(Intent.BACKCHANNEL)


# --- attempts ------------------------------------------------------------------------------------------------


def test_a_required_slot_that_cannot_be_had_goes_to_a_person() -> None:
    call = Call().up_to("phone")
    for _attempt in range(3):
        call.says(NOTHING)
        assert call.state.outcome is None
    call.says(NOTHING)
    assert call.state.outcome is Outcome.HANDED_OVER
    assert call.effects == (Reply(), HandOver("attempts:phone"))
    assert call.reply == "I will connect you with a person at the front desk now."


def test_an_optional_slot_that_cannot_be_had_is_left_out() -> None:
    slots = {
        "nick": {"type": "choice", "values": {"a": []}, "required": False, "attempts": 2},
        "phone": {"type": "phone", "digits": 3},
    }
    call = Call(small_flow(slots))
    call.started()
    call.says(NOTHING)
    call.says(NOTHING)
    assert call.status("nick") is SlotStatus.DECLINED
    assert call.state.pending.slots == ("phone",)


@pytest.mark.parametrize("intent", [Intent.DONT_KNOW, Intent.REFUSE])
def test_who_will_not_say_is_let_off_what_is_optional_and_told_what_is_needed(intent: Intent) -> None:
    slots = {
        "nick": {"type": "choice", "values": {"a": []}, "required": False},
        "phone": {"type": "phone", "digits": 3},
    }
    call = Call(small_flow(slots))
    call.started()
    call.says(wants(intent))
    assert (call.status("nick"), call.kinds) == (SlotStatus.DECLINED, ["acknowledge", "ask"])
    call.says(wants(intent))
    assert call.kinds == ["say_line", "ask"]
    for _attempt in range(3):
        call.says(wants(intent))
    assert call.effects[-1] == HandOver("attempts:phone")


def test_a_declined_slot_can_still_be_given() -> None:
    slots = {
        "nick": {"type": "choice", "values": {"a": []}, "required": False, "confirm": "read_back"},
        "phone": {"type": "phone", "digits": 3},
    }
    call = Call(small_flow(slots))
    call.started()
    call.says(wants(Intent.REFUSE))
    call.says(values(nick="a", phone="123"))
    assert call.state.acts == (ReadBack(("nick", "phone")),)


def test_misunderstandings_in_a_row_hand_over_and_one_turn_that_is_understood_starts_anew() -> None:
    call = Call(
        INTAKE.model_copy(update={"limits": INTAKE.limits.model_copy(update={"misunderstandings": 3})})
    )
    call.started()
    call.says(values(name="Susan Clark"))
    call.says(NOTHING)
    call.says(NOTHING)
    call.says(wants(Intent.REPEAT))
    assert call.state.misunderstood == 0
    call.says(NOTHING)
    call.says(NOTHING)
    assert call.state.outcome is None
    call.says(NOTHING)
    assert call.effects == (Reply(), HandOver("misunderstandings"))


# --- questions of the caller ---------------------------------------------------------------------------------


def test_a_question_is_answered_and_the_script_goes_on_where_it_was() -> None:
    call = Call().up_to("phone")
    assert call.says(asks("where can i park")) == ""  # the look-up comes first
    assert call.effects == ()
    reply = call.finds(PARKING)
    assert call.kinds == ["tell", "ask"]
    assert reply.startswith("Parking is free") and reply.endswith("What phone number can we reach you at?")
    assert call.state.slots["phone"].asked == 1
    assert call.state.questions == ("where can i park",)


def test_a_question_that_the_pages_do_not_answer_says_so_and_goes_on() -> None:
    call = Call().up_to("phone")
    call.says(asks("who won the game"))
    reply = call.finds()
    assert reply.startswith("I am sorry, I do not have that information.")
    assert reply.endswith("What phone number can we reach you at?")


def test_an_answer_and_a_question_in_one_breath_both_count() -> None:
    call = started()
    call.says(values(name="Susan Clark"))
    call.says(asks("where can i park", answer=Answer.YES))
    call.finds(PARKING)
    assert call.status("name") is SlotStatus.CONFIRMED
    assert call.kinds == ["acknowledge", "tell", "ask"]
    assert call.state.pending.slots == ("date_of_birth",)


def test_a_question_while_a_value_is_confirmed_comes_back_to_the_value() -> None:
    call = started()
    call.says(values(name="Susan Clark"))
    call.says(asks("where can i park"))
    call.finds(PARKING)
    assert call.kinds == ["tell", "read_back"]
    call.says(YES)
    assert call.status("name") is SlotStatus.CONFIRMED


def test_a_question_with_the_last_yes_is_answered_before_the_goodbye() -> None:
    call = Call().up_to("consent")
    call.says(YES)
    call.says(YES)
    call.says(asks("where can i park", answer=Answer.YES))
    assert call.state.outcome is None
    reply = call.finds(PARKING)
    assert call.state.outcome is Outcome.COMPLETE
    assert reply.startswith(
        "Thank you. Parking is free" if "acknowledge" in call.kinds else "Parking is free"
    )
    assert reply.endswith("Goodbye.")
    assert call.effects == (Reply(), HangUp())


def test_passages_that_come_too_late_are_dropped() -> None:
    call = Call().up_to("phone")
    call.says(asks("where can i park"))
    late = PassagesFound("where can i park", (PARKING,), call.state.revision)
    call.says(values(phone="5551234567"))
    before = call.state
    call.apply(late)
    assert call.state is before
    assert call.effects == ()


def test_passages_for_another_question_are_dropped() -> None:
    call = Call().up_to("phone")
    call.says(asks("where can i park"))
    before = call.state
    call.apply(PassagesFound("what does it cost", (PARKING,), before.revision))
    assert call.state is before


# --- commands ------------------------------------------------------------------------------------------------


def test_a_caller_who_wants_a_person_gets_one_and_keeps_what_was_said() -> None:
    call = Call().up_to("insurance")
    call.says(wants(Intent.HUMAN, values=heard(insurance="Aetna")))
    assert call.state.outcome is Outcome.HANDED_OVER
    assert call.effects == (Reply(), HandOver("caller_asked"))
    assert call.value("insurance") == "Aetna"


def test_repeat_says_the_same_again_and_counts_as_no_attempt() -> None:
    call = Call().up_to("phone")
    call.says(wants(Intent.REPEAT))
    assert call.kinds == ["ask"]
    assert call.reply == "What phone number can we reach you at?"
    assert call.state.slots["phone"].asked == 1


def test_repeat_says_an_answer_to_a_question_again() -> None:
    call = Call().up_to("phone")
    call.says(asks("where can i park"))
    call.finds(PARKING)
    call.says(wants(Intent.REPEAT))
    assert call.kinds == ["tell", "ask"]


def test_repeat_leaves_out_the_apology_of_the_first_time() -> None:
    call = Call().up_to("phone")
    call.says(NOTHING)
    call.says(wants(Intent.REPEAT))
    assert call.kinds == ["ask"]


def test_a_caller_who_asks_for_a_moment_is_left_in_peace_for_a_while() -> None:
    call = Call().up_to("phone")
    assert call.says(wants(Intent.WAIT)) == "Of course, take your time."
    before = call.state
    assert call.silent(6.0) == "" and call.silent(HOLD_S - 1) == ""
    assert call.state is before
    assert call.silent(HOLD_S).startswith("Are you still there?")
    call.says(values(phone="5551234567"))
    assert call.state.acts == (ReadBack(("phone",)),)


@pytest.mark.parametrize("intent", [Intent.CANCEL, Intent.GOODBYE])
def test_who_wants_to_end_the_call_can(intent: Intent) -> None:
    call = Call().up_to("phone")
    assert call.says(wants(intent)) == "All right, I will stop here. Goodbye."
    assert call.state.outcome is Outcome.CANCELLED
    assert call.effects == (Reply(), HangUp())


def test_a_goodbye_along_with_the_last_yes_completes_the_call() -> None:
    call = Call().up_to("consent")
    call.says(YES)
    call.says(YES)
    call.says(wants(Intent.GOODBYE, answer=Answer.YES))
    assert call.state.outcome is Outcome.COMPLETE


# --- silence, limits, the end --------------------------------------------------------------------------------


def test_silence_is_met_with_the_question_in_other_words_and_then_with_goodbye() -> None:
    call = Call().up_to("date_of_birth")
    asked = call.state.slots["date_of_birth"].asked
    assert call.silent() == "Are you still there? Please say the month, the day and the year you were born."
    assert call.silent().startswith("Are you still there?")
    assert call.state.slots["date_of_birth"].asked == asked
    assert call.silent() == "I am sorry that we could not finish. Please call again. Goodbye."
    assert call.state.outcome is Outcome.GAVE_UP
    assert call.effects == (Reply(), HangUp())


def test_a_caller_who_speaks_again_has_all_silences_before_them() -> None:
    call = Call().up_to("date_of_birth")
    call.silent()
    call.silent()
    call.says(NOTHING)
    assert call.state.silences == 0


def test_a_call_of_too_many_turns_goes_to_a_person() -> None:
    call = Call(INTAKE.model_copy(update={"limits": INTAKE.limits.model_copy(update={"turns": 3})}))
    call.started()
    call.says(BACKCHANNEL)
    call.says(wants(Intent.REPEAT))
    call.says(wants(Intent.REPEAT))
    assert call.effects == (Reply(), HandOver("turns"))


def test_a_call_that_takes_too_long_goes_to_a_person() -> None:
    call = started()
    call.now_s = INTAKE.limits.minutes * 60
    call.says(values(name="Susan Clark"))
    assert call.effects == (Reply(), HandOver("minutes"))
    assert call.value("name") == "Susan Clark"


def test_the_last_turn_may_complete_the_call() -> None:
    call = Call(small_flow({"phone": {"type": "phone", "digits": 3}}, limits={"turns": 2}))
    call.started()
    call.says(values(phone="123"))
    call.says(YES)
    assert call.state.outcome is Outcome.COMPLETE


def test_a_caller_who_hangs_up_leaves_what_was_established() -> None:
    call = Call().up_to("phone")
    call.apply(CallEnded(99.0))
    assert (call.state.outcome, call.state.at_s) == (Outcome.HUNG_UP, 99.0)
    assert call.effects == ()
    assert call.status("name") is SlotStatus.CONFIRMED


def test_hanging_up_after_the_goodbye_keeps_the_outcome() -> None:
    call = Call(small_flow({"phone": {"type": "phone", "digits": 3}}))
    call.started()
    call.says(values(phone="123"))
    call.says(YES)
    call.apply(CallEnded(99.0))
    assert call.state.outcome is Outcome.COMPLETE


def test_a_turn_that_was_thought_on_an_older_state_is_dropped() -> None:
    call = Call().up_to("phone")
    late = CallerSaid(Utterance((), 0, 1), values(phone="5551234567"), call.state.revision - 1)
    assert advance(call.flow, call.state, late) == (call.state, ())


def test_a_second_start_changes_nothing() -> None:
    call = started()
    assert advance(call.flow, call.state, CallStarted()) == (call.state, ())


def test_a_state_from_an_older_version_of_the_flow_goes_on_with_the_new_one() -> None:
    old = Call(small_flow({"gone": {"type": "phone", "digits": 3}, "phone": {"type": "phone", "digits": 3}}))
    old.started()
    new = Call(small_flow({"phone": {"type": "phone", "digits": 3}, "day": {"type": "date"}}))
    new.state = old.state
    new.says(values(phone="123"))
    assert set(new.state.slots) == {"phone", "day"}
    new.says(YES)
    assert new.state.pending.slots == ("day",)


def test_a_question_in_the_very_last_turn_does_not_keep_the_hand_over_from_being_said() -> None:
    call = Call(INTAKE.model_copy(update={"limits": INTAKE.limits.model_copy(update={"turns": 1})}))
    call.started()
    assert call.says(asks("where can i park")) == "I will connect you with a person at the front desk now."
    assert call.effects == (Reply(), HandOver("turns"))
    assert call.state.open_question == ""
