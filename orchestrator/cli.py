"""The command line: `souffleur`. What is heavy is imported by the command that needs it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from duplex_frontend.errors import BadAudio, FrontendError
from flows.errors import FlowError
from memory.errors import MemoryFailure, NotFound
from orchestrator.errors import BadCallFile, BadSettings, OrchestratorError

if TYPE_CHECKING:
    from orchestrator.settings import Settings

FAILED, BAD_INPUT, INTERRUPTED = 1, 2, 130
ROOTS = (FrontendError, MemoryFailure, FlowError, OrchestratorError)
BAD_INPUTS = (FlowError, BadAudio, BadSettings, BadCallFile, NotFound)

app = typer.Typer(
    name="souffleur",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help="Goal flows for phone and voice agents: heard, understood, answered and remembered.",
    epilog="A flow is named by its file, or by its name in the library (see: souffleur flows list).",
)
sessions = typer.Typer(no_args_is_help=True, help="What calls established, as it was saved.")
flows = typer.Typer(no_args_is_help=True, help="The flows that come with Souffleur.")
app.add_typer(sessions, name="sessions")
app.add_typer(flows, name="flows")

FlowName = Annotated[str, typer.Argument(metavar="FLOW", help="A flow's file, or its name in the library.")]
Config = Annotated[
    Path | None, typer.Option(help="A settings file; else souffleur.toml of this folder, where there is one.")
]


def main() -> None:
    """Run `souffleur`. Exit codes: 0 done, 1 failed, 2 bad input, 130 interrupted."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
    app()
