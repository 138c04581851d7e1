"""Calls in progress over the API: listed, followed and led, wherever they are carried."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from redis.asyncio import Redis

from memory.bus_redis import open_redis_bus
from orchestrator.api.settings import ApiSettings
from reasoner.events import load_event
from tests.orchestrator.api.rig import TENANT, Rig, api
from tests.redis_server import RedisServer

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    async with api(tmp_path) as rig:
        yield rig


async def kinds(rig: Rig, call: str = "call1") -> list[str]:
    """The events that were stored, once the newest revision is."""
    with anyio.fail_after(5):
        while (await rig.carrier.sessions.load(rig.carrier.live[call].key)).revision < rig.carrier.live[
            call
        ].state.revision:
            await anyio.sleep(0.02)
    return [load_event(e.event).kind for e in await rig.carrier.sessions.events(rig.carrier.live[call].key)]


async def test_live_calls_are_listed_with_where_they_stand(rig: Rig) -> None:
    async with await rig.client("viewer") as viewer:
        assert (await viewer.get("/live")).json() == {"items": [], "next": None}
        await rig.call()
        (item,) = (await viewer.get("/live")).json()["items"]
        assert (item["call"], item["flow"], item["step"], item["outcome"]) == ("call1", "door", "main", None)
        assert "colour" not in json.dumps(item)


async def test_a_patch_on_a_live_call_is_an_event_and_the_agent_goes_on(rig: Rig) -> None:
    await rig.call()
    async with await rig.client("operator") as operator:
        read = await operator.get("/sessions/call1/memory")
        assert read.json()["live"] is True and read.headers["etag"] == f'"{read.json()["revision"]}"'
        answer = await operator.patch(
            "/sessions/call1/memory",
            json={"slots": {"colour": "red"}, "notes": ["In a hurry"]},
            headers={"if-match": read.headers["etag"]},
        )
        assert answer.status_code == 200, answer.text
        assert answer.json()["slots"]["colour"] == {
            "value": "red",
            "status": "confirmed",
            "confidence": 1.0,
            "asked": 1,
        }
        assert answer.json()["notes"] == ["In a hurry"]
    assert "May we keep that" in rig.lines["call1"].said_last
    assert "memory_patched" in await kinds(rig)


async def test_of_two_who_change_the_same_the_second_is_told_so(rig: Rig) -> None:
    await rig.call()
    async with await rig.client("operator") as operator:
        tag = (await operator.get("/sessions/call1/memory")).headers["etag"]
        change = {"slots": {"note": "mine"}}
        first = await operator.patch("/sessions/call1/memory", json=change, headers={"if-match": tag})
        second = await operator.patch(
            "/sessions/call1/memory", json={"slots": {"note": "other"}}, headers={"if-match": tag}
        )
        assert (first.status_code, second.status_code) == (200, 412)
        assert second.json()["refusal"] == "stale"
        missing = await operator.patch("/sessions/call1/memory", json=change)
        assert missing.status_code == 428 and missing.headers["etag"] == first.headers["etag"]
        for bad in ("23", 'W/"x"', '"-1"', '"9999999999999"'):
            wrong = await operator.patch("/sessions/call1/memory", json=change, headers={"if-match": bad})
            assert wrong.status_code == 400, bad
    assert rig.carrier.live["call1"].state.slots["note"].value == "mine"


async def test_a_note_a_step_and_words_reach_the_call(rig: Rig) -> None:
    session = await rig.call()
    line = rig.lines["call1"]
    async with await rig.client("supervisor") as boss:
        assert (await boss.post("/live/call1/notes", json={"text": "Offer tea"})).status_code == 200
        assert session.state.notes == ("Offer tea",)
        said = await boss.post("/live/call1/words", json={"text": "I have found {pin} for you."})
        assert said.status_code == 200, said.text
        assert line.prompts[-1].reply[0].text == "I have found {pin} for you."
        assert "Bear in mind, and do not say: Offer tea" in line.prompts[-1].role
        stepped = await boss.post("/live/call1/step", json={"step": "last"})
        assert stepped.status_code == 200 and session.state.step == "last"
        assert "What shall I note" in line.said_last
    assert {"note_whispered", "words_ordered", "step_forced"} <= set(await kinds(rig))


async def test_a_gate_takes_a_supervisor_and_it_is_written_down(rig: Rig) -> None:
    session = await rig.call()
    async with await rig.client("operator") as operator, await rig.client("supervisor") as boss:
        wish = {"step": "inside", "past_gates": True}
        assert (await operator.post("/live/call1/step", json=wish)).status_code == 403
        assert (await operator.post("/live/call1/words", json={"text": "x"})).status_code == 403
        assert (await operator.post("/live/call1/step", json={"step": "inside"})).status_code == 200
        assert session.state.pending.slots == ("pin",), "without the right the gate is asked for"
        tag = (await operator.get("/sessions/call1/memory")).headers
        gated = await operator.patch(
            "/sessions/call1/memory", json={"slots": {"pin": "1234"}}, headers={"if-match": tag["etag"]}
        )
        assert gated.status_code == 403 and gated.json()["refusal"] == "gated"
        assert (await boss.post("/live/call1/step", json=wish)).status_code == 200
        assert session.state.gates["identity"].waived_by.startswith("key:")
        shown = (await boss.get("/sessions/call1/memory")).json()["gates"]["identity"]
        assert shown["passed"] and shown["waived_by"] == session.state.gates["identity"].waived_by


@pytest.mark.parametrize(
    ("path", "body", "status", "refusal"),
    [
        ("step", {"step": "nowhere"}, 422, "no_such_step"),
        ("step", {"step": "identity"}, 422, "no_such_step"),
        ("words", {"text": "Yes, we guarantee it."}, 422, "never_say"),
        ("words", {"text": "   "}, 422, "empty"),
        ("notes", {"text": "x" * 501}, 422, None),
        ("notes", {"text": "x", "more": 1}, 422, None),
        ("notes", {}, 422, None),
    ],
)
async def test_what_a_call_takes_no_notice_of_is_refused_with_its_reason(
    rig: Rig, path: str, body: dict[str, Any], status: int, refusal: str | None
) -> None:
    session = await rig.call()
    before = session.state
    async with await rig.client("supervisor") as boss:
        answer = await boss.post(f"/live/call1/{path}", json=body)
    assert answer.status_code == status and answer.json().get("refusal") == refusal
    assert answer.headers["content-type"] == "application/problem+json"
    assert session.state == before


async def test_a_call_is_handed_over_or_hung_up(rig: Rig) -> None:
    await rig.call("one")
    await rig.call("two")
    async with await rig.client("operator") as operator:
        over = await operator.post("/live/one/handover")
        assert over.json()["outcome"] == "handed_over"
        assert (await operator.post("/live/one/notes", json={"text": "x"})).status_code == 409
        down = await operator.post("/live/two/hangup")
        assert (down.status_code, down.json()["outcome"]) == (200, "hung_up")
        assert rig.lines["two"].closed
        await rig.settle()
        assert (await operator.post("/live/two/hangup")).status_code == 404
        record = await rig.carrier.sessions.events((await rig.carrier.sessions.list(TENANT))[0].key)
        assert record
        ended = [load_event(e.event) for e in await rig.carrier.sessions.events(_key("two"))][-1]
        assert ended.kind == "call_ended" and ended.why == "supervisor"


def _key(call: str) -> Any:
    from memory.types import SessionKey

    return SessionKey(TENANT, call)


# --- following -----------------------------------------------------------------------------------------------


async def read_events(answer: httpx.Response, until: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    one: dict[str, str] = {}
    with anyio.fail_after(10):
        async for line in answer.aiter_lines():
            if not line and one:
                found.append(one)
                if one.get("event") == until:
                    return found
                one = {}
            elif ":" in line and not line.startswith(":"):
                name, _, value = line.partition(":")
                one[name] = value.strip()
    return found


async def test_a_call_is_followed_from_its_first_moment_to_its_end(rig: Rig) -> None:
    await rig.call()
    async with (
        await rig.client("operator") as operator,
        operator.stream("GET", "/live/call1/moments") as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        rig.tasks.start_soon(rig.say, "call1", "red")
        rig.tasks.start_soon(_hang_up_later, rig)
        events = await read_events(answer, "closed")
    assert events[0]["event"] == "opened" and events[-1]["event"] == "closed"
    assert [int(e["id"]) for e in events] == list(range(1, len(events) + 1))
    assert {"caller", "agent", "slot", "whisper"} <= {e["event"] for e in events}
    assert json.loads(events[0]["data"])["call"] == "call1"


async def _hang_up_later(rig: Rig) -> None:
    await anyio.sleep(0.5)
    await rig.carrier.live["call1"].hang_up()


async def test_whoever_comes_back_goes_on_where_it_was(rig: Rig) -> None:
    await rig.call()
    async with await rig.client("operator") as operator:
        async with operator.stream("GET", "/live/call1/moments") as answer:
            first = await read_events(answer, "agent")
        last = first[-1]["id"]
        await rig.say("call1", "red")
        async with operator.stream("GET", "/live/call1/moments", headers={"last-event-id": last}) as answer:
            then = await read_events(answer, "caller")
        assert int(then[0]["id"]) == int(last) + 1
        bad = await operator.get("/live/call1/moments", headers={"last-event-id": "x"})
        assert bad.status_code == 400
        assert (await operator.get("/live/nobody/moments")).status_code == 404


# --- on another server ---------------------------------------------------------------------------------------


async def test_orders_reach_a_call_on_another_server(tmp_path: Path) -> None:
    server = RedisServer(tmp_path / "redis").start()
    try:
        async with (
            Redis(port=server.port, socket_timeout=2) as one,
            Redis(port=server.port, socket_timeout=2) as two,
            open_redis_bus(one) as bus_one,
            open_redis_bus(two) as bus_two,
            api(tmp_path, bus=bus_one) as here,
            api(tmp_path, bus=bus_two) as there,
        ):
            session = await there.call()
            async with await here.client("supervisor") as boss:
                with anyio.fail_after(5):
                    while not (await boss.get("/live")).json()["items"]:
                        await anyio.sleep(0.05)
                assert not here.carrier.live
                assert (await boss.post("/live/call1/notes", json={"text": "Hello"})).status_code == 200
                assert session.state.notes == ("Hello",)
                tag = (await boss.get("/sessions/call1/memory")).headers["etag"]
                patched = await boss.patch(
                    "/sessions/call1/memory", json={"slots": {"colour": "blue"}}, headers={"if-match": tag}
                )
                assert patched.json()["slots"]["colour"]["value"] == "blue"
                async with boss.stream("GET", "/live/call1/moments") as answer:
                    there.tasks.start_soon(_hang_up_later, there)
                    events = await read_events(answer, "closed")
                assert events[-1]["event"] == "closed"
                assert (await boss.get("/sessions/call1/transcript")).json()["complete"] is True
    finally:
        server.stop()


async def test_a_server_that_does_not_answer_in_time_is_told_as_such(tmp_path: Path) -> None:
    settings = {"api": ApiSettings(order_within_s=0.2, burst=1000)}
    async with api(tmp_path, settings=settings) as rig:
        session = await rig.call()
        async with session._one_at_a_time, await rig.client("operator") as operator:
            answer = await operator.post("/live/call1/notes", json={"text": "x"})
        assert answer.status_code == 504 and "look at the call" in answer.json()["detail"]
