"""Names: said, spelled, typed, and in parts."""

from __future__ import annotations

from typing import Any

import pytest

from reasoner.types import NamePart, SlotState, Waiting
from tests.reasoner.understand.asking import (
    NO,
    asked,
    freely,
    heard,
    read_back,
    typed,
    values,
    waiting_for,
)

ASKED = asked("name")
MISHEARD = SlotState(denied=("Susan Cole",))


def spelling(part: NamePart = NamePart.FAMILY, **known: Any) -> Any:
    return waiting_for(Waiting.SPELLING, "name", part=part, **known)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("my name is susan clark", "Susan Clark"),
        ("susan clark", "Susan Clark"),
        ("it's david o'brien", "David O'Brien"),
        ("hi this is mary mcdonald", "Mary McDonald"),
        ("mary ann clark", "Mary Ann Clark"),
        ("susan m clark", "Susan M Clark"),
        ("my first name is susan and my last name is clark", "Susan Clark"),
    ],
)
def test_a_name_is_written_as_names_are(words: str, name: str) -> None:
    assert values(heard(ASKED, words)) == {"name": name}


def test_a_first_name_alone_is_a_value_that_is_not_sure() -> None:
    understood = heard(ASKED, "susan")
    assert values(understood) == {"name": "Susan"}
    assert understood.values[0].confidence < 0.7


def test_of_a_name_whose_end_nobody_knows_the_beginning_is_kept() -> None:
    assert values(freely(ASKED, "my name is susan call ski")) == {"name": "Susan"}


def test_a_last_name_without_a_first_is_no_name() -> None:
    assert not values(heard(ASKED, "my last name is clark"))


def test_a_last_name_takes_its_first_from_what_was_heard_before() -> None:
    assert values(heard(read_back(name="Susan Cole"), "no my last name is clark")) == {"name": "Susan Clark"}
    assert values(heard(asked("name", name=MISHEARD), "my last name is clark")) == {"name": "Susan Clark"}


def test_a_first_name_is_put_right_alone() -> None:
    understood = heard(read_back(name="Susan Cole"), "no my first name is sarah")
    assert values(understood) == {"name": "Sarah Cole"}
    assert understood.answer is NO


@pytest.mark.parametrize(
    ("words", "letters"),
    [
        ("k as in kilo o as in oscar w as in whiskey", "kow"),
        ("kilo oscar whiskey alpha lima sierra kilo india", "kowalski"),
        ("it's k for king o for ocean", "ko"),
        ("k o w a l s k i", "kowalski"),
        ("r as in romeo double s as in sam", "rss"),
        ("o as in oscar apostrophe b as in bravo", "o'b"),
        ("b as in dog a as in apple", "da"),  # letters sound alike, words do not
    ],
)
def test_letters_become_the_last_name_beside_the_first_that_is_known(words: str, letters: str) -> None:
    understood = heard(spelling(name=MISHEARD), words)
    assert understood.spelled == letters
    written = "'".join(part.capitalize() for part in letters.split("'"))
    assert values(understood) == {"name": f"Susan {written}"}


def test_letters_at_a_read_back_are_letters_and_not_the_words_for_them() -> None:
    state = read_back(name="Kimberly Vandermere")
    said = "m as in mike e as in echo e as in echo r as in romeo"
    assert values(heard(state, said)) == {"name": "Kimberly Meer"}


def test_letters_alone_are_no_name_while_the_first_is_unknown() -> None:
    understood = heard(spelling(), "kilo oscar whiskey")
    assert understood.spelled == "kow"
    assert not understood.values


def test_a_first_name_is_spelled_where_that_was_asked() -> None:
    state = spelling(NamePart.GIVEN, name=SlotState(spelled="kowalski"))
    assert values(heard(state, "alpha november november alpha")) == {"name": "Anna Kowalski"}


def test_both_names_are_spelled_with_a_space_between() -> None:
    understood = heard(spelling(), "sierra alpha mike space kilo oscar")
    assert values(understood) == {"name": "Sam Ko"}
    assert understood.spelled == "sam ko"


def test_a_name_is_spelled_when_it_was_read_back_wrong() -> None:
    state = read_back(name="Susan Cole")
    understood = heard(state, "no it's spelled c as in charlie o as in oscar w as in whiskey")
    assert values(understood) == {"name": "Susan Cow"}
    assert understood.answer is NO


def test_a_name_that_is_said_while_it_should_be_spelled_is_taken() -> None:
    assert values(heard(spelling(name=MISHEARD), "susan clark")) == {"name": "Susan Clark"}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Susan Clark", "Susan Clark"),
        ("susan kowalczyk", "Susan Kowalczyk"),
        ("Björk Guðmundsdóttir", "Björk Guðmundsdóttir"),
        ("my name is Jean-Luc Picard", "Jean-Luc Picard"),
        ("I'm Ng Wai Ming", "Ng Wai Ming"),
        ("SUSAN MCDONALD", "Susan McDonald"),
        ("李 小龍", "李 小龍"),
        ("No, it's Susan McDowell", "Susan McDowell"),
        ("hi, Susan Kowalczyk", "Susan Kowalczyk"),
    ],
)
def test_any_name_can_be_typed(text: str, name: str) -> None:
    assert values(typed(ASKED, text)) == {"name": name}


def test_a_typed_last_name_is_enough_when_it_was_to_be_spelled() -> None:
    assert values(typed(spelling(name=MISHEARD), "Kowalczyk")) == {"name": "Susan Kowalczyk"}
    assert values(typed(read_back(name="Susan Cole"), "no, my last name is Kowalczyk")) == {
        "name": "Susan Kowalczyk"
    }


@pytest.mark.parametrize("text", ["parking?", "What?", "ok", "yes", "no", "can I talk to a human", "hold on"])
def test_what_is_typed_instead_of_a_name_is_no_name(text: str) -> None:
    assert not values(typed(ASKED, text))


def test_other_words_are_no_name_where_one_is_spelled() -> None:
    assert not values(typed(spelling(name=MISHEARD), "no the fifteenth"))


def test_a_name_that_is_said_to_be_wrong_is_put_right_in_the_same_breath() -> None:
    understood = typed(read_back(name="Kofy Ani"), "my name is wrong, it's Kofi Dlamini")
    assert values(understood) == {"name": "Kofi Dlamini"}
