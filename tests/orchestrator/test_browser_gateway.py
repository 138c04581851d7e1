"""A call over a websocket: what docs/wire.md promises."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import numpy as np
import pytest
from fastapi import WebSocket
from structlog.testing import capture_logs
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from duplex_frontend.errors import NoSeat, NoVoice
from duplex_frontend.types import Block
from flows.errors import BadFlow, Mistake
from memory.errors import StoreLost
from orchestrator.calls import FAULT, FAULT_IN_CALL, End
from orchestrator.gateways.browser import Line
from orchestrator.gateways.browser_wire import LineLimits, from_pcm, to_pcm
from orchestrator.gateways.outbox import Outbox
from orchestrator.recording import AgentCeased, AgentSaid, CallClosed, Moment, Trouble, load_moment
from orchestrator.server import make_app
from orchestrator.settings import Settings
from orchestrator.telemetry import Happened
from tests.orchestrator.double_of_calls import BLOCK, OPENED, DoubleCall, DoubleCalls, offer, serving

pytestmark = pytest.mark.anyio
QUICK = LineLimits(send_within_s=0.3, save_within_s=0.5, last_words_within_s=0.5)
SAID = AgentSaid("Hello.", 0.1, 0.4, 0.4, 1)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@asynccontextmanager
async def line_to(calls: DoubleCalls, flow: str = "short") -> AsyncIterator[ClientConnection]:
    async with (
        serving(make_app(calls, Settings(), offer, QUICK)) as (_server, address),
        asyncio.timeout(20),
        connect(f"ws://{address}/call?flow={flow}") as line,
    ):
        yield line


async def next_message(line: ClientConnection) -> dict[str, Any]:
    """The next JSON message; audio in between is passed over."""
    while isinstance(message := await line.recv(), bytes):
        pass
    told: dict[str, Any] = json.loads(message)
    return told


async def next_moment(line: ClientConnection) -> Moment:
    message = await line.recv()
    assert isinstance(message, str)
    return load_moment(message)


async def close_code(line: ClientConnection) -> int:
    with pytest.raises(ConnectionClosed) as closed:
        while True:
            await line.recv()
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code


def tone(blocks: int) -> Block:
    samples: Block = np.sin(np.arange(blocks * BLOCK) * 0.1).astype(np.float32) / 2
    return samples


# --- towards the caller ------------------------------------------------------------------------------------


async def test_the_story_comes_from_its_first_moment_and_in_order() -> None:
    calls = DoubleCalls()
    async with line_to(calls) as line:
        assert await next_moment(line) == OPENED
        calls.call.tell(SAID, Trouble("store", "lost", 0.5))
        assert await next_moment(line) == SAID
        assert await next_moment(line) == Trouble("store", "lost", 0.5)


async def test_each_block_of_the_agent_is_one_message_of_16_bit_samples() -> None:
    calls = DoubleCalls()
    audio = tone(3)
    async with line_to(calls) as line:
        await next_moment(line)
        calls.call.say(*audio.reshape(3, BLOCK))
        heard = [await line.recv() for _ in range(3)]
    assert [len(block) for block in heard] == [2 * BLOCK] * 3
    assert np.abs(from_pcm(b"".join(heard)) - audio).max() <= 1 / 32768  # type: ignore[arg-type]


async def test_when_the_agent_is_done_the_line_is_closed_as_done() -> None:
    calls = DoubleCalls()
    async with line_to(calls) as line:
        await next_moment(line)
        calls.call.finish()
        assert await next_moment(line) == CallClosed("complete", 1.0, "")
        assert await close_code(line) == 1000
    assert calls.call.ended == []


# --- from the caller ---------------------------------------------------------------------------------------


async def test_the_callers_audio_reaches_the_call_block_by_block() -> None:
    calls = DoubleCalls()
    audio = tone(5)
    async with line_to(calls) as line:
        await line.send(to_pcm(audio[: 2 * BLOCK]))
        await line.send(to_pcm(audio[2 * BLOCK :]))
        await next_moment(line)
        await calls.call.until(lambda: len(calls.call.heard) == 5)
    assert np.abs(np.concatenate(calls.call.heard) - audio).max() <= 1 / 32768


@pytest.mark.parametrize("size", [0, 1, 639, 641, 51 * 640])
async def test_audio_of_a_wrong_size_is_answered_and_the_call_goes_on(size: int) -> None:
    calls = DoubleCalls()
    async with line_to(calls) as line:
        await next_moment(line)
        await line.send(bytes(size))
        told = await next_message(line)
        assert told["type"] == "error"
        assert "send 1 to 50 blocks of 640 bytes" in told["message"]
        await line.send(bytes(640))
        await calls.call.until(lambda: len(calls.call.heard) == 1)


async def test_typed_words_reach_the_call() -> None:
    calls = DoubleCalls()
    async with line_to(calls) as line:
        await next_moment(line)
        await line.send('{"type": "text", "text": "  Łucja, at noon  "}')
        await calls.call.until(lambda: calls.call.typed == ["Łucja, at noon"])


@pytest.mark.parametrize("keys", ["5", "5551234567", "12*50#", "0" * 60])
async def test_keys_reach_the_call(keys: str) -> None:
    calls = DoubleCalls()
    async with line_to(calls) as line:
        await next_moment(line)
        await line.send(json.dumps({"type": "keys", "keys": keys}))
        await line.send('{"type": "keys", "keys": "#"}')
        await calls.call.until(lambda: calls.call.keyed == [keys, "#"])
        assert calls.call.typed == []


@pytest.mark.parametrize("keys", ["", "0" * 61, "12a", "1 2", "A", "12\n", "٣", 5, ["1"], None])
async def test_keys_that_no_telephone_has_are_answered_with_those_it_has(keys: object) -> None:
    calls = DoubleCalls()
    async with line_to(calls) as line:
        await next_moment(line)
        await line.send(json.dumps({"type": "keys", "keys": keys}))
        told = await next_message(line)
        assert told["type"] == "error"
        assert "1 to 60 of the keys 0 to 9, * and #" in told["message"]
        await line.send('{"type": "keys", "keys": "1"}')
        await calls.call.until(lambda: calls.call.keyed == ["1"])


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "hello",
        "[]",
        '{"type": "text"}',
        '{"type": "text", "text": "  "}',
        '{"type": "text", "text": 5}',
        '{"type": "hang_up", "why": "x"}',
        '{"type": "shout", "text": "x"}',
        '{"type": "keys"}',
        '{"type": "keys", "keys": "1", "text": "x"}',
        json.dumps({"type": "text", "text": "x" * 501}),
    ],
)
async def test_a_message_that_the_protocol_lacks_is_answered_and_the_call_goes_on(sent: str) -> None:
    calls = DoubleCalls()
    async with line_to(calls) as line:
        await next_moment(line)
        await line.send(sent)
        assert (await next_message(line))["type"] == "error"
        await line.send('{"type": "text", "text": "yes"}')
        await calls.call.until(lambda: calls.call.typed == ["yes"])
        assert calls.call.ended == []


async def test_hanging_up_ends_and_saves_the_call_and_shows_its_end() -> None:
    calls = DoubleCalls()
    async with line_to(calls) as line:
        await next_moment(line)
        await line.send('{"type": "hang_up"}')
        assert (await next_message(line))["type"] == "closed"
        assert await close_code(line) == 1000
    assert calls.call.ended == ["caller_hung_up"]


@pytest.mark.parametrize("code", [1000, 1001])
async def test_a_client_that_closes_has_hung_up(code: int) -> None:
    calls = DoubleCalls()
    async with line_to(calls) as line:
        await next_moment(line)
        await line.close(code)
        await asyncio.wait_for(calls.call.saved.wait(), 5)
    assert calls.call.ended == ["caller_hung_up"]


async def test_the_call_of_a_client_that_vanishes_waits_for_it() -> None:
    calls = DoubleCalls()
    async with line_to(calls) as line:
        await next_moment(line)
        line.transport.abort()
        await calls.call.until(lambda: calls.call.lines == ["lost"])
    assert calls.call.ended == []


@pytest.mark.parametrize("code", [1006, 1011, 4999])
async def test_a_close_that_is_no_good_bye_is_a_lost_line(code: int) -> None:
    call, socket = DoubleCall(), SlowSocket(code=code)
    socket.gone.set()
    await asyncio.wait_for(Line(await socket.accepted(), call, QUICK).carry(), 5)
    assert (call.lines, call.ended) == (["lost"], [])


# --- coming back -------------------------------------------------------------------------------------------


@asynccontextmanager
async def line_back(address: str, call: str, *messages: str) -> AsyncIterator[ClientConnection]:
    async with asyncio.timeout(20), connect(f"ws://{address}/call?resume={call}") as line:
        for message in messages:
            await line.send(message)
        yield line


def showing(token: str) -> str:
    return json.dumps({"type": "resume", "token": token})


async def test_a_client_is_given_what_it_can_come_back_with() -> None:
    async with line_to(DoubleCalls(token="secret")) as line:
        assert await next_moment(line) == OPENED
        assert await next_message(line) == {"type": "resumable", "call": "c-1", "token": "secret"}


async def test_a_client_that_comes_back_gets_its_call_and_its_story_from_the_beginning() -> None:
    calls = DoubleCalls(token="secret")
    async with serving(make_app(calls, Settings(), offer, QUICK)) as (_server, address):
        async with connect(f"ws://{address}/call?flow=short") as line:
            await next_moment(line)
            calls.call.tell(SAID)
            line.transport.abort()
        await calls.call.until(lambda: calls.call.lines == ["lost"])
        async with line_back(address, "c-1", showing("secret")) as line:
            assert await next_moment(line) == OPENED
            assert (await next_message(line))["type"] == "resumable"
            assert await next_moment(line) == SAID
            await line.send('{"type": "text", "text": "yes"}')
            await calls.call.until(lambda: calls.call.typed == ["yes"])
    assert calls.call.lines[:2] == ["lost", "back"]
    assert len(calls.opened) == 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("c-1", showing("wrong")),
        ("c-1", showing("")),
        ("c-1", "secret"),
        ("c-1", '{"type": "resume"}'),
        ("c-1", '{"type": "text", "text": "secret"}'),
        ("c-2", showing("secret")),
        ("../c-1", showing("secret")),
    ],
)
async def test_who_does_not_show_the_token_gets_no_call_and_disturbs_none(call: str, message: str) -> None:
    calls = DoubleCalls(token="secret")
    async with (
        serving(make_app(calls, Settings(), offer, QUICK)) as (_server, address),
        connect(f"ws://{address}/call?flow=short") as first,
    ):
        await next_moment(first)
        async with line_back(address, call, message) as line:
            told = await next_message(line)
            assert told["type"] == "error" and "secret" not in told["message"]
            assert await close_code(line) == 1008
        await first.send('{"type": "text", "text": "still here"}')
        await calls.call.until(lambda: calls.call.typed == ["still here"])
        assert calls.call.lines == []


async def test_who_shows_nothing_is_not_waited_for_for_ever() -> None:
    calls = DoubleCalls(token="secret")
    async with (
        serving(make_app(calls, Settings(), offer, LineLimits(token_within_s=0.2))) as (_server, address),
        line_back(address, "c-1") as line,
    ):
        assert "no resume token" in (await next_message(line))["message"]
        assert await close_code(line) == 1008


async def test_the_newest_line_has_the_call_and_the_one_before_is_told_so() -> None:
    calls = DoubleCalls(token="secret")
    async with (
        serving(make_app(calls, Settings(), offer, QUICK)) as (_server, address),
        connect(f"ws://{address}/call?flow=short") as first,
    ):
        await next_moment(first)
        async with line_back(address, "c-1", showing("secret")) as second:
            assert await next_moment(second) == OPENED
            assert await close_code(first) == 4001
            await second.send('{"type": "text", "text": "here"}')
            await calls.call.until(lambda: calls.call.typed == ["here"])
            assert (calls.call.ended, calls.call.lines) == ([], ["lost", "back"])


@pytest.mark.parametrize(("end", "code"), [("suspended", 4000), ("restarting", 1012), ("elsewhere", 4001)])
async def test_a_call_that_leaves_without_being_over_says_whether_to_come_back(end: End, code: int) -> None:
    calls = DoubleCalls(token="secret")
    async with line_to(calls) as line:
        await next_moment(line)
        calls.call.leave(end)
        assert await close_code(line) == code
    assert (calls.call.ended, calls.call.lines) == ([], [])


async def test_a_call_that_a_fault_ended_says_so_before_its_line_is_closed() -> None:
    calls = DoubleCalls(token="secret")
    async with line_to(calls) as line:
        await next_moment(line)
        assert (await next_message(line))["type"] == "resumable"
        calls.call.leave("failed")
        assert await next_message(line) == {"type": "error", "message": FAULT_IN_CALL}
        assert await close_code(line) == 1011


async def test_when_the_server_stops_its_calls_are_saved_as_stopped() -> None:
    calls = DoubleCalls()
    async with serving(make_app(calls, Settings(), offer, QUICK)) as (server, address):
        async with connect(f"ws://{address}/call?flow=short") as line:
            await next_moment(line)
            server.should_exit = True
            assert await close_code(line) == 1012
        await asyncio.wait_for(calls.call.saved.wait(), 5)
    assert calls.call.ended == ["stopped"]


async def test_why_the_line_ended_is_what_its_close_says_even_when_sending_failed_first() -> None:
    call, socket = DoubleCall(), SlowSocket(code=1012)
    socket.broken = True
    asyncio.get_running_loop().call_later(0.1, socket.gone.set)
    await asyncio.wait_for(Line(await socket.accepted(), call, QUICK).carry(), 5)
    assert call.ended == ["stopped"]


# --- no call -----------------------------------------------------------------------------------------------


async def refusal(calls: DoubleCalls, flow: str = "short") -> tuple[str, int]:
    async with line_to(calls, flow) as line:
        told = await next_message(line)
        assert told["type"] == "error"
        return told["message"], await close_code(line)


async def test_a_flow_that_is_not_on_offer_is_refused_with_those_that_are() -> None:
    message, code = await refusal(DoubleCalls(), "intake")
    assert message == "there is no flow 'intake' on offer; there are: short"
    assert code == 1008


@pytest.mark.parametrize("name", ["/etc/passwd", "flows/short.yaml", ""])
async def test_a_client_cannot_name_a_file(name: str) -> None:
    calls = DoubleCalls()
    _message, code = await refusal(calls, name)
    assert code == 1008
    assert calls.asked_for == []


async def test_what_is_opened_is_the_source_of_the_flow_on_offer() -> None:
    calls = DoubleCalls()
    async with line_to(calls) as line:
        await next_moment(line)
    assert calls.asked_for == ["flows/short.yaml"]


async def test_a_flow_with_mistakes_is_refused_with_each_of_them() -> None:
    mistakes = [Mistake("f.yaml", 3, 1, "no such type", "Use date"), Mistake("f.yaml", 9, 1, "twice", "")]
    message, code = await refusal(DoubleCalls(BadFlow(mistakes)))
    assert message == "f.yaml:3:1: no such type. Use date\nf.yaml:9:1: twice"
    assert code == 1008


@pytest.mark.parametrize("why", [NoSeat(4), NoVoice("install flite"), StoreLost("the store is away")])
async def test_where_trying_later_may_help_the_code_says_so(why: Exception) -> None:
    assert await refusal(DoubleCalls(why)) == (str(why), 1013)


async def test_a_fault_in_opening_a_call_is_told_and_logged_and_others_are_served() -> None:
    calls = DoubleCalls(ZeroDivisionError("what the caller said"))
    with capture_logs() as logged:
        async with line_to(calls) as line:
            assert (await next_message(line)) == {"type": "error", "message": FAULT}
            assert await close_code(line) == 1011
            calls.refusal = None
            async with connect(
                f"ws://{line.remote_address[0]}:{line.remote_address[1]}/call?flow=short"
            ) as next_one:
                assert await next_moment(next_one) == OPENED
    (accident,) = [entry for entry in logged if entry["event"] == Happened.ACCIDENT.value]
    assert accident["exc_info"] is True and accident["flow"] == "short"


async def test_a_fault_in_resuming_a_call_is_told_as_well() -> None:
    calls = DoubleCalls(ZeroDivisionError(), token="secret")
    async with (
        serving(make_app(calls, Settings(), offer, QUICK)) as (_server, address),
        line_back(address, "c-1", showing("secret")) as line,
    ):
        assert (await next_message(line))["message"] == FAULT
        assert await close_code(line) == 1011


async def test_calls_of_this_protocol_can_be_resumed() -> None:
    calls = DoubleCalls()
    async with line_to(calls) as line:
        await next_moment(line)
    assert calls.resumable is True


# --- slow clients ------------------------------------------------------------------------------------------


class SlowSocket:
    """The server's end of a websocket whose client takes nothing until it is `moving`."""

    def __init__(self, code: int = 1006) -> None:
        self.sent: list[dict[str, Any]] = []
        self.moving = asyncio.Event()
        self.gone = asyncio.Event()
        self.broken = False
        self._code = code
        self._connected = False

    async def receive(self) -> dict[str, Any]:
        if not self._connected:
            self._connected = True
            return {"type": "websocket.connect"}
        await self.gone.wait()
        return {"type": "websocket.disconnect", "code": self._code}

    async def send(self, message: Any) -> None:
        if message["type"] != "websocket.accept":
            if self.broken:
                raise RuntimeError("the closing has begun")
            await self.moving.wait()
        self.sent.append(message)

    async def accepted(self) -> WebSocket:
        scope = {"type": "websocket", "headers": [], "path": "/call", "query_string": b""}
        socket = WebSocket(scope, self.receive, self.send)
        await socket.accept()
        return socket

    def audio(self) -> list[bytes]:
        return [m["bytes"] for m in self.sent if m.get("bytes") is not None]

    def words(self) -> list[dict[str, Any]]:
        return [json.loads(m["text"]) for m in self.sent if m.get("text") is not None]


