"""Which calls a command is to list: options that `souffleur sessions` and `souffleur admin` have in common."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import typer

_TIMES = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]

State = Annotated[
    Literal["live", "ended"] | None,
    typer.Option(help="Only those without an outcome, going on or cut off by force; or only the others."),
]
Since = Annotated[
    datetime | None,
    typer.Option(
        metavar="TIME",
        formats=_TIMES,
        help="Begun then or later: 2026-11-02, or 2026-11-02T08:30. Local time.",
    ),
]
Until = Annotated[
    datetime | None, typer.Option(metavar="TIME", formats=_TIMES, help="Begun before that, written the same.")
]
CallerOption = Annotated[
    str | None,
    typer.Option(
        "--caller", metavar="ID", help="Only calls of this caller, as `souffleur callers list` prints it."
    ),
]


def local(time: datetime | None) -> datetime | None:
    """What was written without a time zone is meant as the clock on the wall has it."""
    return time.astimezone() if time is not None else None
