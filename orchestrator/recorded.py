"""A recording is the caller: its sound is fed to a call, as fast as the machine can or in real time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import numpy as np
from anyio import to_thread
from numpy.typing import NDArray
from rich.console import Console
from rich.text import Text

from duplex_frontend.types import BLOCK_S, Block
from duplex_frontend.wav import read_recording
from orchestrator.aftermath import leave, open_folder, written_down
from orchestrator.errors import CannotWrite
from orchestrator.interrupts import on_interrupt
from orchestrator.recording import Moment
from orchestrator.runtime import Runtime, open_runtime
from orchestrator.screen.view import View, unfold
from orchestrator.session import Session
from orchestrator.settings import Settings
from orchestrator.show import show_call
from orchestrator.summary import summarise

QUIET_S = 3.0
"""After the recording the line is put down when nobody has spoken for this long."""

LONGEST_TAIL_S = 60.0

Watch = Callable[[AsyncIterator[Moment]], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class Request:
    """Which recording is played to which flow. `out`: the folder for what it leaves, None for nothing.

    `realtime`: at the pace of the recording, else as fast as the machine can. `live`: see `show_call`.
    """

    flow: str
    audio: Path
    out: Path | None
    realtime: bool
    live: bool


@dataclass(frozen=True, slots=True)
class Played:
    """A call that a recording made, over and saved. `interrupted`: by Ctrl-C."""

    session: Session
    interrupted: bool


async def play(
    runtime: Runtime, flow: str, audio: Path, watch: Watch, *, realtime: bool, remark: Callable[[str], None]
) -> Played:
    """Open a call, play a recording to it, let the agent finish, and hang up. Ctrl-C hangs up and saves.

    Args:
        watch: is given the moments of the call as they happen; awaited to its end.
        realtime: at the pace of the recording; else as fast as the machine can.
        remark: told in a sentence what is worth knowing of the recording.

    Raises:
        BadAudio: nothing can be heard in the recording.
        FlowError: no such flow, or it has mistakes.
        FrontendError: no seat, no voice.
    """
    sound = await to_thread.run_sync(lambda: read_recording(audio, runtime.rate_hz, remark=remark))
    exchange: Callable[[Block], Awaitable[None]] | None = None
    if realtime:
        session = await runtime.open_call(flow)
    else:
        session, driven = await runtime.open_driven(flow)
        exchange = driven.exchange
    line = _Line(session, exchange)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(on_interrupt, line.stop)
        async with anyio.create_task_group() as readers:
            readers.start_soon(watch, session.moments())
            readers.start_soon(line.follow)
            await line.play(sound)
            await session.hang_up()
        tasks.cancel_scope.cancel()
    return Played(session, line.stopped)


async def run_recording(settings: Settings, request: Request, console: Console, errors: Console) -> int:
    """Hold the call, leave its files where they are wanted, and say what came of it.

    Returns:
        the exit code: 0, 130 after Ctrl-C, 1 where a file could not be written.

    Raises:
        CannotWrite: nothing can be written to the folder.
        BadAudio, FlowError, FrontendError, MemoryFailure: see `play` and `open_runtime`.
    """
    if request.out is not None:
        open_folder(request.out)
    async with open_runtime(settings) as runtime:
        played = await play(
            runtime,
            request.flow,
            request.audio,
            lambda moments: show_call(moments, console, live=request.live),
            realtime=request.realtime,
            remark=lambda said: errors.print(Text(f"souffleur: {said}"), soft_wrap=True),
        )
    call = written_down(played.session)
    refused: Sequence[CannotWrite] = ()
    if request.out is None:
        summarise(call, console)
    else:
        refused = leave(call, request.out, settings.data.recordings / f"{call.call}.wav", console)
    for error in refused:
        errors.print(Text(f"souffleur: {error}"), soft_wrap=True)
    if played.interrupted:
        errors.print("souffleur: interrupted; the call was ended and saved")
        return 130
    return 1 if refused else 0


class _Line:
    """Feeds a call. `exchange` turns its clock; None where it has one of its own."""

    def __init__(self, session: Session, exchange: Callable[[Block], Awaitable[None]] | None) -> None:
        self.stopped = False
        self._session = session
        self._exchange = exchange
        self._view = View()
        self._samples = round(BLOCK_S * session.rate_hz)
        self._began_s = time.monotonic()
        self._blocks = 0

    async def follow(self) -> None:
        async for moment in self._session.moments():
            self._view = unfold(self._view, moment)

    async def stop(self) -> None:
        self.stopped = True
        await self._session.hang_up("stopped")

    async def play(self, sound: NDArray[np.float32]) -> None:
        """The recording, float32 [samples], and then silence until the agent is done."""
        for block in _blocks(sound, self._samples):
            if self._over:
                return
            await self._give(block)
        silence, end_s = np.zeros(self._samples, np.float32), self._now_s + LONGEST_TAIL_S
        while not self._over and self._now_s < end_s and not self._quiet:
            await self._give(silence)

    @property
    def _over(self) -> bool:
        return self.stopped or self._view.outcome is not None

    @property
    def _now_s(self) -> float:
        return self._blocks * BLOCK_S

    @property
    def _quiet(self) -> bool:
        stretch = self._view.stretch
        return stretch.holder is None and self._now_s - stretch.start_s > QUIET_S

    async def _give(self, block: Block) -> None:
        self._blocks += 1
        if self._exchange is not None:
            await self._exchange(block)
            await asyncio.sleep(0)
        else:
            self._session.feed(block)
            await asyncio.sleep(max(0.0, self._began_s + self._now_s - time.monotonic()))


def _blocks(sound: NDArray[np.float32], samples: int) -> Iterator[Block]:
    for start in range(0, len(sound), samples):
        block = sound[start : start + samples]
        yield block if len(block) == samples else np.pad(block, (0, samples - len(block)))
