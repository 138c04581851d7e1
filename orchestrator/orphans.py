"""Ends calls that no process leads any more and whose callers have not come back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import anyio
from pydantic import ValidationError

from memory.errors import Fenced, LeaseHeld, MemoryFailure, NotFound
from memory.ports import Leases, SessionStore
from memory.types import Lease, SessionRecord, StoredEvent
from orchestrator.callfile import CallFile
from orchestrator.recording import CallClosed, CallOpened, Moment, dump_moment, load_moment
from orchestrator.telemetry import Happened, log
from reasoner.events import CallEnded, dump_event
from reasoner.resumed import left_alone
from reasoner.state import GoalState, dump_state, load_state


@dataclass(frozen=True, slots=True)
class Orphans:
    """Calls of one tenant that were left alone.

    Attributes:
        owner: what this process calls itself.
        for_s: how long nobody may have led a call.
    """

    sessions: SessionStore
    leases: Leases
    tenant: str
    owner: str
    for_s: float

    async def end_all(self) -> int:
        """End those that there are now; how many. Raises StoreLost."""
        ended = 0
        for key in await self.leases.abandoned(self.tenant, self.for_s):
            try:
                lease = await self.leases.take(key, self.owner)
            except (LeaseHeld, NotFound):
                continue  # somebody was faster
            try:
                ended += await self._end(lease)
            except Fenced:
                continue  # the caller is back
            except (
                NotFound,
                ValidationError,
            ):  # never stored, erased, or of a version that nobody here can read
                log(Happened.CALL_ABANDONED, call=key.call, why="unreadable")
            await self.leases.release(lease, over=True)
        return ended

    async def _end(self, lease: Lease) -> bool:
        key = lease.key
        record = await self.sessions.load(key)
        if record.outcome is not None:
            return False
        state = load_state(record.state)
        event = CallEnded(state.at_s, "line_lost")
        ended = left_alone(state, event)
        assert ended.outcome is not None
        told = [load_moment(moment.event) for moment in await self.sessions.moments(key)]
        closed = CallClosed(ended.outcome.value, ended.at_s, "its line was lost")
        await self.sessions.save(
            replace(
                record,
                revision=ended.revision,
                state=dump_state(ended),
                outcome=ended.outcome.value,
                updated_at=datetime.now(UTC),
                record=_story(record, [*told, closed], ended),
            ),
            [StoredEvent(ended.revision, ended.at_s, dump_event(event))],
            record.revision,
            fence=lease.fence,
            moments=[StoredEvent(ended.revision, ended.at_s, dump_moment(closed))],
        )
        log(Happened.CALL_ABANDONED, call=key.call, outcome=ended.outcome.value)
        return True


@asynccontextmanager
async def ending_orphans(orphans: Orphans, every_s: float) -> AsyncIterator[None]:
    """Look for them every so often, until the block is left. A store that is away is asked again."""

    async def look() -> None:
        while True:
            await anyio.sleep(every_s)
            try:
                await orphans.end_all()
            except MemoryFailure:
                continue

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(look)
        yield
        tasks.cancel_scope.cancel()


def _story(record: SessionRecord, told: list[Moment], state: GoalState) -> bytes:
    """`call.json` of what was stored, b"" where its beginning was not."""
    if not told or not isinstance(told[0], CallOpened):
        return b""
    return CallFile.from_moments(told, state, started_at=record.started_at).dump()
