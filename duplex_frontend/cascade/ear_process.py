"""The owner's side of a recogniser process: start it, give it frames, take its frames, end it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable

import structlog

from duplex_frontend.cascade.ear_wire import VERSION, EarKind, Frame, FrameReader, Kind, NotAFrame
from duplex_frontend.errors import FrontendError

READY_WITHIN_S = 20.0  # it takes 0.7 s on an idle machine
GONE_WITHIN_S = 2.0
COMPLAINT_BYTES = 2000  # of what it wrote to stderr, the last

_log = structlog.get_logger()


class EarLost(FrontendError):
    """A recogniser process does not start, or ended, or hangs. Its owner starts another."""


class _Pipes(asyncio.SubprocessProtocol):
    """What comes out of a process, as it comes."""

    def __init__(self) -> None:
        self.on_frame: Callable[[Frame], None] = lambda _: None
        self.on_end: Callable[[str], None] = lambda _: None
        self.ready = asyncio.Event()
        self.closed = asyncio.Event()  # the process ended, and all that it wrote was read
        self.complaint = bytearray()  # the end of its stderr
        self.why = ""  # nothing more will come, because of this
        self._reader = FrameReader()

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        if fd == 2:
            self.complaint += data
            del self.complaint[:-COMPLAINT_BYTES]
            return
        if self.why:
            return
        try:
            for frame in self._reader.feed(data):
                self._take(frame)
        except NotAFrame as error:
            self.end(f"it wrote {error}")

    def process_exited(self) -> None:
        self.end("its process ended")

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed.set()

    def end(self, why: str) -> None:
        if self.why:
            return
        self.why = why
        self.ready.set()
        self.on_end(why)

    def _take(self, frame: Frame) -> None:
        if frame.kind is not Kind.READY:
            self.on_frame(frame)
        elif frame.payload == str(VERSION).encode():
            self.ready.set()
        else:
            self.end(f"it is of version {frame.payload!r}, we are of {VERSION}; the installation is mixed")


class EarProcess:
    """A running recogniser. Made by `start`."""

    def __init__(self, ear: EarKind, transport: asyncio.SubprocessTransport, pipes: _Pipes) -> None:
        self.ear = ear
        self._transport, self._pipes = transport, pipes
        self._closing = False

    @classmethod
    async def start(cls, ear: EarKind) -> EarProcess:
        """Start a process and wait until it listens.

        Raises:
            EarLost: it does not start; the text says why.
        """
        transport, pipes = await asyncio.get_running_loop().subprocess_exec(
            _Pipes,
            # -P: a file in the working directory must not pass for a module of ours.
            *(sys.executable, "-P", "-m", "duplex_frontend.cascade.ear_child", "--ear", ear),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,  # Ctrl-C in a terminal is for us, not for our children
        )
        process = cls(ear, transport, pipes)
        try:
            async with asyncio.timeout(READY_WITHIN_S):
                await pipes.ready.wait()
        except TimeoutError:
            pipes.end(f"it was not ready within {READY_WITHIN_S:g} s")
        except BaseException:
            process.close()
            raise
        if pipes.why:
            # Its last words are still on their way when its end is known.
            await process.gone()
            process.close()
            raise EarLost(f"the {ear} recogniser does not start: {pipes.why} {process.complaint}".rstrip())
        return process

    def attend(self, on_frame: Callable[[Frame], None], on_end: Callable[[str], None]) -> None:
        """Hand over frames as they come, and once, when nothing more will come, why."""
        self._pipes.on_frame, self._pipes.on_end = on_frame, self._ended(on_end)
        if self._pipes.why:
            self._pipes.on_end(self._pipes.why)

    @property
    def alive(self) -> bool:
        return not self._pipes.why

    @property
    def process_id(self) -> int | None:
        return self._transport.get_pid()

    @property
    def complaint(self) -> str:
        """The last that it wrote to stderr."""
        return self._pipes.complaint.decode(errors="replace").strip()

    def send(self, *frames: Frame) -> None:
        """Never waits; the owner counts what was not yet heard. To a process that is gone, nothing."""
        stdin = self._transport.get_pipe_transport(0)
        if isinstance(stdin, asyncio.WriteTransport) and not stdin.is_closing():
            stdin.write(b"".join(frame.encode() for frame in frames))

    def kill(self, why: str) -> None:
        """It hangs: end it, and let the one who attends know why."""
        if self.alive:
            self._transport.kill()
            self._pipes.end(why)

    def close(self) -> None:
        """End it at once, and tell nobody. It keeps nothing that could be lost."""
        self._closing = True
        self._transport.close()

    async def gone(self) -> None:
        """Wait for its end, for `GONE_WITHIN_S` at most."""
        try:
            async with asyncio.timeout(GONE_WITHIN_S):
                await self._pipes.closed.wait()
        except TimeoutError:
            return

    def _ended(self, tell: Callable[[str], None]) -> Callable[[str], None]:
        def ended(why: str) -> None:
            if self._closing:
                return
            code = self._transport.get_returncode()
            _log.warning("recogniser_lost", ear=str(self.ear), why=why, exit=code, stderr=self.complaint)
            tell(why if code is None else f"{why} with {code}")

        return ended
