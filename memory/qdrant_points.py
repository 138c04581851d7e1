"""Points, filters and requests as a Qdrant server takes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qdrant_client import models

from memory.edge_terms import Terms
from memory.points import EXACT, KEYS, MEANING, WORDS, payload_of, point_id
from memory.types import Passage, Query

VECTORS_OF_WORDS = {
    WORDS: models.SparseVectorParams(modifier=models.Modifier.IDF),
    EXACT: models.SparseVectorParams(),
}
INDEXES = {
    key: models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD, is_tenant=key == "tenant")
    for key in KEYS
}


def vectors_of_meaning(dim: int) -> dict[str, models.VectorParams]:
    """`dim`: of the embeddings, 0 for words alone."""
    return {MEANING: models.VectorParams(size=dim, distance=models.Distance.DOT)} if dim else {}


def point(
    tenant: str, scope: str, passage: Passage, terms: Terms, meaning: NDArray[np.float32] | None
) -> models.PointStruct:
    words, exact = terms.of_passage(passage), terms.words_of(passage)
    vectors: dict[str, Any] = {
        WORDS: models.SparseVector(indices=list(words.indices), values=list(words.values)),
        EXACT: models.SparseVector(indices=list(exact), values=list(exact.values())),
    }
    if meaning is not None:
        vectors[MEANING] = meaning.tolist()
    place = str(point_id(tenant, scope, passage.id))
    return models.PointStruct(id=place, vector=vectors, payload=payload_of(tenant, scope, passage))


def within(tenant: str, scope: Sequence[str], access: Sequence[str] | None = ()) -> models.Filter:
    """No scope: everything of the tenant. `access`: None for what is kept from others as well."""
    must: list[models.Condition] = [_is("tenant", [tenant])]
    if scope:
        must.append(_is("scope", scope))
    if access is not None:
        must.append(_is("access", ["", *access]))
    return models.Filter(must=must)


def near(
    meaning: NDArray[np.float32], seen: models.Filter, limit: int, vectors: Sequence[str]
) -> models.QueryRequest:
    return models.QueryRequest(
        query=meaning.tolist(),
        using=MEANING,
        filter=seen,
        limit=limit,
        with_payload=True,
        with_vector=list(vectors),
    )


def by_words(
    query: Query, terms: Terms, seen: models.Filter, limit: int, vectors: Sequence[str] = ()
) -> models.QueryRequest | None:
    """None where the text has nothing to look for. `vectors`: that come with the hits."""
    asked = terms.of_query(query.text)
    if not asked.indices:
        return None
    return models.QueryRequest(
        query=models.SparseVector(indices=list(asked.indices), values=list(asked.values)),
        using=WORDS,
        filter=seen,
        params=models.SearchParams(idf=models.IdfCorpusParams(corpus=seen)),
        limit=limit,
        with_payload=True,
        with_vector=list(vectors) or False,
    )


def named(vectors: Any) -> Mapping[str, Any]:
    """The vectors of a point by their names."""
    return vectors if isinstance(vectors, Mapping) else {}


def _is(key: str, values: Sequence[str]) -> models.FieldCondition:
    return models.FieldCondition(key=key, match=models.MatchAny(any=list(values)))
