"""The demo: a server, a simulated caller in a process of its own that rings it, and what came of the call.

The caller has only the socket. What it says and hears is sound; its facts come back in its own report when the call
is over, and only then are they compared with what was established.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from subprocess import DEVNULL, STDOUT
from urllib.parse import urlsplit

import anyio
from anyio.abc import Process
from rich.console import Console
from rich.text import Text

from memory.callers import phone_sign
from orchestrator.aftermath import leave, open_folder, written_down
from orchestrator.callers.facts import draw
from orchestrator.callfile import write_whole
from orchestrator.calls import SourceOf
from orchestrator.checking import check, dump_checks, read_report, show_checks
from orchestrator.errors import CallerFailed, OrchestratorError
from orchestrator.interrupts import on_interrupt
from orchestrator.offer import offer_of
from orchestrator.runtime import Runtime, open_runtime
from orchestrator.server import serve
from orchestrator.session import Session
from orchestrator.settings import Settings
from orchestrator.show import show_call
from reasoner.state import Outcome
from reasoner.types import SlotStatus

FLOW = "medical_intake"
CALLER = "orchestrator.callers.audio"
REPORT, CHECKS, LOG = "caller.json", "check.json", "caller.log"
FIRST = "first"
RINGS_WITHIN_S = 60.0
LEAVES_WITHIN_S = 15.0
ENDS_WITHIN_S = 3.0
LOG_TAIL_CHARS = 600


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which demo.

    Attributes:
        out: the folder for what it leaves.
        caller_voice: `auto`, or a family of synthesizers: `flite`, `espeak`.
        unknown_surname: the caller bears a name that the recogniser does not know.
        live: show a picture of the call on a terminal; else plain lines.
        caller: the module that rings, as `python -m` takes it.
        again: the caller rings a second time, and what the first call established is known. Where there was none, it
            comes before.
    """

    seed: int
    out: Path
    caller_voice: str = "auto"
    unknown_surname: bool = False
    live: bool = True
    caller: str = CALLER
    again: bool = False


async def run_demo(settings: Settings, wanted: Wanted, console: Console, errors: Console) -> int:
    """Hold the call, leave its files, say what came of it.

    Returns:
        the exit code: 0 where the call was completed with every value right, 130 after Ctrl-C, else 1.

    Raises:
        CannotWrite: nothing can be written to the folder.
        CallerFailed: the caller's program did not ring.
        FrontendError, MemoryFailure: there is no voice, no database.
    """
    open_folder(wanted.out)
    settings = settings.model_copy(
        update={
            "server": settings.server.model_copy(update={"host": "127.0.0.1", "port": 0}),
            "data": settings.data.model_copy(update={"record_audio": True}),
        }
    )
    async with open_runtime(settings) as runtime:
        known = await _known(runtime, settings, wanted)
        if wanted.again and not known:
            console.print(f"First the call that is to be remembered; its files go to {wanted.out / FIRST}.")
            first = replace(wanted, out=wanted.out / FIRST, again=False)
            code = await _ring(runtime, settings, first, console, errors)
            if code:
                return code
        return await _ring(runtime, settings, wanted, console, errors)


async def _known(runtime: Runtime, settings: Settings, wanted: Wanted) -> bool:
    """Whether the simulated person is remembered; one who is to be new is forgotten.

    Their number is all that is taken from them: a telephone network would give it.
    """
    sign = phone_sign(ringing_number(wanted))
    book = runtime.register.book
    found = await book.find(settings.tenant, sign) if sign is not None else ()
    for caller in found if not wanted.again else ():
        await book.delete(caller.key)
    return wanted.again and bool(found)


def ringing_number(wanted: Wanted) -> str:
    return draw(wanted.seed, unknown_surname=wanted.unknown_surname).facts.phone


async def _ring(
    runtime: Runtime, settings: Settings, wanted: Wanted, console: Console, errors: Console
) -> int:
    """One call: see `run_demo`."""
    open_folder(wanted.out)
    (wanted.out / REPORT).unlink(missing_ok=True)
    when = " again" if wanted.again else ""
    console.print(f"A simulated patient rings the clinic{when} (seed {wanted.seed}). Ctrl-C ends the call.")
    stage = _Stage(runtime, settings, wanted)
    session = await stage.play(console)
    if session is None:
        errors.print("souffleur: interrupted before the call began")
        return 130
    return _tell(session, settings, wanted, console, errors, interrupted=stage.interrupted)


