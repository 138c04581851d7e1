"""Numbers, sums of money, times of day."""

from __future__ import annotations

import pytest

from reasoner.types import Channel, Value
from reasoner.understand.times import TimeParts
from tests.reasoner.understand.made_flows import BANK, RESTAURANT, TRAIN, found, made, turn

BOTH = pytest.mark.parametrize("channel", [Channel.TEXT, Channel.SPEECH])


@BOTH
@pytest.mark.parametrize(
    ("words", "people"),
    [
        ("two of us", 2),
        ("a couple", 2),
        ("just me", 1),
        ("six", 6),
        ("4 people", 4),
        ("there will be five of us", 5),
        ("me and my wife", 2),
        ("no, make that five", 5),
        ("a party of eight please", 8),
        ("about a dozen", 12),
    ],
)
def test_people_are_counted_however_it_is_said(words: str, people: int, channel: Channel) -> None:
    assert found(turn(RESTAURANT, words, "people", channel=channel)) == {"people": people}


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("one hundred and five", 105),
        ("3.5", 3.5),
        ("three point five", 3.5),
        ("twenty-one", 21),
        ("1,200", 1200),
        ("two and a half", 2.5),
        ("two thousand five hundred", 2500),
        ("minus four", -4),
        ("1.5 million", 1_500_000),
        ("zero", 0),
    ],
)
def test_a_number_is_read_in_words_and_figures(words: str, number: float) -> None:
    assert found(turn(BANK, words, "weight")) == {"weight": number}


def test_half_of_what_is_whole_is_no_answer() -> None:
    assert not found(turn(RESTAURANT, "two and a half", "people"))


@BOTH
@pytest.mark.parametrize(
    ("words", "amount"),
    [
        ("twenty dollars", 20),
        ("$1,250.50", 1250.5),
        ("fifty cents", 0.5),
        ("two fifty", 2.5),
        ("a hundred and ten euros", 110),
        ("nineteen ninety nine", 19.99),
        ("three dollars and fifty cents", 3.5),
        ("five hundred bucks", 500),
        ("20k", 20_000),
        ("it's about fifty", 50),
        ("no wait, I meant fifty dollars", 50),
    ],
)
def test_money_is_read_in_words_and_figures(words: str, amount: float, channel: Channel) -> None:
    assert found(turn(BANK, words, "amount", channel=channel)) == {"amount": amount}


def test_two_fifty_is_what_the_slot_can_have() -> None:
    assert found(turn(BANK, "two fifty", "fee")) == {"fee": 250}


@BOTH
@pytest.mark.parametrize(
    ("words", "time"),
    [
        ("half past six", "18:30"),
        ("quarter to nine in the evening", "20:45"),
        ("7:30 pm", "19:30"),
        ("7pm", "19:00"),
        ("ten p m", "22:00"),
        ("9 a.m.", "09:00"),
        ("noon", "12:00"),
        ("midnight", "00:00"),
        ("12 am", "00:00"),
        ("eighteen hundred", "18:00"),
        ("17:15", "17:15"),
        ("07:15", "07:15"),
        ("five thirty", "17:30"),
        ("at 5", "17:00"),
        ("twenty to six", "17:40"),
        ("around eight o'clock", "20:00"),
        ("half past noon", "12:30"),
    ],
)
def test_a_time_is_read_in_words_and_figures(words: str, time: str, channel: Channel) -> None:
    assert found(turn(RESTAURANT, words, "time", channel=channel)) == {"time": time}


@pytest.mark.parametrize(
    ("about", "hour", "time"),
    [
        ("restaurant", "eight", "20:00"),
        ("dental office", "eight", "08:00"),
        ("dental office", "eleven", "11:00"),
        ("dental office", "two", "14:00"),
        ("dental office", "seven", "19:00"),
        ("breakfast delivery", "seven", "07:00"),
        ("dental office", "eight in the evening", "20:00"),
        ("restaurant", "eleven in the morning", "11:00"),
    ],
)
def test_a_bare_hour_is_in_the_half_of_the_day_that_the_call_is_about(
    about: str, hour: str, time: str
) -> None:
    flow = made(about, {"when": {"type": "time"}})
    assert found(turn(flow, hour, "when")) == {"when": time}


def test_a_length_of_time_is_no_time_of_day() -> None:
    assert not found(turn(RESTAURANT, "in 20 minutes", "time"))
    assert found(turn(RESTAURANT, "at 20", "time")) == {"time": "20:00"}


def test_times_that_there_are_not_are_none() -> None:
    assert TimeParts(25).hh_mm(8) is None
    assert TimeParts(7, 60).hh_mm(8) is None
    assert not found(turn(TRAIN, "99:99", "leave_at"))


@pytest.mark.parametrize("words", ["the day is long", "I am not sure", "to be honest", "okay"])
def test_talk_is_no_number(words: str) -> None:
    values: dict[str, Value] = found(turn(RESTAURANT, words, "people"))
    assert "people" not in values
