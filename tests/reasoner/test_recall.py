"""Knowledge for a question: found once, used again, and only read out when it is about what was asked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import anyio
import pytest

from flows.loader import open_flow
from memory.edge import EdgeKnowledge
from memory.edge_terms import Terms
from memory.errors import StoreLost
from memory.pages import read_pages
from memory.types import Candidate, Passage, Query
from reasoner.recall import Lookup, Recall
from reasoner.relevance import relevant
from reasoner.terms import terms

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@asynccontextmanager
async def clinic() -> AsyncIterator[EdgeKnowledge]:
    """The clinic's own pages in the real index."""
    folder = open_flow("medical_intake").knowledge_dir
    assert folder is not None
    knowledge = await EdgeKnowledge.open()
    try:
        await knowledge.put("default", "medical_intake", read_pages(folder))
        yield knowledge
    finally:
        await knowledge.aclose()


class Slow:
    """A store that takes its time, and says how often it was asked."""

    embedder = None

    def __init__(self, takes_s: float = 0.0, loses: bool = False) -> None:
        self.takes_s, self.loses = takes_s, loses
        self.asked: list[str] = []

    async def candidates(self, query: Query, limit: int) -> Sequence[Candidate]:
        self.asked.append(query.text)
        await anyio.sleep(self.takes_s)
        if self.loses:
            raise StoreLost("gone")
        found = Passage("p", "Parking is free.", "p.md", "Parking", 1.0)
        return [Candidate(found, Terms("en").words_of(found))]

    async def search(self, query: Query, limit: int) -> Sequence[Passage]:
        return [candidate.passage for candidate in await self.candidates(query, limit)]

    async def scopes(self, tenant: str) -> Mapping[str, int]:
        return {}

    async def passages(self, tenant: str, scope: str) -> Sequence[Passage]:
        return []

    async def put(self, tenant: str, scope: str, passages: Sequence[Passage]) -> int:
        return 0

    async def aclose(self) -> None:
        return None


def recall(
    store: EdgeKnowledge | Slow, told: list[Lookup], budget_s: float = 5.0, called: str = ""
) -> Recall:
    return Recall(
        store,
        "default",
        ("medical_intake",),
        language="en-US",
        on_lookup=told.append,
        budget_s=budget_s,
        called=called,
    )


ANSWERED = {
    "where can i park my car": "Parking",
    "how much does a first visit cost": "What a first visit costs",
    "what are your opening hours": "Opening hours",
    "are you open on sundays": "Opening hours",
    "what should i bring": "What to bring",
    "can i cancel my appointment": "Cancelling an appointment",
    "when do i get my test results": "Test results",
    "can i bring my kids": "Children",
    "do you do video visits": "Telephone and video visits",
    "do you sell my data": "How we use your data",
    "what is your address": "Address",
    "how do i get there": "Getting here by bus",
    "is there an elevator": "Wheelchair access",
    "how much does of first visit cost": "What a first visit costs",  # as a recogniser hears it
    "is the parking free for patience": "Parking",
}
NOT_ANSWERED = (
    "what is the weather like",
    "who won the game",
    "can i bring my dog",
    "are you a robot",
    "is there a pharmacy nearby",
    "how old are you",
    "what is the capital of france",
    "do you sell phones",
    "how long is the wait",
    "",
    "?!",
)


async def test_the_clinics_pages_answer_what_callers_ask_of_them() -> None:
    async with clinic() as knowledge:
        ask = recall(knowledge, [])
        best = {question: (await ask(question, speculative=False))[:1] for question in ANSWERED}
    assert {q: [p.title.split(": ")[-1] for p in found] for q, found in best.items()} == {
        question: [title] for question, title in ANSWERED.items()
    }


async def test_what_the_pages_do_not_answer_gets_no_answer() -> None:
    async with clinic() as knowledge:
        ask = recall(knowledge, [])
        found = {question: await ask(question, speculative=False) for question in NOT_ANSWERED}
    assert found == dict.fromkeys(NOT_ANSWERED, ())


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("where can i park my car at the clinic", "Parking"),
        ("where can i park my big red car", "Parking"),
        ("when does the clinic open", "Opening hours"),
        ("is there wheelchair access at the clinic for my mother", "Wheelchair access"),
        ("which address do i give the driver of my taxi", "Address"),
    ],
)
async def test_words_beside_the_subject_do_not_hide_the_page(question: str, title: str) -> None:
    async with clinic() as knowledge:
        ask = recall(knowledge, [], called="Riverside Family Clinic family clinic")
        found = await ask(question, speculative=False)
    assert [passage.section for passage in found][:1] == [title]


