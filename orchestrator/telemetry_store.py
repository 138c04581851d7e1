"""A session store whose work is timed. It hands everything on as it is."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from memory.errors import Fenced, MemoryFailure, NotFound, RevisionConflict
from memory.ports import SessionStore
from memory.session_filter import ANY, SessionFilter
from memory.types import SessionKey, SessionRecord, StoredEvent
from orchestrator.telemetry_metrics import Metrics, Stored

_ANSWERS = (NotFound, RevisionConflict, Fenced)
"""Errors by which a store that is well says what it has to say."""


class TimedSessions:
    """A `SessionStore` around another one."""

    def __init__(self, store: SessionStore, metrics: Metrics) -> None:
        self._store = store
        self._metrics = metrics

    async def save(
        self,
        record: SessionRecord,
        events: Sequence[StoredEvent],
        seen: int,
        *,
        fence: int | None = None,
        moments: Sequence[StoredEvent] = (),
    ) -> None:
        """See `SessionStore.save`."""
        with self._timed("save"):
            await self._store.save(record, events, seen, fence=fence, moments=moments)

    async def attach(self, key: SessionKey, record: bytes, *, fence: int | None = None) -> None:
        """See `SessionStore.attach`."""
        with self._timed("attach"):
            await self._store.attach(key, record, fence=fence)

    async def load(self, key: SessionKey) -> SessionRecord:
        """See `SessionStore.load`."""
        with self._timed("load"):
            return await self._store.load(key)

    async def events(self, key: SessionKey) -> Sequence[StoredEvent]:
        """See `SessionStore.events`."""
        with self._timed("events"):
            return await self._store.events(key)

    async def moments(self, key: SessionKey) -> Sequence[StoredEvent]:
        """See `SessionStore.moments`."""
        with self._timed("moments"):
            return await self._store.moments(key)

    async def list(
        self,
        tenant: str,
        wanted: SessionFilter = ANY,
        *,
        limit: int = 50,
        before: str | None = None,
    ) -> Sequence[SessionRecord]:
        """See `SessionStore.list`."""
        with self._timed("list"):
            return await self._store.list(tenant, wanted, limit=limit, before=before)

    async def delete(self, key: SessionKey) -> bool:
        """See `SessionStore.delete`."""
        with self._timed("delete"):
            return await self._store.delete(key)

    async def rewrite(
        self, record: SessionRecord, events: Sequence[StoredEvent], moments: Sequence[StoredEvent]
    ) -> None:
        """See `SessionStore.rewrite`."""
        with self._timed("rewrite"):
            await self._store.rewrite(record, events, moments)

    async def aclose(self) -> None:
        """See `SessionStore.aclose`."""
        await self._store.aclose()

    @contextmanager
    def _timed(self, operation: str) -> Iterator[None]:
        began, result = time.perf_counter(), Stored.CANCELLED
        try:
            yield
            result = Stored.DONE
        except _ANSWERS:
            result = Stored.REFUSED
            raise
        except MemoryFailure:
            result = Stored.FAILED
            raise
        finally:
            self._metrics.store.labels(operation, result).observe(time.perf_counter() - began)
