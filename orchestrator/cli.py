"""The command line: `souffleur`. What is heavy is imported by the command that needs it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from duplex_frontend.errors import BadAudio, FrontendError
from flows.errors import FlowError
from memory.errors import MemoryFailure, NotFound
from orchestrator.errors import BadCallFile, BadSettings, OrchestratorError

if TYPE_CHECKING:
    from rich.console import Console

    from orchestrator.settings import Settings

FAILED, BAD_INPUT, INTERRUPTED = 1, 2, 130
ROOTS = (FrontendError, MemoryFailure, FlowError, OrchestratorError)
BAD_INPUTS = (FlowError, BadAudio, BadSettings, BadCallFile, NotFound)

app = typer.Typer(
    name="souffleur",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help="""Goal flows for phone and voice agents: heard, understood, answered and remembered.

    \b
    Begin with:
      souffleur demo     a simulated patient rings a clinic, in real audio
      souffleur serve    a page to talk to any flow yourself

    A flow is named by its file, or by its name in the library (souffleur flows list).
    """,
)
sessions = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Read back what calls established.")
flows = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The flows that come along.")
app.add_typer(sessions, name="sessions")
app.add_typer(flows, name="flows")

FlowName = Annotated[str, typer.Argument(metavar="FLOW", help="A flow's file, or its name in the library.")]
Config = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Settings; else souffleur.toml of this folder, where there is one."),
]
Live = Annotated[
    bool, typer.Option("--live/--no-live", help="Show a live picture, or a line for each event.")
]


def main() -> None:
    """Run `souffleur`. Exit codes: 0 done, 1 failed, 2 bad input, 130 interrupted."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")  # a terminal that lacks a letter is no reason to fail
    app()


# --- commands ----------------------------------------------------------------------------------------------


@app.command()
def demo(
    seed: Annotated[
        int, typer.Option(metavar="N", help="Another seed is another caller: voice, facts and temper.")
    ] = 7,
    voice: Annotated[str, typer.Option(metavar="NAME", help="The agent's voice; else the best found.")] = "",
    caller_voice: Annotated[
        str, typer.Option(metavar="FAMILY", help="Of the caller: auto, flite or espeak.")
    ] = "auto",
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the files go.")] = Path("runs/demo"),
    unknown_surname: Annotated[
        bool, typer.Option("--unknown-surname", help="A name that the recogniser does not know.")
    ] = False,
    live: Live = True,
    config: Config = None,
) -> None:
    """A simulated patient rings a clinic, in real time and real audio.

    The caller is a program of its own with a synthesized voice. It hears the agent through a recogniser and answers
    from its own facts. Leaves call.wav, call.json and timeline.png in the output folder. Exits with 0 when the form
    was completed and every value is right.

    \b
    Examples:
      souffleur demo
      souffleur demo --seed 12 --caller-voice espeak --out runs/twelve
    """
    with _plainly():
        from orchestrator.demo import Wanted, run_demo

        if caller_voice not in ("auto", "flite", "espeak"):
            raise typer.BadParameter("choose auto, flite or espeak", param_hint="--caller-voice")
        settings = _settings(config, {"voice": voice or None}, quiet=True)
        wanted = Wanted(seed, out, caller_voice, unknown_surname, live)
        _run(lambda: run_demo(settings, wanted, _console(), _console(errors=True)))


@app.command()
def serve(
    host: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="The address to listen on; this machine only.")
    ] = None,
    port: Annotated[int | None, typer.Option(metavar="PORT", help="0 takes any port that is free.")] = None,
    flow: Annotated[
        list[str] | None,
        typer.Option(metavar="FLOW", help="Offer this flow; may be given again. Else the whole library."),
    ] = None,
    config: Config = None,
) -> None:
    """Start the server: a page to talk to any flow.

    It prints its address, on this machine. Ctrl-C ends open calls, saves them and stops.

    \b
    Examples:
      souffleur serve
      souffleur serve --port 9000 --flow ./intake.yaml
    """
    with _plainly():
        from flows.loader import library, load_flow
        from orchestrator.runtime import open_runtime
        from orchestrator.server import offer_of
        from orchestrator.server import serve as run_server

        settings = _settings(config, {"server.host": host, "server.port": port})
        offered = flow or [name for name, _path in library()]
        for source in offered:
            load_flow(source)  # a mistake is told now, not to the first caller

        async def run() -> int:
            async with open_runtime(settings, spares=1) as runtime:
                await run_server(settings, runtime, offer_of(offered))
            return 0

        _run(run)


