"""YAML text → a tree that knows where each part stands. Every scalar is read as a string.

The schema gives the types: a slot named `no` is a name and `version: 1` is text. Aliases are followed, within a
limit on what they expand to; tags, other than YAML's own, and recursion are refused.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from flows.errors import BadFlow, Mistake

MOST_NODES = 20_000
DEEPEST = 20

Plain = str | dict[str, Any] | list[Any]
Step = str | int


@dataclass(frozen=True, slots=True)
class Place:
    """Counted from 1."""

    line: int
    column: int


@dataclass(slots=True)
class Node:
    """A scalar, a mapping or a list, and where it begins. `keys`: where each key of a mapping stands."""

    value: str | dict[str, Node] | list[Node]
    place: Place
    keys: dict[str, Place] = field(default_factory=dict)
    size: int = 1

    def plain(self) -> Plain:
        if isinstance(self.value, dict):
            return {key: child.plain() for key, child in self.value.items()}
        if isinstance(self.value, list):
            return [child.plain() for child in self.value]
        return self.value

    def child(self, step: Step) -> Node | None:
        if isinstance(self.value, dict):
            return self.value.get(str(step))
        if isinstance(self.value, list) and isinstance(step, int) and step < len(self.value):
            return self.value[step]
        return None

    def locate(self, *path: Step, key: bool = False) -> Place:
        """Where the part at `path` begins, or the nearest part around it. `key`: its name, not its value."""
        node = self
        for at, step in enumerate(path):
            last = at == len(path) - 1
            if key and last and str(step) in node.keys:
                return node.keys[str(step)]
            child = node.child(step)
            if child is None:
                break
            node = child
        return node.place


def parse(text: str, file: str) -> tuple[Node, list[Mistake]]:
    """Build the tree.

    Args:
        text: of one YAML document, a mapping.
        file: its name, for messages.

    Returns:
        The tree, and mistakes that leave it readable: keys that are given twice (the first one counts).

    Raises:
        BadFlow: not YAML, or YAML that a flow may not use.
    """
    builder = _Builder(file)
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            builder.take(event)
    except ReaderError as error:
        raise BadFlow([_unreadable(error, text, file)]) from None
    except MarkedYAMLError as error:
        raise BadFlow([_malformed(error, file)]) from None
    except YAMLError as error:
        raise BadFlow([Mistake(file, 0, 0, f"this is not YAML: {error}", "")]) from None
    except (ValueError, OverflowError):
        # The scanner does not look whether an escape stands for a character.
        raise BadFlow([_no_character(text, file)]) from None
    if builder.root is None:
        raise BadFlow([Mistake(file, 1, 1, "the file is empty", "Begin with `flow: a_name`.")])
    return builder.root, builder.mistakes


@dataclass(slots=True)
class _Open:
    """A collection whose end has not come yet."""

    node: Node
    anchor: str | None
    key: str | None = None


class _Builder:
    """Puts a tree together from parser events. Iterative: nesting cannot exhaust the stack."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.root: Node | None = None
        self.mistakes: list[Mistake] = []
        self._open: list[_Open] = []
        self._anchors: dict[str, Node] = {}
        self._nodes = 0
        self._documents = 0

    def take(self, event: Any) -> None:
        place = Place(event.start_mark.line + 1, event.start_mark.column + 1)
        match event:
            case DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    self._refuse(place, "a second document begins here", "Keep one flow in a file.")
            case ScalarEvent():
                self._check_tag(event.tag, place)
                self._finished(Node(event.value, place), event.anchor)
            case AliasEvent():
                self._finished(self._aliased(event.anchor, place), None, place)
            case MappingStartEvent() | SequenceStartEvent():
                self._check_tag(event.tag, place)
                if len(self._open) >= DEEPEST:
                    self._refuse(place, f"nested deeper than {DEEPEST} levels", "Flatten the file.")
                value: dict[str, Node] | list[Node] = {} if isinstance(event, MappingStartEvent) else []
                self._open.append(_Open(Node(value, place), event.anchor))
            case MappingEndEvent() | SequenceEndEvent():
                ended = self._open.pop()
                self._finished(ended.node, ended.anchor)

    def _finished(self, node: Node, anchor: str | None, place: Place | None = None) -> None:
        """`node` is complete: put it where it belongs. `place`: where it is used, if it was defined elsewhere."""
        # The parts of what is written here were counted as they came.
        self._nodes += 1 if place is None else node.size
        place = place or node.place
        if self._nodes > MOST_NODES:
            self._refuse(place, f"the file expands to more than {MOST_NODES} parts", "Use fewer aliases.")
        if anchor is not None:
            self._anchors[anchor] = node
        if not self._open:
            self.root = node
            return
        parent = self._open[-1]
        parent.node.size += node.size
        match parent.node.value:
            case list(items):
                items.append(node)
            case dict() if parent.key is None:
                parent.key = self._key(parent.node, node, place)
            case dict(entries) if parent.key is not None:
                entries.setdefault(parent.key, node)
                parent.key = None

    def _key(self, mapping: Node, node: Node, place: Place) -> str:
        if not isinstance(node.value, str):
            self._refuse(place, "a key has to be a word", "Write `key: value`.")
            return ""
        if node.value in mapping.keys:
            first = mapping.keys[node.value].line
            self._mistake(place, f"`{node.value}` is already given in line {first}", "Keep one of the two.")
        mapping.keys.setdefault(node.value, place)
        return node.value

    def _aliased(self, name: str, place: Place) -> Node:
        if any(collection.anchor == name for collection in self._open):
            self._refuse(place, f"`*{name}` contains itself", "Write the part out.")
        if name not in self._anchors:
            self._refuse(place, f"`*{name}` stands for nothing", f"Define it above as `&{name}`.")
        return self._anchors[name]

    def _check_tag(self, tag: object, place: Place) -> None:
        # ruamel hands "!" for a scalar that was only marked as text
        if (
            tag is not None
            and str(tag) not in ("!", "None")
            and not str(tag).startswith("tag:yaml.org,2002:str")
        ):
            self._refuse(place, f"the tag `{tag}` is not used in flows", "Remove it.")

    def _mistake(self, place: Place, rule: str, cure: str) -> None:
        self.mistakes.append(Mistake(self.file, place.line, place.column, rule, cure))

    def _refuse(self, place: Place, rule: str, cure: str) -> None:
        """What follows could not be understood, so nothing more is read."""
        self._mistake(place, rule, cure)
        raise BadFlow(self.mistakes)


