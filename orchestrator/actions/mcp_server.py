"""One MCP server: a session that is kept open for all calls, and opened anew after the server died."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import anyio
from anyio.abc import TaskGroup
from pydantic import ValidationError

from orchestrator.actions.answer import CameToNothing, as_result, read_json
from orchestrator.actions.mcp_transport import OpenTransport, watched
from orchestrator.actions.network import NotAllowed
from orchestrator.telemetry import Happened, log
from reasoner.events import Failure

if TYPE_CHECKING:  # half a second to import, so only where a server is reached
    from mcp.client import Client
    from mcp_types import CallToolResult, Tool

KEY = "souffleur/idempotency-key"
"""In `_meta` of a write: the same for every try."""
CLOSE_WITHIN_S = 5.0
_MOST_PAGES = 20  # of a list of tools
_LATE_IN_A_ROW = 3  # answers that did not come; then the session is not trusted any more
_BROKE = "the MCP session broke"
_SESSION_OVER = "Session terminated"  # the SDK's words for a 404 to a session that the server forgot


@dataclass(slots=True, eq=False)
class _Session:
    """A session, once `ready`. `client` is None where it could not be opened."""

    client: Client | None = None
    ready: anyio.Event = field(default_factory=anyio.Event)
    over: anyio.Event = field(default_factory=anyio.Event)
    scope: anyio.CancelScope = field(default_factory=lambda: anyio.CancelScope(shield=True))
    calls: int = 0
    late: int = 0  # in a row


class ServerOfTools:
    """One MCP server. Safe for many calls at once.

    Args:
        name: as flows call it.
        open_transport: to the server; used once for each session.
        start_s: how long it may take to come up.
        tasks: where the session's own task runs; it is shielded and ends with `close`.
    """

    def __init__(self, name: str, open_transport: OpenTransport, start_s: float, tasks: TaskGroup) -> None:
        self._name = name
        self._open_transport = open_transport
        self._start_s = start_s
        self._tasks = tasks
        self._now: _Session | None = None
        self._open: set[_Session] = set()  # and those that end with their last call
        self._tools: dict[str, Tool] = {}
        self._closed = False

    def may_repeat(self, tool: str) -> bool:
        """Whether the server says that calling a tool twice does no more than calling it once."""
        known = self._tools.get(tool)
        return known is not None and known.annotations is not None and bool(known.annotations.idempotent_hint)

    async def call(
        self, tool: str, arguments: Mapping[str, Any], key: str, most_bytes: int
    ) -> dict[str, Any]:
        """Call a tool, once. `key`: of a write, "" for a read.

        Raises:
            CameToNothing: there is no answer that can be used, or it is a no.
        """
        meta: Any = {KEY: key} if key else None
        for last in (False, True):
            session = await self._session()
            try:
                await self._look_for(tool, session)
                result = await self._ask(session, tool, dict(arguments), meta)
            except _SessionForgotten:
                if last:
                    raise CameToNothing(
                        Failure.FAILED, "the MCP server forgets its sessions", again=True
                    ) from None
                continue  # nothing was done yet
            return _read(result, most_bytes)
        raise AssertionError("the last try returns or raises")

    def close(self) -> None:
        """End the session. The task that keeps it is waited for by its task group."""
        self._closed = True
        for session in self._open:
            session.over.set()
            session.scope.deadline = anyio.current_time() + CLOSE_WITHIN_S

    async def _ask(
        self, session: _Session, tool: str, arguments: dict[str, Any], meta: Any
    ) -> CallToolResult:
        from mcp import MCPError

        assert session.client is not None
        session.calls += 1
        try:
            result = await session.client.call_tool(tool, arguments, meta=meta)
            session.late = 0
            return result
        except anyio.get_cancelled_exc_class():
            session.late += 1
            raise
        except MCPError as error:
            session.late = 0
            raise self._told(error, session) from None
        except ValidationError:
            raise CameToNothing(Failure.FAILED, "the answer is none of MCP") from None
        except (anyio.ClosedResourceError, anyio.BrokenResourceError):
            self._retire(session)
            raise CameToNothing(Failure.FAILED, _BROKE, again=True) from None
        except RuntimeError:
            # The SDK's way to say that an answer does not fit the schema of the tool.
            session.late = 0
            raise CameToNothing(Failure.FAILED, "the answer is not what the tool promised") from None
        finally:
            session.calls -= 1
            if session.late >= _LATE_IN_A_ROW:
                self._retire(session)
            if session is not self._now and session.calls == 0:
                session.over.set()

    async def _look_for(self, tool: str, session: _Session) -> None:
        from mcp import MCPError

        assert session.client is not None
        try:
            if tool not in self._tools:
                self._tools = await _tools(session.client)  # they may have changed since
        except MCPError as error:
            raise self._told(error, session) from None
        if tool not in self._tools:
            raise CameToNothing(Failure.FAILED, "the MCP server has no such tool", sent=False)

    def _told(self, error: Exception, session: _Session) -> Exception:
        """What an error of the protocol means."""
        from mcp_types import INTERNAL_ERROR, INVALID_PARAMS, METHOD_NOT_FOUND, PARSE_ERROR

        code: int = getattr(error, "code", 0)
        if str(error) == _SESSION_OVER:
            self._retire(session)
            return _SessionForgotten()
        if code in (INVALID_PARAMS, METHOD_NOT_FOUND):
            return CameToNothing(Failure.FAILED, "the tool does not take these arguments", code=code)
        if code == PARSE_ERROR:
            return CameToNothing(Failure.FAILED, "the answer is none of MCP, or too large", code=code)
        if code != INTERNAL_ERROR:
            self._retire(session)
        return CameToNothing(Failure.FAILED, "the MCP server is in trouble", again=True, code=code)

    def _retire(self, session: _Session) -> None:
        """The next call opens another session; this one ends with the last call that uses it."""
        if self._now is session:
            self._now = None
        if session.calls == 0:
            session.over.set()

    async def _session(self) -> _Session:
        if self._closed:
            raise CameToNothing(Failure.FAILED, "the server is stopping", sent=False)
        session = self._now
        if session is None or session.over.is_set():
            session = self._now = _Session()
            self._tasks.start_soon(self._keep, session)
        await session.ready.wait()
        if session.client is None:
            raise CameToNothing(Failure.FAILED, "the MCP server was not reached", again=True, sent=False)
        return session

    async def _keep(self, session: _Session) -> None:
        """Open a session and keep it until it is over; a call that ends does not end it."""
        from mcp.client import Client

        self._open.add(session)
        session.scope.deadline = anyio.current_time() + self._start_s
        with session.scope:
            try:
                async with Client(watched(self._open_transport, session.over), cache=None) as client:
                    self._tools = await _tools(client)
                    session.client = client
                    session.scope.deadline = math.inf
                    session.ready.set()
                    await session.over.wait()
                    session.scope.deadline = anyio.current_time() + CLOSE_WITHIN_S
            except Exception as broken:  # the SDK's, the network's or the program's: the next call tries anew
                log(Happened.PART_IMPAIRED, part=self._name, why=_why(broken), exc_info=True)
        if session.scope.cancelled_caught and session.client is None:
            log(Happened.PART_IMPAIRED, part=self._name, why="the MCP server did not come up in time")
        self._open.discard(session)
        session.over.set()
        session.ready.set()


class _SessionForgotten(Exception):
    """The server does not know the session any more, and so has not looked at the call."""


def _why(broken: BaseException) -> str:
    """In constant words."""
    if isinstance(broken, BaseExceptionGroup):
        return next((why for each in broken.exceptions if (why := _why(each)) != _BROKE), _BROKE)
    return f"{broken}; see `internal`" if isinstance(broken, NotAllowed) else _BROKE


async def _tools(client: Client) -> dict[str, Tool]:
    tools: dict[str, Tool] = {}
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        page = await client.list_tools(cursor=cursor)
        tools |= {tool.name: tool for tool in page.tools}
        cursor = page.next_cursor
        if cursor is None:
            break
    return tools


def _read(result: CallToolResult, most_bytes: int) -> dict[str, Any]:
    """Structured content where there is some, else the JSON of its text."""
    if result.is_error:
        raise CameToNothing(Failure.REFUSED, "the tool said no")
    if result.structured_content is not None:
        return as_result(result.structured_content, most_bytes)
    texts = [block.text for block in result.content if block.type == "text"]
    if len(texts) != len(result.content):
        raise CameToNothing(Failure.FAILED, "the answer is no JSON")
    if sum(map(len, texts)) > most_bytes:
        raise CameToNothing(Failure.FAILED, "the answer is too large")
    values = [read_json(text) for text in texts]
    if not values:
        return {}
    return as_result(values[0] if len(values) == 1 else values, most_bytes)
