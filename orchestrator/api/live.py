"""Calls in progress: looked at, followed and led. `/live`"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query
from pydantic import ValidationError
from sse_starlette import EventSourceResponse, ServerSentEvent

from memory.errors import MemoryFailure, NobodyThere
from memory.types import SessionKey
from orchestrator.api.call_shapes import Done, LiveItem, NoteWish, StepWish, WordsWish
from orchestrator.api.calls import carried_out, order, refuse
from orchestrator.api.desk import CallId, Desk, DeskHere, may, needs
from orchestrator.api.problems import Kind, Problem, answers
from orchestrator.api.roles import Principal, Role
from orchestrator.api.shapes import Page
from orchestrator.orders import Card, Do, PutDown, ShowMoments
from orchestrator.recording import CallClosed, dump_moment
from reasoner.events import HandedOverByHand, NoteWhispered, StepForced, WordsOrdered

live = APIRouter(prefix="/live", tags=["live calls"])
_ORDERED = answers(Kind.NOT_FOUND, Kind.CONFLICT, Kind.LATE)
_PATIENCE_S = 10.0
_HANG_UP_WITHIN_S = 15.0
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Moments as they are told, from the first: `id` is the place to go on from, `event` the "
        "type, `data` the JSON (docs/wire.md). Ends with the call.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


@live.get("", responses=answers())
async def list_live(
    desk: DeskHere, principal: Annotated[Principal, may(Role.VIEWER, "list_live")]
) -> Page[LiveItem]:
    """The tenant's calls that go on now, on all servers; newest first."""
    items = []
    for card in (await desk.carrier.bus.calls(principal.tenant)).values():
        try:
            items.append(LiveItem.model_validate(Card.model_validate_json(card).model_dump()))
        except ValidationError:
            continue  # of a server of another version; its calls are still in /sessions
    return Page(items=tuple(sorted(items, key=lambda item: item.started_at, reverse=True)))


@live.get(
    "/{call}/moments",
    responses=answers(Kind.NOT_FOUND, Kind.LATE) | _STREAM,
    response_class=EventSourceResponse,
)
async def follow_call(
    desk: DeskHere,
    call: CallId,
    principal: Annotated[Principal, may(Role.OPERATOR, "follow_call", "call")],
    after: Annotated[int, Query(ge=0, le=10**9, description="The place to go on from.")] = 0,
    last_event_id: Annotated[str | None, Header(alias="Last-Event-ID", max_length=20)] = None,
) -> EventSourceResponse:
    """Follow a call as server-sent events. A client that reconnects says with `Last-Event-ID` where it was."""
    place = after
    if last_event_id is not None:
        if not (last_event_id.isascii() and last_event_id.isdigit()):
            raise Problem(Kind.BAD_REQUEST, "`Last-Event-ID` is the `id` of an event of this stream")
        place = int(last_event_id)
    key = SessionKey(principal.tenant, call)
    await order(desk, key, ShowMoments(after=place, within_s=0))  # whether there is such a call
    return EventSourceResponse(_moments(desk, key, place), ping=15)


async def _moments(desk: Desk, key: SessionKey, place: int) -> AsyncIterator[ServerSentEvent]:
    """Asked for again and again of the server that carries the call: it waits, and nothing is kept twice."""
    while True:
        try:
            told = await order(
                desk, key, ShowMoments(after=place, within_s=_PATIENCE_S), within_s=2 * _PATIENCE_S
            )
        except (MemoryFailure, Problem) as lost:
            if not isinstance(lost, NobodyThere):
                yield ServerSentEvent(event="trouble", data='{"type": "trouble", "part": "bus"}')
            return
        first = told.next - len(told.moments)
        for at, moment in enumerate(told.moments, start=first + 1):
            yield ServerSentEvent(id=str(at), event=moment.type, data=dump_moment(moment).decode())
            if isinstance(moment, CallClosed):
                return
        place = told.next
        if told.over:
            return


@live.post("/{call}/notes", responses=_ORDERED)
async def whisper_note(
    desk: DeskHere,
    call: CallId,
    wish: NoteWish,
    principal: Annotated[Principal, may(Role.OPERATOR, "whisper_note", "call")],
) -> Done:
    """Give the model guidance for its replies. A front-end that reads lines word for word has no use for it."""
    event = NoteWhispered(wish.text, principal.who)
    return await carried_out(desk, SessionKey(principal.tenant, call), Do(event=event))


@live.post("/{call}/step", responses=_ORDERED)
async def force_step(
    desk: DeskHere,
    call: CallId,
    wish: StepWish,
    principal: Annotated[Principal, may(Role.OPERATOR, "force_step", "call")],
) -> Done:
    """Have the call go on elsewhere. Gates that the step needs are asked for first, unless `past_gates` waives them;
    what has to be said is said in any case."""
    if wish.past_gates:
        needs(principal, Role.SUPERVISOR, "`past_gates`")
    event = StepForced(wish.step, principal.who, wish.past_gates)
    return await carried_out(desk, SessionKey(principal.tenant, call), Do(event=event))


@live.post("/{call}/words", responses=_ORDERED)
async def say_words(
    desk: DeskHere,
    call: CallId,
    wish: WordsWish,
    principal: Annotated[Principal, may(Role.SUPERVISOR, "say_words", "call")],
) -> Done:
    """Have the agent say exactly this, now."""
    event = WordsOrdered(wish.text, principal.who)
    return await carried_out(desk, SessionKey(principal.tenant, call), Do(event=event))


@live.post("/{call}/handover", responses=_ORDERED)
async def hand_over(
    desk: DeskHere, call: CallId, principal: Annotated[Principal, may(Role.OPERATOR, "hand_over", "call")]
) -> Done:
    """Hand the call to a person, once the agent has said so."""
    event = HandedOverByHand(principal.who)
    return await carried_out(desk, SessionKey(principal.tenant, call), Do(event=event))


@live.post("/{call}/hangup", responses=_ORDERED)
async def hang_up(
    desk: DeskHere, call: CallId, principal: Annotated[Principal, may(Role.OPERATOR, "hang_up", "call")]
) -> Done:
    """End the call now, and save it."""
    key = SessionKey(principal.tenant, call)
    told = await order(desk, key, PutDown(), within_s=_HANG_UP_WITHIN_S)
    refuse(told.refusal)
    outcome = told.state.outcome
    return Done(call=call, revision=told.state.revision, outcome=outcome.value if outcome else None)
