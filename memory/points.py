"""Passages as points of an index, and back: what the embedded store and the served one have in common. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol
from uuid import UUID, uuid5

import numpy as np
from numpy.typing import NDArray

from memory.edge_terms import Terms, source_words
from memory.errors import MemoryFailure
from memory.ports import Embedder
from memory.types import Candidate, Passage, Query

WORDS = "words"  # with groups of letters: what is searched
EXACT = "exact"  # the words alone: what a candidate is put in order by
MEANING = "meaning"
KEYS = ("tenant", "scope", "access")
MOST_RESULTS = 50
MOST_CANDIDATES = 200
SEARCHED_AMONG = 50
"""By words, and by meaning, where a search by both puts them in order. On 240 questions over a bank's pages the first
three held the answer for .879 within the scope and .850 without one; among a hundred of each for .875 and .850."""
MOST_SCOPES = 10_000
_CHANCE = 0.3  # a score below it without a word in common: a few letters happen to be the same
_IDS = UUID("6f0fc39e-3bd8-4a39-8a9c-5b2f5e9c1a77")
_KEPT = ("id", "text", "source", "title", "section", "access")


class Sparse(Protocol):
    """A sparse vector, as either library has it."""

    indices: Sequence[int]
    values: Sequence[float]


def point_id(tenant: str, scope: str, passage: str) -> UUID:
    return uuid5(_IDS, "\0".join((tenant, scope, passage)))


def payload_of(tenant: str, scope: str, passage: Passage) -> dict[str, str]:
    return {"tenant": tenant, "scope": scope, **{key: getattr(passage, key) for key in _KEPT}}


def passage_of(payload: Mapping[str, Any], score: float = 0.0) -> Passage:
    return Passage(
        payload["id"],
        payload["text"],
        payload["source"],
        payload["title"],
        score,
        payload["section"],
        payload["access"],
    )


def words_of(vectors: Mapping[str, Any]) -> dict[int, float]:
    """The weight of each word of a point. `vectors`: by their names."""
    exact: Sparse | None = vectors.get(EXACT)
    return {} if exact is None else dict(zip(exact.indices, exact.values, strict=True))


def candidate_of(payload: Mapping[str, Any], vectors: Mapping[str, Any]) -> Candidate:
    """`vectors`: those of the point by their names; the exact words, and the meaning where there is one."""
    meaning = vectors.get(MEANING)
    return Candidate(
        passage_of(payload), words_of(vectors), None if meaning is None else np.asarray(meaning, np.float32)
    )


def by_id(scope: str, passages: Sequence[Passage]) -> dict[str, Passage]:
    """Raises ValueError where two passages have the same id."""
    wanted = {passage.id: passage for passage in passages}
    if len(wanted) < len(passages):
        raise ValueError(
            f"{len(passages) - len(wanted)} passages of {scope!r} have an id that another has too"
        )
    return wanted


def differences(
    wanted: Mapping[str, Passage], stored: Mapping[str, Passage]
) -> tuple[list[Passage], list[str]]:
    """What is to be written, and the ids of what is to go. A score is no difference."""
    changed = [each for each in wanted.values() if stored.get(each.id) != replace(each, score=0.0)]
    return changed, [name for name in stored if name not in wanted]


async def meanings_of(
    embedder: Embedder | None, passages: Sequence[Passage]
) -> Sequence[NDArray[np.float32] | None]:
    """Their embeddings, None for each where there is no embedder. Raises StoreLost."""
    if embedder is None or not passages:
        return [None] * len(passages)
    return list(await embedder.embed([_to_embed(passage) for passage in passages]))


def scored(
    hits: Sequence[tuple[Mapping[str, Any], float]], text: str, terms: Terms, among: int
) -> list[Passage]:
    """Hits by words, with scores that mean the same in small and in large collections.

    A score is BM25 divided by the weight of a word that stands in one passage only: 1.0 is as much as one such word.
    It says how much was found, not how much of the question.

    Args:
        hits: each one's payload and its BM25, best first.
        among: how many passages the query may see.
    """
    unit = _rarest(among)
    found = [passage_of(payload, score / unit) for payload, score in hits]
    return [hit for hit in found if hit.score >= _CHANCE or terms.share_a_word(text, hit)]


def check_results(limit: int) -> None:
    """Raises ValueError."""
    if not 1 <= limit <= MOST_RESULTS:
        raise ValueError(f"limit is {limit}; ask for 1 to {MOST_RESULTS} passages")


def check_candidates(limit: int) -> None:
    """Raises ValueError."""
    if not 1 <= limit <= MOST_CANDIDATES:
        raise ValueError(f"limit is {limit}; ask for 1 to {MOST_CANDIDATES} candidates")


def check_embedding(query: Query, embedder: Embedder | None) -> None:
    """Raises MemoryFailure where the query's embedding is none of this index's."""
    if query.embedding is None:
        return
    if embedder is None:
        raise MemoryFailure("this index keeps words and no embeddings; ask with Query.embedding = None")
    if query.embedding.shape != (embedder.dim,):
        raise MemoryFailure(
            f"the query's embedding is {query.embedding.shape}, this index's are ({embedder.dim},) by"
            f" {embedder.name}; embed queries with the same model"
        )


def built_otherwise(place: str, built: tuple[str, str, int], wanted: tuple[str, str, int], again: str) -> str:
    """Why an index cannot be used, "" where it can.

    Args:
        built, wanted: the language, the embedder's name ("" for none) and its dimensions.
        again: how it comes to be built again.
    """
    if built[0] != wanted[0]:
        return f"{place}: holds an index for language {built[0]!r}, not {wanted[0]!r}; {again}"
    if built[1:] != wanted[1:]:
        return (
            f"{place}: holds an index with {built[1] or 'no embeddings'}, not with {wanted[1] or 'no embeddings'};"
            f" set knowledge.embeddings to what it was built with, or {again}"
        )
    return ""


def _rarest(passages: int) -> float:
    """The IDF of a word that stands in one of so many passages, as the engine reckons it."""
    return math.log(1.0 + (passages - 0.5) / 1.5) if passages > 1 else math.log(4.0 / 3.0)


def _to_embed(passage: Passage) -> str:
    """What a passage is about, and its text. A source often names the product that the text leaves out."""
    return f"{source_words(passage.source)}: {passage.title}\n{passage.text}"
