"""A caller's end of the line: sends and takes 20 ms blocks over a websocket by a clock of its own.

Of the messages that come beside the audio it reads the rate in the first and the end, nothing else: what the agent
says has to be heard.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import numpy as np
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from duplex_frontend.audio import Pcm, from_bytes, to_bytes
from duplex_frontend.types import BLOCK_S

HEARD_BLOCKS = 1500  # half a minute that was not listened to yet; then the oldest goes
MESSAGE_BYTES = 1 << 20
LATE_MS = 20.0


class NoAnswer(Exception):
    """Nobody took the call, or it was refused. The text says why."""


@dataclass(slots=True)
class Punctuality:
    """How late blocks were sent. Milliseconds behind the clock."""

    blocks: int = 0
    late_blocks: int = 0  # more than 20 ms
    latest_ms: float = 0.0

    def note(self, late_ms: float) -> None:
        self.blocks += 1
        self.late_blocks += late_ms > LATE_MS
        self.latest_ms = max(self.latest_ms, late_ms)


class Telephone:
    """One line. Made by `ring`. Times are seconds since the first block was sent."""

    def __init__(self, rate_hz: int, line: ClientConnection) -> None:
        self.rate_hz = rate_hz
        self.punctuality = Punctuality()
        self.dropped_blocks = 0
        self._line = line
        self._samples = round(rate_hz * BLOCK_S)
        self._heard: asyncio.Queue[Pcm | None] = asyncio.Queue(HEARD_BLOCKS)
        self._saying: deque[Pcm] = deque()
        self._said_all = asyncio.Event()
        self._making = False  # an utterance goes on
        self._over = False

    @property
    def now_s(self) -> float:
        return self.punctuality.blocks * BLOCK_S

    @property
    def speaking(self) -> bool:
        return self._making or bool(self._saying)

    @property
    def over(self) -> bool:
        """The line was closed."""
        return self._over

    async def heard(self) -> Pcm | None:
        """The next 20 ms of the agent, float32 [samples]; None where the line is closed."""
        return None if self._over and self._heard.empty() else await self._heard.get()

    async def say(self, chunks: AsyncIterator[Pcm], begun: Callable[[], None]) -> bool:
        """Speak. Returns when the last sample went out.

        Args:
            chunks: float32 mono at the line's rate.
            begun: called when there is the first sound.

        Returns:
            whether all of it was said: not where `hush` cut it short or the line was closed.
        """
        self._making = True
        rest = np.zeros(0, np.float32)
        started = False
        try:
            async for chunk in chunks:
                if not self._making or self._over:
                    return False
                if not started:
                    started = True
                    begun()
                rest = np.concatenate([rest, chunk])
                whole = len(rest) // self._samples * self._samples
                self._saying.extend(rest[:whole].reshape(-1, self._samples))
                rest = rest[whole:]
            if len(rest):
                self._saying.append(np.pad(rest, (0, self._samples - len(rest))))
            if self._saying:
                self._said_all.clear()
                await self._said_all.wait()
            return self._making and not self._over
        finally:
            self._making = False

    def hush(self) -> None:
        """Stop speaking at once."""
        self._making = False
        self._saying.clear()
        self._said_all.set()

    async def carry(self) -> None:
        """Pass audio both ways until the line is closed."""
        sending = asyncio.create_task(self._send(), name="caller-sends")
        try:
            await self._receive()
        finally:
            self._over = True
            self._said_all.set()
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            self._take(None)

    async def _send(self) -> None:
        silence = np.zeros(self._samples, np.float32)
        began_s = time.perf_counter()
        while True:
            block = self._saying.popleft() if self._saying else silence
            if not self._saying:
                self._said_all.set()
            try:
                await self._line.send(to_bytes(block))
            except ConnectionClosed:
                return
            late_s = time.perf_counter() - began_s - self.now_s
            self.punctuality.note(max(0.0, late_s * 1000))
            # What is late goes out at once, as from the buffer of a sound card.
            await asyncio.sleep(max(0.0, BLOCK_S - late_s))

    async def _receive(self) -> None:
        try:
            async for message in self._line:
                if isinstance(message, bytes):
                    self._take(from_bytes(message))
                elif json.loads(message).get("type") == "closed":
                    return
        except ConnectionClosed:
            return

    def _take(self, block: Pcm | None) -> None:
        if self._heard.full():
            self._heard.get_nowait()
            self.dropped_blocks += 1
        self._heard.put_nowait(block)


@asynccontextmanager
async def ring(url: str) -> AsyncIterator[Telephone]:
    """Call; the line is put down when the block is left.

    Raises:
        NoAnswer: nobody takes the call.
    """
    try:
        line = await connect(url, compression=None, max_size=MESSAGE_BYTES)
    except (OSError, InvalidHandshake) as refused:
        raise NoAnswer(f"{url} does not answer: {refused}") from refused
    async with line:
        try:
            opened = json.loads(await line.recv())
        except ConnectionClosed as refused:
            raise NoAnswer(f"{url} hung up at once: {refused}") from refused
        if opened.get("type") != "opened":
            raise NoAnswer(f"the call was refused: {opened.get('message', opened)}")
        telephone = Telephone(int(opened["rate_hz"]), line)
        carrying = asyncio.create_task(telephone.carry(), name="caller-line")
        try:
            yield telephone
        finally:
            carrying.cancel()
            await asyncio.gather(carrying, return_exceptions=True)
