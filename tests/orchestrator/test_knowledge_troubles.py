"""A call whose knowledge is away, slow, empty or too long: it goes on, and its trace says what was left out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio
import pytest

from duplex_frontend.types import Capabilities
from flows.loader import LoadedFlow, open_flow
from memory.edge import EdgeKnowledge
from memory.errors import StoreLost
from memory.ports import KnowledgeStore
from memory.sqlite import SqliteSessions
from memory.types import Candidate, Passage, Query, SessionKey
from orchestrator.equipment import missing_from
from orchestrator.knowledge import learn, recall_of
from orchestrator.recording import LookedUp, Trouble, Whispered
from orchestrator.saver import Saver
from orchestrator.session import Session
from orchestrator.story import Story
from orchestrator.telling import Teller
from reasoner.ports import Ports
from reasoner.types import Waiting
from reasoner.understand import ParserUnderstander
from tests.orchestrator.double_of_a_duplex_call import DoubleOfADuplexCall

pytestmark = pytest.mark.anyio

UNKNOWN = "I do not have that information."


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Shaky:
    """The real store, away or slow when the test says so."""

    embedder = None

    def __init__(self, store: KnowledgeStore) -> None:
        self._store = store
        self.away = False
        self.takes_s = 0.0

    async def candidates(self, query: Query, limit: int) -> Sequence[Candidate]:
        await anyio.sleep(self.takes_s)
        if self.away:
            raise StoreLost("gone")
        return await self._store.candidates(query, limit)

    async def search(self, query: Query, limit: int) -> Sequence[Passage]:
        return await self._store.search(query, limit)

    async def put(self, tenant: str, scope: str, passages: Sequence[Passage]) -> int:
        return await self._store.put(tenant, scope, passages)

    async def scopes(self, tenant: str) -> dict[str, int]:
        return dict(await self._store.scopes(tenant))

    async def passages(self, tenant: str, scope: str) -> Sequence[Passage]:
        return await self._store.passages(tenant, scope)

    async def aclose(self) -> None:
        await self._store.aclose()


@dataclass
class Rig:
    session: Session
    line: DoubleOfADuplexCall
    store: Shaky

    async def say(self, text: str) -> str:
        before = len(self.line.prompts)
        self.line.hear(text)
        with anyio.fail_after(5):
            while len(self.line.prompts) == before:
                await asyncio.sleep(0.005)
        answer = self.line.said_last
        self.line.speak()
        await asyncio.sleep(0.02)
        return answer

    def told(self, part: str) -> list[Trouble]:
        return [m for m in self.session.told if isinstance(m, Trouble) and m.part == part]


@asynccontextmanager
async def calling(
    folder: Path, *, pages: bool = True, missing: dict[str, str] | None = None
) -> AsyncIterator[Rig]:
    loaded: LoadedFlow = open_flow("medical_intake")
    sessions = await SqliteSessions.open(folder / "sessions.db")
    store = Shaky(await EdgeKnowledge.open(budget_s=5.0))
    if pages:
        await learn(store, "default", loaded)
    line, teller = DoubleOfADuplexCall(), Teller(loaded.flow, Story(), missing=missing)
    recall = recall_of(store, "default", loaded, teller.looked_up)
    session = Session(
        key=SessionKey("default", "one"),
        call=line,
        rate_hz=16_000,
        ports=Ports(loaded.flow, ParserUnderstander(), recall),  # nothing is loaded ahead
        saver=Saver(sessions, lambda what, recovered: teller.trouble("memory", what, recovered=recovered)),
        teller=teller,
    )
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(session.run)
            await asyncio.sleep(0.05)
            line.speak()
            yield Rig(session, line, store)
            await session.hang_up()
    finally:
        await sessions.aclose()
        await store.aclose()


async def test_a_store_that_is_away_costs_the_answer_and_nothing_else(tmp_path: Path) -> None:
    async with calling(tmp_path) as rig:
        rig.store.away = True
        answer = await rig.say("where can i park")
        assert UNKNOWN in answer and "first and last name" in answer
        assert rig.session.state.pending.waiting is Waiting.ANSWER
        await rig.say("what are your opening hours")
        [trouble] = rig.told("knowledge")  # once, not for each look-up
        assert "left out" in trouble.what and not trouble.recovered
        rig.store.away = False
        assert "Mill Street" in await rig.say("where can i park")
        assert [t.recovered for t in rig.told("knowledge")] == [False, True]
        assert "Is that right?" in await rig.say("susan clark")


async def test_a_store_that_is_slow_is_not_waited_for(tmp_path: Path) -> None:
    async with calling(tmp_path) as rig:
        rig.store.takes_s = 30.0
        began = anyio.current_time()
        assert UNKNOWN in await rig.say("where can i park")
        assert anyio.current_time() - began < 2.0
        assert [t.recovered for t in rig.told("knowledge")] == [False]


async def test_a_store_with_nothing_in_it_is_no_trouble(tmp_path: Path) -> None:
    async with calling(tmp_path, pages=False) as rig:
        assert UNKNOWN in await rig.say("where can i park")
        assert rig.told("knowledge") == []
        assert any(isinstance(m, LookedUp) and m.used and not m.titles for m in rig.session.told)


async def test_a_passage_longer_than_the_budget_is_told_to_be_left_out(tmp_path: Path) -> None:
    async with calling(tmp_path) as rig:
        long = "Umbrellas are lent at the desk for a small deposit, which you get back. " * 60
        page = Passage("umbrellas.md#umbrellas", long, "umbrellas.md", "Umbrellas", section="Umbrellas")
        await rig.store.put("default", "medical_intake+", [page])
        assert "Umbrellas are lent" in await rig.say("can i get an umbrella")
        newest = [m for m in rig.session.told if isinstance(m, Whispered)][-1]
        assert any(left.startswith("passage:umbrellas.md#umbrellas") for left in newest.left_out)
        assert len(newest.text) < 2000


async def test_a_model_without_its_tokenizer_is_told_at_the_beginning_of_the_trace(tmp_path: Path) -> None:
    phrasing = Capabilities(24_000, phrases_itself=True, says_exactly=True, takes_grammar=False)
    reading = Capabilities(16_000, phrases_itself=False, says_exactly=True, takes_grammar=True)
    assert missing_from(reading) == {}
    async with calling(tmp_path, missing=missing_from(phrasing)) as rig:
        assert "guess" in rig.told("tokenizer")[0].what
        assert rig.session.told[0].type == "opened"
        assert "Is that right?" in await rig.say("susan clark")
