"""A call wherever it is: asked of the server that carries it, or read from the store."""

from __future__ import annotations

from pydantic import ValidationError

from memory.errors import NobodyThere
from memory.types import SessionKey, SessionRecord
from orchestrator.api.call_shapes import Done
from orchestrator.api.desk import Desk
from orchestrator.api.problems import Kind, Problem
from orchestrator.callfile import CallFile, load_call
from orchestrator.errors import BadCallFile
from orchestrator.orders import Do, PutDown, ShowMoments, ShowState, ShowStory, Told, dump_order
from reasoner.by_hand import Refusal
from reasoner.state import GoalState, load_state

_WHY = {
    Refusal.OVER: "the call is over",
    Refusal.STALE: "the call has moved on; read its memory again",
    Refusal.NO_SUCH_SLOT: "the flow has no such slot",
    Refusal.NO_SUCH_STEP: "the flow has no such step, or none that a call can be sent to",
    Refusal.BAD_VALUE: "a slot cannot have this value",
    Refusal.GATED: "this proves who is calling, or is consent: it takes `past_gates`, and the role supervisor",
    Refusal.BUSY: "something is being written in another system; wait until it is done",
    Refusal.NEVER_SAY: "the flow forbids these words",
    Refusal.TOO_LONG: "too long, or too many notes",
    Refusal.EMPTY: "there is no text in it",
}


async def order(
    desk: Desk, key: SessionKey, wanted: Do | PutDown | ShowState | ShowMoments, within_s: float | None = None
) -> Told:
    """Have the server that carries a call do something.

    Raises:
        NobodyThere, AnswerLate, StoreLost: see `Bus.ask`.
        Problem: it is of a version that does not know this order.
    """
    answer = await desk.carrier.bus.ask(key, dump_order(wanted), within_s or desk.settings.api.order_within_s)
    try:
        return Told.model_validate_json(answer)
    except ValidationError:
        raise Problem(
            Kind.UNAVAILABLE, "the server that carries the call does not understand this order"
        ) from None


async def carried_out(desk: Desk, key: SessionKey, wanted: Do | PutDown) -> Done:
    """The same for a change. Raises Problem where the call takes no notice of it."""
    told = await order(desk, key, wanted)
    refuse(told.refusal)
    outcome = told.state.outcome
    return Done(call=key.call, revision=told.state.revision, outcome=outcome.value if outcome else None)


def refuse(why: Refusal | None, detail: str = "") -> None:
    """Raises Problem where there is a reason."""
    if why is None:
        return
    kinds = {
        Refusal.OVER: Kind.CONFLICT,
        Refusal.BUSY: Kind.CONFLICT,
        Refusal.STALE: Kind.STALE,
        Refusal.GATED: Kind.FORBIDDEN,
    }
    raise Problem(kinds.get(why, Kind.REFUSED), detail or _WHY[why], refusal=why)


async def live_state(desk: Desk, key: SessionKey) -> GoalState | None:
    """The state of a call that goes on, None where no server carries it."""
    try:
        return (await order(desk, key, ShowState())).state
    except NobodyThere:
        return None


async def live_story(desk: Desk, key: SessionKey) -> CallFile | None:
    """The story so far of a call that goes on, None where no server carries it."""
    try:
        answer = await desk.carrier.bus.ask(key, dump_order(ShowStory()), desk.settings.api.order_within_s)
        return load_call(answer)
    except NobodyThere:
        return None
    except BadCallFile as bad:
        raise Problem(Kind.UNAVAILABLE, "the server that carries the call is of another version") from bad


def state_of(record: SessionRecord) -> GoalState:
    """Raises Problem where it was kept by a version whose states cannot be read."""
    try:
        return load_state(record.state)
    except ValidationError:
        raise Problem(
            Kind.CONFLICT, "this call was kept by a version whose states this one cannot read"
        ) from None
