"""An answer to an earlier question is taken back only where that is said, and what is asked now comes first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from flows.loader import load_flow
from flows.schema import Flow
from reasoner.types import Understood
from tests.reasoner.understand.asking import heard
from tests.reasoner.understand.made_flows import found, made, state_of

SUPPORT, LESSON = load_flow("tech_support"), load_flow("language_lesson")
STORY = made(
    "repairs",
    {"story": {"type": "text", "ask": "What were you doing when it broke?"}},
    steps={
        "machine": {"question": "Is it a washer or a dryer?", "answers": {"washer": "next", "dryer": "next"}},
        "loud": {"question": "Does it make a noise?", "answers": {"yes": "next", "no": "next"}},
        "tell": {"ask": ["story"]},
    },
)


def after(flow: Flow, words: str, asked: str, **answered: Any) -> Understood:
    """What the words mean while `asked` is pending and these questions were answered on the way, in this order."""
    state = replace(
        state_of(flow, asked, **answered), path=(*answered, asked if asked in flow.steps else "tell")
    )
    return heard(state, words, flow=flow)


@pytest.mark.parametrize(
    ("words", "asked", "answered", "values"),
    [
        ("no, i meant everything is down", "wifi", {"scope": "one device"}, {"scope": "down"}),
        ("hang on i said that wrong it's one device", "lights", {"scope": "down"}, {"scope": "one device"}),
        (
            "sorry, just one device, not everything is down",
            "lights",
            {"scope": "down"},
            {"scope": "one device"},
        ),
        ("oh wait i said down but it's slow", "lights", {"scope": "down"}, {"scope": "slow"}),
        (
            "actually none of the lights is on",
            "internet_light",
            {"scope": "down", "lights": True},
            {"lights": False},
        ),
        ("sorry, i meant no", "internet_light", {"scope": "down", "lights": True}, {"lights": False}),
        (
            "wait no the network does not show",
            "helped",
            {"scope": "one device", "wifi": True},
            {"wifi": False},
        ),
    ],
)
def test_an_answer_is_taken_back(
    words: str, asked: str, answered: dict[str, Any], values: dict[str, Any]
) -> None:
    understood = after(SUPPORT, words, asked, **answered)
    assert found(understood) == values
    assert understood.answer is None
    assert not understood.intents


@pytest.mark.parametrize(
    ("words", "asked", "answered", "values"),
    [
        ("red", "internet_light", {"scope": "down", "lights": True}, {"internet_light": "red"}),
        ("sorry, i meant green", "internet_light", {"scope": "down"}, {"internet_light": "green"}),
        ("no i meant yes", "lights", {"scope": "down"}, {"lights": True}),
        ("everything is down", "lights", {"scope": "one device"}, {}),
        ("no, nothing works", "lights", {"scope": "one device"}, {"lights": False}),
        ("actually, what about the price", "wifi", {"scope": "one device"}, {}),
    ],
)
def test_what_is_asked_now_comes_first_and_nothing_is_taken_back_by_chance(
    words: str, asked: str, answered: dict[str, Any], values: dict[str, Any]
) -> None:
    assert found(after(SUPPORT, words, asked, **answered)) == values


def test_a_question_that_did_not_lead_here_is_not_answered() -> None:
    state = replace(state_of(SUPPORT, "lights", scope="down", wifi=True), path=("scope", "lights"))
    assert "wifi" not in found(heard(state, "wait no the network does not show", flow=SUPPORT))


def test_what_would_be_none_of_the_answers_now_is_one_of_those_before() -> None:
    words = "i'm sorry it's una mesa por dos not una mesa para dos"
    understood = after(LESSON, words, "bill", coffee="un café", table="una mesa para dos")
    assert found(understood) == {"table": "una mesa por dos"}


def test_a_story_with_an_earlier_answer_in_it_is_a_story() -> None:
    words = "sorry I was loading the dryer when the lights went out"
    assert set(found(after(STORY, words, "story", machine="washer"))) == {"story"}
    assert found(after(STORY, "sorry I meant dryer", "story", machine="washer")) == {"machine": "dryer"}
