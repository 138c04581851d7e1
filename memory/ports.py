"""The ports of memory. Every adapter runs the same conformance suite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from memory.types import Candidate, Passage, Query, SessionKey, SessionRecord, StoredEvent


class SessionStore(Protocol):
    """Everything that a call established, written at every revision with optimistic concurrency."""

    async def save(self, record: SessionRecord, events: Sequence[StoredEvent], seen: int) -> None:
        """Write a session and the events that led to it, in one transaction.

        Args:
            record: the session at its new revision.
            events: those since the revision `seen`, in order.
            seen: the revision that the writer last saved or loaded; 0 for a new session.

        Raises:
            RevisionConflict: the stored revision is not `seen`.
            StoreLost: the store did not answer within its budget.
            StoreFull: there is no room.
        """
        ...

    async def attach(self, key: SessionKey, record: bytes) -> None:
        """Put the whole story of a call beside its state, once it is over. The revision stays.

        Raises:
            NotFound: there is no such session.
            StoreLost, StoreFull: see `save`.
        """
        ...

    async def load(self, key: SessionKey) -> SessionRecord:
        """Raises NotFound, StoreLost."""
        ...

    async def events(self, key: SessionKey) -> Sequence[StoredEvent]:
        """All events of a session, in order. Empty where there is no such session."""
        ...

    async def list(
        self,
        tenant: str,
        *,
        flow: str | None = None,
        outcome: str | None = None,
        limit: int = 50,
        before: str | None = None,
    ) -> Sequence[SessionRecord]:
        """Newest first, without `state` and `record` (both b""). `limit`: 1 to 1000.

        `before`: a call id, to page; raises NotFound where that session is gone.
        """
        ...

    async def delete(self, key: SessionKey) -> bool:
        """Remove a session and its events. True where there was one."""
        ...

    async def aclose(self) -> None: ...


class Embedder(Protocol):
    """Texts → vectors that lie near each other where the texts mean the same."""

    @property
    def name(self) -> str:
        """Which model; an index built with one cannot be asked with another."""
        ...

    @property
    def dim(self) -> int: ...

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """float32 [len(texts), dim], each of unit length. What calls ask for at the same time is done at once.

        Raises:
            StoreLost: the model failed.
        """
        ...


class KnowledgeStore(Protocol):
    """Passages, found by words and, where there are embeddings, by meaning."""

    @property
    def embedder(self) -> Embedder | None:
        """What queries have to be embedded with, None where it keeps words alone."""
        ...

    async def put(self, tenant: str, scope: str, passages: Sequence[Passage]) -> int:
        """Store passages under a scope; ones already there and the same are left alone, embedding included.

        Passages of the scope that are not among those given are removed: a scope is written as a whole.

        Returns:
            how many were added, changed or removed.
        """
        ...

    async def search(self, query: Query, limit: int) -> Sequence[Passage]:
        """Find what answers `query`, best first.

        Args:
            query: text, its embedding or None, and the scope to stay within (empty: the tenant's whole store).
            limit: most passages wanted, 1 to 50.

        Raises:
            StoreLost: the store did not answer within its budget; the call goes on without knowledge.
        """
        ...

    async def candidates(self, query: Query, limit: int) -> Sequence[Candidate]:
        """What may answer `query` and words that are still to come: see `memory.ranking.rank`.

        With neither words nor an embedding: any of what the query may see. Fewer than `limit` are all of it.

        Args:
            limit: most that are wanted by words, and by meaning; 1 to 100. Both together are at most twice that.

        Raises:
            StoreLost: see `search`.
        """
        ...

    async def scopes(self, tenant: str) -> Mapping[str, int]:
        """How many passages each of the tenant's scopes has. Raises StoreLost."""
        ...

    async def passages(self, tenant: str, scope: str) -> Sequence[Passage]:
        """All passages of a scope, by their ids. Raises StoreLost."""
        ...

    async def aclose(self) -> None: ...
