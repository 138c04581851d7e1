"""Calls over the duplex engine in a process of its own: real sockets, real signals, the tiny model.

Its weights are random, so what it says of its own accord is noise. That calls run, that whispers land, that lines
are said word for word, and that nothing hangs when somebody dies, does not depend on the weights.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from duplex_frontend.engine import wire
from duplex_frontend.engine.call import EngineDuplexCall, Speech
from duplex_frontend.engine.client import EngineClient, at
from duplex_frontend.engine.errors import BadVoice, EngineError
from duplex_frontend.engine.frontend import PersonaPlex
from duplex_frontend.errors import EngineLost, NoSeat
from duplex_frontend.types import AgentWords, Exchange, Line, Persona, Prompt
from memory.types import SessionKey
from orchestrator.recording import AgentCeased, AgentSaid, CallClosed, Moment, Whispered
from orchestrator.runtime import open_runtime
from orchestrator.sections import DataSettings, EngineSettings
from orchestrator.session import Session
from orchestrator.settings import Settings
from tests.engine_process import HERE, ROOT, WHY_NOT, EngineProcess, start_engine

pytestmark = pytest.mark.skipif(not HERE, reason=WHY_NOT)
FLOW = Path(__file__).parent / "short_flow.yaml"
ROLE = "You work for The Door which is a shop and your name is Ann."


@pytest.fixture
def engine() -> Iterator[EngineProcess]:
    started = start_engine(2, ("--grace", "2"), stt=False)
    yield started
    started.stop()


async def feed(call: EngineDuplexCall | Session) -> None:
    """A caller's microphone in a quiet room, in real time."""
    noise = np.random.default_rng(7)
    due = time.monotonic()
    while True:
        call.feed(noise.normal(0, 1e-4, 480).astype(np.float32))
        due += 0.02
        await asyncio.sleep(max(0.0, due - time.monotonic()))


async def until(true: object, within_s: float = 20.0) -> None:
    async with asyncio.timeout(within_s):
        while not true():  # type: ignore[operator]
            await asyncio.sleep(0.02)


def test_a_flow_is_held_over_the_engine_and_saved(engine: EngineProcess, tmp_path: Path) -> None:
    settings = Settings(
        front_end="personaplex",
        engine=EngineSettings(address=engine.address, speech="lines"),
        data=DataSettings(folder=tmp_path),
    )
    moments: list[Moment] = []
    exchanges: list[Exchange] = []

    async def scenario() -> tuple[Session, bool]:
        async with open_runtime(settings) as runtime:
            session = await runtime.open_call(str(FLOW))

            async def watch() -> None:
                async for moment in session.moments():
                    moments.append(moment)

            async def listen() -> None:
                async for exchange in session.audio():
                    exchanges.append(exchange)

            watching, listening = asyncio.create_task(watch()), asyncio.create_task(listen())
            feeding = asyncio.create_task(feed(session))
            for n, answer in enumerate(("yes", "a headache", "yes"), start=1):
                await until(lambda turns=n: sum(isinstance(m, AgentCeased) for m in moments) == turns)
                session.type(answer)
            await asyncio.wait_for(watching, 60)
            feeding.cancel()
            await asyncio.wait_for(listening, 10)
            key = SessionKey(settings.tenant, session.id)
            return session, await runtime.sessions.load(key) is not None

    session, saved = asyncio.run(scenario())
    for m in moments:
        if m.type in ("finding", "whisper", "agent_ceased", "agent", "receipt", "trouble"):
            print(
                "MM",
                m.type,
                getattr(m, "kind", ""),
                getattr(m, "about", ""),
                getattr(m, "reply", ""),
                getattr(m, "text", "")[:60] if m.type != "whisper" else "",
                getattr(m, "fate", ""),
                getattr(m, "unspoken", ""),
                round(m.at_s, 2),
                getattr(m, "what", ""),
            )
    assert session.state.outcome == "complete" and saved
    assert isinstance(moments[-1], CallClosed)
    # Every line of the flow was confirmed word by word, in order, from the engine.
    spoken = " ".join(said(moments))
    for line in ("Hello.", "Have you been here before?", "What is the reason for your visit?", "Goodbye."):
        assert line in spoken
    assert any(isinstance(m, Whispered) for m in moments)
    assert np.allclose(np.diff([e.at_s for e in exchanges]), 0.02)
    assert max(np.abs(e.said).max() for e in exchanges) > 0
    recording = tmp_path / "calls" / f"{session.id}.wav"
    assert recording.stat().st_size > 24_000 * 2


def said(moments: list[Moment]) -> list[str]:
    return [moment.text for moment in moments if isinstance(moment, AgentSaid)]


def test_whispers_land_while_the_model_talks_and_words_are_confirmed(engine: EngineProcess) -> None:
    async def scenario() -> None:
        front_end = await PersonaPlex.start(at(engine.address), speech=Speech.BETWEEN)
        call = await front_end.open(Persona("Ann", role=ROLE))
        feeding = asyncio.create_task(feed(call))
        words: list[AgentWords] = []

        async def read() -> None:
            async for event in call.events():
                if isinstance(event, AgentWords) and event.revision == 2:
                    words.append(event)

        reading = asyncio.create_task(read())
        await asyncio.sleep(1)
        call.whisper(Prompt(1, f"{ROLE} Information: we open at nine."))
        await until(lambda: call.in_force == 1)
        call.whisper(Prompt(2, f"{ROLE} Information: we close at five.", (Line("We close at five."),)))
        await until(lambda: [w.text for w in words][:4] == ["We", "close", "at", "five."])
        await until(lambda: call.in_force == 2)
        starts = [w.start_s for w in words]
        assert starts == sorted(starts)
        feeding.cancel()
        await front_end.aclose()
        await reading

    asyncio.run(scenario())