_CURES = (
    ("'\\t'", "Indent with spaces, not with tabs."),
    ("mapping values are not allowed", "Put a text that contains `: ` in quotes, and check the indentation."),
    ("unexpected end of stream", "Close the quote."),
    ("could not find expected ':'", "Write `key: value`, with a space after the colon."),
    ("expected <block end>", "Start all lines of a block in the same column."),
    ("'%'", "Put a text that begins with `%` in quotes."),
    ("'@'", "Put a text that begins with `@` in quotes."),
    ("'`'", "Put a text that begins with a backquote in quotes."),
)


def _malformed(error: MarkedYAMLError, file: str) -> Mistake:
    problem = str(error.problem or error.context or "this is not YAML")
    quoted = "quoted scalar" in str(error.context or "") and error.context_mark is not None
    mark = error.context_mark if quoted else (error.problem_mark or error.context_mark)
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (0, 0)
    cure = next((cure for sign, cure in _CURES if sign in problem), "Check indentation and quotes here.")
    return Mistake(file, line, column, problem, cure)


def _unreadable(error: ReaderError, text: str, file: str) -> Mistake:
    place = _place_of(error.position, text)
    return Mistake(file, place.line, place.column, "a character that text files do not have", "Remove it.")


def _no_character(text: str, file: str) -> Mistake:
    escapes = re.finditer(r"\\U([0-9A-Fa-f]{8})", text)
    bad = next((escape for escape in escapes if int(escape[1], 16) > sys.maxunicode), None)
    place = _place_of(bad.start() if bad else 0, text)
    rule = f"`{bad[0] if bad else text[:20]}` stands for no character"
    return Mistake(file, place.line, place.column, rule, "Remove it, or write the character itself.")


def _place_of(at: int, text: str) -> Place:
    before = text[:at]
    return Place(before.count("\n") + 1, len(before) - before.rfind("\n"))


def scalars(node: Node | None) -> Iterator[tuple[int, str]]:
    """The texts of a list, with their indices. Nothing where `node` is no list."""
    if node is not None and isinstance(node.value, list):
        for index, item in enumerate(node.value):
            if isinstance(item.value, str):
                yield index, item.value
