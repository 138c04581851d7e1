"""What a call holds, read and corrected: `/sessions/{call}/memory`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Response

from memory.errors import Fenced
from memory.privacy_stores import CLASSES
from memory.types import SessionKey, SessionRecord, StoredEvent
from orchestrator.api.call_shapes import GateView, MemoryPatch, MemoryView, SlotView
from orchestrator.api.calls import live_state, order, refuse, state_of
from orchestrator.api.desk import CallId, Desk, DeskHere, may, needs
from orchestrator.api.problems import Kind, Problem, answers
from orchestrator.api.roles import Principal, Role
from orchestrator.api.tags import TAGGED, IfMatch, revision_of, tag
from orchestrator.orders import Do
from orchestrator.redaction import class_of
from reasoner.by_hand import refusal
from reasoner.events import MemoryPatched, dump_event
from reasoner.machine import advance
from reasoner.state import GoalState, dump_state

call_memory = APIRouter(prefix="/sessions", tags=["memory"])


@call_memory.get("/{call}/memory", responses=answers(Kind.NOT_FOUND) | TAGGED)
async def read_memory(
    desk: DeskHere,
    call: CallId,
    response: Response,
    principal: Annotated[Principal, may(Role.OPERATOR, "read_memory", "call")],
) -> MemoryView:
    """Slots, notes and gates of a call, as they are now."""
    record = await desk.carrier.sessions.load(SessionKey(principal.tenant, call))
    now = await live_state(desk, record.key)
    return _shown(now or state_of(record), response, live=now is not None)


@call_memory.patch(
    "/{call}/memory",
    responses=answers(Kind.NOT_FOUND, Kind.CONFLICT, Kind.STALE, Kind.NO_REVISION, Kind.LATE) | TAGGED,
)
async def patch_memory(
    desk: DeskHere,
    call: CallId,
    patch: MemoryPatch,
    response: Response,
    principal: Annotated[Principal, may(Role.OPERATOR, "patch_memory", "call")],
    if_match: IfMatch = None,
) -> MemoryView:
    """Correct what a call holds. In a live call this is an event like any other, and the agent goes on from there."""
    if patch.past_gates:
        needs(principal, Role.SUPERVISOR, "`past_gates`")
    key = SessionKey(principal.tenant, call)
    record = await desk.carrier.sessions.load(key)
    now = await live_state(desk, key)
    event = MemoryPatched(
        slots=dict(patch.slots),
        notes=tuple(patch.notes) if patch.notes is not None else None,
        by=principal.who,
        revision=revision_of(if_match, (now or state_of(record)).revision),
        past_gates=patch.past_gates,
    )
    if now is None:
        return _shown(await _patch_stored(desk, record, event), response, live=False)
    told = await order(desk, key, Do(event=event))
    refuse(told.refusal)
    return _shown(told.state, response, live=True)


async def _patch_stored(desk: Desk, record: SessionRecord, event: MemoryPatched) -> GoalState:
    """The same event, for a call that no server carries."""
    led = await desk.shelf.that_led(record.key.tenant, record.flow, record.flow_hash)
    if led is None:
        raise Problem(
            Kind.CONFLICT, f"the version of the flow {record.flow} that led this call is not here any more"
        )
    before = state_of(record)
    refuse(refusal(led.flow, before, event))
    after, _effects = advance(led.flow, before, event)
    stored = StoredEvent(after.revision, after.at_s, dump_event(event))
    established = {name: slot.status.value for name, slot in after.slots.items() if slot.value is not None}
    changed = SessionRecord(
        key=record.key,
        revision=after.revision,
        flow=record.flow,
        flow_hash=record.flow_hash,
        state=dump_state(after),
        outcome=record.outcome,
        started_at=record.started_at,
        updated_at=datetime.now(UTC),
        summary={
            **record.summary,
            "slots": established,
            CLASSES: {name: class_of(led.flow, name) for name in established if name in led.flow.slots},
        },
        record=record.record,
    )
    try:
        await desk.carrier.sessions.save(changed, [stored], before.revision)
    except Fenced:
        raise Problem(
            Kind.CONFLICT, "a server holds this call, and it cannot be reached now; try again shortly"
        ) from None
    return after


def _shown(state: GoalState, response: Response, *, live: bool) -> MemoryView:
    response.headers.update(tag(state.revision))
    return MemoryView(
        call=state.call,
        flow=state.flow,
        revision=state.revision,
        step=state.step,
        outcome=state.outcome.value if state.outcome else None,
        live=live,
        slots={
            name: SlotView(value=s.value, status=s.status, confidence=s.confidence, asked=s.asked)
            for name, s in state.slots.items()
        },
        notes=state.notes,
        gates={
            name: GateView(passed=g.passed, failed=g.failed, waived_by=g.waived_by)
            for name, g in state.gates.items()
        },
    )
