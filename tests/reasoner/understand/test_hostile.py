"""Whatever arrives, nothing is raised and nothing takes long."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reasoner.state import GoalState
from reasoner.types import SlotState, Waiting
from reasoner.understand import anticipate
from tests.reasoner.understand.asking import INTAKE, asked, freely, heard, read_back, typed, waiting_for

STATES = [
    asked("name"),
    asked("date_of_birth"),
    asked("phone"),
    asked("allergies"),
    asked("consent"),
    read_back(date_of_birth="1980-03-03"),
    read_back(reason="fever", allergies=("latex",), insurance="Aetna"),
    waiting_for(Waiting.SPELLING, "name", name=SlotState(denied=("Susan Cole",))),
    waiting_for(Waiting.ANSWER, "no_such_slot"),
    waiting_for(Waiting.ANSWER),
    waiting_for(Waiting.NOTHING),
]
SAID = (
    "no yes it's the my name is susan clark march third nineteen eighty oh five double as in kilo k and also "
    "i'm allergic to penicillin what where do you actually sorry okay uh number born 3/14/86 14th 555 ' - ?"
)
WORDS = st.sampled_from(SAID.split())
TEXTS = st.one_of(st.text(max_size=300), st.lists(WORDS, max_size=60).map(" ".join))


@settings(max_examples=300, deadline=None)
@given(text=TEXTS, state=st.sampled_from(STATES), channel=st.sampled_from(["speech", "open", "text"]))
@example(text="\x00\x1b[31m\ud800", state=STATES[0], channel="text")
@example(text="ﷺ" * 400, state=STATES[0], channel="text")
@example(text="²³/½/١٩٨٠ ١٤", state=STATES[1], channel="text")
@example(text="0/0/00 99/99/9999 00000000", state=STATES[5], channel="text")
def test_nothing_that_can_be_said_or_typed_raises(text: str, state: GoalState, channel: str) -> None:
    say = {"speech": heard, "open": freely, "text": typed}[channel]
    understood = say(state, text)
    assert all(0 <= value.confidence <= 1 for value in understood.values)
    anticipate(INTAKE, state).judge(text)


@pytest.mark.parametrize(
    "text",
    [
        "x" * 1_000_000,
        "five " * 200_000,
        "k as in " * 125_000,
        "no it's the " * 80_000,
        "march " * 160_000,
        "'" * 1_000_000,
        "1/" * 500_000,
        "[" * 1_000_000,
        "a-" * 500_000,
        "and also i'm allergic to penicillin " * 28_000,
        "\u0301" * 1_000_000,
    ],
    ids=lambda text: repr(text[:12]),
)
def test_a_megabyte_takes_no_longer_than_a_moment(text: str) -> None:
    for state in STATES:
        anticipate(INTAKE, state)  # made before, as in a call
    for state in STATES:
        begun = time.process_time()
        typed(state, text)
        anticipate(INTAKE, state).judge(text)
        assert time.process_time() - begun < 0.5
