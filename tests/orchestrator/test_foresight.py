"""Beside the thoughts ahead: knowledge looked up on partial words, loaded for the step, and thrown away at the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio
import pytest

from duplex_frontend.types import CallerPartial, Hypothesis, Source
from flows.loader import open_flow
from memory.edge import EdgeKnowledge
from memory.types import Passage
from orchestrator.foresight import Foresight
from orchestrator.knowledge import learn, recall_of
from reasoner import machine
from reasoner.events import CallStarted
from reasoner.ports import Ports
from reasoner.recall import Lookup
from reasoner.state import GoalState
from reasoner.types import Channel, Reading, Utterance
from reasoner.understand import ParserUnderstander, anticipate

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


NOTES = [
    Passage(f"n{n}", f"Parking note {n} of the garage, line {n}.", "notes.md", f"Note {n}")
    for n in range(220)
]


@dataclass
class Call:
    """A call's foresight on the clinic's flow, with its own pages and 220 more, so that they are not loaded whole."""

    foresight: Foresight
    state: GoalState
    told: list[Lookup] = field(default_factory=list)

    async def hears(self, said: str) -> None:
        words = said.split()
        for count in range(1, len(words) + 1):
            hypothesis = Hypothesis(" ".join(words[:count]), 0.9, Source.OPEN)
            self.foresight.heard(CallerPartial((hypothesis,), 0.0, count / 3))
            await asyncio.sleep(0.03)

    async def ends(self, said: str) -> Sequence[str]:
        self.foresight.turn_ended()
        utterance = Utterance((Reading(said, 0.9),), 0.0, 3.0)
        thought, _ = await self.foresight.thought_for(self.state, utterance)
        self.foresight.turn_over(())
        return [passage.title for passage in thought.passages]


@asynccontextmanager
async def calling(more: Sequence[Passage] = NOTES) -> AsyncIterator[Call]:
    loaded = open_flow("medical_intake")
    knowledge = await EdgeKnowledge.open(budget_s=5.0)
    try:
        await learn(knowledge, "default", loaded)
        await knowledge.put("default", "medical_intake+", more)
        told: list[Lookup] = []
        recall = recall_of(knowledge, "default", loaded, told.append)
        recall._budget_s = 5.0
        state, _ = machine.advance(loaded.flow, machine.start(loaded.flow, "one"), CallStarted())
        ports = Ports(loaded.flow, ParserUnderstander(), recall, ahead=recall)
        foresight = Foresight(ports, lambda: state)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(foresight.run)
            await asyncio.sleep(0.01)
            foresight.moved(state, anticipate(loaded.flow, state).judge)
            await asyncio.sleep(0.2)
            yield Call(foresight, state, told)
            tasks.cancel_scope.cancel()
    finally:
        await knowledge.aclose()


async def test_a_question_is_looked_up_while_it_is_asked_and_answered_from_what_is_in_hand() -> None:
    async with calling() as call:
        said = "how much does a first visit cost without insurance"
        await call.hears(said)
        ahead = [look for look in call.told if look.speculative and not look.from_cache]
        assert ahead and ahead[0].query != said and said.startswith(ahead[0].query)
        titles = await call.ends(said)
        assert titles[0] == "Appointments and costs: What a first visit costs"
        assert all(look.from_cache for look in call.told if not look.speculative)


async def test_an_answer_to_what_was_asked_is_not_looked_up() -> None:
    async with calling() as call:
        await call.hears("yes that is right")
        await call.ends("yes that is right")
        assert call.told == []


async def test_what_is_typed_is_not_what_was_thought_of_the_same_words_when_they_were_heard() -> None:
    async with calling() as call:
        for channel, ahead in ((Channel.SPEECH, True), (Channel.TEXT, False)):
            await call.hears("ann lee")
            await asyncio.sleep(0.5)
            typed = Utterance((Reading("ann lee", 0.9),), 0.0, 3.0, channel)
            assert (await call.foresight.thought_for(call.state, typed))[1] is ahead


async def test_few_pages_are_loaded_for_the_step_and_need_no_lookup() -> None:
    async with calling(more=()) as call:
        said = "where can i park my car at the clinic"
        await call.hears(said)
        assert [look for look in call.told if not look.from_cache] == []
        assert (await call.ends(said))[0] == "Visiting us: Parking"


async def test_the_next_turn_is_answered_with_nothing_of_the_last() -> None:
    async with calling() as call:
        await call.hears("how much does a first visit cost")
        await call.ends("how much does a first visit cost")
        said = "can i cancel my appointment on short notice"
        await call.hears(said)
        assert (await call.ends(said))[0] == "Appointments and costs: Cancelling an appointment"
