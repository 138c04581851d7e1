"""Moshi's protocol at /api/chat: what upstream's servers do, and a clear end where they have none."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from urllib.parse import urlencode

import httpx
import numpy as np
import pytest
import sphn
from fastapi import FastAPI
from structlog.testing import capture_logs
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from duplex_frontend.errors import EngineLost, FrontendError, NoVoice
from duplex_frontend.types import Drawing
from orchestrator.calls import FAULT
from orchestrator.gateways.moshi_line import MoshiLimits
from orchestrator.recording import AgentCeased, AgentSaid
from orchestrator.sections import ServerSettings
from orchestrator.server import MoshiDoor, make_app
from orchestrator.settings import Settings
from orchestrator.telemetry import Happened
from tests.orchestrator.double_of_calls import RATE_HZ as DOUBLE_HZ
from tests.orchestrator.double_of_calls import DoubleCalls, offer, serving
from tests.orchestrator.gateways.double_of_a_frontend import EchoFrontend

pytestmark = pytest.mark.anyio
RATE_HZ = 24_000
QUICK = MoshiLimits(
    send_within_s=0.5, save_within_s=0.5, last_words_within_s=0.5, wait_for_seat_s=0.5, look_again_s=0.1
)
PERSONAPLEX = {"text_prompt": "You work for Riverside.", "voice_prompt": "NATF2.pt"}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def app_of(
    frontend: EchoFrontend,
    calls: DoubleCalls | None = None,
    limits: MoshiLimits = QUICK,
    **server: object,
) -> FastAPI:
    settings = Settings(server=ServerSettings(**server))  # type: ignore[arg-type]
    return make_app(calls or DoubleCalls(), settings, offer, moshi=MoshiDoor(frontend, limits))


@asynccontextmanager
async def lines_to(app: FastAPI) -> AsyncIterator[Callable[..., connect]]:
    """Give a function that rings: `ring(key=value)`."""
    async with serving(app) as (_server, address), asyncio.timeout(30):
        yield lambda **query: connect(f"ws://{address}/api/chat?{urlencode(query)}", compression=None)


class Client:
    """Upstream's client: reads messages by their first byte, as `moshi.client` does."""

    def __init__(self, line: ClientConnection) -> None:
        self.line = line
        self.text = ""
        self.errors: list[str] = []
        self.kinds: list[int] = []
        self.sound = np.zeros(0, np.float32)
        self.closed: tuple[int, str] | None = None
        self._writer = sphn.OpusStreamWriter(RATE_HZ)
        self._reader = sphn.OpusStreamReader(RATE_HZ)

    async def say(self, sound: np.ndarray, pace: float = 1.0) -> None:
        """Send in frames of 80 ms, at the pace of speech."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        for at, frame in enumerate(sound.reshape(-1, 1920), 1):
            if pages := self._writer.append_pcm(frame):
                await self.line.send(b"\x01" + pages)
            await asyncio.sleep(began + at * 0.08 * pace - loop.time())

    async def read_one(self) -> None:
        try:
            message = await self.line.recv()
        except ConnectionClosed as closed:
            assert closed.rcvd is not None, "the server said nothing in closing"
            self.closed = (closed.rcvd.code, closed.rcvd.reason)
            return
        assert isinstance(message, bytes) and message
        self.kinds.append(message[0])
        if message[0] == 1:
            self.sound = np.concatenate([self.sound, self._reader.append_bytes(message[1:])])
        elif message[0] == 2:
            self.text += message[1:].decode()
        elif message[0] == 5:
            self.errors.append(message[1:].decode())

    async def read_until(self, so: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not so() and self.closed is None:
                await self.read_one()
        assert so(), f"closed with {self.closed}"

    async def read_to_the_end(self) -> tuple[int, str]:
        async with asyncio.timeout(10):
            while self.closed is None:
                await self.read_one()
        return self.closed


def tone(seconds: float, hz: float = 440.0) -> np.ndarray:
    frames = round(seconds * RATE_HZ / 1920) * 1920
    made: np.ndarray = 0.4 * np.sin(2 * np.pi * hz * np.arange(frames) / RATE_HZ).astype(np.float32)
    return made


def pitch(sound: np.ndarray) -> float:
    """The loudest frequency, in Hz."""
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    return float(np.argmax(spectrum) * RATE_HZ / len(sound))


async def until(so: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not so():
            await asyncio.sleep(0.01)


# --- a call ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate_hz", [24_000, 16_000])
@pytest.mark.parametrize("query", [{}, PERSONAPLEX])
async def test_sound_goes_there_and_back_and_words_come_as_text(rate_hz: int, query: dict[str, str]) -> None:
    frontend = EchoFrontend(rate_hz=rate_hz)
    async with lines_to(app_of(frontend)) as ring, ring(**query) as line:
        client = Client(line)
        await client.read_until(lambda: bool(client.kinds))
        assert client.kinds == [0]
        saying = asyncio.create_task(client.say(tone(1.2)))
        await client.read_until(lambda: len(client.sound) > 1.5 * RATE_HZ)
        await saying
    loud = client.sound[np.abs(client.sound) > 0.01]
    assert len(loud) > 0.9 * RATE_HZ
    begins = int(np.argmax(np.abs(client.sound) > 0.2))
    assert abs(pitch(client.sound[begins : begins + RATE_HZ // 2]) - 440) < 5
    assert client.text == " beep"
    await until(lambda: not frontend.live)


async def test_no_sound_comes_before_the_handshake_and_silence_never_stops() -> None:
    frontend = EchoFrontend()
    frontend.open_s = 0.3
    async with lines_to(app_of(frontend)) as ring, ring() as line:
        client = Client(line)
        await client.read_until(lambda: len(client.sound) >= RATE_HZ // 2)
        assert client.kinds[0] == 0 and client.kinds.count(0) == 1
        assert not np.abs(client.sound).max() > 1e-3


async def test_a_client_that_speaks_before_the_handshake_is_understood_after_it() -> None:
    """`moshi.client` sends from the first moment."""
    frontend = EchoFrontend()
    frontend.open_s = 0.4
    async with lines_to(app_of(frontend)) as ring, ring() as line:
        client = Client(line)
        saying = asyncio.create_task(client.say(tone(1.2)))
        await client.read_until(lambda: " beep" in client.text)
        await saying
        assert frontend.opened[0].fed < 55  # what came before is not said late


async def test_what_a_client_asks_for_becomes_the_persona() -> None:
    frontend = EchoFrontend()
    query = {
        "text_prompt": "<system> Be  brief. <system>",
        "voice_prompt": "VARM3.pt",
        "seed": "77",
        "text_temperature": "0.5",
        "text_topk": "0",
        "audio_temperature": "0",
        "audio_topk": "400",
        "pad_mult": "0",
        "email": "a@b.c",
    }
    async with lines_to(app_of(frontend)) as ring, ring(**query) as line:
        await Client(line).read_one()
    persona = frontend.opened[0].persona
    assert (persona.role, persona.voice) == ("Be  brief.", "VARM3")
    assert persona.drawing == Drawing(77, 0.5, 1, 0.0, 250)


async def test_many_calls_at_once_do_not_hear_each_other() -> None:
    frontend = EchoFrontend(seats=6)
    pitches = [300.0, 400.0, 500.0, 600.0, 700.0, 800.0]
    async with lines_to(app_of(frontend)) as ring:

        async def one(hz: float) -> float:
            async with ring() as line:
                client = Client(line)
                saying = asyncio.create_task(client.say(tone(1.2, hz)))
                await client.read_until(lambda: len(client.sound) > 1.5 * RATE_HZ)
                await saying
                begins = int(np.argmax(np.abs(client.sound) > 0.2))
                return pitch(client.sound[begins : begins + RATE_HZ // 2])

        heard = await asyncio.gather(*map(one, pitches))
    assert np.abs(np.array(heard) - pitches).max() < 8
    await until(lambda: not frontend.live)


async def test_health_counts_these_calls_too() -> None:
    async with (
        serving(app_of(EchoFrontend())) as (_server, address),
        httpx.AsyncClient(base_url=f"http://{address}") as client,
    ):
        async with connect(f"ws://{address}/api/chat") as line:
            await line.recv()
            assert (await client.get("/health")).json()["calls"] == 1
        async with asyncio.timeout(5):
            while (await client.get("/health")).json()["calls"]:
                await asyncio.sleep(0.01)


async def test_a_server_without_the_codec_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    async with lines_to(app_of(EchoFrontend())) as ring:
        monkeypatch.setitem(sys.modules, "sphn", None)
        async with ring() as line:
            with pytest.raises(ConnectionClosed) as closed:
                await line.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1011 and "no Opus codec" in closed.value.rcvd.reason


async def test_when_the_call_ends_by_itself_the_line_is_closed_as_done() -> None:
    frontend = EchoFrontend()
    async with lines_to(app_of(frontend)) as ring, ring() as line:
        client = Client(line)
        await client.read_one()
        frontend.opened[0].finish()
        assert await client.read_to_the_end() == (1000, "the call is over")
    assert client.errors == []


async def test_when_the_engine_dies_the_client_is_told_and_the_line_closed() -> None:
    frontend = EchoFrontend()
    async with lines_to(app_of(frontend)) as ring, ring() as line:
        client = Client(line)
        await client.read_one()
        frontend.opened[0].lose()
        assert await client.read_to_the_end() == (1011, "the engine is gone; ring again")
    assert client.errors == ["the engine is gone; ring again"]
    await until(lambda: not frontend.live)


# --- a flow ------------------------------------------------------------------------------------------------


async def test_with_a_flow_the_same_wire_carries_a_session() -> None:
    calls = DoubleCalls()
    frontend = EchoFrontend(rate_hz=DOUBLE_HZ)
    async with lines_to(app_of(frontend, calls)) as ring, ring(flow="short") as line:
        client = Client(line)
        await until(lambda: bool(calls.opened))
        calls.call.say(*np.zeros((10, DOUBLE_HZ // 50), np.float32))
        calls.call.tell(AgentSaid("Hello.", 0.1, 0.4, 0.4, 1), AgentSaid("Who is it?", 0.5, 0.9, 0.9, 1))
        await client.read_until(lambda: client.text == " Hello. Who is it?")
        await client.say(tone(0.8), pace=0.1)
        await calls.call.until(lambda: len(calls.call.heard) > 30)
    assert calls.asked_for == ["flows/short.yaml"] and not frontend.opened
    assert calls.resumable is False, "a client of this protocol cannot come back"
    await asyncio.wait_for(calls.call.saved.wait(), 5)
    assert calls.call.ended == ["caller_hung_up"]


async def test_clients_that_name_no_flow_are_led_through_the_usual_one() -> None:
    calls = DoubleCalls()
    frontend = EchoFrontend(rate_hz=DOUBLE_HZ, phrases_itself=False)
    app = app_of(frontend, calls, moshi_flow="short")
    async with lines_to(app) as ring, ring(**PERSONAPLEX):
        await until(lambda: bool(calls.opened))
    assert calls.asked_for == ["flows/short.yaml"]


async def test_what_an_interruption_cut_off_is_not_said_late() -> None:
    calls = DoubleCalls()
    app = app_of(EchoFrontend(rate_hz=DOUBLE_HZ), calls)
    async with lines_to(app) as ring, ring(flow="short") as line:
        client = Client(line)
        await until(lambda: bool(calls.opened))
        calls.call.tell(AgentCeased(0.4, True, "and so on"), AgentSaid("Yes?", 0.5, 0.6, 0.6, 2))
        await client.read_until(lambda: client.text == " Yes?")


# --- refused -----------------------------------------------------------------------------------------------


async def refused(app: FastAPI, **query: str) -> tuple[int, str, list[str]]:
    async with lines_to(app) as ring, ring(**query) as line:
        client = Client(line)
        code, why = await client.read_to_the_end()
        assert 0 not in client.kinds
        return code, why, client.errors


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"text_prompt": "x"}, "voice_prompt is missing"),
        ({"voice_prompt": "NATF0.pt"}, "text_prompt is missing"),
        (PERSONAPLEX | {"voice_prompt": "../../etc/passwd"}, "names no voice"),
        (PERSONAPLEX | {"voice_prompt": "/etc/passwd"}, "names no voice"),
        (PERSONAPLEX | {"text_prompt": "x" * 8001}, "8001 characters"),
        (PERSONAPLEX | {"seed": "many"}, "seed is 'many'; give a number"),
        ({"text_temperature": "nan"}, "give a number"),
        ({"text_temperature": "-1"}, "give 0"),
        ({"flow": "intake"}, "there is no flow 'intake' on offer; there are: short"),
        ({"flow": "/etc/passwd"}, "there is no flow"),
    ],
)
async def test_a_wish_that_cannot_be_meant_is_refused_and_says_why(query: dict[str, str], said: str) -> None:
    frontend = EchoFrontend()
    code, why, errors = await refused(app_of(frontend), **query)
    assert code == 1008 and said in why and said in errors[0]
    assert not frontend.opened


async def test_a_front_end_that_says_nothing_by_itself_asks_for_a_flow() -> None:
    code, why, errors = await refused(app_of(EchoFrontend(phrases_itself=False)), **PERSONAPLEX)
    assert code == 1008 and why == errors[0]
    assert "ring with ?flow=NAME" in why


@pytest.mark.parametrize(
    ("why", "code"),
    [(NoVoice("install flite"), 1013), (EngineLost("away"), 1013), (FrontendError("no such voice"), 1008)],
)
async def test_where_trying_later_may_help_the_code_says_so(why: Exception, code: int) -> None:
    frontend = EchoFrontend()
    frontend.refusal = why
    assert await refused(app_of(frontend)) == (code, str(why), [str(why)])


@pytest.mark.parametrize("query", [{}, {"flow": "short"}], ids=["by itself", "with a flow"])
async def test_a_fault_in_opening_a_call_is_told_and_logged(query: dict[str, str]) -> None:
    frontend, calls = EchoFrontend(rate_hz=DOUBLE_HZ), DoubleCalls(ZeroDivisionError("what the caller said"))
    frontend.refusal = calls.refusal
    with capture_logs() as logged:
        code, why, errors = await refused(app_of(frontend, calls), **query)
    assert (code, errors) == (1011, [FAULT]) and why and FAULT.startswith(why.rstrip("."))
    assert [entry["event"] for entry in logged].count(Happened.ACCIDENT.value) == 1


async def test_when_full_a_client_waits_without_a_handshake_and_gets_the_first_seat_that_is_free() -> None:
    """As upstream's servers do, which hold one call behind a lock."""
    frontend = EchoFrontend(seats=1)
    app = app_of(frontend, limits=replace(QUICK, wait_for_seat_s=20.0, look_again_s=20.0))
    async with lines_to(app) as ring, ring() as first:
        await Client(first).read_one()
        async with ring() as second:
            waiting = Client(second)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.4):
                    await waiting.read_one()
            await first.close()
            await waiting.read_until(lambda: waiting.kinds == [0])
    await until(lambda: not frontend.live)


