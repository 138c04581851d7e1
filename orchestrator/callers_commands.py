"""`souffleur callers`: what is remembered of people from one call to the next."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from orchestrator.command import Config, console, plainly, run, settings_for

if TYPE_CHECKING:
    from memory.callers import Caller

callers = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="What is remembered of callers: show, hand out, erase.",
)

Named = Annotated[
    str, typer.Argument(metavar="CALLER", help="As `souffleur callers list` prints it, or a phone number.")
]
Redact = Annotated[
    Literal["never", "sensitive", "personal"],
    typer.Option(help="Take out what is sensitive, or what is personal as well."),
]


@callers.command("list")
def list_callers(
    limit: Annotated[int, typer.Option(min=1, max=1000, metavar="N", help="The newest so many.")] = 20,
    config: Config = None,
) -> None:
    """List callers, newest first, without names and numbers.

    \b
    Examples:
      souffleur callers list
    """
    with plainly():
        settings = settings_for(config, {}, quiet=True)

        async def work() -> int:
            from orchestrator.callers_desk import open_desk

            async with open_desk(settings) as desk:
                found = await desk.page(limit)
            for caller in found:
                typer.echo("\t".join(_cells(caller)))
            if not found:
                typer.echo("Nobody is remembered yet.")
            return 0

        run(work)


@callers.command("show")
def show(named: Named, redact: Redact = "never", config: Config = None) -> None:
    """Show what is remembered of one caller.

    \b
    Examples:
      souffleur callers show 5551234567
      souffleur callers show 3f9c2a7b1d5e8f04 --redact sensitive
    """
    with plainly():
        settings = settings_for(config, {}, quiet=True)

        async def work() -> int:
            from orchestrator.callers_desk import open_desk

            async with open_desk(settings) as desk:
                caller = await desk.find(named)
            for line in _lines(caller, redact):
                console().print(line, soft_wrap=True, markup=False)
            return 0

        run(work)


@callers.command("export")
def export(
    named: Named,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write it here, readable by its owner only.")
    ] = None,
    redact: Redact = "never",
    config: Config = None,
) -> None:
    """Write all that is kept of a caller, and of their calls, as JSON.

    \b
    Examples:
      souffleur callers export 5551234567 --out caller.json
    """
    with plainly():
        settings = settings_for(config, {}, quiet=True)

        async def work() -> int:
            from orchestrator.callers_desk import open_desk
            from orchestrator.callfile import write_whole

            async with open_desk(settings) as desk:
                told = await desk.export(await desk.find(named), redact)
            if out is None:
                typer.echo(told.decode(), nl=False)
            else:
                write_whole(told, out)
                typer.echo(f"written: {out}")
            return 0

        run(work)


@callers.command("erase")
def erase(
    named: Named,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether it is meant.")] = False,
    config: Config = None,
) -> None:
    """Erase a caller with all of their calls.

    What is remembered, calls, recordings, and passages of knowledge for them alone: it says how much went. The audit log keeps that it was done, by whom and when, and nothing of what was there.

    \b
    Examples:
      souffleur callers erase 5551234567
    """
    with plainly():
        settings = settings_for(config, {}, quiet=True)

        async def work() -> int:
            from orchestrator.callers_desk import open_desk

            async with open_desk(settings) as desk:
                caller = await desk.find(named)
                calls = len(caller.calls)
                if not yes and not typer.confirm(
                    f"Erase caller {caller.key.caller} and what is kept of {calls} calls?"
                ):
                    typer.echo("nothing was erased")
                    return 1
                gone = await desk.erase(caller)
            typer.echo(
                f"erased caller {gone.caller}: {gone.values} values, {gone.calls} calls, "
                f"{gone.recordings} recordings, {gone.passages} passages"
            )
            for left in gone.left:
                typer.echo(f"souffleur: {left}", err=True)
            return 1 if gone.left else 0

        run(work)


@callers.command("merge")
def merge(
    into: Annotated[str, typer.Argument(metavar="INTO", help="The caller who stays.")],
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The one who is the same person.")],
    config: Config = None,
) -> None:
    """Make one caller of two who are the same person. Of each value the one confirmed last stays.

    \b
    Examples:
      souffleur callers merge 3f9c2a7b1d5e8f04 a07be4416d2c9035
    """
    with plainly():
        settings = settings_for(config, {}, quiet=True)

        async def work() -> int:
            from orchestrator.callers_desk import open_desk

            async with open_desk(settings) as desk:
                kept = await desk.merge(await desk.find(into), await desk.find(other))
            typer.echo(f"merged into {kept.key.caller}: {len(kept.values)} values, {len(kept.calls)} calls")
            return 0

        run(work)


@callers.command("sweep")
def sweep(config: Config = None) -> None:
    """Remove what was kept for long enough.

    How long that is, `privacy.keep_days` says. A server does it by itself.

    \b
    Examples:
      souffleur callers sweep
    """
    with plainly():
        settings = settings_for(config, {}, quiet=True)

        async def work() -> int:
            from orchestrator.callers_desk import open_desk

            async with open_desk(settings) as desk:
                gone = await desk.sweep()
            typer.echo(
                f"removed: {gone.calls} calls, {gone.recordings} recordings, {gone.callers} callers, "
                f"{gone.values} values"
            )
            return 0

        run(work)


@callers.command("rekey")
def rekey(config: Config = None) -> None:
    """Seal everything with the newest key.

    Older ones can be thrown away then.

    \b
    Examples:
      souffleur callers rekey
    """
    with plainly():
        settings = settings_for(config, {}, quiet=True)

        async def work() -> int:
            from orchestrator.callers_desk import open_desk

            async with open_desk(settings) as desk:
                (people, anew), (calls, again) = await desk.rekey()
            newest = settings.privacy.keys.newest
            under = f"the key {newest}" if newest else "no key"
            typer.echo(f"under {under}: {anew} of {people} callers, {again} of {calls} calls sealed anew")
            return 0

        run(work)


@callers.command("key")
def key(
    name: Annotated[str, typer.Argument(metavar="ID", help="Another one for each key; else the date.")] = "",
) -> None:
    """Print a fresh key for the variable that `privacy.keys_env` names. Put it before the others.

    \b
    Examples:
      CALLER_KEYS="$(souffleur callers key),$CALLER_KEYS"
    """
    with plainly():
        from datetime import UTC, datetime

        from memory.sealed import new_key, read_keys

        made = new_key(name or f"{datetime.now(UTC):%Y-%m-%d}")
        read_keys(made, "ID")
        typer.echo(made)


def _cells(caller: Caller) -> tuple[str, ...]:
    last = max((call.began_at for call in caller.calls), default=caller.updated_at)
    return (
        caller.key.caller,
        caller.created_at.astimezone().strftime("%Y-%m-%d"),
        last.astimezone().strftime("%Y-%m-%d %H:%M"),
        f"{len(caller.calls)} calls",
        f"{len(caller.values)} values",
        f"{len(caller.open_matters)} open",
    )


def _lines(caller: Caller, redact: Literal["never", "sensitive", "personal"]) -> list[str]:
    from memory.callers import load_caller
    from orchestrator.callers_desk import exported, number_of

    shown = load_caller(json.dumps(exported(caller, redact)).encode())
    lines = [f"caller {caller.key.caller}, revision {caller.revision}"]
    lines += [f"recognised by {sign.kind.value}: {number_of(sign)}" for sign in shown.signs]
    lines += [
        f"{name}: {value.value} ({value.pii}, for {value.known_by.value}, confirmed {value.confirmed_at:%Y-%m-%d})"
        for name, value in shown.values.items()
    ]
    lines += [f"{name}: {wish} (preference)" for name, wish in shown.preferences.items()]
    lines += [f"call {call.call} on {call.began_at:%Y-%m-%d}: {call.text}" for call in shown.calls]
    return lines + [f"open since {matter.since:%Y-%m-%d}: {matter.text}" for matter in shown.open_matters]
