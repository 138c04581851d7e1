"""Yes, no, and everything that is neither."""

from __future__ import annotations

import pytest

from reasoner.state import GoalState
from reasoner.types import Answer, Intent, Waiting
from tests.reasoner.understand.asking import (
    NO,
    YES,
    asked,
    freely,
    heard,
    read_back,
    typed,
    values,
    waiting_for,
)

DATE_READ_BACK = read_back(date_of_birth="1980-03-03")
CONSENT_ASKED = asked("consent")

CLEAR = [
    ("yes", YES),
    ("yeah", YES),
    ("correct", YES),
    ("that's right", YES),
    ("yes that's correct", YES),
    ("yeah sure", YES),
    ("okay yes", YES),
    ("of course", YES),
    ("no", NO),
    ("nope", NO),
    ("no that's not right", NO),
    ("that's wrong", NO),
    ("that's not correct", NO),
    ("i don't think so", NO),
    ("no no no", NO),
    ("not really", NO),
]
UNCLEAR = [
    "okay",
    "mm-hm",
    "uh-huh",
    "mhm",
    "right",
    "i see",
    "alright",
    "got it",
    "no problem",
    "no worries",
    "not bad",
    "yes and no",
    "i know",
    "um",
    "hmm",
    "",
]


@pytest.mark.parametrize("state", [DATE_READ_BACK, CONSENT_ASKED])
@pytest.mark.parametrize(("words", "answer"), CLEAR)
def test_a_clear_yes_or_no_is_one(words: str, answer: Answer, state: GoalState) -> None:
    assert heard(state, words).answer is answer
    assert freely(state, words).answer is answer


@pytest.mark.parametrize("state", [DATE_READ_BACK, CONSENT_ASKED])
@pytest.mark.parametrize("words", UNCLEAR)
def test_a_sign_of_listening_answers_nothing(words: str, state: GoalState) -> None:
    for understood in (heard(state, words), freely(state, words)):
        assert understood.answer is None
        assert not understood.values


@pytest.mark.parametrize("words", ["okay", "mm-hm", "uh-huh", "right", "i see", "okay okay"])
def test_a_backchannel_is_known_as_one(words: str) -> None:
    assert heard(DATE_READ_BACK, words).intents == {Intent.BACKCHANNEL}


def test_a_yes_where_a_yes_was_asked_is_the_value() -> None:
    assert values(heard(CONSENT_ASKED, "yes you may")) == {"consent": True}
    assert values(heard(CONSENT_ASKED, "no i don't agree")) == {"consent": False}
    assert not values(heard(DATE_READ_BACK, "yes"))


@pytest.mark.parametrize(
    "words",
    ["no what does that mean", "no my insurance is aetna", "no i said i live in riverside county now"],
)
def test_a_no_that_leads_over_to_something_else_refuses_nothing(words: str) -> None:
    understood = freely(CONSENT_ASKED, words)
    assert understood.answer is None
    assert "consent" not in values(understood)


def test_a_yes_before_another_answer_is_both() -> None:
    words = "yes and my number is five five five oh one four nine eight two six"
    understood = heard(DATE_READ_BACK, words)
    assert understood.answer is YES
    assert values(understood) == {"phone": "5550149826"}


def test_a_no_before_the_value_of_another_slot_that_was_known_takes_back_only_that() -> None:
    state = waiting_for(Waiting.CONFIRMATION, "date_of_birth", date_of_birth="1980-03-03", phone="5550149826")
    understood = heard(state, "no my number is five five five oh one four nine eight two seven")
    assert understood.answer is None
    assert values(understood) == {"phone": "5550149827"}


def test_what_is_named_as_wrong_is_rejected() -> None:
    together = read_back(reason="fever", allergies=("latex",), medicines=())
    assert heard(together, "no the reason is wrong").rejected == ("reason",)
    assert heard(together, "the allergies are wrong").rejected == ("allergies",)
    assert heard(together, "no my medicines").rejected == ("medicines",)
    assert heard(together, "yes").rejected == ()


def test_asked_which_is_wrong_its_name_or_its_right_value_tells() -> None:
    state = waiting_for(
        Waiting.WHICH, "reason", "allergies", "medicines", reason="fever", allergies=("latex",), medicines=()
    )
    assert heard(state, "the reason").rejected == ("reason",)
    assert heard(state, "it's my allergies").rejected == ("allergies",)
    assert values(heard(state, "i have a cough")) == {"reason": "cough"}
    assert heard(state, "everything").answer is NO


def test_a_no_to_several_says_what_is_right_of_consent() -> None:
    state = read_back(insurance="Aetna", consent=False)
    assert values(heard(state, "no i do agree")) == {"consent": True}
    state = read_back(insurance="Aetna", consent=True)
    assert values(heard(state, "no i do not agree")) == {"consent": False}


@pytest.mark.parametrize("words", ["sorry", "i'm sorry", "hello", "hi", "wait", "excuse me"])
def test_who_only_wants_to_hear_something_denies_nothing(words: str) -> None:
    understood = heard(DATE_READ_BACK, words)
    assert understood.answer is None
    assert understood.intents <= {Intent.REPEAT, Intent.WAIT}
    assert understood.intents


@pytest.mark.parametrize("state", [DATE_READ_BACK, CONSENT_ASKED])
@pytest.mark.parametrize(
    "words",
    [
        "yes that's all",
        "yes that's all thank you",
        "yes bye",
        "yes goodbye",
        "yes thanks that's everything",
        "yes that will be all",
    ],
)
def test_who_says_yes_and_is_done_has_said_yes(words: str, state: GoalState) -> None:
    assert heard(state, words).answer is YES
    assert typed(state, words).answer is YES


@pytest.mark.parametrize(
    "words", ["that's all", "okay bye", "right that's all", "sure bye", "no thanks bye", "goodbye"]
)
def test_who_is_done_without_a_clear_yes_has_accepted_nothing(words: str) -> None:
    understood = heard(DATE_READ_BACK, words)
    assert understood.answer is None
    assert understood.intents == {Intent.GOODBYE}
