"""The client of an engine, against a double that speaks the real wire over a real socket."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from duplex_frontend.engine import framing, wire
from duplex_frontend.engine.client import EngineCall, EngineClient, at
from duplex_frontend.engine.errors import BadVoice, EngineError, PromptTooLong
from duplex_frontend.engine.pipe import greet_client
from duplex_frontend.errors import EngineLost, FrontendError, NoSeat
from tests.duplex_frontend.double_of_engine import DoubleOfEngine, listening

OPEN = wire.Open(call=0)
BLOCK = np.zeros(480, np.float32)


async def end_of(call: EngineCall) -> EngineLost | None:
    async with asyncio.timeout(5):
        async for _ in call.news:
            pass
    return call.lost


@pytest.mark.parametrize(
    ("why", "counts", "error", "says"),
    [
        (wire.Why.NO_SEAT, (64,), NoSeat, "all 64 seats"),
        (wire.Why.PROMPT_TOO_LONG, (3100, 3000, 100), PromptTooLong, "3100 frames"),
        (wire.Why.UNKNOWN_VOICE, (), BadVoice, "no voice"),
        (wire.Why.NOT_SERVED, (), EngineError, "no voice"),
    ],
)
def test_a_refusal_is_the_error_that_it_stands_for(
    tmp_path: Path, why: wire.Why, counts: tuple[int, ...], error: type[FrontendError], says: str
) -> None:
    def refuse(engine: DoubleOfEngine, message: wire.Message) -> None:
        if isinstance(message, wire.Open):
            engine.pipe.send(wire.Refused(call=message.call, why=why, text="no voice", counts=counts))

    async def scenario() -> None:
        async with listening(DoubleOfEngine(refuse), tmp_path / "e") as address:
            client = await EngineClient.connect(at(address))
            with pytest.raises(error, match=says):
                async with asyncio.timeout(1):
                    await client.open(OPEN)
            await client.aclose()

    asyncio.run(scenario())


def test_many_calls_share_a_connection_and_hear_only_their_own(tmp_path: Path) -> None:
    async def scenario() -> None:
        engine = DoubleOfEngine()
        async with listening(engine, tmp_path / "e") as address:
            client = await EngineClient.connect(at(address))
            assert client.vocabulary == b"vocabulary" and client.welcome.rows == 2
            calls = [await client.open(OPEN) for _ in range(3)]
            for call in reversed(calls):
                engine.pipe.send(wire.Frame(call=call.number, number=call.number, token=3), b"sound")
            engine.pipe.send(wire.Frame(call=99, number=0, token=3), b"of nobody")
            for call in calls:
                message, body = await anext(aiter(call.news))
                assert isinstance(message, wire.Frame) and message.number == call.number and body == b"sound"
            assert engine.connections == 1
            await calls[0].aclose()
            await calls[0].aclose()
            await client.aclose()
            await asyncio.sleep(0.05)
            closed = [m.call for m in engine.came if isinstance(m, wire.Close)]
            assert closed == [call.number for call in calls]  # each once

    asyncio.run(scenario())


def test_a_broken_line_is_taken_up_again_with_what_was_asked_meanwhile(tmp_path: Path) -> None:
    async def scenario() -> None:
        engine = DoubleOfEngine()
        async with listening(engine, tmp_path / "e") as address:
            client = await EngineClient.connect(at(address))
            call = await client.open(OPEN)
            engine.came.clear()
            engine.cut()
            while client._kept is None:  # it notices
                await asyncio.sleep(0)
            call.whisper(5, "You work for the clinic.")
            async with asyncio.timeout(5):
                message, _ = await anext(aiter(call.news))
            assert isinstance(message, wire.Opened) and message.received == 960
            await asyncio.sleep(0.05)
            kinds = [m.kind for m in engine.came]
            assert kinds == ["hello", "resume", "whisper"] and engine.connections == 2
            assert isinstance(engine.came[1], wire.Resume) and engine.came[1].ticket == call.ticket
            assert call.sound(BLOCK)
            await client.aclose()

    asyncio.run(scenario())


def test_when_the_engine_is_gone_every_call_is_lost_at_once(tmp_path: Path) -> None:
    async def scenario() -> None:
        engine = DoubleOfEngine()
        async with listening(engine, tmp_path / "e") as address:
            client = await EngineClient.connect(at(address))
            calls = [await client.open(OPEN) for _ in range(3)]
        engine.cut()
        ends = await asyncio.gather(*map(end_of, calls))
        assert all(isinstance(end, EngineLost) and "open the call again" in str(end) for end in ends)
        assert not calls[0].sound(BLOCK)
        with pytest.raises(EngineLost):
            await client.open(OPEN)
        await client.aclose()

    asyncio.run(scenario())


def test_an_engine_that_was_started_anew_does_not_know_the_calls(tmp_path: Path) -> None:
    async def scenario() -> None:
        engine = DoubleOfEngine()
        async with listening(engine, tmp_path / "e") as address:
            client = await EngineClient.connect(at(address))
            call = await client.open(OPEN)
            engine.name = "two"
            engine.cut()
            lost = await end_of(call)
            assert lost is not None and "started anew" in str(lost)
            await client.aclose()

    asyncio.run(scenario())


def test_a_ticket_that_is_not_honoured_loses_that_call_only(tmp_path: Path) -> None:
    def forgetful(engine: DoubleOfEngine, message: wire.Message) -> None:
        if isinstance(message, wire.Open):
            engine.pipe.send(wire.Opened(call=message.call, ticket=str(message.call)))
        if isinstance(message, wire.Resume) and message.ticket == "1":
            engine.pipe.send(wire.Refused(call=1, why=wire.Why.UNKNOWN_TICKET, text="too late"))
        elif isinstance(message, wire.Resume):
            engine.pipe.send(wire.Opened(call=message.call, ticket=message.ticket))

    async def scenario() -> None:
        engine = DoubleOfEngine(forgetful)
        async with listening(engine, tmp_path / "e") as address:
            client = await EngineClient.connect(at(address))
            one, two = [await client.open(OPEN) for _ in range(2)]
            engine.cut()
            lost = await end_of(one)
            assert lost is not None and "too late" in str(lost)
            message, _ = await anext(aiter(two.news))
            assert isinstance(message, wire.Opened) and two.lost is None
            await client.aclose()

    asyncio.run(scenario())


def test_an_engine_that_does_not_take_the_sound_makes_nobody_wait(tmp_path: Path) -> None:
    async def scenario() -> None:
        engine = DoubleOfEngine(lambda *_: None)

        async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            pipe, _ = await _greeted(engine, reader, writer)
            first = await anext(pipe.messages())
            second = await anext(pipe.messages())
            assert isinstance(first[0], wire.Hello) and isinstance(second[0], wire.Open)
            pipe.send(wire.Opened(call=second[0].call, ticket="t"))
            await asyncio.sleep(30)

        server = await asyncio.start_unix_server(deaf, tmp_path / "e")
        client = await EngineClient.connect(at(f"unix:{tmp_path / 'e'}"))
        call = await client.open(OPEN)
        taken = [call.sound(BLOCK) for _ in range(3000)]
        assert taken[0] and not taken[-1] and sum(taken) < 1500
        client._pipe._writer.transport.abort()  # type: ignore[attr-defined]
        server.close()
        await client.aclose()

    asyncio.run(scenario())


async def _greeted(engine, reader, writer):  # type: ignore[no-untyped-def]
    pipe, nonce = await greet_client(reader, writer)
    pipe.send(wire.Welcome(engine="deaf", family=wire.Flavour.MOSHI, rows=1, free=1, window=3000))
    return pipe, nonce


def test_who_is_not_there_is_told_with_a_cure(tmp_path: Path) -> None:
    async def scenario() -> None:
        with pytest.raises(EngineLost, match="souffleur engine serve"):
            await EngineClient.connect(at(f"unix:{tmp_path / 'nobody'}"))
        with pytest.raises(EngineError, match="unix:PATH"):
            await EngineClient.connect(at("engine.sock"))

        async def another(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(framing.PREAMBLE.pack(framing.MAGIC, 7) + b"\0" * 32)

        server = await asyncio.start_unix_server(another, tmp_path / "old")
        with pytest.raises(wire.WireError, match="version 7"):
            await EngineClient.connect(at(f"unix:{tmp_path / 'old'}"))
        server.close()

    asyncio.run(scenario())


def test_the_client_imports_neither_torch_nor_moshi() -> None:
    names = "client frontend call wire pipe turns vad vocabulary director"
    code = (
        f"import sys, importlib\nfor n in '{names}'.split(): importlib.import_module('duplex_frontend.engine.' + n)\n"
        "sys.exit(any(m in sys.modules for m in ('torch', 'moshi')))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
