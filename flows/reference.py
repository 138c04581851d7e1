"""The page about the language: an example of each construct, then what the schema says of each key.

`python -m flows.reference` makes `docs/flows.md` and `docs/flow.schema.json` anew.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le
from pydantic import StringConstraints
from pydantic.fields import FieldInfo

from flows.action import OnError
from flows.json_schema import json_schema_text
from flows.part import Condition, Name, OneOrMore, Part, Target
from flows.schema import Flow, OutcomeCode
from flows.slot import Slot

DOCS = Path(__file__).parents[1] / "docs"
EXAMPLES = Path(__file__).parent / "examples"
FRAME = """\
flow: example
version: 1
about: An example
agent: {name: Ann, company: Acme, business: shop}
"""
"""What every flow begins with; the examples leave it out."""

_INTRODUCTION = f"""\
# The flow language

<!-- Made from the schema and from flows/examples: `python -m flows.reference` makes it anew. -->

A flow file is YAML. It says what to find out (*slots*), and, where a form is not enough, in which order and with what
said, looked up, done and decided (*steps*). What callers do anyway, such as answering out of order, correcting
themselves, asking back or wanting a person, has defaults and need not be written.

`souffleur flows check my.yaml` tells every mistake with its line, what is wrong and what to do. Editors that know
YAML complete and check by [`flow.schema.json`](flow.schema.json). Unknown keys are mistakes. All scalars are read as
text and typed by the schema: a slot may be called `no`.

Every flow begins like this; the examples leave it out.

```yaml
{FRAME}```
"""
_SPECIAL = {Name: "name", Condition: "[expression](#conditions-on-slots)", Target: "step or outcome"}


def examples() -> list[tuple[str, str, str]]:
    """Each example: its title, what is said of it, and its YAML without the frame."""
    found = []
    for path in sorted(EXAMPLES.glob("*.yaml")):
        lines = path.read_text(encoding="utf-8").splitlines()
        end = next(n for n, line in enumerate(lines) if not line.startswith("#"))
        title, *words = (line.removeprefix("#").strip() for line in lines[:end])
        found.append((title, "\n".join(words).strip(), "\n".join(lines[end:]).strip()))
    return found


def reference() -> str:
    """The page, Markdown."""
    parts = [_INTRODUCTION]
    for title, words, code in examples():
        parts.append(f"## {title}\n\n{words}\n\n```yaml\n{code}\n```\n")
    parts.append("## All keys\n")
    parts += [_table(part) for part in _parts()]
    return "\n".join(parts)


def _parts() -> list[type[Part]]:
    """The flow, then what it is made of, in the order in which they are first named."""
    found: list[type[Part]] = [Flow]
    for part in found:
        for info in part.model_fields.values():
            found += [inner for inner in dict.fromkeys(_named(info.annotation)) if inner not in found]
    return found


def _named(annotation: Any) -> Iterator[type[Part]]:
    if isinstance(annotation, type) and issubclass(annotation, Part):
        yield annotation
    for inner in get_args(annotation):
        yield from _named(inner)


def _table(part: type[Part]) -> str:
    described = inspect.cleandoc(part.__doc__ or "")
    rows = [
        f"| `{info.alias or name}` | {_kind(info.annotation, info.metadata)} | {_default(info)} | "
        f"{(info.description or '').replace('|', chr(92) + '|')} |"
        for name, info in part.model_fields.items()
        if not info.exclude
    ]
    head = f"### {_title(part)}\n\n{described}\n\n" if described else f"### {_title(part)}\n\n"
    return head + "| key | value | default | |\n| --- | --- | --- | --- |\n" + "\n".join(rows) + "\n"


def _title(part: type[Part]) -> str:
    return {Slot: "Slot", OnError: "On error", OutcomeCode: "Outcome"}.get(part, part.__name__)


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "**needed**"
    value = info.get_default(call_default_factory=True, validated_data={})
    if isinstance(value, Enum):
        return f"`{value.value}`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`" if isinstance(value, str | int | float) and value != "" else ""


def _kind(annotation: Any, metadata: list[Any] | tuple[Any, ...] = ()) -> str:
    """What a key takes, in a few words."""
    for special, words in _SPECIAL.items():
        if annotation == special or set(get_args(special)[1:]) & set(filter(_is_constraint, metadata)):
            return words
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _kind(arguments[0], arguments[1:])
    if origin in (Union, UnionType):
        return " or ".join(_kind(option, metadata) for option in arguments if option is not type(None))
    if origin is tuple:
        return f"{'one or a list' if OneOrMore in metadata else 'list'} of: {_kind(arguments[0])}"
    if origin is dict:
        return f"names, each with: {_kind(arguments[1])}"
    if origin is Literal:
        return ", ".join(f"`{option}`" for option in arguments)
    return _plain_kind(annotation, metadata)


def _is_constraint(given: Any) -> bool:
    return isinstance(given, StringConstraints)


def _plain_kind(annotation: Any, metadata: list[Any] | tuple[Any, ...]) -> str:
    if not isinstance(annotation, type):
        return "anything"
    if issubclass(annotation, Part):
        title = _title(annotation)
        return f"[{title.lower()}](#{title.lower().replace(' ', '-')})"
    if issubclass(annotation, Enum):
        return ", ".join(f"`{option.value}`" for option in annotation)
    if annotation is bool:
        return "`true` or `false`"
    if annotation in (int, float):
        kind = "whole number" if annotation is int else "number"
        least = next((f"{m.ge:g}" for m in metadata if isinstance(m, Ge)), "")
        least = next((f"more than {m.gt:g}" for m in metadata if isinstance(m, Gt)), least)
        most = next((f"{m.le:g}" for m in metadata if isinstance(m, Le)), "")
        return f"{kind}, {least} to {most}" if least and most else kind
    return "text"


def write() -> None:
    """Write what is in `docs`."""
    (DOCS / "flows.md").write_text(reference(), encoding="utf-8")
    (DOCS / "flow.schema.json").write_text(json_schema_text(), encoding="utf-8")


if __name__ == "__main__":
    write()
