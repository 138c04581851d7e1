"""Knowledge on Qdrant Edge: the Rust engine in our own process, searched by BM25 over sparse vectors.

IDF counts only the passages that a search may see, so one tenant's pages do not weigh in another's answers.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Self, TypeVar
from uuid import UUID, uuid5

import anyio
import anyio.to_thread
import qdrant_edge as engine

from memory.edge_folder import Folder
from memory.edge_terms import Terms, base_language
from memory.errors import MemoryFailure, StoreLost
from memory.types import Passage, Query

T = TypeVar("T")

_WORDS = "words"  # the sparse vector's name; a dense one goes beside it once there is an Embedder
_IDS = UUID("6f0fc39e-3bd8-4a39-8a9c-5b2f5e9c1a77")
_BATCH = 256
_PAGE = 1000
_MOST_RESULTS = 50
_READERS = 4
_WRITE_WITHIN_S = 60.0
_CLOSE_WITHIN_S = 5.0
_CHANCE = 0.3  # a score below it without a word in common: a few letters happen to be the same
_BYTES_A_LETTER = 16  # on the disk for a letter of text; measured 4


class EdgeKnowledge:
    """A `KnowledgeStore` in this process. Open it with `EdgeKnowledge.open`; close it with `aclose`."""

    def __init__(self, folder: Folder, shard: engine.EdgeShard, terms: Terms, budget_s: float) -> None:
        self._folder = folder
        self._shard = shard
        self._terms = terms
        self._budget_s = budget_s
        # Threads take these themselves: one that was given up goes on, and has to be counted until it ends.
        self._reading = threading.Semaphore(_READERS)
        self._writing = threading.Semaphore(1)
        self._threads = anyio.CapacityLimiter(4 * _READERS)
        self._closed = False

    @classmethod
    async def open(cls, path: Path | None = None, *, language: str = "en", budget_s: float = 0.25) -> Self:
        """Open an index, create it where there is none.

        Args:
            path: a folder to keep it in, for one process at a time. None: an index of this process's own among
                the temporary files, empty at first and gone with `aclose`; any number of them run side by side.
            language: BCP 47, for stop words and stemming.
            budget_s: how long a search may take.

        Raises:
            MemoryFailure: another process uses the folder, it cannot be written, its index is for another
                language or damaged.
            StoreFull: there is no room.
        """
        folder, shard = await anyio.to_thread.run_sync(_opened, path, language)
        return cls(folder, shard, Terms(language), budget_s)

    async def put(self, tenant: str, scope: str, passages: Sequence[Passage]) -> int:
        """See `KnowledgeStore.put`. Cut off in the middle, it is completed by the next one.

        Raises:
            ValueError: two passages have the same id.
            StoreFull: there is no room; nothing was changed.
            StoreLost: the index failed.
        """
        wanted = {passage.id: passage for passage in passages}
        if len(wanted) < len(passages):
            raise ValueError(
                f"{len(passages) - len(wanted)} passages of {scope!r} have an id that another has too"
            )
        return await self._in_thread(
            self._writing, _WRITE_WITHIN_S, partial(self._put, tenant, scope, wanted)
        )

    async def search(self, query: Query, limit: int) -> Sequence[Passage]:
        """See `KnowledgeStore.search`.

        A passage's `score` is BM25 divided by the weight of a word that stands in one passage only: 1.0 is as much
        as one such word, in small and large collections. It says how much was found, not how much of the question.

        Raises:
            ValueError: `limit` is not within 1 to 50.
            MemoryFailure: the query has an embedding; this index has none yet.
        """
        if not 1 <= limit <= _MOST_RESULTS:
            raise ValueError(f"limit is {limit}; ask for 1 to {_MOST_RESULTS} passages")
        if query.embedding is not None:
            raise MemoryFailure("this index keeps words and no embeddings; ask with Query.embedding = None")
        return await self._in_thread(self._reading, self._budget_s, partial(self._search, query, limit))

    async def aclose(self) -> None:
        """Close the index. Safe to call twice."""
        if not self._closed:
            self._closed = True
            await anyio.to_thread.run_sync(self._close)

    async def _in_thread(self, turn: threading.Semaphore, within_s: float, work: Callable[[], T]) -> T:
        if self._closed:
            raise StoreLost(f"{self._folder.path}: this index was closed; open it again")
        late = f"{self._folder.path}: no answer within {within_s:g} s; see to the load of the machine and its disk"
        try:
            with anyio.fail_after(within_s):
                job = partial(_in_turn, turn, within_s, late, work)
                return await anyio.to_thread.run_sync(job, abandon_on_cancel=True, limiter=self._threads)
        except TimeoutError as trouble:
            raise StoreLost(late) from trouble

    # From here on in a worker thread.

    def _search(self, query: Query, limit: int) -> list[Passage]:
        vector = self._terms.of_query(query.text)
        if not vector.indices:
            return []
        seen = _within(query.tenant, query.scope)
        unit = _rarest(self._shard.count(engine.CountRequest(filter=seen)))
        found = self._shard.query(
            engine.QueryRequest(
                limit=limit,
                query=engine.Query.Nearest(vector, using=_WORDS),
                filter=seen,
                with_payload=True,
                params=engine.SearchParams(idf=engine.IdfParams(corpus=seen)),
            )
        )
        hits = [_passage(point.payload or {}, point.score / unit) for point in found]
        return [hit for hit in hits if hit.score >= _CHANCE or self._terms.share_a_word(query.text, hit)]

    def _put(self, tenant: str, scope: str, wanted: dict[str, Passage]) -> int:
        stored = {passage.id: passage for passage in self._all(tenant, scope)}
        changed = [
            passage for passage in wanted.values() if stored.get(passage.id) != replace(passage, score=0.0)
        ]
        gone: list[engine.PointId] = [_point_id(tenant, scope, name) for name in stored if name not in wanted]
        self._folder.see_to_room(_BYTES_A_LETTER * sum(len(p.text) + 2 * len(p.title) for p in changed))
        for at in range(0, len(changed), _BATCH):
            points = [_point(tenant, scope, passage, self._terms) for passage in changed[at : at + _BATCH]]
            self._shard.update(engine.UpdateOperation.upsert_points(points))
        if gone:
            self._shard.update(engine.UpdateOperation.delete_points(gone))
        if not self._folder.private:
            self._shard.flush()
        return len(changed) + len(gone)

    def _all(self, tenant: str, scope: str) -> Iterator[Passage]:
        offset: engine.PointId | None = None
        while True:
            request = engine.ScrollRequest(
                offset=offset, limit=_PAGE, filter=_within(tenant, (scope,)), with_payload=True
            )
            points, offset = self._shard.scroll(request)
            yield from (_passage(point.payload or {}, 0.0) for point in points)
            if offset is None:
                return

    def _close(self) -> None:
        late = f"{self._folder.path}: a write did not end within {_CLOSE_WITHIN_S:g} s"
        try:
            _in_turn(self._writing, _CLOSE_WITHIN_S, late, self._shard.close)
        finally:
            self._folder.leave()


def _opened(path: Path | None, language: str) -> tuple[Folder, engine.EdgeShard]:
    folder = Folder.private_one() if path is None else Folder.kept(path)
    try:
        folder.see_to_room(0)
        return folder, _shard(folder, base_language(language))
    except BaseException:
        folder.leave()
        raise


def _shard(folder: Folder, language: str) -> engine.EdgeShard:
    """The index that is in the folder, or a new one. What is there of one that was never finished goes."""
    built = folder.built_for()
    if built not in (None, language):
        raise MemoryFailure(
            f"{folder.path}: holds an index for language {built!r}, not {language!r}; choose another folder,"
            " or delete this one: it is built again from the pages"
        )
    try:
        if built:
            return engine.EdgeShard.load(str(folder.shard))
        folder.clear()
        shard = _new_shard(folder)
    except MemoryFailure:
        raise
    except BaseException as trouble:  # a panic of the engine is no Exception
        raise MemoryFailure(
            f"{folder.path}: the index cannot be opened ({trouble}); delete the folder, or choose another"
        ) from trouble
    folder.built(language)
    return shard


def _new_shard(folder: Folder) -> engine.EdgeShard:
    config = engine.EdgeConfig(
        sparse_vectors={_WORDS: engine.EdgeSparseVectorParams(modifier=engine.Modifier.Idf)},
        wal_enabled=not folder.private,  # what goes with the process need not survive it
    )
    shard = engine.EdgeShard.create(str(folder.shard), config)
    for key in ("tenant", "scope"):
        shard.update(engine.UpdateOperation.create_field_index(key, engine.PayloadSchemaType.Keyword))
    if not folder.private:
        shard.flush()
    return shard


def _in_turn(turn: threading.Semaphore, within_s: float, late: str, work: Callable[[], T]) -> T:
    if not turn.acquire(timeout=within_s):
        raise StoreLost(late)
    try:
        return work()
    except MemoryFailure:
        raise
    except BaseException as trouble:  # a panic of the engine is no Exception
        raise StoreLost(f"the index failed ({trouble}); restart to build it again") from trouble
    finally:
        turn.release()


def _within(tenant: str, scope: Sequence[str]) -> engine.Filter:
    """No scope: everything of the tenant."""
    must: list[engine.ConditionType] = [engine.FieldCondition("tenant", match=engine.MatchValue(tenant))]
    if scope:
        must.append(engine.FieldCondition("scope", match=engine.MatchAny(list(scope))))
    return engine.Filter(must=must)


def _rarest(passages: int) -> float:
    """The IDF of a word that stands in one of so many passages, as the engine reckons it."""
    return math.log(1.0 + (passages - 0.5) / 1.5) if passages > 1 else math.log(4.0 / 3.0)


def _point(tenant: str, scope: str, passage: Passage, terms: Terms) -> engine.Point:
    payload = {
        "tenant": tenant,
        "scope": scope,
        "id": passage.id,
        "text": passage.text,
        "source": passage.source,
        "title": passage.title,
    }
    return engine.Point(_point_id(tenant, scope, passage.id), {_WORDS: terms.of_passage(passage)}, payload)


def _point_id(tenant: str, scope: str, passage: str) -> UUID:
    return uuid5(_IDS, "\0".join((tenant, scope, passage)))


def _passage(payload: dict[str, Any], score: float) -> Passage:
    return Passage(payload["id"], payload["text"], payload["source"], payload["title"], score)
