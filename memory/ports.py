"""The ports of memory. Every adapter runs the same conformance suite."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from memory.types import Passage, Query, SessionKey, SessionRecord, StoredEvent


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


class KnowledgeStore(Protocol):
    """Passages, found by words and, where there are embeddings, by meaning."""

    async def put(self, tenant: str, scope: str, passages: Sequence[Passage]) -> int:
        """Store passages under a scope; ones already there with the same id and text are left alone.

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

    async def aclose(self) -> None: ...
