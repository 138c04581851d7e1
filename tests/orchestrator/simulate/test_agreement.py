"""A caller checks what the agent reads back."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from flows.loader import load_flow
from flows.slot import Slot, SlotType
from orchestrator.simulate.agreement import agrees
from orchestrator.simulate.spoken import say
from orchestrator.simulate.truth import make_truth

FLOW = load_flow(str(Path(__file__).parent / "every_type.yaml"))


def slot(kind: str, **more: Any) -> Slot:
    return Slot(type=SlotType(kind), label="thing", **more)


@pytest.mark.parametrize(
    ("kind", "truth", "sentence", "right"),
    [
        ("person_name", "Maria Gonzalez", "Your name is Maria Gonzalez.", True),
        ("person_name", "Maria Gonzalez", "Your name is Maria Gonzales.", False),
        ("person_name", "Pierre Rousseau", "Your name is Rousseau Pierre Rousseau.", False),
        ("person_name", "Jun Krüger", "Your name is Jun Kruger, spelled K as in kilo, R as in romeo, U as in uniform, "
         "G as in golf, E as in echo, R as in romeo.", True),
        ("person_name", "Jun Krüger", "Your name is Jun Krüger, spelled K as in kilo, R as in romeo, U as in uniform.", False),
        ("person_name", "Xiu Chen", "Your name is Xiu Chen, spelled X as in x-ray, I as in india, U as in uniform.", True),
        ("date", "1982-06-06", "Your date of birth is June sixth, nineteen eighty two.", True),
        ("date", "1982-06-06", "Your date of birth is June fifth, nineteen eighty two.", False),
        ("date", "2005-12-21", "the twenty first of December two thousand and five", True),
        ("date", "1905-12-21", "December twenty first, nineteen oh five", True),
        ("date", "1905-12-21", "December twenty first, two thousand five", False),
        ("phone", "5552123456", "five five five, two one two, three four five six", True),
        ("phone", "5552123456", "five five five, two one two, three four five", False),
        ("email", "m.l@x.com", "Your address is m dot l at x dot com.", True),
        ("email", "m.l@x.com", "Your address is a m dot l at x dot com.", False),
        ("email", "maria.l@x.com", "Your address is m a r i a dot l at x dot com.", True),
        ("id", "KB42", "Your code is K as in kilo, B as in bravo, four two.", True),
        ("id", "KB42", "Your code is K, D four two.", False),
        ("money", 1120, "one thousand one hundred and twenty dollars", True),
        ("money", 12.5, "twelve dollars and fifty cents", True),
        ("money", 12.5, "twelve dollars", False),
        ("number", 14, "a table for forty", False),
        ("time", "17:30", "half past five in the evening", True),
        ("time", "17:30", "five thirty in the morning", False),
        ("time", "09:15", "nine fifteen", True),
        ("number", 4, "Thank you.", None),
    ],
)  # fmt: skip
def test_a_read_back_is_right_only_if_it_says_the_true_value(
    kind: str, truth: Any, sentence: str, right: bool | None
) -> None:
    assert agrees(slot(kind), truth, sentence) is right


def test_of_a_list_nothing_may_be_missing_and_nothing_added() -> None:
    allergies = slot("list", values={"nuts": [], "tree nuts": [], "milk": []}, none="no allergies")
    assert agrees(allergies, ("tree nuts", "milk"), "Your allergies are tree nuts and milk.") is True
    assert agrees(allergies, ("nuts", "milk"), "Your allergies are tree nuts and milk.") is False
    assert agrees(allergies, ("milk",), "Your allergies are tree nuts and milk.") is False
    assert agrees(allergies, (), "I have noted no allergies.") is True


def test_what_callers_say_of_a_value_they_would_also_recognise() -> None:
    for seed in range(60):
        rng = random.Random(seed)
        truth = make_truth(FLOW, rng)
        for name, value in truth.values.items():
            of = FLOW.slots[name]
            if of.type in (SlotType.YES_NO, SlotType.CHOICE, SlotType.LIST):
                continue  # said by other names than the agent would use
            said = say(of, value, rng, today="2026-11-23")
            assert agrees(of, value, said) is True, (name, value, said)
