"""A language that is not known: nothing but the flow's own words, and values as they are written.

A flow in such a language gives every line itself; what it does not give stays unsaid.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from flows.schema import Agent
from flows.slot import Slot
from reasoner.types import NamePart, Value

LINES: Mapping[str, str] = {}


def value(slot: Slot, given: Value) -> str:
    """A value as it is written: numbers in figures, fields with their names."""
    match given:
        case bool():
            return (slot.yes if given else slot.no) or slot.label
        case tuple():
            return ", ".join(given) or slot.none
        case int() | float():
            return f"{given} {slot.unit}".rstrip()
        case Mapping():
            return ", ".join(f"{name}: {_field(field)}" for name, field in given.items())
        case str():
            return given


def _field(given: Value) -> str:
    return ", ".join(given) if isinstance(given, tuple) else str(given)


def acknowledge(turn: int) -> str:
    return ""


def echo(values: Sequence[tuple[Slot, Value]]) -> str:
    return " ".join(f"{_pair(slot, given)}." for slot, given in values)


def apologise(because: Literal["not_understood", "wrong"], turn: int) -> str:
    return ""


def ask_spelling(label: str, part: NamePart, again: int) -> str:
    return f"{label}: A, B, C?"


def ask_missing(label: str, missing: Sequence[str]) -> str:
    return ""


def ask_plainly(slot: Slot) -> str:
    return ""


def sounds_like(slot: Slot, given: Value) -> Value | None:
    return None


def read_back(values: Sequence[tuple[Slot, Value]], spelled: str) -> tuple[str, str]:
    said = " ".join(f"{_pair(slot, given)}." for slot, given in values)
    return (f"{said} {', '.join(spelled.upper())}." if spelled else said), "OK?"


def from_earlier() -> str:
    return ""


def which(labels: Sequence[str]) -> str:
    return f"{', '.join(labels)}?"


def back_to_question(turn: int) -> str:
    return ""


def role(agent: Agent) -> str:
    return f"{agent.name}, {agent.company}, {agent.business}."


def about(about: str) -> str:
    return f"{about}."


def agenda(labels: Sequence[str]) -> str:
    return f"{', '.join(labels)}."


def settled(slot: Slot, given: Value) -> str:
    return f"{_pair(slot, given)}."


def unsettled(slot: Slot, given: Value) -> str:
    return f"{_pair(slot, given)}?"


def recalled(slot: Slot, given: Value) -> str:
    return f"{_pair(slot, given)}?"


def earlier(text: str) -> str:
    return f"({text})"


def declined(label: str) -> str:
    return f"{label}: -."


def page(title: str, text: str) -> str:
    return f"{title}, {text}" if title else text


def guidance(note: str) -> str:
    return f"({note})"


def answer_from_pages() -> str:
    return ""


def never(claims: Sequence[str]) -> str:
    return ""


def greeted() -> str:
    return ""


def say_only(words: str, *, exact: bool) -> str:
    return words


def correct() -> str:
    return ""


def say_now(words: str) -> str:
    return words


def _pair(slot: Slot, given: Value) -> str:
    return f"{slot.label}: {value(slot, given)}"
