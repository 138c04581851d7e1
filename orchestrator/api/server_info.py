"""The server itself: whether it is well, what it carries, who asks, and who did what."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from importlib.metadata import version
from typing import Annotated

import anyio
from fastapi import APIRouter, Query

from memory.errors import MemoryFailure
from orchestrator.api.desk import Desk, DeskHere, may
from orchestrator.api.problems import Kind, Mistake, Problem, answers
from orchestrator.api.roles import Principal, Role
from orchestrator.api.server_shapes import (
    AuditItem,
    CapacityView,
    HealthView,
    PartView,
    ReadyView,
    TicketView,
    TicketWish,
    VersionOfServer,
    WhoView,
)
from orchestrator.api.shapes import Page
from orchestrator.orders import server_name

server_info = APIRouter(tags=["server"])
_READY_WITHIN_S = 2.0


@server_info.get("/health", responses=answers(Kind.FAULT))
async def health() -> HealthView:
    """The process runs. Nobody is asked who they are."""
    return HealthView(status="ok")


@server_info.get("/ready", responses=answers(Kind.UNAVAILABLE))
async def ready(desk: DeskHere) -> ReadyView:
    """Every part that a call or an order needs answers. Nobody is asked who they are."""
    parts = [
        await _part("sessions", lambda: desk.carrier.sessions.list("", limit=1)),
        await _part("keys", lambda: desk.keys.find("")),
        await _part("bus", desk.carrier.bus.ping),
    ]
    if not all(part.ready for part in parts):
        told = [Mistake(where=part.part, what=part.trouble) for part in parts if not part.ready]
        raise Problem(Kind.UNAVAILABLE, "not every part answers", errors=told, headers={"Retry-After": "2"})
    return ReadyView(ready=True, parts=tuple(parts))


async def _part(name: str, ask: Callable[[], Awaitable[object]]) -> PartView:
    try:
        with anyio.fail_after(_READY_WITHIN_S):
            await ask()
    except (MemoryFailure, TimeoutError):
        return PartView(part=name, ready=False, trouble="does not answer")
    return PartView(part=name, ready=True)


@server_info.get("/version", responses=answers())
async def read_version_of_server() -> VersionOfServer:
    """Which Souffleur this is. Nobody is asked who they are."""
    return VersionOfServer(version=version("souffleur"))


@server_info.get("/whoami", responses=answers())
async def who_am_i(principal: Annotated[Principal, may(Role.VIEWER, "who_am_i")]) -> WhoView:
    """Whose key or token was sent."""
    return WhoView(tenant=principal.tenant, who=principal.who, role=principal.role.word)


@server_info.get("/capacity", responses=answers())
async def read_capacity(
    desk: DeskHere, principal: Annotated[Principal, may(Role.VIEWER, "read_capacity")]
) -> CapacityView:
    """How many calls this server carries and could carry, and whether it is late with sound."""
    pulse = desk.carrier.pulse()
    return CapacityView(
        server=server_name(),
        front_end=desk.settings.front_end,
        seats=pulse.seats,
        taken=pulse.taken,
        late_blocks=pulse.late_blocks,
        late_ms=round(pulse.late_ms, 1),
        everywhere=len(await desk.carrier.bus.calls(principal.tenant)),
    )


@server_info.get("/audit", responses=answers())
async def read_audit(
    desk: DeskHere,
    principal: Annotated[Principal, may(Role.ADMIN, "read_audit")],
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    cursor: Annotated[int | None, Query(ge=1, le=2**62, description="`next` of the page before.")] = None,
) -> Page[AuditItem]:
    """Who read or changed what, or was refused; newest first."""
    found = await desk.audit.list(principal.tenant, limit=limit, before=cursor)
    items = tuple(
        AuditItem(
            place=e.place,
            at=e.at,
            who=e.who,
            role=e.role,
            action=e.action,
            target=e.target,
            allowed=e.allowed,
        )
        for e in found
    )
    return Page(items=items, next=str(items[-1].place) if len(items) == limit else None)


@server_info.post("/tickets", status_code=201, responses=answers())
async def issue_ticket(
    desk: DeskHere,
    wish: TicketWish,
    principal: Annotated[Principal, may(Role.OPERATOR, "issue_ticket")],
) -> TicketView:
    """A permission for somebody else to open one call, where `server.callers` is `tickets`."""
    _same_tenant(desk, principal)
    ticket, until = desk.tickets.issue(wish.flow, wish.ttl_s)
    return TicketView(ticket=ticket, expires_at=until)


def _same_tenant(desk: Desk, principal: Principal) -> None:
    if principal.tenant != desk.settings.tenant:
        raise Problem(Kind.FORBIDDEN, "this server carries calls of another tenant")
