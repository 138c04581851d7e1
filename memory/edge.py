"""Knowledge on Qdrant Edge: the Rust engine in our own process, searched by words and by meaning.

BM25 over sparse vectors; where there is an embedder, dense vectors beside them, and both fused by `memory.ranking`. IDF
counts only the passages that a search may see, so one tenant's pages do not weigh in another's answers.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Self, TypeVar

import anyio
import anyio.to_thread
import numpy as np
import qdrant_edge as engine
from numpy.typing import NDArray

from memory.edge_folder import Folder
from memory.edge_kept import Kept
from memory.edge_points import kept_in, number_of, point
from memory.edge_search import Searches
from memory.edge_shard import open_shard
from memory.edge_terms import Terms, base_language
from memory.errors import MemoryFailure, StoreLost
from memory.points import (
    MOST_SCOPES,
    by_id,
    check_candidates,
    check_embedding,
    check_results,
    differences,
    meanings_of,
    passage_of,
)
from memory.ports import Embedder
from memory.types import Candidate, Passage, Query

T = TypeVar("T")

_BATCH = 256
_PAGE = 1000
_READERS = 4
_WRITE_WITHIN_S = 60.0
_CLOSE_WITHIN_S = 5.0
_BYTES_A_LETTER = 16  # on the disk for a letter of text; measured 4


class EdgeKnowledge:
    """A `KnowledgeStore` in this process. Open it with `EdgeKnowledge.open`; close it with `aclose`."""

    def __init__(
        self,
        folder: Folder,
        shard: engine.EdgeShard,
        terms: Terms,
        budget_s: float,
        embedder: Embedder | None = None,
    ) -> None:
        self._folder = folder
        self._shard = shard
        self._terms = terms
        self._budget_s = budget_s
        self._embedder = embedder
        self._kept = Kept()
        self._searches = Searches(shard, terms, self._kept, embedded=embedder is not None)
        # Threads take these themselves: one that was given up goes on, and has to be counted until it ends.
        self._reading = threading.Semaphore(_READERS)
        self._writing = threading.Semaphore(1)
        self._threads = anyio.CapacityLimiter(4 * _READERS)
        self._one_put = anyio.Lock()
        self._closed = False

    @classmethod
    async def open(
        cls,
        path: Path | None = None,
        *,
        language: str = "en",
        budget_s: float = 0.25,
        embedder: Embedder | None = None,
        begin_with: Path | None = None,
    ) -> Self:
        """Open an index, create it where there is none.

        Args:
            path: a folder to keep it in, for one process at a time. None: an index of this process's own among
                the temporary files, empty at first and gone with `aclose`; any number of them run side by side.
            language: BCP 47, for stop words and stemming.
            budget_s: how long a search may take.
            embedder: gives the vectors of passages; None for words alone. Those of queries come with them.
            begin_with: a kept index to begin with a copy of, where `path` is None.

        Raises:
            MemoryFailure: another process uses the folder, it cannot be written, its index is for another
                language, for another embedder or damaged.
            StoreFull: there is no room.
        """
        meant = (base_language(language), embedder.name if embedder else "", embedder.dim if embedder else 0)
        folder, shard = await anyio.to_thread.run_sync(open_shard, path, meant, begin_with)
        return cls(folder, shard, Terms(language), budget_s, embedder)

    @property
    def embedder(self) -> Embedder | None:
        """See `KnowledgeStore.embedder`."""
        return self._embedder

    async def put(self, tenant: str, scope: str, passages: Sequence[Passage]) -> int:
        """See `KnowledgeStore.put`. Cut off in the middle, it is completed by the next one.

        Raises:
            ValueError: two passages have the same id.
            StoreFull: there is no room; nothing was changed.
            StoreLost: the index or the embedder failed.
        """
        wanted = by_id(scope, passages)
        async with self._one_put:
            compare = partial(self._compare, tenant, scope, wanted)
            changed, gone = await self._in_thread(self._reading, _WRITE_WITHIN_S, compare)
            for at in range(0, len(changed), _BATCH):
                batch = changed[at : at + _BATCH]
                vectors = await meanings_of(self._embedder, batch)
                write = partial(self._write, tenant, scope, batch, vectors)
                await self._in_thread(self._writing, _WRITE_WITHIN_S, write)
            remove = partial(self._remove, gone)
            await self._in_thread(self._writing, _WRITE_WITHIN_S, remove)
        return len(changed) + len(gone)

    async def search(self, query: Query, limit: int) -> Sequence[Passage]:
        """See `KnowledgeStore.search`.

        A passage's `score`, by words alone, is what `memory.points.scored` says; with an embedding, what
        `memory.ranking.rank` gives.

        Raises:
            ValueError: `limit` is not within 1 to 50.
            MemoryFailure: the query's embedding is none of this index's.
        """
        check_results(limit)
        check_embedding(query, self._embedder)
        if query.embedding is None:
            work = partial(self._searches.by_words, query, limit)
        else:
            work = partial(self._searches.by_both, query, query.embedding, limit)
        return await self._in_thread(self._reading, self._budget_s, work)

    async def candidates(self, query: Query, limit: int) -> Sequence[Candidate]:
        """See `KnowledgeStore.candidates`. Raises ValueError and MemoryFailure as `search` does."""
        check_candidates(limit)
        check_embedding(query, self._embedder)
        work = partial(self._searches.candidates, query, limit)
        return await self._in_thread(self._reading, self._budget_s, work)

    async def scopes(self, tenant: str) -> Mapping[str, int]:
        """See `KnowledgeStore.scopes`."""
        return await self._in_thread(self._reading, _WRITE_WITHIN_S, partial(self._scopes, tenant))

    async def passages(self, tenant: str, scope: str) -> Sequence[Passage]:
        """See `KnowledgeStore.passages`."""
        found = await self._in_thread(self._reading, _WRITE_WITHIN_S, lambda: list(self._all(tenant, scope)))
        return sorted(found, key=lambda passage: passage.id)

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

    def _scopes(self, tenant: str) -> dict[str, int]:
        request = engine.FacetRequest("scope", limit=MOST_SCOPES, exact=True, filter=kept_in(tenant, None))
        return {str(hit.value): hit.count for hit in self._shard.facet(request).hits if hit.count}

    def _compare(
        self, tenant: str, scope: str, wanted: dict[str, Passage]
    ) -> tuple[list[Passage], list[engine.PointId]]:
        """What is to be written, and what is to go."""
        changed, left = differences(wanted, {passage.id: passage for passage in self._all(tenant, scope)})
        gone: list[engine.PointId] = [number_of(tenant, scope, name) for name in left]
        vector = 8 * self._embedder.dim if self._embedder else 0
        self._folder.see_to_room(
            sum(_BYTES_A_LETTER * (len(p.text) + 2 * len(p.title)) + vector for p in changed)
        )
        return changed, gone

    def _write(
        self,
        tenant: str,
        scope: str,
        passages: Sequence[Passage],
        vectors: Sequence[NDArray[np.float32] | None],
    ) -> None:
        points = [
            point(tenant, scope, passage, self._terms, vector)
            for passage, vector in zip(passages, vectors, strict=True)
        ]
        with self._kept.writing():
            self._shard.update(engine.UpdateOperation.upsert_points(points))

    def _remove(self, gone: list[engine.PointId]) -> None:
        if gone:
            with self._kept.writing():
                self._shard.update(engine.UpdateOperation.delete_points(gone))
        if not self._folder.private:
            self._shard.flush()

    def _all(self, tenant: str, scope: str) -> Iterator[Passage]:
        offset: engine.PointId | None = None
        while True:
            request = engine.ScrollRequest(
                offset=offset, limit=_PAGE, filter=kept_in(tenant, scope), with_payload=True
            )
            points, offset = self._shard.scroll(request)
            yield from (passage_of(record.payload or {}) for record in points)
            if offset is None:
                return

    def _close(self) -> None:
        late = f"{self._folder.path}: a write did not end within {_CLOSE_WITHIN_S:g} s"
        try:
            _in_turn(self._writing, _CLOSE_WITHIN_S, late, self._shard.close)
        finally:
            self._folder.leave()


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
