"""The other systems of a simulated call: what each action of a flow answers, agreeing with what the caller knows.

A result is made from what the flow reads of it (`gives: {balance: result.balance}`), starting from the results
that the flow's own tests give as examples, and is checked by reading it as the flow does.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from typing import Any

from flows.action import Action
from flows.conditions import Expressions
from flows.schema import Flow
from reasoner.types import Value

_PATH = re.compile(r"result((?:\.[A-Za-z_]\w*)*)")
_PLAIN = re.compile(r"result((?:\.[A-Za-z_]\w*)*)\Z")
_GUESSES: tuple[Any, ...] = (True, False, 1, 0, "ok", (), ("one", "two"))
_TRIES = 4000


def answer(action: Action, wanted: Mapping[str, Value], example: Any, expressions: Expressions) -> Any:
    """A result that gives the slots what is wanted of them.

    Args:
        wanted: slot to value; slots that the action does not give are left aside.
        example: a result that the flow's tests show, None where they show none.

    Returns:
        The closest that was found: every part that is copied as it is agrees; a part that is computed from the
        result agrees where some guess made it so.
    """
    result = _copied(example) if isinstance(example, dict) else {}
    open_: list[tuple[str, Any]] = []
    for slot, text in action.gives.items():
        if slot not in wanted:
            continue
        if found := _PLAIN.match(text.strip()):
            if not found[1]:
                return _json(wanted[slot])
            _put(result, found[1], _json(wanted[slot]))
        else:
            open_.append((text, wanted[slot]))
    return _guessed(result, open_, expressions) if open_ else result


def examples(flow: Flow) -> dict[str, Any]:
    """What the flow's own tests say each action answers; those of tests that end complete first."""
    found: dict[str, Any] = {}
    for test in sorted(flow.tests.values(), key=lambda test: test.outcome != "complete"):
        for name, result in test.actions.items():
            if result not in ("timeout", "refused", "failed"):
                found.setdefault(name, result)
    return found


def _guessed(result: dict[str, Any], open_: list[tuple[str, Any]], expressions: Expressions) -> Any:
    paths = sorted({match[1] for text, _ in open_ for match in _PATH.finditer(text) if match[1]})
    texts = tuple(word for text, _ in open_ for word in re.findall(r'"([^"]*)"', text))
    for guess in itertools.islice(itertools.product((*texts, *_GUESSES), repeat=len(paths)), _TRIES):
        tried = _copied(result)
        for path, value in zip(paths, guess, strict=True):
            _put(tried, path, value)
        if all(expressions.value(text, {}, {"result": tried}) == value for text, value in open_):
            return tried
    return result


def _put(result: dict[str, Any], path: str, value: Any) -> None:
    *outer, last = path.strip(".").split(".")
    for name in outer:
        inner = result.setdefault(name, {})
        if not isinstance(inner, dict):
            inner = result[name] = {}
        result = inner
    result[last] = value


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copied(inner) for name, inner in value.items()}
    return [_copied(inner) for inner in value] if isinstance(value, list | tuple) else value


def _json(value: Any) -> Any:
    return (
        _copied(dict(value))
        if isinstance(value, Mapping)
        else list(value)
        if isinstance(value, tuple)
        else value
    )
