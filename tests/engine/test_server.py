"""The engine's server against clients that misbehave, over real sockets; the clock is turned by hand."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("moshi", reason="the engine's tests run in .venv-engine (tools/setup.sh engine)")

from duplex_frontend.engine import framing, wire
from duplex_frontend.engine.client import EngineClient, at
from duplex_frontend.engine.desk import Served
from duplex_frontend.engine.pipe import greet_engine
from duplex_frontend.engine.server import EngineServer
from duplex_frontend.errors import EngineLost, NoSeat
from tests.engine.alone import noise
from tests.engine.in_process import served, settle


class Listening:
    """A server on a socket, and ticks when a test wants them."""

    def __init__(self, path: Path, engine: Served, server: EngineServer) -> None:
        self.path, self.engine, self.server = path, engine, server
        self.address = f"unix:{path}"

    async def pass_frames(self, count: int = 1) -> None:
        for _ in range(count):
            await asyncio.sleep(0.01)
            self.engine.stage.tick(0.0)
            self.server.deliver()
        await asyncio.sleep(0.01)

    async def open(self, client: EngineClient, **asked: object) -> object:
        opening = asyncio.create_task(client.open(wire.Open.model_validate({"call": 0, **asked})))
        await asyncio.sleep(0.02)
        await self.pass_frames()
        return await opening

    async def raw(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A stranger's connection, after the greeting."""
        reader, writer = await asyncio.open_unix_connection(self.path)
        await greet_engine(reader, writer)
        return reader, writer


@asynccontextmanager
async def listening(
    tmp_path: Path, *, rows: int = 2, grace_s: float = 0.3, token: str = ""
) -> AsyncIterator[Listening]:
    engine = served(rows)
    server = EngineServer(engine, grace_s=grace_s, token=token)
    path = tmp_path / "engine.sock"
    socket = await asyncio.start_unix_server(server.serve_stream, path)
    try:
        yield Listening(path, engine, server)
    finally:
        socket.close()
        await server.aclose()
        await settle()


async def last_words(reader: asyncio.StreamReader) -> list[wire.Message]:
    """All that comes until the engine hangs up."""
    unpacker = framing.Unpacker(framing.TO_CLIENT)
    data = await asyncio.wait_for(reader.read(-1), 5)
    return [message for message, _ in unpacker.feed(data)]


HELLO = framing.pack(wire.Hello())


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        (b"GET / HTTP/1.1\r\nHost: engine\r\n\r\n", "hello|claims"),
        (framing.pack(wire.Close(call=0)), "first message"),
        (HELLO + b"\xff" * 64, "claims"),
        (HELLO + struct.pack("<IH", 6, 4) + b"{}{}", "not as agreed"),
        (HELLO + framing.pack(wire.Closed(call=0)), "does not send"),
        (HELLO + HELLO, "does not send"),
        (HELLO + framing.pack(wire.Hold(call=9)) * 200, "101 messages were wrong"),
    ],
)
def test_garbage_is_answered_with_a_reason_and_hung_up_on(tmp_path: Path, sent: bytes, says: str) -> None:
    async def scenario() -> None:
        async with listening(tmp_path) as engine:
            reader, writer = await engine.raw()
            writer.write(sent)
            said = await last_words(reader)
            fault = said[-1]
            assert isinstance(fault, wire.Fault) and any(part in fault.text for part in says.split("|"))
            writer.close()
            good = await EngineClient.connect(at(engine.address))  # others are served as before
            await engine.open(good)
            await good.aclose()

    asyncio.run(scenario())


