"""A caller's own words, yes and no in passing, and the keys of a phone."""

from __future__ import annotations

import asyncio

import pytest

from flows.loader import load_flow
from reasoner.types import Answer, Channel, Intent, Reading, Understood, Utterance, Value, Waiting
from tests.reasoner.understand.asking import PARSER
from tests.reasoner.understand.made_flows import BANK, HOTEL, RESTAURANT, ROUTER, found, state_of, turn

YES, NO = Answer.YES, Answer.NO


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("a window seat, please (near the door)", "a window seat, please (near the door)"),
        ("well, um, we need a high chair", "we need a high chair"),
        ("it's about my dog's allergy", "it's about my dog's allergy"),
        ("東京から来ます", "東京から来ます"),
        ("two\nlines\tand a \x00 null", "two lines and a null"),
        ("my computer crashed at noon in the north", "my computer crashed at noon in the north"),
    ],
)
def test_a_text_is_taken_as_it_was_said_and_gives_nothing_else(words: str, text: str) -> None:
    assert found(turn(RESTAURANT, words, "requests")) == {"requests": text}


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("what do you mean?", Understood(intents=frozenset({Intent.REPEAT}))),
        ("I don't know", Understood(intents=frozenset({Intent.DONT_KNOW}))),
        ("skip that", Understood(intents=frozenset({Intent.SKIP}))),
        ("uh huh", Understood(intents=frozenset({Intent.BACKCHANNEL}))),
        ("hold on a second", Understood(intents=frozenset({Intent.WAIT}))),
        ("no", Understood(answer=NO)),
        ("none", Understood(answer=NO)),
        ("no, that's all", Understood(answer=NO)),
    ],
)
def test_what_is_no_text_is_what_it_is(words: str, meant: Understood) -> None:
    assert turn(RESTAURANT, words, "requests") == meant


def test_a_text_that_is_required_takes_a_no_for_an_answer() -> None:
    assert found(turn(BANK, "no", "payee")) == {"payee": "no"}
    assert not found(turn(BANK, "okay", "payee"))


def test_a_text_is_taken_only_while_it_is_asked_for() -> None:
    assert "requests" not in found(turn(RESTAURANT, "we need a high chair", "people"))


@pytest.mark.parametrize(
    ("words", "intent"),
    [
        ("skip that", Intent.SKIP),
        ("next question", Intent.SKIP),
        ("pass", Intent.SKIP),
        ("representative", Intent.HUMAN),
        ("agent please", Intent.HUMAN),
        ("can I talk to someone", Intent.HUMAN),
        ("one sec", Intent.WAIT),
        ("hang on", Intent.WAIT),
        ("let me look", Intent.WAIT),
        ("I'd rather not say", Intent.REFUSE),
        ("none of your business", Intent.REFUSE),
        ("forget it", Intent.CANCEL),
        ("never mind, I'll call back", Intent.CANCEL),
        ("what was that", Intent.REPEAT),
        ("come again", Intent.REPEAT),
        ("pardon?", Intent.REPEAT),
        ("I meant", Intent.CORRECT),
        ("no idea", Intent.DONT_KNOW),
    ],
)
@pytest.mark.parametrize("slot", ["amount", "account", "pin", "payee", "reference", "insured"])
def test_a_wish_is_known_whatever_was_asked(words: str, intent: Intent, slot: str) -> None:
    understood = turn(BANK, words, slot)
    assert understood.intents == {intent}
    assert not understood.values


def test_who_asks_for_a_person_asks_nothing_else() -> None:
    understood = turn(BANK, "can I talk to someone about a fee?", "amount")
    assert (understood.intents, understood.question) == ({Intent.HUMAN}, "")


# --- yes and no ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("I do", YES),
        ("I have", YES),
        ("yes I am", YES),
        ("correct", YES),
        ("that's it", YES),
        ("absolutely", YES),
        ("yeah, I have been with them for ten years now", YES),
        ("not really", NO),
        ("nope", NO),
        ("I'm afraid not", NO),
        ("it is not", NO),
        ("it doesn't", NO),
        ("I don't", NO),
        ("not yet", NO),
        ("I don't have any insurance", NO),
        ("no, I never thought that I would need that", NO),
    ],
)
@pytest.mark.parametrize("channel", [Channel.TEXT, Channel.SPEECH])
def test_yes_and_no_have_many_forms(words: str, answer: Answer, channel: Channel) -> None:
    understood = turn(BANK, words, "insured", channel=channel)
    assert found(understood) == {"insured": answer is YES}
    assert not understood.casual


