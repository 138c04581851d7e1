"""Tools of real MCP servers, as programs and over HTTP, that are good, slow, failing, lying or dying."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest
import uvicorn

from orchestrator.actions.allowed import ActionSettings, McpServer
from orchestrator.actions.mcp_server import KEY
from orchestrator.actions.run import Actions, open_actions
from reasoner.events import ActionDone
from tests.orchestrator.actions import mcp_program
from tests.orchestrator.actions.asking import ask, failure, no_pause, result, run
from tests.orchestrator.actions.wire_server import Asked, reply, wire_server

PROGRAM = (sys.executable, str(Path(__file__).with_name("mcp_program.py")))


def tool(name: str, **more: Any) -> dict[str, Any]:
    return {"mcp": {"server": "doubles", "tool": name}, "timeout_s": 15, **more}


@asynccontextmanager
async def as_program(**settings: Any) -> AsyncIterator[Actions]:
    server = McpServer(command=PROGRAM, env={"TOKEN": "$TOKEN"})
    told = ActionSettings(mcp={"doubles": server}, secrets={"TOKEN": "s3cret"}, **settings)
    async with open_actions(told, pause=no_pause) as actions:
        yield actions


@asynccontextmanager
async def serving(port: int = 0) -> AsyncIterator[int]:
    """The same server over streamable HTTP, in this process."""
    mcp_program.calls.clear()
    app = mcp_program.make_server().streamable_http_app()
    config = uvicorn.Config(app, port=port, log_config=None, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(server._serve)
        while not server.started:
            await anyio.sleep(0.01)
        try:
            yield server.servers[0].sockets[0].getsockname()[1]
        finally:
            server.should_exit = True


@asynccontextmanager
async def over_http() -> AsyncIterator[Actions]:
    async with serving() as port, open_actions(at(port), pause=no_pause) as actions:
        yield actions


def at(port: int, **settings: Any) -> ActionSettings:
    server = McpServer(url=f"http://127.0.0.1:{port}/mcp", internal=True)
    return ActionSettings(mcp={"doubles": server}, **settings)


WAYS = pytest.mark.parametrize("way", [as_program, over_http])


@WAYS
def test_a_tool_gives_its_structured_content_or_the_json_of_its_text(way: Any) -> None:
    async def scenario() -> None:
        async with way() as actions:
            assert await result(actions, tool("balance"), account="A1") == {"account": "A1", "balance": 12.5}
            assert await result(actions, tool("as_text"), account="A1") == {"account": "A1"}

    run(scenario)


@WAYS
def test_what_a_tool_does_wrong_is_told_apart_and_the_server_stays(way: Any) -> None:
    async def scenario() -> None:
        async with way() as actions:
            pid = await result(actions, tool("pid"))
            assert await failure(actions, tool("failing")) == "refused"
            assert await failure(actions, tool("prose")) == "failed"
            assert await failure(actions, tool("lying")) == "failed"
            assert await failure(actions, tool("huge")) == "failed"
            assert await failure(actions, tool("no_such_tool")) == "failed"
            assert await failure(actions, tool("slow", timeout_s=0.3)) == "timeout"
            assert await result(actions, tool("pid")) == pid

    run(scenario)


@WAYS
def test_many_calls_share_one_session(way: Any) -> None:
    async def scenario() -> None:
        async with way() as actions, anyio.create_task_group() as tasks:
            found = []

            async def one(account: str) -> None:
                found.append((await result(actions, tool("balance"), account=account))["account"] == account)

            for number in range(20):
                tasks.start_soon(one, f"A{number}")
        assert found == [True] * 20

    run(scenario)


def test_a_program_that_died_is_started_again_at_the_next_call() -> None:
    async def scenario() -> None:
        async with as_program() as actions:
            first = (await result(actions, tool("pid")))["pid"]
            assert await failure(actions, tool("die", effect="write", retries=3)) == "failed"
            second = (await result(actions, tool("pid")))["pid"]
            assert second != first
            os.kill(second, signal.SIGKILL)
            await anyio.sleep(0.3)
            third = (await result(actions, tool("pid")))["pid"]  # without any retry
            assert third not in (first, second)

    run(scenario)


def test_a_program_gets_its_secrets_and_nothing_else_of_our_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SOUFFLEUR_TENANT", "default")

    async def scenario() -> None:
        async with as_program() as actions:
            assert await result(actions, tool("secret")) == {"token": "s3cret", "home": None}

    run(scenario)


def test_what_a_program_says_to_stderr_is_not_ours_to_tell() -> None:
    async def scenario() -> None:
        async with as_program() as actions:
            assert await result(actions, tool("stderr")) == {"nowhere": True}

    run(scenario)


def test_a_program_ends_with_us() -> None:
    async def scenario() -> None:
        async with as_program() as actions:
            pid = (await result(actions, tool("pid")))["pid"]
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)

    run(scenario)


def test_a_program_that_does_not_come_up_is_a_failure_and_tried_anew() -> None:
    async def scenario() -> None:
        for command in (("/no/such/program",), (sys.executable, "-c", "pass")):
            settings = ActionSettings(mcp={"doubles": McpServer(command=command)})
            async with open_actions(settings) as actions:
                assert await failure(actions, tool("pid")) == "failed"
                assert await failure(actions, tool("pid")) == "failed"
        hangs = McpServer(command=(sys.executable, "-c", "import time; time.sleep(60)"))
        async with open_actions(ActionSettings(mcp={"doubles": hangs}, mcp_start_s=0.5)) as actions:
            assert await failure(actions, tool("pid")) == "failed"
            assert await failure(actions, tool("pid", timeout_s=0.2)) == "timeout"

    run(scenario)


def test_a_server_over_http_that_restarts_is_found_again() -> None:
    async def scenario() -> None:
        async with serving() as port:
            pass
        async with open_actions(at(port)) as actions:
            assert await failure(actions, tool("pid")) == "failed"
            async with serving(port):
                assert await result(actions, tool("balance"), account="A1")
            assert await failure(actions, tool("pid")) == "failed"
            async with serving(port):
                assert await result(actions, tool("balance"), account="A1")

    run(scenario)


def test_a_write_carries_its_key_and_outlives_the_call() -> None:
    async def scenario() -> None:
        async with serving() as port:
            async with open_actions(at(port)) as actions:
                await result(actions, tool("pid"))
                with anyio.move_on_after(0.2) as call:
                    await ask(actions, tool("book", effect="write"), key="call9-1", day="Monday")
                assert call.cancelled_caught
            (day, meta), done = mcp_program.calls
            assert (day, meta.get(KEY)) == ("Monday", "call9-1")
            assert done == ("Monday", "done")

    run(scenario)


def test_a_process_that_stops_waits_for_its_writes() -> None:
    async def scenario() -> None:
        async with serving() as port:
            with anyio.move_on_after(30) as process:
                async with open_actions(at(port)) as actions, anyio.create_task_group() as tasks:
                    await result(actions, tool("pid"))
                    tasks.start_soon(partial(ask, actions, tool("book", effect="write"), day="Monday"))
                    while not mcp_program.calls:
                        await anyio.sleep(0.01)
                    process.cancel()
            assert ("Monday", "done") in mcp_program.calls

    run(scenario)


def test_a_write_is_tried_again_only_where_the_tool_says_that_this_does_no_harm() -> None:
    async def scenario() -> None:
        async with serving() as port, open_actions(at(port), pause=no_pause) as actions:
            once = tool("book_once", effect="write", retries=1, timeout_s=1)
            assert await result(actions, once, day="Monday") == {"booked": "Monday"}
            assert mcp_program.calls == [("Monday", "once")] * 2
            mcp_program.calls.clear()
            unsure = tool("book", effect="write", retries=3, timeout_s=0.2)
            assert await failure(actions, unsure, day="Monday") == "timeout"
            assert len(mcp_program.calls) == 1

    run(scenario)


def test_a_server_on_an_internal_address_has_to_be_listed_so() -> None:
    async def scenario() -> None:
        async with wire_server() as server:
            listed = McpServer(url=f"http://127.0.0.1:{server.port}/mcp")
            async with open_actions(ActionSettings(mcp={"doubles": listed})) as actions:
                assert await failure(actions, tool("pid")) == "failed"
            assert server.asked == []

    run(scenario)


class OlderServer:
    """Speaks the protocol of 2025: a handshake, and a session that it may forget."""

    def __init__(self) -> None:
        self.session = 0
        self.booked = 0

    async def __call__(self, asked: Asked, stream: Any) -> bytes:
        if asked.method != "POST":
            return reply({}, 405)
        told = asked.json
        method = told["method"]
        if method == "initialize":
            self.session += 1
            given: Any = {
                "protocolVersion": "2025-06-18",
                "capabilities": {"tools": {}},
                "serverInfo": {"name": "old", "version": "1"},
            }
        elif asked.headers.get("mcp-session-id") != f"s{self.session}":
            return reply({}, 404 if "mcp-session-id" in asked.headers else 400)
        elif "id" not in told:
            return reply(b"", 202)
        elif method == "tools/list":
            given = {"tools": [{"name": "book", "inputSchema": {"type": "object"}}]}
        else:
            self.booked += 1
            given = {"content": [{"type": "text", "text": f'{{"booked": {self.booked}}}'}]}
        answer = {"jsonrpc": "2.0", "id": told["id"], "result": given}
        return reply(answer, 200, f"Mcp-Session-Id: s{self.session}")


def test_a_server_that_forgot_the_session_is_asked_again_in_another_and_only_once() -> None:
    async def scenario() -> None:
        older = OlderServer()
        async with wire_server() as server:
            server.answers["/mcp"] = older
            async with open_actions(at(server.port)) as actions:
                book = tool("book", effect="write")
                assert await result(actions, book) == {"booked": 1}
                older.session += 1  # forgets
                assert await result(actions, book) == {"booked": 2}
                event = await ask(actions, book)
                assert isinstance(event, ActionDone)
                assert event.result == {"booked": 3}

    run(scenario)
