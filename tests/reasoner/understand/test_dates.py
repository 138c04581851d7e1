"""Dates: spoken, typed, wrong, begun, and put right."""

from __future__ import annotations

import pytest

from reasoner.types import SlotState
from tests.reasoner.understand.asking import NO, asked, heard, read_back, typed, values

ASKED = asked("date_of_birth")


@pytest.mark.parametrize(
    ("words", "date"),
    [
        ("march third nineteen eighty", "1980-03-03"),
        ("it's the third of march nineteen eighty", "1980-03-03"),
        ("march the third nineteen eighty", "1980-03-03"),
        ("march three nineteen eighty", "1980-03-03"),
        ("three fourteen eighty six", "1986-03-14"),
        ("three fourteen nineteen eighty six", "1986-03-14"),
        ("oh three fourteen eighty six", "1986-03-14"),
        ("three twenty one ninety", "1990-03-21"),
        ("march twenty nineteen eighty", "1980-03-20"),
        ("march twentieth two thousand five", "2005-03-20"),
        ("march third two thousand and five", "2005-03-03"),
        ("march third twenty oh five", "2005-03-03"),
        ("march third oh five", "2005-03-03"),
        ("july fourth twenty ten", "2010-07-04"),
        ("february twenty ninth two thousand", "2000-02-29"),
        ("i was born on may fifth nineteen ninety seven", "1997-05-05"),
        ("december thirty first nineteen hundred", "1900-12-31"),
        ("um it's uh march third nineteen eighty please", "1980-03-03"),
        ("okay my date of birth is march third nineteen eighty", "1980-03-03"),
        ("march third no sorry march fourth nineteen eighty", "1980-03-04"),
    ],
)
def test_a_date_is_read_however_it_is_said(words: str, date: str) -> None:
    understood = heard(ASKED, words)
    assert values(understood) == {"date_of_birth": date}
    assert understood.values[0].confidence == 1.0


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("03/14/1986", "1986-03-14"),
        ("3/14/86", "1986-03-14"),
        ("3-14-86", "1986-03-14"),
        ("1986-03-14", "1986-03-14"),
        ("14/03/1986", "1986-03-14"),
        ("03141986", "1986-03-14"),
        ("March 14, 1986", "1986-03-14"),
        ("MARCH 14TH 1986.", "1986-03-14"),
        ("14 March 1986", "1986-03-14"),
        ("mar 3rd, 2005", "2005-03-03"),
        ("I was born on 3/3/1980!", "1980-03-03"),
    ],
)
def test_a_date_is_read_however_it_is_typed(text: str, date: str) -> None:
    assert values(typed(ASKED, text)) == {"date_of_birth": date}


@pytest.mark.parametrize(
    "words",
    [
        "february thirty first nineteen eighty",
        "february twenty ninth nineteen eighty one",
        "march third twenty thirty",
        "2/30/1980",
        "13/13/1980",
        "0/0/0000",
        "march third",
        "march",
        "nineteen eighty",
        "march third nineteen",
    ],
)
def test_no_date_is_made_of_what_is_none_or_lies_ahead_or_is_not_whole(words: str) -> None:
    assert not values(heard(ASKED, words))
    assert not values(typed(ASKED, words))


def test_two_figures_stand_for_a_year_that_has_been() -> None:
    assert values(heard(ASKED, "march third twenty five")) == {"date_of_birth": "2025-03-03"}
    assert values(heard(ASKED, "march third twenty seven")) == {"date_of_birth": "1927-03-03"}


@pytest.mark.parametrize(
    ("words", "date"),
    [
        ("no it's the fourteenth", "1980-03-14"),
        ("no the fourteenth", "1980-03-14"),
        ("no nineteen eighty six", "1986-03-03"),
        ("no april", "1980-04-03"),
        ("no it's may fourth", "1980-05-04"),
        ("no it's march fourth nineteen eighty one", "1981-03-04"),
        ("no the 14th", "1980-03-14"),
    ],
)
def test_a_part_puts_right_the_date_that_was_read_back(words: str, date: str) -> None:
    understood = heard(read_back(date_of_birth="1980-03-03"), words)
    assert values(understood) == {"date_of_birth": date}
    assert understood.answer is NO


def test_a_part_that_makes_no_date_changes_nothing() -> None:
    understood = heard(read_back(date_of_birth="1980-02-03"), "no the thirty first")
    assert not values(understood)
    assert understood.answer is NO


def test_a_no_with_the_same_value_once_more_rejects_it_instead_of_confirming_it() -> None:
    understood = heard(read_back(date_of_birth="1980-03-03"), "no it's march third nineteen eighty")
    assert understood.answer is NO
    assert not understood.values
    assert understood.rejected == ("date_of_birth",)


def test_the_same_value_without_a_yes_is_no_yes() -> None:
    understood = heard(read_back(date_of_birth="1980-03-03"), "march third nineteen eighty")
    assert understood.answer is None
    assert values(understood) == {"date_of_birth": "1980-03-03"}


def test_a_value_from_elsewhere_that_is_no_date_does_no_harm() -> None:
    state = read_back(date_of_birth=SlotState(value="the ides of march"))
    assert not values(heard(state, "no the fourteenth"))
