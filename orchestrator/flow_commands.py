"""`souffleur flows`: what can be done with flows without a call."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from orchestrator.command import BAD_INPUT, FAILED, Config, FlowName, console, plainly, run, settings_for

flows = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Check, test, draw, compare.")


@flows.command("list")
def list_flows() -> None:
    """List the flows of the library."""
    with plainly():
        from flows.loader import library, load_flow

        for name, _path in library():
            flow = load_flow(name)
            typer.echo(
                f"{name:<20} {flow.about} ({flow.agent.company}, {len(flow.slots)} slots, {flow.language})"
            )


@flows.command("check")
def check_flows(
    flow: Annotated[list[str], typer.Argument(metavar="FLOW...", help="Files, or names in the library.")],
    config: Config = None,
) -> None:
    """Find what is wrong with flows, without a call.

    Every mistake is told with its line, the rule that it breaks and the cure.

    Warnings, and what this deployment's settings do not allow, do not fail the check.

    \b
    Examples:
      souffleur flows check intake.yaml
    """
    with plainly():
        from orchestrator.flow_check import check

        settings = settings_for(config, {}, quiet=True)
        refused = [name for name in flow if not check(settings, name, console())]
        if refused:
            raise typer.Exit(BAD_INPUT)


@flows.command("test")
def test_flow(
    flow: FlowName,
    only: Annotated[str, typer.Option(metavar="NAME", help="Only tests whose name has this in it.")] = "",
    show: Annotated[
        bool, typer.Option("--show", help="Show what was said in those that passed, too.")
    ] = False,
    config: Config = None,
) -> None:
    """Hold the conversations written inside a flow.

    \b
    Examples:
      souffleur flows test medical_intake --show
    """
    with plainly():
        from orchestrator.flow_check import test

        settings = settings_for(config, {}, quiet=True)
        run(lambda: test(settings, flow, only, show, console()))


@flows.command("draw")
def draw_flow(
    flow: FlowName,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="An SVG, or Mermaid text where it ends in .mmd or .md."),
    ] = None,
) -> None:
    """Draw a flow's steps. Without a file, Mermaid text on standard output.

    \b
    Examples:
      souffleur flows draw medical_intake --out intake.svg
    """
    with plainly():
        from flows.draw import draw_mermaid, draw_svg
        from flows.loader import load_flow

        kind = out.suffix.lower() if out is not None else ""
        if out is not None and kind not in (".svg", ".mmd", ".md"):
            raise typer.BadParameter("name a file that ends in .svg, .mmd or .md", param_hint="--out")
        drawn = load_flow(flow)
        picture = draw_svg(drawn) if kind == ".svg" else draw_mermaid(drawn)
        if out is None:
            typer.echo(picture, nl=False)
        else:
            _write(out, picture)


@flows.command("diff")
def diff_flow(
    old: Annotated[str, typer.Argument(metavar="OLD", help="A flow's file, or its name in the library.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The same, as it is now.")],
) -> None:
    """Say in words what changed between two versions of a flow.

    \b
    Examples:
      souffleur flows diff intake-1.yaml intake-2.yaml
    """
    with plainly():
        from flows.diff import diff_flows
        from flows.loader import open_flow

        changes = diff_flows(open_flow(old).written, open_flow(new).written)
        typer.echo("\n".join(changes) if changes else "Nothing has changed.")


@flows.command("schema")
def schema(
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Where to; else standard output.")] = None,
) -> None:
    """Write the JSON Schema of flow files, for editors.

    A flow whose first line is `# yaml-language-server: $schema=flow.schema.json` is checked as it is typed.

    \b
    Examples:
      souffleur flows schema --out flow.schema.json
    """
    with plainly():
        from flows.json_schema import json_schema_text

        if out is None:
            typer.echo(json_schema_text(), nl=False)
        else:
            _write(out, json_schema_text())


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as refused:
        typer.echo(f"souffleur: {path} cannot be written: {refused.strerror}", err=True)
        raise typer.Exit(FAILED) from None
    typer.echo(f"written: {path}")
