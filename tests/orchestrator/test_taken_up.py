"""A call that is taken up keeps its clock."""

from __future__ import annotations

import types
from dataclasses import fields, is_dataclass
from typing import Any, get_args, get_type_hints

import pytest

from duplex_frontend.types import AgentWords, CallerTurn, FrontendEvent, Prompt
from orchestrator.taken_up import TIMES, LaterCall, later
from tests.orchestrator.double_of_a_duplex_call import DoubleOfADuplexCall

DURATIONS = {"for_s"}


def test_every_time_of_an_event_is_moved_and_nothing_else() -> None:
    turn = CallerTurn((), 1.0, 2.0, 2.5, interrupted=True)
    assert later(turn, 10.0) == CallerTurn((), 11.0, 12.0, 12.5, interrupted=True)
    assert later(AgentWords("five", 3, 0.5, 0.9), 1.0) == AgentWords("five", 3, 1.5, 1.9)


@pytest.mark.parametrize("kind", get_args(FrontendEvent))
def test_of_each_number_of_seconds_it_is_known_whether_it_is_a_time(kind: type) -> None:
    """A field that is new has to be put where it belongs."""
    for name in _seconds_in(kind):
        assert (name in TIMES) != (name in DURATIONS), f"{kind.__name__}.{name}: a time, or a duration?"


def _seconds_in(kind: Any) -> set[str]:
    found = {field.name for field in fields(kind) if field.name.endswith("_s")}
    for hint in get_type_hints(kind).values():
        options = get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
        for option in options:
            for inner in get_args(option):
                if is_dataclass(inner):
                    found |= _seconds_in(inner)
    return found


async def _said(call: LaterCall, line: DoubleOfADuplexCall) -> list[FrontendEvent]:
    line.hear("red")
    await line.aclose()
    return [event async for event in call.events()]


def test_events_come_later_and_prompts_expire_in_the_front_ends_own_clock() -> None:
    import anyio

    line = DoubleOfADuplexCall()
    call = LaterCall(line, 100.0)
    call.whisper(Prompt(3, "role", (), expires_s=130.0))
    assert line.prompts[0].expires_s == 30.0
    (turn,) = anyio.run(_said, call, line)
    assert isinstance(turn, CallerTurn) and turn.end_s == 102.0
