"""What stands beside an answer, or looks like one: hesitation, refusals, wishes, questions, and what a mishearing makes."""

from __future__ import annotations

import pytest

from reasoner.types import Answer, Channel, Intent, NamePart, Reading, SlotState, Value, Waiting
from tests.reasoner.understand.asking import (
    INTAKE,
    NO,
    YES,
    asked,
    heard,
    read_back,
    typed,
    values,
    waiting_for,
)
from tests.reasoner.understand.made_flows import BANK, RESTAURANT, found, made, turn

DATE_READ_BACK = read_back(date_of_birth="1980-03-03")
WANTED = made(
    "bank",
    {
        "want": {
            "type": "choice",
            "label": "reason",
            "values": {
                "balance": ["how much money"],
                "bill": [],
                "appointment": ["book an appointment"],
                "reset password": [],
                "lost card": ["i lost my card"],
            },
        }
    },
)
CODES = made("bank", {"account": {"type": "digits", "length": "6"}, "pin": {"type": "digits", "length": "4"}})
DAYS = made("visit", {"day": "date", "born": {"type": "date", "label": "date of birth", "past": True}})


# --- yes and no ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        "let me think, yes that's right",
        "let me see... yes",
        "hold on, yes that's right",
        "hmm let me check yes it is",
    ],
)
@pytest.mark.parametrize("channel", [Channel.SPEECH, Channel.TEXT])
def test_a_yes_after_a_moment_is_a_yes(words: str, channel: Channel) -> None:
    understood = turn(
        INTAKE, words, "phone", channel=channel, waiting=Waiting.CONFIRMATION, phone="5550149826"
    )
    assert (understood.answer, understood.intents) == (YES, frozenset())


def test_who_asks_for_a_moment_and_says_nothing_else_waits() -> None:
    assert heard(DATE_READ_BACK, "let me think").intents == {Intent.WAIT}
    assert heard(DATE_READ_BACK, "yes hold on").answer is None


@pytest.mark.parametrize("words", ["no i mean yes", "no wait yes", "sorry no i meant yes that's right"])
def test_of_a_no_that_is_taken_back_the_yes_remains(words: str) -> None:
    assert heard(DATE_READ_BACK, words).answer is YES


def test_a_no_before_what_is_right_of_a_yes_or_no_is_not_its_value() -> None:
    assert values(heard(asked("consent"), "no my consent is yes")) == {"consent": True}
    both = read_back(insurance="Aetna", consent=False)
    assert values(heard(both, "no my consent is yes")) == {"consent": True}


@pytest.mark.parametrize("words", ["all good", "right thanks", "right thank you"])
@pytest.mark.parametrize("channel", [Channel.SPEECH, Channel.TEXT])
def test_thanks_for_what_was_read_back_accept_it_and_are_no_name(words: str, channel: Channel) -> None:
    given = {"waiting": Waiting.CONFIRMATION, "name": "Susan Cole"}
    understood = turn(INTAKE, words, "name", channel=channel, **given)
    assert understood.answer is YES
    assert not understood.values


# --- refusals --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        "no i won't tell you that",
        "no i'm not telling you",
        "I'd rather not go into that",
        "sorry but I don't want to share that",
        "I'm not comfortable giving out that information",
        "no I will not give you that",
    ],
)
@pytest.mark.parametrize("slot", ["account", "amount", "payee", "pin", "insured"])
def test_a_refusal_fills_nothing_and_denies_nothing(words: str, slot: str) -> None:
    understood = turn(BANK, words, slot)
    assert understood.intents == {Intent.REFUSE}
    assert not understood.values and understood.answer is None


@pytest.mark.parametrize("words", ["i won't", "no i won't tell you that", "we don't like that"])
def test_a_negation_is_not_a_misspelled_value(words: str) -> None:
    assert not values(typed(asked("insurance"), words))


