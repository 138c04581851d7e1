"""What the operations of the API work with, and how each of them begins: by whose right, and written down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Protocol

from anyio.to_thread import run_sync
from fastapi import Depends, Path, Request

from memory.admin import AuditEntry
from memory.admin_ports import AuditLog, Bus, FlowStore, KeyStore
from memory.errors import MemoryFailure
from memory.ports import KnowledgeStore, SessionStore
from memory.privacy_stores import Stores
from orchestrator.api.problems import Kind, Problem
from orchestrator.api.roles import Principal, Role
from orchestrator.flow_shelf import FlowShelf
from orchestrator.offer import Offer, OfferedFlow, offered
from orchestrator.settings import Settings
from orchestrator.telemetry_metrics import Pulse
from orchestrator.tickets import Tickets


class Carrier(Protocol):
    """What carries calls here: the runtime."""

    def pulse(self) -> Pulse:
        """The seats here, and how late calls are."""
        ...

    def knowledge_changed(self, tenant: str, flow: str) -> None:
        """What calls remember of look-ups is to be forgotten."""
        ...

    @property
    def bus(self) -> Bus: ...

    @property
    def sessions(self) -> SessionStore: ...

    @property
    def knowledge(self) -> KnowledgeStore: ...


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that the API reads and changes."""

    settings: Settings
    carrier: Carrier
    keys: KeyStore
    audit: AuditLog
    flows: FlowStore
    shelf: FlowShelf
    tickets: Tickets
    offer: Offer
    people: Stores

    async def offered(self, tenant: str) -> list[tuple[OfferedFlow, int | None]]:
        """The flows that callers of a tenant can reach, and the number of the version where it was uploaded."""
        uploaded = await self.shelf.active(tenant)
        found: dict[str, tuple[OfferedFlow, int | None]] = {}
        if tenant == self.settings.tenant:
            found = {flow.name: (flow, None) for flow in await run_sync(self.offer)}
        for name, (version, path) in uploaded.items():
            found[name] = (await run_sync(offered, str(path)), version.number)
        return list(found.values())


def desk_of(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


DeskHere = Annotated[Desk, Depends(desk_of)]

CallId = Annotated[
    str,
    Path(
        pattern=r"^[A-Za-z0-9_-]{1,64}$",
        description="The id of a call.",
        examples=["7f3a91c2d8e4"],
    ),
]
CallerId = Annotated[
    str,
    Path(pattern=r"^[0-9a-f]{16}$", description="The id of a caller.", examples=["0123456789abcdef"]),
]
FlowName = Annotated[
    str,
    Path(pattern=r"^[a-z][a-z0-9_]{0,59}$", description="The name of a flow.", examples=["medical_intake"]),
]


def may(role: Role, action: str, target: str = "") -> Any:
    """A dependency: who asks, if they may. Written to the audit log before anything is read or changed; what cannot
    be written there does not happen.

    Args:
        role: the least that is needed.
        action: what the log calls it.
        target: the path parameter that says of what, "" for none.

    Raises:
        Problem: it takes another role; or the log cannot be written.
    """

    async def enter(request: Request) -> Principal:
        principal: Principal = request.state.principal
        allowed = principal.role >= role
        await write_down(request, principal, action, request.path_params.get(target, ""), allowed=allowed)
        if not allowed:
            raise Problem(
                Kind.FORBIDDEN, f"this takes the role {role.word}, and yours is {principal.role.word}"
            )
        return principal

    return Depends(enter)


async def write_down(
    request: Request, principal: Principal, action: str, target: str, *, allowed: bool
) -> None:
    """Raises Problem where the audit log cannot be written."""
    entry = AuditEntry(
        tenant=principal.tenant,
        at=datetime.now(UTC),
        who=principal.who,
        role=principal.role.word,
        action=action,
        target=target[:200],
        allowed=allowed,
    )
    try:
        await desk_of(request).audit.append(entry)
    except MemoryFailure as failed:
        raise Problem(
            Kind.UNAVAILABLE,
            "the audit log cannot be written, so nothing was done",
            headers={"Retry-After": "2"},
        ) from failed


def needs(principal: Principal, role: Role, what: str) -> None:
    """Raises Problem where a part of a request takes more than the operation itself."""
    if principal.role < role:
        raise Problem(
            Kind.FORBIDDEN, f"{what} takes the role {role.word}, and yours is {principal.role.word}"
        )
