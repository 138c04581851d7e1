"""The way to a Qdrant server: a client, its version, and what its refusals mean."""

from __future__ import annotations

from qdrant_client import AsyncQdrantClient
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

from memory.errors import MemoryFailure, StoreFull, StoreLost

OLDEST = (1, 19)
ANSWERS_WITHIN_S = 60


def connect(url: str, api_key: str = "") -> AsyncQdrantClient:
    """A client of the server at `url`, over HTTP. Nothing is asked of it yet."""
    # Its own check of versions prints a warning; `QdrantKnowledge.open` refuses instead.
    return AsyncQdrantClient(
        url=url, api_key=api_key or None, timeout=ANSWERS_WITHIN_S, check_compatibility=False
    )


def version_of(told: str) -> tuple[int, ...]:
    """ "1.19.0" and "1.19.1-dev" alike; of one that nobody can read, nothing is known, so it may be new."""
    numbers = told.split("-")[0].split(".")[:2]
    return tuple(map(int, numbers)) if all(number.isdigit() for number in numbers) else OLDEST


def told_of(collection: str, trouble: Exception) -> MemoryFailure:
    """What went wrong, with its cure and without what was asked."""
    if isinstance(trouble, UnexpectedResponse):
        status, why = trouble.status_code, trouble.reason_phrase
        if status in (401, 403):
            return MemoryFailure(
                f"{collection}: the Qdrant server refuses the key ({status} {why}); see to knowledge.api_key_env"
                " or knowledge.api_key_file"
            )
        if status in (413, 507):
            return StoreFull(f"{collection}: the Qdrant server has no room ({status} {why}); give it more")
        return StoreLost(f"{collection}: the Qdrant server failed ({status} {why}); see its log")
    cause = trouble.source if isinstance(trouble, ResponseHandlingException) else trouble
    return StoreLost(
        f"{collection}: the Qdrant server does not answer ({type(cause).__name__}: {cause}); see that it runs and"
        " that knowledge.url is right"
    )
