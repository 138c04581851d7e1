"""Callers have something to tell where a flow asks for their own words, and other systems know them by what they say."""

from __future__ import annotations

import random

import anyio
import pytest

from flows.loader import load_flow, open_flow
from orchestrator.simulate.conversation import converse
from orchestrator.simulate.ear import Ear
from orchestrator.simulate.line import Setting, agent_of
from orchestrator.simulate.score import score
from orchestrator.simulate.stories import is_story, story, text_for
from orchestrator.simulate.temper import Kind
from orchestrator.simulate.truth import TODAY, make_truth
from reasoner.understand.words import words_of

STAR, INTERVIEW = load_flow("star_question"), load_flow("interview_practice")
IDENTITY, INTAKE = load_flow("identity_check"), load_flow("medical_intake")


def test_a_text_goes_with_its_question() -> None:
    rng = random.Random(1)
    told = {text_for(STAR.slots["ending"], "ending", rng) for _ in range(30)}
    assert not told & {text_for(STAR.slots["where"], "where", rng) for _ in range(30)}


def test_a_list_of_the_parts_of_a_story_is_told_apart_from_a_list_of_things() -> None:
    assert is_story(STAR.slots["told"])
    assert not is_story(INTAKE.slots["allergies"])


@pytest.mark.parametrize("seed", range(20))
def test_a_story_has_the_parts_that_it_is_to_have(seed: int) -> None:
    slot, rng = STAR.slots["told"], random.Random(seed)
    parts = tuple(rng.sample(list(slot.values), rng.randint(1, 4)))
    told = f" {words_of(story(slot, parts, rng)).text()} "
    held = {
        part
        for part, begun in slot.values.items()
        if any(f" {words_of(one).text()} " in told for one in begun)
    }
    assert held == set(parts)


def test_questions_in_the_same_words_belong_to_what_is_talked_of() -> None:
    ear = Ear(INTERVIEW)
    truth = make_truth(INTERVIEW, random.Random("truth 1000"))
    first = "Tell me about a time when you had to deal with an angry customer or colleague."
    assert ear.hear(first, truth.values, [], []).asked == ("conflict.told",)
    second = "Now the second question. Tell me about a time when you made a mistake at work."
    assert ear.hear(second, truth.values, [], []).asked == ("failure.told",)
    where = "Where was that and what was going on?"
    assert ear.hear(where, {}, ["failure.told"], [], "failure.told").asked == ("failure.where",)
    assert ear.hear(where, {}, ["conflict.told"], ["failure.where"], "conflict.told").asked == (
        "conflict.where",
    )


def test_a_question_within_a_longer_one_is_not_another() -> None:
    again = "Think of one example. Where was it, what was your task, what did you do, and how did it end?"
    assert Ear(STAR).hear(again, {}, [], ["told", "ending"]).asked == ("told",)


def test_another_pin_opens_no_gate() -> None:
    truth = make_truth(IDENTITY, random.Random("truth 1000"))
    setting = Setting(TODAY.isoformat(), truth.called, truth.results, truth.proofs)
    right = {"customer": truth.values["customer_number"], "pin": truth.values["pin"]}
    assert setting.result("check_pin", right)["ok"] is True
    assert setting.result("check_pin", {**right, "pin": "0"})["ok"] is False


@pytest.mark.parametrize("name", ["star_question", "interview_practice"])
def test_callers_who_tell_stories_get_to_the_end(name: str) -> None:
    async def calls() -> list[bool]:
        async with agent_of(open_flow(name)) as agent:
            return [
                score(await converse(agent.flow, agent.dial, kind=Kind.COOPERATIVE, seed=seed)).success
                for seed in range(1000, 1006)
            ]

    assert all(anyio.run(calls))