async def test_a_seat_that_somebody_elses_call_frees_is_found_too() -> None:
    frontend = EchoFrontend(seats=0)
    app = app_of(frontend, limits=replace(QUICK, wait_for_seat_s=10.0))
    async with lines_to(app) as ring, ring() as line:
        client = Client(line)
        await asyncio.sleep(0.2)
        frontend.seats = 1
        await client.read_until(lambda: client.kinds == [0])


async def test_who_waited_for_a_seat_in_vain_is_told_that_all_are_taken() -> None:
    frontend = EchoFrontend(seats=1)
    async with lines_to(app_of(frontend)) as ring, ring() as first:
        await Client(first).read_one()
        async with ring() as second:
            code, why = await Client(second).read_to_the_end()
    assert code == 1013 and "all 1 seats are taken" in why


async def test_no_more_clients_wait_than_there_is_room_for() -> None:
    frontend = EchoFrontend(seats=0)
    app = app_of(frontend, limits=replace(QUICK, wait_for_seat_s=10.0, clients_waiting=1))
    async with lines_to(app) as ring, ring():
        await asyncio.sleep(0.1)
        async with ring() as second, asyncio.timeout(2):
            assert (await Client(second).read_to_the_end())[0] == 1013


async def test_who_hangs_up_while_waiting_leaves_its_place_to_the_next() -> None:
    frontend = EchoFrontend(seats=0)
    app = app_of(frontend, limits=replace(QUICK, wait_for_seat_s=10.0))
    async with lines_to(app) as ring:
        async with ring():
            await asyncio.sleep(0.1)
        async with ring() as line:
            await asyncio.sleep(0.1)
            frontend.seats = 1
            client = Client(line)
            await client.read_until(lambda: client.kinds == [0])
    assert len(frontend.opened) == 1


