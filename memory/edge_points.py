"""Points and filters as the embedded engine takes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import qdrant_edge as engine
from numpy.typing import NDArray

from memory.edge_terms import Terms
from memory.points import EXACT, MEANING, WORDS, payload_of, point_id
from memory.types import Passage

_ALWAYS_BY_INDEX = 1
"""Passages that a search may see, from which on it goes by the index of words. The engine's own choice reads them one
by one up to 5,000 of them: 3.2 ms of CPU among 2,500, against 0.4 ms, for the same scores."""


def config(dim: int, *, private: bool) -> engine.EdgeConfig:
    """`dim`: of the embeddings, 0 for words alone."""
    meaning = {MEANING: engine.EdgeVectorParams(dim, engine.Distance.Dot)} if dim else None
    return engine.EdgeConfig(
        vectors=meaning,
        sparse_vectors={
            WORDS: engine.EdgeSparseVectorParams(_ALWAYS_BY_INDEX, modifier=engine.Modifier.Idf),
            EXACT: engine.EdgeSparseVectorParams(),
        },
        wal_enabled=not private,  # what goes with the process need not survive it
    )


def point(
    tenant: str, scope: str, passage: Passage, terms: Terms, meaning: NDArray[np.float32] | None
) -> engine.Point:
    exact = terms.words_of(passage)
    vectors: dict[str, Any] = {
        WORDS: terms.of_passage(passage),
        EXACT: engine.SparseVector(list(exact), list(exact.values())),
    }
    if meaning is not None:
        vectors[MEANING] = meaning.tolist()
    return engine.Point(point_id(tenant, scope, passage.id), vectors, payload_of(tenant, scope, passage))


def within(tenant: str, scope: Sequence[str], access: Sequence[str] | None = ()) -> engine.Filter:
    """No scope: everything of the tenant. `access`: None for what is kept from others as well."""
    must: list[engine.ConditionType] = [engine.FieldCondition("tenant", match=engine.MatchValue(tenant))]
    if scope:
        must.append(engine.FieldCondition("scope", match=engine.MatchAny(list(scope))))
    if access is not None:
        must.append(engine.FieldCondition("access", match=engine.MatchAny(["", *access])))
    return engine.Filter(must=must)
