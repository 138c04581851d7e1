"""Values that are weighed, put right in the same breath, or told by what is known: which of them is meant."""

from __future__ import annotations

from typing import Any

import pytest

from flows.schema import Flow
from reasoner.types import Channel, Value
from tests.reasoner.understand.converted_flows import (
    FRI,
    HOTELS,
    INTERNET,
    RESTAURANTS,
    SUN,
    TRIPS,
    put_right,
    told,
)
from tests.reasoner.understand.made_flows import found, made, turn

ERRANDS = made(
    "trip",
    {
        "miles": {"type": "number", "whole": False, "unit": "miles"},
        "budget": {"type": "money", "unit": "dollars"},
        "time": {"type": "time", "label": "meeting time"},
        "extras": {"type": "list", "values": {"child seat": [], "roof rack": [], "gps": ["navigation"]}},
        "devices": {"type": "number", "unit": "devices"},
    },
)
FAMILY = made(
    "hotel",
    {
        "adults": {"type": "number", "unit": "adults", "label": "number of adults"},
        "children": {"type": "number", "unit": "children", "label": "number of children", "min": 0},
    },
)
LIMITS = made(
    "returns",
    {
        "old": {"type": "yes_no", "ask": "Was it bought more than 30 days ago?"},
        "grown": {"type": "yes_no", "ask": "Are you over 18?"},
        "recent": {"type": "yes_no", "ask": "Did that happen within the last two weeks?"},
        "long": {"type": "yes_no", "ask": "Did it take at least an hour?"},
    },
)
SAID: list[tuple[Flow, str, str, Any]] = [
    (ERRANDS, "miles", "a mile and a half", 1.5),
    (ERRANDS, "miles", "two miles and a half", 2.5),
    (ERRANDS, "budget", "a thousand, eleven hundred", 1100),
    (ERRANDS, "budget", "a thousand eleven hundred", 1100),
    (ERRANDS, "budget", "two thousand one hundred", 2100),
    (ERRANDS, "budget", "a thousand eleven", 1011),
    (ERRANDS, "budget", "two hundred, say two fifty", 250),
    (ERRANDS, "budget", "two fifty", 2.5),
    (ERRANDS, "budget", "forty or fifty dollars, fifty to be safe", 50),
    (ERRANDS, "budget", "forty dollars fifty", 40.5),
    (ERRANDS, "budget", "fifteen k", 15000),
    (ERRANDS, "budget", "a million and a half", 1_500_000),
    (ERRANDS, "budget", "a dollar and a half", 1.5),
    (ERRANDS, "budget", "about forty, fifty at most", 40),
    (ERRANDS, "budget", "three thousand, no, four", 4000),
    (ERRANDS, "budget", "thirty five, no, four", 4),
    (ERRANDS, "budget", "half of that", None),
    (ERRANDS, "time", "at ten, or make that half past", "10:30"),
    (ERRANDS, "time", "at ten, no, quarter to", "09:45"),
    (ERRANDS, "time", "half past", None),
    (ERRANDS, "time", "eightish", "08:00"),
    (ERRANDS, "time", "half sixish", "18:30"),
    (ERRANDS, "time", "the earliest one", None),
    (ERRANDS, "extras", "no need for a child seat, a roof rack though", ("roof rack",)),
    (ERRANDS, "extras", "a gps, no roof rack though", ("gps",)),
    (ERRANDS, "extras", "I don't need a child seat, a roof rack or a gps", ()),
    (ERRANDS, "extras", "all of them", ("child seat", "roof rack", "gps")),
    (ERRANDS, "extras", "yes, I'd like all of those", ("child seat", "roof rack", "gps")),
    (ERRANDS, "extras", "I explained everything", None),
    (ERRANDS, "extras", "everything was wet", None),
    (ERRANDS, "devices", "three phones, a tv and two laptops", 6),
    (ERRANDS, "devices", "one big one and two small ones", 3),
    (ERRANDS, "devices", "three phones or two laptops", 3),
    (ERRANDS, "devices", "that one", None),
    (ERRANDS, "devices", "just the one", 1),
    (RESTAURANTS, "book_time", "at 11", "11:00"),
    (RESTAURANTS, "book_time", "at 10", "22:00"),
    (RESTAURANTS, "book_people", "me plus one", 2),
    (RESTAURANTS, "book_people", "my wife, my son and me", 3),
    (RESTAURANTS, "food", "anything that works", "dontcare"),
    (HOTELS, "room_type", "anything but a suite", None),
    (RESTAURANTS, "price_range", "none in particular", "dontcare"),
    (RESTAURANTS, "area", "no", None),
    (INTERNET, "wait", "five", False),
    (INTERNET, "wait", "a quarter of an hour", True),
    (INTERNET, "wait", "more than an hour", True),
    (INTERNET, "wait", "less than a day", None),
    (INTERNET, "restart", "I did that twice yesterday", True),
    (INTERNET, "light", "not blinking", None),
    (INTERNET, "light", "not on", "off"),
    (LIMITS, "old", "I got it two weeks ago", False),
    (LIMITS, "old", "two months ago", True),
    (LIMITS, "old", "30 days ago", False),
    (LIMITS, "grown", "I'm 25", True),
    (LIMITS, "grown", "seventeen", False),
    (LIMITS, "recent", "it was yesterday", True),
    (LIMITS, "recent", "about a month ago", False),
    (LIMITS, "long", "an hour", True),
    (LIMITS, "long", "twenty minutes", False),
    (LIMITS, "long", "a quarter of an hour", False),
]


