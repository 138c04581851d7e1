"""The command line: `souffleur`. What is heavy is imported by the command that needs it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from orchestrator.admin_commands import admin
from orchestrator.callers_commands import callers as callers_commands
from orchestrator.command import Config, FlowName, console, plainly, run, settings_for
from orchestrator.doctor_command import doctor
from orchestrator.engine_commands import engine
from orchestrator.flow_commands import flows
from orchestrator.key_commands import init, keys
from orchestrator.knowledge_commands import knowledge
from orchestrator.session_options import CallerOption, Since, State, Until, local

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
app.add_typer(sessions, name="sessions")
app.add_typer(flows, name="flows")
app.add_typer(knowledge, name="knowledge")
app.add_typer(callers_commands, name="callers")
app.add_typer(engine, name="engine")
app.add_typer(keys, name="keys")
app.add_typer(admin, name="admin")
app.command("init")(init)
app.command()(doctor)

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
    caller: Annotated[
        str, typer.Option(metavar="WHICH", help="new, or again: they ring a second time, and are known.")
    ] = "new",
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
      souffleur demo --caller again
    """
    with plainly():
        from orchestrator.demo import Wanted, run_demo

        if caller_voice not in ("auto", "flite", "espeak"):
            raise typer.BadParameter("choose auto, flite or espeak", param_hint="--caller-voice")
        if caller not in ("new", "again"):
            raise typer.BadParameter("choose new or again", param_hint="--caller")
        settings = settings_for(config, {"voice": voice or None}, quiet=True)
        wanted = Wanted(seed, out, caller_voice, unknown_surname, live, again=caller == "again")
        run(lambda: run_demo(settings, wanted, console(), console(errors=True)))


@app.command()
def serve(
    host: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="The address to listen on; else this machine only.")
    ] = None,
    port: Annotated[int | None, typer.Option(metavar="PORT", help="0 takes any port that is free.")] = None,
    flow: Annotated[
        list[str] | None,
        typer.Option(metavar="FLOW", help="Offer this flow; may be given again. Else the whole library."),
    ] = None,
    config: Config = None,
) -> None:
    """Start the server: a page to talk to any flow.

    It prints its address, on this machine unless the settings or --host say otherwise; the server refuses to listen to
    others before there is a key to know them by (souffleur init). The admin API is at /api/v1. Ctrl-C ends open calls, saves them and stops.

    \b
    Examples:
      souffleur serve
      souffleur serve --port 9000 --flow ./intake.yaml
    """
    with plainly():
        from flows.loader import library, load_flow
        from orchestrator.api.opening import open_desk
        from orchestrator.offer import offer_of
        from orchestrator.runtime import open_runtime
        from orchestrator.server import MoshiDoor
        from orchestrator.server import serve as run_server
        from orchestrator.telemetry_server import open_telemetry

        settings = settings_for(config, {"server.host": host, "server.port": port})
        offered = flow or [name for name, _path in library()]
        for source in offered:
            load_flow(source)  # a mistake is told now, not to the first caller

        async def until_stopped() -> int:
            async with (
                open_telemetry(settings.telemetry) as telemetry,
                open_runtime(settings, spares=1, telemetry=telemetry) as runtime,
                open_desk(settings, runtime, offered) as desk,
            ):
                runtime.warm(offered)
                await run_server(
                    settings,
                    runtime,
                    offer_of(offered),
                    moshi=MoshiDoor(runtime.frontend),
                    metrics=telemetry.metrics,
                    desk=desk,
                    hand_over=runtime.hand_over_all,
                )
            return 0

        run(until_stopped)


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
    with plainly():
        from orchestrator.recorded import Request, run_recording

        settings = settings_for(config, {}, quiet=True)
        request = Request(flow, audio, out, realtime, live)
        run(lambda: run_recording(settings, request, console(), console(errors=True)))


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
    with plainly():
        from orchestrator.chat import chat as run_chat

        settings = settings_for(config, {}, quiet=True)
        run(lambda: run_chat(settings, flow, jsonl=jsonl))


@app.command()
def simulate(
    flow: FlowName,
    callers: Annotated[int, typer.Option(min=1, metavar="N", help="How many of each kind.")] = 20,
    seed: Annotated[int, typer.Option(metavar="N", help="Of the first; the others follow.")] = 0,
    kind: Annotated[str | None, typer.Option(metavar="KIND", help="Only this kind, as in: chatty.")] = None,
    wer: Annotated[
        float, typer.Option(min=0, max=0.3, metavar="RATE", help="Share of words that are misheard.")
    ] = 0.0,
    json_path: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write every call with its words here.")
    ] = None,
) -> None:
    """Have simulated callers ring a flow, in text.

    The callers are programs with facts and tempers of their own; they hear only the agent's words.

    \b
    Examples:
      souffleur simulate medical_intake --callers 20
      souffleur simulate ./intake.yaml --kind chatty --wer 0.2 --json calls.json
    """
    with plainly():
        from orchestrator.simulate.command import simulate as ring

        raise typer.Exit(ring(flow, callers, seed, kind, wer, json_path))


@app.command()
def replay(
    call: Annotated[str, typer.Argument(metavar="ID", help="As `souffleur sessions list` prints it.")],
    flow: Annotated[
        str | None, typer.Option(metavar="FLOW", help="A new version; else the one in the library.")
    ] = None,
    same: Annotated[
        bool, typer.Option("--same", help="Only through the very version that the call followed.")
    ] = False,
    config: Config = None,
) -> None:
    """Replay a saved call through a flow.

    Through the version that the call followed, its events lead to the same state, to the byte. Through another, what
    the caller said is understood anew.

    \b
    Examples:
      souffleur replay 7f3a91c2d8e4 --flow ./intake-2.yaml
    """
    with plainly():
        from orchestrator.replay import replay_saved

        settings = settings_for(config, {}, quiet=True)
        run(lambda: replay_saved(settings, console(), call, flow, same=same))


@sessions.command("list")
def list_sessions(
    flow: Annotated[str | None, typer.Option(metavar="NAME", help="Only those of this flow.")] = None,
    outcome: Annotated[
        str | None, typer.Option(metavar="OUTCOME", help="Only those that ended so, as in: complete.")
    ] = None,
    state: State = None,
    since: Since = None,
    until: Until = None,
    caller: CallerOption = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, metavar="N", help="The newest so many.")] = 20,
    config: Config = None,
) -> None:
    """List saved calls, newest first.

    \b
    Examples:
      souffleur sessions list --outcome complete
      souffleur sessions list --since 2026-11-02 --until 2026-11-03T12:00
      souffleur sessions list --caller 3f9c2a7b1d5e8f04 --state ended
    """
    with plainly():
        from memory.session_filter import SessionFilter
        from orchestrator.archive import list_calls
        from reasoner.state import Outcome

        if outcome is not None and outcome not in set(Outcome):
            raise typer.BadParameter(f"choose {', '.join(Outcome)}", param_hint="--outcome")
        settings = settings_for(config, {})
        over = None if state is None else state == "ended"
        wanted = SessionFilter(flow, outcome, over, local(since), local(until))
        run(lambda: list_calls(settings, console(), wanted, caller=caller, limit=limit))


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
    with plainly():
        from orchestrator.archive import show_saved

        settings = settings_for(config, {})
        run(lambda: show_saved(settings, console(), call, as_json=as_json))


@app.command()
def version() -> None:
    """Print the version."""
    from importlib.metadata import version as of

    typer.echo(f"souffleur {of('souffleur')}")


if __name__ == "__main__":
    main()
