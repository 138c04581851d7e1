"""What an embedded index is asked, in worker threads: passages that answer, and candidates to be put in order.

The index gives numbers of points and scores; texts and vectors are read of those alone that are wanted in the end, or
that were not read before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
import qdrant_edge as engine
from numpy.typing import NDArray

from memory.edge_kept import Kept
from memory.edge_points import within
from memory.edge_terms import Terms
from memory.points import EXACT, MEANING, SEARCHED_AMONG, WORDS, candidate_of, passage_of, scored
from memory.ranking import scores_of
from memory.types import Candidate, Passage, Query


class Searches:
    """The searches of one index.

    Args:
        kept: what was read before; whoever writes to the shard tells it.
        embedded: its passages have embeddings.
    """

    def __init__(self, shard: engine.EdgeShard, terms: Terms, kept: Kept, *, embedded: bool) -> None:
        self._shard, self._terms, self._kept = shard, terms, kept
        self._vectors = [EXACT, MEANING] if embedded else [EXACT]

    def by_words(self, query: Query, limit: int) -> list[Passage]:
        """Best first, scored as `memory.points.scored` says."""
        seen = within(query.tenant, query.scope, query.access)
        asked = self._words(query, limit, seen, with_payload=True)
        if asked is None:
            return []
        hits = [(hit.payload or {}, hit.score) for hit in self._shard.query(asked)]
        return scored(hits, query.text, self._terms, self._count(query, seen)) if hits else []

    def by_both(self, query: Query, meaning: NDArray[np.float32], limit: int) -> list[Passage]:
        """Best first, in the order and with the scores that `memory.ranking.rank` gives their candidates."""
        points = self._points(query, meaning, SEARCHED_AMONG)
        if not points:
            return []
        asked = self._terms.asked_for(query.text)
        scores = scores_of(asked, *self._compared(points, list(asked), meaning))
        best = [int(at) for at in np.argsort(-scores, kind="stable")[:limit]]
        records = self._shard.retrieve([points[at] for at in best], with_payload=True, with_vector=False)
        texts = {record.id: record.payload or {} for record in records}
        found = (passage_of(texts[points[at]], float(scores[at])) for at in best if points[at] in texts)
        return [passage for passage in found if _may_be_seen(passage, query)]

    def candidates(self, query: Query, limit: int) -> list[Candidate]:
        """In no order. `limit`: by words, and by meaning."""
        version = self._kept.version
        if query.embedding is None and not query.text:
            seen = within(query.tenant, query.scope, query.access)
            records, _next = self._shard.scroll(engine.ScrollRequest(limit=limit, filter=seen))
            points = [record.id for record in records]
        else:
            points = self._points(query, query.embedding, limit)
        known = self._kept.candidates(points)
        if unread := [point for point in points if point not in known]:
            read = {
                record.id: candidate_of(record.payload or {}, _named(record))
                for record in self._read(unread, self._vectors, with_payload=True)
            }
            self._kept.keep(read, version)
            known |= read
        found = (known[point] for point in points if point in known)
        return [candidate for candidate in found if _may_be_seen(candidate.passage, query)]

    def _points(self, query: Query, meaning: NDArray[np.float32] | None, limit: int) -> list[Any]:
        """What is near in meaning, nearest first, and then what words find, each once."""
        seen = within(query.tenant, query.scope, query.access)
        by_meaning = None if meaning is None else _nearest(meaning.tolist(), MEANING, limit, seen)
        asked = [request for request in (by_meaning, self._words(query, limit, seen)) if request is not None]
        answers = self._shard.query_batch(engine.QueryBatchRequest(asked)) if asked else []
        return list(dict.fromkeys(hit.id for answer in answers for hit in answer))

    def _compared(
        self, points: Sequence[Any], asked: Sequence[int], meaning: NDArray[np.float32]
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        """The weight of each word of `asked` in each of `points`, and how near these are, as `scores_of` takes them.

        By a search for each word among these points. To read all of their words, which are ten times as many, takes
        three times as long.
        """
        among = engine.Filter(must=[engine.HasIdCondition(set(points))])
        requests = [_nearest(meaning.tolist(), MEANING, len(points), among)]
        for word in asked:
            requests.append(_nearest(engine.SparseVector([word], [1.0]), EXACT, len(points), among))
        at = {point: at for at, point in enumerate(points)}
        found = np.zeros((len(requests), len(points)))
        for row, hits in zip(found, self._shard.query_batch(engine.QueryBatchRequest(requests)), strict=True):
            for hit in hits:
                row[at[hit.id]] = hit.score
        return found[1:], found[0]

    def _words(
        self, query: Query, limit: int, seen: engine.Filter, *, with_payload: bool = False
    ) -> engine.QueryRequest | None:
        """None where the text has nothing to look for."""
        vector = self._terms.of_query(query.text)
        if not vector.indices:
            return None
        return engine.QueryRequest(
            limit=limit,
            query=engine.Query.Nearest(vector, using=WORDS),
            filter=seen,
            with_payload=with_payload,
            params=engine.SearchParams(idf=engine.IdfParams(corpus=seen)),
        )

    def _count(self, query: Query, seen: engine.Filter) -> int:
        """How many passages the query may see."""
        key, version = (query.tenant, query.scope, query.access), self._kept.version
        count = self._kept.count(key)
        if count is None:
            count = self._shard.count(engine.CountRequest(filter=seen))
            self._kept.keep_count(key, count, version)
        return count

    def _read(
        self, points: Sequence[Any], vectors: list[str], *, with_payload: bool = False
    ) -> list[engine.Record]:
        if not points:
            return []
        return self._shard.retrieve(list(points), with_payload=with_payload, with_vector=vectors)


def _nearest(vector: Any, using: str, limit: int, among: engine.Filter) -> engine.QueryRequest:
    return engine.QueryRequest(limit=limit, query=engine.Query.Nearest(vector, using=using), filter=among)


def _may_be_seen(passage: Passage, query: Query) -> bool:
    """Still: it may have been written again since it was found."""
    return not passage.access or passage.access in query.access


def _named(found: engine.Record) -> Mapping[str, Any]:
    """Its vectors by their names."""
    vectors: Any = found.vector or {}
    return cast("Mapping[str, Any]", vectors)