async def test_who_vanishes_while_its_call_is_opened_leaves_nothing_behind() -> None:
    frontend = EchoFrontend()
    frontend.open_s = 0.3
    async with lines_to(app_of(frontend)) as ring:
        async with ring() as line:
            await asyncio.sleep(0.1)
            line.transport.abort()
        await until(lambda: bool(frontend.opened))
        await until(lambda: not frontend.live)


async def test_a_page_from_elsewhere_may_ring_only_where_it_is_trusted() -> None:
    frontend = EchoFrontend()
    origin = "http://localhost:5173"
    for trusted, lets_in in (((), False), ((origin,), True)):
        async with serving(app_of(frontend, trusted_origins=trusted)) as (_server, address):
            try:
                async with connect(f"ws://{address}/api/chat", origin=origin) as line:  # type: ignore[arg-type]
                    assert await line.recv() == b"\0"
                assert lets_in
            except InvalidStatus as no:
                assert no.response.status_code == 403 and not lets_in


# --- bad clients -------------------------------------------------------------------------------------------


async def after(send: Callable[[ClientConnection], Awaitable[None]], limits: MoshiLimits = QUICK) -> Client:
    """What a client saw that sends something; its seat is free again afterwards."""
    frontend = EchoFrontend()
    async with lines_to(app_of(frontend, limits=limits)) as ring, ring() as line:
        client = Client(line)
        await client.read_until(lambda: bool(client.kinds))
        await send(line)
        await client.read_to_the_end()
        await until(lambda: not frontend.live)
    return client


