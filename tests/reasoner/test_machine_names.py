"""What follows from what: names, which are said, spelled, denied and put right in parts."""

from __future__ import annotations

import pytest

from reasoner.acts import ReadBack
from reasoner.types import (
    Answer,
    Intent,
    NamePart,
    SlotStatus,
    Understood,
    Waiting,
)
from tests.reasoner.talking import (
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
