"""Two ears: what the grammar heard, and what the open vocabulary heard of the same words."""

from __future__ import annotations

from reasoner.types import Intent
from tests.reasoner.understand.asking import NO, YES, asked, heard, read_back, reading, values

CONSENT = asked("consent")


def open_ear(text: str, confidence: float = 0.5) -> object:
    return reading(text, expected=False, confidence=confidence)


def test_the_grammar_counts_for_values() -> None:
    understood = heard(
        asked("phone"),
        "five five five two one three four seven eight nine",
        open_ear("fife I've to want read for"),
    )
    assert values(understood) == {"phone": "5552134789"}
    assert understood.values[0].confidence == 1.0


def test_a_long_question_is_not_the_yes_that_the_grammar_made_of_it() -> None:
    understood = heard(CONSENT, "yes", open_ear("is there any parking near the clinic"))
    assert understood.answer is None
    assert not understood.values
    assert understood.question == "is there any parking near the clinic"


def test_a_yes_that_both_heard_stands_beside_the_question() -> None:
    understood = heard(CONSENT, "yes", open_ear("yes but where can i park"))
    assert understood.answer is YES
    assert understood.question == "where can i park"


def test_a_yes_against_a_no_is_neither() -> None:
    understood = heard(CONSENT, "no", open_ear("yes"))
    assert understood.answer is None
    assert not understood.values


def test_long_talk_is_not_the_short_answer_that_the_grammar_made_of_it() -> None:
    talk = "well you know i was talking to my sister about it yesterday"
    assert heard(read_back(phone="5552134789"), "no", open_ear(talk)).answer is None
    assert not heard(asked("insurance"), "aetna", open_ear(talk)).values
    assert not heard(asked("allergies"), "none", open_ear(talk)).values


def test_a_wish_for_a_human_is_heard_by_either_ear() -> None:
    understood = heard(asked("reason"), "fever", open_ear("let me talk to a person"))
    assert Intent.HUMAN in understood.intents


def test_when_the_open_ear_comes_first_it_counts() -> None:
    understood = heard(asked("date_of_birth"), open_ear("march third nineteen eighty", 0.8), "no")
    assert values(understood) == {"date_of_birth": "1980-03-03"}
    assert understood.values[0].confidence < 0.8


def test_confidence_is_never_more_than_the_ears() -> None:
    understood = heard(asked("name"), reading("susan clark", confidence=0.6))
    assert understood.values[0].confidence == 0.6
    assert understood.values[0].words == "susan clark"


def test_a_value_keeps_the_words_it_came_from() -> None:
    words = "it's march third nineteen eighty and my number is five five five oh one four nine eight two six"
    understood = heard(asked("date_of_birth"), words)
    assert {value.slot: value.words for value in understood.values} == {
        "date_of_birth": "it's march third nineteen eighty",
        "phone": "my number is five five five oh one four nine eight two six",
    }


def test_no_answer_is_made_of_nothing() -> None:
    understood = heard(read_back(phone="5552134789"), "", open_ear("no that's wrong"))
    assert understood.answer is NO
    assert heard(CONSENT).answer is None