@pytest.mark.parametrize("channel", [Channel.TEXT, Channel.SPEECH])
@pytest.mark.parametrize(
    ("flow", "slot", "words", "value"), SAID, ids=lambda given: given if isinstance(given, str) else None
)
def test_the_value_that_is_meant_counts(
    flow: Flow, slot: str, words: str, value: Value | None, channel: Channel
) -> None:
    assert found(turn(flow, words, slot, channel=channel)).get(slot) == value


@pytest.mark.parametrize(
    ("words", "values"),
    [
        ("two adults and three children", {"adults": 2, "children": 3}),
        ("my wife and me", {"adults": 2}),
    ],
)
def test_children_are_no_adults(words: str, values: dict[str, Any]) -> None:
    assert told(FAMILY, "adults", words) == values


@pytest.mark.parametrize(
    ("words", "values"),
    [
        ("from Friday till Sunday", {"check_in_date": FRI, "nights": 2}),
        ("Friday through Sunday", {"check_in_date": FRI, "nights": 2}),
        ("Friday, no, Sunday", {"check_in_date": SUN}),
    ],
)
def test_from_one_day_to_another(words: str, values: dict[str, Any]) -> None:
    assert told(HOTELS, "check_in_date", words) == values


def test_a_stay_goes_until_a_day() -> None:
    assert told(HOTELS, "nights", "until Sunday", check_in_date=FRI) == {"nights": 2}


def test_a_day_is_moved_from_one_to_another() -> None:
    assert put_right(HOTELS, {"check_in_date": FRI}, "move it from Friday to Sunday") == {
        "check_in_date": SUN
    }


@pytest.mark.parametrize(
    ("words", "day"),
    [("Tuesday", "2026-12-01"), ("two days later", "2026-12-01"), ("the next day", "2026-11-30")],
)
def test_a_return_is_after_the_way_there(words: str, day: str) -> None:
    assert told(TRIPS, "return_date", words, travel_date=SUN) == {"return_date": day}


@pytest.mark.parametrize(
    ("words", "values"),
    [
        ("one more", {"passengers": 4}),
        ("two fewer people", {"passengers": 1}),
        ("another person", {"passengers": 4}),
        ("no, two", {"passengers": 2}),
        ("a normal one", {}),
        ("two suitcases and a backpack", {}),
    ],
)
def test_a_number_is_counted_from_what_is_known(words: str, values: dict[str, Any]) -> None:
    assert put_right(TRIPS, {"passengers": 3}, words) == values


@pytest.mark.parametrize(
    ("words", "time"),
    [
        ("an hour later", "20:00"),
        ("half an hour earlier", "18:30"),
        ("make it half past", "19:30"),
        ("ten hours later", None),
    ],
)
def test_a_time_is_counted_from_what_is_known(words: str, time: str | None) -> None:
    assert put_right(RESTAURANTS, {"book_time": "19:00"}, words).get("book_time") == time


@pytest.mark.parametrize(("words", "day"), [("a day later", "2026-11-28"), ("a week earlier", None)])
def test_a_day_is_counted_from_what_is_known(words: str, day: str | None) -> None:
    assert put_right(RESTAURANTS, {"book_day": FRI}, words).get("book_day") == day


def test_a_no_to_what_is_asked_takes_no_earlier_answer_back() -> None:
    assert told(RESTAURANTS, "occasion", "no, just dinner", wants=True) == {"occasion": "none"}