def numbered(number: int) -> Block:
    return np.full(BLOCK, number / 1000, np.float32)


async def test_towards_a_slow_client_the_oldest_audio_goes_and_it_is_told() -> None:
    call, slow = DoubleCall(), SlowSocket()
    line = Line(await slow.accepted(), call, LineLimits(audio_waiting=10))
    carried = asyncio.create_task(line.carry())
    for number in range(100):
        call.say(numbered(number))
        await asyncio.sleep(0.001)
    await asyncio.sleep(0.05)
    slow.moving.set()
    call.finish()
    await asyncio.wait_for(carried, 5)
    assert len(slow.audio()) <= 11
    assert slow.audio()[-1] == to_pcm(numbered(99))
    (dropped,) = [w for w in slow.words() if w["type"] == "dropped"]
    assert dropped["ms"] == (100 - len(slow.audio())) * 20
    assert [w["type"] for w in slow.words() if w["type"] != "dropped"] == ["opened", "closed"]


async def test_what_an_interruption_cut_off_is_not_said_late() -> None:
    call, slow = DoubleCall(), SlowSocket()
    carried = asyncio.create_task(Line(await slow.accepted(), call, QUICK).carry())
    call.say(*[numbered(1)] * 20)
    await asyncio.sleep(0.05)
    call.tell(AgentCeased(0.4, True, "and so on"))
    await asyncio.sleep(0.05)
    slow.moving.set()
    call.finish()
    await asyncio.wait_for(carried, 5)
    assert len(slow.audio()) <= 1
    assert [w["type"] for w in slow.words()] == ["opened", "agent_ceased", "closed"]


