"""Choices, several values in one turn, and what callers say who do not mind."""

from __future__ import annotations

import pytest

from reasoner.types import Intent, Value, Waiting
from tests.reasoner.understand.made_flows import HOTEL, RESTAURANT, TRAIN, found, made, turn

FRIDAY, SATURDAY = "2026-11-27", "2026-11-28"


@pytest.mark.parametrize(
    ("words", "values"),
    [
        (
            "I'm looking for a cheap italian restaurant in the north",
            {"price": "cheap", "food": "italian", "area": "north"},
        ),
        ("a table for four at seven on Friday", {"people": 4, "time": "19:00", "day": FRIDAY}),
        (
            "can you find me a moderately priced place in the centre?",
            {"price": "moderate", "area": "centre"},
        ),
        (
            "book a table for 2 people at 19:30 tomorrow please",
            {"people": 2, "time": "19:30", "day": "2026-11-24"},
        ),
        ("party of six tonight at 8", {"people": 6, "day": "2026-11-23", "time": "20:00"}),
        ("how about italian?", {"food": "italian"}),
        ("any area is fine, but I want chinese food", {"area": "dontcare", "food": "chinese"}),
        ("I don't care about the price range", {"price": "dontcare"}),
        ("something expensve please", {"price": "expensive"}),
    ],
)
def test_a_guest_says_several_things_in_any_order(words: str, values: dict[str, Value]) -> None:
    assert found(turn(RESTAURANT, words)) == values


@pytest.mark.parametrize(
    ("words", "values"),
    [
        (
            "I need a train from Cambridge to London on Friday",
            {"departure": "Cambridge", "destination": "London Kings Cross", "day": FRIDAY},
        ),
        ("leaving at 5 pm and arriving by 8 pm", {"leave_at": "17:00", "arrive_by": "20:00"}),
        ("i'm going to norwich", {"destination": "Norwich"}),
        ("3 tickets please", {"tickets": 3}),
    ],
)
def test_a_traveller_says_where_from_and_where_to(words: str, values: dict[str, Value]) -> None:
    assert found(turn(TRAIN, words)) == values


def test_a_place_alone_is_for_the_slot_that_was_asked_for() -> None:
    assert found(turn(TRAIN, "norwich", "departure")) == {"departure": "Norwich"}
    assert found(turn(TRAIN, "norwich", "destination")) == {"destination": "Norwich"}
    assert not found(turn(TRAIN, "norwich"))


def test_a_hotel_guest_brings_up_what_it_should_have() -> None:
    words = "a 4 star with free parking for 3 nights for 2 people, check in on saturday"
    values = {"stars": "4", "parking": True, "nights": 3, "people": 2, "check_in": SATURDAY}
    assert found(turn(HOTEL, words)) == values
    assert found(turn(HOTEL, "I don't need free parking")) == {"parking": False}


@pytest.mark.parametrize(
    ("words", "food"),
    [
        ("italian", "italian"),
        ("the italian one", "italian"),
        ("italain please", "italian"),
        ("gastro pub", "gastropub"),
        ("modern europian", "modern european"),
        ("european", "modern european"),
        ("I'd like chinese", "chinese"),
        ("any", "dontcare"),
        ("doesn't matter", "dontcare"),
        ("I don't care", "dontcare"),
        ("whatever you like", "dontcare"),
        ("mexican", "other"),
    ],
)
def test_a_choice_is_found_in_other_words(words: str, food: str) -> None:
    assert found(turn(RESTAURANT, words, "food")) == {"food": food}


def test_what_is_misspelled_or_none_of_the_values_is_less_sure() -> None:
    sure = {
        words: turn(RESTAURANT, words, "food").values[0].confidence
        for words in ("italian", "the italian one please", "italain", "mexican")
    }
    assert sure["italian"] == 1.0
    assert sure["italian"] > sure["the italian one please"] > sure["mexican"] > sure["italain"]


@pytest.mark.parametrize("words", ["I don't know", "okay", "what do you have", "hold on", "uh"])
def test_what_is_no_answer_is_not_the_other_value(words: str) -> None:
    assert not found(turn(RESTAURANT, words, "food"))


def test_of_those_that_were_offered_one_is_chosen_by_its_place() -> None:
    assert found(turn(RESTAURANT, "the second one", "price")) == {"price": "moderate"}
    assert found(turn(RESTAURANT, "the last one please", "price")) == {"price": "expensive"}
    assert not found(turn(RESTAURANT, "the second one", "area"))


@pytest.mark.parametrize("words", ["not Tuesday, Thursday", "no, I meant thursday", "thursday, sorry"])
def test_a_day_is_corrected(words: str) -> None:
    state = {"waiting": Waiting.CONFIRMATION, "day": "2026-11-24"}
    assert found(turn(RESTAURANT, words, "day", **state)) == {"day": "2026-11-26"}


def test_a_value_that_could_be_of_either_is_of_neither() -> None:
    state = {"waiting": Waiting.CONFIRMATION, "people": 4, "time": "19:00"}
    assert not found(turn(RESTAURANT, "no, make that five", "people", "time", **state))
    assert found(turn(RESTAURANT, "no, five people", "people", "time", **state)) == {"people": 5}
    assert found(turn(RESTAURANT, "actually at eight", "people", "time", **state)) == {"time": "20:00"}


def test_bare_words_of_two_slots_fill_neither() -> None:
    drinks = {"values": {"water": [], "juice": []}, "type": "choice"}
    flow = made("food order", {"starter": drinks, "main": drinks, "size": "number"})
    assert not found(turn(flow, "water"))
    assert found(turn(flow, "my starter is water")) == {"starter": "water"}


@pytest.mark.parametrize("words", ["not too expensive", "not in the north", "anything but chinese"])
def test_what_is_not_wanted_is_no_value(words: str) -> None:
    assert not found(turn(RESTAURANT, words, "price"))


def test_topics_are_brought_up_in_the_words_of_the_flow_and_in_others() -> None:
    assert turn(RESTAURANT, "I want to cancel my booking", "people").topics == ("cancel_booking",)
    assert turn(RESTAURANT, "I have to cancel the reservation I made", "people").topics == ("cancel_booking",)
    understood = turn(RESTAURANT, "what are your opening hours", "people")
    assert understood.topics == ("hours",)
    assert not understood.question and Intent.QUESTION not in understood.intents
    assert turn(RESTAURANT, "italian", "food").topics == ()
    assert turn(RESTAURANT, "goodbye", "food").topics == ()
