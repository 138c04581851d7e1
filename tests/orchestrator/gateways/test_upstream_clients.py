"""Clients that other people made for Moshi's and PersonaPlex's servers ring this one, unchanged.

Each is a program of its own in an environment of its own (`tools/setup.sh clients`).
"""

from __future__ import annotations

import asyncio
import wave
from pathlib import Path

import numpy as np
import pytest

from orchestrator.offer import offer_of
from orchestrator.runtime import open_runtime
from orchestrator.sections import DataSettings, ServerSettings
from orchestrator.server import MoshiDoor, make_app
from orchestrator.settings import Settings
from tests.orchestrator.double_of_calls import DoubleCalls, offer, serving
from tests.orchestrator.gateways.double_of_a_frontend import EchoFrontend

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
SHORT_FLOW = ROOT / "tests" / "end_to_end" / "short_flow.yaml"
RATE_HZ = 24_000
ROLE = "You work for Riverside which is a clinic and your name is Ada."

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def program(client: str) -> list[str]:
    python = ROOT / f".venv-client-{client}" / "bin" / "python"
    if not python.exists():
        pytest.skip(f"{python.parents[1].name} is not there: run `tools/setup.sh clients`")
    return [str(python), str(HERE / "clients" / f"{client}_client.py")]


async def ring(client: str, address: str, folder: Path, hz: float, seconds: float) -> tuple[str, np.ndarray]:
    """Have a client say a second of a tone after half a second. Returns its text and what it heard."""
    folder.mkdir()  # noqa: ASYNC240
    spoken = np.zeros(round(RATE_HZ * seconds), np.float32)
    spoken[RATE_HZ // 2 :][:RATE_HZ] = 0.4 * np.sin(2 * np.pi * hz * np.arange(RATE_HZ) / RATE_HZ)
    with wave.open(str(folder / "spoken.wav"), "wb") as file:
        file.setparams((1, 2, RATE_HZ, 0, "NONE", ""))
        file.writeframes((spoken * 32767).astype("<i2").tobytes())
    heard = folder / "heard.wav"
    role = [ROLE] if client == "livekit" else []
    running = await asyncio.create_subprocess_exec(
        *program(client),
        address,
        str(folder / "spoken.wav"),
        str(heard),
        str(seconds),
        *role,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(running.communicate(), 90)
    told = (out + err).decode()[-2000:]
    assert running.returncode == 0, told
    assert not any(bad in told for bad in ("Traceback", "Lost connection", "ERROR")), told
    with wave.open(str(heard)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    return out.decode(), samples.astype(np.float32) / 32768


def pitch_of(heard: np.ndarray) -> float:
    """The loudest frequency of the half second after the first loud sample, in Hz."""
    begins = int(np.argmax(np.abs(heard) > 0.2))
    part = heard[begins : begins + RATE_HZ // 2]
    assert np.abs(part).max(initial=0) > 0.2, "it heard nothing"
    spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part))))
    return float(np.argmax(spectrum) * RATE_HZ / len(part))


@pytest.mark.parametrize("client", ["moshi", "livekit"])
async def test_it_is_heard_and_hears_and_is_shown_the_words(client: str, tmp_path: Path) -> None:
    frontend = EchoFrontend()
    app = make_app(DoubleCalls(), Settings(), offer, moshi=MoshiDoor(frontend))
    async with serving(app) as (_server, address):
        text, heard = await ring(client, address, tmp_path / "a", 440.0, 6.0)
        async with asyncio.timeout(5):
            while frontend.live:
                await asyncio.sleep(0.05)
    assert abs(pitch_of(heard) - 440) < 5
    assert text.startswith(" beep")
    persona = frontend.opened[0].persona
    if client == "livekit":
        assert (persona.voice, persona.role, persona.drawing.seed) == ("NATF2", ROLE, 11)
    else:
        assert (persona.voice, persona.role) == ("", "")


async def test_both_kinds_ring_at_once_and_each_hears_its_own_call(tmp_path: Path) -> None:
    frontend = EchoFrontend(seats=4)
    app = make_app(DoubleCalls(), Settings(), offer, moshi=MoshiDoor(frontend))
    async with serving(app) as (_server, address):
        rung = [("moshi", 400.0), ("moshi", 600.0), ("livekit", 800.0)]
        heard = await asyncio.gather(
            *(ring(client, address, tmp_path / f"{hz}", hz, 9.0) for client, hz in rung)
        )
    for (_client, hz), (_text, sound) in zip(rung, heard, strict=True):
        assert abs(pitch_of(sound) - hz) < 8
    assert len(frontend.opened) == 3


@pytest.mark.parametrize("client", ["moshi", "livekit"])
async def test_it_is_led_through_a_flow_of_the_embedded_front_end(client: str, tmp_path: Path) -> None:
    settings = Settings(
        server=ServerSettings(moshi_flow="short_call"), data=DataSettings(folder=tmp_path / "data")
    )
    async with open_runtime(settings) as runtime:
        app = make_app(runtime, settings, offer_of([str(SHORT_FLOW)]), moshi=MoshiDoor(runtime.frontend))
        async with serving(app) as (_server, address):
            text, heard = await ring(client, address, tmp_path / "a", 440.0, 9.0)
    assert text.startswith(" Hello. Have you been here before?")
    assert np.abs(heard).max() > 0.1
    (recording,) = (tmp_path / "data" / "calls").glob("*.wav")
    assert recording.stat().st_size > 100_000
