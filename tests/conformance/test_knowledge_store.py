"""What every KnowledgeStore promises. An adapter joins by a place in PLACES."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import anyio
import numpy as np
import pytest
from numpy.typing import NDArray
from qdrant_client import AsyncQdrantClient

from memory.edge import EdgeKnowledge
from memory.edge_terms import Terms
from memory.errors import MemoryFailure, StoreLost
from memory.ports import Embedder, KnowledgeStore
from memory.qdrant import QdrantKnowledge
from memory.qdrant_server import connect
from memory.ranking import rank
from memory.types import Passage, Query
from tests.memory.double_of_a_qdrant_server import serving

pytestmark = pytest.mark.anyio


class Place(Protocol):
    """Where an adapter keeps its passages."""

    def __init__(self, folder: Path) -> None: ...

    async def open(self, budget_s: float = 5.0, embedder: Embedder | None = None) -> KnowledgeStore:
        """The one client of the place. What the last one put is there again after it was closed."""
        ...

    def close(self) -> None: ...


class EdgePlace:
    def __init__(self, folder: Path) -> None:
        self._folder = folder / "knowledge"

    async def open(self, budget_s: float = 5.0, embedder: Embedder | None = None) -> KnowledgeStore:
        return await EdgeKnowledge.open(self._folder, budget_s=budget_s, embedder=embedder)

    def close(self) -> None:
        pass


class QdrantInProcess:
    """qdrant-client's own local mode: its Python stand-in for a server, kept in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "qdrant"

    async def open(self, budget_s: float = 5.0, embedder: Embedder | None = None) -> KnowledgeStore:
        client = AsyncQdrantClient(path=str(self._folder))
        return await QdrantKnowledge.open(client, budget_s=budget_s, embedder=embedder)

    def close(self) -> None:
        pass


class QdrantOverHttp:
    """Qdrant's protocol over HTTP, in front of that local mode: see the double. No real server was to be had."""

    def __init__(self, folder: Path) -> None:
        self._stack = ExitStack()
        self._server = self._stack.enter_context(serving(folder / "server"))

    async def open(self, budget_s: float = 30.0, embedder: Embedder | None = None) -> KnowledgeStore:
        client = connect(self._server.address)  # the local mode behind it takes its time
        return await QdrantKnowledge.open(client, budget_s=budget_s, embedder=embedder)

    def close(self) -> None:
        self._stack.close()