# --- a caller's own words --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "slots"),
    [
        ("my e-mail address is jane@example.com", {"email": "jane@example.com"}),
        ("my phone number is 555 014 9826", {"phone": "5550149826"}),
        ("my name is Susan Clark", {"name": "Susan Clark"}),
        ("let me look", {}),
        ("hold on a second", {}),
        ("no I'm not telling you", {}),
    ],
)
@pytest.mark.parametrize("channel", [Channel.SPEECH, Channel.TEXT])
def test_what_is_of_another_slot_or_a_command_is_no_text(
    words: str, slots: dict[str, Value], channel: Channel
) -> None:
    assert found(turn(RESTAURANT, words, "requests", channel=channel)) == slots


@pytest.mark.parametrize(
    "words",
    [
        "it began last week when the lights went out",
        "what happened is my printer broke",
        "the trouble is the fan",
        "could you put us near the window",
        "can you help me, my lights went out",
    ],
)
@pytest.mark.parametrize("channel", [Channel.SPEECH, Channel.TEXT])
def test_a_clause_that_only_looks_like_a_question_is_part_of_a_text(words: str, channel: Channel) -> None:
    understood = turn(RESTAURANT, words, "requests", channel=channel)
    assert found(understood) == {"requests": words}
    assert not understood.question


@pytest.mark.parametrize("words", ["where can I park", "do you have parking?"])
def test_a_question_is_one_where_a_text_is_wanted(words: str) -> None:
    understood = turn(RESTAURANT, words, "requests")
    assert understood.question
    assert not understood.values


# --- a choice in the form of a question ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("I want to know how much money I have", "balance"),
        ("could you tell me my balance please?", "balance"),
        ("what's my balance", "balance"),
        ("can you help me with my bill", "bill"),
        ("I was wondering about my bill", "bill"),
        ("I'd like to book an appointment", "appointment"),
        ("how do I reset my password", "reset password"),
        ("my card is lost, what do I do?", "lost card"),
    ],
)
@pytest.mark.parametrize("channel", [Channel.SPEECH, Channel.TEXT])
def test_who_names_a_value_that_was_asked_for_asks_nothing(words: str, value: str, channel: Channel) -> None:
    understood = turn(WANTED, words, "want", channel=channel)
    assert found(understood) == {"want": value}
    assert not understood.question and not understood.intents


@pytest.mark.parametrize(
    "words", ["do you have parking", "what is the difference between a bill and a balance"]
)
def test_a_question_that_names_no_value_or_two_is_a_question(words: str) -> None:
    understood = turn(WANTED, words, "want")
    assert understood.question == words
    assert not understood.values


def test_a_question_about_a_topic_is_the_topic_and_one_beside_it_a_question() -> None:
    about = turn(RESTAURANT, "what are your opening hours", "people")
    assert (about.topics, about.question) == (("hours",), "")
    beside = turn(RESTAURANT, "cancel my booking and where can I park", "people")
    assert (beside.topics, beside.question) == (("cancel_booking",), "where can i park")


# --- codes, days, names ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        "my account is 123456 and the pin is 9999",
        "the pin is 9999 and my account number is 123456",
        "pin 9999 account 123456",
        "account no. 123456, pin code 9999",
        "9999 is my pin and 123456 is the account",
    ],
)
@pytest.mark.parametrize("pending", [(), ("account",), ("pin",)])
def test_two_codes_are_told_apart_by_their_names(words: str, pending: tuple[str, ...]) -> None:
    assert found(turn(CODES, words, *pending)) == {"account": "123456", "pin": "9999"}


@pytest.mark.parametrize(
    ("words", "slot", "day"),
    [
        ("in nineteen seventy three may sixteenth", "born", "1973-05-16"),
        ("1973, may 16", "born", "1973-05-16"),
        ("march third nineteen eighty", "day", "1980-03-03"),
        ("now", "day", "2026-11-23"),
    ],
)
def test_a_day_is_said_in_any_order(words: str, slot: str, day: str) -> None:
    assert found(turn(DAYS, words, slot)) == {slot: day}


