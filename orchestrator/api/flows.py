"""Flows: looked at, checked, uploaded, activated and rolled back. `/flows`"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request

from flows.errors import Mistake
from memory.admin import FlowVersion
from orchestrator.api.desk import DeskHere, FlowName, may
from orchestrator.api.problems import Kind, Problem, answers
from orchestrator.api.problems import Mistake as ToldMistake
from orchestrator.api.roles import Principal, Role
from orchestrator.api.server_shapes import (
    ActivateWish,
    CheckView,
    FlowItem,
    MistakeView,
    UploadView,
    VersionItem,
    VersionView,
)
from orchestrator.api.shapes import Page

flows = APIRouter(prefix="/flows", tags=["flows"])
_EXAMPLE = "flow: door\nversion: 1\nabout: One question\nagent: {name: Ann, company: The Door, business: door}\nslots: {colour: {type: text, ask: Which colour?}}\nask: colour\n"
_FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "A flow file (docs/flows.md), UTF-8.",
        "content": {"application/yaml": {"schema": {"type": "string"}, "example": _EXAMPLE}},
    }
}
Number = Annotated[int, Path(ge=1, le=1_000_000, description="The number of a version.", examples=[1])]


@flows.get("", responses=answers())
async def list_flows(
    desk: DeskHere, principal: Annotated[Principal, may(Role.VIEWER, "list_flows")]
) -> Page[FlowItem]:
    """The flows that callers can reach: active uploads, and those that came with the server."""
    return Page(
        items=tuple(
            FlowItem(
                name=flow.name,
                about=flow.about,
                company=flow.company,
                agent=flow.agent,
                language=flow.language,
                slots=flow.slots,
                version=number,
            )
            for flow, number in await desk.offered(principal.tenant)
        )
    )


@flows.post("/check", responses=answers(), openapi_extra=_FILE)
async def check_flow(
    desk: DeskHere, request: Request, principal: Annotated[Principal, may(Role.VIEWER, "check_flow")]
) -> CheckView:
    """Find what is wrong with a flow file, and keep nothing."""
    loaded, mistakes = await desk.shelf.check(await _text(request))
    return CheckView(
        name=loaded.flow.flow if loaded else "", usable=loaded is not None, mistakes=_views(mistakes)
    )


@flows.post("", status_code=201, responses=answers(), openapi_extra=_FILE)
async def upload_flow(
    desk: DeskHere, request: Request, principal: Annotated[Principal, may(Role.ADMIN, "upload_flow")]
) -> UploadView:
    """Keep another version of a flow. Calls follow it once it is activated. One with mistakes is refused with them."""
    version, warnings = await desk.shelf.keep(principal.tenant, await _text(request), principal.who)
    return UploadView(version=_item(version), warnings=_views(warnings))


@flows.get("/{flow}/versions", responses=answers(Kind.NOT_FOUND))
async def list_versions(
    desk: DeskHere, flow: FlowName, principal: Annotated[Principal, may(Role.VIEWER, "list_versions", "flow")]
) -> Page[VersionItem]:
    """The uploaded versions of a flow, newest first."""
    found = await desk.flows.versions(principal.tenant, flow)
    if not found:
        raise Problem(Kind.NOT_FOUND, f"no version of a flow {flow} was uploaded")
    return Page(items=tuple(map(_item, found)))


@flows.get("/{flow}/versions/{number}", responses=answers(Kind.NOT_FOUND))
async def read_version(
    desk: DeskHere,
    flow: FlowName,
    number: Number,
    principal: Annotated[Principal, may(Role.VIEWER, "read_version", "flow")],
) -> VersionView:
    """One version, with its file."""
    version = await desk.flows.load(principal.tenant, flow, number)
    return VersionView(**_item(version).model_dump(), content=version.content)


@flows.put("/{flow}/active", responses=answers(Kind.NOT_FOUND))
async def activate_version(
    desk: DeskHere,
    flow: FlowName,
    wish: ActivateWish,
    principal: Annotated[Principal, may(Role.ADMIN, "activate_version", "flow")],
) -> Page[VersionItem]:
    """Have new calls follow a version. Calls in progress keep theirs."""
    await desk.flows.activate(principal.tenant, flow, wish.number)
    return Page(items=tuple(map(_item, await desk.flows.versions(principal.tenant, flow))))


@flows.post("/{flow}/rollback", responses=answers(Kind.NOT_FOUND, Kind.CONFLICT))
async def roll_back(
    desk: DeskHere, flow: FlowName, principal: Annotated[Principal, may(Role.ADMIN, "roll_back", "flow")]
) -> Page[VersionItem]:
    """Go back to the version before the active one."""
    found = await desk.flows.versions(principal.tenant, flow)
    active = next((version.number for version in found if version.active), None)
    if active is None:
        raise Problem(
            Kind.CONFLICT if found else Kind.NOT_FOUND, f"no uploaded version of the flow {flow} is active"
        )
    before = next((version.number for version in found if version.number < active), None)
    await desk.flows.activate(principal.tenant, flow, before)
    return Page(items=tuple(map(_item, await desk.flows.versions(principal.tenant, flow))))


async def _text(request: Request) -> str:
    body = await request.body()
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as bad:
        line = body[: bad.start].count(b"\n") + 1
        told = ToldMistake(where=f"line {line}", what="this is not UTF-8. Save the file as UTF-8.")
        raise Problem(Kind.BAD_FLOW, "the file cannot be read", errors=[told]) from None


def _views(mistakes: Sequence[Mistake]) -> tuple[MistakeView, ...]:
    return tuple(
        MistakeView(line=m.line, column=m.column, rule=m.rule, cure=m.cure, severity=m.severity.value)
        for m in mistakes
    )


def _item(version: FlowVersion) -> VersionItem:
    return VersionItem(
        name=version.name,
        number=version.number,
        content_hash=version.content_hash,
        created_at=version.created_at,
        by=version.by,
        active=version.active,
    )
