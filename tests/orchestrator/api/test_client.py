"""The typed client does what the API does, and tells what went wrong in a sentence. So do the commands over it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import anyio.to_thread
import pytest
from typer.testing import CliRunner

from orchestrator.cli import app
from orchestrator.client import AdminClient, ApiLost, ApiRefused, ask
from orchestrator.recording import CallClosed, CallOpened
from tests.orchestrator.api.rig import FLOW, TENANT, Rig, api

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    async with api(tmp_path) as rig:
        yield rig


async def test_everything_can_be_done_by_the_client(rig: Rig) -> None:
    session = await rig.call()
    for n in range(3):
        await rig.stored(f"old{n}", minute=n)
    async with AdminClient(rig.url, await rig.key("admin")) as admin:
        assert (await admin.who_am_i()).tenant == TENANT
        assert (await admin.version()).api == "v1"
        assert {s.call async for s in admin.sessions(flow="door", page=2)} == {
            "call1",
            "old0",
            "old1",
            "old2",
        }
        assert (await admin.live())[0].call == "call1"
        memory = await admin.memory("call1")
        memory = await admin.patch_memory("call1", memory.revision, slots={"colour": "red"}, notes=["hurry"])
        assert memory.slots["colour"].value == "red" and session.state.notes == ("hurry",)
        assert (await admin.whisper("call1", "Offer tea")).revision == session.state.revision
        await admin.say("call1", "Hello there.")
        await admin.force_step("call1", "inside", past_gates=True)
        assert (await admin.session("call1")).step == "inside" and (
            await admin.evidence("call1")
        ).call == "call1"
        assert (await admin.events("call1")).items[0].event["kind"] == "call_started"
        assert (await admin.capacity()).taken == 1
        checked = await admin.check_flow("flow: x\n")
        assert not checked.usable and checked.mistakes
        kept = await admin.upload_flow(FLOW)
        assert (await admin.activate_flow("door", kept.version.number))[0].active
        assert (await admin.flow_version("door", 1)).content == FLOW
        assert (await admin.flow_versions("door"))[0].active and (await admin.flows())[0].version == 1
        assert not (await admin.roll_back_flow("door"))[0].active
        assert (await admin.add_knowledge("door", "fees.md", b"# Fees\n\nTen dollars.")).passages == 1
        assert (await admin.search_knowledge("door", "dollars"))[0].source == "fees.md"
        assert (await admin.knowledge())[0].source == "fees.md"
        assert (await admin.remove_knowledge("door", "fees.md")).passages == 1
        assert (await admin.ticket("door")).ticket
        moments = []

        async def follow() -> None:
            moments.extend([moment async for moment in admin.follow("call1")])

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(follow)
            await anyio.sleep(0.3)
            assert (await admin.hang_up("call1")).outcome == "hung_up"
        assert isinstance(moments[0], CallOpened) and isinstance(moments[-1], CallClosed)
        assert (await admin.transcript("call1")).complete
        assert (await admin.replay("call1")).same_state
        assert (await admin.export("call1")).story
        await admin.delete("old0")
        assert (await admin.audit(limit=1)).items[0].action == "read_audit"


async def test_what_went_wrong_is_an_error_with_the_problem_in_it(rig: Rig) -> None:
    async with AdminClient(rig.url, await rig.key("viewer")) as viewer:
        with pytest.raises(ApiRefused) as missing:
            await viewer.session("nothing")
        assert missing.value.problem.status == 404
        with pytest.raises(ApiRefused, match="403"):
            await viewer.delete("nothing")
        with pytest.raises(ApiRefused, match="404"):
            _ = [moment async for moment in AdminClient(rig.url, await rig.key("operator")).follow("nothing")]
        for trick in ("../flows", "a/b", "a?b=c", "a#b"):
            with pytest.raises(ApiRefused) as refused:
                await viewer.session(trick)
            assert refused.value.problem.status in (404, 422), trick
        for empty in ("", ".", ".."):
            with pytest.raises(ApiLost):
                await viewer.session(empty)
    async with AdminClient("http://127.0.0.1:1", "x") as nobody:
        with pytest.raises(ApiLost, match="cannot be reached"):
            await nobody.flows()


async def test_the_client_can_be_used_without_an_event_loop(rig: Rig) -> None:
    key = await rig.key("viewer")
    told = await anyio.to_thread.run_sync(lambda: ask(rig.url, key, lambda admin: admin.capacity()))
    assert told.taken == 0


async def test_the_commands_print_json_and_tell_problems_in_a_sentence(rig: Rig, tmp_path: Path) -> None:
    await rig.call()
    key = await rig.key("admin")
    environment = {"SOUFFLEUR_ADMIN_URL": rig.url, "SOUFFLEUR_ADMIN_KEY": key}
    flow = tmp_path / "new.yaml"
    flow.write_text(FLOW)

    async def admin(*words: str, good: bool = True) -> str:
        run = await anyio.to_thread.run_sync(
            lambda: CliRunner().invoke(app, ["admin", *words], env=environment)
        )
        assert (run.exit_code == 0) is good, (words, run.output)
        return run.output

    assert json.loads(await admin("live"))["call"] == "call1"
    assert json.loads(await admin("sessions"))["call"] == "call1"
    assert json.loads(await admin("sessions", "--state", "live", "--since", "2020-01-01"))["call"] == "call1"
    assert await admin("sessions", "--until", "2020-01-01T10:30") == ""
    assert "404" in await admin("sessions", "--caller", "0" * 16, good=False)
    assert json.loads(await admin("set", "call1", "colour", "red"))["slots"]["colour"]["value"] == "red"
    assert json.loads(await admin("whisper", "call1", "Be brief"))["call"] == "call1"
    assert json.loads(await admin("say", "call1", "Hello."))["call"] == "call1"
    assert json.loads(await admin("step", "call1", "last"))["call"] == "call1"
    assert json.loads(await admin("memory", "call1"))["notes"] == ["Be brief"]
    assert json.loads(await admin("upload", str(flow), "--activate"))["version"]["number"] == 1
    assert json.loads(await admin("flows"))["version"] == 1
    assert json.loads(await admin("rollback", "door"))["active"] is False
    assert json.loads(await admin("hangup", "call1"))["outcome"] == "hung_up"
    assert json.loads(await admin("capacity"))["seats"] >= 1
    assert json.loads((await admin("audit")).splitlines()[0])["action"] == "read_audit"
    told = await admin("show", "nothing", good=False)
    assert "404" in told and "Traceback" not in told
    environment["SOUFFLEUR_ADMIN_KEY"] = ""
    assert "SOUFFLEUR_ADMIN_KEY" in await admin("live", good=False)
