"""A double of `Calls`: the test says and tells what the agent would, and sees what reached the call."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import numpy as np
import uvicorn
from fastapi import FastAPI

from duplex_frontend.types import Block, Exchange
from orchestrator.calls import Why
from orchestrator.recording import CallClosed, CallOpened, Moment, SlotInfo
from orchestrator.server import OfferedFlow, bind

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

    def __init__(self) -> None:
        self.heard: list[Block] = []
        self.typed: list[str] = []
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

    def feed(self, block: Block) -> None:
        assert block.shape == (BLOCK,) and block.dtype == np.float32
        self.heard.append(block)
        self._wake()

    def type(self, text: str) -> None:
        self.typed.append(text)
        self._wake()

    async def hang_up(self, why: Why = "caller_hung_up") -> None:
        self.ended.append(why)
        await asyncio.sleep(self.save_s)
        self.finish("hung_up")
        self.saved.set()

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
    """`Calls` that opens doubles, or refuses with `refusal`."""

    def __init__(self, refusal: Exception | None = None) -> None:
        self.refusal = refusal
        self.asked_for: list[str] = []
        self.opened: list[DoubleCall] = []

    async def open_call(self, flow: str) -> DoubleCall:
        self.asked_for.append(flow)
        if self.refusal is not None:
            raise self.refusal
        self.opened.append(DoubleCall())
        return self.opened[-1]

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