@pytest.mark.parametrize("words", ["okay", "fine", "mm-hm", "uh huh", "right", "sure", "sounds good"])
def test_a_yes_in_passing_is_casual_and_counts_only_where_a_clear_one_is_not_wanted(words: str) -> None:
    for slot in ("insured", "agreed"):
        understood = turn(BANK, words, slot, channel=Channel.SPEECH)
        assert (understood.answer, understood.casual) == (YES, True)
        assert found(understood) == ({"insured": True} if slot == "insured" else {})
    assert turn(BANK, words, "recorded", channel=Channel.SPEECH).answer is None


def test_okay_typed_to_what_was_read_back_is_a_yes() -> None:
    given = {"waiting": Waiting.CONFIRMATION, "day": "2026-11-24"}
    assert turn(RESTAURANT, "ok", "day", **given).answer is YES
    assert turn(RESTAURANT, "okay", "day", channel=Channel.SPEECH, **given).answer is None


@pytest.mark.parametrize(
    ("words", "lit"),
    [
        ("it's lit", True),
        ("it's off", False),
        ("no it's off", False),
        ("it is dark", False),
        ("the light is on", True),
        ("the power light is not on", False),
        ("yes it's on", True),
    ],
)
def test_a_question_is_answered_in_its_own_words_and_those_of_the_flow(words: str, lit: bool) -> None:
    assert found(turn(ROUTER, words, "lit")) == {"lit": lit}


@pytest.mark.parametrize(
    ("words", "step", "value"),
    [
        ("it's blinking red", "colour", "red"),
        ("green", "colour", "green"),
        ("purple", "colour", "else"),
        ("yes", "works", "yes"),
        ("nope", "works", "no"),
        ("no it didn't", "works", "no"),
        ("a bit better", "works", "partly"),
        ("mm-hm", "works", "yes"),
    ],
)
def test_the_question_of_a_step_is_answered(words: str, step: str, value: str) -> None:
    assert found(turn(ROUTER, words, step)) == {step: value}


@pytest.mark.parametrize("words", ["it is hard to say from here", "I would first like to look at it"])
def test_a_sentence_that_begins_like_an_answer_is_none(words: str) -> None:
    assert not found(turn(ROUTER, words, "lit"))


def test_the_answer_to_a_question_is_none_before_it_was_asked() -> None:
    assert not found(turn(ROUTER, "it's green", "lit"))


def test_who_does_not_mind_has_no_preference_on_a_yes_or_no() -> None:
    assert found(turn(HOTEL, "I don't care", "parking")) == {"parking": "dontcare"}


# --- keys ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "slot", "value"),
    [
        ("1234#", "pin", "1234"),
        ("12*50#", "amount", 12.5),
        ("40", "amount", 40),
        ("03141980#", "born", "1980-03-14"),
        ("1122", "happened", "2026-11-22"),
        ("1", "insured", True),
        ("2#", "insured", False),
        ("2", "account", "savings"),
        ("77123", "reference", "77123"),
        ("0", "weight", 0),
    ],
)
def test_keys_are_values(keys: str, slot: str, value: Value) -> None:
    understood = turn(BANK, keys, slot, channel=Channel.KEYPAD)
    assert found(understood) == {slot: value}
    assert not understood.intents


@pytest.mark.parametrize(
    ("keys", "time"), [("1930#", "19:30"), ("730", "19:30"), ("0730", "07:30"), ("7", "19:00")]
)
def test_a_time_is_keyed(keys: str, time: str) -> None:
    assert found(turn(RESTAURANT, keys, "time", channel=Channel.KEYPAD)) == {"time": time}