@pytest.mark.parametrize(
    "words",
    ["this weekend", "as soon as possible", "in 20 minutes", "sometime next week", "next week", "soon"],
)
@pytest.mark.parametrize("slot", ["day", "time", "people"])
def test_a_time_that_is_not_certain_is_none(words: str, slot: str) -> None:
    assert not found(turn(RESTAURANT, words, slot))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("jun krüger before i forget my e-mail is j@k.com", "Jun Krüger"),
        ("Freya Larsen that's my name", "Freya Larsen"),
        ("it's xiu chen", "Xiu Chen"),
        ("the name's Xiu Chen", "Xiu Chen"),
        ("it's under Johnson", "Johnson"),
        ("put it under the name of Okonkwo please", "Okonkwo"),
        ("Dr Priya Raman here", "Priya Raman"),
        ("Mrs. Susan Clark", "Susan Clark"),
    ],
)
def test_a_name_ends_where_other_words_begin(text: str, name: str) -> None:
    assert values(typed(asked("name"), text))["name"] == name


@pytest.mark.parametrize("text", ["I'd like a table", "that's all", "under", "because I said so"])
def test_words_that_begin_like_no_name_are_none(text: str) -> None:
    assert not values(typed(asked("name"), text))


def test_a_yes_with_quite_another_name_is_a_misheard_yes() -> None:
    state = read_back(name="Patricia Roberts")
    understood = heard(state, "yes martha wright")
    assert (understood.answer, understood.values) == (Answer.YES, ())
    assert values(typed(state, "yes martha wright")) == {"name": "Martha Wright"}
    assert values(heard(state, "yes my name is martha wright")) == {"name": "Martha Wright"}
    assert values(heard(state, "no martha wright")) == {"name": "Martha Wright"}
    assert values(heard(read_back(name="Patricia"), "yes patricia roberts")) == {"name": "Patricia Roberts"}


# --- letters ---------------------------------------------------------------------------------------------------

SPELLING = waiting_for(Waiting.SPELLING, "name", name=SlotState(denied=("Susan Cole",)))
GARBAGE = Reading("all rot in riley i'm in all skill be on in drawn by", 0.55)
LETTERS = Reading("r as in romeo o as in oscar b as in bravo e as in echo r as in romeo", 0.02, True)


@pytest.mark.parametrize("readings", [(GARBAGE, LETTERS), (LETTERS, GARBAGE)])
def test_letters_that_fit_count_beside_garbage_whichever_comes_first(readings: tuple[Reading, ...]) -> None:
    understood = heard(SPELLING, *readings)
    assert understood.spelled == "rober"
    assert values(understood) == {"name": "Susan Rober"}


@pytest.mark.parametrize(
    ("words", "intent"),
    [("let me talk to a person", Intent.HUMAN), ("where can i park my car", Intent.QUESTION)],
)
def test_a_wish_while_letters_are_spelled_is_no_garbage(words: str, intent: Intent) -> None:
    assert intent in heard(SPELLING, Reading(words, 0.6), LETTERS).intents


def test_a_name_said_while_letters_are_wanted_is_no_garbage() -> None:
    assert values(heard(SPELLING, Reading("susan clark", 0.6), LETTERS)) == {"name": "Susan Clark"}


def test_a_few_letters_do_not_outweigh_what_was_heard() -> None:
    few = Reading("r as in romeo o as in oscar", 0.02, True)
    assert heard(SPELLING, GARBAGE, few).spelled != "ro"
    assert heard(DATE_READ_BACK, "no", Reading("no", 0.5)).answer is NO


@pytest.mark.parametrize("part", [NamePart.FAMILY, NamePart.GIVEN])
def test_letters_with_holes_between_them_are_no_name(part: NamePart) -> None:
    """An open ear made words of some letters; what is left reads as another name."""
    spelling = waiting_for(Waiting.SPELLING, "name", part=part, name=SlotState(spelled="cole"))
    words = (
        "the as in victor i was in alpha them as a november the us in delta be as in echo are less in roanoke "
        "them as it might be as in adobe as in eco far as in roanoke"
    )
    understood = heard(spelling, Reading(words, 0.6))
    assert (understood.spelled, understood.values) == ("", ())
    whole = "v as in victor a as in alpha n as in november"
    assert heard(spelling, Reading(words, 0.6), Reading(whole, 0.3, True)).spelled == "van"
    assert heard(spelling, Reading(f"uh {whole}", 0.6)).spelled == "van"
