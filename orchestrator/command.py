"""How commands run: errors told in a sentence, exit codes, settings, the console."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from duplex_frontend.errors import BadAudio, FrontendError
from flows.errors import FlowError
from memory.errors import MemoryFailure, NotFound
from orchestrator.errors import BadCallFile, BadSettings, BadSimulation, CannotReplay, OrchestratorError
from reasoner.errors import ReasonerError

if TYPE_CHECKING:
    from rich.console import Console

    from orchestrator.settings import Settings

FAILED, BAD_INPUT, INTERRUPTED = 1, 2, 130
ROOTS = (FrontendError, MemoryFailure, FlowError, OrchestratorError, ReasonerError)
BAD_INPUTS = (FlowError, BadAudio, BadSettings, BadCallFile, BadSimulation, CannotReplay, NotFound)

FlowName = Annotated[str, typer.Argument(metavar="FLOW", help="A flow's file, or its name in the library.")]
Config = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Settings; else souffleur.toml of this folder, where there is one."),
]


@contextmanager
def plainly() -> Iterator[None]:
    """Errors of ours are told in a sentence on stderr; whatever else goes wrong is a fault and keeps its traceback."""
    try:
        yield
    except ROOTS as error:
        _tell([error])
    except BaseExceptionGroup as group:
        known, unknown = group.split(ROOTS)
        if known is None or unknown is not None:
            raise
        _tell(list(_leaves(known)))
    except KeyboardInterrupt:
        typer.echo("souffleur: interrupted", err=True)
        raise typer.Exit(INTERRUPTED) from None


def _tell(errors: list[BaseException]) -> None:
    for error in errors:
        typer.echo(f"souffleur: {error}", err=True)
    bad = all(isinstance(error, BAD_INPUTS) for error in errors)
    raise typer.Exit(BAD_INPUT if bad else FAILED)


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error


def run(command: Callable[[], Coroutine[Any, Any, int]]) -> None:
    code = asyncio.run(command())
    if code:
        raise typer.Exit(code)


def settings_for(config: Path | None, flags: dict[str, object], *, quiet: bool = False) -> Settings:
    """Settings read and the log set up. `quiet`: only what went wrong is logged, beside what the command prints."""
    from orchestrator.sections import LogSettings
    from orchestrator.settings import load_settings
    from orchestrator.telemetry import configure_log

    settings = load_settings(flags, config)
    chosen = settings.log
    level = "error" if quiet and chosen.level in ("info", "warning") else chosen.level
    configure_log(LogSettings(level=level, format=chosen.format))
    return settings


def console(*, errors: bool = False) -> Console:
    from rich.console import Console

    return Console(stderr=errors, highlight=False)
