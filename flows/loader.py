"""A flow by its file, or by its name in the library."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from flows.check import check, did_you_mean, knowledge_folder
from flows.errors import BadFlow, Mistake, NoSuchFlow
from flows.schema import Flow
from flows.source import Node, parse

LARGEST_BYTES = 256 * 1024
LIBRARY = Path(__file__).parent / "library"
_SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class LoadedFlow:
    """A flow with the file it came from and the folder of its pages, None where it has none."""

    flow: Flow
    path: Path
    knowledge_dir: Path | None


def library() -> list[tuple[str, Path]]:
    """The flows that come with the package: name and file, by name."""
    return sorted((path.stem, path) for path in LIBRARY.glob("*.yaml"))


def load_flow(name_or_path: str) -> Flow:
    """See `open_flow`, without the paths."""
    return open_flow(name_or_path).flow


def open_flow(name_or_path: str) -> LoadedFlow:
    """Read, check and freeze a flow.

    Args:
        name_or_path: a name in the library, or a file (anything with a slash or ending in .yaml or .yml).

    Raises:
        NoSuchFlow: neither; the text suggests close names.
        BadFlow: the file has mistakes, all of them listed with line, column, rule and cure.
    """
    path = _find(name_or_path)
    root, mistakes = parse(_read(path), str(path))
    flow: Flow | None = None
    try:
        flow = Flow.model_validate(root.plain())
    except ValidationError as error:
        mistakes += (_from_schema(root, details, path) for details in error.errors(include_url=False))
    mistakes += check(root, path)
    if flow is None or mistakes:
        raise BadFlow(sorted(mistakes, key=lambda m: (m.line, m.column)))
    folder = knowledge_folder(path, flow.knowledge) if flow.knowledge else None
    return LoadedFlow(flow.model_copy(update={"content_hash": _hash(flow)}), path, folder)


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
    canonical = json.dumps(flow.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
    # Two flows that ask in another order are two flows, and so are mappings in another order: values are heard
    # and read in theirs.
    order = json.dumps([list(flow.slots), [list(slot.values) for slot in flow.slots.values()]])
    return hashlib.sha256(f"{canonical}\n{order}".encode()).hexdigest()


# --- what the schema says, in a supervisor's words -----------------------------------------------------------


def _from_schema(root: Node, error: ErrorDetails, file: Path) -> Mistake:
    of_key = error["loc"][-1:] == ("[key]",)
    path = error["loc"][:-1] if of_key else error["loc"]
    kind = error["type"]
    rule, cure = _in_words(kind, path, error, of_key)
    # An empty value begins where the next line does: its key is the place to look at.
    place = root.locate(*path, key=of_key or kind == "extra_forbidden" or error["input"] == "")
    return Mistake(str(file), place.line, place.column, rule, cure)


def _in_words(kind: str, path: tuple[Any, ...], error: ErrorDetails, of_key: bool) -> tuple[str, str]:
    name = str(path[-1]) if path else "the file"
    given = error["input"]
    wanted = error.get("ctx", {})
    if of_key or kind == "string_pattern_mismatch":
        return f"`{given}` cannot be used for {_what(path, of_key)}", _PATTERN_CURES.get(
            str(wanted.get("pattern", "")), "Use letters, digits and `_`."
        )
    if kind == "missing":
        return f"`{name}` is missing{_inside(path[:-1])}", f"Add `{name}:`{_meaning(path)}."
    if kind == "extra_forbidden":
        known = list(_keys_at(path[:-1]))
        others = f"Known here are: {', '.join(known)}."
        return f"unknown key `{name}`{_inside(path[:-1])}", did_you_mean(name, known, others)
    if given == "" or kind == "too_short":
        return f"`{name}` is empty{_inside(path[:-1])}", "Give it a value, or remove the line."
    if kind in ("enum", "literal_error"):
        allowed = str(wanted.get("expected", ""))
        options = [word.strip(" '") for word in allowed.replace(" or ", ",").split(",")]
        others = f"Use one of: {', '.join(options)}."
        return f"`{given}` is not a {name}{_inside(path[:-1])}", did_you_mean(str(given), options, others)
    rule = _lower(error["msg"]).removeprefix("input ").split(", unable to", 1)[0]
    return f"`{name}` {rule}{_inside(path[:-1])}", _TYPE_CURES.get(kind, "")


_PATTERN_CURES = {
    r"^[a-z][a-z0-9_]*$": "Begin with a lower-case letter, then use letters, digits and `_`.",
    r"^\d+(\.\d+)*$": "Write numbers with dots between them: `1` or `1.2`.",
}
_TYPE_CURES = {
    "tuple_type": "Write a list: `[one, two]`, or `[]` for none.",
    "dict_type": "Write one `key: value` a line, indented.",
    "model_type": "Write one `key: value` a line, indented.",
    "model_attributes_type": "Write one `key: value` a line, indented.",
    "string_type": "Write a text.",
    "string_unicode": "Take out the halves of characters, such as `\\uD800`.",
    "bool_parsing": "Write `true` or `false`.",
    "int_parsing": "Write a whole number.",
    "float_parsing": "Write a number.",
}


def _what(path: tuple[Any, ...], of_key: bool) -> str:
    return "a name" if of_key or not path else f"`{path[-1]}`"


def _inside(path: tuple[Any, ...]) -> str:
    return f" in `{'.'.join(str(step) for step in path)}`" if path else ""


def _lower(message: str) -> str:
    return message[:1].lower() + message[1:]


def _meaning(path: tuple[Any, ...]) -> str:
    """What the schema says about a field, to follow its name."""
    model = _model_at(path[:-1])
    described = (
        model.model_fields[str(path[-1])].description if model and path[-1] in model.model_fields else ""
    )
    return f" ({_lower(described.rstrip('.'))})" if described else ""


def _keys_at(path: tuple[Any, ...]) -> Iterator[str]:
    model = _model_at(path)
    for name, info in (model.model_fields if model else {}).items():
        if not info.exclude:
            yield name


def _model_at(path: tuple[Any, ...]) -> type[BaseModel] | None:
    """The part of the schema that a path leads to, None where it is no part with keys of its own."""
    here: Any = Flow
    for step in path:
        if isinstance(here, type) and issubclass(here, BaseModel):
            if step not in here.model_fields:
                return None
            here = here.model_fields[str(step)].annotation
        elif get_origin(here) is dict:
            here = get_args(here)[1]
        else:
            return None
        if get_origin(here) in (Union, UnionType):
            here = next((option for option in get_args(here) if option is not type(None)), None)
    return here if isinstance(here, type) and issubclass(here, BaseModel) else None