def stream(sound: np.ndarray) -> bytes:
    writer = sphn.OpusStreamWriter(RATE_HZ)
    return b"".join(writer.append_pcm(frame) for frame in sound.reshape(-1, 1920))


@pytest.mark.parametrize(
    "sound",
    [
        b"no Ogg at all" * 40,
        b"OggS" + bytes(200),
        stream(tone(0.4))[:300] + bytes(600),
        np.random.default_rng(0).bytes(5000),
    ],
)
async def test_sound_that_is_no_ogg_opus_ends_the_call_and_says_so(sound: bytes) -> None:
    client = await after(lambda line: line.send(b"\x01" + sound))
    assert client.closed is not None and client.closed[0] == 1007
    assert "no Ogg-Opus stream" in client.errors[0]


async def test_a_broken_stream_is_told_from_its_first_byte_on_also_before_the_handshake() -> None:
    frontend = EchoFrontend(seats=0)
    app = app_of(frontend, limits=replace(QUICK, wait_for_seat_s=10.0))
    async with lines_to(app) as ring, ring() as line:
        await line.send(b"\x01no Ogg at all, and nobody to hear it yet")
        assert (await Client(line).read_to_the_end())[0] == 1007


async def test_messages_that_upstream_passes_over_are_passed_over() -> None:
    frontend = EchoFrontend()
    async with lines_to(app_of(frontend)) as ring, ring() as line:
        client = Client(line)
        for _ in range(20):
            for odd in (b"", b"\x00", b"\x03\x00", b"\x04{}", b"\x06", b"\x2a\x01\x02", "text"):
                if isinstance(odd, bytes) or len(client.kinds) == 0:
                    await line.send(odd)
        saying = asyncio.create_task(client.say(tone(0.8)))
        await client.read_until(lambda: " beep" in client.text)
        await saying