class Concepts:
    """A double of an embedding model, for no weights are here: a dimension for each thing that it knows words of."""

    name = "concepts"
    words = (("park", "car", "vehicle"), ("hour", "open", "monday"), ("bus", "tram", "stop"))
    dim = 4

    def __init__(self) -> None:
        self.embedded: list[str] = []

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.embedded += texts
        rows = [[any(word in text.lower() for word in known) for known in self.words] for text in texts]
        vectors = np.array([[*row, 0.1] for row in rows], np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


PLACES: dict[str, type[Place]] = {
    "edge": EdgePlace,
    "qdrant in process": QdrantInProcess,
    "qdrant over http": QdrantOverHttp,
}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    opened = PLACES[request.param](tmp_path)
    yield opened
    opened.close()


@pytest.fixture
async def store(place: Place) -> AsyncIterator[KnowledgeStore]:
    opened = await place.open()
    yield opened
    await opened.aclose()


def passage(name: str, text: str, title: str = "Visiting us") -> Passage:
    return Passage(id=f"visiting.md#{name}", text=text, source="visiting.md", title=title)


PARKING = passage("parking", "Parking is free in the garage on Mill Street.", "Visiting us: Parking")
HOURS = passage("hours", "We are open Monday to Friday from eight to six.", "Visiting us: Opening hours")
BUS = passage("bus", "Bus line twelve stops right in front of the clinic.", "Visiting us: Getting here")
PAGES = (PARKING, HOURS, BUS)


def asked(text: str, *scope: str, tenant: str = "default") -> Query:
    return Query(text, tenant=tenant, scope=scope)


async def found(store: KnowledgeStore, query: Query, limit: int = 3) -> list[str]:
    return [hit.id.split("#")[1] for hit in await store.search(query, limit)]


async def test_finds_what_answers_best_first_and_whole(store: KnowledgeStore) -> None:
    await store.put("default", "clinic", PAGES)
    hits = await store.search(asked("where can i park"), 3)
    assert replace(hits[0], score=0.0) == PARKING
    assert hits[0].score > 0
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


async def test_finds_other_forms_of_a_word(store: KnowledgeStore) -> None:
    await store.put("default", "clinic", PAGES)
    assert (await found(store, asked("do the buses stop here")))[0] == "bus"


async def test_finds_by_title_where_the_text_has_other_words(store: KnowledgeStore) -> None:
    await store.put("default", "clinic", PAGES)
    assert (await found(store, asked("what are your hours")))[0] == "hours"


async def test_finds_nothing_for_words_that_are_nowhere_and_for_no_words(store: KnowledgeStore) -> None:
    await store.put("default", "clinic", PAGES)
    for text in ("zygote", "", "   ", "the of and", "?!"):
        assert await found(store, asked(text)) == []


async def test_an_empty_store_finds_nothing(store: KnowledgeStore) -> None:
    assert await found(store, asked("where can i park")) == []


async def test_gives_no_more_than_was_wanted(store: KnowledgeStore) -> None:
    await store.put("default", "clinic", [passage(f"p{n}", f"Parking place number {n}.") for n in range(60)])
    assert len(await store.search(asked("parking"), 50)) == 50
    assert len(await store.search(asked("parking"), 1)) == 1


@pytest.mark.parametrize("limit", [0, -1, 51])
async def test_refuses_a_senseless_limit(store: KnowledgeStore, limit: int) -> None:
    with pytest.raises(ValueError, match="limit"):
        await store.search(asked("parking"), limit)


async def test_no_tenant_finds_the_passages_of_another(store: KnowledgeStore) -> None:
    await store.put("bank", "pages", [PARKING])
    await store.put("clinic", "pages", [HOURS])
    assert await found(store, asked("parking hours", tenant="bank")) == ["parking"]
    assert await found(store, asked("parking hours", tenant="clinic")) == ["hours"]
    assert await found(store, asked("parking hours", "pages", tenant="nobody")) == []
    await store.put("bank", "pages", [])
    assert await found(store, asked("parking hours", tenant="clinic")) == ["hours"]


async def test_what_others_store_changes_no_score(store: KnowledgeStore) -> None:
    await store.put("default", "clinic", PAGES)
    alone = await store.search(asked("where can i park", "clinic"), 3)
    many = [passage(f"p{n}", f"Parking in garage {n} of the bank.") for n in range(30)]
    await store.put("bank", "clinic", many)
    await store.put("default", "elsewhere", many)
    beside = await store.search(asked("where can i park", "clinic"), 3)
    assert [hit.id for hit in beside] == [hit.id for hit in alone]
    assert [hit.score for hit in beside] == pytest.approx([hit.score for hit in alone])


async def test_stays_within_the_scopes_asked_for(store: KnowledgeStore) -> None:
    await store.put("default", "one", [PARKING])
    await store.put("default", "two", [replace(PARKING, id="b#two")])
    await store.put("default", "three", [replace(PARKING, id="c#three")])
    assert await found(store, asked("parking", "two")) == ["two"]
    assert set(await found(store, asked("parking", "one", "two"))) == {"parking", "two"}
    assert len(await found(store, asked("parking"))) == 3
    assert await found(store, asked("parking", "four")) == []


async def test_the_same_id_in_two_scopes_is_two_passages(store: KnowledgeStore) -> None:
    await store.put("default", "one", [PARKING])
    await store.put("default", "two", [replace(PARKING, text="Parking costs two dollars.")])
    assert [hit.text for hit in await store.search(asked("parking", "one"), 3)] == [PARKING.text]


async def test_putting_the_same_again_changes_nothing(store: KnowledgeStore) -> None:
    assert await store.put("default", "clinic", PAGES) == 3
    assert await store.put("default", "clinic", PAGES[::-1]) == 0
    [hit] = await store.search(asked("parking"), 3)
    assert await store.put("default", "clinic", [hit, HOURS, BUS]) == 0  # a score is no difference


async def test_a_scope_is_written_as_a_whole(store: KnowledgeStore) -> None:
    await store.put("default", "clinic", PAGES)
    closed = replace(HOURS, text="We are closed for renovation.")
    lift = passage("lift", "There is a lift to every floor.")
    assert await store.put("default", "clinic", [PARKING, closed, lift]) == 3
    assert await found(store, asked("where is the bus")) == []
    assert await found(store, asked("monday friday")) == []
    assert await found(store, asked("renovation")) == ["hours"]
    assert await found(store, asked("lift floor")) == ["lift"]
    assert await store.put("default", "clinic", []) == 3
    assert await found(store, asked("parking")) == []


async def test_a_changed_title_is_a_change(store: KnowledgeStore) -> None:
    await store.put("default", "clinic", PAGES)
    assert await store.put("default", "clinic", [replace(PARKING, title="Leaving your car"), HOURS, BUS]) == 1
    assert await found(store, asked("my car")) == ["parking"]


async def test_refuses_two_passages_of_one_id(store: KnowledgeStore) -> None:
    with pytest.raises(ValueError, match="id"):
        await store.put("default", "clinic", [PARKING, replace(PARKING, text="Other.")])


async def test_what_was_put_is_there_after_opening_again(place: Place) -> None:
    first = await place.open()
    await first.put("default", "clinic", PAGES)
    await first.aclose()
    second = await place.open()
    assert (await found(second, asked("where can i park")))[0] == "parking"
    assert await second.put("default", "clinic", PAGES) == 0
    await second.aclose()


async def test_searches_go_on_while_pages_are_put(store: KnowledgeStore) -> None:
    await store.put("default", "clinic", PAGES)
    async with anyio.create_task_group() as tasks:
        for version in range(6):
            more = [passage(f"p{n}", f"Note {n} of {version}.") for n in range(100)]
            tasks.start_soon(store.put, "default", "notes", more)
        for _ in range(50):
            assert await found(store, asked("where can i park", "clinic"), 1) == ["parking"]
    assert len({hit.text[-2:] for hit in await store.search(asked("note", "notes"), 50)}) == 1


async def test_a_search_that_takes_longer_than_its_budget_is_lost(place: Place) -> None:
    first = await place.open()
    await first.put("default", "clinic", PAGES)
    await first.aclose()
    hasty = await place.open(budget_s=0.0)
    with pytest.raises(StoreLost, match="no answer within 0 s"):
        await hasty.search(asked("parking"), 3)
    await hasty.aclose()


async def test_closing_twice_is_well_and_a_closed_store_says_so(place: Place) -> None:
    store = await place.open()
    await store.aclose()
    await store.aclose()
    with pytest.raises(StoreLost, match="closed"):
        await store.search(asked("parking"), 3)


# --- by meaning ------------------------------------------------------------------------------------------------


@pytest.fixture
def concepts() -> Concepts:
    return Concepts()


@pytest.fixture
async def dense(place: Place, concepts: Concepts) -> AsyncIterator[KnowledgeStore]:
    opened = await place.open(embedder=concepts)
    await opened.put("default", "clinic", PAGES)
    yield opened
    await opened.aclose()


async def meant(text: str, *scope: str, access: tuple[str, ...] = ()) -> Query:
    return Query(text, scope=scope, embedding=(await Concepts().embed([text]))[0], access=access)


async def test_finds_by_meaning_what_shares_no_word(dense: KnowledgeStore) -> None:
    assert await found(dense, asked("my vehicle")) == []
    assert (await found(dense, await meant("my vehicle")))[0] == "parking"


async def test_fused_search_heeds_words_and_meaning(dense: KnowledgeStore) -> None:
    garage = passage("garage", "The garage on Mill Street is open all night.", "Visiting us: Garage")
    await dense.put("default", "clinic", [*PAGES, garage])
    assert (await found(dense, await meant("the mill street car garage")))[0] == "parking"
    assert (await found(dense, await meant("street garage night open")))[0] == "garage"
    hits = await dense.search(await meant("the mill street car garage"), 3)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


async def test_meaning_stays_within_tenant_and_scope(dense: KnowledgeStore) -> None:
    await dense.put("bank", "clinic", [replace(PARKING, id="b#bank")])
    await dense.put("default", "other", [replace(PARKING, id="b#other")])
    assert "bank" not in await found(dense, await meant("my vehicle"))
    assert await found(dense, await meant("my vehicle", "other")) == ["other"]


async def test_only_what_changed_is_embedded_again(dense: KnowledgeStore, concepts: Concepts) -> None:
    assert len(concepts.embedded) == 3
    closed = replace(HOURS, text="We are closed.")
    assert await dense.put("default", "clinic", [PARKING, closed, BUS]) == 1
    assert len(concepts.embedded) == 4 and "We are closed." in concepts.embedded[-1]


async def test_an_embedding_of_another_size_is_refused_with_the_model_named(dense: KnowledgeStore) -> None:
    with pytest.raises(MemoryFailure, match=r"\(3,\), this index's are \(4,\) by concepts"):
        await dense.search(Query("parking", embedding=np.ones(3, np.float32)), 3)


async def test_an_index_of_another_model_is_refused(place: Place) -> None:
    await (await place.open(embedder=Concepts())).aclose()
    with pytest.raises(MemoryFailure, match="with concepts, not with no embeddings"):
        await place.open()


# --- candidates, access, what there is ---------------------------------------------------------------------------


async def test_candidates_can_be_put_in_order_for_other_words(dense: KnowledgeStore) -> None:
    candidates = await dense.candidates(await meant("where is the bus"), 50)
    later = await meant("where can i park")
    best = rank(Terms("en").asked_for(later.text), later.embedding, candidates)
    assert best[0].id == PARKING.id
    direct = await dense.search(later, 3)
    # Two of them are as good as each other, and which of those comes first is nobody's promise.
    assert {hit.id: hit.score for hit in best} == pytest.approx({hit.id: hit.score for hit in direct})
    assert direct[0].id == PARKING.id


async def test_candidates_without_a_question_are_all_that_may_be_seen(store: KnowledgeStore) -> None:
    await store.put("default", "clinic", [*PAGES, replace(BUS, id="x#secret", access="staff")])
    all_of_it = await store.candidates(asked("", "clinic"), 100)
    assert {c.passage.id for c in all_of_it} == {p.id for p in PAGES}
    assert len(await store.candidates(asked("", "clinic"), 2)) == 2
    assert all(c.words for c in all_of_it)


async def test_candidates_are_those_of_now(dense: KnowledgeStore) -> None:
    query = await meant("where can i park")
    assert PARKING.text in [c.passage.text for c in await dense.candidates(query, 10)]
    moved = replace(PARKING, text="Parking has moved to Main Street.")
    await dense.put("default", "clinic", [moved, HOURS])
    now = await dense.candidates(query, 10)
    assert {c.passage.text for c in now} == {moved.text, HOURS.text}
    assert all(c.words and c.meaning is not None for c in now)


async def test_scores_are_those_of_the_passages_that_are_there_now(store: KnowledgeStore) -> None:
    await store.put("default", "clinic", PAGES)
    await store.search(asked("where can i park", "clinic"), 3)
    many = [passage(f"p{n}", f"Bus stop {n} of line twelve.") for n in range(200)]
    await store.put("default", "clinic", [*PAGES, *many])
    after = (await store.search(asked("where can i park", "clinic"), 3))[0]
    await store.put("default", "other", [*PAGES, *many])
    assert after.score == pytest.approx((await store.search(asked("where can i park", "other"), 3))[0].score)


@pytest.mark.parametrize("limit", [0, 201])
async def test_refuses_a_senseless_number_of_candidates(store: KnowledgeStore, limit: int) -> None:
    with pytest.raises(ValueError, match="limit"):
        await store.candidates(asked("parking"), limit)


async def test_what_is_kept_from_others_is_found_by_those_who_hold_the_label_only(
    dense: KnowledgeStore,
) -> None:
    bill = passage("bill", "Parking fine of Ann Lee, open.", "Bills")
    await dense.put("default", "bills", [replace(bill, access="caller 7")])
    for query in (
        asked("parking fine"),
        await meant("parking fine"),
        await meant("vehicle", access=("caller 8",)),
    ):
        assert "bill" not in await found(dense, query, 10)
    assert "bill" in await found(dense, await meant("parking fine", access=("caller 7",)), 10)
    assert await found(dense, replace(asked("fine"), access=("caller 7", "staff"))) == ["bill"]
    assert bill.id not in [c.passage.id for c in await dense.candidates(asked("parking fine"), 10)]


async def test_says_what_there_is(store: KnowledgeStore) -> None:
    assert dict(await store.scopes("default")) == {}
    await store.put("default", "clinic", PAGES)
    await store.put("default", "bills", [replace(BUS, access="staff", section="Bus")])
    await store.put("bank", "bank", PAGES)
    assert dict(await store.scopes("default")) == {"clinic": 3, "bills": 1}
    assert list(await store.passages("default", "clinic")) == sorted(PAGES, key=lambda p: p.id)
    assert [(p.access, p.section) for p in await store.passages("default", "bills")] == [("staff", "Bus")]
    await store.put("default", "bills", [])
    assert dict(await store.scopes("default")) == {"clinic": 3}
