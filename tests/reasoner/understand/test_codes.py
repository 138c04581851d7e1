"""Digits, codes, addresses, and names that are typed."""

from __future__ import annotations

import pytest

from reasoner.types import Channel
from tests.reasoner.understand.made_flows import BANK, RESTAURANT, found, turn

BOTH = pytest.mark.parametrize("channel", [Channel.TEXT, Channel.SPEECH])


@BOTH
@pytest.mark.parametrize(
    ("words", "pin"),
    [
        ("one two three four", "1234"),
        ("twelve thirty four", "1234"),
        ("double four oh one", "4401"),
        ("triple seven nine", "7779"),
        ("my pin is 1 2 3 4", "1234"),
        ("0042", "0042"),
        ("it's nine hundred one", "9001"),
    ],
)
def test_digits_are_heard_one_by_one_and_in_groups(words: str, pin: str, channel: Channel) -> None:
    assert found(turn(BANK, words, "pin", channel=channel)) == {"pin": pin}


@pytest.mark.parametrize("words", ["one two three", "one two three four five"])
def test_too_few_or_too_many_digits_are_none(words: str) -> None:
    assert not found(turn(BANK, words, "pin"))


@BOTH
@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("AB-1234", "AB1234"),
        ("ab1234", "AB1234"),
        ("A B 1 2 3", "AB123"),
        ("b as in boy seven seven x ray one", "B77X1"),
        ("it's alpha bravo one two three", "AB123"),
        ("k for king double seven oh nine", "K7709"),
    ],
)
def test_a_code_is_letters_and_figures_without_a_space(words: str, code: str, channel: Channel) -> None:
    assert found(turn(BANK, words, "reference", channel=channel)) == {"reference": code}


def test_a_code_typed_like_a_word_is_one_where_it_was_asked_for() -> None:
    assert found(turn(BANK, "qwerty", "reference")) == {"reference": "QWERTY"}
    assert not found(turn(BANK, "qwerty", "pin"))


@BOTH
@pytest.mark.parametrize(
    ("words", "address"),
    [
        ("jane@example.com", "jane@example.com"),
        ("it's Jane.Doe+x@Ex-ample.co.uk.", "jane.doe+x@ex-ample.co.uk"),
        ("jane dot doe at example dot com", "jane.doe@example.com"),
        ("j underscore doe at gmail dot com", "j_doe@gmail.com"),
        ("my email is j o h n at yahoo dot co dot uk please", "john@yahoo.co.uk"),
        ("sure you can send it to bob forty two at g mail dot com", "bob42@gmail.com"),
        ("b as in boy o b at mail dot org", "bob@mail.org"),
    ],
)
def test_an_address_is_read_as_typed_and_as_said(words: str, address: str, channel: Channel) -> None:
    assert found(turn(RESTAURANT, words, "email", channel=channel)) == {"email": address}


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("+1 (555) 014-9826", "5550149826"),
        ("555.014.9826", "5550149826"),
        ("(555) 014 9826", "5550149826"),
        ("+44 7911 123456", "7911123456"),
    ],
)
def test_a_typed_phone_number_loses_what_is_put_between_and_the_code_of_its_country(
    words: str, number: str
) -> None:
    assert found(turn(RESTAURANT, words, "phone")) == {"phone": number}


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("Xiomara Nguyen-Okafor", "Xiomara Nguyen-Okafor"),
        ("xiomara nguyen-okafor", "Xiomara Nguyen-Okafor"),
        ("my name is jan van der berg", "Jan van der Berg"),
        ("this is Bob Fischer speaking", "Bob Fischer"),
        ("yes, it's Eleonora Duse", "Eleonora Duse"),
        ("Priya Raghunathan", "Priya Raghunathan"),
        ("María de la Cruz", "María de la Cruz"),
    ],
)
def test_a_name_on_no_list_is_taken_as_it_is_typed(words: str, name: str) -> None:
    assert found(turn(RESTAURANT, words, "name")) == {"name": name}


def test_a_name_is_taken_though_it_was_not_asked_for() -> None:
    assert found(turn(RESTAURANT, "my name is Xiomara Okafor", "people")) == {"name": "Xiomara Okafor"}


def test_what_the_call_itself_gives_is_never_filled_from_speech() -> None:
    assert "ringing" not in found(turn(RESTAURANT, "my ringing is 5550149826", "people"))
