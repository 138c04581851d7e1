"""HTTP actions against a real server that is good, slow, failing, refusing or lying."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest
from pydantic import SecretStr

from flows.action import Http
from orchestrator.actions.allowed import ActionSettings
from orchestrator.actions.answer import CameToNothing
from orchestrator.actions.request import make_request
from orchestrator.actions.run import Actions, open_actions
from reasoner.events import ActionDone
from tests.orchestrator.actions.asking import ask, failure, flow, no_pause, result, run
from tests.orchestrator.actions.wire_server import Asked, WireServer, reply, wire_server


@asynccontextmanager
async def rig(**settings: Any) -> AsyncIterator[tuple[WireServer, Actions]]:
    async with wire_server() as server:
        hosts = (f"internal http://127.0.0.1:{server.port}",)
        async with open_actions(ActionSettings(hosts=hosts, **settings), pause=no_pause) as actions:
            yield server, actions


def http(server: WireServer, path: str, method: str = "GET", **more: Any) -> dict[str, Any]:
    return {"http": {"method": method, "url": f"http://127.0.0.1:{server.port}{path}"}, **more}


async def slowly(asked: Asked, stream: Any) -> bytes:
    await anyio.sleep(0.6)
    return reply({"late": True})


async def trickle(asked: Asked, stream: Any) -> bytes:
    await stream.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        await stream.send(b"1\r\n \r\n")
        await anyio.sleep(0.02)


async def hang_up(asked: Asked, stream: Any) -> bytes:
    await stream.aclose()
    return b""


def test_a_read_fills_the_url_in_asks_and_gives_the_json() -> None:
    async def scenario() -> None:
        async with rig() as (server, actions):
            server.at("/accounts/A%201%2F2", reply({"balance": 12.5}))
            got = await result(
                actions,
                http(server, "/accounts/{id}?on={day}"),
                id="A 1/2",
                day="2026-11-23&x=1",
                open=True,
                kinds=("a", "b"),
                unknown=None,
            )
            assert got == {"balance": 12.5}
            (asked,) = server.asked
            assert asked.target == "/accounts/A%201%2F2?on=2026-11-23%26x%3D1&open=true&kinds=a&kinds=b"
            assert "idempotency-key" not in asked.headers
            assert asked.body == b""

    run(scenario)


def test_a_write_sends_json_and_the_idempotency_key() -> None:
    async def scenario() -> None:
        async with rig() as (server, actions):
            server.at("/bookings/7", reply(b"", 204))
            book = http(server, "/bookings/{id}", "POST", effect="write")
            assert await result(actions, book, id=7, name="Zoë", seats=2, note=None) == {}
            (asked,) = server.asked
            assert asked.json == {"name": "Zoë", "seats": 2, "note": None}
            assert asked.headers["content-type"] == "application/json"
            assert asked.headers["idempotency-key"] == "call1-1"

    run(scenario)


@pytest.mark.parametrize(
    ("body", "expected"),
    [(b"[1, 2]", {"value": [1, 2]}), (b'"yes"', {"value": "yes"}), (b"", {}), (b"null", {"value": None})],
)
def test_a_result_is_always_an_object(body: bytes, expected: Any) -> None:
    async def scenario() -> None:
        async with rig() as (server, actions):
            server.at("/x", reply(body))
            assert await result(actions, http(server, "/x")) == expected

    run(scenario)


def test_a_retried_write_reaches_the_server_twice_with_the_same_key() -> None:
    async def scenario() -> None:
        async with rig() as (server, actions):
            server.at("/pay", reply({}, 500), hang_up, reply({"paid": True}))
            pay = http(server, "/pay", "POST", effect="write", retries=2)
            assert await result(actions, pay, amount=5) == {"paid": True}
            assert [asked.headers["idempotency-key"] for asked in server.asked] == ["call1-1"] * 3
            assert {asked.body for asked in server.asked} == {b'{"amount": 5}'}

    run(scenario)


def test_no_more_tries_than_the_flow_gives() -> None:
    async def scenario() -> None:
        async with rig() as (server, actions):
            server.at("/x", reply({}, 500))
            assert await failure(actions, http(server, "/x", retries=1)) == "failed"
            assert len(server.asked) == 2
            assert await failure(actions, http(server, "/x", "POST", effect="write")) == "failed"
            assert len(server.asked) == 3

    run(scenario)


@pytest.mark.parametrize(
    ("code", "why", "tries"),
    [
        *((code, "refused", 1) for code in (301, 400, 403, 404, 409)),
        *((code, "failed", 3) for code in (408, 429, 500, 503)),
    ],
)
def test_a_no_is_final_and_trouble_is_tried_again(code: int, why: str, tries: int) -> None:
    async def scenario() -> None:
        async with rig() as (server, actions):
            server.at("/x", reply({"a": 1}, code))
            assert await failure(actions, http(server, "/x", retries=2)) == why
            assert len(server.asked) == tries

    run(scenario)


def test_a_redirect_to_an_internal_address_is_not_followed() -> None:
    async def scenario() -> None:
        async with rig() as (server, actions), wire_server() as inner:
            inner.at("/secrets", reply({"secret": 1}))
            server.at("/x", reply({}, 307, f"Location: http://127.0.0.1:{inner.port}/secrets"))
            assert await failure(actions, http(server, "/x", retries=2)) == "refused"
            assert inner.asked == []

    run(scenario)


SECRETS = {"CRM_TOKEN": SecretStr("s3{x}cret")}
LIES = {
    "html": reply(b"<html>Please log in</html>"),
    "cut json": reply(b'{"a": '),
    "nan": reply(b'{"a": NaN}'),
    "infinite": reply(b'{"a": 1e999}'),
    "half a character": reply(b'{"a": "\\ud800"}'),
    "too deep": reply(b"[" * 100_000 + b"]" * 100_000),
    "too large": reply(b'"' + b"x" * 300_000 + b'"'),
    "a bomb": reply(b"\x1f\x8b", 200, "Content-Encoding: gzip"),
    "no http": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 4\r\n\r\n{}",
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
def test_an_answer_that_nobody_can_use_is_a_failure(lie: bytes) -> None:
    async def scenario() -> None:
        async with rig() as (server, actions):
            server.at("/x", lie)
            assert await failure(actions, http(server, "/x")) == "failed"

    run(scenario)


def test_a_body_that_breaks_off_is_a_failure() -> None:
    async def scenario() -> None:
        async def broken(asked: Asked, stream: Any) -> bytes:
            await stream.send(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + b'{"a": 1}')
            await stream.aclose()
            return b""

        async with rig() as (server, actions):
            server.at("/x", broken)
            assert await failure(actions, http(server, "/x")) == "failed"

    run(scenario)


def test_a_body_without_end_stops_at_the_limit() -> None:
    async def scenario() -> None:
        sent = 0

        async def flood(asked: Asked, stream: Any) -> bytes:
            nonlocal sent
            await stream.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            while True:
                await stream.send(b"10000\r\n" + b" " * 65536 + b"\r\n")
                sent += 65536

        async with rig(reply_kb=64) as (server, actions):
            server.at("/x", flood)
            assert await failure(actions, http(server, "/x")) == "failed"
            assert sent < 50_000_000

    run(scenario)


@pytest.mark.parametrize("lie", [slowly, trickle])
def test_each_try_has_its_time_limit_whatever_the_server_does(lie: Any) -> None:
    async def scenario() -> None:
        async with rig() as (server, actions):
            server.at("/x", lie)
            began = time.monotonic()
            assert await failure(actions, http(server, "/x", timeout_s=0.2, retries=1)) == "timeout"
            assert 0.35 < time.monotonic() - began < 3
            assert len(server.asked) == 2

    run(scenario)


def test_a_server_that_is_not_there_is_a_failure() -> None:
    async def scenario() -> None:
        async with rig() as (server, actions):
            gone = http(server, "/x")
        async with open_actions(
            ActionSettings(hosts=(f"internal http://127.0.0.1:{server.port}",))
        ) as actions:
            assert await failure(actions, gone) == "failed"

    run(scenario)


def test_a_call_that_ends_ends_a_read() -> None:
    async def scenario() -> None:
        gone = anyio.Event()

        async def watch(asked: Asked, stream: Any) -> bytes:
            try:
                await stream.receive()
            except (anyio.EndOfStream, anyio.BrokenResourceError):
                gone.set()
            return b""

        async with rig() as (server, actions):
            server.at("/x", watch)
            with anyio.move_on_after(0.2):
                await ask(actions, http(server, "/x", timeout_s=60))
            with anyio.fail_after(2):
                await gone.wait()

    run(scenario)


def test_a_call_that_ends_does_not_end_a_write() -> None:
    async def scenario() -> None:
        async with rig() as (server, actions):
            answered = anyio.Event()

            async def careful(asked: Asked, stream: Any) -> bytes:
                await anyio.sleep(0.5)
                await stream.send(reply({"done": True}))  # raises where the client is gone
                answered.set()
                return b""

            server.at("/x", careful)
            with anyio.move_on_after(0.1) as call:
                await ask(actions, http(server, "/x", "POST", effect="write"))
            assert call.cancelled_caught
            with anyio.fail_after(3):
                await answered.wait()

    run(scenario)


def test_a_process_that_stops_waits_for_its_writes_and_begins_no_other_try() -> None:
    async def scenario() -> None:
        async with wire_server() as server:
            server.at("/x", slowly, reply({}, 500))
            hosts = (f"internal http://127.0.0.1:{server.port}",)
            began = time.monotonic()
            with anyio.move_on_after(0.2):
                async with open_actions(ActionSettings(hosts=hosts), pause=no_pause) as actions:
                    await ask(actions, http(server, "/x", "POST", effect="write", retries=5))
            assert time.monotonic() - began > 0.5
            assert len(server.asked) == 1
            server.asked.clear()
            with anyio.move_on_after(0.2):
                async with open_actions(ActionSettings(hosts=hosts), pause=lambda _: 0.4) as actions:
                    await ask(actions, http(server, "/x", "POST", effect="write", retries=5))
            assert len(server.asked) == 1

    run(scenario)


def test_secrets_go_into_headers_and_a_caller_cannot_write_any() -> None:
    async def scenario() -> None:
        async with rig(secrets=SECRETS) as (server, actions):
            server.at("/x", reply({}))
            asks = http(server, "/x")
            asks["http"]["headers"] = {"Authorization": "Bearer $CRM_TOKEN", "X-Name": "{name} {x}"}
            assert await result(actions, asks, name="$CRM_TOKEN", x=1) == {}
            assert server.asked[0].headers["authorization"] == "Bearer s3{x}cret"
            assert server.asked[0].headers["x-name"] == "$CRM_TOKEN 1"
            assert server.asked[0].target == "/x"
            for hostile in ("a\r\nX-Admin: 1", "a\nb", "a\0b", "Zoë"):
                assert await failure(actions, asks, name=hostile, x=1) == "failed"
                with pytest.raises(CameToNothing, match="does not fit a header"):
                    make_request(Http(**asks["http"]), {"name": hostile, "x": 1}, SECRETS)
            assert len(server.asked) == 1

    run(scenario)


@pytest.mark.parametrize("hostile", ["..", ".", "", "../admin", "a/../../b", "..\\b", None, ["a"], {"a": 1}])
def test_a_value_stays_in_its_part_of_the_path(hostile: Any) -> None:
    async def scenario() -> None:
        async with rig() as (server, actions):
            assert await failure(actions, http(server, "/accounts/{id}"), id=hostile) == "failed"
            assert server.asked == []

    run(scenario)


@pytest.mark.parametrize("header", ["Host", "Content-Length", "Idempotency-Key", "Transfer-Encoding", "a b"])
def test_a_flow_cannot_set_the_headers_that_frame_a_request(header: str) -> None:
    async def scenario() -> None:
        async with rig() as (server, actions):
            asks = http(server, "/x")
            asks["http"]["headers"] = {header: "1"}
            assert await failure(actions, asks) == "failed"
            assert server.asked == []

    run(scenario)


def test_one_caller_never_gets_the_cookies_of_another() -> None:
    async def scenario() -> None:
        async with rig() as (server, actions):
            server.at("/x", reply({}, 200, "Set-Cookie: session=caller1"))
            await result(actions, http(server, "/x"))
            await result(actions, http(server, "/x"))
            assert "cookie" not in server.asked[1].headers

    run(scenario)


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        async with rig() as (server, actions), wire_server() as proxy:
            monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
            monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{proxy.port}")
            server.at("/x", reply({"direct": True}))
            assert await result(actions, http(server, "/x")) == {"direct": True}
            assert proxy.asked == []

    run(scenario)


def test_no_more_actions_at_once_than_the_deployment_gives_and_waiting_counts() -> None:
    async def scenario() -> None:
        async with rig(at_once=1) as (server, actions):
            server.at("/x", slowly)
            why = {}

            async def one(name: str, timeout_s: float) -> None:
                event = await ask(actions, http(server, "/x", timeout_s=timeout_s))
                why[name] = "done" if isinstance(event, ActionDone) else event.why.value

            async with anyio.create_task_group() as tasks:
                tasks.start_soon(one, "first", 5.0)
                await anyio.sleep(0.1)
                tasks.start_soon(one, "second", 0.3)
            assert why == {"first": "done", "second": "timeout"}
            assert len(server.asked) == 1

    run(scenario)


def test_an_action_that_the_flow_does_not_have_is_a_failure() -> None:
    async def scenario() -> None:
        from reasoner.events import RunAction

        async with open_actions(ActionSettings()) as actions:
            event = await actions.run(flow(), RunAction("k", "nothing", {}))
            assert not isinstance(event, ActionDone)
            assert (event.id, event.why) == ("k", "failed")

    run(scenario)
