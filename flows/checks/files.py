"""The folders of pages that a flow names are there, and within its own folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from flows.checks.written import Path_, Written
from flows.closest import did_you_mean
from flows.errors import Mistake
from flows.schema import Flow


def check(written: Written) -> Iterator[Mistake]:
    for name, named in pages_named(written.flow).items():
        where: Path_ = ("knowledge", name) if name else ("knowledge",)
        yield from _check_folder(written, where, named)


def pages_named(flow: Flow) -> Mapping[str, str]:
    """The folders of a flow by their names; a single one has the name ""."""
    if isinstance(flow.knowledge, str):
        return {"": flow.knowledge} if flow.knowledge else {}
    return flow.knowledge


def _check_folder(written: Written, where: Path_, named: str) -> Iterator[Mistake]:
    file = Path(written.file)
    folder = knowledge_folder(file, named)
    if folder is None:
        rule = f"`knowledge` leads out of the flow's own folder: {named}"
        yield written.mistake(where, rule, "Name a folder beside the flow file.")
    elif not folder.is_dir():
        beside = [p.relative_to(file.parent).as_posix() for p in file.parent.glob("*/**") if p.is_dir()]
        cure = did_you_mean(named, beside, f"Create the folder {folder} or correct the name.")
        yield written.mistake(where, f"there is no folder `{named}` beside the flow", cure)
    elif not any(folder.glob("**/*.md")):
        yield written.mistake(where, f"the folder `{named}` holds no pages", "Add a page: `about.md`.")


def knowledge_folder(file: Path, named: str) -> Path | None:
    """The folder that a flow file names, None where it lies outside of the file's own folder."""
    if "\0" in named:
        return None
    home = file.parent.resolve()
    folder = (home / named).resolve()
    return folder if folder.is_relative_to(home) and folder != home else None
