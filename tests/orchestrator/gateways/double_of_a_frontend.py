"""A double of a speech model: it says back what it hears, 100 ms later, and names each sound that begins.

It stands in for the engine, whose model does not fit here; it speaks the ports `DuplexFrontend` and `DuplexCall`,
with a clock of its own.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator

import numpy as np

from duplex_frontend.channel import Channel
from duplex_frontend.errors import EngineLost, NoSeat
from duplex_frontend.types import (
    BLOCK_S,
    AgentStopped,
    AgentWords,
    Block,
    Capabilities,
    Exchange,
    Expected,
    FrontendEvent,
    Persona,
    Prompt,
)

DELAY_BLOCKS = 5
GAP_BLOCKS = 20  # of silence between two sounds


class EchoCall:
    """One call; its clock is a task."""

    def __init__(self, frontend: EchoFrontend, persona: Persona) -> None:
        self.persona = persona
        self.heard: deque[Block] = deque(maxlen=50)
        self.fed = 0
        self.closed = False
        self._frontend = frontend
        self._samples = frontend.capabilities.rate_hz // 50
        self._audio: Channel[Exchange] = Channel(500)
        self._events: Channel[FrontendEvent] = Channel(500)
        self._lost: EngineLost | None = None
        self._clock = asyncio.create_task(self._run())

    async def _run(self) -> None:
        silence = np.zeros(self._samples, np.float32)
        said = deque([silence] * DELAY_BLOCKS)
        loop, at, quiet = asyncio.get_running_loop(), 0, GAP_BLOCKS
        began = loop.time()
        while True:
            await asyncio.sleep(max(0.0, began + at * BLOCK_S - loop.time()))
            heard = self.heard.popleft() if self.heard else silence
            said.append(heard)
            out = said.popleft()
            self._audio.put(Exchange(heard, out, at * BLOCK_S))
            loud = np.abs(out).max() > 0.05
            if loud and quiet >= GAP_BLOCKS:
                self._events.put(AgentWords("beep", 0, at * BLOCK_S, at * BLOCK_S))
            quiet = 0 if loud else quiet + 1
            at += 1

    def feed(self, block: Block) -> None:
        if block.shape != (self._samples,) or block.dtype != np.float32:
            raise ValueError(f"a block of {block.shape}")
        self.fed += 1
        self.heard.append(block)

    def audio(self) -> AsyncIterator[Exchange]:
        return aiter(self._audio)

    async def events(self) -> AsyncIterator[FrontendEvent]:
        async for event in self._events:
            yield event
        if self._lost is not None:
            raise self._lost

    def whisper(self, prompt: Prompt) -> None: ...

    def expect(self, expected: Expected) -> None: ...

    def hush(self) -> None: ...

    async def aclose(self) -> None:
        self._stop()
        self._frontend.live.discard(self)

    # the test's side

    def interrupt(self) -> None:
        self._events.put(AgentStopped(0, 0.0, True))

    def say_at_once(self, blocks: np.ndarray) -> None:
        """As if time flew: float32 [n, samples]."""
        for block in blocks:
            self._audio.put(Exchange(block, block, 0.0))

    def finish(self) -> None:
        """The call ends by itself."""
        self._stop()

    def lose(self) -> None:
        """The engine behind the call dies."""
        self._lost = EngineLost("the engine is gone; ring again")
        self._clock.cancel()
        self._events.close()  # its audio just stops

    def _stop(self) -> None:
        self._clock.cancel()
        self.closed = True
        self._audio.close()
        self._events.close()


class EchoFrontend:
    """`seats` calls at once; `open_s` to open one, as a prompt takes to be read."""

    def __init__(self, seats: int = 4, rate_hz: int = 24_000, *, phrases_itself: bool = True) -> None:
        self.seats = seats
        self.open_s = 0.0
        self.refusal: Exception | None = None
        self.opened: list[EchoCall] = []
        self.live: set[EchoCall] = set()
        self._opening = 0
        self._capabilities = Capabilities(
            rate_hz=rate_hz, phrases_itself=phrases_itself, says_exactly=False, takes_grammar=False
        )

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    async def open(self, persona: Persona) -> EchoCall:
        if self.refusal is not None:
            raise self.refusal
        if len(self.live) + self._opening >= self.seats:
            raise NoSeat(self.seats)
        self._opening += 1
        try:
            await asyncio.sleep(self.open_s)
        finally:
            self._opening -= 1
        call = EchoCall(self, persona)
        self.opened.append(call)
        self.live.add(call)
        return call

    async def aclose(self) -> None:
        for call in tuple(self.live):
            await call.aclose()
