"""The web server lets in whom it should, says what it offers, and stops in good order."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import anyio
import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.sync.client import connect as connect_sync

from orchestrator.errors import PortTaken
from orchestrator.offer import Offer, offer_of
from orchestrator.sections import ServerSettings
from orchestrator.server import PAGE, bind, make_app, serve
from orchestrator.settings import Settings
from tests.orchestrator.double_of_calls import DoubleCalls, offer, serving

SETTINGS = Settings(server=ServerSettings(trusted_hosts=("voice.example",)))
HERE = Path(__file__).parents[2]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@asynccontextmanager
async def door(offered: Offer = offer) -> AsyncIterator[httpx.AsyncClient]:
    app = make_app(DoubleCalls(), SETTINGS, offered)
    async with (
        serving(app) as (_server, address),
        httpx.AsyncClient(base_url=f"http://{address}") as client,
    ):
        yield client


async def opening_status(at: httpx.AsyncClient, host: str = "HOST", origin: str | None = None) -> int:
    """The answer to a websocket's handshake: 101 where it is opened. HOST stands for where the server is."""
    lines = [
        "GET /call?flow=short HTTP/1.1",
        f"Host: {host}",
        *([f"Origin: {origin}"] if origin else []),
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ]
    port = at.base_url.port or 0
    async with await anyio.connect_tcp("127.0.0.1", port) as stream:
        await stream.send("\r\n".join([*lines, "", ""]).replace("HOST", f"127.0.0.1:{port}").encode())
        return int((await stream.receive()).split()[1])


# --- what is there -----------------------------------------------------------------------------------------


@pytest.mark.anyio
async def test_the_page_and_its_parts_may_load_nothing_from_elsewhere() -> None:
    async with door() as client:
        for path in ("/", *(f"/page/{file.name}" for file in PAGE.iterdir())):
            answer = await client.get(path)
            assert answer.status_code == 200, path
            assert "default-src 'self'" in answer.headers["content-security-policy"]
            assert answer.headers["x-content-type-options"] == "nosniff"


def test_no_part_of_the_page_names_another_server() -> None:
    for file in PAGE.iterdir():
        text = file.read_text().replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"[a-z]+://[a-z0-9]", text), file.name


@pytest.mark.anyio
async def test_the_flows_on_offer_are_listed_without_their_files() -> None:
    async with door() as client:
        assert (await client.get("/flows")).json() == [
            {
                "name": "short",
                "about": "A short call",
                "company": "Riverside",
                "agent": "Claire",
                "language": "en-US",
                "slots": 1,
            }
        ]


@pytest.mark.anyio
async def test_a_flow_of_the_library_and_a_flow_file_can_be_offered(tmp_path: Path) -> None:
    broken = tmp_path / "mine.yaml"
    broken.write_text("flow: mine\n")
    async with door(offer_of(["medical_intake", str(broken)])) as client:
        listed = (await client.get("/flows")).json()
    assert (listed[0]["name"], listed[0]["slots"]) == ("medical_intake", 8)
    assert (listed[1]["name"], listed[1]["about"]) == ("mine", "This flow has mistakes")


@pytest.mark.anyio
async def test_health_counts_the_calls_in_progress() -> None:
    calls = DoubleCalls()
    async with (
        serving(make_app(calls, SETTINGS, offer)) as (_server, address),
        httpx.AsyncClient(base_url=f"http://{address}") as client,
    ):
        assert (await client.get("/health")).json()["calls"] == 0
        async with connect(f"ws://{address}/call?flow=short") as line:
            await line.recv()
            told = (await client.get("/health")).json()
            assert (told["status"], told["calls"]) == ("ok", 1)
            await line.close()
            await calls.call.saved.wait()
        assert (await client.get("/health")).json()["calls"] == 0


# --- who may come in ---------------------------------------------------------------------------------------


@pytest.mark.anyio
async def test_the_server_answers_to_localhost_and_to_trusted_names() -> None:
    async with door() as client:
        for host in ("localhost", "localhost:99", "127.0.0.1:1", "[::1]:8420", "Voice.Example"):
            assert (await client.get("/health", headers={"host": host})).status_code == 200, host
            assert await opening_status(client, host) == 101, host