@pytest.mark.parametrize("junk", ["text", b"", b"\x2a" * 100])
async def test_a_flood_of_what_the_protocol_lacks_ends_the_call(junk: str | bytes) -> None:
    async def flood(line: ClientConnection) -> None:
        for _ in range(101):
            await line.send(junk)

    client = await after(flood)
    assert client.closed is not None and client.closed[0] == 1008
    assert "too many messages" in client.errors[0]


async def test_hours_of_sound_in_a_second_end_the_call() -> None:
    async def flood(line: ClientConnection) -> None:
        writer = sphn.OpusStreamWriter(RATE_HZ)
        silence = np.zeros(1920, np.float32)
        for _ in range(30):
            pages = b"".join(writer.append_pcm(silence) for _ in range(100))
            await line.send(b"\x01" + pages)

    client = await after(flood)
    assert client.closed is not None and client.closed[0] == 1008
    assert "faster than anybody speaks" in client.errors[0]


async def test_a_message_too_large_ends_the_call() -> None:
    frontend = EchoFrontend()
    async with lines_to(app_of(frontend)) as ring, ring() as line:
        await line.recv()
        with suppress(ConnectionClosed):  # the server stops reading in the middle of it
            await line.send(b"\x01" + bytes(17 * 1024 * 1024))
        await until(lambda: not frontend.live)


