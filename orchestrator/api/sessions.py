"""Calls that there are or were: `/sessions`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse
from pydantic import AwareDatetime, ValidationError

from memory.callers import CallerKey
from memory.errors import NotFound
from memory.privacy_stores import remove_recordings
from memory.session_filter import SessionFilter
from memory.types import SessionKey, SessionRecord, StoredEvent
from orchestrator.api.call_shapes import (
    DisclosureEvidence,
    EventView,
    EvidenceView,
    ExportView,
    SessionItem,
    SessionView,
    Standing,
    TranscriptView,
)
from orchestrator.api.calls import live_state, live_story, state_of
from orchestrator.api.cursors import cursor_of, read_cursor
from orchestrator.api.desk import CallId, Desk, DeskHere, may, needs, write_down
from orchestrator.api.problems import Kind, Problem, answers
from orchestrator.api.roles import Principal, Role
from orchestrator.api.shapes import Page
from orchestrator.callfile import CallFile, load_call
from orchestrator.callparts import EvidencePart, SaidPart
from orchestrator.errors import BadCallFile
from orchestrator.redaction import Level, redacted
from reasoner.events import AgentSpoke, CallerSaid, Event, load_event
from reasoner.state import Outcome
from reasoner.types import Evidence

sessions = APIRouter(prefix="/sessions", tags=["sessions"])


@sessions.get("", responses=answers(Kind.GONE, Kind.NOT_FOUND))
async def list_sessions(
    request: Request,
    desk: DeskHere,
    principal: Annotated[Principal, may(Role.VIEWER, "list_sessions")],
    flow: Annotated[str | None, Query(max_length=120, examples=["medical_intake"])] = None,
    outcome: Annotated[Outcome | None, Query()] = None,
    state: Annotated[
        Standing | None,
        Query(
            description="`live`: without an outcome; they go on, or were cut off by force. `ended`: the others."
        ),
    ] = None,
    since: Annotated[
        AwareDatetime | None,
        Query(description="Begun then or later.", examples=["2026-11-02T08:00:00Z"]),
    ] = None,
    until: Annotated[
        AwareDatetime | None, Query(description="Begun before that.", examples=["2026-11-03T08:00:00Z"])
    ] = None,
    caller: Annotated[
        str | None,
        Query(
            pattern=r"^[0-9a-f]{16}$",
            description="Only calls that bear what this caller is recognised by, a shared number included. Takes the"
            " role operator.",
            examples=["0123456789abcdef"],
        ),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=200, description="`next` of the page before.")] = None,
) -> Page[SessionItem]:
    """The tenant's calls, newest first; those that are all that is asked for."""
    before = read_cursor(cursor) if cursor is not None else None
    wanted = SessionFilter(
        flow=flow,
        outcome=outcome.value if outcome else None,
        over=None if state is None else state is Standing.ENDED,
        since=_in_utc(since),
        until=_in_utc(until),
        marks=await _marks_of(request, desk, principal, caller) if caller is not None else None,
    )
    try:
        found = await desk.carrier.sessions.list(principal.tenant, wanted, limit=limit + 1, before=before)
    except NotFound:
        raise Problem(
            Kind.GONE, "the call at which the last page ended was deleted; begin again without a cursor"
        ) from None
    items = tuple(item_of(record) for record in found[:limit])
    return Page(items=items, next=cursor_of(items[-1].call) if len(found) > limit else None)


@sessions.get("/{call}", responses=answers(Kind.NOT_FOUND))
async def read_session(
    desk: DeskHere, call: CallId, principal: Annotated[Principal, may(Role.VIEWER, "read_session", "call")]
) -> SessionView:
    """One call: where it stands, or how it ended."""
    record = await desk.carrier.sessions.load(SessionKey(principal.tenant, call))
    now = await live_state(desk, record.key)
    state = now or state_of(record)
    item = item_of(record).model_dump() | {"revision": state.revision, "turns": state.turns}
    return SessionView.model_validate(
        item | {"step": state.step, "path": state.path, "code": state.code, "live": now is not None}
    )


