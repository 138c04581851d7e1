"""The ports of memory. Every adapter runs the same conformance suite."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from memory.callers import CallerKey, CallerRecord
from memory.session_filter import ANY, SessionFilter
from memory.types import Candidate, Lease, Passage, Query, SessionKey, SessionRecord, StoredEvent


class SessionStore(Protocol):
    """Everything that a call established, written at every revision with optimistic concurrency."""

    async def save(
        self,
        record: SessionRecord,
        events: Sequence[StoredEvent],
        seen: int,
        *,
        fence: int | None = None,
        moments: Sequence[StoredEvent] = (),
    ) -> None:
        """Write a session and what led to it, in one transaction.

        A save that raises can be tried again, with the same `seen` and everything since: it is written once.

        Args:
            record: the session at its new revision.
            events: those since the revision `seen`, in order.
            seen: the revision that the writer last saved or loaded; 0 for a new session.
            fence: of the writer's lease (see `Leases`), None for a writer that has none.
            moments: what was told of the call since the revision `seen`, in order.

        Raises:
            Fenced: the call's lease has a higher fence; or the writer has none, and somebody holds the call.
            RevisionConflict: the stored revision is not `seen`.
            StoreLost: the store did not answer within its budget.
            StoreFull: there is no room.
        """
        ...

    async def attach(self, key: SessionKey, record: bytes, *, fence: int | None = None) -> None:
        """Put the whole story of a call beside its state, once it is over. The revision stays.

        Raises:
            NotFound: there is no such session.
            Fenced, StoreLost, StoreFull: see `save`.
        """
        ...

    async def load(self, key: SessionKey) -> SessionRecord:
        """Raises NotFound, StoreLost."""
        ...

    async def events(self, key: SessionKey) -> Sequence[StoredEvent]:
        """All events of a session, in order. Empty where there is no such session."""
        ...

    async def moments(self, key: SessionKey) -> Sequence[StoredEvent]:
        """What was told of a call up to its stored revision, in order: its transcript, whispers, look-ups."""
        ...

    async def list(
        self,
        tenant: str,
        wanted: SessionFilter = ANY,
        *,
        limit: int = 50,
        before: str | None = None,
    ) -> Sequence[SessionRecord]:
        """Newest first by `started_at`, without `state` and `record` (both b"").

        Args:
            limit: 1 to 1000.
            before: a call id, to page; that call need not be (any more) what is `wanted`.

        Raises:
            NotFound: the session `before` is gone.
            ValueError: the limit is not within 1 to 1000, or a time has no time zone.
        """
        ...

    async def delete(self, key: SessionKey) -> bool:
        """Remove a session, its events, its moments and its lease. True where there was one."""
        ...

    async def rewrite(
        self, record: SessionRecord, events: Sequence[StoredEvent], moments: Sequence[StoredEvent]
    ) -> None:
        """Put the same in other bytes, all of it at once: state, record, events, moments. Nothing else changes.

        Raises:
            RevisionConflict: the stored revision is not the record's, or there are more or fewer events or moments.
            NotFound, StoreLost, StoreFull.
        """
        ...

    async def aclose(self) -> None: ...


class Leases(Protocol):
    """Which process acts for a call. A lease expires by the store's own clock unless it is renewed.

    Fences order the owners of a call: whoever takes it gets a higher one, and `SessionStore.save` refuses a lower.
    The resume token is the caller's: who shows it takes the call at once. Only its hash is kept.

    Every method raises StoreLost where the store did not answer within its budget.
    """

    @property
    def ttl_s(self) -> float:
        """How long a lease holds without being renewed."""
        ...

    async def begin(self, key: SessionKey, owner: str, token: str) -> Lease:
        """The first lease of a new call.

        Raises:
            LeaseHeld: the call has one already.
            StoreFull: there is no room.
        """
        ...

    async def take(self, key: SessionKey, owner: str, token: str | None = None) -> Lease:
        """Become the owner of a call that there is: at once with its token, else once its lease has expired.

        Raises:
            NotFound: the call has never had a lease.
            WrongToken: the token is another one, or the call is over.
            LeaseHeld: there is no token, and somebody holds the call.
        """
        ...

    async def renew(self, lease: Lease) -> None:
        """Hold it for `ttl_s` from now. Where the store has lost it, it is written again.

        Raises:
            Fenced: somebody has taken the call since.
        """
        ...

    async def release(self, lease: Lease, *, over: bool) -> None:
        """Give it back. `over`: the call has ended, and its token opens nothing any more. A lost lease is left alone."""
        ...

    async def holder(self, key: SessionKey) -> Lease | None:
        """The lease in force, None where nobody holds the call."""
        ...

    async def abandoned(self, tenant: str, for_s: float, limit: int = 50) -> Sequence[SessionKey]:
        """Calls that are not over and that nobody has held for `for_s` seconds, longest first. `limit`: 1 to 1000."""
        ...

    async def aclose(self) -> None: ...


class CallerStore(Protocol):
    """Callers across calls, found by keyed hashes. `memory.callers_book` knows what is in them."""

    async def save(
        self,
        record: CallerRecord,
        seen: int,
        *,
        alone: Collection[str] = (),
        absorb: str | None = None,
    ) -> None:
        """Write a caller with its marks, in one transaction.

        Args:
            seen: the revision that the writer last saved or loaded; 0 for a new caller.
            alone: marks that no other caller may have.
            absorb: another caller of the tenant, who is removed in the same transaction.

        Raises:
            RevisionConflict: the stored revision is not `seen`.
            MarkTaken: one of `alone` is another caller's.
            NotFound: there is no caller to absorb.
            StoreLost, StoreFull: see `SessionStore.save`.
        """
        ...

    async def load(self, key: CallerKey) -> CallerRecord:
        """Raises NotFound, StoreLost."""
        ...

    async def find(self, tenant: str, mark: str) -> Sequence[CallerRecord]:
        """Those who have this mark, by their ids. Raises StoreLost."""
        ...

    async def list(
        self, tenant: str, *, limit: int = 50, before: str | None = None
    ) -> Sequence[CallerRecord]:
        """Newest first by `created_at`. `limit`: 1 to 1000.

        `before`: a caller's id, to page; raises NotFound where that caller is gone.
        """
        ...

    async def delete(self, key: CallerKey) -> bool:
        """Remove a caller and its marks. True where there was one."""
        ...

    async def tenants(self) -> Sequence[str]:
        """Whose callers there are, in order."""
        ...

    async def scrub(self) -> None:
        """Have what was deleted gone from the disk too, logs and journals included, as far as the store can.

        Raises:
            StoreLost: it cannot now; others are at work on it.
        """
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
            limit: most that are wanted by words, and by meaning; 1 to 200. Both together are at most twice that.

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
