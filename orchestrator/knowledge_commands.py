"""`souffleur knowledge`: what calls may look up beside the pages of their flows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from orchestrator.command import Config, console, plainly, run, settings_for

knowledge = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Add, list, search and remove what calls may look up."
)

Scope = Annotated[
    str, typer.Argument(metavar="FLOW", help="The name of the flow whose calls may look it up.")
]


@knowledge.command("add")
def add(
    flow: Scope,
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="Markdown, text, HTML, PDF or CSV; or folders of them."),
    ],
    access: Annotated[
        str, typer.Option(metavar="LABEL", help="Only for callers who hold this label; else for everybody.")
    ] = "",
    config: Config = None,
) -> None:
    """Take files in: split, embedded where embeddings are set, and kept.

    A file that was added before is brought up to date; only what changed in it is written again. A server has it from
    its next start on.

    \b
    Examples:
      souffleur knowledge add medical_intake fees.csv leaflets/
    """
    with plainly():
        settings = settings_for(config, {}, quiet=True)

        async def work() -> int:
            from rich.progress import Progress

            from orchestrator.shelf import open_shelf

            with Progress(console=console(errors=True), transient=True) as bar:
                doing = bar.add_task("reading and indexing", total=len(files))
                async with open_shelf(settings) as shelf:
                    totals = [0, 0, 0]
                    for place in files:
                        added = await shelf.add(flow, [place], access)
                        totals = [
                            a + b
                            for a, b in zip(totals, (added.files, added.passages, added.changed), strict=True)
                        ]
                        bar.advance(doing)
            typer.echo(f"{flow}: {totals[1]} passages of {totals[0]} files; {totals[2]} changed")
            return 0

        run(work)


@knowledge.command("list")
def list_knowledge(config: Config = None) -> None:
    """List what was added, by flow and file.

    \b
    Examples:
      souffleur knowledge list
    """
    with plainly():
        settings = settings_for(config, {}, quiet=True)

        async def work() -> int:
            from orchestrator.shelf import open_shelf

            async with open_shelf(settings) as shelf:
                found = await shelf.sources()
            for scope, sources in found.items():
                for source, passages in sorted(sources.items()):
                    typer.echo(f"{scope:<24} {source:<40} {passages} passages")
            if not found:
                typer.echo("Nothing was added yet; see `souffleur knowledge add --help`.")
            return 0

        run(work)


@knowledge.command("search")
def search(
    flow: Scope,
    words: Annotated[list[str], typer.Argument(metavar="WORDS...", help="As a caller would ask.")],
    limit: Annotated[int, typer.Option(min=1, max=50, metavar="N", help="The best so many.")] = 3,
    access: Annotated[
        list[str] | None, typer.Option(metavar="LABEL", help="As a caller who holds it; may be given again.")
    ] = None,
    config: Config = None,
) -> None:
    """Search what was added, as a call would.

    \b
    Examples:
      souffleur knowledge search medical_intake what does a first visit cost
    """
    with plainly():
        settings = settings_for(config, {}, quiet=True)

        async def work() -> int:
            from orchestrator.shelf import open_shelf

            async with open_shelf(settings) as shelf:
                found = await shelf.search(flow, " ".join(words), limit, access or ())
            for passage in found:
                typer.echo(
                    f"{passage.score:5.2f}  {passage.title}  ({passage.source})\n       {passage.text}"
                )
            if not found:
                typer.echo("Nothing found.")
            return 0

        run(work)


@knowledge.command("remove")
def remove(
    flow: Scope,
    sources: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILE...", help="As `list` names them; without any, all of them."),
    ] = None,
    config: Config = None,
) -> None:
    """Remove files, or all that was added for a flow.

    \b
    Examples:
      souffleur knowledge remove medical_intake fees.csv
    """
    with plainly():
        settings = settings_for(config, {}, quiet=True)

        async def work() -> int:
            from orchestrator.shelf import open_shelf

            async with open_shelf(settings) as shelf:
                gone = await shelf.remove(flow, sources or ())
            typer.echo(f"{flow}: {gone} passages removed")
            return 0

        run(work)
