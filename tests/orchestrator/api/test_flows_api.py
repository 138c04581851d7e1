"""Flows over the API: refused with their mistakes, kept in versions, activated, rolled back; and who may open calls."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from orchestrator.sections import ServerSettings
from orchestrator.tickets import Tickets
from tests.orchestrator.api.rig import FLOW, OTHER, Rig, api

pytestmark = pytest.mark.anyio

SECOND = FLOW.replace("Which colour do you want?", "Which one?")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    async with api(tmp_path) as rig:
        yield rig


async def test_a_bad_file_is_refused_with_each_of_its_mistakes(rig: Rig) -> None:
    bad = FLOW.replace("type: choice", "type: choise").replace("needs: identity", "needs: identiti")
    async with await rig.client("admin") as admin:
        answer = await admin.post("/flows", content=bad)
        told = answer.json()
        assert answer.status_code == 422 and told["type"].endswith("bad-flow")
        assert any("choise" in e["what"] or "choice" in e["what"] for e in told["errors"])
        assert all("line" in e["where"] for e in told["errors"])
        assert "/tmp" not in answer.text
        checked = (await admin.post("/flows/check", content=bad)).json()
        assert not checked["usable"] and [m["line"] for m in checked["mistakes"]]
        assert (await admin.get("/flows/door/versions")).status_code == 404


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"- a\n- b",
        b"flow: &a [*a]",
        b"x" * 300_000,
        b"flow: door\x00",
        b"a: !!python/object:os.system {}",
        b"%YAML 9.9\n---\n",
    ],
    ids=range(8),
)
async def test_what_is_no_flow_at_all_is_refused(rig: Rig, content: bytes) -> None:
    async with await rig.client("admin") as admin:
        answer = await admin.post("/flows", content=content)
        assert answer.status_code == 422, answer.text
        assert answer.headers["content-type"] == "application/problem+json"


async def test_an_upload_may_not_read_files_of_the_server(rig: Rig) -> None:
    async with await rig.client("admin") as admin:
        for line in (
            "imports: {x: ../door.yaml}",
            "imports: {x: /etc/passwd.yaml}",
            "knowledge: ..",
            "knowledge: /etc",
        ):
            answer = await admin.post("/flows", content=FLOW + line + "\n")
            assert answer.status_code == 422, line
            assert "root:" not in answer.text


async def test_versions_are_kept_activated_and_rolled_back(rig: Rig) -> None:
    async with await rig.client("admin") as admin:
        first = await admin.post("/flows", content=FLOW)
        assert first.status_code == 201 and first.json()["version"]["number"] == 1
        assert (await admin.post("/flows", content=SECOND)).json()["version"]["number"] == 2
        again = (await admin.post("/flows", content=SECOND)).json()["version"]
        assert again["number"] == 2, "the same file is the same version"
        assert (await admin.get("/flows/door/versions/2")).json()["content"] == SECOND
        assert [f["version"] for f in (await admin.get("/flows")).json()["items"]] == [None]
        active = await admin.put("/flows/door/active", json={"number": 2})
        assert [v["active"] for v in active.json()["items"]] == [True, False]
        assert [f["version"] for f in (await admin.get("/flows")).json()["items"]] == [2]
        back = (await admin.post("/flows/door/rollback")).json()["items"]
        assert [v["active"] for v in back] == [False, True]
        none = (await admin.post("/flows/door/rollback")).json()["items"]
        assert not any(v["active"] for v in none), (
            "before the first there is the one that came with the server"
        )
        assert (await admin.post("/flows/door/rollback")).status_code == 409
        assert (await admin.post("/flows/nothing/rollback")).status_code == 404
        assert (await admin.put("/flows/door/active", json={"number": 9})).status_code == 404


async def test_callers_reach_the_active_version_and_no_other_tenants(rig: Rig) -> None:
    async with await rig.client("admin") as admin, await rig.client("admin", OTHER) as other:
        renamed = FLOW.replace("flow: door", "flow: gate")
        await other.post("/flows", content=renamed)
        await other.put("/flows/gate/active", json={"number": 1})
        await admin.post("/flows", content=SECOND)
        await admin.put("/flows/door/active", json={"number": 1})
    shown = (await httpx.AsyncClient().get(f"{rig.url}/flows")).json()
    assert [flow["name"] for flow in shown] == ["door"]
    path = anyio.Path((await rig.desk.offered(rig.desk.settings.tenant))[0][0].source)
    assert "Which one?" in await path.read_text()
    async with connect(f"ws{rig.url.removeprefix('http')}/call?flow=door") as line:
        assert '"opened"' in str(await line.recv())


# --- who may open calls --------------------------------------------------------------------------------------


async def opens(url: str, query: str = "") -> bool:
    try:
        async with connect(f"ws{url.removeprefix('http')}/call?flow=door{query}") as line:
            return '"opened"' in str(await line.recv())
    except InvalidStatus as refused:
        assert refused.response.status_code == 403
        return False


async def test_where_calls_take_tickets_each_opens_one(tmp_path: Path) -> None:
    async with api(tmp_path, settings={"server": ServerSettings(callers="tickets")}) as rig:
        assert not await opens(rig.url)
        assert not await opens(rig.url, "&ticket=abc")
        async with await rig.client("operator") as operator, await rig.client("viewer") as viewer:
            assert (await viewer.post("/tickets", json={})).status_code == 403
            ticket = (await operator.post("/tickets", json={"flow": "door"})).json()["ticket"]
            elsewhere = (await operator.post("/tickets", json={"flow": "gate"})).json()["ticket"]
        assert await opens(rig.url, f"&ticket={ticket}")
        assert not await opens(rig.url, f"&ticket={ticket}"), "good once"
        assert not await opens(rig.url, f"&ticket={elsewhere}"), "for another flow"
        async with await rig.client("admin", OTHER) as stranger:
            assert (await stranger.post("/tickets", json={})).status_code == 403


async def test_where_anyone_may_call_nobody_is_asked(tmp_path: Path) -> None:
    async with api(tmp_path, settings={"server": ServerSettings(callers="anyone")}) as rig:
        assert await opens(rig.url)


def test_a_ticket_is_for_one_tenant_one_key_and_a_while() -> None:
    ours = Tickets("k" * 40, "clinic")
    ticket, _until = ours.issue("door", 60)
    assert not Tickets("k" * 40, "rival").accept(ticket, "door")
    assert not Tickets("j" * 40, "clinic").accept(ticket, "door")
    assert not ours.accept(ticket, "gate")
    assert Tickets("k" * 40, "clinic").accept(ticket, "door"), "another server with the same key takes it"
    late, _until = ours.issue(None, -1)
    assert not ours.accept(late, "door")
    anything, _until = ours.issue(None, 60)
    assert ours.accept(anything, "door") and not ours.accept(anything, "door")
