"""Reads back what calls established: `souffleur sessions`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from rich.console import Console
from rich.table import Table
from rich.text import Text

from memory.callers import CallerKey
from memory.errors import NotFound
from memory.ports import SessionStore
from memory.session_filter import SessionFilter
from memory.types import SessionKey, SessionRecord
from orchestrator.callfile import CallFile, load_call
from orchestrator.settings import Settings
from orchestrator.stores import nothing_kept, open_callers, open_sessions
from orchestrator.summary import summarise
from orchestrator.wording import clock, plural, printable, written
from reasoner.state import load_state
from reasoner.types import SlotStatus


async def list_calls(
    settings: Settings, console: Console, wanted: SessionFilter, *, caller: str | None, limit: int
) -> int:
    """Print the newest calls, one a line.

    Args:
        caller: the id of one whose calls alone are wanted.

    Raises:
        NotFound: there is no such caller.
        MemoryFailure: the database cannot be read, or a key is missing.
    """
    if nothing_kept(settings):
        console.print(Text(f"No calls yet; they will be kept in {settings.data.database}"), soft_wrap=True)
        return 0
    async with _opened(settings) as store:
        if caller is not None:
            wanted = replace(wanted, marks=await _marks_of(settings, caller))
        records = await store.list(settings.tenant, wanted, limit=limit)
    if not records:
        console.print("No such calls")
    elif console.is_terminal:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
        for column in ("call", "began", "flow", "ended", "turns", "confirmed"):
            table.add_column(column, no_wrap=True, justify="right" if column == "turns" else "left")
        for record in records:
            table.add_row(*map(Text, _cells(record)))
        console.print(table)
    else:
        for record in records:
            console.file.write("\t".join(_cells(record)) + "\n")
    return 0


async def show_saved(settings: Settings, console: Console, call: str, *, as_json: bool) -> int:
    """Print a saved call: what was said, and what came of it.

    Raises:
        NotFound: there is no such call.
        MemoryFailure: the database cannot be read.
        BadCallFile: the call was saved by a newer version.
    """
    if nothing_kept(settings):
        raise NotFound(f"there are no calls in {settings.data.database}; check --config")
    async with _opened(settings) as store:
        record = await store.load(SessionKey(settings.tenant, call))
    if as_json:
        console.file.write((record.record or record.state).decode().rstrip() + "\n")
    elif record.record:
        saved = load_call(record.record, f"call {call}")
        _print_transcript(saved, console)
        summarise(saved, console)
    else:
        _print_state(record, console)
    return 0


async def _marks_of(settings: Settings, caller: str) -> frozenset[str]:
    book, store = await open_callers(settings)
    try:
        return book.marks(await book.load(CallerKey(settings.tenant, caller)))
    finally:
        await store.aclose()


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[SessionStore]:
    store = await open_sessions(settings)
    try:
        yield store
    finally:
        await store.aclose()


def _cells(record: SessionRecord) -> tuple[str, ...]:
    slots = record.summary.get("slots", {})
    confirmed = sum(status == SlotStatus.CONFIRMED for status in slots.values())
    return (
        record.key.call,
        record.started_at.astimezone().strftime("%Y-%m-%d %H:%M:%S"),
        record.flow,
        record.outcome or "not finished",
        str(record.summary.get("turns", "")),
        plural(confirmed, "value"),
    )


def _print_transcript(call: CallFile, console: Console) -> None:
    for said in call.transcript:
        name = call.agent if said.who == "agent" else "caller"
        mark = " (backchannel)" if said.backchannel else " (interrupted)" if said.interrupted else ""
        text = f"{clock(said.start_s):>6}  {name}: {said.text or '(could not be made out)'}{mark}"
        console.print(Text(printable(text)), soft_wrap=not console.is_terminal)
    console.print()


def _print_state(record: SessionRecord, console: Console) -> None:
    """A call whose story was not written: it goes on, or its server was killed."""
    state = load_state(record.state)
    ended = record.outcome or "not finished: it goes on, or its server was stopped by force"
    console.print(Text(f"{record.key.call}  {record.flow}  {ended}"), soft_wrap=True)
    for name, slot in state.slots.items():
        if slot.value is not None:
            console.print(
                Text(printable(f"{name}: {written(slot.value)} ({slot.status.value})")), soft_wrap=True
            )
