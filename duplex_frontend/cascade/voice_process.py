"""The owner's side of a voice process: start it, give it frames, take its frames, end it."""

from __future__ import annotations

import asyncio
from collections import deque

from duplex_frontend.cascade.voice_wire import Frame, FrameReader, Kind, NotAFrame
from duplex_frontend.cascade.voices import VoiceChoice, child_command
from duplex_frontend.errors import FrontendError

READY_WITHIN_S = 10.0
PATIENCE_S = 5.0  # it makes a second of speech in 20 ms; one that is silent for so long hangs
GONE_WITHIN_S = 2.0
FULL_BYTES, LOW_BYTES = 131_072, 32_768  # frames that nobody took: 4 s and 1 s of audio


class VoiceLost(FrontendError):
    """A voice process ended, hung or refused. Its owner starts another."""


class _Inbox(asyncio.SubprocessProtocol):
    """Frames that came; above `FULL_BYTES` the pipe is not read, and the child waits."""

    def __init__(self) -> None:
        self._reader = FrameReader()
        self._frames: deque[Frame] = deque()
        self._held_bytes = 0
        self._news = asyncio.Event()
        self._stdout: asyncio.ReadTransport | None = None
        self.exited = asyncio.Event()
        self.why = ""  # nothing more will come, because of this

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.SubprocessTransport)
        stdout = transport.get_pipe_transport(1)
        assert isinstance(stdout, asyncio.ReadTransport)
        self._stdout = stdout

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        try:
            frames = self._reader.feed(data)
        except NotAFrame as error:
            self._end(f"it wrote {error}")
            return
        self._frames.extend(frames)
        self._held_bytes += sum(len(frame.payload) for frame in frames)
        if self._held_bytes > FULL_BYTES and self._stdout is not None:
            self._stdout.pause_reading()
        self._news.set()

    def process_exited(self) -> None:
        # Not when the pipe breaks, which is a little earlier: to close the transport between the two makes
        # asyncio lose the exit code and print a warning about it.
        self.exited.set()
        self._end("its process ended")

    async def take(self) -> Frame:
        """The next frame. Raises VoiceLost when none will come."""
        while not self._frames:
            if self.why:
                raise VoiceLost(self.why)
            self._news.clear()
            await self._news.wait()
        frame = self._frames.popleft()
        self._held_bytes -= len(frame.payload)
        if self._held_bytes < LOW_BYTES and self._stdout is not None and not self._stdout.is_closing():
            self._stdout.resume_reading()
        return frame

    def _end(self, why: str) -> None:
        self.why = self.why or why
        self._news.set()


class VoiceProcess:
    """A running synthesizer. Made by `start`."""

    def __init__(self, transport: asyncio.SubprocessTransport, inbox: _Inbox) -> None:
        self._transport, self._inbox = transport, inbox

    @classmethod
    async def start(cls, choice: VoiceChoice, rate_hz: int) -> VoiceProcess:
        """Start a process for `choice` that gives int16 at `rate_hz`, and wait until it is warm.

        Raises:
            VoiceLost: it does not start; the text says why.
        """
        transport, inbox = await asyncio.get_running_loop().subprocess_exec(
            _Inbox,
            *child_command(choice.engine, choice.library),
            *("--voice", choice.name, "--rate", str(choice.rate), "--pitch", str(choice.pitch)),
            *("--hz", str(rate_hz)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C in a terminal is for us, not for our children
        )
        process = cls(transport, inbox)
        try:
            hello = await process.receive(0, READY_WITHIN_S)
        except BaseException:
            process.close()
            raise
        if hello.kind is not Kind.READY:
            process.close()
            raise VoiceLost(hello.payload.decode())
        return process

    @property
    def process_id(self) -> int | None:
        return self._transport.get_pid()

    def send(self, frame: Frame) -> None:
        """Never waits: what we send is a few hundred bytes for each clause. To a dead process, nothing."""
        stdin = self._transport.get_pipe_transport(0)
        if isinstance(stdin, asyncio.WriteTransport) and not stdin.is_closing():
            stdin.write(frame.encode())

    async def receive(self, clause: int, within_s: float = PATIENCE_S) -> Frame:
        """The next frame of `clause`; what is left of earlier ones is dropped.

        Raises:
            VoiceLost: the process is gone, or gave nothing in time.
        """
        try:
            async with asyncio.timeout(within_s):
                while (frame := await self._inbox.take()).clause != clause:
                    pass
        except TimeoutError:
            raise VoiceLost(f"it gave nothing for {within_s:g} s") from None
        return frame

    def close(self) -> None:
        """End it at once. It keeps nothing that could be lost."""
        self._transport.close()

    async def gone(self) -> None:
        """Wait for its end after `close`, for `GONE_WITHIN_S` at most."""
        try:
            async with asyncio.timeout(GONE_WITHIN_S):
                await self._inbox.exited.wait()
        except TimeoutError:
            return
