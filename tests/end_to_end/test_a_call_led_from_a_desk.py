"""A real call on the embedded front-end, led over the admin API: the caller hears what the supervisor orders."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from memory.admin import ApiKey
from memory.keys import hash_of, new_key
from orchestrator.api.opening import open_desk
from orchestrator.client import AdminClient, ApiRefused
from orchestrator.runtime import open_runtime
from orchestrator.sections import DataSettings
from orchestrator.server import make_app
from orchestrator.settings import Settings
from tests.orchestrator.api.rig import FLOW
from tests.orchestrator.double_of_calls import serving

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def until(line: ClientConnection, true: Callable[[dict[str, Any]], bool], within_s: float = 60) -> None:
    async with asyncio.timeout(within_s):
        async for message in line:
            if isinstance(message, str) and true(json.loads(message)):
                return
    raise AssertionError("the line was closed before")


async def _set_colour(admin: AdminClient, call: str) -> None:
    """The caller says nothing, and may be asked whether it is still there between the look and the change."""
    while True:
        memory = await admin.memory(call)
        try:
            await admin.patch_memory(call, memory.revision, slots={"colour": "red"})
            return
        except ApiRefused as refused:
            assert refused.problem.status == 412


@pytest.mark.timeout(170)
async def test_words_that_are_ordered_are_heard_and_a_hang_up_ends_the_call(tmp_path: Path) -> None:
    flow = tmp_path / "door.yaml"
    flow.write_text(FLOW)
    settings = Settings(tenant="clinic", data=DataSettings(folder=tmp_path / "data"))
    key, id = new_key()
    async with (
        open_runtime(settings) as runtime,
        open_desk(settings, runtime, [str(flow)]) as desk,
        serving(make_app(runtime, settings, desk.offer, desk=desk)) as (_server, address),
        AdminClient(f"http://{address}", key) as admin,
        connect(f"ws://{address}/call?flow=door") as line,
    ):
        await desk.keys.add(ApiKey(id, "clinic", hash_of(key), "supervisor", "", datetime.now(UTC)))
        await until(line, lambda told: told["type"] == "agent")
        (live,) = await admin.live()
        assert (live.flow, (await admin.capacity()).taken) == ("door", 1)
        await admin.say(live.call, "Zebras are waiting.")
        await until(line, lambda told: told["type"] == "agent" and "Zebras" in told["text"])
        await _set_colour(admin, live.call)
        await until(line, lambda told: told["type"] == "agent" and "keep" in told["text"])
        assert (await admin.hang_up(live.call)).outcome == "hung_up"
        await until(line, lambda told: told["type"] == "closed")
        assert (await admin.transcript(live.call)).complete
        replayed = await admin.replay(live.call)
        assert replayed.same_flow and replayed.same_state
        assert (await admin.audio(live.call))[:4] == b"RIFF"
