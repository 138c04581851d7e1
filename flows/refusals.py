"""What the schema says of a file, in a supervisor's words, and what of the file can be read all the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from flows.closest import did_you_mean
from flows.errors import Mistake
from flows.part import NAME
from flows.schema import Flow
from flows.source import DEEPEST, Node, Plain

_PLACEHOLDERS: Mapping[str, Plain] = {
    "flow": "unnamed",
    "version": "0",
    "about": "unknown",
    "agent": {"name": "unknown", "company": "unknown", "business": "unknown"},
}
"""For the keys that no flow can be without, where a file lacks them or has them wrong."""

Path_ = tuple[str | int, ...]


def read(root: Node, file: str, most: int) -> tuple[Flow, list[Mistake]]:
    """As much of a file as follows the schema, and what does not, `most` of it.

    What is refused is left out: the entry of the innermost mapping around it. So indices of lists stay those of
    the file, and what can be read can be checked further.
    """
    plain = root.plain()
    mistakes = list(_written_by_the_loader(root, file))
    flow, refused = _validated(plain)
    mistakes += [_mistake(root, details, file) for details in refused[:most]]
    mistakes += islice(_empty(root, file), most)
    if not isinstance(plain, dict):
        plain = {}
    for _round in range(DEEPEST):
        if flow is not None:
            return flow, mistakes
        for details in refused:
            _leave_out(plain, _path(details), details["type"] == "missing")
        flow, refused = _validated({**_PLACEHOLDERS, **plain})
    return flow or Flow.model_validate(_PLACEHOLDERS), mistakes


def _validated(plain: Plain) -> tuple[Flow | None, list[ErrorDetails]]:
    try:
        return Flow.model_validate(plain), []
    except ValidationError as error:
        return None, _without_other_branches(error.errors(include_url=False))


def _written_by_the_loader(root: Node, file: str) -> Iterator[Mistake]:
    """Keys that only the loader sets are unknown keys in a file."""
    calls = [("steps", name, "call", "first") for name in _keys(root, "steps")]
    for path in (("content_hash",), *calls):
        if _at(root, path) is not None:
            place = root.locate(*path, key=True)
            rule = f"unknown key `{path[-1]}`{_inside(path[:-1])}"
            yield Mistake(file, place.line, place.column, rule, "Take it out.")


def _empty(node: Node, file: str, path: Path_ = ()) -> Iterator[Mistake]:
    """Keys with nothing behind them, where the schema takes an empty text for none. Tests may compare with it."""
    if not isinstance(node.value, dict) or path == ("tests",):
        return
    for key, child in node.value.items():
        if child.value == "":
            place = node.keys[key]
            rule = f"`{key}` is empty{_inside(path)}"
            yield Mistake(file, place.line, place.column, rule, "Give it a value, or remove the line.")
        yield from _empty(child, file, (*path, key))


def _keys(root: Node, section: str) -> list[str]:
    child = root.child(section)
    return list(child.value) if child is not None and isinstance(child.value, dict) else []


def _at(root: Node, path: Path_) -> Node | None:
    node: Node | None = root
    for step in path:
        node = node.child(step) if node is not None else None
    return node


def _without_other_branches(errors: list[ErrorDetails]) -> list[ErrorDetails]:
    """Where a value may be of several kinds, only what is wrong with the kind that was written.

    Pydantic reports each kind of a union and puts its name into the path.
    """
    kept: list[ErrorDetails] = []
    for error in errors:
        loc = error["loc"]
        at = next((n for n, step in enumerate(loc) if str(step).startswith(("dict[", "str"))), None)
        if at is None or not _is_union(loc[:at]):
            kept.append(error)
            continue
        of_mapping, deeper = str(loc[at]).startswith("dict["), len(loc) > at + 1
        if of_mapping and (deeper or error["type"] != "dict_type"):
            kept.append({**error, "loc": (*loc[:at], *loc[at + 1 :])})
        elif not of_mapping and not isinstance(error["input"], dict):
            kept.append({**error, "loc": loc[:at]})
    return kept or errors


def _is_union(path: Path_) -> bool:
    return len(path) == 1 and path[0] == "knowledge"


def _path(error: ErrorDetails) -> Path_:
    loc = error["loc"]
    return loc[:-1] if loc[-1:] == ("[key]",) else loc


def _leave_out(plain: dict[str, Any], path: Path_, missing: bool) -> None:
    """Take the innermost entry of a mapping around `path` out; around what lacks something where it is missing."""
    path = path[:-1] if missing else path
    lists = next((at for at, step in enumerate(path) if isinstance(step, int)), len(path))
    around: Any = plain
    for step in path[: lists - 1]:
        inner = around.get(step)
        if not isinstance(inner, dict):  # a short form: the entry stands for all below it
            around.pop(step, None)
            return
        around = inner
    if lists:
        around.pop(path[lists - 1], None)


# --- in words ------------------------------------------------------------------------------------------------


def _mistake(root: Node, error: ErrorDetails, file: str) -> Mistake:
    of_key = error["loc"][-1:] == ("[key]",)
    path, kind = _path(error), error["type"]
    rule, cure = _in_words(kind, path, error, of_key)
    # An empty value begins where the next line does: its key is the place to look at.
    place = root.locate(*path, key=of_key or kind == "extra_forbidden" or error["input"] == "")
    return Mistake(file, place.line, place.column, rule, cure)


def _in_words(kind: str, path: Path_, error: ErrorDetails, of_key: bool) -> tuple[str, str]:
    name = _last_name(path)
    around = path[: max((at for at, step in enumerate(path) if isinstance(step, str)), default=0)]
    given, wanted = error["input"], error.get("ctx", {})
    if of_key or kind == "string_pattern_mismatch":
        rule = f"`{given}` cannot be used for {'a name' if of_key or not path else f'`{name}`'}"
        return rule, _PATTERN_CURES.get(str(wanted.get("pattern", "")), "Use letters, digits and `_`.")
    if kind == "missing":
        return f"`{name}` is missing{_inside(around)}", f"Add `{name}:`{_meaning(path)}."
    if kind == "extra_forbidden":
        known = list(_keys_at(path[:-1]))
        others = f"Known here are: {', '.join(known)}."
        if " " in name:
            others = "Within `{...}` a comma begins the next key: put a text with a comma in quotes."
        return f"unknown key `{name}`{_inside(around)}", did_you_mean(name, known, others)
    if given == "" or kind == "too_short":
        return f"`{name}` is empty{_inside(around)}", "Give it a value, or remove the line."
    if kind in ("enum", "literal_error"):
        allowed = str(wanted.get("expected", ""))
        options = [word.strip(" '") for word in allowed.replace(" or ", ",").split(",")]
        others = f"Use one of: {', '.join(options)}."
        given = given if isinstance(given, str) else "this"
        article = "an" if name[0] in "aeio" else "a"
        return f"`{given}` is not {article} {name}{_inside(around)}", did_you_mean(given, options, others)
    rule = error["msg"][:1].lower() + error["msg"][1:]
    rule = rule.removeprefix("input ").removeprefix("value error, ").split(", unable to", 1)[0]
    rule = rule.removesuffix(" or instance of " + _class_name(error))
    return f"`{name}` {rule}{_inside(around)}", _TYPE_CURES.get(kind, "")


_PATTERN_CURES = {
    NAME: "Begin with a lower-case letter, then use letters, digits and `_`.",
    r"^\d+(\.\d+)*$": "Write numbers with dots between them: `1` or `1.2`.",
    r"^\d{1,2}(-\d{1,2})?$": "Write a number of characters, `6`, or the least and the most: `4-8`.",
}
_TYPE_CURES = {
    "tuple_type": "Write a list: `[one, two]`, or `[]` for none.",
    "dict_type": "Write one `key: value` a line, indented.",
    "model_type": "Write one `key: value` a line, indented.",
    "model_attributes_type": "Write one `key: value` a line, indented.",
    "string_type": "Write a text.",
    "string_too_long": "Shorten it.",
    "string_unicode": "Take out the halves of characters, such as `\\uD800`.",
    "bool_parsing": "Write `true` or `false`.",
    "int_parsing": "Write a whole number.",
    "float_parsing": "Write a number.",
}


def _class_name(error: ErrorDetails) -> str:
    return str(error.get("ctx", {}).get("class_name", ""))


def _last_name(path: Path_) -> str:
    return next((step for step in reversed(path) if isinstance(step, str)), "the file")


def _inside(path: Path_) -> str:
    words = [step for step in path if isinstance(step, str)]
    return f" in `{'.'.join(words)}`" if words else ""


# --- what the schema knows -----------------------------------------------------------------------------------


def _meaning(path: Path_) -> str:
    """What the schema says about a field, to follow its name."""
    model = _model_at(path[:-1])
    described = _fields(model).get(str(path[-1]), ("", None))[0]
    return f" ({described[:1].lower()}{described[1:].rstrip('.')})" if described else ""


def _keys_at(path: Path_) -> Iterator[str]:
    yield from _fields(_model_at(path))


def _fields(model: type[BaseModel] | None) -> dict[str, tuple[str, Any]]:
    """The keys that a file may give, each with its description and its type."""
    return {
        info.alias or name: (info.description or "", info.annotation)
        for name, info in (model.model_fields.items() if model else ())
        if not info.exclude
    }


def _model_at(path: Path_) -> type[BaseModel] | None:
    """The part of the schema that a path leads to, None where it is no part with keys of its own."""
    here: Any = Flow
    for step in path:
        if isinstance(here, type) and issubclass(here, BaseModel):
            here = _fields(here).get(str(step), ("", None))[1]
        elif get_origin(here) is dict:
            here = get_args(here)[1]
        elif get_origin(here) is tuple and isinstance(step, int):
            here = get_args(here)[0]
        else:
            return None
        while get_origin(here) in (Union, UnionType, Annotated):
            here = next(option for option in get_args(here) if option is not type(None))
    return here if isinstance(here, type) and issubclass(here, BaseModel) else None
