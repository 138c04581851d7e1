"""Commands and questions, alone and beside an answer."""

from __future__ import annotations

import pytest

from reasoner.types import Intent
from tests.reasoner.understand.asking import asked, freely, heard, read_back, typed, values

ASKED = asked("phone")
NUMBER = "five five five oh one four nine eight two six"


@pytest.mark.parametrize(
    ("words", "intent"),
    [
        ("can i talk to a human", Intent.HUMAN),
        ("i'd like to speak to a real person please", Intent.HUMAN),
        ("operator", Intent.HUMAN),
        ("get me someone who can help", Intent.HUMAN),
        ("could you repeat that", Intent.REPEAT),
        ("what was that", Intent.REPEAT),
        ("sorry what", Intent.REPEAT),
        ("hello are you there", Intent.REPEAT),
        ("hold on", Intent.WAIT),
        ("just a moment please", Intent.WAIT),
        ("let me check", Intent.WAIT),
        ("i don't know", Intent.DONT_KNOW),
        ("i'm not sure", Intent.DONT_KNOW),
        ("i'd rather not say", Intent.REFUSE),
        ("that's private", Intent.REFUSE),
        ("go back", Intent.CORRECT),
        ("i made a mistake", Intent.CORRECT),
        ("cancel", Intent.CANCEL),
        ("goodbye", Intent.GOODBYE),
    ],
)
@pytest.mark.parametrize("slot", ["name", "date_of_birth", "phone", "reason", "allergies", "consent"])
def test_a_command_is_known_whatever_was_asked_and_fills_nothing(
    words: str, intent: Intent, slot: str
) -> None:
    understood = heard(asked(slot), words)
    assert understood.intents == {intent}
    assert not understood.values
    assert understood.answer is None


@pytest.mark.parametrize(
    ("words", "question"),
    [
        ("where can i park", "where can i park"),
        ("do you take aetna", "do you take aetna"),
        ("um what time do you open on saturdays", "what time do you open on saturdays"),
        ("can you tell me how much it costs", "how much it costs"),
        ("i was wondering if you have parking", "you have parking"),
        ("okay but is there a pharmacy in the building", "is there a pharmacy in the building"),
        ("were can i park", "were can i park"),
        ("what do you need my name for", "what do you need my name for"),
        ("can i cancel my appointment on short notice", "can i cancel my appointment on short notice"),
        ("can i cancel an appointment", "can i cancel an appointment"),
    ],
)
def test_a_question_gives_the_words_to_look_up(words: str, question: str) -> None:
    understood = freely(ASKED, words)
    assert understood.question == question
    assert Intent.QUESTION in understood.intents
    assert not understood.values


@pytest.mark.parametrize(
    ("words", "question"),
    [
        (f"my number is {NUMBER} and where can i park", "where can i park"),
        (f"where can i park and my number is {NUMBER}", "where can i park"),
        (f"{NUMBER} do you have parking", "do you have parking"),
    ],
)
def test_a_turn_may_hold_an_answer_and_a_question(words: str, question: str) -> None:
    understood = freely(ASKED, words)
    assert values(understood) == {"phone": "5550149826"}
    assert understood.question == question


def test_a_typed_question_mark_asks() -> None:
    assert typed(asked("name"), "parking?").question == "parking"
    assert typed(ASKED, "555-014-9826?").question == ""


@pytest.mark.parametrize(
    "words",
    ["well i was talking to my sister about it yesterday", "so", "it's personal", "i live on main street"],
)
def test_talk_is_neither_question_nor_answer(words: str) -> None:
    understood = freely(ASKED, words)
    assert not understood.question
    assert not understood.values
    assert understood.answer is None


@pytest.mark.parametrize("words", ["can i cancel", "can i cancel please", "Can I cancel?"])
def test_who_asks_to_cancel_and_names_nothing_means_the_call(words: str) -> None:
    understood = typed(ASKED, words)
    assert understood.intents == {Intent.CANCEL}
    assert not understood.question


def test_words_of_wanting_lead_over_to_a_value() -> None:
    assert values(heard(asked("reason"), "i want a flu shot")) == {"reason": "vaccination"}
    understood = heard(ASKED, f"hold on it's {NUMBER}")
    assert values(understood) == {"phone": "5550149826"}
    assert not understood.intents


@pytest.mark.parametrize("words", ["bye", "cancel"])
def test_one_word_that_only_the_open_ear_heard_does_not_end_a_call(words: str) -> None:
    assert not freely(ASKED, words).intents
    assert typed(ASKED, words).intents


def test_a_correction_of_what_was_said_before_is_taken_at_any_time() -> None:
    understood = heard(asked("phone", name="Susan Cole"), "actually my last name is clark")
    assert values(understood) == {"name": "Susan Clark"}
    understood = heard(asked("phone", date_of_birth="1980-03-03"), "actually my birthday is the fourteenth")
    assert values(understood) == {"date_of_birth": "1980-03-14"}
    words = "no my phone number is five five five oh one four nine eight two six"
    assert values(heard(read_back(phone="5552134789"), words)) == {"phone": "5550149826"}
