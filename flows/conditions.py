"""Expressions over slots, in CEL (cel.dev), checked against the slots' types.

What is not known yet makes no condition true: a slot without a value is an unbound variable, and an expression that
needs it comes to nothing. Numbers are of one kind: literals are read as doubles, and `size()` gives one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from cel_expr_python import cel

from flows.slot import Slot, SlotType

T = cel.Type
LONGEST_TEXT = 4000  # of a value, in an expression
_DYN_RECORD = T("map<string, dyn>")
_TYPES = {
    SlotType.YES_NO: T.BOOL,
    SlotType.NUMBER: T.DOUBLE,
    SlotType.MONEY: T.DOUBLE,
    SlotType.LIST: T.List(T.STRING),
    SlotType.RECORD: _DYN_RECORD,
}
_TOKEN = re.compile(
    r"""(?P<text>[rR]?"(?:\\.|[^"\\])*"|[rR]?'(?:\\.|[^'\\])*')
    |(?P<number>(?<![\w.])\d+(?![\w.]))
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\s*\.\s*[A-Za-z_][A-Za-z0-9_]*)*)
    |(?P<rest>.)""",
    re.VERBOSE | re.DOTALL,
)
_FIRST_LINE = re.compile(r"ERROR: <input>:(\d+):(\d+): (.*)")
_OVERLOAD = re.compile(r"found no matching overload for '(\S+)' applied to '\((.*)\)'")
_UNDECLARED = re.compile(r"undeclared reference to '([^']*)'")
_WORDS = {
    "double": "a number",
    "int": "a number",
    "string": "a text",
    "bool": "yes or no",
    "list(string)": "a list",
    "map(string, dyn)": "a record",
}


class BadExpression(ValueError):
    """An expression that cannot be used. `unknown`: a name that does not exist, "" where that is not the trouble."""

    def __init__(self, text: str, why: str, unknown: str = "") -> None:
        self.text, self.why, self.unknown = text, why, unknown
        super().__init__(f"`{text}`: {why}")


@dataclass(slots=True)
class Expressions:
    """The expressions of one flow. Each is compiled once.

    Args:
        slots: whose names may be used, with their types.
        extra: names beside them, each any JSON: an action's `result`.
    """

    slots: Mapping[str, Slot]
    extra: tuple[str, ...] = ()
    _env: Any = field(init=False, repr=False)
    _compiled: dict[str, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        variables = {name: _TYPES.get(slot.type, T.STRING) for name, slot in self.slots.items()}
        variables |= dict.fromkeys(self.extra, T.DYN) | {"today": T.STRING}
        self._env = cel.NewEnv(variables=variables, functions=_FUNCTIONS)

    def check(self, text: str, wanted: SlotType | None = SlotType.YES_NO) -> None:
        """See that an expression makes sense and gives what is wanted; None for anything.

        Raises:
            BadExpression: it does not.
        """
        given = self._expression(text).return_type()
        if wanted is None or given == T.DYN:
            return
        if not _TYPES.get(wanted, T.STRING).is_assignable_from(given):
            right = _in_words(_TYPES.get(wanted, T.STRING).name())
            raise BadExpression(text, f"it gives {_in_words(given.name())}, and {right} is wanted here")

    def holds(self, text: str, values: Mapping[str, Any]) -> bool:
        """Whether a condition is true. False where it needs a slot that has no value."""
        return self.value(text, values) is True

    def value(self, text: str, values: Mapping[str, Any], extra: Mapping[str, Any] | None = None) -> Any:
        """What an expression comes to, None where it needs what is not known.

        Args:
            values: of slots, without those that are empty, and `today`.
            extra: what else it may use, by name.
        """
        data = {name: _for_cel(value) for name, value in values.items() if value is not None}
        data |= {name: _for_cel(value) for name, value in (extra or {}).items()}
        try:
            given = self._expression(text).eval(data=data)
        except RuntimeError:
            return None
        return None if given.type() == T.ERROR else _plain(given.plain_value())

    def names(self, text: str) -> frozenset[str]:
        """The slots that an expression looks at."""
        return frozenset(name for name in names_in(text) if name in self.slots)

    def _expression(self, text: str) -> Any:
        found = self._compiled.get(text)
        if found is None:
            try:
                found = self._compiled[text] = self._env.compile(_one_kind_of_number(text))
            except RuntimeError as trouble:
                raise _bad(text, str(trouble)) from None
        return found


def names_in(text: str) -> list[str]:
    """The names in an expression, each with the longest prefix that could be a slot first: `a.b.c`, `a.b`, `a`."""
    names: list[str] = []
    for match in _TOKEN.finditer(text):
        parts = re.split(r"\s*\.\s*", match["name"]) if match["name"] else []
        names += [".".join(parts[:end]) for end in range(len(parts), 0, -1)]
    return names


def texts_in(text: str) -> list[str]:
    """The quoted texts in an expression."""
    return [match["text"].lstrip("rR")[1:-1] for match in _TOKEN.finditer(text) if match["text"]]


def renamed(text: str, names: Mapping[str, str]) -> str:
    """The expression with other names for its slots."""

    def replace(match: re.Match[str]) -> str:
        if not match["name"]:
            return match[0]
        parts = re.split(r"\s*\.\s*", match["name"])
        for end in range(len(parts), 0, -1):
            if (whole := ".".join(parts[:end])) in names:
                return ".".join([names[whole], *parts[end:]])
        return match[0]

    return _TOKEN.sub(replace, text)


def _one_kind_of_number(text: str) -> str:
    def replace(match: re.Match[str]) -> str:
        if match["number"]:
            return f"{match[0]}.0"
        return "count" if match["name"] == "size" else match[0]

    return _TOKEN.sub(replace, text)


def _bad(text: str, message: str) -> BadExpression:
    found = _FIRST_LINE.search(message)
    why = found[3] if found else message.splitlines()[0]
    if unknown := _UNDECLARED.search(why):
        return BadExpression(text, f"there is no slot `{unknown[1]}`", unknown[1])
    if overload := _OVERLOAD.search(why):
        operator = overload[1].replace("_", "").replace("@in", "in").replace("count", "size")
        kinds = " and ".join(_in_words(kind) for kind in _arguments(overload[2]))
        return BadExpression(text, f"`{operator}` does not go with {kinds}")
    return BadExpression(text, why.split("[INVALID", 1)[0].strip().lower() or "it cannot be read")


def _arguments(kinds: str) -> list[str]:
    return re.findall(r"[\w.]+(?:\([^()]*\))?", kinds)


def _in_words(kind: str) -> str:
    return _WORDS.get(kind.lower().replace("<", "(").replace(">", ")"), kind.lower())


def _for_cel(value: Any) -> Any:
    match value:
        case bool():
            return value
        case int() | float():
            return float(value) if abs(value) < 1e300 else math.inf
        case str():
            return value[:LONGEST_TEXT]
        case Mapping():
            return {str(name): _for_cel(inner) for name, inner in value.items()}
        case list() | tuple():
            return [_for_cel(inner) for inner in value]
        case _:
            return value


def _plain(value: Any) -> Any:
    """As slots hold it: whole numbers are ints, lists tuples."""
    match value:
        case bool():
            return value
        case float():
            if not math.isfinite(value):
                return None
            return int(value) if value.is_integer() and abs(value) < 2**53 else value
        case list():
            return tuple(_plain(inner) for inner in value)
        case dict():
            return {name: _plain(inner) for name, inner in value.items()}
        case _:
            return value


# --- functions beside CEL's own ------------------------------------------------------------------------------


def _count(value: Any) -> float:
    return float(len(value))


def _age(born: str, today: str) -> float:
    """Whole years."""
    then, now = date.fromisoformat(born), date.fromisoformat(today)
    return float(now.year - then.year - ((now.month, now.day) < (then.month, then.day)))


def _days(first: str, last: str) -> float:
    return float((date.fromisoformat(last) - date.fromisoformat(first)).days)


_FUNCTIONS = [
    cel.FunctionDecl(
        "count",
        [
            cel.Overload("count_list", T.DOUBLE, [T.List(T.DYN)], impl=_count),
            cel.Overload("count_text", T.DOUBLE, [T.STRING], impl=_count),
        ],
    ),
    cel.FunctionDecl("age", [cel.Overload("age_on", T.DOUBLE, [T.STRING, T.STRING], impl=_age)]),
    cel.FunctionDecl("days", [cel.Overload("days_between", T.DOUBLE, [T.STRING, T.STRING], impl=_days)]),
]
