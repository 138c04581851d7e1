"""A call again, through the flow that led it or another: `/sessions/{call}/replay`."""

from __future__ import annotations

from typing import Annotated

import anyio
from anyio.to_thread import run_sync
from fastapi import APIRouter
from pydantic import ValidationError

from flows.loader import LoadedFlow, open_flow
from memory.types import SessionKey, SessionRecord
from orchestrator.api.call_shapes import ReplayView, ReplayWish
from orchestrator.api.calls import state_of
from orchestrator.api.desk import CallId, Desk, DeskHere, may
from orchestrator.api.problems import Kind, Problem, answers
from orchestrator.api.roles import Principal, Role
from orchestrator.replay import Replayed, differing, replay, replay_anew
from reasoner.events import Event, load_event
from reasoner.state import dump_state
from reasoner.understand import ParserUnderstander

replays = APIRouter(prefix="/sessions", tags=["sessions"])
_AT_ONCE = anyio.CapacityLimiter(2)


@replays.post("/{call}/replay", responses=answers(Kind.NOT_FOUND, Kind.CONFLICT))
async def replay_session(
    desk: DeskHere,
    call: CallId,
    wish: ReplayWish,
    principal: Annotated[Principal, may(Role.OPERATOR, "replay_session", "call")],
) -> ReplayView:
    """Replay a call. Through the version that led it, to see that it comes out the same; through another, to see
    what would have become of it. Nothing is changed, and no other system is asked."""
    key = SessionKey(principal.tenant, call)
    record = await desk.carrier.sessions.load(key)
    stored = await desk.carrier.sessions.events(key)
    then = state_of(record)
    try:
        events = [load_event(one.event) for one in stored]
    except ValidationError:
        raise Problem(
            Kind.CONFLICT, "this call was kept by a version whose events this one cannot read"
        ) from None
    loaded = await _flow(desk, record, wish)
    same = loaded.flow.content_hash == record.flow_hash
    done = await run_sync(_replayed, loaded, call, events, same, limiter=_AT_ONCE)
    return ReplayView(
        call=call,
        same_flow=same,
        same_state=same and dump_state(done.state) == dump_state(then),
        outcome=done.state.outcome.value if done.state.outcome else None,
        differences=tuple(differing(then, done)),
        replies=tuple(done.words),
    )


def _replayed(loaded: LoadedFlow, call: str, events: list[Event], same: bool) -> Replayed:
    if same:
        return replay(loaded.flow, call, events)
    return anyio.run(replay_anew, loaded.flow, call, events, ParserUnderstander())


async def _flow(desk: Desk, record: SessionRecord, wish: ReplayWish) -> LoadedFlow:
    """Raises Problem, NotFound, FlowError where there is none."""
    tenant, name = record.key.tenant, wish.flow or record.flow
    if wish.version is not None:
        version = await desk.flows.load(tenant, name, wish.version)
        return await run_sync(open_flow, str(await desk.shelf.path_of(version)))
    if wish.flow is None:
        led = await desk.shelf.that_led(tenant, record.flow, record.flow_hash)
        if led is None:
            raise Problem(
                Kind.CONFLICT,
                "the version that led this call is not here any more; name a flow to replay it with",
            )
        return led
    return await desk.shelf.open(tenant, name)
