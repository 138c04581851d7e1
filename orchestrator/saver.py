"""Writes a session at every revision, beside the call. A store that fails costs nothing but time: what could
not be written is kept and tried again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import anyio

from memory.errors import Fenced, MemoryFailure, RevisionConflict
from memory.ports import SessionStore
from memory.types import SessionRecord, StoredEvent
from orchestrator.tenure import Tenure

RETRY_S = (0.2, 1.0, 5.0)  # then every 5 s


class Saver:
    """The one writer of one session.

    Everything is kept until the call is over, for a store may lose what it has taken: a Redis that was killed comes
    back without its last second, or empty. What it lost is written again, as long as nobody else has the call.

    Args:
        trouble: told once when the store begins to fail, and once when it works again.
        tenure: what makes us the one writer; None where nobody else could be.
        seen: the stored revision, with the events and moments that led to it, of a call that is taken up.
    """

    def __init__(
        self,
        store: SessionStore,
        trouble: Callable[[str, bool], None],
        *,
        tenure: Tenure | None = None,
        seen: int = 0,
        events: Sequence[StoredEvent] = (),
        moments: Sequence[StoredEvent] = (),
    ) -> None:
        self._store = store
        self._trouble = trouble
        self._tenure = tenure
        self._newest: SessionRecord | None = None
        self._seen = seen
        self._events = list(events)
        self._moments = list(moments)
        self._dirty = asyncio.Event()
        self._written = asyncio.Event()
        self._failures = 0
        self._fenced = False

    @property
    def unwritten(self) -> bool:
        """There is something that the store has not taken yet, and that is ours to write."""
        return self._dirty.is_set() and not self._fenced

    def put(
        self, record: SessionRecord, event: StoredEvent | None, moments: Sequence[StoredEvent] = ()
    ) -> None:
        """This is the newest; write it as soon as possible. Never waits."""
        self._newest = record
        if event is not None:
            self._events.append(event)
        self._moments += moments
        self._dirty.set()

    async def run(self) -> None:
        """Write whenever there is something new. Cancel to end; then call `finish`."""
        while True:
            await self._dirty.wait()
            if not await self._write():
                await asyncio.sleep(RETRY_S[min(self._failures, len(RETRY_S)) - 1])

    async def secured(self, revision: int, within_s: float) -> bool:
        """Wait until a revision is stored under our fence: then the call is ours, and the store knows what we do.

        False: somebody else has the call, or the store did not take it in time.
        """
        if self._tenure is None:
            return True
        with anyio.move_on_after(within_s):
            while self._seen < revision and not self._fenced:
                await self._written.wait()
        return self._seen >= revision and not self._fenced

    async def finish(self, record: bytes) -> bool:
        """Write what is left, and the whole story of the call. False where the store would not take it."""
        return await self._last(record)

    async def leave(self) -> bool:
        """Write what is left of a call that goes on elsewhere. False where the store would not take it."""
        return await self._last(None)

    async def persist(self, record: bytes | None) -> None:
        """`finish`, or without a record `leave`, for as long as it takes. Cancel to give up."""
        while True:
            if await self._last(record):
                return
            await asyncio.sleep(RETRY_S[-1])

    async def _last(self, record: bytes | None) -> bool:
        for wait_s in (0.0, *RETRY_S[:2]):
            await asyncio.sleep(wait_s)
            if (not self._dirty.is_set() or await self._write()) and (
                record is None or await self._attach(record)
            ):
                return True
        return False

    async def _attach(self, record: bytes) -> bool:
        if self._newest is None or self._fenced:
            return True
        try:
            await self._store.attach(self._newest.key, record, fence=self._fence)
        except Fenced as fenced:
            self._lose(fenced)
        except MemoryFailure as failure:
            self._trouble(str(failure), False)
            return False
        return True

    async def _write(self) -> bool:
        """False where it has to be tried again."""
        record = self._newest
        self._dirty.clear()
        if record is None or self._fenced:
            return True
        events, moments = _after(self._events, self._seen), _after(self._moments, self._seen)
        try:
            # Whoever ends the session waits for a save that has begun: half-known it could not be repeated.
            with anyio.CancelScope(shield=True):
                await self._store.save(record, events, self._seen, fence=self._fence, moments=moments)
        except Fenced as fenced:
            self._lose(fenced)
            return True
        except RevisionConflict as conflict:
            if self._tenure is None or conflict.stored > self._seen:
                self._lose(conflict)
                return True
            self._fail(f"the store has lost revisions {conflict.stored + 1} to {self._seen}; written again")
            self._seen = conflict.stored
            return False
        except MemoryFailure as failure:
            self._fail(f"{failure}; kept here and tried again")
            return False
        self._seen = record.revision
        if self._failures:
            self._trouble("the store works again; everything is written", True)
        self._failures = 0
        self._wake()
        return True

    @property
    def _fence(self) -> int | None:
        return self._tenure.fence if self._tenure is not None else None

    def _fail(self, what: str) -> None:
        self._failures += 1
        if self._failures == 1:
            self._trouble(what, False)
        self._dirty.set()

    def _lose(self, why: MemoryFailure) -> None:
        self._fenced = True
        if self._tenure is not None:
            self._tenure.lose()
        self._trouble(f"another server has taken this session over: {why}", False)
        self._wake()

    def _wake(self) -> None:
        written, self._written = self._written, asyncio.Event()
        written.set()


def _after(stored: list[StoredEvent], revision: int) -> list[StoredEvent]:
    """Those of later revisions. They are in order, and the last ones are wanted."""
    at = len(stored)
    while at and stored[at - 1].revision > revision:
        at -= 1
    return stored[at:]
