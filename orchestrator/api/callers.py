"""Who has called before: `/callers`."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response

from memory.callers import Caller, CallerKey, SignKind, phone_sign
from memory.errors import MemoryFailure, NotFound, RevisionConflict
from memory.privacy_stores import Actor
from orchestrator.api.caller_shapes import (
    CallerExport,
    CallerItem,
    CallerPatch,
    CallerView,
    ErasedView,
    MergeWish,
    OpenMatterView,
    PastCallView,
    PhoneWish,
    RememberedView,
)
from orchestrator.api.cursors import cursor_of, read_cursor
from orchestrator.api.desk import CallerId, Desk, DeskHere, may
from orchestrator.api.problems import Kind, Mistake, Problem, answers
from orchestrator.api.roles import Principal, Role
from orchestrator.api.shapes import Page
from orchestrator.api.tags import TAGGED, IfMatch, revision_of, tag
from orchestrator.callers_desk import Desk as CallersDesk
from orchestrator.callers_desk import number_of, open_stores
from orchestrator.redaction import Level

callers = APIRouter(prefix="/callers", tags=["callers"])


@callers.get("", responses=answers(Kind.GONE))
async def list_callers(
    desk: DeskHere,
    principal: Annotated[Principal, may(Role.VIEWER, "list_callers")],
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=200, description="`next` of the page before.")] = None,
) -> Page[CallerItem]:
    """The tenant's callers, newest first; nothing that says who they are."""
    before = read_cursor(cursor) if cursor is not None else None
    try:
        found = await desk.people.callers.list(principal.tenant, limit=limit + 1, before=before)
    except NotFound:
        raise Problem(
            Kind.GONE, "the caller at whom the last page ended was erased; begin again without a cursor"
        ) from None
    items = tuple(map(_item, found[:limit]))
    return Page(items=items, next=cursor_of(items[-1].caller) if len(found) > limit else None)


@callers.post("/search", responses=answers())
async def find_callers(
    desk: DeskHere, wish: PhoneWish, principal: Annotated[Principal, may(Role.OPERATOR, "find_callers")]
) -> Page[CallerItem]:
    """Who rings from a number; several people may."""
    sign = phone_sign(wish.phone)
    found = await desk.people.callers.find(principal.tenant, sign) if sign is not None else ()
    return Page(items=tuple(map(_item, found)))


@callers.get("/{caller}", responses=answers(Kind.NOT_FOUND) | TAGGED)
async def read_caller(
    desk: DeskHere,
    caller: CallerId,
    response: Response,
    principal: Annotated[Principal, may(Role.OPERATOR, "read_caller", "caller")],
) -> CallerView:
    """What is kept of a caller."""
    return _shown(await desk.people.callers.load(CallerKey(principal.tenant, caller)), response)


@callers.patch("/{caller}", responses=answers(Kind.NOT_FOUND, Kind.STALE, Kind.NO_REVISION) | TAGGED)
async def patch_caller(
    desk: DeskHere,
    caller: CallerId,
    patch: CallerPatch,
    response: Response,
    principal: Annotated[Principal, may(Role.OPERATOR, "patch_caller", "caller")],
    if_match: IfMatch = None,
) -> CallerView:
    """Correct or forget what is kept of a caller. Calls in progress have begun with what was kept before."""
    now = await desk.people.callers.load(CallerKey(principal.tenant, caller))
    if revision_of(if_match, now.revision) != now.revision:
        raise Problem(Kind.STALE, "the caller has been written since; read again", headers=tag(now.revision))
    try:
        return _shown(await desk.people.callers.write(_patched(now, patch), _now()), response)
    except RevisionConflict as conflict:
        raise Problem(Kind.STALE, "the caller has been written since; read again") from conflict


@callers.post("/{caller}/merge", responses=answers(Kind.NOT_FOUND, Kind.CONFLICT, Kind.STALE) | TAGGED)
async def merge_callers(
    desk: DeskHere,
    caller: CallerId,
    wish: MergeWish,
    response: Response,
    principal: Annotated[Principal, may(Role.SUPERVISOR, "merge_callers", "caller")],
) -> CallerView:
    """Make one caller of two: of each value the one confirmed last, of the rest all."""
    if wish.other == caller:
        raise Problem(Kind.INVALID, "these are one caller; name two")
    into, other = CallerKey(principal.tenant, caller), CallerKey(principal.tenant, wish.other)
    return _shown(await desk.people.callers.merge(into, other, _now()), response)


