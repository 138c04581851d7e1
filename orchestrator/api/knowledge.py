"""What calls may look up beside the pages of their flows: `/knowledge`."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path as File
from typing import Annotated, Any

import anyio
from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Query, Request

from memory.documents import KINDS
from memory.errors import MemoryFailure, NotFound, StoreLost
from orchestrator.api.desk import Desk, DeskHere, FlowName, may
from orchestrator.api.problems import Kind, Problem, answers
from orchestrator.api.roles import Principal, Role
from orchestrator.api.server_shapes import AddedView, PassageView, RemovedView, SourceItem
from orchestrator.api.shapes import Page
from orchestrator.shelf import Shelf, open_shelf

knowledge = APIRouter(prefix="/knowledge", tags=["knowledge"])
_ONE_WRITER = anyio.Lock()
_FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The file. Its kind is what its name ends in.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
Source = Annotated[
    str,
    Path(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,80}\.[a-z]{2,8}$",
        description=f"The name of a file: one of {', '.join(sorted(KINDS))}.",
        examples=["fees.csv"],
    ),
]


@knowledge.get("", responses=answers())
async def list_knowledge(
    desk: DeskHere, principal: Annotated[Principal, may(Role.VIEWER, "list_knowledge")]
) -> Page[SourceItem]:
    """The files that were added, by flow, and the pages of flows that were called since the start."""
    found = await Shelf(desk.carrier.knowledge, principal.tenant).sources()
    return Page(
        items=tuple(
            SourceItem(flow=flow, source=source, passages=passages)
            for flow, sources in found.items()
            for source, passages in sorted(sources.items())
        )
    )


@knowledge.get("/{flow}/search", responses=answers())
async def search_knowledge(
    desk: DeskHere,
    flow: FlowName,
    principal: Annotated[Principal, may(Role.VIEWER, "search_knowledge", "flow")],
    words: Annotated[
        str, Query(min_length=1, max_length=500, description="As a caller would ask.", examples=["parking"])
    ],
    limit: Annotated[int, Query(ge=1, le=50)] = 5,
) -> Page[PassageView]:
    """What a caller of the flow would be told from, best first. What only some callers may hear is left out."""
    found = await Shelf(desk.carrier.knowledge, principal.tenant).search(flow, words, limit)
    return Page(
        items=tuple(
            PassageView(text=p.text, source=p.source, title=p.title, score=round(float(p.score), 4))
            for p in found
        )
    )


@knowledge.put("/{flow}/{source}", responses=answers(Kind.MEDIA, Kind.CONFLICT), openapi_extra=_FILE)
async def add_knowledge(
    desk: DeskHere,
    request: Request,
    flow: FlowName,
    source: Source,
    principal: Annotated[Principal, may(Role.OPERATOR, "add_knowledge", "source")],
    access: Annotated[
        str,
        Query(max_length=60, pattern=r"^[a-z0-9_]*$", description="Only for callers who hold this label."),
    ] = "",
) -> AddedView:
    """Add a file, or bring it up to date. Calls of this server have it at once; other servers that do not share a
    Qdrant have it from their next start on."""
    if File(source).suffix.lower() not in KINDS:
        raise Problem(Kind.MEDIA, f"files of this kind cannot be read; save it as {', '.join(sorted(KINDS))}")
    body = await request.body()
    with tempfile.TemporaryDirectory(prefix="souffleur-upload-") as folder:
        file = File(folder) / source
        await run_sync(file.write_bytes, body)
        async with _shelves(desk, principal.tenant) as shelves:
            for shelf in shelves:
                try:
                    added = await shelf.add(flow, [file], access)
                except StoreLost:
                    raise
                except MemoryFailure as bad:
                    raise Problem(Kind.INVALID, str(bad).replace(f"{folder}/", "")) from bad
    desk.carrier.knowledge_changed(principal.tenant, flow)
    return AddedView(flow=flow, source=source, passages=added.passages, changed=added.changed)


@knowledge.delete("/{flow}/{source}", responses=answers(Kind.NOT_FOUND, Kind.CONFLICT))
async def remove_source(
    desk: DeskHere,
    flow: FlowName,
    source: Source,
    principal: Annotated[Principal, may(Role.OPERATOR, "remove_source", "source")],
) -> RemovedView:
    """Remove one file."""
    return await _remove(desk, principal.tenant, flow, (source,))


@knowledge.delete("/{flow}", responses=answers(Kind.NOT_FOUND, Kind.CONFLICT))
async def remove_knowledge(
    desk: DeskHere,
    flow: FlowName,
    principal: Annotated[Principal, may(Role.SUPERVISOR, "remove_knowledge", "flow")],
) -> RemovedView:
    """Remove all that was added for a flow."""
    return await _remove(desk, principal.tenant, flow, ())


async def _remove(desk: Desk, tenant: str, flow: str, sources: tuple[str, ...]) -> RemovedView:
    gone = 0
    missing: NotFound | None = None
    async with _shelves(desk, tenant) as shelves:
        for shelf in shelves:
            try:
                gone = max(gone, await shelf.remove(flow, sources))
            except NotFound as none:
                missing = none
    if missing is not None and not gone:
        raise Problem(Kind.NOT_FOUND, f"nothing of that name was added for the flow {flow}")
    desk.carrier.knowledge_changed(tenant, flow)
    return RemovedView(flow=flow, passages=gone)


@asynccontextmanager
async def _shelves(desk: Desk, tenant: str) -> AsyncIterator[list[Shelf]]:
    """Where a change has to go: what calls search now, and where that is this process's own, what is kept.

    Raises:
        Problem: another process has what is kept open.
    """
    here = Shelf(desk.carrier.knowledge, tenant)
    if desk.settings.knowledge.store != "embedded":
        yield [here]
        return
    async with _ONE_WRITER:
        try:
            opened = open_shelf(desk.settings)
            kept = await opened.__aenter__()
        except MemoryFailure as taken:
            raise Problem(
                Kind.CONFLICT, "another process has the kept knowledge open; try again shortly"
            ) from taken
        try:
            yield [Shelf(kept.store, tenant), here]
        finally:
            await opened.__aexit__(None, None, None)
