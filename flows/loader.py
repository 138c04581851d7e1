"""A flow by its file, or by its name in the library, with the flows that it imports."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import islice
from pathlib import Path

from flows.checks import check_paths, check_written
from flows.checks.files import knowledge_folder, pages_named
from flows.checks.written import Written
from flows.closest import did_you_mean
from flows.errors import BadFlow, Mistake, NoSuchFlow, Severity
from flows.expand import expand
from flows.refusals import read
from flows.schema import Flow
from flows.source import Node, parse

LARGEST_BYTES = 256 * 1024
MOST_SLOTS = 500
MOST_STEPS = 2000
MOST_PARTS = 5000  # of all kinds
DEEPEST_IMPORT = 8
MOST_MISTAKES = 100
LIBRARY = Path(__file__).parent / "library"
_SUFFIXES = (".yaml", ".yml")
_SECTIONS = ("slots", "steps", "gates", "disclosures", "actions", "outcomes", "topics")


@dataclass(frozen=True, slots=True)
class LoadedFlow:
    """A flow, written out, with where it came from.

    Attributes:
        flow: written out, its `content_hash` set.
        path: its file.
        written: the flow as it stands in the file, for drawing and comparing.
        knowledge_dirs: folders of pages by name: "" for a single one, `step.name` for those of a flow that is
            called by `step`, each file's beside itself.
        warnings: what is hardly meant so, and does no harm to the machine.
    """

    flow: Flow
    path: Path
    written: Flow
    knowledge_dirs: Mapping[str, Path]
    warnings: tuple[Mistake, ...] = ()

    @property
    def knowledge_dir(self) -> Path | None:
        """The folder of a flow that names a single one, None where it has none or several."""
        return self.knowledge_dirs.get("")


def library() -> list[tuple[str, Path]]:
    """The flows that come with the package: name and file, by name."""
    return sorted((path.stem, path) for path in LIBRARY.glob("*.yaml"))


def load_flow(name_or_path: str) -> Flow:
    """See `open_flow`, without the paths."""
    return open_flow(name_or_path).flow


def open_flow(name_or_path: str) -> LoadedFlow:
    """Read, check, write out and freeze a flow.

    Args:
        name_or_path: a name in the library, or a file (anything with a slash or ending in .yaml or .yml).

    Raises:
        NoSuchFlow: neither; the text suggests close names.
        BadFlow: the file, or one that it imports, has mistakes, all of them listed with line, column, rule and cure.
    """
    return _Opening().open(_find(name_or_path))


def check_file(name_or_path: str) -> list[Mistake]:
    """All mistakes and warnings of a flow and of those that it imports; none where it is in order.

    Raises:
        NoSuchFlow: there is no such flow.
    """
    try:
        return list(open_flow(name_or_path).warnings)
    except BadFlow as bad:
        return list(bad.mistakes)


@dataclass(slots=True)
class _Opening:
    """One flow with all that it imports. Each file is read once; `_within`: those that are being read."""

    _done: dict[Path, LoadedFlow | None] = field(default_factory=dict)
    _within: list[Path] = field(default_factory=list)

    def open(self, path: Path) -> LoadedFlow:
        root, told = parse(_read(path), str(path))
        flow, refused = read(root, str(path), MOST_MISTAKES)
        told += refused
        imported, of_imports = self._imported(flow, root, path)
        told += of_imports
        written = Written(str(path), root, flow, {name: one.flow for name, one in imported.items()})
        if too_many := _too_many(written):
            raise BadFlow(_in_order([*told, *too_many]))
        told += islice(check_written(written), MOST_MISTAKES)
        if _refused(told):
            raise BadFlow(_in_order(told))
        whole = expand(flow, written.imported)
        told += islice(check_paths(written, whole), MOST_MISTAKES)
        if _refused(told):
            raise BadFlow(_in_order(told))
        whole = whole.model_copy(update={"content_hash": _hash(whole)})
        return LoadedFlow(whole, path, flow, _folders(flow, path, imported), _in_order(told))

    def _imported(self, flow: Flow, root: Node, path: Path) -> tuple[dict[str, LoadedFlow], list[Mistake]]:
        """The flows that a file imports, and what is wrong with the importing and with them."""
        found: dict[str, LoadedFlow] = {}
        told: list[Mistake] = []
        self._within.append(path.resolve())
        for name, named in flow.imports.items():
            place = root.locate("imports", name)
            wrong = self._cannot_import(named, path)
            if isinstance(wrong, tuple):
                told.append(Mistake(str(path), place.line, place.column, *wrong))
                continue
            known, mistakes = self._open_once(wrong)
            if known is not None:
                found[name] = known
            told += mistakes
            if known is None:
                rule = f"the flow `{named}` has mistakes of its own"
                told.append(Mistake(str(path), place.line, place.column, rule, f"See {wrong}."))
        self._within.pop()
        return found, told

    def _open_once(self, path: Path) -> tuple[LoadedFlow | None, tuple[Mistake, ...]]:
        """A flow, None where it has mistakes; they are told the first time only."""
        key = path.resolve()
        if key in self._done:
            return self._done[key], ()
        try:
            loaded = self.open(path)
        except BadFlow as bad:
            self._done[key] = None
            return None, bad.mistakes
        self._done[key] = loaded
        return loaded, loaded.warnings

    def _cannot_import(self, named: str, importer: Path) -> Path | tuple[str, str]:
        """The file that is meant, or why it cannot be imported and the cure."""
        found = _find_import(named, importer)
        if not isinstance(found, Path):
            return found
        if found.resolve() in self._within:
            round_ = [*self._within[self._within.index(found.resolve()) :], found]
            ring = " → ".join(path.name for path in round_)
            return f"the flows import each other in a ring: {ring}", "Take one of the imports out."
        if len(self._within) >= DEEPEST_IMPORT:
            return (
                f"imports are nested deeper than {DEEPEST_IMPORT} files",
                "Import fewer flows by way of others.",
            )
        return found


def _refused(told: Iterable[Mistake]) -> bool:
    return any(mistake.severity is Severity.ERROR for mistake in told)


def _in_order(told: Iterable[Mistake]) -> tuple[Mistake, ...]:
    """By file, in the order in which they were read; then by place. Each once."""
    files = list(dict.fromkeys(mistake.file for mistake in told))
    return tuple(sorted(dict.fromkeys(told), key=lambda m: (files.index(m.file), m.line, m.column, m.rule)))


def _too_many(written: Written) -> list[Mistake]:
    """Looked at before anything is written out: a few calls can make many steps."""
    counts = {section: len(written.names(section)) for section in _SECTIONS}
    for step in written.flow.steps.values():
        called = written.imported.get(step.call.flow) if step.call is not None else None
        for section in _SECTIONS if called is not None else ():
            counts[section] += len(getattr(called, section))
    told = []
    for section, most in (("slots", MOST_SLOTS), ("steps", MOST_STEPS)):
        if counts[section] > most:
            rule = f"the flow has {counts[section]} {section}, those of flows that it calls among them; {most} is the most"
            told.append(written.mistake((section,), rule, "Split it into several flows.", key=True))
    if not told and sum(counts.values()) > MOST_PARTS:
        rule = f"the flow has {sum(counts.values())} parts; {MOST_PARTS} is the most"
        told.append(written.mistake((), rule, "Split it into several flows."))
    return told


def _folders(flow: Flow, path: Path, imported: Mapping[str, LoadedFlow]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for name, named in pages_named(flow).items():
        folder = knowledge_folder(path, named)
        assert folder is not None, "checked before"
        found[name] = folder
    for name, step in flow.steps.items():
        called = imported.get(step.call.flow) if step.call is not None else None
        for theirs, folder in (called.knowledge_dirs if called is not None else {}).items():
            found[f"{name}.{theirs}" if theirs else name] = folder
    return found


# --- files ---------------------------------------------------------------------------------------------------


def _find_import(named: str, importer: Path) -> Path | tuple[str, str]:
    """A flow of the library, or a file in the folder of the flow that imports it, or below."""
    known = dict(library())
    if os.sep not in named and not named.endswith(_SUFFIXES):
        if named in known:
            return known[named]
        return f"there is no flow `{named}` in the library", did_you_mean(
            named, known, "Name a file: `other.yaml`."
        )
    home = importer.parent.resolve()
    try:
        path = (home / named).resolve()
        inside, there = path.is_relative_to(home), path.is_file()
    except (OSError, ValueError):  # a name too long, or with a null byte
        inside, there = True, False
    if not inside:
        return (
            f"`{named}` leads out of the flow's own folder",
            "Name a file beside the flow, or a flow of the library.",
        )
    if not there:
        beside = [p.name for p in home.glob("*") if p.suffix in _SUFFIXES]
        return f"there is no file `{named}` beside the flow", did_you_mean(
            named, beside, "Create it, or correct the name."
        )
    return importer.parent / named


def _find(name_or_path: str) -> Path:
    path = Path(name_or_path)
    named_as_file = os.sep in name_or_path or name_or_path.endswith(_SUFFIXES)
    known = dict(library())
    if not named_as_file and name_or_path in known:
        return known[name_or_path]
    try:
        if path.is_file():
            return path
        if path.is_dir() and named_as_file:
            raise NoSuchFlow(f"{name_or_path} is a folder; name a flow file in it")
    except (OSError, ValueError):  # a name too long, or with a null byte, is no file either
        pass
    raise NoSuchFlow(_no_such_flow(name_or_path, path, known, named_as_file))


def _no_such_flow(asked: str, path: Path, known: dict[str, Path], named_as_file: bool) -> str:
    asked = asked if asked.isprintable() and len(asked) <= 200 else f"{asked[:60]!r}..."
    if not named_as_file:
        close = did_you_mean(asked, known, f"The library has: {', '.join(known)}.")
        return f"there is no flow `{asked}` in the library, and no such file. {close}"
    try:
        beside = [p.name for p in path.parent.glob("*") if p.suffix in _SUFFIXES]
    except (OSError, ValueError):
        beside = []
    close_files = get_close_matches(path.name, beside, n=1, cutoff=0.5)
    cure = f"Did you mean {path.parent / close_files[0]}?" if close_files else did_you_mean(path.stem, known)
    return f"there is no flow file {asked}. {cure}".rstrip()


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        cure = "See that the file can be read."
        raise BadFlow([Mistake(str(path), 0, 0, f"cannot be read: {error.strerror}", cure)]) from None
    if len(data) > LARGEST_BYTES:
        rule = f"the file is larger than {LARGEST_BYTES // 1024} kB"
        raise BadFlow(
            [Mistake(str(path), 0, 0, rule, "Move texts that are read aloud into knowledge pages.")]
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        rule = f"byte {data[error.start]:#04x} is not UTF-8"
        raise BadFlow([Mistake(str(path), line, 1, rule, "Save the file as UTF-8.")]) from None


def _hash(flow: Flow) -> str:
    # Two flows that ask in another order are two flows, and so are mappings in another order: values are heard
    # and read in theirs. So keys are not sorted. What is tested of a flow is no part of it.
    canonical = json.dumps(flow.model_dump(mode="json", exclude={"tests"}), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
