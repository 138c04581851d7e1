"""What follows from what: the goal-state machine, one situation after the other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reasoner.acts import ReadBack
from reasoner.events import (
    AgentSpoke,
    CallEnded,
    CallerSaid,
    CallStarted,
    HandOver,
    HangUp,
    PassagesFound,
    Reply,
)
from reasoner.machine import HOLD_S, advance, start
from reasoner.state import Outcome
from reasoner.types import (
    Answer,
    Channel,
    Intent,
    NamePart,
    SlotState,
    SlotStatus,
    Understood,
    Utterance,
    Waiting,
)
from tests.reasoner.talking import (
    FACTS,
    INTAKE,
    NO,
    NOTHING,
    PARKING,
    YES,
    Call,
    asks,
    heard,
    small_flow,
    values,
    wants,
)

BACKCHANNEL = wants(Intent.BACKCHANNEL)


def started() -> Call:
    call = Call()
    call.started()
    return call


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


# --- names ---------------------------------------------------------------------------------------------------


def test_a_denied_name_is_spelled_family_name_first_and_read_back_in_letters() -> None:
    call = started()
    call.says(values(name="Susan Kowalczyk"))
    call.says(NO)
    assert (call.state.pending.waiting, call.state.pending.part) == (Waiting.SPELLING, NamePart.FAMILY)
    reply = call.says(Understood(spelled="kowalski"))
    assert call.value("name") == "Susan Kowalski"
    assert "Susan Kowalski, spelled K as in kilo, O as in oscar" in reply
    call.says(YES)
    assert call.status("name") is SlotStatus.CONFIRMED


def test_a_name_that_is_denied_after_its_family_name_was_spelled_has_a_wrong_given_name() -> None:
    call = started()
    call.says(values(name="Susan Kowalczyk"))
    call.says(NO)
    call.says(Understood(spelled="kowalski"))
    call.says(NO)
    assert call.state.pending.part is NamePart.GIVEN
    call.says(Understood(spelled="suzanne"))
    assert call.value("name") == "Suzanne Kowalski"


def test_a_family_name_spelled_as_it_was_heard_leaves_the_given_name_to_spell() -> None:
    call = started()
    call.says(values(name="Susan Clark"))
    call.says(NO)
    call.says(Understood(spelled="clark"))  # which was denied as a whole
    assert call.state.pending.part is NamePart.GIVEN


def test_a_name_of_which_nothing_was_understood_is_spelled_in_two_parts() -> None:
    call = started()
    call.says(NOTHING, words="she was on call ski")
    assert call.state.pending.part is NamePart.FAMILY
    call.says(Understood(spelled="kowalski"))
    assert (call.status("name"), call.state.pending.part) == (SlotStatus.EMPTY, NamePart.GIVEN)
    call.says(values(name="Susan"))
    assert call.value("name") == "Susan Kowalski"
    assert call.state.acts[-1] == ReadBack(("name",), spelled=True)


def test_a_given_name_that_everybody_knows_is_not_spelled_with_the_family_name() -> None:
    reply = in_two_parts(started(), "susan")
    assert "Susan Kowalski, spelled K as in kilo, O as in oscar" in reply
    assert "Suzka Kowalski, spelled S as in sierra, U as in uniform" in in_two_parts(started(), "suzka")


def test_a_family_name_spelled_the_same_way_again_is_meant_and_the_no_was_misheard() -> None:
    call = started()
    in_two_parts(call, "susan")
    call.says(NO)
    assert call.state.pending.part is NamePart.FAMILY
    call.says(Understood(spelled="kowalski"))
    assert (call.value("name"), call.kinds[-1]) == ("Susan Kowalski", "read_back")


def test_a_family_name_that_was_spelled_stays_when_the_name_is_said_anew() -> None:
    call = started()
    call.says(values(name="Ethan Nickolas"))
    call.says(NO)
    call.says(Understood(spelled="howard"))
    call.says(Understood(answer=Answer.NO, values=heard(name="Ethan Oliver")))
    assert call.state.pending.part is NamePart.GIVEN
    call.says(Understood(spelled="elizabeth"))
    assert call.value("name") == "Elizabeth Howard"


def in_two_parts(call: Call, given: str) -> str:
    call.says(NOTHING, words="she was on call ski")
    call.says(Understood(spelled="kowalski"))
    return call.says(Understood(spelled=given))


def test_a_name_that_sounds_like_another_is_read_back_with_the_letter_that_tells() -> None:
    call = started()
    reply = call.says(values(name="Susan Norris"))
    assert "Susan Norris, with N as in november." in reply
    assert " with " not in started().says(values(name="Susan Clark"))


def test_noise_is_no_reason_to_have_a_name_spelled() -> None:
    call = started()
    call.says(NOTHING, words="")
    assert (call.kinds, call.state.pending.waiting) == (["apologise", "ask"], Waiting.ANSWER)


def test_half_a_name_is_kept_and_the_family_name_spelled() -> None:
    call = started()
    call.says(values(name="Susan"))
    assert call.kinds == ["acknowledge", "ask_spelling"]
    call.says(Understood(spelled="kowalski"))
    assert call.value("name") == "Susan Kowalski"


def test_a_caller_with_one_name_only_is_believed() -> None:
    call = started()
    call.says(values(name="Teller"))
    call.says(wants(Intent.DONT_KNOW))
    assert call.state.acts[-1] == ReadBack(("name",))
    call.says(YES)
    assert (call.value("name"), call.status("name")) == ("Teller", SlotStatus.CONFIRMED)


def test_where_one_name_will_do_it_is_spelled_as_a_whole() -> None:
    call = Call(small_flow({"pet": {"type": "person_name", "full": False}}))
    call.started()
    call.says(values(pet="Rex"))
    assert call.kinds == ["read_back"]
    call.says(NO)
    assert call.state.pending.part is NamePart.WHOLE
    call.says(Understood(spelled="rax"))
    assert call.value("pet") == "Rax"


@pytest.mark.parametrize(
    ("known", "spelled", "whole"),
    [
        ("Susan Clarke", "clark", "Susan Clark"),
        ("Mary Ann Smith", "smyth", "Mary Ann Smyth"),
        ("Juan Delacruz", "de la cruz", "Juan De La Cruz"),
        ("Susan Clark", "suzanne clarke", "Suzanne Clarke"),
    ],
)
def test_spelled_letters_take_the_place_of_what_they_stand_for(known: str, spelled: str, whole: str) -> None:
    call = started()
    call.says(values(name=known))
    call.says(NO)
    call.says(Understood(spelled=spelled))
    assert call.value("name") == whole


def test_a_name_spelled_unasked_is_taken_with_its_letters() -> None:
    call = started()
    call.says(Understood(values=heard(name="Susan Kowal"), spelled="kowalski"))
    assert call.value("name") == "Susan Kowalski"
    assert call.state.acts == (ReadBack(("name",), spelled=True),)


def test_a_whole_name_from_the_reader_is_not_put_together_again() -> None:
    call = started()
    call.says(values(name="Susan"))
    call.says(Understood(values=heard(name="Susan Ann Kowalski"), spelled="kowalski"))
    assert call.value("name") == "Susan Ann Kowalski"


def test_a_spelling_that_is_not_understood_is_asked_for_again_in_other_words() -> None:
    call = started()
    call.says(values(name="Susan"))
    first = call.reply
    call.says(NOTHING)
    assert call.kinds == ["apologise", "ask_spelling"]
    assert "once more" in call.reply and "once more" not in first


@pytest.mark.parametrize(
    "name", ["O'Brien Mary", "Jean-Luc St. John", "Nguyễn Văn An", "李 小龙", "José Muñoz 3rd"]
)
def test_names_of_all_scripts_are_names(name: str) -> None:
    call = started()
    call.says(values(name=name))
    assert call.value("name") == name


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
