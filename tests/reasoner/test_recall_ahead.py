"""Looked up while the caller speaks: what is kept, used again and thrown away, and who may hear it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import anyio
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from memory.edge import EdgeKnowledge
from memory.errors import StoreLost
from memory.types import Candidate, Passage, Query
from reasoner.hand import Hand, Remembered, Wanted
from reasoner.lookahead import Pace
from reasoner.recall import Lookup, Recall
from reasoner.terms import terms

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def passage(name: str, text: str, access: str = "") -> Passage:
    return Passage(name, text, f"{name}.md", name.capitalize(), access=access)


CARDS = [
    passage("gold", "The gold card costs twelve dollars a year."),
    passage("silver", "The silver card is free of charge."),
    passage("abroad", "Abroad each withdrawal costs two percent."),
]
LOANS = [
    passage("loan", "A gold loan runs for ten years."),
    passage("rate", "The loan rate is five percent."),
]
MINE = passage("mine", "Your gold card bill of October is late.", access="caller ann")
MANY = [passage(f"note{n}", f"A note on shelf number {n} about gold and silver cards.") for n in range(250)]


class Counted:
    """The real store, with what it was asked, and slower where wanted."""

    def __init__(self, store: EdgeKnowledge) -> None:
        self.store = store
        self.asked: list[Query] = []
        self.takes_s = 0.0
        self.loses = False

    @property
    def embedder(self) -> None:
        return None

    async def candidates(self, query: Query, limit: int) -> Sequence[Candidate]:
        self.asked.append(query)
        await anyio.sleep(self.takes_s)
        if self.loses:
            raise StoreLost("gone")
        return await self.store.candidates(query, limit)

    async def search(self, query: Query, limit: int) -> Sequence[Passage]:
        return await self.store.search(query, limit)

    async def put(self, tenant: str, scope: str, passages: Sequence[Passage]) -> int:
        return await self.store.put(tenant, scope, passages)

    async def scopes(self, tenant: str) -> dict[str, int]:
        return dict(await self.store.scopes(tenant))

    async def passages(self, tenant: str, scope: str) -> Sequence[Passage]:
        return await self.store.passages(tenant, scope)

    async def aclose(self) -> None:
        await self.store.aclose()


@asynccontextmanager
async def shelves() -> AsyncIterator[Counted]:
    store = Counted(await EdgeKnowledge.open(budget_s=5.0))
    try:
        await store.put("bank", "cards", [*CARDS, MINE])
        await store.put("bank", "loans", LOANS)
        await store.put("bank", "many", MANY)
        yield store
    finally:
        await store.aclose()


def recall(store: Counted, *, access: tuple[str, ...] = (), shared: Remembered | None = None) -> Recall:
    pages = {"cards": "cards", "loans": "loans", "many": "many"}
    return Recall(
        store, "bank", ("cards",), language="en", pages=pages, budget_s=5.0, access=access, shared=shared
    )


async def hear(ask: Recall, said: str, within: tuple[str, ...] = ()) -> None:
    words = said.split()
    for count in range(1, len(words) + 1):
        if question := ask.heard(" ".join(words[:count]), within):
            await ask.fetch(question, within)


def ids(found: Sequence[Passage]) -> list[str]:
    return [each.id for each in found]


async def test_what_was_fetched_early_is_put_in_order_for_the_last_words_without_asking_again() -> None:
    async with shelves() as store:
        ask = recall(store)
        await hear(ask, "what does a card cost")
        asked = len(store.asked)
        found = await ask("what does a card cost abroad", speculative=False)
        assert ids(found)[:2] == ["abroad", "gold"]
        assert len(store.asked) == asked == 1


async def test_a_turn_that_means_something_else_is_looked_up_anew_and_nothing_old_is_given() -> None:
    async with shelves() as store:
        ask = recall(store)
        await hear(ask, "what does the silver card")
        found = await ask("which percent is withdrawn by withdrawal machines", speculative=False)
        assert "silver" not in ids(found)
        assert [query.text for query in store.asked][-1].startswith("which percent")


async def test_a_lookup_that_comes_back_after_its_turn_is_not_given_in_the_next() -> None:
    async with shelves() as store, anyio.create_task_group() as tasks:
        ask, store.takes_s = recall(store), 0.05
        tasks.start_soon(ask.fetch, "gold card cost")
        await anyio.sleep(0.01)
        ask.turn_over()
        await anyio.sleep(0.1)
        assert ask.heard("uh") == ""
        store.takes_s = 0.0
        assert ids(await ask("withdrawal percent", speculative=False)) == ["abroad"]
        assert len(store.asked) == 2


async def test_words_taken_back_take_what_they_brought_with_them() -> None:
    hand, gold = Hand("en"), frozenset(terms("gold card cost", "en"))
    hand.add(gold, [Candidate(CARDS[0], {})])
    hand.revise(frozenset(terms("silver loan rate", "en")))
    assert hand.candidates == [] and not hand.serves(gold)


async def test_no_lookup_leaves_the_scope_of_the_step() -> None:
    async with shelves() as store:
        ask = recall(store)
        await hear(ask, "what does a gold loan rate cost me each year", ("loans",))
        found = await ask(
            "what does a gold loan rate cost me each year", speculative=False, within=("loans",)
        )
        assert {query.scope for query in store.asked} == {("loans",)}
        assert set(ids(found)) <= {"loan", "rate"} and found


async def test_what_was_fetched_for_one_scope_is_not_given_in_another() -> None:
    async with shelves() as store:
        ask = recall(store)
        await hear(ask, "what does the gold loan cost", ("loans",))
        found = await ask("what does the gold loan cost", speculative=False, within=("cards",))
        assert "loan" not in ids(found)


async def test_a_private_passage_is_told_its_caller_and_never_another_who_asks_the_same() -> None:
    async with shelves() as store:
        shared = Remembered()
        hers, his = recall(store, access=("caller ann",), shared=shared), recall(store, shared=shared)
        question = "is my gold card bill of october late"
        assert ids(await hers(question, speculative=False))[0] == "mine"
        assert "mine" not in ids(await his(question, speculative=False))
        assert len(store.asked) == 2  # the second was not answered from the first
        for ask in (hers, his):
            await ask.load("gold", ("cards",))
        assert "mine" not in ids(await his(question, speculative=False))


async def test_what_is_looked_up_for_a_caller_who_is_recognised_in_mid_call_is_told_nobody_else() -> None:
    async with shelves() as store:
        shared = Remembered()
        hers, his = recall(store, shared=shared), recall(store, shared=shared)
        question = "is my gold card bill of october late"
        assert "mine" not in ids(await hers(question, speculative=False))
        hers.admit(("caller ann",))
        assert ids(await hers(question, speculative=False))[0] == "mine"  # not what was found before
        assert "mine" not in ids(await his(question, speculative=False))
        await hers("is the bill of my gold card late", speculative=False)
        assert "mine" not in ids(await his("is the bill of my gold card late", speculative=False))


async def test_what_everybody_may_hear_is_looked_up_once_for_all_calls_until_the_pages_change() -> None:
    async with shelves() as store:
        shared = Remembered()
        question = "what does the gold card cost"
        for _ in range(3):
            await recall(store, shared=shared)(question, speculative=False)
        assert len(store.asked) == 1
        shared.forget("bank", "cards")
        await recall(store, shared=shared)(question, speculative=False)
        assert len(store.asked) == 2


async def test_what_is_remembered_grows_old_and_is_bounded() -> None:
    now = [0.0]
    kept = Remembered(2, good_for_s=10.0, clock=lambda: now[0])
    wanted = [Wanted("bank", frozenset({name}), ("cards",)) for name in "abc"]
    for each in wanted:
        kept.keep(each, ())
    assert [kept.get(each) for each in wanted] == [None, (), ()]
    now[0] = 11.0
    assert kept.get(wanted[2]) is None


async def test_few_pages_are_loaded_whole_before_anybody_asks() -> None:
    async with shelves() as store:
        ask = recall(store)
        await ask.load("cards", ("cards",))
        assert len(store.asked) == 1
        await hear(ask, "what does the gold card cost", ("cards",))
        assert (
            ids(await ask("what does the gold card cost", speculative=False, within=("cards",)))[0] == "gold"
        )
        assert len(store.asked) == 1


async def test_of_many_pages_those_about_the_step_are_loaded_and_questions_are_still_looked_up() -> None:
    async with shelves() as store:
        ask = recall(store)
        await ask.load("silver cards", ("many",))
        await ask.load("silver cards", ("many",))
        assert [query.text for query in store.asked] == ["", "silver cards"]
        await ask("what is on shelf 140", speculative=False, within=("many",))
        assert len(store.asked) == 3


async def test_a_store_that_is_lost_while_the_caller_speaks_is_asked_when_it_counts() -> None:
    async with shelves() as store:
        told: list[Lookup] = []
        ask, store.loses = recall(store), True
        ask.on_lookup = told.append
        await hear(ask, "what does the gold card")
        store.loses = False
        assert ids(await ask("what does the gold card cost", speculative=False))[0] == "gold"
        assert [look.lost for look in told] == [True, False]


SAID = st.lists(
    st.sampled_from("what does the gold silver card loan cost abroad rate bill october percent".split()),
    max_size=14,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(SAID, st.sampled_from(["cards", "loans"])), min_size=1, max_size=4))
def test_whatever_is_said_turn_by_turn_only_the_scope_is_told_of_and_work_is_bounded(
    turns: list[tuple[list[str], str]],
) -> None:
    async def call() -> None:
        async with shelves() as store:
            ask = recall(store)
            for said, scope in turns:
                before, words = len(store.asked), " ".join(said)
                await hear(ask, words, (scope,))
                found = await ask(words, speculative=False, within=(scope,))
                there = {each.id for each in (CARDS if scope == "cards" else LOANS)}
                assert set(ids(found)) <= there
                wanted = set(terms(words, "en"))
                assert all(wanted & set(terms(f"{p.source} {p.title} {p.text}", "en")) for p in found)
                assert len(store.asked) - before <= Pace().most + 1

    anyio.run(call)


class Failing:
    """An embedder whose model is gone."""

    name, dim = "failing", 4

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        raise StoreLost("no model")


async def test_without_embeddings_of_the_question_words_have_to_do() -> None:
    async with shelves() as store:

        class WithModel(Counted):
            @property
            def embedder(self) -> Failing:  # type: ignore[override]
                return Failing()

        ask = recall(WithModel(store.store))
        assert ids(await ask("what does the gold card cost", speculative=False))[0] == "gold"
