"""How values are said when they are read back: as a person would."""

from __future__ import annotations

import pytest

from flows.slot import Slot
from reasoner.speak_en import read_back
from reasoner.types import Value


@pytest.mark.parametrize(
    ("slot", "given", "said"),
    [
        ({"type": "number", "label": "devices", "unit": "devices"}, 15, "Fifteen devices."),
        ({"type": "number", "label": "number of passengers", "unit": "passengers"}, 1, "One passenger."),
        ({"type": "number", "label": "age", "unit": "years"}, 40, "Your age is forty years."),
        (
            {"type": "choice", "label": "type of food", "values": {"thai": []}, "no_preference": "any"},
            "any",
            "You have no preference for your type of food.",
        ),
        (
            {"type": "choice", "label": "type of food", "values": {"thai": []}},
            "thai",
            "Your type of food is thai.",
        ),
    ],
)
def test_a_value_is_said_in_a_sentence_that_does_not_say_it_twice(
    slot: dict[str, object], given: Value, said: str
) -> None:
    assert read_back([(Slot.model_validate(slot), given)], "")[0] == said


def test_only_the_value_that_was_spelled_is_read_back_in_letters() -> None:
    name = Slot.model_validate({"type": "person_name", "label": "name"})
    town = Slot.model_validate({"type": "text", "label": "town"})
    said, question = read_back([(name, "Susan Norris"), (town, "Ames")], "")
    assert (
        said == "Let me read that back. Your name is Susan Norris, with N as in november. Your town is Ames."
    )
    assert question == "Is all of that right?"