@app.command()
def call(
    flow: FlowName,
    audio: Annotated[Path, typer.Option(metavar="FILE", help="The caller: WAV of any rate, mu-law too.")],
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Leave call.json, call.wav and timeline.png here.")
    ] = None,
    realtime: Annotated[
        bool, typer.Option("--realtime/--fast", help="At the recording's pace, or as fast as it will go.")
    ] = False,
    live: Live = True,
    config: Config = None,
) -> None:
    """Play a recording to the agent, as if it were the caller.

    \b
    Examples:
      souffleur call medical_intake --audio caller.wav --out runs/one
      souffleur call ./intake.yaml --audio caller.wav --realtime
    """
    with _plainly():
        from orchestrator.recorded import Request, run_recording

        settings = _settings(config, {}, quiet=True)
        request = Request(flow, audio, out, realtime, live)
        _run(lambda: run_recording(settings, request, _console(), _console(errors=True)))


@app.command()
def chat(
    flow: FlowName,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="One JSON object a line on stdin and stdout, for programs.")
    ] = False,
    config: Config = None,
) -> None:
    """Talk to a flow in text. An empty line is silence; Ctrl-D hangs up.

    \b
    Examples:
      souffleur chat medical_intake
    """
    with _plainly():
        from orchestrator.chat import chat as run_chat

        settings = _settings(config, {}, quiet=True)
        _run(lambda: run_chat(settings, flow, jsonl=jsonl))


@sessions.command("list")
def list_sessions(
    flow: Annotated[str | None, typer.Option(metavar="NAME", help="Only those of this flow.")] = None,
    outcome: Annotated[
        str | None, typer.Option(metavar="OUTCOME", help="Only those that ended so, as in: complete.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, metavar="N", help="The newest so many.")] = 20,
    config: Config = None,
) -> None:
    """List saved calls, newest first.

    \b
    Examples:
      souffleur sessions list --outcome complete
    """
    with _plainly():
        from orchestrator.archive import list_calls
        from reasoner.types import Outcome

        if outcome is not None and outcome not in set(Outcome):
            raise typer.BadParameter(f"choose {', '.join(Outcome)}", param_hint="--outcome")
        settings = _settings(config, {})
        _run(lambda: list_calls(settings, _console(), flow=flow, outcome=outcome, limit=limit))


@sessions.command("show")
def show_session(
    call: Annotated[str, typer.Argument(metavar="ID", help="As `souffleur sessions list` prints it.")],
    as_json: Annotated[bool, typer.Option("--json", help="The call as call.json keeps it.")] = False,
    config: Config = None,
) -> None:
    """Show one saved call: its form, and what was said.

    \b
    Examples:
      souffleur sessions show 7f3a91c2d8e4
    """
    with _plainly():
        from orchestrator.archive import show_saved

        settings = _settings(config, {})
        _run(lambda: show_saved(settings, _console(), call, as_json=as_json))


@flows.command("list")
def list_flows() -> None:
    """List the flows of the library."""
    with _plainly():
        from flows.loader import library, load_flow

        for name, _path in library():
            flow = load_flow(name)
            typer.echo(
                f"{name:<20} {flow.about} ({flow.agent.company}, {len(flow.slots)} slots, {flow.language})"
            )


@app.command()
def version() -> None:
    """Print the version."""
    from importlib.metadata import version as of

    typer.echo(f"souffleur {of('souffleur')}")


# --- how commands run --------------------------------------------------------------------------------------


@contextmanager
def _plainly() -> Iterator[None]:
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


def _run(command: Callable[[], Coroutine[Any, Any, int]]) -> None:
    code = asyncio.run(command())
    if code:
        raise typer.Exit(code)


def _settings(config: Path | None, flags: dict[str, object], *, quiet: bool = False) -> Settings:
    """Settings read and the log set up. `quiet`: only what went wrong is logged, beside what the command prints."""
    from orchestrator.settings import LogSettings, load_settings
    from orchestrator.telemetry import configure_log

    settings = load_settings(flags, config)
    chosen = settings.log
    level = "error" if quiet and chosen.level in ("info", "warning") else chosen.level
    configure_log(LogSettings(level=level, format=chosen.format))
    return settings


def _console(*, errors: bool = False) -> Console:
    from rich.console import Console

    return Console(stderr=errors, highlight=False)


if __name__ == "__main__":
    main()