def _tell(
    session: Session,
    settings: Settings,
    wanted: Wanted,
    console: Console,
    errors: Console,
    *,
    interrupted: bool,
) -> int:
    failures: list[OrchestratorError] = []
    report = None
    try:
        report = read_report(wanted.out / REPORT)
    except CallerFailed as failed:
        failures.append(failed)
    voice = report.voice if report else wanted.caller_voice
    simulated = f"a program with a synthesized voice ({voice}), seed {wanted.seed}"
    call = written_down(session, simulated=simulated)
    failures += leave(call, wanted.out, settings.data.recordings / f"{call.call}.wav", console)
    if wanted.again:
        console.print(Text(f"not asked again: {_not_asked(session) or 'nothing'}"), soft_wrap=True)
    right = False
    if report is not None:
        checks = check(call, report.facts)
        right = bool(checks) and all(each.right for each in checks)
        show_checks(checks, console)
        try:
            write_whole(dump_checks(checks), wanted.out / CHECKS)
        except OrchestratorError as refused:
            failures.append(refused)
    for failure in failures:
        errors.print(Text(f"souffleur: {failure}"), soft_wrap=True)
    if interrupted:
        errors.print("souffleur: interrupted; the call was ended and saved")
        return 130
    return 0 if right and call.outcome is Outcome.COMPLETE and not failures else 1


def _not_asked(session: Session) -> str:
    """What the caller only had to confirm, because an earlier call had established it."""
    held = {name: slot for name, slot in session.state.slots.items() if slot.recalled and not slot.asked}
    labels = session.written_down().slots
    return ", ".join(labels[name].label for name, slot in held.items() if slot.status is SlotStatus.CONFIRMED)


class _Stage:
    """The server and its one caller. Gives the server its calls, and so knows which one was opened."""

    def __init__(self, runtime: Runtime, settings: Settings, wanted: Wanted) -> None:
        self._runtime = runtime
        self._settings = settings
        self._wanted = wanted
        self._address = ""
        self._session: Session | None = None
        self._listening, self._opened = anyio.Event(), anyio.Event()
        self._stopped = anyio.Event()  # by Ctrl-C

    @property
    def interrupted(self) -> bool:
        return self._stopped.is_set()

    async def open_call(self, flow: str, *, number: str = "", resumable: bool = True) -> Session:
        session = await self._runtime.open_call(
            flow, number=number or ringing_number(self._wanted), resumable=resumable
        )
        if self._session is None:
            self._session = session
            self._opened.set()
        return session

    async def resume(self, call: str, token: str, source_of: SourceOf) -> Session:
        return await self._runtime.resume(call, token, source_of)

    async def play(self, console: Console) -> Session | None:
        """Serve, have the caller ring, and show the call to its end. None where Ctrl-C came before the call.

        Raises:
            CallerFailed: the caller's program ended, or let too much time pass, and had not rung.
        """
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._serve)
            await self._listening.wait()
            # After the server's own, and so in its place: the call is ended here, and then the server.
            tasks.start_soon(on_interrupt, self._stop)
            async with self._caller() as caller:
                await self._show(caller, console)
            tasks.cancel_scope.cancel()
        return self._session

    async def _serve(self) -> None:
        await serve(self._settings, self, offer_of([FLOW]), self._announce)

    async def _stop(self) -> None:
        self._stopped.set()
        if self._session is not None:
            await self._session.hang_up("stopped")

    def _announce(self, address: str) -> None:
        self._address = address
        self._listening.set()

    async def _show(self, caller: Process, console: Console) -> None:
        with anyio.move_on_after(RINGS_WITHIN_S):
            await _first_of(self._opened.wait, self._stopped.wait, caller.wait)
        if self._session is not None:
            await show_call(self._session.moments(), console, live=self._wanted.live)
            with anyio.move_on_after(LEAVES_WITHIN_S):
                await caller.wait()
        elif not self.interrupted:
            said = (self._wanted.out / LOG).read_text(errors="replace")[-LOG_TAIL_CHARS:].strip()
            raise CallerFailed(f"the caller's program did not ring; it said: {said or 'nothing'}")

    @asynccontextmanager
    async def _caller(self) -> AsyncIterator[Process]:
        """The caller's program; ended with the block, if need be by force. It does not get our Ctrl-C."""
        url = f"ws://{urlsplit(self._address).netloc}/call?flow={FLOW}"
        command = [sys.executable, "-m", self._wanted.caller, "--url", url]
        command += ["--seed", str(self._wanted.seed), "--voice", self._wanted.caller_voice]
        command += ["--report", str(self._wanted.out / REPORT)]
        if self._wanted.unknown_surname:
            command.append("--unknown-surname")
        if self._wanted.again:
            command.append("--again")
        with (self._wanted.out / LOG).open("wb") as log:
            caller = await anyio.open_process(
                command, stdin=DEVNULL, stdout=log, stderr=STDOUT, start_new_session=True
            )
        try:
            yield caller
        finally:
            with anyio.CancelScope(shield=True):
                await _end(caller)


async def _end(process: Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    with anyio.move_on_after(ENDS_WITHIN_S):
        await process.wait()
    if process.returncode is None:
        process.kill()
        await process.wait()


async def _first_of(*waits: Callable[[], Awaitable[object]]) -> None:
    """Wait until the first of them is done."""
    async with anyio.create_task_group() as tasks:

        async def one(wait: Callable[[], Awaitable[object]]) -> None:
            await wait()
            tasks.cancel_scope.cancel()

        for wait in waits:
            tasks.start_soon(one, wait)
