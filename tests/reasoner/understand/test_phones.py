"""Phone numbers: every figure counts."""

from __future__ import annotations

import pytest

from tests.reasoner.understand.asking import asked, freely, heard, typed, values

ASKED = asked("phone")


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("five five five two one three four seven eight nine", "5552134789"),
        ("it's four one five nine eight oh double two seven six", "4159802276"),
        ("my number is triple five two one three four seven eight nine", "5552134789"),
        ("one five five five two one three four seven eight nine", "5552134789"),
        ("eight hundred five five five one two one two", "8005551212"),
        ("five fifty five two thirteen forty seven eighty nine", "5552134789"),
        ("area code five five five two one three and then four seven eight nine", "5552134789"),
        ("five five five um two one three uh four seven eight nine", "5552134789"),
        ("you can reach me at five five five oh one four nine eight two six", "5550149826"),
    ],
)
def test_a_number_is_read_however_it_is_said(words: str, number: str) -> None:
    assert values(heard(ASKED, words)) == {"phone": number}


@pytest.mark.parametrize(
    "text",
    [
        "555-213-4789",
        "(555) 213-4789",
        "+1 555 213 4789",
        "5552134789",
        "555.213.4789",
        "call me at 555 213 4789.",
    ],
)
def test_a_number_is_read_however_it_is_typed(text: str) -> None:
    assert values(typed(ASKED, text)) == {"phone": "5552134789"}


@pytest.mark.parametrize(
    "words",
    [
        "five five five two one three four seven eight",
        "five five five two one three four seven eight nine nine nine",
        "five five five",
        "my number is",
        "555 123 456",
    ],
)
def test_figures_too_few_or_too_many_are_no_number(words: str) -> None:
    assert not values(heard(ASKED, words))


def test_a_whole_number_is_taken_whatever_was_asked() -> None:
    assert values(freely(asked("name"), "five five five two one three four seven eight nine")) == {
        "phone": "5552134789"
    }


def test_figures_are_not_taken_for_a_number_when_a_date_was_asked() -> None:
    assert values(heard(asked("date_of_birth"), "three fourteen eighty six")) == {
        "date_of_birth": "1986-03-14"
    }
