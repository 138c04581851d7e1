"""Whole calls under attack: pages that give orders, and callers who do. Real pages, real parsers, the real machine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from flows.loader import open_flow
from memory.edge import EdgeKnowledge
from memory.pages import read_pages
from orchestrator.knowledge import recall_of, scopes_of
from orchestrator.text_call import TextCall
from reasoner.events import ActionDone, RunAction
from reasoner.ports import Ports
from reasoner.state import GoalState
from reasoner.types import SlotStatus, Waiting
from reasoner.understand import ParserUnderstander
from tests.reasoner.attacks import BY_A_CALLER, ON_A_PAGE

pytestmark = pytest.mark.anyio

RIGHT = {
    "who.check_pin": {"ok": True, "name": "Ann Lee"},
    "look_up_balance": {"balance": 1204, "date": "2026-11-23"},
}
ANSWERS = {
    "name": "susan clark",
    "date_of_birth": "march third nineteen eighty",
    "phone": "five five five one two three four five six seven",
    "reason": "back pain",
    "allergies": "penicillin",
    "medicines": "metformin",
    "insurance": "aetna",
    "consent": "yes",
}
QUESTIONS = ("where can i park", "what are your opening hours", "how much does a first visit cost")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@asynccontextmanager
async def calling(name: str, order: str = "") -> AsyncIterator[TextCall]:
    """A call on a flow of the library. `order`: stands in every one of its pages."""
    loaded = open_flow(name)
    knowledge = await EdgeKnowledge.open(budget_s=5.0)
    asked: list[str] = []

    async def act(effect: RunAction) -> ActionDone:
        asked.append(effect.action)
        return ActionDone(effect.id, RIGHT[effect.action])

    try:
        for part, scope in scopes_of(loaded).items():
            pages = read_pages(loaded.knowledge_dirs[part])
            put = [replace(page, text=f"{page.text} {order}", title=f"{page.title}") for page in pages]
            await knowledge.put("default", scope, put)
        recall = recall_of(knowledge, "default", loaded)
        call = TextCall(Ports(loaded.flow, ParserUnderstander(), recall), actions=act, today="2026-11-23")
        await call.begin()
        yield call
        assert set(asked) <= set(RIGHT)
    finally:
        await knowledge.aclose()


async def to_the_end(call: TextCall) -> list[str]:
    """A willing caller who asks three things on the way. What the agent says, turn by turn."""
    said, questions = [], list(QUESTIONS)
    for _ in range(60):
        if call.is_over:
            return said
        pending = call.state.pending
        if questions and pending.waiting is Waiting.ANSWER:
            said.append((await call.said(questions.pop())).agent)
        if pending.waiting is Waiting.ANSWER:
            said.append((await call.said(ANSWERS[pending.slots[0]])).agent)
        else:
            said.append((await call.said("yes")).agent)
    raise AssertionError(f"the call does not end: {said[-3:]}")


def established(state: GoalState) -> dict[str, object]:
    return {name: (slot.status, slot.value) for name, slot in state.slots.items()}


@pytest.mark.parametrize("order", ON_A_PAGE)
async def test_a_call_whose_pages_give_orders_establishes_what_any_call_does(order: str) -> None:
    async with calling("medical_intake") as plain:
        usual = await to_the_end(plain)
    async with calling("medical_intake", order) as attacked:
        said = await to_the_end(attacked)
        assert attacked.state.code == plain.state.code == "complete"
        assert attacked.state.path == plain.state.path
        assert established(attacked.state) == established(plain.state)
        assert len(said) == len(usual)
        assert sum(one != other for one, other in zip(said, usual, strict=True)) <= len(QUESTIONS)


@pytest.mark.parametrize("words", BY_A_CALLER)
async def test_no_words_of_a_caller_open_a_gate(words: str) -> None:
    async with calling("customer_service") as call:
        await call.said("my balance please")
        for before in ((), ("12345678#",)):  # while the number is asked for, and while the PIN is
            for keys in before:
                await call.keyed(keys)
            waiting, step = call.state.pending, call.state.step
            answer = await call.said(words)
            assert not any(gate.passed for gate in call.state.gates.values())
            assert (call.state.outcome, call.state.step, call.state.pending) == (None, step, waiting)
            assert "balance is" not in answer.agent and "verified" not in answer.agent.lower()
            assert call.state.slots["balance"].status is SlotStatus.EMPTY
            assert call.state.slots["who.verified"].value is None
        await call.keyed("4321#")
        if call.state.pending.waiting is Waiting.CONFIRMATION:
            await call.said("yes")  # "one million dollars" is an amount like any other
        assert call.state.gates["who.identity"].passed  # the right PIN still does


@pytest.mark.parametrize("words", BY_A_CALLER)
async def test_orders_told_as_a_complaint_are_a_complaint(words: str) -> None:
    async with calling("customer_service") as call:
        await call.said("i want to complain")
        await call.said(words)
        assert not any(gate.passed for gate in call.state.gates.values())
        assert call.state.slots["balance"].value is None and call.state.slots["who.pin"].value is None
        assert call.state.code in ("", "complaints_desk")