@sessions.get("/{call}/transcript", responses=answers(Kind.NOT_FOUND))
async def read_transcript(
    desk: DeskHere, call: CallId, principal: Annotated[Principal, may(Role.VIEWER, "read_transcript", "call")]
) -> TranscriptView:
    """What was said, with times. A viewer sees no personal detail in it. Of a call that was cut off by force: what its
    events hold, for others than viewers."""
    record = await desk.carrier.sessions.load(SessionKey(principal.tenant, call))
    story = await live_story(desk, record.key) or (_story(record) if record.record else None)
    if story is not None:
        shown = redacted(story, "personal") if principal.role is Role.VIEWER else story
        return TranscriptView(call=call, complete=story.outcome is not None, said=shown.transcript)
    needs(principal, Role.OPERATOR, "a transcript that nothing can be taken out of")
    events = _events(await desk.carrier.sessions.events(record.key))
    return TranscriptView(call=call, complete=False, said=tuple(_said(events)))


@sessions.get("/{call}/events", responses=answers(Kind.NOT_FOUND))
async def read_events(
    desk: DeskHere,
    call: CallId,
    principal: Annotated[Principal, may(Role.OPERATOR, "read_events", "call")],
    after: Annotated[
        int, Query(ge=0, le=10**9, description="The place of the last event that is known.")
    ] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> Page[EventView]:
    """The events of a call in their order; they made its state."""
    record = await desk.carrier.sessions.load(SessionKey(principal.tenant, call))
    stored = await desk.carrier.sessions.events(record.key)
    page = event_views(stored[after : after + limit], after)
    return Page(items=page, next=str(after + limit) if len(stored) > after + limit else None)


@sessions.get("/{call}/evidence", responses=answers(Kind.NOT_FOUND))
async def read_evidence(
    desk: DeskHere, call: CallId, principal: Annotated[Principal, may(Role.OPERATOR, "read_evidence", "call")]
) -> EvidenceView:
    """The caller's own words behind each value, and where what had to be said was heard."""
    record = await desk.carrier.sessions.load(SessionKey(principal.tenant, call))
    state = await live_state(desk, record.key) or state_of(record)
    return EvidenceView(
        call=call,
        revision=state.revision,
        slots={n: evidence for n, s in state.slots.items() if (evidence := _evidence(s.evidence))},
        disclosures={
            name: DisclosureEvidence(times=known.times, proven=_evidence(known.proven))
            for name, known in state.disclosures.items()
        },
    )


@sessions.get(
    "/{call}/audio",
    responses=answers(Kind.NOT_FOUND, Kind.RANGE)
    | {
        200: {"content": {"audio/wav": {}}, "description": "WAV, caller left, agent right."},
        206: {"content": {"audio/wav": {}}, "description": "The wanted part of it."},
    },
    response_class=FileResponse,
)
async def read_audio(
    desk: DeskHere,
    call: CallId,
    principal: Annotated[Principal, may(Role.OPERATOR, "read_audio", "call")],
    leg: Annotated[int, Query(ge=1, le=100, description="Of a call that another server took up.")] = 1,
) -> FileResponse:
    """The recording, where the deployment keeps them and this server has it. Takes `Range`."""
    record = await desk.carrier.sessions.load(SessionKey(principal.tenant, call))
    path = _recording(desk, record.key.call, leg)
    if not await run_sync(path.is_file):
        raise Problem(Kind.NOT_FOUND, f"there is no recording of {call} on this server")
    return FileResponse(path, media_type="audio/wav", filename=f"{call}.wav")


@sessions.get("/{call}/export", responses=answers(Kind.NOT_FOUND))
async def export_session(
    desk: DeskHere,
    call: CallId,
    response: Response,
    principal: Annotated[Principal, may(Role.SUPERVISOR, "export_session", "call")],
    redact: Annotated[
        Level,
        Query(description="Take out sensitive, or also personal, values; then only the story is given."),
    ] = "never",
) -> ExportView:
    """All that is kept of a call, as JSON."""
    record = await desk.carrier.sessions.load(SessionKey(principal.tenant, call))
    stored = await desk.carrier.sessions.events(record.key)
    response.headers["content-disposition"] = f'attachment; filename="{call}.json"'
    if redact != "never":
        story = redacted(_story(record), redact) if record.record else None
        told = story.model_dump(mode="json") if story is not None else None
        return ExportView(session=item_of(record), state={}, events=(), story=told)
    return ExportView(
        session=item_of(record),
        state=json.loads(record.state),
        events=event_views(stored),
        story=json.loads(record.record) if record.record else None,
    )


@sessions.delete("/{call}", status_code=204, responses=answers(Kind.NOT_FOUND, Kind.CONFLICT))
async def delete_session(
    desk: DeskHere,
    call: CallId,
    principal: Annotated[Principal, may(Role.SUPERVISOR, "delete_session", "call")],
) -> None:
    """Remove a call that is over, with its events and its recording."""
    key = SessionKey(principal.tenant, call)
    record = await desk.carrier.sessions.load(key)
    if await live_state(desk, key) is not None:
        raise Problem(Kind.CONFLICT, "the call goes on; hang up first")
    await remove_recordings(desk.settings.data.recordings, record.key.call)
    await desk.carrier.sessions.delete(key)


def _in_utc(time: datetime | None) -> datetime | None:
    try:
        return time.astimezone(UTC) if time is not None else None
    except OverflowError:
        raise Problem(Kind.INVALID, "`since` and `until` lie within the years 1 to 9999") from None


async def _marks_of(request: Request, desk: Desk, principal: Principal, caller: str) -> frozenset[str]:
    """What a caller's calls bear. Written to the audit log: it tells which calls are one person's."""
    allowed = principal.role >= Role.OPERATOR
    await write_down(request, principal, "list_sessions_of", caller, allowed=allowed)
    needs(principal, Role.OPERATOR, "a list of one caller's calls")
    return desk.people.callers.marks(await desk.people.callers.load(CallerKey(principal.tenant, caller)))


# --- records → what is shown ---------------------------------------------------------------------------------


def item_of(record: SessionRecord) -> SessionItem:
    slots: Mapping[str, Any] = record.summary.get("slots", {})
    return SessionItem(
        call=record.key.call,
        flow=record.flow,
        flow_hash=record.flow_hash,
        revision=record.revision,
        outcome=record.outcome,
        started_at=record.started_at,
        updated_at=record.updated_at,
        slots={name: str(status) for name, status in slots.items()},
        turns=int(record.summary.get("turns", 0)),
    )


def _recording(desk: Desk, call: str, leg: int) -> Path:
    return desk.settings.data.recordings / (f"{call}.{leg}.wav" if leg > 1 else f"{call}.wav")


def event_views(stored: Sequence[StoredEvent], after: int = 0) -> tuple[EventView, ...]:
    return tuple(
        EventView(place=place, revision=one.revision, at_s=one.at_s, event=json.loads(one.event))
        for place, one in enumerate(stored, start=after + 1)
    )


def _story(record: SessionRecord) -> CallFile:
    try:
        return load_call(record.record, f"call {record.key.call}")
    except BadCallFile as bad:
        raise Problem(Kind.CONFLICT, f"the story of this call cannot be read: {bad}") from bad


def _events(stored: Sequence[StoredEvent]) -> list[Event]:
    try:
        return [load_event(one.event) for one in stored]
    except ValidationError:
        raise Problem(
            Kind.CONFLICT, "this call was kept by a version whose events this one cannot read"
        ) from None


def _said(events: Sequence[Event]) -> list[SaidPart]:
    said = []
    for event in events:
        match event:
            case CallerSaid(utterance=heard):
                sure = heard.readings[0].confidence if heard.readings else None
                said.append(
                    SaidPart(
                        who="caller",
                        text=heard.text,
                        start_s=heard.start_s,
                        end_s=heard.end_s,
                        confidence=sure,
                    )
                )
            case AgentSpoke():
                said.append(
                    SaidPart(
                        who="agent",
                        text=event.text,
                        start_s=event.start_s,
                        end_s=event.end_s,
                        interrupted=bool(event.unspoken),
                        unspoken=event.unspoken,
                    )
                )
            case _:
                pass
    return said


def _evidence(evidence: Evidence | None) -> EvidencePart | None:
    if evidence is None:
        return None
    return EvidencePart(
        words=evidence.words,
        start_s=evidence.start_s,
        end_s=evidence.end_s,
        accepted_words=evidence.accepted_words,
        accepted_s=evidence.accepted_s,
    )
