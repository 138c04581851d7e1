"""Sessions sealed at rest, in whatever store: states, stories, events and moments. What is listed by is not."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from memory.errors import NotFound, RevisionConflict, StoreLost
from memory.listing import every
from memory.ports import SessionStore
from memory.sealed import Keyring, key_of
from memory.session_filter import ANY, SessionFilter
from memory.types import SessionKey, SessionRecord, StoredEvent

_TRIES = 5
_PAGE = 1000


class SealedSessions:
    """A `SessionStore` around another one. Without keys it hands everything on as it is.

    What was written before there were keys is read as it stands.
    """

    def __init__(self, store: SessionStore, keys: Keyring) -> None:
        self._store = store
        self._keys = keys

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
        sealed = self._sealed(record)
        closed = self._sealed_all(record.key, "event", events)
        told = self._sealed_all(record.key, "moment", moments)
        await self._store.save(sealed, closed, seen, fence=fence, moments=told)

    async def attach(self, key: SessionKey, record: bytes, *, fence: int | None = None) -> None:
        """See `SessionStore.attach`."""
        await self._store.attach(key, self._seal(key, "record", record), fence=fence)

    async def load(self, key: SessionKey) -> SessionRecord:
        """Raises NotFound, StoreLost; KeyMissing or WrongKey where it does not open."""
        return self._opened(await self._store.load(key))

    async def events(self, key: SessionKey) -> Sequence[StoredEvent]:
        """See `SessionStore.events`. Raises as `load`."""
        return self._opened_all(key, "event", await self._store.events(key))

    async def moments(self, key: SessionKey) -> Sequence[StoredEvent]:
        """See `SessionStore.moments`. Raises as `load`."""
        return self._opened_all(key, "moment", await self._store.moments(key))

    async def list(
        self,
        tenant: str,
        wanted: SessionFilter = ANY,
        *,
        limit: int = 50,
        before: str | None = None,
    ) -> Sequence[SessionRecord]:
        """See `SessionStore.list`. Nothing in a list is sealed; what says who called is hashed with a key."""
        return await self._store.list(tenant, wanted, limit=limit, before=before)

    async def delete(self, key: SessionKey) -> bool:
        """See `SessionStore.delete`."""
        return await self._store.delete(key)

    async def rewrite(
        self, record: SessionRecord, events: Sequence[StoredEvent], moments: Sequence[StoredEvent]
    ) -> None:
        """See `SessionStore.rewrite`."""
        await self._store.rewrite(
            self._sealed(record),
            self._sealed_all(record.key, "event", events),
            self._sealed_all(record.key, "moment", moments),
        )

    async def aclose(self) -> None:
        await self._store.aclose()

    async def rekey(self, tenant: str) -> tuple[int, int]:
        """Seal every session with the newest key. One that is so already is left alone.

        Returns:
            how many there are, and how many were sealed anew.

        Raises:
            KeyMissing, WrongKey: one does not open; those before it are done.
            StoreLost: one is written all the time.
        """
        there = anew = 0
        async for record in every_session(self._store, tenant):
            there += 1
            anew += await self._anew(record.key)
        return there, anew

    async def _anew(self, key: SessionKey) -> bool:
        for _ in range(_TRIES):
            try:
                record, events = await self._store.load(key), await self._store.events(key)
                moments = await self._store.moments(key)
                blobs = (record.state, record.record, *(one.event for one in (*events, *moments)))
                if all((key_of(blob) or "") == self._keys.newest for blob in blobs if blob):
                    return False
                await self.rewrite(
                    self._opened(record),
                    self._opened_all(key, "event", events),
                    self._opened_all(key, "moment", moments),
                )
                return True
            except NotFound:
                return False  # deleted meanwhile
            except RevisionConflict:
                continue
        raise StoreLost(f"session {key.call} is written all the time; run the command again")

    def _sealed(self, record: SessionRecord) -> SessionRecord:
        return replace(
            record,
            state=self._seal(record.key, "state", record.state),
            record=self._seal(record.key, "record", record.record),
        )

    def _opened(self, record: SessionRecord) -> SessionRecord:
        return replace(
            record,
            state=self._open(record.key, "state", record.state),
            record=self._open(record.key, "record", record.record),
        )

    def _sealed_all(self, key: SessionKey, part: str, stored: Sequence[StoredEvent]) -> Sequence[StoredEvent]:
        return [replace(one, event=self._seal(key, part, one.event)) for one in stored]

    def _opened_all(self, key: SessionKey, part: str, stored: Sequence[StoredEvent]) -> Sequence[StoredEvent]:
        return [replace(one, event=self._open(key, part, one.event)) for one in stored]

    def _seal(self, key: SessionKey, part: str, data: bytes) -> bytes:
        return self._keys.seal(data, _about(key, part))

    def _open(self, key: SessionKey, part: str, data: bytes) -> bytes:
        return self._keys.open(data, _about(key, part))


def _about(key: SessionKey, part: str) -> str:
    return f"session\0{key.tenant}\0{key.call}\0{part}"


def every_session(store: SessionStore, tenant: str) -> AsyncIterator[SessionRecord]:
    """All sessions of a tenant, as they are listed. They may be deleted meanwhile. See `memory.listing.every`."""

    async def page(before: str | None) -> Sequence[SessionRecord]:
        return await store.list(tenant, limit=_PAGE, before=before)

    return every(page, lambda record: record.key.call)
