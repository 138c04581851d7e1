"""Callers as they are meant: found by a number or an identity, written, merged, sealed anew. Over any `CallerStore`."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime

from pydantic import ValidationError

from memory.callers import (
    Caller,
    CallerKey,
    CallerRecord,
    Sign,
    SignKind,
    dump_caller,
    load_caller,
    merged,
)
from memory.errors import MemoryFailure, NotFound, RevisionConflict, StoreLost
from memory.listing import every
from memory.ports import CallerStore
from memory.sealed import Keyring, key_of

_TRIES = 5
_PAGE = 500


class CallerBook:
    """The callers of all tenants.

    Args:
        store: keeps the records.
        keys: seals what is in them, and makes the marks that they are found by.
    """

    def __init__(self, store: CallerStore, keys: Keyring) -> None:
        self._store = store
        self._keys = keys

    @property
    def keys(self) -> Keyring:
        return self._keys

    async def find(self, tenant: str, sign: Sign) -> tuple[Caller, ...]:
        """All callers who are recognised by `sign`.

        Raises:
            StoreLost: the store did not answer.
            KeyMissing, WrongKey: a record cannot be opened.
        """
        found: dict[CallerKey, Caller] = {}
        for mark in self._keys.marks(tenant, _told(sign)):
            for record in await self._store.find(tenant, mark):
                found.setdefault(record.key, self._read(record))
        return tuple(found.values())

    async def load(self, key: CallerKey) -> Caller:
        """Raises NotFound, and as `find`."""
        return self._read(await self._store.load(key))

    async def list(self, tenant: str, *, limit: int = 50, before: str | None = None) -> tuple[Caller, ...]:
        """Newest first, by when they were first known. `before`: a caller's id, to page."""
        return tuple(map(self._read, await self._store.list(tenant, limit=limit, before=before)))

    async def every(self, tenant: str) -> AsyncIterator[Caller]:
        """All callers of a tenant. Those that are read may be changed or deleted meanwhile."""
        async for record in self._records(tenant):
            yield self._read(record)

    async def tenants(self) -> tuple[str, ...]:
        """Whose callers there are."""
        return tuple(await self._store.tenants())

    async def write(
        self, caller: Caller, at: datetime, *, alone: Collection[Sign] = (), absorb: CallerKey | None = None
    ) -> Caller:
        """Save a caller; a new one has the revision 0.

        Args:
            alone: what nobody else may be recognised by; identities never are shared anyway.
            absorb: another caller, who is removed in the same breath.

        Returns:
            The same at its new revision.

        Raises:
            RevisionConflict: somebody has written since it was read.
            MarkTaken: an identity of theirs, or what is in `alone`, belongs to another.
            StoreLost, StoreFull.
        """
        return await self._write(replace(caller, updated_at=at), alone, absorb)

    async def _write(
        self, caller: Caller, alone: Collection[Sign] = (), absorb: CallerKey | None = None
    ) -> Caller:
        """As it is, the time included."""
        tenant = caller.key.tenant
        unshared = {*alone, *(sign for sign in caller.signs if sign.kind is SignKind.IDENTITY)}
        written = replace(caller, revision=caller.revision + 1)
        record = CallerRecord(
            key=caller.key,
            revision=written.revision,
            marks=self._newest_marks(caller),
            body=self._keys.seal(dump_caller(written), _about(caller.key)),
            created_at=caller.created_at,
            updated_at=caller.updated_at,
        )
        forbidden = [mark for sign in unshared for mark in self._keys.marks(tenant, _told(sign))]
        await self._store.save(
            record, caller.revision, alone=forbidden, absorb=absorb.caller if absorb is not None else None
        )
        return written

    async def change(self, key: CallerKey, how: Callable[[Caller], Caller], at: datetime) -> Caller:
        """Read, change and write, again where somebody else was faster.

        Raises:
            NotFound: there is no such caller.
            RevisionConflict: others were faster five times.
            MarkTaken, StoreLost, StoreFull.
        """
        for _ in range(_TRIES - 1):
            try:
                return await self.write(how(await self.load(key)), at)
            except RevisionConflict:
                continue
        return await self.write(how(await self.load(key)), at)

    async def merge(self, into: CallerKey, other: CallerKey, at: datetime) -> Caller:
        """Make one caller of two; `other` is gone then, and what recognised them recognises `into`.

        Raises:
            ValueError: they are the same, or of two tenants.
            NotFound: one of them is not there.
            RevisionConflict: one of them was written meanwhile; merge again.
        """
        if into == other or into.tenant != other.tenant:
            raise ValueError(
                f"{into.caller} and {other.caller} cannot be merged; name two callers of one tenant"
            )
        kept, gone = await self.load(into), await self.load(other)
        return await self.write(merged(kept, gone), at, absorb=other)

    async def delete(self, key: CallerKey) -> bool:
        """True where there was one."""
        return await self._store.delete(key)

    async def scrub(self) -> None:
        """See `CallerStore.scrub`."""
        await self._store.scrub()

    def marks(self, caller: Caller) -> frozenset[str]:
        """All marks, of every key, that calls of this caller may bear."""
        tenant = caller.key.tenant
        return frozenset(mark for sign in caller.signs for mark in self._keys.marks(tenant, _told(sign)))

    def mark(self, tenant: str, sign: Sign) -> str:
        """What a call of whoever is recognised by `sign` bears."""
        return self._keys.mark(tenant, _told(sign))

    async def rekey(self, tenant: str) -> tuple[int, int]:
        """Seal every record with the newest key, and mark it by that. One that is so already is left alone.

        Returns:
            how many there are, and how many were sealed anew.

        Raises:
            KeyMissing, WrongKey: a record does not open; those before it are done.
        """
        there = anew = 0
        async for record in self._records(tenant):
            there += 1
            if self._is_stale(record, self._read(record)):
                await self._anew(record.key)
                anew += 1
        return there, anew

    async def _anew(self, key: CallerKey) -> None:
        for _ in range(_TRIES):
            try:
                await self._write(await self.load(key))
                return
            except NotFound:
                return  # erased meanwhile
            except RevisionConflict:
                continue
        raise StoreLost(f"caller {key.caller} is written all the time; run the command again")

    def _is_stale(self, record: CallerRecord, caller: Caller) -> bool:
        sealed_by = key_of(record.body) or ""
        return sealed_by != self._keys.newest or record.marks != self._newest_marks(caller)

    def _newest_marks(self, caller: Caller) -> frozenset[str]:
        return frozenset(self._keys.mark(caller.key.tenant, _told(sign)) for sign in caller.signs)

    def _records(self, tenant: str) -> AsyncIterator[CallerRecord]:
        async def page(before: str | None) -> Sequence[CallerRecord]:
            return await self._store.list(tenant, limit=_PAGE, before=before)

        return every(page, lambda record: record.key.caller)

    def _read(self, record: CallerRecord) -> Caller:
        body = self._keys.open(record.body, _about(record.key))
        try:
            caller = load_caller(body)
        except ValidationError:
            raise MemoryFailure(
                f"caller {record.key.caller} was written by a version of Souffleur that this one cannot read"
            ) from None
        return replace(
            caller,
            key=record.key,
            revision=record.revision,
            created_at=record.created_at,
            updated_at=record.updated_at,
        )


def newcomer(tenant: str, signs: Collection[Sign], at: datetime) -> Caller:
    """Somebody who was not known before."""
    return Caller(CallerKey(tenant, uuid.uuid4().hex[:16]), 0, at, at, tuple(dict.fromkeys(signs)))


def _about(key: CallerKey) -> str:
    return f"caller\0{key.tenant}\0{key.caller}"


def _told(sign: Sign) -> str:
    return f"{sign.kind.value}\0{sign.proof}\0{sign.value}"
