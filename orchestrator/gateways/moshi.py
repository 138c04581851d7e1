"""Serves upstream's websocket protocol at `/api/chat`, so that the web pages, clients and plugins that were made for
Moshi's and PersonaPlex's own servers reach any front-end, many at a time. The protocol: `moshi_wire`, docs/moshi.md.
"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Mapping

import anyio
from fastapi import WebSocket

from duplex_frontend.errors import EngineLost, FrontendError, NoSeat, NoVoice
from duplex_frontend.ports import DuplexFrontend
from flows.errors import FlowError
from memory.errors import MemoryFailure
from orchestrator.calls import FAULT, Calls
from orchestrator.errors import OrchestratorError, ServerLeaves
from orchestrator.gateways.moshi_calls import BareCall, Carried, LedCall
from orchestrator.gateways.moshi_line import (
    CLOSE_FAILED,
    CLOSE_REFUSED,
    CLOSE_TRY_LATER,
    Ending,
    MoshiLimits,
    MoshiLine,
)
from orchestrator.gateways.moshi_wire import BadWish, Wish, read_wish
from orchestrator.gateways.opus import NoOpus
from orchestrator.leaving import Leaving
from orchestrator.telemetry import Happened, log


class MoshiGateway:
    """Opens a call for each websocket and carries it.

    Args:
        frontend: where calls without a flow are opened; it also says the rate of all.
        calls: where calls with a flow are opened, on the same front-end.
        source_of: see `BrowserGateway`.
        leaving: whether calls are still taken.
        usual_flow: for clients that name none; "" gives them the front-end by itself.
    """

    def __init__(
        self,
        frontend: DuplexFrontend,
        calls: Calls,
        source_of: Callable[[str], Awaitable[str]],
        leaving: Leaving,
        usual_flow: str = "",
        limits: MoshiLimits | None = None,
    ) -> None:
        self._frontend = frontend
        self._calls = calls
        self._source_of = source_of
        self._leaving = leaving
        self._usual_flow = usual_flow
        self._limits = limits or MoshiLimits()
        self._freed = anyio.Event()
        self._first_in_line = anyio.Lock()
        self._waiting = 0
        self._open_calls = 0

    async def serve(self, socket: WebSocket, query: Mapping[str, str]) -> None:
        """Answer one client: find it a seat and carry its call to the end."""
        await socket.accept()
        try:
            line = MoshiLine(socket, self._frontend.capabilities.rate_hz, self._limits)
        except NoOpus as missing:
            log(Happened.CALL_REFUSED, why=type(missing).__name__)
            await socket.close(CLOSE_FAILED, str(missing)[:120])
            return
        try:
            wish = self._meant(read_wish(query))
            source = await self._source_of(wish.flow) if wish.flow else ""
            await line.carry(lambda: self._seat(line, wish, source))
        except (FlowError, FrontendError, MemoryFailure, OrchestratorError) as wrong:
            log(Happened.CALL_REFUSED, why=type(wrong).__name__)
            await line.refuse(Ending(_code(wrong), str(wrong)))
        except Exception:  # a fault of ours: this client is told, and others are served all the same
            log(Happened.ACCIDENT, exc_info=True)
            await line.refuse(Ending(CLOSE_FAILED, FAULT))

    def _meant(self, wish: Wish) -> Wish:
        wish = Wish(wish.flow or self._usual_flow, wish.persona)
        if not wish.flow and not self._frontend.capabilities.phrases_itself:
            raise BadWish(
                "the voice of this server says what a flow gives it and nothing by itself; "
                "ring with ?flow=NAME, or set server.moshi_flow"
            )
        return wish

    # --- seats ---

    async def _seat(self, line: MoshiLine, wish: Wish, source: str) -> None:
        """Upstream's servers hold one call and let others wait without a handshake. So do we, for a while."""
        if self._waiting == 0:
            try:
                return await self._open(line, wish, source)
            except NoSeat as full:
                why = full
        else:
            why = NoSeat(self._open_calls)
        if self._waiting >= self._limits.clients_waiting:
            raise why
        self._waiting += 1
        try:
            with anyio.move_on_after(self._limits.wait_for_seat_s):
                async with self._first_in_line:
                    return await self._open_when_free(line, wish, source)
        finally:
            self._waiting -= 1
        raise why

    async def _open_when_free(self, line: MoshiLine, wish: Wish, source: str) -> None:
        while True:
            freed = self._freed
            try:
                return await self._open(line, wish, source)
            except NoSeat:
                with anyio.move_on_after(self._limits.look_again_s):
                    await freed.wait()

    async def _open(self, line: MoshiLine, wish: Wish, source: str) -> None:
        self._leaving.check()
        with anyio.CancelScope(shield=True):  # a call that was opened is taken, and so ended, by somebody
            call: Carried
            if wish.flow:
                call = LedCall(await self._calls.open_call(source, resumable=False))
            else:
                call = BareCall(uuid.uuid4().hex[:12], await self._frontend.open(wish.persona))
            self._open_calls += 1
            self._leaving.came()
            line.take(call, self._left)

    def _left(self) -> None:
        self._open_calls -= 1
        self._leaving.went()
        self._freed.set()
        self._freed = anyio.Event()


def _code(wrong: Exception) -> int:
    """Whether trying again may help."""
    lasting = not isinstance(wrong, NoSeat | NoVoice | EngineLost | MemoryFailure | ServerLeaves)
    return CLOSE_REFUSED if lasting else CLOSE_TRY_LATER
