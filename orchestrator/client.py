"""A client of the admin API, typed: what it gives back is what docs/api.md and the OpenAPI document say.

    async with AdminClient("http://127.0.0.1:8420", key) as admin:
        async for session in admin.sessions(outcome="complete"):
            print(session.call, session.turns)

Where there is no event loop, `ask` holds one for a moment:

    capacity = ask("http://127.0.0.1:8420", key, lambda admin: admin.capacity())
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Self, TypedDict, TypeVar, Unpack
from urllib.parse import quote

import anyio
import httpx2
from pydantic import BaseModel, ValidationError

from orchestrator.api.call_shapes import (
    Done,
    EventView,
    EvidenceView,
    ExportView,
    LiveItem,
    MemoryPatch,
    MemoryView,
    ReplayView,
    SessionItem,
    SessionView,
    Standing,
    TranscriptView,
)
from orchestrator.api.caller_shapes import CallerExport, CallerItem, CallerPatch, CallerView, ErasedView
from orchestrator.api.problems import ProblemDocument
from orchestrator.api.server_shapes import (
    AddedView,
    AuditItem,
    CapacityView,
    CheckView,
    FlowItem,
    PassageView,
    RemovedView,
    SourceItem,
    TicketView,
    UploadView,
    VersionItem,
    VersionOfServer,
    VersionView,
    WhoView,
)
from orchestrator.api.shapes import Page
from orchestrator.errors import OrchestratorError
from orchestrator.recording import Moment, load_moment
from reasoner.types import Value

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")

API = "/api/v1"
WITHIN_S = 30.0
_UPLOAD_WITHIN_S = 120.0
Query = Mapping[str, str | int | None]


class ApiRefused(OrchestratorError):
    """The server answered with a problem. `problem`: its document."""

    def __init__(self, problem: ProblemDocument) -> None:
        self.problem = problem
        told = "; ".join(f"{one.where}: {one.what}" for one in problem.errors)
        parts = (problem.title, problem.detail, told)
        super().__init__(f"{problem.status} " + ": ".join(part for part in parts if part))


class ApiLost(OrchestratorError):
    """The server cannot be reached, or what answers is not Souffleur."""


class WhichSessions(TypedDict, total=False):
    """What calls have to be to be listed; left out or None: whatever they are.

    Attributes:
        since: begun then or later, with a time zone. until: begun before that.
        caller: an id, as `callers` gives it.
    """

    flow: str | None
    outcome: str | None
    state: Standing | None
    since: datetime | None
    until: datetime | None
    caller: str | None


class AdminClient:
    """Use it in `async with`.

    Args:
        url: of the server, without the path: https://voice.example.
        key: of `souffleur keys`, or a token of the deployment's issuer.

    Every method raises ApiRefused and ApiLost.
    """

    def __init__(self, url: str, key: str, *, within_s: float = WITHIN_S) -> None:
        self._http = httpx2.AsyncClient(
            base_url=url.rstrip("/") + API,
            headers={"authorization": f"Bearer {key}"},
            timeout=within_s,
            follow_redirects=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self._http.aclose()

    # --- sessions ---

    async def sessions(
        self, *, page: int = 100, **which: Unpack[WhichSessions]
    ) -> AsyncIterator[SessionItem]:
        """All calls that are so, newest first, page by page."""
        cursor: str | None = None
        while True:
            found = await self.session_page(limit=page, cursor=cursor, **which)
            for item in found.items:
                yield item
            cursor = found.next
            if cursor is None:
                return

    async def session_page(
        self, *, limit: int = 50, cursor: str | None = None, **which: Unpack[WhichSessions]
    ) -> Page[SessionItem]:
        """Calls, newest first. `cursor`: `next` of the page before."""
        since, until = which.get("since"), which.get("until")
        query: Query = {
            "flow": which.get("flow"),
            "outcome": which.get("outcome"),
            "state": which.get("state"),
            "since": since.isoformat() if since else None,
            "until": until.isoformat() if until else None,
            "caller": which.get("caller"),
            "limit": limit,
            "cursor": cursor,
        }
        return await self._get(Page[SessionItem], "/sessions", query)

    async def session(self, call: str) -> SessionView:
        return await self._get(SessionView, f"/sessions/{_part(call)}")

    async def transcript(self, call: str) -> TranscriptView:
        return await self._get(TranscriptView, f"/sessions/{_part(call)}/transcript")

    async def events(self, call: str, *, after: int = 0, limit: int = 200) -> Page[EventView]:
        query = {"after": after, "limit": limit}
        return await self._get(Page[EventView], f"/sessions/{_part(call)}/events", query)

    async def evidence(self, call: str) -> EvidenceView:
        return await self._get(EvidenceView, f"/sessions/{_part(call)}/evidence")

    async def audio(self, call: str) -> bytes:
        """WAV; caller left, agent right."""
        return (await self._send("GET", f"/sessions/{_part(call)}/audio")).content

    async def memory(self, call: str) -> MemoryView:
        return await self._get(MemoryView, f"/sessions/{_part(call)}/memory")

    async def patch_memory(
        self,
        call: str,
        revision: int,
        *,
        slots: Mapping[str, Value | None] | None = None,
        notes: Sequence[str] | None = None,
        past_gates: bool = False,
    ) -> MemoryView:
        """`revision`: of the memory that was looked at; ApiRefused (412) where it has changed since."""
        patch = MemoryPatch(
            slots=dict(slots or {}), notes=list(notes) if notes is not None else None, past_gates=past_gates
        )
        answer = await self._send(
            "PATCH",
            f"/sessions/{_part(call)}/memory",
            json=patch.model_dump(mode="json", exclude_unset=True),
            headers={"if-match": f'"{revision}"'},
        )
        return _read(MemoryView, answer)

    async def replay(self, call: str, *, flow: str | None = None, version: int | None = None) -> ReplayView:
        return await self._post(
            ReplayView, f"/sessions/{_part(call)}/replay", {"flow": flow, "version": version}
        )

    async def export(self, call: str) -> ExportView:
        return await self._get(ExportView, f"/sessions/{_part(call)}/export")

    async def delete(self, call: str) -> None:
        await self._send("DELETE", f"/sessions/{_part(call)}")

    # --- live calls ---

    async def live(self) -> tuple[LiveItem, ...]:
        return (await self._get(Page[LiveItem], "/live")).items

    async def follow(self, call: str, *, after: int = 0) -> AsyncIterator[Moment]:
        """The moments of a live call as they are told, from the first; ends with the call."""
        path = f"/live/{_part(call)}/moments"
        quiet_s = httpx2.Timeout(WITHIN_S, read=60.0)
        try:
            async with self._http.stream("GET", path, params={"after": after}, timeout=quiet_s) as answer:
                if answer.is_error:
                    await answer.aread()
                    raise _refused(answer)
                async for event in httpx2.EventSource(answer):
                    if event.event != "trouble" or event.id:
                        yield load_moment(event.data)
        except httpx2.HTTPError as lost:
            raise _lost(lost) from lost

    async def whisper(self, call: str, text: str) -> Done:
        return await self._post(Done, f"/live/{_part(call)}/notes", {"text": text})

    async def force_step(self, call: str, step: str, *, past_gates: bool = False) -> Done:
        wish = {"step": step, "past_gates": past_gates}
        return await self._post(Done, f"/live/{_part(call)}/step", wish)

    async def say(self, call: str, text: str) -> Done:
        return await self._post(Done, f"/live/{_part(call)}/words", {"text": text})

    async def hand_over(self, call: str) -> Done:
        return await self._post(Done, f"/live/{_part(call)}/handover")

    async def hang_up(self, call: str) -> Done:
        return await self._post(Done, f"/live/{_part(call)}/hangup")

    # --- callers ---

    async def callers(self, *, page: int = 100) -> AsyncIterator[CallerItem]:
        """All callers, newest first, page by page."""
        cursor: str | None = None
        while True:
            found = await self._get(Page[CallerItem], "/callers", {"limit": page, "cursor": cursor})
            for item in found.items:
                yield item
            cursor = found.next
            if cursor is None:
                return

    async def find_callers(self, phone: str) -> tuple[CallerItem, ...]:
        return (await self._post(Page[CallerItem], "/callers/search", {"phone": phone})).items

    async def caller(self, caller: str) -> CallerView:
        return await self._get(CallerView, f"/callers/{_part(caller)}")

    async def patch_caller(
        self,
        caller: str,
        revision: int,
        *,
        values: Mapping[str, Value | None] | None = None,
        preferences: Mapping[str, str | None] | None = None,
        settled: Sequence[str] = (),
    ) -> CallerView:
        """`revision`: of the caller that was looked at; ApiRefused (412) where it has changed since."""
        patch = CallerPatch(
            values=dict(values or {}), preferences=dict(preferences or {}), settled=list(settled)
        )
        answer = await self._send(
            "PATCH",
            f"/callers/{_part(caller)}",
            json=patch.model_dump(mode="json"),
            headers={"if-match": f'"{revision}"'},
        )
        return _read(CallerView, answer)

    async def merge_callers(self, into: str, other: str) -> CallerView:
        return await self._post(CallerView, f"/callers/{_part(into)}/merge", {"other": other})

    async def export_caller(self, caller: str, *, redact: str = "never") -> CallerExport:
        return await self._get(CallerExport, f"/callers/{_part(caller)}/export", {"redact": redact})

    async def erase_caller(self, caller: str) -> ErasedView:
        return _read(ErasedView, await self._send("DELETE", f"/callers/{_part(caller)}"))

    # --- flows ---

    async def flows(self) -> tuple[FlowItem, ...]:
        return (await self._get(Page[FlowItem], "/flows")).items

    async def check_flow(self, content: str) -> CheckView:
        return _read(CheckView, await self._upload("POST", "/flows/check", content.encode()))

    async def upload_flow(self, content: str) -> UploadView:
        return _read(UploadView, await self._upload("POST", "/flows", content.encode()))

    async def flow_versions(self, flow: str) -> tuple[VersionItem, ...]:
        return (await self._get(Page[VersionItem], f"/flows/{_part(flow)}/versions")).items

    async def flow_version(self, flow: str, number: int) -> VersionView:
        return await self._get(VersionView, f"/flows/{_part(flow)}/versions/{number}")

    async def activate_flow(self, flow: str, number: int | None) -> tuple[VersionItem, ...]:
        answer = await self._send("PUT", f"/flows/{_part(flow)}/active", json={"number": number})
        return _read(Page[VersionItem], answer).items

    async def roll_back_flow(self, flow: str) -> tuple[VersionItem, ...]:
        return (await self._post(Page[VersionItem], f"/flows/{_part(flow)}/rollback")).items

    # --- knowledge ---

    async def knowledge(self) -> tuple[SourceItem, ...]:
        return (await self._get(Page[SourceItem], "/knowledge")).items

    async def add_knowledge(self, flow: str, source: str, content: bytes, *, access: str = "") -> AddedView:
        path = f"/knowledge/{_part(flow)}/{_part(source)}"
        return _read(AddedView, await self._upload("PUT", path, content, {"access": access}))

    async def search_knowledge(self, flow: str, words: str, limit: int = 5) -> tuple[PassageView, ...]:
        query: Query = {"words": words, "limit": limit}
        return (await self._get(Page[PassageView], f"/knowledge/{_part(flow)}/search", query)).items

    async def remove_knowledge(self, flow: str, source: str | None = None) -> RemovedView:
        path = f"/knowledge/{_part(flow)}" + (f"/{_part(source)}" if source is not None else "")
        return _read(RemovedView, await self._send("DELETE", path))

    # --- the server ---

    async def version(self) -> VersionOfServer:
        return await self._get(VersionOfServer, "/version")

    async def who_am_i(self) -> WhoView:
        return await self._get(WhoView, "/whoami")

    async def capacity(self) -> CapacityView:
        return await self._get(CapacityView, "/capacity")

    async def audit(self, *, limit: int = 50, cursor: str | None = None) -> Page[AuditItem]:
        return await self._get(Page[AuditItem], "/audit", {"limit": limit, "cursor": cursor})

    async def ticket(self, flow: str | None = None, *, ttl_s: int = 300) -> TicketView:
        return await self._post(TicketView, "/tickets", {"flow": flow, "ttl_s": ttl_s})

    # --- on the wire ---

    async def _get(self, shape: type[M], path: str, query: Query | None = None) -> M:
        given = {name: value for name, value in (query or {}).items() if value is not None}
        return _read(shape, await self._send("GET", path, params=given))

    async def _post(self, shape: type[M], path: str, body: Mapping[str, Any] | None = None) -> M:
        return _read(
            shape,
            await self._send("POST", path, json=body) if body is not None else await self._send("POST", path),
        )

    async def _upload(
        self, method: str, path: str, content: bytes, query: Query | None = None
    ) -> httpx2.Response:
        headers = {"content-type": "application/octet-stream"}
        return await self._send(
            method, path, content=content, headers=headers, params=dict(query or {}), timeout=_UPLOAD_WITHIN_S
        )

    async def _send(self, method: str, path: str, **request: Any) -> httpx2.Response:
        try:
            answer = await self._http.request(method, path, **request)
        except (httpx2.HTTPError, httpx2.InvalidURL) as lost:
            raise _lost(lost) from lost
        if answer.is_error:
            raise _refused(answer)
        return answer


def ask(url: str, key: str, question: Callable[[AdminClient], Awaitable[T]]) -> T:
    """Ask one thing, outside of an event loop."""

    async def asked() -> T:
        async with AdminClient(url, key) as admin:
            return await question(admin)

    return anyio.run(asked)


def _part(text: str) -> str:
    """A part of a path; nothing in it leads elsewhere."""
    if text in ("", ".", ".."):
        raise ApiLost(f"{text!r} is no name")
    return quote(text, safe="")


def _read(shape: type[M], answer: httpx2.Response) -> M:
    try:
        return shape.model_validate_json(answer.content)
    except ValidationError as wrong:
        raise ApiLost(f"what answers is not this Souffleur's API: {wrong.error_count()} mistakes") from wrong


def _refused(answer: httpx2.Response) -> OrchestratorError:
    try:
        return ApiRefused(ProblemDocument.model_validate_json(answer.content))
    except ValidationError:
        return ApiLost(f"something that is not Souffleur's API answered with {answer.status_code}")


def _lost(lost: Exception) -> ApiLost:
    return ApiLost(f"the server cannot be reached ({type(lost).__name__}); see whether it runs, and its URL")
