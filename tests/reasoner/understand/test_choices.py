"""Choices and lists: named, described, added to, and none."""

from __future__ import annotations

import pytest

from reasoner.types import Intent
from tests.reasoner.understand.asking import NO, asked, freely, heard, read_back, typed, values


@pytest.mark.parametrize(
    ("slot", "words", "value"),
    [
        ("reason", "back pain", "back pain"),
        ("reason", "i have a bad cough", "cough"),
        ("reason", "my knee hurts", "knee pain"),
        ("reason", "i need a flu shot", "vaccination"),
        ("reason", "it's not a headache it's a fever", "fever"),
        ("insurance", "i have aetna", "Aetna"),
        ("insurance", "united", "United Healthcare"),
        ("insurance", "none", "self-pay"),
        ("insurance", "i don't have insurance", "self-pay"),
        ("medicines", "i take lisinopril and metformin", ("lisinopril", "metformin")),
        ("medicines", "i'm on an inhaler", ("albuterol",)),
        ("allergies", "yes i'm allergic to bees", ("bee stings",)),
        ("allergies", "penicillin latex and eggs", ("penicillin", "latex", "eggs")),
        ("allergies", "i'm allergic to latex and i'm allergic to eggs", ("latex", "eggs")),
    ],
)
def test_a_value_is_found_by_each_of_its_names(slot: str, words: str, value: object) -> None:
    assert values(heard(asked(slot), words)) == {slot: value}


@pytest.mark.parametrize(
    "words",
    [
        "no",
        "nope",
        "none",
        "nothing",
        "no allergies",
        "no known allergies",
        "no i don't",
        "i don't have any",
        "not that i know of",
        "no not that i know of",
        "i'm not allergic to anything",
        "no i have no allergies",
    ],
)
def test_none_is_a_value_of_a_list(words: str) -> None:
    assert values(heard(asked("allergies"), words)) == {"allergies": ()}


@pytest.mark.parametrize(
    "words", ["i don't take anything", "no medications", "i don't take any medicine", "no"]
)
def test_none_of_the_medicines_too(words: str) -> None:
    assert values(heard(asked("medicines"), words)) == {"medicines": ()}


@pytest.mark.parametrize("words", ["no problem", "not bad", "no worries", "okay", "i know", "no rush"])
def test_what_only_begins_like_a_no_is_not_none(words: str) -> None:
    assert not values(heard(asked("allergies"), words))


def test_a_no_before_something_else_is_not_none() -> None:
    words = "no my phone number is five five five oh one four nine eight two six"
    understood = heard(asked("allergies"), words)
    assert values(understood) == {"phone": "5550149826"}
    assert understood.answer is None


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("i have had terrible back pain since monday", "back pain"),
        ("my back has been hurting so much lately", "back pain"),
        ("well you see it is my knee it really hurts when i walk", "knee pain"),
        ("migrane", "headache"),
        ("the thing is i've been coughing for two weeks", "cough"),
    ],
)
def test_a_choice_in_the_callers_own_words_is_found_and_less_sure(words: str, value: str) -> None:
    understood = freely(asked("reason"), words)
    assert values(understood) == {"reason": value}
    assert understood.values[0].confidence < 0.8


def test_a_letter_may_be_wrong_in_what_is_typed() -> None:
    assert values(typed(asked("allergies"), "penicilin, asprin")) == {"allergies": ("penicillin", "aspirin")}


def test_what_is_misspelled_in_a_list_joins_what_is_not() -> None:
    assert values(typed(asked("allergies"), "penicillin and asprin")) == {
        "allergies": ("penicillin", "aspirin")
    }


def test_a_value_inside_a_question_is_no_answer() -> None:
    understood = freely(asked("insurance"), "do you take aetna")
    assert not understood.values
    assert Intent.QUESTION in understood.intents


def test_a_thing_on_two_lists_belongs_to_the_one_that_is_asked_or_named() -> None:
    assert values(heard(asked("allergies"), "aspirin")) == {"allergies": ("aspirin",)}
    assert values(heard(asked("allergies"), "i take aspirin")) == {"medicines": ("aspirin",)}
    both = heard(read_back(allergies=("latex",), medicines=()), "no aspirin")
    assert not both.values
    assert both.answer is NO


def test_also_adds_to_a_list_and_not_takes_from_it() -> None:
    state = read_back(allergies=("penicillin",))
    assert values(heard(state, "no i'm also allergic to latex")) == {"allergies": ("penicillin", "latex")}
    assert values(heard(state, "no i'm allergic to latex")) == {"allergies": ("latex",)}
    assert values(heard(state, "i'm not allergic to penicillin")) == {"allergies": ()}


def test_two_answers_come_out_of_one_breath() -> None:
    words = "codeine and i take lisinopril"
    assert values(heard(asked("allergies"), words)) == {
        "allergies": ("codeine",),
        "medicines": ("lisinopril",),
    }
    words = "it's march third nineteen eighty and my number is five five five oh one four nine eight two six"
    assert values(heard(asked("date_of_birth"), words)) == {
        "date_of_birth": "1980-03-03",
        "phone": "5550149826",
    }
