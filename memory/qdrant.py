"""Knowledge on a Qdrant server, shared by any number of processes; needs the extra `qdrant`.

The same points, words and order as the embedded store has. One collection holds every tenant; IDF counts only the
passages that a search may see, which Qdrant can since 1.19 (`params.idf.corpus`), so an older server is refused.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, Self, TypeVar
from uuid import UUID

import anyio
import anyio.lowlevel
from qdrant_client import AsyncQdrantClient, models
from qdrant_client.common.client_exceptions import QdrantException
from qdrant_client.http.exceptions import ApiException, UnexpectedResponse

from memory.edge_terms import Terms, base_language
from memory.errors import MemoryFailure, StoreLost
from memory.points import (
    EXACT,
    MEANING,
    MOST_SCOPES,
    SEARCHED_AMONG,
    built_otherwise,
    by_id,
    candidate_of,
    check_candidates,
    check_embedding,
    check_results,
    differences,
    meanings_of,
    passage_of,
    point_id,
    scored,
)
from memory.ports import Embedder
from memory.qdrant_points import (
    INDEXES,
    VECTORS_OF_WORDS,
    by_words,
    named,
    near,
    point,
    vectors_of_meaning,
    within,
)
from memory.qdrant_server import ANSWERS_WITHIN_S, OLDEST, told_of, version_of
from memory.ranking import rank
from memory.types import Candidate, Passage, Query

T = TypeVar("T")

COLLECTION = "souffleur"
_BUILT = UUID("3d0a54a6-0a4e-4f9c-9d3e-5e8a1f2d7c10")  # the point that says what the collection was built for
_BATCH = 128
_PAGE = 500
_OPEN_WITHIN_S = 10.0
_WRITE_WITHIN_S = float(ANSWERS_WITHIN_S)


class QdrantKnowledge:
    """A `KnowledgeStore` on a server. Open it with `QdrantKnowledge.open`; close it with `aclose`."""

    def __init__(
        self,
        client: AsyncQdrantClient,
        collection: str,
        terms: Terms,
        budget_s: float,
        embedder: Embedder | None = None,
    ) -> None:
        self._client = client
        self._collection = collection
        self._terms = terms
        self._budget_s = budget_s
        self._embedder = embedder
        self._one_put = anyio.Lock()
        self._closed = False

    @classmethod
    async def open(
        cls,
        client: AsyncQdrantClient,
        *,
        collection: str = COLLECTION,
        language: str = "en",
        budget_s: float = 0.25,
        embedder: Embedder | None = None,
    ) -> Self:
        """Use a collection, create it where there is none. The client is closed with the store, or where it fails.

        Args:
            client: of a server (`memory.qdrant_server.connect`).
            language, budget_s, embedder: see `EdgeKnowledge.open`.

        Raises:
            MemoryFailure: the server does not answer, refuses the key, is too old, or the collection was built for
                another language or embedder.
        """
        store = cls(client, collection, Terms(language), budget_s, embedder)
        meant = (base_language(language), embedder.name if embedder else "", embedder.dim if embedder else 0)
        try:
            await store._within(_OPEN_WITHIN_S, lambda: store._open(meant))
        except BaseException:
            with anyio.CancelScope(shield=True):
                await store.aclose()
            raise
        return store

    @property
    def embedder(self) -> Embedder | None:
        """See `KnowledgeStore.embedder`."""
        return self._embedder

    async def put(self, tenant: str, scope: str, passages: Sequence[Passage]) -> int:
        """See `KnowledgeStore.put`. Cut off in the middle, it is completed by the next one.

        Raises:
            ValueError: two passages have the same id.
            StoreFull: the server has no room.
            StoreLost: the server or the embedder failed.
        """
        wanted = by_id(scope, passages)
        async with self._one_put:
            stored = await self._within(_WRITE_WITHIN_S, lambda: self._all(tenant, scope))
            changed, gone = differences(wanted, {passage.id: passage for passage in stored})
            for at in range(0, len(changed), _BATCH):
                batch = changed[at : at + _BATCH]
                meanings = await meanings_of(self._embedder, batch)
                points = [
                    point(tenant, scope, passage, self._terms, meaning)
                    for passage, meaning in zip(batch, meanings, strict=True)
                ]
                await self._within(_WRITE_WITHIN_S, partial(self._write, points))
            if gone:
                ids = [str(point_id(tenant, scope, name)) for name in gone]
                await self._within(_WRITE_WITHIN_S, lambda: self._remove(ids))
        return len(changed) + len(gone)

    async def search(self, query: Query, limit: int) -> Sequence[Passage]:
        """See `KnowledgeStore.search`, and `EdgeKnowledge.search` for the scores.

        Raises:
            ValueError: `limit` is not within 1 to 50.
            MemoryFailure: the query's embedding is none of this index's.
        """
        check_results(limit)
        check_embedding(query, self._embedder)
        if query.embedding is not None:
            found = await self._within(self._budget_s, lambda: self._candidates(query, SEARCHED_AMONG))
            return rank(self._terms.asked_for(query.text), query.embedding, found, limit)
        return await self._within(self._budget_s, lambda: self._search(query, limit))

    async def candidates(self, query: Query, limit: int) -> Sequence[Candidate]:
        """See `KnowledgeStore.candidates`. Raises ValueError and MemoryFailure as `search` does."""
        check_candidates(limit)
        check_embedding(query, self._embedder)
        return await self._within(self._budget_s, lambda: self._candidates(query, limit))

    async def scopes(self, tenant: str) -> Mapping[str, int]:
        """See `KnowledgeStore.scopes`."""
        return await self._within(_WRITE_WITHIN_S, lambda: self._scopes(tenant))

    async def passages(self, tenant: str, scope: str) -> Sequence[Passage]:
        """See `KnowledgeStore.passages`."""
        found = await self._within(_WRITE_WITHIN_S, lambda: self._all(tenant, scope))
        return sorted(found, key=lambda passage: passage.id)

    async def aclose(self) -> None:
        """Leave the server. Safe to call twice."""
        if not self._closed:
            self._closed = True
            await self._client.close()

    async def _within(self, within_s: float, work: Callable[[], Awaitable[T]]) -> T:
        if self._closed:
            raise StoreLost(f"{self._collection}: this store was closed; open it again")
        try:
            with anyio.fail_after(within_s):
                await anyio.lowlevel.checkpoint()  # time that is used up already is not spent again
                return await work()
        except TimeoutError as late:
            raise StoreLost(
                f"{self._collection}: no answer within {within_s:g} s; see to the load of the Qdrant server and the"
                " way to it"
            ) from late
        except (ApiException, QdrantException) as trouble:
            raise told_of(self._collection, trouble) from trouble

    # --- what is asked of the server -----------------------------------------------------------------------------

    async def _open(self, meant: tuple[str, str, int]) -> None:
        about = await self._client.info()
        if version_of(about.version) < OLDEST:
            raise MemoryFailure(
                f"{self._collection}: the Qdrant server is version {about.version}; {OLDEST[0]}.{OLDEST[1]} is needed"
                " for word weights that keep tenants apart. Upgrade it"
            )
        if not await self._client.collection_exists(self._collection):
            await self._create(meant[2])
        found = await self._client.retrieve(self._collection, [str(_BUILT)], with_payload=True)
        built = (found[0].payload or {}) if found else {}
        if not built:
            payload = {"built": "for", "language": meant[0], "embedder": meant[1], "dim": meant[2]}
            await self._write([models.PointStruct(id=str(_BUILT), vector={}, payload=payload)])
            return
        again = (
            "choose another collection (knowledge.collection), or delete this one and add the knowledge again"
        )
        if why := built_otherwise(
            f"collection {self._collection}",
            (built["language"], built["embedder"], built["dim"]),
            meant,
            again,
        ):
            raise MemoryFailure(why)

    async def _create(self, dim: int) -> None:
        try:
            await self._client.create_collection(
                self._collection,
                vectors_config=vectors_of_meaning(dim),
                sparse_vectors_config=VECTORS_OF_WORDS,
                shard_number=1,  # IDF is reckoned shard by shard
            )
        except UnexpectedResponse as refused:
            if refused.status_code != 409:  # another process was quicker
                raise
        for key, keyword in INDEXES.items():
            await self._client.create_payload_index(self._collection, key, keyword, wait=True)

    async def _search(self, query: Query, limit: int) -> list[Passage]:
        seen = within(query.tenant, query.scope, query.access)
        request = by_words(query, self._terms, seen, limit)
        if request is None:
            return []
        among = await self._client.count(self._collection, count_filter=seen, exact=True)
        [found] = await self._client.query_batch_points(self._collection, [request])
        hits = [(hit.payload or {}, hit.score) for hit in found.points]
        return scored(hits, query.text, self._terms, among.count)

    async def _candidates(self, query: Query, limit: int) -> list[Candidate]:
        seen = within(query.tenant, query.scope, query.access)
        if query.embedding is None and not query.text:
            records, _ = await self._client.scroll(
                self._collection, scroll_filter=seen, limit=limit, with_payload=True, with_vectors=True
            )
            return [candidate_of(record.payload or {}, named(record.vector)) for record in records]
        vectors, requests = [EXACT], []
        if query.embedding is not None:
            vectors.append(MEANING)
            requests.append(near(query.embedding, seen, limit, vectors))
        if (words := by_words(query, self._terms, seen, limit, vectors)) is not None:
            requests.append(words)
        # One way there and back.
        answers = await self._client.query_batch_points(self._collection, requests) if requests else []
        found: dict[Any, Candidate] = {}
        for hit in (hit for answer in answers for hit in answer.points):
            found.setdefault(hit.id, candidate_of(hit.payload or {}, named(hit.vector)))
        return list(found.values())

    async def _scopes(self, tenant: str) -> dict[str, int]:
        seen = within(tenant, (), None)
        answer = await self._client.facet(
            self._collection, key="scope", facet_filter=seen, limit=MOST_SCOPES, exact=True
        )
        return {str(hit.value): hit.count for hit in answer.hits if hit.count}

    async def _all(self, tenant: str, scope: str) -> list[Passage]:
        return [passage async for passage in self._pages(tenant, scope)]

    async def _pages(self, tenant: str, scope: str) -> AsyncIterator[Passage]:
        offset: Any = None
        while True:
            records, offset = await self._client.scroll(
                self._collection,
                scroll_filter=within(tenant, (scope,), None),
                limit=_PAGE,
                offset=offset,
                with_payload=True,
            )
            for record in records:
                yield passage_of(record.payload or {})
            if offset is None:
                return

    async def _write(self, points: list[models.PointStruct]) -> None:
        await self._client.upsert(self._collection, points, wait=True)

    async def _remove(self, ids: list[str]) -> None:
        await self._client.delete(self._collection, models.PointIdsList(points=list(ids)), wait=True)