@pytest.mark.parametrize(
    "question",
    [
        "does the clinic have a pharmacy",
        "is there a swimming pool at your clinic",
        "can i bring my dog to the clinic",
        "how many doctors work at the family clinic",
    ],
)
async def test_the_name_of_whom_was_rung_is_no_subject(question: str) -> None:
    async with clinic() as knowledge:
        ask = recall(knowledge, [], called="Riverside Family Clinic family clinic")
        assert await ask(question, speculative=False) == ()


async def test_a_lookup_made_ahead_is_used_when_the_final_words_mean_the_same() -> None:
    told: list[Lookup] = []
    async with clinic() as knowledge:
        ask = recall(knowledge, told)
        early = await ask("how much does a first visit", speculative=True)
        earlier = await ask("how much does a first visit cost", speculative=True)
        final = await ask("um how much does the first visit cost please", speculative=False)
    assert [passage.id for passage in final] == [passage.id for passage in earlier] and early
    assert [(look.speculative, look.from_cache) for look in told] == [
        (True, False),
        (True, True),
        (False, True),
    ]
    assert told[2].titles[0] == "Appointments and costs: What a first visit costs"


async def test_two_lookups_for_the_same_words_at_once_ask_the_store_once() -> None:
    store, told = Slow(0.02), list[Lookup]()
    ask = recall(store, told)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(lambda: ask("where is parking", speculative=True))
        tasks.start_soon(lambda: ask("the parking", speculative=False))
    assert store.asked == ["where is parking"]
    assert sorted(look.from_cache for look in told) == [False, True]
    assert [look.titles for look in told] == [("Parking",)] * 2


async def test_a_lookup_that_is_called_off_leaves_the_next_one_to_ask() -> None:
    store = Slow(0.02)
    ask = recall(store, [])
    with anyio.move_on_after(0.001):
        await ask("parking", speculative=True)
    assert len(await ask("parking", speculative=False)) == 1
    assert len(store.asked) == 2


async def test_a_store_that_is_too_slow_costs_no_more_than_the_budget() -> None:
    told: list[Lookup] = []
    found = await recall(Slow(30), told, budget_s=0.02)("parking", speculative=False)
    assert found == ()
    assert told[0].lost and told[0].took_ms < 1000


async def test_a_store_that_is_lost_is_asked_again_the_next_time() -> None:
    told: list[Lookup] = []
    store = Slow(loses=True)
    ask = recall(store, told)
    assert await ask("parking", speculative=False) == ()
    store.loses = False
    assert len(await ask("parking", speculative=False)) == 1
    assert [look.lost for look in told] == [True, False]


async def test_words_that_say_nothing_are_not_looked_up() -> None:
    store = Slow()
    assert await recall(store, [])("and how is it with you", speculative=False) == ()
    assert store.asked == []


async def test_what_is_remembered_is_bounded() -> None:
    store = Slow()
    ask = recall(store, [])
    for n in range(100):
        await ask(f"parking{n}", speculative=True)
    await ask("parking99", speculative=False)
    assert len(store.asked) == 100
    await ask("parking0", speculative=False)
    assert len(store.asked) == 101


def test_a_passage_that_shares_one_word_of_many_is_not_about_the_question() -> None:
    parking = Passage("p", "Parking is free.", "p.md", "Parking")
    asked = "does the parking garage lend umbrellas after midnight"
    assert relevant(frozenset(terms(asked, "en")), [parking], "en") == []
    assert relevant(frozenset(terms("is parking free", "en")), [parking], "en") == [parking]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("parking", "parked"),
        ("costs", "cost"),
        ("Children's", "children"),
        ("cancelling", "cancelled"),
        ("visits", "visit"),
    ],
)
def test_forms_of_a_word_are_one_term(one: str, other: str) -> None:
    assert terms(one, "en") == terms(other, "en") != ()


def test_in_a_language_that_is_not_known_every_word_counts() -> None:
    assert terms("Wo ist der Parkplatz?", "de-DE") == ("wo", "ist", "der", "parkplatz")