@pytest.mark.parametrize(
    ("keys", "intent"),
    [("*", Intent.REPEAT), ("*#", Intent.REPEAT), ("0", Intent.HUMAN), ("0#", Intent.HUMAN)],
)
def test_keys_ask_for_the_question_again_and_for_a_person(keys: str, intent: Intent) -> None:
    assert turn(BANK, keys, "account", channel=Channel.KEYPAD).intents == {intent}
    assert turn(BANK, keys, channel=Channel.KEYPAD).intents == {intent}


@pytest.mark.parametrize("keys", ["", "#", "9", "99999999999", "*5*", "abc", "1*2*3"])
def test_keys_that_mean_nothing_fill_nothing(keys: str) -> None:
    assert not turn(BANK, keys, "account", channel=Channel.KEYPAD).values


def test_keys_accept_what_was_read_back() -> None:
    given = {"waiting": Waiting.CONFIRMATION, "amount": 5, "pin": "1234"}
    assert turn(BANK, "1", "amount", "pin", channel=Channel.KEYPAD, **given).answer is YES
    assert turn(BANK, "2", "amount", "pin", channel=Channel.KEYPAD, **given).answer is NO
    given["waiting"] = Waiting.WHICH
    assert turn(BANK, "2", "amount", "pin", channel=Channel.KEYPAD, **given).rejected == ("pin",)


@pytest.mark.parametrize(
    "words",
    [
        "I don't give that out over the phone",
        "we don't give that out",
        "no, I don't share that kind of information",
        "I'd like to keep that to myself",
        "I'd rather not say that on the phone",
        "that's nobody's business",
        "I don't discuss that with a machine",
    ],
)
def test_a_refusal_is_no_text_wherever_and_to_whom_it_is(words: str) -> None:
    understood = turn(RESTAURANT, words, "requests")
    assert understood.intents == {Intent.REFUSE}
    assert not understood.values


@pytest.mark.parametrize(
    "words",
    [
        "I don't give out my number and they still called",
        "I don't share my room with anybody",
        "tell the doctor that I am late",
    ],
)
def test_who_tells_of_refusing_refuses_nothing(words: str) -> None:
    assert found(turn(RESTAURANT, words, "requests")) == {"requests": words}


@pytest.mark.parametrize(
    "words",
    [
        "a don't have that",
        "just a comment please",
        "no i haven't one",
        "i don't want the say",
        "can we help that",
    ],
)
def test_a_word_away_from_a_refusal_and_heard_badly_is_read_back(words: str) -> None:
    (badly,) = _spoken(words, 0.7).values
    assert badly.confidence < RESTAURANT.slots["requests"].min_confidence
    (well,) = _spoken(words, 0.95).values
    assert well.confidence > RESTAURANT.slots["requests"].min_confidence


@pytest.mark.parametrize(
    "words", ["a high chair for my son", "we are late by ten minutes", "the table by the door"]
)
def test_words_that_are_far_from_a_refusal_are_not_doubted(words: str) -> None:
    (heard,) = _spoken(words, 0.7).values
    assert heard.confidence > RESTAURANT.slots["requests"].min_confidence


def _spoken(words: str, confidence: float) -> Understood:
    utterance = Utterance((Reading(words, confidence),), 0.0, 1.0)
    return asyncio.run(PARSER.understand(RESTAURANT, state_of(RESTAURANT, "requests"), utterance))


STAR = load_flow("star_question")


@pytest.mark.parametrize(
    "words",
    [
        "no, in the end we laughed about it",
        "that's not right, it's I talked to the customer",
        "no, I wrote a letter",
    ],
)
def test_a_text_that_is_put_right_changes_nothing_else_that_is_known(words: str) -> None:
    """The story is known by how its sentences begin; the same words in another answer are not of it."""
    known: dict[str, Value] = {"told": ("situation",), "ending": "o fischer"}
    understood = turn(STAR, words, "ending", waiting=Waiting.CONFIRMATION, **known)
    assert set(found(understood)) == {"ending"}


def test_a_text_that_is_put_right_may_bring_something_new_along() -> None:
    words = "no, we need a high chair, and my phone number is 555 014 9826"
    understood = turn(RESTAURANT, words, "requests", waiting=Waiting.CONFIRMATION, requests="a chair")
    assert found(understood)["phone"] == "5550149826"
