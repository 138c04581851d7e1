"""What is told of a call when it is over: a table on a terminal, plain lines anywhere else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from orchestrator.callfile import CallFile
from orchestrator.callparts import SlotPart
from orchestrator.screen.frame import TICK
from orchestrator.screen.rows import BAD, BOLD, DIM, GOOD
from orchestrator.wording import clock, milliseconds, plural, printable, written
from reasoner.state import Outcome


def summarise(call: CallFile, console: Console, files: Sequence[Path] = ()) -> None:
    """Print what came of a call, and the files that were written."""
    if console.is_terminal:
        _table(call, console, files)
    else:
        for line in plain_summary(call, files):
            console.print(Text(printable(line)), soft_wrap=True)


def plain_summary(call: CallFile, files: Sequence[Path] = ()) -> list[str]:
    """The summary as lines of text."""
    lines = [f"outcome: {outcome_of(call)}"]
    lines += [f"{slot.label}: {_value(slot) or '-'} ({_standing(slot)})" for slot in call.slots.values()]
    lines += [f"{name}: {text}" for name, text in _facts(call)]
    return [*lines, *(f"written: {path}" for path in files)]


def outcome_of(call: CallFile) -> str:
    return call.outcome.value.replace("_", " ") if call.outcome else "not finished"


def _table(call: CallFile, console: Console, files: Sequence[Path]) -> None:
    good = call.outcome is Outcome.COMPLETE
    head = Text.assemble((call.title or call.flow, BOLD), "  ", (outcome_of(call), GOOD if good else BAD))
    form = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    form.add_column(width=1)
    form.add_column(no_wrap=True)
    form.add_column(overflow="fold", min_width=20)
    form.add_column(style=DIM, overflow="ellipsis", no_wrap=True)
    for slot in call.slots.values():
        tick, style = TICK[slot.status]
        form.add_row(Text(tick, style), slot.label, Text(_value(slot)), _standing(slot))
    figures = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    figures.add_column(style=DIM, no_wrap=True)
    figures.add_column(overflow="fold")
    for name, text in _facts(call):
        figures.add_row(name, Text(text))
    for n, path in enumerate(files):
        figures.add_row("" if n else "written", Text(str(path)))
    for part in (head, form, figures):
        console.print(Padding(part, (0, 0, 1, 1)))


def _value(slot: SlotPart) -> str:
    return printable(written(slot.value, slot.spoken))


def _standing(slot: SlotPart) -> str:
    """How far a slot got, and the words that the caller accepted it with."""
    status = slot.status.value
    if not slot.confirmed or slot.evidence is None or slot.evidence.accepted_s is None:
        return status
    return f"{status} at {clock(slot.evidence.accepted_s)}: “{printable(slot.evidence.accepted_words)}”"


def _facts(call: CallFile) -> list[tuple[str, str]]:
    """Figures of the call, those that there are."""
    figures, latency = call.figures, call.figures.latency
    facts = [("length", f"{clock(call.duration_s)}, {plural(len(call.turns), 'turn')}")]
    if latency.p50_ms is not None:
        facts.append(
            ("answers", f"in {milliseconds(latency.p50_ms)} (median), {milliseconds(latency.p95_ms)} (p95)")
        )
    silences = figures.barge_in_to_silence_ms
    if silences:
        after = ", ".join(f"{ms:.0f}" for ms in silences)
        facts.append(("barge-ins", f"{len(silences)}, silent after {after} ms"))
    if figures.lookups_needed:
        ready = f"{figures.lookups_ready} of {figures.lookups_needed} ready before the end of the turn"
        facts.append(("look-ups", ready))
    ahead = sum(turn.whisper is not None and turn.whisper.ahead for turn in call.turns)
    facts.append(("thought ahead", f"{ahead} of {plural(len(call.turns), 'turn')}"))
    if figures.late_blocks is not None:
        facts.append(("late audio", f"{plural(figures.late_blocks, 'block')} of 20 ms"))
    facts += [("trouble", f"{clock(t.at_s)} {t.part}: {t.what}") for t in call.troubles]
    if figures.simulation:
        facts.append(("simulation", f"the caller was {figures.simulated}"))
    return facts