@callers.get("/{caller}/export", responses=answers(Kind.NOT_FOUND))
async def export_caller(
    desk: DeskHere,
    caller: CallerId,
    response: Response,
    principal: Annotated[Principal, may(Role.SUPERVISOR, "export_caller", "caller")],
    redact: Annotated[Level, Query(description="Take out sensitive, or also personal, values.")] = "never",
) -> CallerExport:
    """All that is kept of a caller and of their calls, as JSON."""
    people = _people(desk, principal)
    told = await people.export(await people.find(caller), redact)
    response.headers["content-disposition"] = f'attachment; filename="caller-{caller}.json"'
    return CallerExport.model_validate(json.loads(told))


@callers.delete("/{caller}", responses=answers(Kind.NOT_FOUND, Kind.CONFLICT))
async def erase_caller(
    desk: DeskHere,
    caller: CallerId,
    principal: Annotated[Principal, may(Role.SUPERVISOR, "erase_caller", "caller")],
) -> ErasedView:
    """Remove every trace of a caller from every store: values, calls with their recordings, knowledge of their own."""
    key = CallerKey(principal.tenant, caller)
    await desk.people.callers.load(key)
    try:
        opened = open_stores(desk.settings, desk.carrier.sessions, [desk.carrier.knowledge])
        stores = await opened.__aenter__()
    except MemoryFailure as taken:
        raise Problem(
            Kind.CONFLICT,
            "another process has the kept knowledge open; nothing was erased, try again shortly",
        ) from taken
    try:
        people = CallersDesk(stores, principal.tenant, desk.settings.privacy.retention, _actor(principal))
        went = await people.erase(await people.find(caller))
    finally:
        await opened.__aexit__(None, None, None)
    return ErasedView(
        caller=went.caller,
        values=went.values,
        calls=went.calls,
        recordings=went.recordings,
        passages=went.passages,
        left=tuple("something is still in a log of the database; erase again later" for _ in went.left),
    )


# --- callers → what is shown ---------------------------------------------------------------------------------


def _patched(caller: Caller, patch: CallerPatch) -> Caller:
    """Raises Problem where a value is not there to be changed, or becomes one of another kind."""
    values = dict(caller.values)
    wrong = []
    for name, value in patch.values.items():
        if name not in values:
            wrong.append(
                Mistake(where=f"body.values.{name[:100]}", what="nothing is remembered by this name")
            )
        elif value is None:
            del values[name]
        else:
            plain = list(value) if isinstance(value, tuple) else value
            if type(plain) is not type(values[name].value):
                wrong.append(Mistake(where=f"body.values.{name}", what="this is a value of another kind"))
            else:
                values[name] = replace(values[name], value=plain)
    if wrong:
        raise Problem(Kind.INVALID, "see `errors`", errors=wrong)
    preferences = {**caller.preferences, **patch.preferences}
    return replace(
        caller,
        values=values,
        preferences={name: value for name, value in preferences.items() if value is not None},
        open_matters=tuple(m for m in caller.open_matters if m.flow not in patch.settled),
    )


def _item(caller: Caller) -> CallerItem:
    return CallerItem(
        caller=caller.key.caller,
        revision=caller.revision,
        created_at=caller.created_at,
        updated_at=caller.updated_at,
        calls=len(caller.calls),
        open_matters=len(caller.open_matters),
    )


def _shown(caller: Caller, response: Response) -> CallerView:
    response.headers.update(tag(caller.revision))
    return CallerView(
        caller=caller.key.caller,
        revision=caller.revision,
        created_at=caller.created_at,
        updated_at=caller.updated_at,
        phones=tuple(number_of(sign) for sign in caller.signs if sign.kind is SignKind.PHONE),
        values={
            name: RememberedView(
                value=held.value,
                type=held.type,
                pii=held.pii,
                known_by=held.known_by.value,
                confirmed_at=held.confirmed_at,
                flow=held.flow,
                call=held.call,
            )
            for name, held in caller.values.items()
        },
        preferences=dict(caller.preferences),
        calls=tuple(
            PastCallView(call=c.call, flow=c.flow, began_at=c.began_at, outcome=c.outcome, text=c.text)
            for c in caller.calls
        ),
        open_matters=tuple(
            OpenMatterView(flow=m.flow, call=m.call, since=m.since, text=m.text) for m in caller.open_matters
        ),
    )


def _people(desk: Desk, principal: Principal) -> CallersDesk:
    return CallersDesk(desk.people, principal.tenant, desk.settings.privacy.retention, _actor(principal))


def _actor(principal: Principal) -> Actor:
    return Actor(principal.who, principal.role.word)


def _now() -> datetime:
    return datetime.now(UTC)