def test_a_client_of_another_version_is_told_so_in_words(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with listening(tmp_path) as engine:
            reader, writer = await asyncio.open_unix_connection(engine.path)
            writer.write(framing.PREAMBLE.pack(framing.MAGIC, 99))
            await reader.readexactly(framing.PREAMBLE.size + framing.NONCE_BYTES)
            (fault,) = await last_words(reader)
            assert (
                isinstance(fault, wire.Fault) and "version 99" in fault.text and "same release" in fault.text
            )
            writer.close()

    asyncio.run(scenario())


def test_a_wrong_token_lets_nobody_in(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with listening(tmp_path, token="right") as engine:
            for token in ("", "wrong", "rightt"):
                with pytest.raises(Exception, match="token"):
                    await EngineClient.connect(at(engine.address, token))
            await (await EngineClient.connect(at(engine.address, "right"))).aclose()

    asyncio.run(scenario())


def test_wrong_sounds_are_told_and_the_call_goes_on(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with listening(tmp_path) as engine:
            client = await EngineClient.connect(at(engine.address))
            call = await engine.open(client)
            for body in (b"", b"abc", b"\0" * 1920 * 60):
                client._pipe.send(wire.Sound(call=call.number), body)
            bad = np.full(1920, np.nan, np.float32)
            bad[::3], bad[1::3] = np.inf, 1e30
            call.sound(bad)
            await engine.pass_frames(3)
            faults, sounds = [], []
            while not call.news.empty:
                message, body = await anext(aiter(call.news))
                if isinstance(message, wire.Fault):
                    faults.append(message.text)
                if isinstance(message, wire.Frame):
                    sounds.append(np.frombuffer(body, "<f4"))
            assert len(faults) == 3 and all("blocks of 480" in text for text in faults)
            assert len(sounds) >= 3 and all(np.isfinite(sound).all() for sound in sounds)
            await client.aclose()

    asyncio.run(scenario())


def test_a_flood_is_bounded_and_harms_nobody(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with listening(tmp_path) as engine:
            client, other = [await EngineClient.connect(at(engine.address)) for _ in range(2)]
            flood, calm = await engine.open(client), await engine.open(other)
            sound = noise(1, 1)[0]
            for n in range(300):
                flood.sound(sound)
                flood.whisper(n, "You work for the clinic.")
                flood.say(n, ("hello", "to", "you"))
            await asyncio.sleep(0.3)
            held = next(h for h in engine.server._held.values() if h.call.inbox.given > 20 * 1920)
            assert len(held.call.orders) == 64  # and what came after them was refused
            for _ in range(12):
                calm.sound(sound)
                await engine.pass_frames()
            assert len(held.call.news) <= 250
            assert held.call.inbox.given - held.call.inbox.taken <= 24_000 + 1920 or held.call.frames == 0
            calm_frames = [m async for m, _ in _now(calm.news) if isinstance(m, wire.Frame)]
            assert len(calm_frames) >= 12 and all(f.skipped == 0 for f in calm_frames)
            await client.aclose()
            await other.aclose()

    asyncio.run(scenario())


async def _now(channel):  # type: ignore[no-untyped-def]
    while not channel.empty:
        yield await anext(aiter(channel))


def test_a_reader_who_is_too_slow_loses_sound_and_then_the_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("duplex_frontend.engine.guests._UNSENT", 8 << 10)

    async def scenario() -> None:
        async with listening(tmp_path, rows=1) as engine:
            reader, writer = await engine.raw()
            writer.write(HELLO + framing.pack(wire.Open(call=1)))
            await asyncio.sleep(0.05)
            (held,) = engine.server._held.values()
            for _ in range(400):
                await engine.pass_frames()
                if held.guest is None:
                    break
            assert held.sounds_lost > 10 and held.guest is None
            data = await asyncio.wait_for(reader.read(200_000), 5)  # what it was sent before is all there
            assert len(data) > 100_000
            writer.close()

    asyncio.run(scenario())


def test_a_vanished_client_comes_back_and_goes_on_where_it_was(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with listening(tmp_path, grace_s=5) as engine:
            client = await EngineClient.connect(at(engine.address))
            call = await engine.open(client, role="You work for the clinic.")
            await engine.pass_frames(5)
            client._pipe._writer.transport.abort()  # the line is cut
            await asyncio.sleep(0.005)
            call.whisper(7, "You work for the clinic. We open at nine.")  # said while it was cut
            engine.engine.stage.tick(0.0)
            engine.server.deliver()
            await asyncio.sleep(0.3)
            await engine.pass_frames(6)
            messages = [m async for m, _ in _now(call.news)]
            numbers = [m.number for m in messages if isinstance(m, wire.Frame)]
            assert numbers == list(range(len(numbers))) and len(numbers) >= 11  # none was lost
            assert any(isinstance(m, wire.Opened) for m in messages)
            assert any(isinstance(m, wire.Receipt) and m.revision == 7 for m in messages)
            assert engine.engine.stage.free == 1
            await client.aclose()

    asyncio.run(scenario())


def test_who_does_not_come_back_loses_the_seat_after_the_grace_time_and_not_before(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with listening(tmp_path, rows=1, grace_s=0.4) as engine:
            _, writer = await engine.raw()
            writer.write(HELLO + framing.pack(wire.Open(call=1, role="You work for the clinic. " * 4)))
            await asyncio.sleep(0.05)
            engine.engine.stage.tick(0.0)  # its prompt is half read
            writer.transport.abort()
            await asyncio.sleep(0.1)
            other = await EngineClient.connect(at(engine.address))
            with pytest.raises(NoSeat):
                await other.open(wire.Open(call=0))
            await asyncio.sleep(0.5)
            assert engine.engine.stage.free == 1
            call = await engine.open(other)
            await engine.pass_frames(2)
            assert any([isinstance(m, wire.Frame) async for m, _ in _now(call.news)])
            with pytest.raises(EngineLost, match="holds no such call"):
                await resumed(engine, "no such ticket")
            await other.aclose()

    asyncio.run(scenario())


async def resumed(engine: Listening, ticket: str) -> None:
    reader, writer = await engine.raw()
    writer.write(HELLO + framing.pack(wire.Resume(call=1, ticket=ticket)))
    unpacker = framing.Unpacker(framing.TO_CLIENT)
    while True:
        for message, _ in unpacker.feed(await asyncio.wait_for(reader.read(65536), 5)):
            if isinstance(message, wire.Refused):
                writer.close()
                raise EngineLost(message.text)