@pytest.mark.anyio
async def test_a_name_that_was_made_to_point_here_is_refused() -> None:
    async with door() as client:
        for host in ("evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1", "[x"):
            for path in ("/", "/flows", "/page/talk.js"):
                answer = await client.get(path, headers={"host": host})
                assert answer.status_code == 403, host
                assert "server.trusted_hosts" in answer.text
            assert await opening_status(client, host) == 403, host


@pytest.mark.anyio
async def test_a_page_of_this_server_and_a_program_may_open_a_call() -> None:
    async with door() as client:
        assert await opening_status(client, origin="http://HOST") == 101
        assert await opening_status(client, "voice.example", origin="https://voice.example") == 101
        assert await opening_status(client, origin=None) == 101


@pytest.mark.anyio
async def test_a_page_from_elsewhere_may_not_open_a_call() -> None:
    elsewhere = (
        "http://evil.example",
        "http://localhost:1",
        "null",
        "http://HOST.evil.example",
        "http://[x",
    )
    async with door() as client:
        for origin in elsewhere:
            assert await opening_status(client, origin=origin) == 403, origin


# --- listening and stopping --------------------------------------------------------------------------------


def test_a_port_in_use_is_told_in_one_sentence_with_a_cure() -> None:
    with bind("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        settings = Settings(server=ServerSettings(port=port))
        with pytest.raises(PortTaken) as refused:
            anyio.run(serve, settings, DoubleCalls(), offer)
    assert str(refused.value) == (
        f"port {port} of 127.0.0.1 is in use, perhaps by another server; stop that one or choose another port, "
        f"for example --port {port + 1}"
    )


SERVER = """
import anyio, asyncio, sys
from pathlib import Path
from orchestrator.gateways.browser_wire import LineLimits
from orchestrator.server import serve
from orchestrator.sections import LogSettings, ServerSettings
from orchestrator.settings import Settings
from orchestrator.telemetry import configure_log
from tests.orchestrator.double_of_calls import DoubleCall, DoubleCalls, offer

configure_log(LogSettings())
saved = Path(sys.argv[1])

async def main():
    calls = DoubleCalls()
    hang_up = DoubleCall.hang_up
    async def noted(call, why="caller_hung_up"):
        call.save_s = float(sys.argv[2])
        await hang_up(call, why)
        saved.write_text(why)
    DoubleCall.hang_up = noted
    await serve(Settings(server=ServerSettings(port=0)), calls, offer, limits=LineLimits(save_within_s=0.5))

anyio.run(main)
"""


@contextmanager
def started(tmp_path: Path, save_s: float) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server in a process of its own, and where it is."""
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(tmp_path / "saved"), str(save_s)],
        cwd=HERE,
        env=os.environ | {"PYTHONPATH": str(HERE)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        said = server.stdout.readline()
        assert said.startswith("Souffleur listens at http://127.0.0.1:")
        yield server, said.split()[3].removeprefix("http://").rstrip("/")
    finally:
        server.kill()
        server.communicate()


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_and_saves_the_calls_and_is_no_failure(tmp_path: Path, stop: signal.Signals) -> None:
    with (
        started(tmp_path, save_s=0.2) as (server, address),
        connect_sync(f"ws://{address}/call?flow=short") as line,
    ):
        line.recv()
        server.send_signal(stop)
        _out, errors = server.communicate(timeout=10)
        assert server.returncode == 0
    assert (tmp_path / "saved").read_text() == "stopped"
    assert "Traceback" not in errors


def test_stopping_takes_a_bounded_time_even_when_saving_hangs(tmp_path: Path) -> None:
    with (
        started(tmp_path, save_s=3600) as (server, address),
        connect_sync(f"ws://{address}/call?flow=short") as line,
    ):
        line.recv()
        began = time.monotonic()
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=10)
        assert server.returncode == 0
    assert time.monotonic() - began < 5
    assert not (tmp_path / "saved").exists()
