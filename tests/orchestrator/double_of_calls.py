"""A double of `Calls`: the test says and tells what the agent would, and sees what reached the call."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import numpy as np
import uvicorn
from fastapi import FastAPI

from duplex_frontend.types import Block, Exchange
from memory.errors import WrongToken
from orchestrator.calls import End, SourceOf, Why
from orchestrator.offer import OfferedFlow
from orchestrator.recording import CallClosed, CallOpened, Moment, SlotInfo
from orchestrator.server import bind

RATE_HZ = 16_000
BLOCK = 320
SILENCE = np.zeros(BLOCK, np.float32)
OPENED = CallOpened(
    "c-1", "short", "A short call", "Claire", RATE_HZ, (SlotInfo("consent", "consent", "yes_no", True),)
)
OFFERED = (OfferedFlow("short", "A short call", "Riverside", "Claire", "en-US", 1, "flows/short.yaml"),)


class DoubleCall:
    """A `LiveCall` that does nothing by itself."""

    id = "c-1"
    rate_hz = RATE_HZ
    end: End = "over"

    def __init__(self, token: str = "") -> None:
        self.token = token
        self.lines: list[str] = []  # "lost" and "back", as it was told
        self.heard: list[Block] = []
        self.typed: list[str] = []
        self.keyed: list[str] = []
        self.ended: list[Why] = []
        self.save_s = 0.0
        self.saved = asyncio.Event()
        self.news = asyncio.Event()
        self._moments: list[Moment] = [OPENED]
        self._said: list[Block] = []
        self._over = False

    def say(self, *blocks: Block) -> None:
        self._said.extend(blocks)
        self._wake()

    def tell(self, *moments: Moment) -> None:
        self._moments.extend(moments)
        self._wake()

    def finish(self, outcome: str = "complete") -> None:
        """The call ends by itself."""
        if not self._over:
            self._over = True
            self.tell(CallClosed(outcome, 1.0, ""))

    def leave(self, end: End) -> None:
        """The call leaves this process without being over."""
        self._over, self.end = True, end
        self._wake()

    def feed(self, block: Block) -> None:
        assert block.shape == (BLOCK,) and block.dtype == np.float32
        self.heard.append(block)
        self._wake()

    def type(self, text: str) -> None:
        self.typed.append(text)
        self._wake()

    def press(self, keys: str) -> None:
        self.keyed.append(keys)
        self._wake()

    async def hang_up(self, why: Why = "caller_hung_up") -> None:
        self.ended.append(why)
        await asyncio.sleep(self.save_s)
        self.finish("hung_up")
        self.saved.set()

    def line_lost(self) -> None:
        self.lines.append("lost")
        self._wake()

    async def line_back(self) -> None:
        if self.lines and self.lines[-1] == "lost":
            self.lines.append("back")
            self._wake()

    async def audio(self) -> AsyncIterator[Exchange]:
        at = 0
        while True:
            while at < len(self._said):
                yield Exchange(SILENCE, self._said[at], at * 0.02)
                at += 1
            if self._over:
                return
            await self.news.wait()

    async def moments(self) -> AsyncIterator[Moment]:
        at = 0
        while True:
            while at < len(self._moments):
                yield self._moments[at]
                at += 1
            if self._over:
                return
            await self.news.wait()

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait until something is so; fails after 5 s."""
        async with asyncio.timeout(5):
            while not true():
                await self.news.wait()

    def _wake(self) -> None:
        self.news.set()
        self.news = asyncio.Event()


class DoubleCalls:
    """`Calls` that opens doubles, or refuses with `refusal`. `token`: what they can be resumed with."""

    def __init__(self, refusal: Exception | None = None, token: str = "") -> None:
        self.refusal = refusal
        self.token = token
        self.asked_for: list[str] = []
        self.resumable: bool | None = None  # as it was last asked for
        self.opened: list[DoubleCall] = []

    async def open_call(self, flow: str, *, number: str = "", resumable: bool = True) -> DoubleCall:
        self.asked_for.append(flow)
        self.resumable = resumable
        if self.refusal is not None:
            raise self.refusal
        self.opened.append(DoubleCall(self.token))
        return self.opened[-1]

    async def resume(self, call: str, token: str, source_of: SourceOf) -> DoubleCall:
        if self.refusal is not None:
            raise self.refusal
        if not self.opened or (call, token) != (self.call.id, self.call.token):
            raise WrongToken("there is no call to go on with by this token")
        return self.call

    @property
    def call(self) -> DoubleCall:
        return self.opened[-1]


def offer() -> Sequence[OfferedFlow]:
    return OFFERED


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[tuple[uvicorn.Server, str]]:
    """The app on a real socket: (server, `127.0.0.1:PORT`)."""
    listening = bind("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None, access_log=False))
    running = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield server, f"127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running
