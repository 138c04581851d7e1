"""What was heard in part is kept, and figures are heard in words that sound like them."""

from __future__ import annotations

import pytest

from flows.schema import Flow
from reasoner.state import GoalState
from reasoner.types import Answer, Value, Waiting
from tests.reasoner.understand.asking import INTAKE, asked, heard, read_back, reading, values, waiting_for
from tests.reasoner.understand.made_flows import made

PARCEL: Flow = made(
    "parcel service",
    {
        "parcel": {"type": "digits", "label": "parcel number", "length": "6"},
        "phone": "phone",
        "code": {"type": "id", "label": "locker code", "length": "5"},
    },
)


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("to for ate won too", None),  # nothing tells that these are figures
        ("two oh for ate won nine", "204819"),
        ("it's two oh four eight won nine", "204819"),
        ("to two four ate one too", "224812"),
        ("mine five two two two nine", "952229"),
    ],
)
def test_figures_are_heard_in_words_that_sound_like_them(words: str, value: str | None) -> None:
    found = values(heard(asked_of(PARCEL, "parcel"), words, flow=PARCEL))
    assert found.get("parcel") == value


def asked_of(flow: Flow, slot: str) -> GoalState:
    return waiting_for(Waiting.ANSWER, slot, flow=flow)


def test_a_number_that_is_whole_is_left_as_it_is() -> None:
    understood = heard(asked_of(PARCEL, "parcel"), "two oh four eight one nine for now", flow=PARCEL)
    assert values(understood) == {"parcel": "204819"}


def test_words_between_other_words_are_no_figures() -> None:
    assert not values(heard(asked_of(PARCEL, "parcel"), "I went to the shop for a stamp", flow=PARCEL))


def test_a_number_called_by_another_name_is_what_was_asked_for() -> None:
    understood = heard(asked_of(PARCEL, "parcel"), "a number is two oh four eight one nine", flow=PARCEL)
    assert values(understood) == {"parcel": "204819"}


@pytest.mark.parametrize(
    ("slot", "words", "begun"),
    [
        ("date_of_birth", "september twentieth", "????-09-20"),
        ("date_of_birth", "it was in nineteen fifty seven", "1957-??-??"),
        ("date_of_birth", "the twentieth", "????-??-20"),
        ("phone", "five five five oh one nine nine", "5550199"),
        ("phone", "five five", None),
        ("phone", "can you say that again", None),
    ],
)
def test_a_part_of_what_was_asked_for_is_no_value_and_is_not_lost(
    slot: str, words: str, begun: Value | None
) -> None:
    understood = heard(asked(slot), words)
    assert slot not in values(understood)
    assert [(part.slot, part.value) for part in understood.begun] == ([(slot, begun)] if begun else [])


def test_what_was_not_asked_for_is_not_begun() -> None:
    assert not heard(asked("phone"), "september twentieth").begun


@pytest.mark.parametrize("words", ["collect", "key that's it"])
def test_a_stray_word_at_a_read_back_is_no_other_name(words: str) -> None:
    state = waiting_for(Waiting.CONFIRMATION, "name", flow=INTAKE, name="Antoine Reddy")
    assert "name" not in values(heard(state, reading(words, expected=False, confidence=0.5)))


VISIT: Flow = made(
    "repairs",
    {
        "number": {"type": "digits", "label": "customer number", "length": "8"},
        "phone": "phone",
        "day": {"type": "date", "future": True},
        "matter": {
            "type": "choice",
            "ask": "What is it about?",
            "values": {"bill": [], "order": []},
            "other": "else",
        },
    },
)


def test_words_that_were_misheard_before_figures_ask_nothing() -> None:
    understood = heard(
        asked_of(VISIT, "number"),
        reading("what would be four three zero one six seven nine", expected=False),
        flow=VISIT,
    )
    assert understood.question == ""
    assert [part.value for part in understood.begun] == ["4301679"]


def test_a_question_before_figures_is_one() -> None:
    understood = heard(
        asked_of(VISIT, "number"), "what is the balance of four three zero one six seven nine", flow=VISIT
    )
    assert understood.question


def test_figures_of_a_phone_are_no_date() -> None:
    words = "you can call me on eight zero eight three eight two two zero zero zero"
    assert values(heard(asked_of(VISIT, "phone"), words, flow=VISIT)) == {"phone": "8083822000"}
    some = values(heard(asked_of(VISIT, "phone"), "on five oh eight nine nine two nine oh", flow=VISIT))
    assert "day" not in some


def test_a_number_of_another_slot_that_was_not_made_out_is_no_other_matter() -> None:
    words = "my customer number is two one nine seven nine three a eight set so you know"
    assert not values(heard(asked_of(VISIT, "matter"), words, flow=VISIT))
    assert values(heard(asked_of(VISIT, "matter"), "my garden fence", flow=VISIT)) == {"matter": "else"}


@pytest.mark.parametrize(("sure", "answer"), [(0.6, None), (0.95, Answer.YES)])
def test_a_yes_behind_words_that_nobody_made_out_has_to_be_heard_well(
    sure: float, answer: Answer | None
) -> None:
    understood = heard(read_back(phone="2065550123"), reading("that's month correct", confidence=sure))
    assert understood.answer is answer


def test_a_stray_name_is_no_other_name() -> None:
    known = {"name": "Kofi Dlamini"}
    assert not values(heard(read_back(**known), reading("wei it", expected=False, confidence=0.5)))
    put_right = heard(read_back(**known), reading("no wei", expected=False, confidence=0.5))
    assert values(put_right) == {"name": "Wei Dlamini"}
