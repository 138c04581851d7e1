"""What this machine can run with these settings, and what to do about what it cannot."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from importlib.metadata import version

import anyio
from rich.console import Console
from rich.table import Table
from rich.text import Text

from orchestrator.settings import Settings

CHECK_WITHIN_S = 20.0


class State(StrEnum):
    OK = "ok"
    LOOK = "look"  # it works; somebody should have a look
    MISSING = "missing"  # the settings need it, and it does not work
    UNUSED = "unused"  # nothing in the settings asks for it


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one check.

    Attributes:
        what: what was looked at.
        says: what was found, in a sentence without secrets.
        cure: what to do about it; "" where nothing has to be done.
    """

    what: str
    state: State
    says: str
    cure: str = ""


Check = Callable[[Settings], Awaitable[Sequence[Finding]]]
"""Looks at one thing. Raises nothing but a fault of ours, and changes nothing."""


@dataclass(frozen=True, slots=True)
class Report:
    findings: tuple[Finding, ...]
    took_s: float

    @property
    def healthy(self) -> bool:
        return all(finding.state is not State.MISSING for finding in self.findings)


async def examine(
    settings: Settings, checks: Sequence[tuple[str, Check]], first: Sequence[str] = ()
) -> Report:
    """Run the checks, each within a bounded time, and put the findings into the order of the checks.

    Args:
        first: names of checks that measure something: they run by themselves, before the others run at once.
    """
    began = time.perf_counter()
    found: dict[str, Sequence[Finding]] = {}

    async def run(name: str, check: Check) -> None:
        with anyio.move_on_after(CHECK_WITHIN_S) as waited:
            found[name] = await check(settings)
        if waited.cancelled_caught:
            found[name] = (
                Finding(
                    name,
                    State.MISSING,
                    f"no answer within {CHECK_WITHIN_S:.0f} s",
                    "the machine may be overloaded; try again, and look at what hangs",
                ),
            )

    for name, check in checks:
        if name in first:
            await run(name, check)
    async with anyio.create_task_group() as tasks:
        for name, check in checks:
            if name not in first:
                tasks.start_soon(run, name, check)
    findings = tuple(finding for name, _check in checks for finding in found[name])
    return Report(findings, time.perf_counter() - began)


_MARKS = {
    State.OK: ("ok", "green"),
    State.LOOK: ("look", "yellow"),
    State.MISSING: ("MISSING", "bold red"),
    State.UNUSED: ("unused", "dim"),
}


def show(report: Report, console: Console) -> None:
    """Print it for people: a line for each finding, with its cure below."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for finding in report.findings:
        mark, style = _MARKS[finding.state]
        says = Text(finding.says, style="dim" if finding.state is State.UNUSED else "")
        if finding.cure:
            says.append(f"\n→ {finding.cure}", style="" if finding.state is State.UNUSED else "bold")
        table.add_row(Text(mark, style=style), Text(finding.what), says)
    console.print(table)
    missing = sum(finding.state is State.MISSING for finding in report.findings)
    if missing:
        console.print(Text(f"\n{missing} of what these settings need does not work here.", style="bold red"))
    else:
        console.print(Text("\nAll that these settings need works here."))


def as_json(report: Report) -> str:
    """Print it for programs. `healthy` is what the exit code says as well."""
    told = {
        "healthy": report.healthy,
        "version": version("souffleur"),
        "took_s": round(report.took_s, 2),
        "findings": [asdict(finding) for finding in report.findings],
    }
    return json.dumps(told, ensure_ascii=False, indent=2)
