"""Passages as points of the embedded index, and back; which points a query may see."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid5

import numpy as np
import qdrant_edge as engine
from numpy.typing import NDArray

from memory.edge_terms import Terms
from memory.types import Candidate, Passage

WORDS = "words"  # with groups of letters: what is searched
EXACT = "exact"  # the words alone: what a candidate is put in order by
MEANING = "meaning"
KEYS = ("tenant", "scope", "access")
_IDS = UUID("6f0fc39e-3bd8-4a39-8a9c-5b2f5e9c1a77")
_KEPT = ("id", "text", "source", "title", "section", "access")


def config(dim: int, *, private: bool) -> engine.EdgeConfig:
    """`dim`: of the embeddings, 0 for words alone."""
    meaning = {MEANING: engine.EdgeVectorParams(dim, engine.Distance.Dot)} if dim else None
    return engine.EdgeConfig(
        vectors=meaning,
        sparse_vectors={
            WORDS: engine.EdgeSparseVectorParams(modifier=engine.Modifier.Idf),
            EXACT: engine.EdgeSparseVectorParams(),
        },
        wal_enabled=not private,  # what goes with the process need not survive it
    )


def point(
    tenant: str, scope: str, passage: Passage, terms: Terms, meaning: NDArray[np.float32] | None
) -> engine.Point:
    payload = {"tenant": tenant, "scope": scope, **{key: getattr(passage, key) for key in _KEPT}}
    exact = terms.words_of(passage)
    vectors: dict[str, Any] = {
        WORDS: terms.of_passage(passage),
        EXACT: engine.SparseVector(list(exact), list(exact.values())),
    }
    if meaning is not None:
        vectors[MEANING] = meaning.tolist()
    return engine.Point(point_id(tenant, scope, passage.id), vectors, payload)


def point_id(tenant: str, scope: str, passage: str) -> UUID:
    return uuid5(_IDS, "\0".join((tenant, scope, passage)))


def passage_of(payload: dict[str, Any], score: float) -> Passage:
    return Passage(**{key: payload[key] for key in _KEPT}, score=score)


def candidate_of(found: engine.ScoredPoint | engine.Record) -> Candidate:
    vectors: Any = found.vector or {}
    exact, meaning = vectors.get(EXACT), vectors.get(MEANING)
    return Candidate(
        passage_of(found.payload or {}, getattr(found, "score", 0.0)),
        {} if exact is None else dict(zip(exact.indices, exact.values, strict=True)),
        None if meaning is None else np.asarray(meaning, np.float32),
    )


def within(tenant: str, scope: Sequence[str], access: Sequence[str] | None = ()) -> engine.Filter:
    """No scope: everything of the tenant. `access`: None for what is kept from others as well."""
    must: list[engine.ConditionType] = [engine.FieldCondition("tenant", match=engine.MatchValue(tenant))]
    if scope:
        must.append(engine.FieldCondition("scope", match=engine.MatchAny(list(scope))))
    if access is not None:
        must.append(engine.FieldCondition("access", match=engine.MatchAny(["", *access])))
    return engine.Filter(must=must)


def rarest(passages: int) -> float:
    """The IDF of a word that stands in one of so many passages, as the engine reckons it."""
    return math.log(1.0 + (passages - 0.5) / 1.5) if passages > 1 else math.log(4.0 / 3.0)
