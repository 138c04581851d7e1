"""One client of Moshi's protocol and the call that it is given: sound and words, both ways, to a clear end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import anyio
import numpy as np
from anyio.abc import TaskGroup
from fastapi import WebSocket, WebSocketDisconnect

from duplex_frontend.errors import EngineLost
from orchestrator.calls import Why
from orchestrator.gateways.moshi_calls import Carried, GaveWay
from orchestrator.gateways.moshi_wire import Kind, message, reason
from orchestrator.gateways.opus import BadOpus, OpusIn, OpusOut
from orchestrator.gateways.outbox import Outbox
from orchestrator.telemetry import Happened, log

CLOSE_DONE = 1000
CLOSE_BROKEN = 1007  # the sound is no Ogg-Opus stream
CLOSE_REFUSED = 1008  # trying again does not help
CLOSE_FAILED = 1011
CLOSE_TRY_LATER = 1013
_WHY_BY_CODE: dict[int, Why] = {1000: "caller_hung_up", 1001: "caller_hung_up", 1012: "stopped"}


@dataclass(frozen=True, slots=True)
class MoshiLimits:
    """What one client may ask of us, and how long we wait for it."""

    audio_waiting: int = 50  # blocks towards a slow client
    words_waiting: int = 64
    useless_messages: int = 100  # unknown kinds, text frames
    ahead_s: float = 60.0  # sound beyond the time that has passed, for what waited until the handshake
    send_within_s: float = 15.0
    save_within_s: float = 10.0
    last_words_within_s: float = 2.0
    clients_waiting: int = 16  # for a seat
    wait_for_seat_s: float = 30.0
    look_again_s: float = 0.5  # whether a seat was freed by somebody else's call


@dataclass(frozen=True, slots=True)
class Ending:
    """How the line is closed. `wrong`: the client is told in a message as well."""

    code: int
    text: str
    wrong: bool = True


def _nothing() -> None:
    """Before there is a seat."""


_KINDS = frozenset(Kind)
_OVER = Ending(CLOSE_DONE, "the call is over", wrong=False)


class MoshiLine:
    """A websocket that was accepted, before and while it has a call.

    Args:
        rate_hz: of the call's blocks.

    Raises:
        NoOpus
    """

    def __init__(self, socket: WebSocket, rate_hz: int, limits: MoshiLimits) -> None:
        self._socket = socket
        self._limits = limits
        self._hears = OpusIn(rate_hz)
        self._speaks = OpusOut(rate_hz)
        self._outbox = Outbox(limits.audio_waiting, limits.words_waiting)
        self._call: Carried | None = None
        self._left: Callable[[], None] = _nothing
        self._ending = _OVER
        self._gone = False  # nobody is left to tell
        self._why: Why = "line_lost"
        self._useless = 0

    def take(self, call: Carried, left: Callable[[], None]) -> None:
        """The client's seat was found. `left` is called once it is free again."""
        self._call, self._left = call, left

    async def carry(self, seat: Callable[[], Awaitable[None]]) -> None:
        """Find a seat with `seat`, which calls `take`, and carry the call to its end; then close the line.

        Raises:
            Whatever `seat` raises; the line is open then, and without a call.
        """
        refused: Exception | None = None
        try:
            async with anyio.create_task_group() as tasks:
                began = anyio.current_time()
                tasks.start_soon(self._listen, tasks.cancel_scope, began)
                try:
                    await seat()
                except Exception as why:  # handed on below, out of the group
                    refused = why
                else:
                    await self._converse(tasks)
                tasks.cancel_scope.cancel()
        finally:
            await self._finish(refused)
        if refused is not None and not self._gone:
            raise refused

    async def refuse(self, ending: Ending) -> None:
        """Close a line that has no call."""
        self._ending = ending
        await self._say_goodbye()

    # --- towards the client ---

    async def _converse(self, tasks: TaskGroup) -> None:
        assert self._call is not None
        log(Happened.CALL_OPENED, call=self._call.id)
        tasks.start_soon(self._pass, self._call)
        try:
            await self._send()
        except TimeoutError:
            log(Happened.LINE_LOST, why="took nothing")
            self._ending = Ending(CLOSE_REFUSED, "nothing was taken for too long", wrong=False)
        except (WebSocketDisconnect, RuntimeError):  # the latter where the server has begun to close it
            self._gone = True
            await anyio.sleep(self._limits.last_words_within_s)  # who listens is about to learn why

    async def _pass(self, call: Carried) -> None:
        try:
            async with anyio.create_task_group() as both:
                both.start_soon(self._pass_audio, call)
                await self._pass_words(call, both.cancel_scope)
        finally:
            self._outbox.close()

    async def _pass_audio(self, call: Carried) -> None:
        async for exchange in call.audio():
            self._outbox.put_audio(exchange.said.astype(np.float32).tobytes())

    async def _pass_words(self, call: Carried, both: anyio.CancelScope) -> None:
        try:
            async for said in call.said():
                if isinstance(said, GaveWay):
                    self._outbox.forget_audio()
                else:
                    await self._outbox.put_words(" " + said.strip())
        except EngineLost as lost:
            log(Happened.PART_IMPAIRED, part="engine", why=type(lost).__name__)
            self._ending = Ending(CLOSE_FAILED, str(lost))
            both.cancel()

    async def _send(self) -> None:
        """Whatever waits, in order; the handshake before the first of it, for then the call's clock runs."""
        ready = False
        while (item := await self._outbox.next()) is not None:
            with anyio.fail_after(self._limits.send_within_s):
                if not ready:
                    await self._socket.send_bytes(message(Kind.HANDSHAKE))
                    ready = True
                if isinstance(item, str):
                    await self._socket.send_bytes(message(Kind.TEXT, item.encode()))
                elif pages := self._speaks.feed(np.frombuffer(item, np.float32)):
                    await self._socket.send_bytes(message(Kind.AUDIO, pages))

    # --- from the client ---

    async def _listen(self, line: anyio.CancelScope, began: float) -> None:
        while True:
            received = await self._socket.receive()
            if received["type"] == "websocket.disconnect":
                self._gone = True
                self._why = _WHY_BY_CODE.get(received.get("code") or 0, "line_lost")
                if self._why == "line_lost":
                    log(Happened.LINE_LOST, code=received.get("code") or 0)
                break
            wrong = self._read(received.get("bytes") or b"", anyio.current_time() - began)
            if wrong is not None:
                self._ending = wrong
                break
        line.cancel()

    def _read(self, data: bytes, passed_s: float) -> Ending | None:
        """Take one message. Returns how to close the line where it cannot go on."""
        if data and data[0] == Kind.AUDIO:
            try:
                self._hear(data[1:])
            except BadOpus as broken:
                return Ending(CLOSE_BROKEN, str(broken))
            if self._hears.seconds > passed_s + self._limits.ahead_s:
                return Ending(
                    CLOSE_REFUSED, "sound came faster than anybody speaks; send it as it is recorded"
                )
            return None
        if data and data[0] in _KINDS:
            return None  # control, metadata and ping: upstream's servers pass over them as well
        self._useless += 1
        if self._useless > self._limits.useless_messages:
            return Ending(CLOSE_REFUSED, "too many messages that the protocol lacks; send sound as kind 1")
        return None

    def _hear(self, data: bytes) -> None:
        """Before there is a call the stream is read all the same: its headers come but once."""
        for block in self._hears.feed(data):
            if self._call is not None:
                self._call.feed(block)

    # --- the end ---

    async def _finish(self, refused: Exception | None) -> None:
        """Hang up and say goodbye, whatever happens to us meanwhile, within a bounded time."""
        if self._outbox.dropped_blocks:
            log(Happened.LINE_SLOW, blocks=self._outbox.dropped_blocks)
        with anyio.CancelScope(shield=True):
            async with anyio.create_task_group() as last:
                last.start_soon(self._hang_up)
                if refused is None:
                    last.start_soon(self._say_goodbye)
        if self._call is not None:
            log(
                Happened.CALL_CLOSED,
                call=self._call.id,
                outcome=self._why if self._gone else str(self._ending.code),
            )

    async def _hang_up(self) -> None:
        if self._call is None:
            return
        try:
            with anyio.move_on_after(self._limits.save_within_s) as saving:
                await self._call.end(self._why)
            if saving.cancelled_caught:
                log(Happened.SAVE_OVERDUE, seconds=self._limits.save_within_s)
        finally:
            self._left()

    async def _say_goodbye(self) -> None:
        if self._gone:
            return
        with anyio.move_on_after(self._limits.last_words_within_s):
            try:
                if self._ending.wrong:
                    await self._socket.send_bytes(message(Kind.ERROR, self._ending.text.encode()))
                await self._socket.close(self._ending.code, reason(self._ending.text))
            except (WebSocketDisconnect, RuntimeError):
                self._gone = True
