"""A turn of a call in one line: what is pending, what is known, what was said, and what it was taken for."""

from __future__ import annotations

import asyncio
import datetime
from typing import Any

from flows.loader import load_flow
from flows.schema import Flow
from reasoner.ports import Progress
from reasoner.state import GoalState
from reasoner.types import (
    Answer,
    Channel,
    NamePart,
    Pending,
    Reading,
    SlotState,
    SlotStatus,
    Understood,
    Utterance,
    Value,
    Waiting,
)
from reasoner.understand import ParserUnderstander, anticipate

INTAKE = load_flow("medical_intake")
TODAY = datetime.date(2026, 11, 23)
PARSER = ParserUnderstander(today=lambda: TODAY)

YES, NO = Answer.YES, Answer.NO


def waiting_for(
    waiting: Waiting, *slots: str, flow: Flow = INTAKE, part: NamePart = NamePart.WHOLE, **known: Any
) -> GoalState:
    """A state. `known`: values that were heard, or whole slot states."""
    states = {name: SlotState() for name in flow.slots}
    for name, value in known.items():
        heard = SlotState(status=SlotStatus.HEARD, value=value)
        states[name] = value if isinstance(value, SlotState) else heard
    pending = Pending(waiting, slots, part)
    return GoalState(call="c", flow=flow.flow, flow_hash="", slots=states, pending=pending)


def asked(slot: str, **known: Any) -> GoalState:
    return waiting_for(Waiting.ANSWER, slot, **known)


def read_back(**known: Any) -> GoalState:
    """All of `known` was read back."""
    return waiting_for(Waiting.CONFIRMATION, *known, **known)


def reading(text: str, *, expected: bool = True, confidence: float = 1.0) -> Reading:
    return Reading(text, confidence, expected)


def heard(state: GoalState, *readings: str | Reading, flow: Flow = INTAKE) -> Understood:
    """What a speaker meant: plain strings fit the grammar."""
    given = tuple(r if isinstance(r, Reading) else reading(r) for r in readings)
    return asyncio.run(PARSER.understand(flow, state, Utterance(given, 0.0, 1.0)))


def freely(state: GoalState, text: str, flow: Flow = INTAKE) -> Understood:
    """What a speaker meant whom only the open vocabulary heard."""
    return heard(state, reading(text, expected=False), flow=flow)


def typed(state: GoalState, text: str, flow: Flow = INTAKE) -> Understood:
    utterance = Utterance((Reading(text, 1.0),), 0.0, 0.0, Channel.TEXT)
    return asyncio.run(PARSER.understand(flow, state, utterance))


def values(understood: Understood) -> dict[str, Value]:
    return {value.slot: value.value for value in understood.values}


def progress(state: GoalState, words: str) -> Progress:
    return anticipate(INTAKE, state).judge(words)
