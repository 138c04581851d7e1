"""Calls of the past over the API: listed in pages, read, corrected, replayed, exported, deleted."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from flows.loader import load_flow
from memory.callers import Caller, phone_sign
from memory.callers_book import newcomer
from memory.session_filter import SessionFilter
from memory.types import SessionKey
from orchestrator.api.call_shapes import Standing
from orchestrator.client import AdminClient
from reasoner.events import load_event
from reasoner.machine import advance, start
from reasoner.state import dump_state
from tests.orchestrator.api.rig import OTHER, TENANT, TODAY, Rig, api

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    async with api(tmp_path) as rig:
        yield rig


async def a_whole_call(rig: Rig, id: str = "call1") -> None:
    await rig.call(id)
    await rig.say(id, "red")
    await rig.say(id, "yes")
    await rig.carrier.live[id].hang_up()
    await rig.settle()


async def test_pages_hold_every_call_once_and_newest_first(rig: Rig) -> None:
    for n in range(7):
        await rig.stored(f"old{n}", minute=n)
    await rig.stored("theirs", OTHER)
    async with await rig.client("viewer") as viewer:
        seen, cursor = [], None
        while True:
            query = {"limit": 3} | ({"cursor": cursor} if cursor else {})
            page = (await viewer.get("/sessions", params=query)).json()
            seen += [item["call"] for item in page["items"]]
            cursor = page["next"]
            if cursor is None:
                break
    assert seen == [f"old{n}" for n in range(6, -1, -1)]


async def test_filters_narrow_the_list(rig: Rig) -> None:
    await a_whole_call(rig, "done")
    await rig.stored("open", minute=1)
    await rig.stored("elsewhere", flow="intake", minute=2)
    async with await rig.client("viewer") as viewer:

        async def calls(**query: str) -> list[str]:
            return [item["call"] for item in (await viewer.get("/sessions", params=query)).json()["items"]]

        assert await calls(flow="intake") == ["elsewhere"]
        assert await calls(outcome="hung_up") == ["done"]
        assert set(await calls(flow="door")) == {"done", "open"}
        assert await calls(flow="' OR '1'='1") == []
        assert (await viewer.get("/sessions", params={"outcome": "nonsense"})).status_code == 422


async def a_caller(rig: Rig, number: str, tenant: str = TENANT) -> Caller:
    sign = phone_sign(number)
    assert sign is not None
    return await rig.desk.people.callers.write(newcomer(tenant, [sign], TODAY), TODAY)


async def bears(rig: Rig, caller: Caller, call: str, *, minute: int = 0, outcome: str | None = None) -> None:
    """A call of the past that bears what the caller is recognised by."""
    record = await rig.stored(call, caller.key.tenant, minute=minute)
    marks = sorted(rig.desk.people.callers.marks(caller))
    summary = dict(record.summary) | {"marks": marks}
    changed = replace(record, revision=record.revision + 1, outcome=outcome, summary=summary)
    await rig.carrier.sessions.save(changed, [], record.revision)


async def listed(client: httpx.AsyncClient, **query: str) -> list[str]:
    answer = await client.get("/sessions", params=query)
    assert answer.status_code == 200, answer.text
    return [item["call"] for item in answer.json()["items"]]


async def test_a_supervisor_narrows_the_list_by_time_and_by_whether_calls_are_over(rig: Rig) -> None:
    await a_whole_call(rig, "today")
    for n in range(4):
        await rig.stored(f"old{n}", minute=n)
    at = [(TODAY + timedelta(minutes=n)).isoformat() for n in range(4)]
    async with await rig.client("viewer") as viewer:
        assert await listed(viewer, since=at[2], until=at[3]) == ["old2"]
        assert await listed(viewer, until=at[2]) == ["old1", "old0"]
        assert await listed(viewer, since="2026-11-23T03:02:00-06:00", state="live") == ["old3", "old2"]
        assert await listed(viewer, state="live", flow="door") == ["old3", "old2", "old1", "old0"]
        assert await listed(viewer, state="ended") == ["today"]
        assert await listed(viewer, state="live", outcome="hung_up") == []
        for bad in (
            {"state": "dead"},
            {"since": "yesterday"},
            {"since": "2026-11-23T09:00:00"},
            {"until": "0001-01-01T00:00:00+14:00"},
            {"caller": "Susan"},
        ):
            assert (await viewer.get("/sessions", params=bad)).status_code == 422, bad


async def test_the_calls_of_one_caller_are_listed_for_operators_and_written_down(rig: Rig) -> None:
    susan, other = await a_caller(rig, "5551234567"), await a_caller(rig, "5550000000")
    theirs = await a_caller(rig, "5551234567", OTHER)
    await bears(rig, susan, "first", outcome="complete")
    await bears(rig, other, "another", minute=1)
    await bears(rig, susan, "second", minute=2)
    await bears(rig, theirs, "elsewhere")
    await rig.stored("unknown", minute=3)
    id = susan.key.caller
    async with await rig.client("operator") as operator, await rig.client("viewer") as viewer:
        assert await listed(operator, caller=id) == ["second", "first"]
        assert await listed(operator, caller=id, state="ended") == ["first"]
        assert (await viewer.get("/sessions", params={"caller": id})).status_code == 403
        for nobody in (theirs.key.caller, "0" * 16):
            assert (await operator.get("/sessions", params={"caller": nobody})).status_code == 404
    log = [e for e in await rig.desk.audit.list(TENANT, limit=20) if e.action == "list_sessions_of"]
    assert [(entry.role, entry.target, entry.allowed) for entry in log[-3:]] == [
        ("viewer", id, False),
        ("operator", id, True),
        ("operator", id, True),
    ]


async def test_nothing_that_a_list_shows_says_who_called(rig: Rig) -> None:
    susan = await a_caller(rig, "5551234567")
    await bears(rig, susan, "first")
    async with await rig.client("admin") as admin:
        page = (await admin.get("/sessions", params={"caller": susan.key.caller})).text
    [mark, *_] = rig.desk.people.callers.marks(susan)
    assert "first" in page
    assert mark not in page and susan.key.caller not in page and "5551234567" not in page


async def test_the_calls_of_an_erased_caller_are_in_no_list(rig: Rig) -> None:
    susan = await a_caller(rig, "5551234567")
    await bears(rig, susan, "first", outcome="complete")
    marks = rig.desk.people.callers.marks(susan)
    async with await rig.client("supervisor") as supervisor:
        assert (await supervisor.delete(f"/callers/{susan.key.caller}")).status_code == 200
        assert (await supervisor.get("/sessions", params={"caller": susan.key.caller})).status_code == 404
    assert await rig.carrier.sessions.list(TENANT, SessionFilter(marks=marks)) == []


async def test_pages_of_what_is_wanted_go_on_where_they_ended(rig: Rig) -> None:
    susan = await a_caller(rig, "5551234567")
    for n in range(5):
        await bears(rig, susan, f"hers{n}", minute=2 * n)
        await rig.stored(f"other{n}", minute=2 * n + 1)
    async with AdminClient(rig.url, await rig.key("operator")) as operator:
        pages = operator.sessions(
            caller=susan.key.caller,
            state=Standing.LIVE,
            since=TODAY + timedelta(minutes=1),
            until=TODAY + timedelta(minutes=8),
            page=1,
        )
        assert [item.call async for item in pages] == ["hers3", "hers2", "hers1"]


async def test_a_cursor_of_somebody_else_or_of_a_deleted_call_is_told(rig: Rig) -> None:
    for n in range(3):
        await rig.stored(f"old{n}", minute=n)
    async with await rig.client("supervisor") as boss:
        cursor = (await boss.get("/sessions", params={"limit": 1})).json()["next"]
        assert (await boss.delete("/sessions/old2")).status_code == 204
        gone = await boss.get("/sessions", params={"cursor": cursor})
        assert gone.status_code == 410 and "begin again" in gone.json()["detail"]
        for bad in ("x", "é", "MTp=", "AAAA", "../..", "a" * 200):
            assert (await boss.get("/sessions", params={"cursor": bad})).status_code == 400, bad


async def test_a_call_is_read_in_all_its_parts(rig: Rig) -> None:
    await a_whole_call(rig)
    async with await rig.client("operator") as operator:
        session = (await operator.get("/sessions/call1")).json()
        assert (session["outcome"], session["code"], session["live"]) == ("hung_up", "hung_up", False)
        transcript = (await operator.get("/sessions/call1/transcript")).json()
        assert transcript["complete"] and [s["text"] for s in transcript["said"] if s["who"] == "caller"] == [
            "red",
            "yes",
        ]
        events = (await operator.get("/sessions/call1/events", params={"limit": 2})).json()
        assert [e["event"]["kind"] for e in events["items"]] == ["call_started", "caller_said"]
        more = (await operator.get("/sessions/call1/events", params={"after": events["next"]})).json()
        assert more["items"][0]["place"] == 3 and more["next"] is None
        evidence = (await operator.get("/sessions/call1/evidence")).json()
        assert evidence["slots"]["colour"]["words"] == "red"
        assert evidence["slots"]["colour"]["accepted_words"] == "yes"
        memory = (await operator.get("/sessions/call1/memory")).json()
        assert memory["slots"]["colour"]["value"] == "red" and not memory["live"]


async def test_a_call_that_was_cut_off_by_force_still_tells_what_was_said(rig: Rig) -> None:
    record = await rig.stored()
    assert record.record == b""
    async with await rig.client("operator") as operator:
        answer = (await operator.get("/sessions/old1/transcript")).json()
    assert answer == {"call": "old1", "complete": False, "said": []}


async def test_a_viewer_reads_a_transcript_without_personal_details(rig: Rig) -> None:
    rig.flow_file.write_text(
        rig.flow_file.read_text().replace("note: {type: text,", "note: {type: text, pii: personal,")
    )
    await rig.call()
    await rig.say("call1", "red")
    await rig.say("call1", "yes")
    await rig.carrier.live["call1"].hang_up()
    await rig.settle()
    async with await rig.client("viewer") as viewer:
        said = (await viewer.get("/sessions/call1/transcript")).json()["said"]
        assert not any("red" in one["text"].lower() for one in said if one["who"] == "caller"), said
        for path in ("events", "evidence", "memory", "audio", "export"):
            assert (await viewer.get(f"/sessions/call1/{path}")).status_code == 403, path


async def test_a_call_that_is_over_is_corrected_by_an_event_and_replays_to_the_same_state(rig: Rig) -> None:
    await a_whole_call(rig)
    async with await rig.client("operator") as operator:
        tag = (await operator.get("/sessions/call1/memory")).headers["etag"]
        answer = await operator.patch(
            "/sessions/call1/memory",
            json={"slots": {"colour": "blue"}, "notes": ["Called back"]},
            headers={"if-match": tag},
        )
        assert answer.status_code == 200, answer.text
        stale = await operator.patch("/sessions/call1/memory", json={"notes": []}, headers={"if-match": tag})
        assert stale.status_code == 412
        replayed = (await operator.post("/sessions/call1/replay", json={})).json()
    assert replayed["same_flow"] and replayed["same_state"] and not replayed["differences"]
    record = await rig.carrier.sessions.load(SessionKey(TENANT, "call1"))
    flow = load_flow(str(rig.flow_file))
    state = start(flow, "call1")
    for stored in await rig.carrier.sessions.events(record.key):
        state, _ = advance(flow, state, load_event(stored.event))
    assert dump_state(state) == record.state
    assert state.slots["colour"].value == "blue" and state.notes == ("Called back",)
    assert record.record, "what happened stays as it was told"


async def test_a_correction_needs_the_flow_that_led_the_call(rig: Rig) -> None:
    await a_whole_call(rig)
    rig.flow_file.write_text(rig.flow_file.read_text().replace("Which colour do you want?", "Which one?"))
    async with await rig.client("operator") as operator:
        answer = await operator.patch(
            "/sessions/call1/memory", json={"slots": {"colour": "blue"}}, headers={"if-match": "*"}
        )
        assert answer.status_code == 409 and "not here any more" in answer.json()["detail"]
        assert (await operator.post("/sessions/call1/replay", json={})).status_code == 409


async def test_a_call_is_replayed_through_another_version(rig: Rig) -> None:
    await a_whole_call(rig)
    other = rig.flow_file.read_text().replace("values: {red: [], blue: []}", "values: {green: [], blue: []}")
    async with await rig.client("admin") as admin:
        kept = (await admin.post("/flows", content=other)).json()["version"]
        answer = await admin.post("/sessions/call1/replay", json={"flow": "door", "version": kept["number"]})
        assert answer.status_code == 200, answer.text
        told = answer.json()
        assert not told["same_flow"] and not told["same_state"]
        assert any(line.startswith("colour: red") for line in told["differences"])
        missing = await admin.post("/sessions/call1/replay", json={"flow": "door", "version": 99})
        assert missing.status_code == 404


async def test_an_export_holds_everything_and_can_leave_out_what_is_private(rig: Rig) -> None:
    await a_whole_call(rig)
    async with await rig.client("supervisor") as boss:
        whole = await boss.get("/sessions/call1/export")
        assert 'filename="call1.json"' in whole.headers["content-disposition"]
        assert whole.json()["state"]["slots"]["colour"]["value"] == "red"
        assert whole.json()["story"]["call"] == "call1" and len(whole.json()["events"]) > 2
        less = (await boss.get("/sessions/call1/export", params={"redact": "personal"})).json()
        assert less["state"] == {} and less["events"] == []
        assert less["story"]["slots"]["colour"]["value"] is None


async def test_a_deleted_call_is_gone_with_its_recording(rig: Rig, tmp_path: Path) -> None:
    await rig.stored()
    recordings = rig.desk.settings.data.recordings
    recordings.mkdir()
    for name in ("old1.wav", "old1.2.wav", "old10.wav"):
        (recordings / name).write_bytes(b"RIFF")
    async with await rig.client("supervisor") as boss:
        heard = await boss.get("/sessions/old1/audio")
        assert (heard.status_code, heard.headers["content-type"], heard.content) == (
            200,
            "audio/wav",
            b"RIFF",
        )
        part = await boss.get("/sessions/old1/audio", headers={"range": "bytes=1-2"})
        assert (part.status_code, part.content) == (206, b"IF")
        for bad, status in (("bytes=9-", 416), ("bytes=x", 400)):
            refused = await boss.get("/sessions/old1/audio", headers={"range": bad})
            assert refused.status_code == status
            assert refused.headers["content-type"] == "application/problem+json"
        assert (await boss.delete("/sessions/old1")).status_code == 204
        for path in ("", "/audio", "/events", "/memory", "/transcript"):
            assert (await boss.get(f"/sessions/old1{path}")).status_code == 404
        assert (await boss.delete("/sessions/old1")).status_code == 404
    assert [file.name for file in recordings.iterdir()] == ["old10.wav"]


async def test_a_live_call_is_not_deleted(rig: Rig) -> None:
    await rig.call()
    async with await rig.client("supervisor") as boss:
        assert (await boss.delete("/sessions/call1")).status_code == 409
        assert (await boss.get("/sessions/call1")).json()["live"] is True


async def test_a_call_of_a_newer_version_is_told_as_one(rig: Rig) -> None:
    record = await rig.stored()
    await rig.carrier.sessions.save(
        replace(record, revision=9, state=json.dumps({"future": 1}).encode()), [], record.revision
    )
    async with await rig.client("operator") as operator:
        for path in ("", "/memory", "/evidence"):
            answer = await operator.get(f"/sessions/old1{path}")
            assert answer.status_code == 409 and "version" in answer.json()["detail"]
