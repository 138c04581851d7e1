"""Carries a call over a websocket, for the page and for any other client. The protocol: docs/wire.md.

The front-end owns the clock: blocks go out as they come, none is held back or batched.
"""

from __future__ import annotations

import anyio
from fastapi import WebSocket, WebSocketDisconnect

from duplex_frontend.errors import FrontendError
from duplex_frontend.types import BLOCK_MS
from flows.errors import FlowError
from memory.errors import MemoryFailure, WrongToken
from orchestrator.calls import FAULT, FAULT_IN_CALL, Calls, End, LiveCall, SourceOf, Why
from orchestrator.errors import OrchestratorError
from orchestrator.gateways.browser_wire import (
    BYTES_PER_SAMPLE,
    CLOSE_DONE,
    CLOSE_ELSEWHERE,
    CLOSE_FAILED,
    CLOSE_REFUSED,
    CLOSE_RESTARTING,
    CLOSE_SUSPENDED,
    CLOSE_TRY_LATER,
    WHY_BY_CODE,
    BadRequest,
    HangUp,
    Keyed,
    LineLimits,
    dropped_message,
    error_message,
    from_pcm,
    read_request,
    read_token,
    to_pcm,
    token_message,
)
from orchestrator.gateways.outbox import Outbox
from orchestrator.leaving import Leaving
from orchestrator.recording import AgentCeased, CallClosed, CallOpened, dump_moment
from orchestrator.telemetry import Happened, about, log

_CLOSES: dict[End, int] = {
    "over": CLOSE_DONE,
    "failed": CLOSE_FAILED,
    "suspended": CLOSE_SUSPENDED,
    "restarting": CLOSE_RESTARTING,
    "elsewhere": CLOSE_ELSEWHERE,
}
_REASONS: dict[End, str] = {
    "over": "the call is over",
    "failed": "a fault of the server",
    "suspended": "come back with the token",
    "restarting": "the server is being restarted; come back with the token",
    "elsewhere": "the call has another line",
}


class BrowserGateway:
    """Opens a call for each websocket and carries it.

    Args:
        calls: where calls are opened.
        source_of: the name that a client asked for → what `open_call` is given. Raises FlowError. A client cannot
            name a file.
        leaving: whether calls are still taken.
        number: that callers here are taken to ring from, "" for withheld: a browser has none.
    """

    def __init__(
        self,
        calls: Calls,
        source_of: SourceOf,
        leaving: Leaving,
        limits: LineLimits | None = None,
        number: str = "",
    ) -> None:
        self._calls = calls
        self._leaving = leaving
        self._number = number
        self._source_of = source_of
        self._limits = limits or LineLimits()
        self._lines: dict[str, Line] = {}  # the newest of each call

    async def serve(self, socket: WebSocket, flow: str, resume: str = "") -> None:
        """Answer one client, and carry its call to its end.

        Args:
            flow: of a new call.
            resume: the id of a call to go on with instead; its token is the first message.
        """
        await socket.accept()
        call = await self._answer(socket, flow, resume)
        if call is None:
            return
        before = self._lines.get(call.id)
        if before is not None:
            await before.give_way()
        line = self._lines[call.id] = Line(socket, call, self._limits)
        self._leaving.came()
        try:
            with about(call=call.id):
                log(Happened.CALL_RESUMED if resume else Happened.CALL_OPENED, flow=flow)
                await line.carry()
        finally:
            self._leaving.went()
            if self._lines.get(call.id) is line:
                del self._lines[call.id]

    async def _answer(self, socket: WebSocket, flow: str, resume: str) -> LiveCall | None:
        """Open a call, or go on with one. None: it was refused, and the client was told why."""
        try:
            self._leaving.check()
            if resume:
                return await self._calls.resume(resume, await self._token_from(socket), self._source_of)
            return await self._calls.open_call(await self._source_of(flow), number=self._number)
        except (FlowError, WrongToken, BadRequest) as wrong:
            log(Happened.CALL_REFUSED, why=type(wrong).__name__)
            await _refuse(socket, str(wrong), CLOSE_REFUSED)
        except (FrontendError, MemoryFailure, OrchestratorError) as wrong:
            log(Happened.CALL_REFUSED, flow=flow, why=type(wrong).__name__)
            await _refuse(socket, str(wrong), CLOSE_TRY_LATER)
        except WebSocketDisconnect:
            log(Happened.CALL_REFUSED, why="gone")
        except Exception:  # a fault of ours: this client is told, and others are served all the same
            log(Happened.ACCIDENT, flow=flow, exc_info=True)
            await _refuse(socket, FAULT, CLOSE_FAILED)
        return None

    async def _token_from(self, socket: WebSocket) -> str:
        try:
            with anyio.fail_after(self._limits.token_within_s):
                message = await socket.receive()
        except TimeoutError:
            raise BadRequest("no resume token came") from None
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code") or 1006)
        return read_token(message.get("text") or "")


