"""What is asked of whoever serves a call: to show it, or to do something to it. Goes over the bus as JSON."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Annotated, Literal, Protocol

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from memory.admin_ports import Bus
from memory.types import SessionKey
from orchestrator.calls import Why
from orchestrator.recording import Moment
from reasoner.by_hand import Refusal
from reasoner.events import ByHand
from reasoner.state import GoalState

MOST_MOMENTS_AT_ONCE = 200


class _Wire(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ShowState(_Wire):
    order: Literal["show_state"] = "show_state"


class ShowStory(_Wire):
    """The call so far, as `call.json`."""

    order: Literal["show_story"] = "show_story"


class ShowMoments(_Wire):
    """Moments from a place on; where there are none yet, wait for the next, at most `within_s`."""

    order: Literal["show_moments"] = "show_moments"
    after: int = Field(ge=0)
    within_s: float = Field(ge=0, le=60)


class Do(_Wire):
    """Apply an event."""

    order: Literal["do"] = "do"
    event: Annotated[ByHand, Field(discriminator="kind")]


class PutDown(_Wire):
    """End the call now."""

    order: Literal["put_down"] = "put_down"


Order = Annotated[ShowState | ShowStory | ShowMoments | Do | PutDown, Field(discriminator="order")]
_order: TypeAdapter[Order] = TypeAdapter(Order)


class Told(_Wire):
    """The answer to all but `ShowStory`.

    Attributes:
        refusal: why nothing was done, None where it was done.
        state: the newest.
        moments: those that were asked for; `next` is the place after them.
        over: no more will come.
    """

    state: GoalState
    refusal: Refusal | None = None
    moments: tuple[Annotated[Moment, Field(discriminator="type")], ...] = ()
    next: int = 0
    over: bool = False


class Card(_Wire):
    """What a list of calls shows of one. Nothing that a caller said."""

    call: str
    flow: str
    started_at: AwareDatetime
    step: str
    revision: int
    turns: int
    outcome: str | None
    server: str


class Commanded(Protocol):
    """A live call, as orders need it."""

    key: SessionKey

    @property
    def started_at(self) -> datetime: ...

    @property
    def state(self) -> GoalState: ...

    @property
    def over(self) -> bool:
        """It takes no more orders."""
        ...

    async def by_hand(self, event: ByHand) -> Refusal | None:
        """Apply what a supervisor orders. Why not, None where it was done."""
        ...

    async def moments_after(self, place: int, within_s: float, most: int) -> tuple[int, Sequence[Moment]]:
        """Moments from a place on, and the place after them. Waits for the first of them."""
        ...

    def told_as_file(self) -> bytes:
        """The call so far, as `call.json`."""
        ...

    async def hang_up(self, why: Why = "caller_hung_up") -> None: ...


async def carry_out(call: Commanded, command: bytes) -> bytes:
    """Do what an order says. The answer is JSON: `Told`, or a `call.json` for `ShowStory`; b"" for no order of ours."""
    try:
        order = _order.validate_json(command)
    except ValidationError:
        return b""
    match order:
        case ShowStory():
            return call.told_as_file()
        case ShowState():
            return _told(call)
        case ShowMoments():
            at, moments = await call.moments_after(order.after, order.within_s, MOST_MOMENTS_AT_ONCE)
            return _told(call, moments=tuple(moments), next=at, over=call.over and not moments)
        case Do():
            return _told(call, refusal=await call.by_hand(order.event))
        case PutDown():
            if call.over:
                return _told(call, refusal=Refusal.OVER)
            await call.hang_up("supervisor")
            return _told(call)


def server_name() -> str:
    """What this process is called among those that share calls."""
    return f"{socket.gethostname()}-{os.getpid()}"


def serving(bus: Bus, call: Commanded) -> AbstractAsyncContextManager[None]:
    """Within the block, the call is listed, and orders to it reach it."""
    return bus.serve(call.key, lambda: card_of(call, server_name()), lambda command: carry_out(call, command))


def card_of(call: Commanded, server: str) -> bytes:
    state = call.state
    card = Card(
        call=call.key.call,
        flow=state.flow,
        started_at=call.started_at,
        step=state.step,
        revision=state.revision,
        turns=state.turns,
        outcome=state.outcome.value if state.outcome else None,
        server=server,
    )
    return card.model_dump_json().encode()


def _told(call: Commanded, **answer: object) -> bytes:
    return Told(state=call.state, **answer).model_dump_json().encode()


def dump_order(order: ShowState | ShowStory | ShowMoments | Do | PutDown) -> bytes:
    return _order.dump_json(order)
