"""Carries a call over a websocket, for the page and for any other client. The protocol: docs/wire.md.

The front-end owns the clock: blocks go out as they come, none is held back or batched.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Literal

import anyio
import numpy as np
from fastapi import WebSocket, WebSocketDisconnect
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from duplex_frontend.errors import FrontendError
from duplex_frontend.types import BLOCK_MS, Block
from flows.errors import FlowError
from memory.errors import MemoryFailure
from orchestrator.calls import Calls, LiveCall, Why
from orchestrator.errors import OrchestratorError
from orchestrator.gateways.outbox import Outbox
from orchestrator.recording import AgentCeased, CallClosed, dump_moment
from orchestrator.telemetry import Happened, about, log

CLOSE_DONE = 1000
CLOSE_REFUSED = 1008  # no such flow, or it has mistakes: trying again does not help
CLOSE_TRY_LATER = 1013  # no seat, no voice
_WHY_BY_CODE: dict[int, Why] = {1000: "caller_hung_up", 1001: "caller_hung_up", 1012: "stopped"}
_BYTES_PER_SAMPLE = 2
_FULL_SCALE = 32768


@dataclass(frozen=True, slots=True)
class LineLimits:
    """What one client may ask of us, and how long we wait for it."""

    blocks_per_message: int = 50  # 1 s of audio
    text_chars: int = 500
    audio_waiting: int = 50  # blocks towards a slow client
    words_waiting: int = 64
    send_within_s: float = 15.0
    save_within_s: float = 10.0
    last_words_within_s: float = 2.0


class Typed(BaseModel):
    """What the caller typed instead of saying it."""

    model_config = ConfigDict(extra="forbid")
    type: Literal["text"]
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class HangUp(BaseModel):
    model_config = ConfigDict(extra="forbid")
    type: Literal["hang_up"]


_request: TypeAdapter[Typed | HangUp] = TypeAdapter(Annotated[Typed | HangUp, Field(discriminator="type")])


class BadRequest(OrchestratorError):
    """A client sent something that the protocol does not have. The call goes on."""


class BrowserGateway:
    """Opens a call for each websocket and carries it.

    Args:
        calls: where calls are opened.
        source_of: the name that a client asked for → what `open_call` is given. Raises FlowError. A client cannot
            name a file.
    """

    def __init__(
        self, calls: Calls, source_of: Callable[[str], Awaitable[str]], limits: LineLimits | None = None
    ) -> None:
        self._calls = calls
        self._source_of = source_of
        self._limits = limits or LineLimits()
        self.open_calls = 0

    async def serve(self, socket: WebSocket, flow: str) -> None:
        """Answer one client: open a call that follows `flow` and carry it to its end."""
        await socket.accept()
        try:
            call = await self._calls.open_call(await self._source_of(flow))
        except FlowError as wrong:
            log(Happened.CALL_REFUSED, why=type(wrong).__name__)
            await _refuse(socket, wrong, CLOSE_REFUSED)
            return
        except (FrontendError, MemoryFailure, OrchestratorError) as wrong:
            log(Happened.CALL_REFUSED, flow=flow, why=type(wrong).__name__)
            await _refuse(socket, wrong, CLOSE_TRY_LATER)
            return
        self.open_calls += 1
        try:
            with about(call=call.id):
                log(Happened.CALL_OPENED, flow=flow)
                await Line(socket, call, self._limits).carry()
        finally:
            self.open_calls -= 1


class Line:
    """One call and the websocket that it goes over."""

    def __init__(self, socket: WebSocket, call: LiveCall, limits: LineLimits) -> None:
        self._socket = socket
        self._call = call
        self._limits = limits
        self._outbox = Outbox(limits.audio_waiting, limits.words_waiting)
        self._why: Why = "line_lost"
        self._over = False
        self._outcome = ""
        self._sent_all = anyio.Event()

    async def carry(self) -> None:
        """Pass audio and words both ways until the call or the line ends; the call is saved in any case."""
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._pass_audio)
                tasks.start_soon(self._pass_moments)
                tasks.start_soon(self._send, tasks.cancel_scope)
                await self._listen()
                tasks.cancel_scope.cancel()
        finally:
            if not self._over:
                await self._hang_up()
            if self._outbox.dropped_blocks:
                log(Happened.LINE_SLOW, blocks=self._outbox.dropped_blocks)
            log(Happened.CALL_CLOSED, outcome=self._outcome or self._why)

    # --- towards the caller ---

    async def _pass_audio(self) -> None:
        async for exchange in self._call.audio():
            self._outbox.put_audio(to_pcm(exchange.said))

    async def _pass_moments(self) -> None:
        async for moment in self._call.moments():
            if isinstance(moment, AgentCeased) and moment.interrupted:
                self._outbox.forget_audio()
            if isinstance(moment, CallClosed):
                self._outcome = moment.outcome
            await self._outbox.put_words(dump_moment(moment).decode())
        self._over = True
        self._outbox.close()

    async def _send(self, line: anyio.CancelScope) -> None:
        try:
            while (item := await self._outbox.next()) is not None:
                with anyio.fail_after(self._limits.send_within_s):
                    if dropped := self._outbox.dropped_since_told():
                        await self._socket.send_text(_dropped(dropped))
                    if isinstance(item, bytes):
                        await self._socket.send_bytes(item)
                    else:
                        await self._socket.send_text(item)
            with anyio.move_on_after(self._limits.last_words_within_s):
                await self._socket.close(CLOSE_DONE, "the call is over")
        except TimeoutError:
            log(Happened.LINE_LOST, why="took nothing")
        except (WebSocketDisconnect, RuntimeError):  # the latter where the server has begun to close it
            await anyio.sleep(self._limits.last_words_within_s)  # who listens is about to learn why
        self._sent_all.set()
        line.cancel()

    # --- from the caller ---

    async def _listen(self) -> None:
        """Take what the client sends until it is gone or hangs up."""
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                self._why = _WHY_BY_CODE.get(message.get("code") or 0, "line_lost")
                if self._why == "line_lost":
                    log(Happened.LINE_LOST, code=message.get("code") or 0)
                return
            try:
                if message.get("bytes") is not None:
                    self._hear(message["bytes"])
                    continue
                request = self._read(message.get("text") or "")
            except BadRequest as wrong:
                await self._outbox.put_words(error_message(str(wrong)))
                continue
            if isinstance(request, HangUp):
                self._why = "caller_hung_up"
                await self._hang_up()
                with anyio.move_on_after(self._limits.last_words_within_s):
                    await self._sent_all.wait()
                return
            self._call.type(request.text)

    def _hear(self, pcm: bytes) -> None:
        block_bytes = self._call.rate_hz * BLOCK_MS // 1000 * _BYTES_PER_SAMPLE
        blocks, rest = divmod(len(pcm), block_bytes)
        if rest or not 1 <= blocks <= self._limits.blocks_per_message:
            raise BadRequest(
                f"audio of {len(pcm)} bytes was left out: send 1 to {self._limits.blocks_per_message} blocks of "
                f"{block_bytes} bytes in a message (20 ms, 16 bit little-endian, mono, {self._call.rate_hz} Hz)"
            )
        for block in from_pcm(pcm).reshape(blocks, -1):
            self._call.feed(block)

    def _read(self, text: str) -> Typed | HangUp:
        try:
            request = _request.validate_json(text)
        except ValidationError:
            raise BadRequest(
                'this message was left out: send {"type":"text","text":"..."} with some text, or {"type":"hang_up"}'
            ) from None
        if isinstance(request, Typed) and len(request.text) > self._limits.text_chars:
            raise BadRequest(f"this text is too long: send at most {self._limits.text_chars} characters")
        return request

    async def _hang_up(self) -> None:
        """End the call and save it, whatever happens to us meanwhile, within a bounded time."""
        with anyio.move_on_after(self._limits.save_within_s, shield=True) as saving:
            await self._call.hang_up(self._why)
        if saving.cancelled_caught:
            log(Happened.SAVE_OVERDUE, seconds=self._limits.save_within_s)


# --- on the wire -------------------------------------------------------------------------------------------


def to_pcm(block: Block) -> bytes:
    """float32 [samples] -1..1 → 16 bit little-endian; what is louder is clipped."""
    return np.clip(np.rint(block * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE - 1).astype("<i2").tobytes()


def from_pcm(pcm: bytes) -> Block:
    """16 bit little-endian → float32 [samples] -1..1."""
    return np.frombuffer(pcm, "<i2").astype(np.float32) / np.float32(_FULL_SCALE)


def error_message(message: str) -> str:
    return json.dumps({"type": "error", "message": message}, ensure_ascii=False)


def _dropped(blocks: int) -> str:
    told = f"the line is too slow: {blocks * BLOCK_MS} ms of the agent's voice were dropped"
    return json.dumps({"type": "dropped", "ms": blocks * BLOCK_MS, "message": told})


async def _refuse(socket: WebSocket, wrong: Exception, code: int) -> None:
    try:
        await socket.send_text(error_message(str(wrong)))
        await socket.close(code, "the call was refused")
    except WebSocketDisconnect:
        return  # nobody is left to tell
