"""Shows a call in the terminal while it happens: a live picture on a terminal, plain lines anywhere else."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import anyio
from anyio import to_thread
from rich.console import Console
from rich.live import Live
from rich.text import Text

from duplex_frontend.types import Party
from orchestrator.recording import (
    CallClosed,
    CallOpened,
    Found,
    LookedUp,
    Moment,
    SlotChanged,
    Trouble,
    TurnTimed,
    Whispered,
)
from orchestrator.screen.frame import SMALLEST, Frame, conversation, draw
from orchestrator.screen.view import View, unfold
from orchestrator.transcript import Said
from orchestrator.wording import clock, milliseconds, printable, written

FRAME_S = 0.125
"""Least time between two pictures."""

IDLE_S = 0.5
"""Longest time between two pictures, for the clock and the floor to move."""


async def show_call(moments: AsyncIterator[Moment], console: Console, *, live: bool = True) -> None:
    """Show a call until its moments end.

    On a terminal of at least 60 columns and 16 rows: a picture that is drawn at most eight times a second, and
    the conversation as text when the call is over. Elsewhere, or where not `live`: a line for each thing that is
    final.

    Drawing happens in a thread: a terminal that does not take what is written holds up nobody.
    """
    large = console.width >= SMALLEST[0] and console.height >= SMALLEST[1]
    able = console.is_terminal and not console.is_dumb_terminal and "utf" in console.encoding
    if live and able and large:
        await _show_live(moments, console)
    else:
        await _show_plain(moments, console)


async def _show_live(moments: AsyncIterator[Moment], console: Console) -> None:
    screen = _Screen(View(), anyio.Event())
    try:
        with Live(console=console, screen=True, auto_refresh=False) as live:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(screen.follow, moments)
                while not screen.ended:
                    with anyio.move_on_after(IDLE_S):
                        await screen.changed.wait()
                    screen.changed = anyio.Event()
                    frame = draw(screen.view, screen.now_s(), *console.size)
                    await to_thread.run_sync(_paint, live, frame)
                    await anyio.sleep(FRAME_S)
    finally:
        console.print(Frame(conversation(screen.view, min(console.width, 110))))
        console.print()


def _paint(live: Live, frame: Frame) -> None:
    live.update(frame, refresh=True)


class _Screen:
    """What the picture is drawn from, kept up to date while it is being drawn."""

    def __init__(self, view: View, changed: anyio.Event) -> None:
        self.view = view
        self.changed = changed
        self.ended = False
        self._behind_s = float("inf")

    async def follow(self, moments: AsyncIterator[Moment]) -> None:
        async for moment in moments:
            self.view = unfold(self.view, moment)
            self._behind_s = min(self._behind_s, time.monotonic() - moment.at_s)
            self.changed.set()
        self.ended = True
        self.changed.set()

    def now_s(self) -> float:
        """The call's time now: it goes on between moments, and never behind the newest of them."""
        if self.view.outcome is not None or self._behind_s == float("inf"):
            return self.view.at_s
        return time.monotonic() - self._behind_s


# --- plain lines -------------------------------------------------------------------------------------------


async def _show_plain(moments: AsyncIterator[Moment], console: Console) -> None:
    view = View()
    async for moment in moments:
        before, view = view, unfold(view, moment)
        lines = plain_lines(before, moment, view)
        if lines:
            await to_thread.run_sync(_write, console, lines)


def _write(console: Console, lines: list[str]) -> None:
    for line in lines:
        console.print(Text(printable(line)), soft_wrap=True)


def plain_lines(before: View, moment: Moment, after: View) -> list[str]:
    """What a moment adds to a log of the call: nothing for words that may still change."""
    known = {(said.who, said.start_s) for said in before.transcript if said.final}
    lines = [
        _said(said, after)
        for said in after.transcript
        if said.final and (said.who, said.start_s) not in known
    ]
    note = _note(moment, after)
    return [*lines, note] if note else lines


def _said(said: Said, view: View) -> str:
    name = "caller" if said.who is Party.CALLER else view.agent or "agent"
    mark = " (backchannel)" if said.backchannel else " (interrupted)" if said.interrupted else ""
    return f"{clock(said.start_s):>5}  {name}: {said.text or '(could not be made out)'}{mark}"


def _note(moment: Moment, view: View) -> str:
    """The line for anything but words, "" where it is worth none."""
    time = f"{clock(moment.at_s):>5}"
    match moment:
        case CallOpened():
            return f"{time}  call {moment.call} opened: {moment.title or moment.flow}"
        case SlotChanged():
            label = next((slot.label for slot in view.slots if slot.name == moment.name), moment.name)
            value = written(moment.value, moment.spoken)
            return f"{time}  [{label}] {moment.status}{f': {value}' if value else ''}"
        case LookedUp() if moment.used:
            when = "while the caller spoke" if moment.speculative else "after the caller had finished"
            found = ", ".join(moment.titles) or "nothing found"
            return f'{time}  [look-up] "{moment.query}", {milliseconds(moment.took_ms)}, {when}: {found}'
        case Whispered():
            without = f"; left out: {', '.join(moment.left_out)}" if moment.left_out else ""
            return f"{time}  [whisper] {moment.revision}{', thought ahead' if moment.ahead else ''}{without}"
        case Found():
            return f'{time}  [{moment.kind.replace("_", " ")}] {moment.about}: "{moment.text}"'
        case TurnTimed() if moment.latency_ms is not None:
            return f"{time}  [turn {moment.turn}] answered after {milliseconds(moment.latency_ms)}"
        case Trouble():
            return f"{time}  [trouble] {moment.part}: {moment.what}"
        case CallClosed():
            return f"{time}  call closed: {moment.outcome.replace('_', ' ')}"
        case _:
            return ""
