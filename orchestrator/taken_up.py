"""A call as another process left it, to be gone on with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import UTC, datetime
from typing import Any

from duplex_frontend.ports import DuplexCall
from duplex_frontend.types import Block, Exchange, Expected, FrontendEvent, Prompt
from memory.errors import WrongToken
from memory.ports import SessionStore
from memory.types import SessionKey, StoredEvent
from orchestrator.recording import CallClosed, Moment, load_moment
from reasoner.events import CallStarted, load_event
from reasoner.state import GoalState, load_state

TIMES = frozenset({"start_s", "end_s", "at_s", "decided_s"})
"""The fields of a front-end's events that are times in the call's clock, and no durations."""


@dataclass(frozen=True, slots=True)
class TakenUp:
    """What the store has of a call.

    Attributes:
        offset_s: what the call's clock says now. A front-end's begins at 0; the call's goes on.
        gap_s: since it was last written.
    """

    state: GoalState
    flow: str
    started_at: datetime
    events: Sequence[StoredEvent]
    moments: Sequence[StoredEvent]
    offset_s: float
    gap_s: float

    @property
    def opening(self) -> CallStarted:
        """How it began."""
        first = load_event(self.events[0].event) if self.events else None
        return first if isinstance(first, CallStarted) else CallStarted()

    @property
    def told(self) -> list[Moment]:
        """Its story so far."""
        told = [load_moment(moment.event) for moment in self.moments]
        return [moment for moment in told if not isinstance(moment, CallClosed)]


async def take_up(store: SessionStore, key: SessionKey) -> TakenUp:
    """Read a call that is not over. Its lease has to be ours already, so that nothing is written after this.

    Raises:
        WrongToken: it is over.
        NotFound, StoreLost
    """
    record = await store.load(key)
    if record.outcome is not None:
        raise WrongToken(f"call {key.call} is over ({record.outcome}); begin a new one")
    now, state = datetime.now(UTC), load_state(record.state)
    return TakenUp(
        state=state,
        flow=record.flow,
        started_at=record.started_at,
        events=await store.events(key),
        moments=await store.moments(key),
        offset_s=max(state.at_s, (now - record.started_at).total_seconds()),
        gap_s=max(0.0, (now - record.updated_at).total_seconds()),
    )


class LaterCall:
    """A `DuplexCall` whose clock goes on where the call's stood: every time is later by `offset_s`."""

    def __init__(self, call: DuplexCall, offset_s: float) -> None:
        self._call = call
        self._offset_s = offset_s

    def feed(self, block: Block) -> None:
        self._call.feed(block)

    async def audio(self) -> AsyncIterator[Exchange]:
        async for exchange in self._call.audio():
            yield replace(exchange, at_s=exchange.at_s + self._offset_s)

    async def events(self) -> AsyncIterator[FrontendEvent]:
        async for event in self._call.events():
            yield later(event, self._offset_s)

    def whisper(self, prompt: Prompt) -> None:
        expires_s = None if prompt.expires_s is None else prompt.expires_s - self._offset_s
        self._call.whisper(replace(prompt, expires_s=expires_s))

    def expect(self, expected: Expected) -> None:
        self._call.expect(expected)

    def hush(self) -> None:
        self._call.hush()

    async def aclose(self) -> None:
        await self._call.aclose()


def later(event: FrontendEvent, by_s: float) -> FrontendEvent:
    """The same, `by_s` seconds later in the call's clock."""
    return replace(event, **_moved(event, by_s))


def _moved(part: Any, by_s: float) -> dict[str, Any]:
    """The times of a dataclass and of the pieces in it, moved."""
    moved: dict[str, Any] = {}
    for field in fields(part):
        value = getattr(part, field.name)
        if field.name in TIMES and value is not None:
            moved[field.name] = value + by_s
        elif isinstance(value, tuple) and value and is_dataclass(value[0]):
            moved[field.name] = tuple(replace(each, **_moved(each, by_s)) for each in value)
    return moved