async def test_a_client_that_vanishes_leaves_nothing_behind() -> None:
    frontend = EchoFrontend()
    async with lines_to(app_of(frontend)) as ring, ring() as line:
        await Client(line).read_one()
        line.transport.abort()
        await until(lambda: not frontend.live)


async def test_a_client_that_never_reads_is_given_up_and_its_seat_freed() -> None:
    frontend = EchoFrontend()
    async with serving(app_of(frontend)) as (_server, address):
        with socket.socket() as deaf:
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.connect(("127.0.0.1", int(address.split(":")[1])))
            deaf.sendall(
                f"GET /api/chat HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
            )
            await until(lambda: bool(frontend.live))
            (call,) = frontend.live
            noise = np.random.default_rng(0).normal(0, 0.3, (50, 480)).astype(np.float32)
            async with asyncio.timeout(40):
                while frontend.live:  # far more than real time, so that the buffers fill soon
                    call.say_at_once(noise)
                    await asyncio.sleep(0.01)


async def test_when_the_server_stops_calls_end_and_clients_learn_of_it() -> None:
    frontend = EchoFrontend()
    async with serving(app_of(frontend)) as (server, address):
        async with connect(f"ws://{address}/api/chat") as line:
            client = Client(line)
            await client.read_one()
            server.should_exit = True
            assert (await client.read_to_the_end())[0] == 1012
        await until(lambda: not frontend.live)
