"""Flows as somebody writes them who converts call scripts and annotated dialogues: few synonyms, many slots."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flows.loader import load_flow
from flows.schema import Flow
from reasoner.types import Value, Waiting
from tests.reasoner.understand.made_flows import found, turn

_HERE = Path(__file__).parent / "converted"
RESTAURANTS, HOTELS, TRIPS, CARDS, RETURNS, INTERNET = (
    load_flow(str(_HERE / f"{name}.yaml"))
    for name in ("restaurants", "hotels", "trips", "cards", "returns", "internet")
)
MON, TUE, WED, THU, FRI, SAT, SUN = (f"2026-11-{day}" for day in (23, 24, 25, 26, 27, 28, 29))


def beside(beyond: dict[str, str], *rows: tuple[Any, ...]) -> list[Any]:
    """The rows as parameters; those whose words are in `beyond` are known to fail, for the reason there."""
    return [
        pytest.param(
            *row, marks=pytest.mark.xfail(reason=beyond[row[2]], strict=True) if row[2] in beyond else ()
        )
        for row in rows
    ]


def told(flow: Flow, pending: str, words: str, **known: Value) -> dict[str, Value]:
    """What comes of `words` while `pending` is asked for."""
    return found(turn(flow, words, pending, **known))


def put_right(flow: Flow, known: dict[str, Value], words: str) -> dict[str, Value]:
    """What comes of `words` to all of `known` that was read back."""
    return found(turn(flow, words, *known, waiting=Waiting.CONFIRMATION, **known))
