"""A server that is told to leave takes no calls any more, hands over those that it can, and waits a while for the rest."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import anyio
import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from orchestrator import server as server_module
from orchestrator.leaving import Leaving
from orchestrator.sections import ServerSettings
from orchestrator.server import MoshiDoor, make_app, serve
from orchestrator.settings import Settings
from tests.orchestrator.api.rig import api
from tests.orchestrator.double_of_calls import DoubleCalls, offer, serving
from tests.orchestrator.gateways.double_of_a_frontend import EchoFrontend

pytestmark = pytest.mark.anyio
LONG_S = 3600.0


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class Served:
    """A server in this process, and what it carries."""

    calls: DoubleCalls
    address: str = ""
    listens: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def announce(self, address: str) -> None:
        self.address = address.removeprefix("http://").rstrip("/")
        self.listens.set()

    async def hand_over(self) -> None:
        """As the runtime does: calls that somebody can come back to leave."""
        for call in self.calls.opened:
            if call.token:
                call.leave("restarting")

    @asynccontextmanager
    async def ringing(self) -> AsyncIterator[ClientConnection]:
        """A line to a new call, after the call's first moment."""
        async with connect(f"ws://{self.address}/call?flow=short") as line:
            await line.recv()
            yield line

    async def health(self) -> tuple[int, str]:
        async with httpx.AsyncClient() as client:
            answer = await client.get(f"http://{self.address}/health")
            return answer.status_code, answer.json()["status"]


@asynccontextmanager
async def served(grace_s: float, token: str = "", *, hands_over: bool = True) -> AsyncIterator[Served]:
    """Serve until the block is left; by then the server has to have gone by itself, soon."""
    server = Served(DoubleCalls(token=token))
    settings = Settings(server=ServerSettings(port=0, stop_grace_s=grace_s))

    async def run() -> None:
        hand_over = server.hand_over if hands_over else None
        await serve(settings, server.calls, offer, server.announce, hand_over=hand_over)
        server.over.set()

    async with asyncio.timeout(20), anyio.create_task_group() as tasks:
        tasks.start_soon(run)
        await server.listens.wait()
        yield server
        async with asyncio.timeout(5):
            await server.over.wait()


def told(sign: signal.Signals = signal.SIGTERM) -> None:
    os.kill(os.getpid(), sign)


async def closing(line: ClientConnection) -> tuple[int, str]:
    """Code and reason that the server closes with."""
    with pytest.raises(ConnectionClosed) as closed:
        while True:
            await line.recv()
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code, closed.value.rcvd.reason


# --- what a signal does ------------------------------------------------------------------------------------


async def test_a_call_that_can_be_resumed_is_left_and_its_client_told_to_come_back() -> None:
    async with served(LONG_S, token="secret") as server, server.ringing() as line:
        told()
        assert await closing(line) == (1012, "the server is being restarted; come back with the token")
    assert (server.calls.call.ended, server.calls.call.lines) == ([], [])


async def test_however_short_the_grace_a_call_that_can_be_resumed_is_left_first() -> None:
    async with served(0.0, token="secret") as server, server.ringing() as line:
        told()
        assert await closing(line) == (1012, "the server is being restarted; come back with the token")
    assert server.calls.call.ended == []


async def test_a_call_that_cannot_may_come_to_its_end_and_no_other_is_taken_meanwhile() -> None:
    async with served(LONG_S) as server, server.ringing() as line:
        assert await server.health() == (200, "ok")
        told()
        while (await server.health()) != (503, "leaving"):
            await asyncio.sleep(0.01)
        async with connect(f"ws://{server.address}/call?flow=short") as another:
            assert "this server is being restarted" in str(await another.recv())
            assert (await closing(another))[0] == 1013
        async with connect(f"ws://{server.address}/call?resume=c-1") as another:
            assert "this server is being restarted" in str(await another.recv())
            assert (await closing(another))[0] == 1013
        await asyncio.sleep(0.3)  # longer than a server that is to stop goes on
        await line.send('{"type": "text", "text": "still here"}')
        await server.calls.call.until(lambda: server.calls.call.typed == ["still here"])
        server.calls.call.finish()
        assert (await closing(line))[0] == 1000
    assert server.calls.call.ended == [] and len(server.calls.opened) == 1


async def test_a_call_that_does_not_end_in_time_is_ended_and_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "CLOSED_WITHIN_S", 0.1)
    async with served(0.2) as server, server.ringing() as line:
        told()
        assert await closing(line) == (1012, "")
    assert server.calls.call.ended == ["stopped"]


@pytest.mark.parametrize("again", [signal.SIGTERM, signal.SIGINT])
async def test_a_second_signal_ends_the_calls_at_once(again: signal.Signals) -> None:
    async with served(LONG_S) as server, server.ringing() as line:
        told()
        while (await server.health()) != (503, "leaving"):
            await asyncio.sleep(0.01)
        told(again)
        assert await closing(line) == (1012, "")
    assert server.calls.call.ended == ["stopped"]


async def test_ctrl_c_ends_calls_though_they_could_be_resumed() -> None:
    async with served(LONG_S, token="secret") as server, server.ringing() as line:
        told(signal.SIGINT)
        assert await closing(line) == (1012, "")
    assert server.calls.call.ended == ["stopped"]


async def test_a_server_that_hands_nothing_over_ends_its_calls() -> None:
    async with served(LONG_S, token="secret", hands_over=False) as server, server.ringing() as line:
        told()
        assert await closing(line) == (1012, "")
    assert server.calls.call.ended == ["stopped"]


# --- who is told -------------------------------------------------------------------------------------------


async def test_clients_of_moshis_protocol_are_told_to_try_again() -> None:
    leaving = Leaving()
    app = make_app(DoubleCalls(), Settings(), offer, moshi=MoshiDoor(EchoFrontend()), leaving=leaving)
    async with serving(app) as (_server, address), connect(f"ws://{address}/api/chat") as line:
        await line.recv()
        assert leaving.carried == 1
        leaving.begin()
        async with connect(f"ws://{address}/api/chat") as another:
            message = await another.recv()
            assert isinstance(message, bytes) and b"this server is being restarted" in message
            assert (await closing(another))[0] == 1013
        gone = asyncio.create_task(leaving.all_gone())
        await line.close()
        await asyncio.wait_for(gone, 5)


async def test_the_admin_api_is_not_ready_any_more(tmp_path: Path) -> None:
    leaving = Leaving()
    async with api(tmp_path) as rig:
        app = make_app(DoubleCalls(), rig.desk.settings, rig.desk.offer, desk=rig.desk, leaving=leaving)
        async with (
            serving(app) as (_server, address),
            httpx.AsyncClient(base_url=f"http://{address}/api/v1") as client,
        ):
            assert (await client.get("/ready")).status_code == 200
            leaving.begin()
            answer = await client.get("/ready")
            assert answer.status_code == 503 and "being restarted" in answer.json()["detail"]
            assert (await client.get("/health")).status_code == 200, "the process runs"
