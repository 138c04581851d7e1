"""Flows, knowledge and the server itself as the API shows them, and what it takes for them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, ConfigDict, Field, StringConstraints

from orchestrator.api.shapes import Given, Wanted

# --- flows ---------------------------------------------------------------------------------------------------


class FlowItem(Given):
    """A flow on offer to callers. `version`: the active upload, null for one that came with the server."""

    name: str
    about: str
    company: str
    agent: str
    language: str
    slots: int
    version: int | None


class VersionItem(Given):
    """`written`: the version number that stands in the file."""

    name: str
    number: int
    content_hash: str
    created_at: AwareDatetime
    by: str
    active: bool


class VersionView(VersionItem):
    content: str


class MistakeView(Given):
    line: int
    column: int
    rule: str
    cure: str
    severity: Literal["error", "warning"]


class CheckView(Given):
    """`usable`: there may be warnings, but no mistakes."""

    name: str
    usable: bool
    mistakes: tuple[MistakeView, ...]


class UploadView(Given):
    version: VersionItem
    warnings: tuple[MistakeView, ...]


class ActivateWish(Wanted):
    """Which version calls follow from now on; null: none of the uploads, so the one that came with the server."""

    number: int | None = Field(ge=1, le=1_000_000)
    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"example": {"number": 2}})


# --- knowledge -----------------------------------------------------------------------------------------------


class SourceItem(Given):
    flow: str
    source: str
    passages: int


class AddedView(Given):
    """`changed`: passages that were added, changed or removed by it."""

    flow: str
    source: str
    passages: int
    changed: int


class PassageView(Given):
    text: str
    source: str
    title: str
    score: float


class RemovedView(Given):
    flow: str
    passages: int


# --- the server ----------------------------------------------------------------------------------------------


class HealthView(Given):
    status: Literal["ok"]


class PartView(Given):
    part: str
    ready: bool
    trouble: str = ""


class ReadyView(Given):
    ready: bool
    parts: tuple[PartView, ...]


class VersionOfServer(Given):
    version: str
    api: Literal["v1"] = "v1"


class CapacityView(Given):
    """Seats of this server's front-end, and what it was late with. `late_blocks`: of 20 ms, made more than 20 ms late,
    since the start. `late_ms`: how late the newest block is, in the call where it is latest."""

    server: str
    front_end: str
    seats: int
    taken: int
    late_blocks: int
    late_ms: float
    everywhere: int = Field(description="Calls of the tenant that go on now, on all servers.")


class WhoView(Given):
    """Whose key or token this is."""

    tenant: str
    who: str
    role: str


class AuditItem(Given):
    place: int
    at: AwareDatetime
    who: str
    role: str
    action: str
    target: str
    allowed: bool


class TicketWish(Wanted):
    """A call that somebody may open. `flow`: null for any on offer."""

    flow: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")] | None = None
    ttl_s: int = Field(300, ge=10, le=3600, description="How long it may be used.")


class TicketView(Given):
    """`ticket`: give it as `?ticket=` when opening the call; good once."""

    ticket: str
    expires_at: AwareDatetime