def test_a_killed_engine_is_told_to_every_call(engine: EngineProcess) -> None:
    async def scenario() -> None:
        front_end = await PersonaPlex.start(at(engine.address))
        calls = [await front_end.open(Persona("Ann")) for _ in range(2)]
        await asyncio.sleep(0.5)
        engine.kill()

        async def end_of(call: EngineDuplexCall) -> None:
            async for _ in call.events():
                pass

        ends = await asyncio.wait_for(asyncio.gather(*map(end_of, calls), return_exceptions=True), 5)
        assert [type(end) for end in ends] == [EngineLost, EngineLost]
        with pytest.raises(EngineLost):
            await front_end.open(Persona("Ann"))
        await front_end.aclose()

    asyncio.run(scenario())


def test_an_engine_that_was_started_again_takes_calls(engine: EngineProcess) -> None:
    async def scenario() -> None:
        front_end = await PersonaPlex.start(at(engine.address))
        await front_end.open(Persona("Ann"))
        engine.kill()
        path = engine.address.removeprefix("unix:")
        again = await asyncio.to_thread(start_engine, 1, (), stt=False)
        try:
            os.unlink(path)  # noqa: PTH108
            os.symlink(again.address.removeprefix("unix:"), path)  # noqa: PTH211
            call = await front_end.open(Persona("Ann"))
            exchange = await asyncio.wait_for(anext(call.audio()), 5)
            assert exchange.at_s == 0
        finally:
            await front_end.aclose()
            again.stop()

    asyncio.run(scenario())


CLIENT = """
import asyncio, sys
from duplex_frontend.engine import wire
from duplex_frontend.engine.client import EngineClient, at
async def main():
    client = await EngineClient.connect(at(sys.argv[1]))
    for _ in range(2):
        call = await client.open(wire.Open(call=0, role="You work for The Door."))
    await asyncio.sleep(0.4)
    call.whisper(1, "You work for The Door. " + "we open at nine. " * 8)
    await client._pipe.flush()
    print("whispered", flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""


def test_a_client_killed_in_the_middle_of_a_reprime_frees_its_seats_after_the_grace_time(
    engine: EngineProcess,
) -> None:
    client = subprocess.Popen(
        [sys.executable, "-c", CLIENT, engine.address], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert client.stdout is not None and client.stdout.readline() == "whispered\n"
    client.kill()
    client.wait()
    client.stdout.close()
    killed = time.monotonic()

    async def scenario() -> float:
        other = await EngineClient.connect(at(engine.address))
        with pytest.raises(NoSeat):
            await other.open(wire.Open(call=0))
        while True:
            try:
                await other.open(wire.Open(call=0))
                freed = time.monotonic()
                await other.open(wire.Open(call=0))
                await other.aclose()
                return freed
            except NoSeat:
                assert time.monotonic() - killed < 10
                await asyncio.sleep(0.05)

    assert 1.5 < asyncio.run(scenario()) - killed < 5  # the grace time is 2 s
    assert engine.child.poll() is None


def test_tcp_wants_the_token_and_sigterm_ends_in_good_order() -> None:
    engine = start_engine(1, stt=False, token="correct horse")
    try:
        assert engine.address.startswith("tcp:127.0.0.1:")

        async def scenario() -> None:
            for wrong in ("", "correct horsf"):
                with pytest.raises(EngineError, match="token"):
                    await EngineClient.connect(at(engine.address, wrong))
            client = await EngineClient.connect(at(engine.address, "correct horse"))
            with pytest.raises(BadVoice, match="tiny"):
                await client.open(wire.Open(call=0, voice="nobody"))
            call = await client.open(wire.Open(call=0, voice="tiny"))
            news = aiter(call.news)
            kinds = [(type(message), len(body)) for message, body in [await anext(news) for _ in range(3)]]
            assert (wire.Frame, 4 * 1920) in kinds
            await client.aclose()

        asyncio.run(scenario())
    finally:
        code = engine.stop()
    assert code == 0


def test_without_a_token_tcp_is_refused() -> None:
    command = [sys.executable, "-m", "orchestrator.cli", "engine", "serve", "--checkpoint", "nowhere"]
    environment = {name: value for name, value in os.environ.items() if name != "ENGINE_TOKEN"}
    refused = subprocess.run(
        [*command, "--listen", "0.0.0.0:0"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert refused.returncode == 1 and "token" in refused.stderr and "Traceback" not in refused.stderr


def test_an_interrupt_stops_the_engine_and_removes_its_socket(engine: EngineProcess) -> None:
    socket = Path(engine.address.removeprefix("unix:"))
    assert socket.is_socket() and socket.stat().st_mode & 0o077 == 0
    engine.child.send_signal(signal.SIGINT)
    assert engine.child.wait(20) == 0
    assert not socket.exists()
