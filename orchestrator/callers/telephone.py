"""A caller's end of the line: sends and takes 20 ms blocks over the websocket by a clock of its own.

Of the messages that come beside the audio it reads the rate and the end, nothing else: what the agent says has to
be heard.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from duplex_frontend.audio import from_bytes, to_bytes
from duplex_frontend.types import BLOCK_S

KEY_S = 0.25  # from one key to the next

Pcm = NDArray[np.float32]


@dataclass(slots=True)
class Telephone:
    """One line. Made by `ring`. Times are seconds since the line was open."""

    rate_hz: int
    line: ClientConnection
    heard: asyncio.Queue[Pcm] = field(default_factory=lambda: asyncio.Queue(maxsize=500))
    late_ms: list[float] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    blocks: int = 0
    _saying: deque[Pcm] = field(default_factory=deque)
    _making: bool = False

    @property
    def now_s(self) -> float:
        return self.blocks * BLOCK_S

    @property
    def speaking(self) -> bool:
        return bool(self._saying) or self._making

    async def say(self, chunks: AsyncIterator[Pcm]) -> None:
        """Speak; returns when the last sample has gone out."""
        samples = round(self.rate_hz * BLOCK_S)
        rest = np.zeros(0, np.float32)
        self._making = True
        try:
            async for chunk in chunks:
                rest = np.concatenate([rest, chunk])
                whole = len(rest) // samples * samples
                self._saying.extend(rest[:whole].reshape(-1, samples))
                rest = rest[whole:]
            if len(rest):
                self._saying.append(np.pad(rest, (0, samples - len(rest))))
        finally:
            self._making = False
        while self._saying and not self.over.is_set():
            await asyncio.sleep(BLOCK_S)

    async def press(self, keys: str) -> None:
        """Press keys one after the other, as a finger does."""
        with suppress(ConnectionClosed):
            for key in keys:
                await self.line.send(json.dumps({"type": "keys", "keys": key}))
                await asyncio.sleep(KEY_S)

    async def run(self) -> None:
        """Carry audio both ways until the line is closed."""
        try:
            async with asyncio.TaskGroup() as tasks:
                sending = tasks.create_task(self._send())
                await self._receive()
                sending.cancel()
        finally:
            self.over.set()

    async def _send(self) -> None:
        silence = np.zeros(round(self.rate_hz * BLOCK_S), np.float32)
        began_s = time.perf_counter()
        while True:
            block = self._saying.popleft() if self._saying else silence
            try:
                await self.line.send(to_bytes(block))
            except ConnectionClosed:
                return
            self.blocks += 1
            wait_s = began_s + self.now_s - time.perf_counter()
            self.late_ms.append(max(0.0, -wait_s * 1000))
            await asyncio.sleep(max(0.0, wait_s))

    async def _receive(self) -> None:
        try:
            async for message in self.line:
                if isinstance(message, bytes):
                    if self.heard.full():
                        self.heard.get_nowait()
                    self.heard.put_nowait(from_bytes(message))
                elif json.loads(message).get("type") == "closed":
                    return
        except ConnectionClosed:
            return


@asynccontextmanager
async def ring(url: str) -> AsyncIterator[Telephone]:
    """Call; the line is put down when the block is left.

    Raises:
        OSError: nobody answers.
        RuntimeError: the call was refused; the text is the server's.
    """
    async with connect(url, compression=None, max_size=1 << 20) as line:
        first = json.loads(await line.recv())
        if first.get("type") != "opened":
            raise RuntimeError(str(first.get("message", first)))
        telephone = Telephone(int(first["rate_hz"]), line)
        running = asyncio.create_task(telephone.run(), name="telephone")
        try:
            yield telephone
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
