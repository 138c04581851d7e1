"""Callers over the API: found, corrected, merged, handed out, erased; and nobody else's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from memory.callers import Caller, CallerKey, OpenMatter, PastCall, Remembered, SignKind, phone_sign
from memory.callers_book import newcomer
from memory.types import Passage
from tests.orchestrator.api.rig import OTHER, TENANT, Rig, api

pytestmark = pytest.mark.anyio

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    async with api(tmp_path) as rig:
        yield rig


async def somebody(rig: Rig, number: str = "5551234567", tenant: str = TENANT) -> Caller:
    sign = phone_sign(number)
    assert sign is not None
    made = newcomer(tenant, [sign], NOON)
    value = Remembered("Susan Clark", "person_name", "personal", SignKind.PHONE, NOON, "door", "old1")
    code = Remembered("sesame", "text", "sensitive", SignKind.PHONE, NOON, "door", "old1")
    made = replace(
        made,
        values={"name": value, "code": code},
        calls=(PastCall("old1", "door", NOON, "complete", "Gave a colour"),),
        preferences={"language": "en"},
        open_matters=(OpenMatter("door", "old1", NOON, "The note is missing"),),
    )
    return await rig.desk.people.callers.write(made, NOON)


async def test_a_caller_is_listed_found_by_number_and_read(rig: Rig) -> None:
    caller = await somebody(rig)
    await somebody(rig, "5550000000")
    id = caller.key.caller
    async with await rig.client("viewer") as viewer, await rig.client("operator") as operator:
        listed = (await viewer.get("/callers", params={"limit": 1})).json()
        assert len(listed["items"]) == 1 and "Susan" not in str(listed)
        more = (await viewer.get("/callers", params={"cursor": listed["next"]})).json()
        assert {i["caller"] for i in (*listed["items"], *more["items"])} >= {id}
        assert (await viewer.get(f"/callers/{id}")).status_code == 403
        found = (await operator.post("/callers/search", json={"phone": "+1 555 123 4567"})).json()["items"]
        assert [one["caller"] for one in found] == [id]
        assert (await operator.post("/callers/search", json={"phone": "999"})).json()["items"] == []
        shown = await operator.get(f"/callers/{id}")
        assert shown.headers["etag"] == '"1"'
        assert shown.json()["values"]["name"]["value"] == "Susan Clark"
        assert shown.json()["phones"] == ["5551234567"]


async def test_what_is_kept_of_a_caller_is_corrected_by_whoever_has_seen_it(rig: Rig) -> None:
    id = (await somebody(rig)).key.caller
    change = {
        "values": {"name": "Susan Clarke", "code": None},
        "preferences": {"language": "es", "time": "morning"},
        "settled": ["door"],
    }
    async with await rig.client("operator") as operator:
        assert (await operator.patch(f"/callers/{id}", json=change)).status_code == 428
        done = await operator.patch(f"/callers/{id}", json=change, headers={"if-match": '"1"'})
        assert done.status_code == 200, done.text
        told = done.json()
        assert told["values"]["name"]["value"] == "Susan Clarke" and "code" not in told["values"]
        assert told["preferences"] == {"language": "es", "time": "morning"} and told["open_matters"] == []
        assert (
            await operator.patch(f"/callers/{id}", json=change, headers={"if-match": '"1"'})
        ).status_code == 412
        for wrong in ({"values": {"nothing": "x"}}, {"values": {"name": 7}}):
            answer = await operator.patch(f"/callers/{id}", json=wrong, headers={"if-match": "*"})
            assert answer.status_code == 422 and answer.json()["errors"]


async def test_two_callers_become_one(rig: Rig) -> None:
    one, two = await somebody(rig), await somebody(rig, "5550000000")
    async with await rig.client("supervisor") as boss:
        path = f"/callers/{one.key.caller}/merge"
        assert (await boss.post(path, json={"other": one.key.caller})).status_code == 422
        merged = await boss.post(path, json={"other": two.key.caller})
        assert set(merged.json()["phones"]) == {"5551234567", "5550000000"}
        assert (await boss.get(f"/callers/{two.key.caller}")).status_code == 404
        assert (await boss.post(path, json={"other": two.key.caller})).status_code == 404


async def test_an_export_leaves_out_what_it_is_asked_to(rig: Rig) -> None:
    id = (await somebody(rig)).key.caller
    async with await rig.client("supervisor") as boss:
        assert "sesame" in (await boss.get(f"/callers/{id}/export")).text
        less = await boss.get(f"/callers/{id}/export", params={"redact": "sensitive"})
        assert "sesame" not in less.text and "Susan" in less.text
        least = await boss.get(f"/callers/{id}/export", params={"redact": "personal"})
        assert "Susan" not in least.text and "5551234567" not in least.text


async def test_an_erased_caller_is_gone_with_every_trace_and_the_log_says_who_did_it(rig: Rig) -> None:
    caller = await somebody(rig)
    await rig.stored("old1")
    record = await rig.carrier.sessions.load((await rig.carrier.sessions.list(TENANT))[0].key)
    await rig.carrier.sessions.save(replace(record, revision=9, outcome="hung_up"), [], record.revision)
    own = Passage("1", "Her dog is called Rex.", "notes", "Notes", access=caller.access)
    await rig.carrier.knowledge.put(TENANT, "door+", [own])
    async with await rig.client("supervisor") as boss:
        went = await boss.delete(f"/callers/{caller.key.caller}")
        assert went.status_code == 200, went.text
        assert (went.json()["values"], went.json()["calls"], went.json()["passages"]) == (2, 1, 1)
        assert (await boss.get(f"/callers/{caller.key.caller}")).status_code == 404
        assert (await boss.get("/sessions/old1")).status_code == 404
        assert (await boss.delete(f"/callers/{caller.key.caller}")).status_code == 404
    log = await rig.desk.audit.list(TENANT, limit=20)
    assert {"erase_caller", "callers.erase"} <= {entry.action for entry in log}
    assert all("Susan" not in str(entry) and "5551234567" not in str(entry) for entry in log)


async def test_another_tenants_callers_are_not_there(rig: Rig) -> None:
    theirs = (await somebody(rig, tenant=OTHER)).key.caller
    mine = (await somebody(rig)).key.caller
    async with await rig.client("admin") as admin:
        assert [i["caller"] for i in (await admin.get("/callers")).json()["items"]] == [mine]
        found = (await admin.post("/callers/search", json={"phone": "5551234567"})).json()["items"]
        assert [one["caller"] for one in found] == [mine]
        for method, path, body in (
            ("GET", "", None),
            ("PATCH", "", {}),
            ("DELETE", "", None),
            ("GET", "/export", None),
            ("POST", "/merge", {"other": mine}),
        ):
            answer = await admin.request(
                method, f"/callers/{theirs}{path}", json=body, headers={"if-match": "*"}
            )
            assert answer.status_code == 404, (method, path)
        assert (await admin.post(f"/callers/{mine}/merge", json={"other": theirs})).status_code == 404
    assert (await rig.desk.people.callers.load(CallerKey(OTHER, theirs))).values
