"""Whether the words so far are all there is to come."""

from __future__ import annotations

import time

import pytest

from reasoner.ports import Progress
from reasoner.state import GoalState
from reasoner.types import Waiting
from reasoner.understand import anticipate
from tests.reasoner.understand.asking import INTAKE, asked, progress, read_back, waiting_for

COMPLETE, OPEN, MIDDLE = Progress.COMPLETE, Progress.OPEN, Progress.MIDDLE


@pytest.mark.parametrize(
    ("slot", "words", "expected"),
    [
        ("name", "my name is susan clark", COMPLETE),
        ("name", "my first name is susan and my last name is clark", COMPLETE),
        ("name", "my name is", MIDDLE),
        ("name", "susan", MIDDLE),
        ("date_of_birth", "march third nineteen eighty", COMPLETE),
        ("date_of_birth", "march third nineteen", MIDDLE),
        ("date_of_birth", "march third", MIDDLE),
        ("date_of_birth", "march", MIDDLE),
        ("date_of_birth", "it's the", MIDDLE),
        ("date_of_birth", "march third nineteen eighty and", MIDDLE),
        ("date_of_birth", "march third nineteen eighty and my number is five five", MIDDLE),
        ("phone", "five five five two one three four seven eight nine", COMPLETE),
        ("phone", "five five five two one three four seven eight", MIDDLE),
        ("phone", "one five five five two one three four seven eight", MIDDLE),
        ("phone", "five five double", MIDDLE),
        ("phone", "my number is", MIDDLE),
        ("reason", "i have back pain", COMPLETE),
        ("reason", "i have", MIDDLE),
        ("allergies", "penicillin", OPEN),
        ("allergies", "penicillin and", MIDDLE),
        ("allergies", "penicillin and latex", COMPLETE),
        ("allergies", "no allergies", COMPLETE),
        ("allergies", "no", COMPLETE),
        ("allergies", "i'm allergic to", MIDDLE),
        ("consent", "yes", COMPLETE),
        ("consent", "no", COMPLETE),
        ("consent", "okay", OPEN),
        ("phone", "i want to talk to a human", COMPLETE),
        ("phone", "where can i park", OPEN),
        ("phone", "", OPEN),
        ("phone", "i was thinking", OPEN),
    ],
)
def test_an_answer_is_judged_by_how_much_of_it_was_said(slot: str, words: str, expected: Progress) -> None:
    assert progress(asked(slot), words) is expected


DATE = read_back(date_of_birth="1980-03-03")
NAME = read_back(name="Kimberly Mike")
SPELLING = waiting_for(Waiting.SPELLING, "name")


@pytest.mark.parametrize(
    ("state", "words", "expected"),
    [
        (DATE, "yes", COMPLETE),
        (DATE, "yes and", MIDDLE),
        (DATE, "no", OPEN),
        (DATE, "no it's", MIDDLE),
        (DATE, "no march", MIDDLE),
        (DATE, "no it's march fourth nineteen eighty", COMPLETE),
        (SPELLING, "k as in kilo o as in", MIDDLE),
        (SPELLING, "k as in kilo o as in oscar", MIDDLE),
        (SPELLING, "kilo oscar", MIDDLE),
        (SPELLING, "l as in lima e as in echo e as in echo", Progress.SPELLING),
        (SPELLING, "lima echo echo", Progress.SPELLING),
        (NAME, "l as in lima e as in echo e as in echo", Progress.SPELLING),
        (SPELLING, "", OPEN),
    ],
)
def test_a_correction_and_a_spelling_are_waited_for(state: GoalState, words: str, expected: Progress) -> None:
    assert progress(state, words) is expected


def test_a_judgement_takes_well_under_a_millisecond() -> None:
    words = "it's march third nineteen eighty and my number is five five five oh one four nine eight two"
    judge = anticipate(INTAKE, asked("date_of_birth")).judge
    judge(words)
    took_s = []
    for _ in range(50):
        begun = time.thread_time()
        judge(words)
        took_s.append(time.thread_time() - begun)
    assert sorted(took_s)[25] < 0.001
