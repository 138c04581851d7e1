"""The owner's side of a recogniser process: start it, give it frames, take its frames, end it."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from contextlib import suppress

from duplex_frontend.cascade.ear_wire import HEAD, LONGEST, Frame, Kind
from duplex_frontend.errors import FrontendError

READY_WITHIN_S = 20.0
GONE_WITHIN_S = 2.0
FULL_BYTES = 320_000  # 10 s of audio that the process has not read: it hangs, and is given no more


class EarLost(FrontendError):
    """A recogniser process ended or hung. Its owner starts another."""


def _nothing(*_: object) -> None:
    return None


class EarProcess:
    """A running recogniser. Made by `start`; callbacks may be set afterwards."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.on_partial: Callable[[int, str], None] = _nothing
        self.on_refused: Callable[[str], None] = _nothing
        self.on_exit: Callable[[str], None] = _nothing
        self._process = process
        self._sent = self._listened = 0
        self._ready = asyncio.Event()
        self._caught_up = asyncio.Event()
        self._finals: dict[int, dict[str, float | str]] = {}
        self._final_came = asyncio.Event()
        self._gone = False
        self._reading = asyncio.create_task(self._read(), name="ear-read")

    @classmethod
    async def start(cls, kind: str) -> EarProcess:
        """Start an ear, "grammar" or "open", and wait until it is ready.

        Raises:
            EarLost: it does not start.
        """
        process = cls(
            await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "duplex_frontend.cascade.ear_child", kind),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C in a terminal is for us, not for our children
            )
        )
        try:
            async with asyncio.timeout(READY_WITHIN_S):
                await process._ready.wait()
        except BaseException as error:
            await process.aclose()
            if isinstance(error, TimeoutError):
                raise EarLost(f"the recogniser ({kind}) did not start within {READY_WITHIN_S:g} s") from None
            raise
        if process._gone:
            raise EarLost(f"the recogniser ({kind}) does not start; is pocketsphinx installed?")
        return process

    @property
    def process_id(self) -> int:
        return self._process.pid

    def send(self, frame: Frame) -> bool:
        """Never waits. False where the process does not read, and the frame was dropped."""
        stdin = self._process.stdin
        if self._gone or stdin is None or stdin.transport.get_write_buffer_size() > FULL_BYTES:
            return False
        stdin.write(frame.encode())
        if frame.kind is Kind.PCM:
            self._sent += 1
            self._caught_up.clear()
        return True

    async def final(self, utterance: int, within_s: float) -> dict[str, float | str]:
        """What came of an utterance that was ended.

        Raises:
            EarLost: nothing came in time, or the process ended.
        """
        try:
            async with asyncio.timeout(within_s):
                while utterance not in self._finals:
                    if self._gone:
                        raise EarLost("its process ended")
                    self._final_came.clear()
                    await self._final_came.wait()
        except TimeoutError:
            raise EarLost(f"it gave no result within {within_s:g} s") from None
        final = self._finals[utterance]
        self._finals.clear()
        return final

    async def settled(self) -> None:
        """Wait until all audio has been listened to."""
        while self._listened < self._sent and not self._gone:
            self._caught_up.clear()
            await self._caught_up.wait()

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            self._process.kill()

    async def aclose(self) -> None:
        """End it at once. It keeps nothing that could be lost."""
        self.on_exit = _nothing
        self.kill()
        with suppress(TimeoutError):
            async with asyncio.timeout(GONE_WITHIN_S):
                await self._process.wait()
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)

    async def _read(self) -> None:
        stdout = self._process.stdout
        assert stdout is not None
        try:
            while True:
                kind, utterance, length = HEAD.unpack(await stdout.readexactly(HEAD.size))
                if length > LONGEST:
                    break
                self._take(Frame(Kind(kind), utterance, await stdout.readexactly(length)))
        except (asyncio.IncompleteReadError, ValueError, ConnectionError):
            pass
        self._gone = True
        for waiting in (self._ready, self._caught_up, self._final_came):
            waiting.set()
        self.on_exit("its process ended")

    def _take(self, frame: Frame) -> None:
        match frame.kind:
            case Kind.READY:
                self._ready.set()
            case Kind.PARTIAL:
                self.on_partial(frame.utterance, frame.payload.decode())
            case Kind.HEARD:
                self._listened += 1
                if self._listened >= self._sent:
                    self._caught_up.set()
            case Kind.FINAL:
                self._finals[frame.utterance] = json.loads(frame.payload)
                self._final_came.set()
            case Kind.REFUSED:
                self.on_refused(frame.payload.decode())