class Line:
    """One call and the websocket that it goes over."""

    def __init__(self, socket: WebSocket, call: LiveCall, limits: LineLimits) -> None:
        self._socket = socket
        self._call = call
        self._limits = limits
        self._outbox = Outbox(limits.audio_waiting, limits.words_waiting)
        self._why: Why = "line_lost"
        self._over = False
        self._displaced = False
        self._outcome = ""
        self._sent_all = anyio.Event()
        self._scope = anyio.CancelScope()
        self._gone = anyio.Event()

    async def give_way(self) -> None:
        """The caller has come back on another line. Returns once this one carries nothing any more."""
        self._displaced = True
        self._scope.cancel()
        await self._gone.wait()

    async def carry(self) -> None:
        """Pass audio and words both ways until the call or the line ends.

        A call whose caller hangs up ends and is saved; one whose line is lost waits for another line.
        """
        try:
            with self._scope:
                await self._call.line_back()
                await self._pass()
        finally:
            try:
                await self._leave()
            finally:
                self._gone.set()

    async def _pass(self) -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._pass_audio)
            tasks.start_soon(self._pass_moments)
            tasks.start_soon(self._send, tasks.cancel_scope)
            await self._listen()
            tasks.cancel_scope.cancel()

    async def _leave(self) -> None:
        if self._outbox.dropped_blocks:
            log(Happened.LINE_SLOW, blocks=self._outbox.dropped_blocks)
        if self._displaced:
            self._call.line_lost()
            with anyio.move_on_after(self._limits.last_words_within_s, shield=True):
                await self._close("elsewhere")
        elif self._over:
            log(Happened.CALL_CLOSED, outcome=self._outcome or self._call.end)
        elif self._why == "line_lost":
            self._call.line_lost()
        else:
            await self._hang_up()
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
            if isinstance(moment, CallOpened) and self._call.token:
                await self._outbox.put_words(token_message(self._call.id, self._call.token))
        self._over = True
        self._outbox.close()

    async def _send(self, line: anyio.CancelScope) -> None:
        try:
            while (item := await self._outbox.next()) is not None:
                with anyio.fail_after(self._limits.send_within_s):
                    if dropped := self._outbox.dropped_since_told():
                        await self._socket.send_text(dropped_message(dropped))
                    if isinstance(item, bytes):
                        await self._socket.send_bytes(item)
                    else:
                        await self._socket.send_text(item)
            with anyio.move_on_after(self._limits.last_words_within_s):
                if self._call.end == "failed":
                    await self._socket.send_text(error_message(FAULT_IN_CALL))
                await self._close(self._call.end)
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
                self._why = WHY_BY_CODE.get(message.get("code") or 0, "line_lost")
                if self._why == "line_lost":
                    log(Happened.LINE_LOST, code=message.get("code") or 0)
                return
            try:
                if message.get("bytes") is not None:
                    self._hear(message["bytes"])
                    continue
                request = read_request(message.get("text") or "", self._limits.text_chars)
            except BadRequest as wrong:
                await self._outbox.put_words(error_message(str(wrong)))
                continue
            if isinstance(request, HangUp):
                self._why = "caller_hung_up"
                await self._hang_up()
                with anyio.move_on_after(self._limits.last_words_within_s):
                    await self._sent_all.wait()
                return
            if isinstance(request, Keyed):
                self._call.press(request.keys)
            else:
                self._call.type(request.text)

    def _hear(self, pcm: bytes) -> None:
        block_bytes = self._call.rate_hz * BLOCK_MS // 1000 * BYTES_PER_SAMPLE
        blocks, rest = divmod(len(pcm), block_bytes)
        if rest or not 1 <= blocks <= self._limits.blocks_per_message:
            raise BadRequest(
                f"audio of {len(pcm)} bytes was left out: send 1 to {self._limits.blocks_per_message} blocks of "
                f"{block_bytes} bytes in a message (20 ms, 16 bit little-endian, mono, {self._call.rate_hz} Hz)"
            )
        for block in from_pcm(pcm).reshape(blocks, -1):
            self._call.feed(block)

    async def _hang_up(self) -> None:
        """End the call and save it, whatever happens to us meanwhile, within a bounded time."""
        with anyio.move_on_after(self._limits.save_within_s, shield=True) as saving:
            await self._call.hang_up(self._why)
        if saving.cancelled_caught:
            log(Happened.SAVE_OVERDUE, seconds=self._limits.save_within_s)

    async def _close(self, end: End) -> None:
        try:
            await self._socket.close(_CLOSES[end], _REASONS[end])
        except RuntimeError:
            return  # it is closed already


async def _refuse(socket: WebSocket, why: str, code: int) -> None:
    try:
        await socket.send_text(error_message(why))
        await socket.close(code, "the call was refused")
    except WebSocketDisconnect:
        return  # nobody is left to tell
