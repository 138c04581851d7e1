"""`souffleur knowledge`: what calls may look up beside the pages of their flows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from orchestrator.command import Config, console, plainly, run, settings_for

knowledge = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Add, list, search and remove what calls may look up."
)

_STAGES = {"reading": "files", "indexing": "passages"}


def _passages(count: int) -> str:
    return "1 passage" if count == 1 else f"{count} passages"


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

    A file that was added before is brought up to date; only what changed in it is written again. Running servers have
    it from their next start on; with a Qdrant server they have it at once.

    \b
    Examples:
      souffleur knowledge add medical_intake fees.csv leaflets/
    """
    with plainly():
        settings = settings_for(config, {}, quiet=True)

        async def work() -> int:
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            from orchestrator.shelf import Stage, open_shelf

            shown = (
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
            )
            screen = console(errors=True)
            with Progress(*shown, console=screen, transient=True, disable=not screen.is_terminal) as bar:
                bars = {stage: bar.add_task(f"{stage} {what}", total=None) for stage, what in _STAGES.items()}

                def told(stage: Stage, done: int, of: int) -> None:
                    bar.update(bars[stage], completed=done, total=of)

                async with open_shelf(settings) as shelf:
                    added = await shelf.add(flow, files, access, told)
            what = f"{_passages(added.passages)} of {added.files} file{'s' * (added.files != 1)}"
            typer.echo(f"{flow}: {what}; {added.changed} changed")
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
                    typer.echo(f"{scope:<24} {source:<40} {_passages(passages)}")
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
            typer.echo(f"{flow}: {_passages(gone)} removed")
            return 0

        run(work)
