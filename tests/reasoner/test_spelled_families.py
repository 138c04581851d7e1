"""A family name of several words is one part of a name: spelled, said again, and put right as a whole."""

from __future__ import annotations

import pytest

from flows.slot import Slot, SlotType
from reasoner.slots import family_at, part_to_spell, with_spelled, with_spoken
from reasoner.types import NamePart, SlotState, SlotStatus

NAME = Slot(type=SlotType.PERSON_NAME)
BERG = SlotState(status=SlotStatus.HEARD, value="Anna van der Berg")


@pytest.mark.parametrize(
    ("name", "at"),
    [("Anna van der Berg", 1), ("Anna Maria de la Cruz", 2), ("Susan Clark", 1), ("Susan", 0), ("", 0)],
)
def test_a_family_name_begins_with_what_is_written_small(name: str, at: int) -> None:
    assert family_at(name.split()) == at


@pytest.mark.parametrize("spelled", ["vanderberg", "van der berg", "berg"])
def test_a_family_name_that_is_spelled_as_it_was_heard_stays(spelled: str) -> None:
    assert with_spelled(BERG, spelled, NamePart.FAMILY) == "Anna van der Berg"


def test_a_family_name_that_is_spelled_otherwise_is_another_from_its_first_word_on() -> None:
    assert with_spelled(BERG, "bergen", NamePart.FAMILY) == "Anna Bergen"
    assert with_spoken(BERG, "Clark", NamePart.FAMILY) == "Anna Clark"


def test_a_given_name_that_is_spelled_leaves_the_family_name_as_it_is() -> None:
    assert with_spelled(BERG, "hanna", NamePart.GIVEN) == "Hanna van der Berg"
    assert with_spoken(BERG, "Hanna", NamePart.GIVEN) == "Hanna van der Berg"


@pytest.mark.parametrize("spelled", ["berg", "vanderberg"])
def test_once_the_family_name_is_spelled_the_given_name_is_next(spelled: str) -> None:
    denied = SlotState(denied=("Anna van der Berg",), spelled=spelled)
    assert part_to_spell(NAME, denied) is NamePart.GIVEN
    assert part_to_spell(NAME, SlotState(denied=("Anna van der Berg",))) is NamePart.FAMILY