async def test_a_client_that_takes_nothing_is_lost_after_a_while_and_its_call_waits() -> None:
    call, stuck = DoubleCall(), SlowSocket()
    await asyncio.wait_for(Line(await stuck.accepted(), call, QUICK).carry(), 5)
    assert (call.lines, call.ended) == (["lost"], [])


async def test_saving_that_hangs_does_not_hold_the_line_for_ever() -> None:
    call, stuck = DoubleCall(), SlowSocket(code=1000)
    stuck.gone.set()
    call.save_s = 3600
    await asyncio.wait_for(Line(await stuck.accepted(), call, QUICK).carry(), 5)
    assert not call.saved.is_set()


async def test_a_call_waits_for_another_line_when_this_one_is_cancelled() -> None:
    call, stuck = DoubleCall(), SlowSocket()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(Line(await stuck.accepted(), call, QUICK).carry)
        await asyncio.sleep(0.05)
        tasks.cancel_scope.cancel()
    assert call.lines == ["lost"]


async def test_words_wait_for_room_and_none_is_lost() -> None:
    outbox = Outbox(audio_limit=2, words_limit=3)
    put = asyncio.create_task(put_many(outbox, 10))
    await asyncio.sleep(0)
    assert not put.done()
    assert [await outbox.next() for _ in range(10)] == [str(n) for n in range(10)]


async def put_many(outbox: Outbox, count: int) -> None:
    for number in range(count):
        await outbox.put_words(str(number))


# --- samples -----------------------------------------------------------------------------------------------


def test_samples_keep_their_value_and_loud_ones_are_clipped() -> None:
    samples = np.array([0, 0.5, -0.5, -1, 1, 7, -7], np.float32)
    assert from_pcm(to_pcm(samples)).tolist() == [0, 0.5, -0.5, -1, 32767 / 32768, 32767 / 32768, -1]
