"""Asks a double of a model beside the real parsers: a flow, places in it, and what the model finds."""

from __future__ import annotations

import datetime
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from flows.expand import expand
from flows.schema import Flow
from reasoner.state import GoalState
from reasoner.types import (
    Channel,
    Pending,
    Reading,
    SlotState,
    SlotStatus,
    Understood,
    Utterance,
    Value,
    Waiting,
)
from reasoner.understand import ParserUnderstander
from reasoner.understand.llm import ModelUnderstander, Pace
from reasoner.understand.llm_chat import Endpoint, OpenAiChat
from tests.reasoner.understand.double_of_an_openai_server import (
    KEY,
    MODEL,
    DoubleOfAnOpenAiServer,
    finds,
    served,
)

TODAY = datetime.date(2026, 11, 23)
PARSERS = ParserUnderstander(today=lambda: TODAY)
HELPLINE = expand(
    Flow.model_validate(
        {
            "flow": "helpline",
            "version": "1",
            "about": "A customer of a power company calls.",
            "agent": {"name": "Ann", "company": "Volt", "business": "power company"},
            "slots": {
                "concern": {
                    "type": "choice",
                    "ask": "What is it about?",
                    "values": {"billing": ["my bill", "an invoice"], "outage": ["no power"], "moving": []},
                },
                "contract": {
                    "type": "choice",
                    "ask": "Which contract is it?",
                    "values": {"day and night": [], "green": ["wind power"]},
                    "other": "another",
                },
                "name": {"type": "person_name"},
                "date_of_birth": {"type": "date", "past": True},
                "phone": {"type": "phone"},
                "appliances": {"type": "list", "values": {"fridge": [], "oven": [], "heater": []}},
                "alone": {"type": "yes_no", "ask": "Are you alone at home?"},
                "agrees": {"type": "yes_no", "ask": "Do you agree to be recorded?", "clear_yes": True},
                "called_back": {"type": "yes_no", "start": "false"},
                "account": {"type": "choice", "values": {"open": [], "closed": []}, "source": "action"},
            },
            "ask": ["concern", "name", "date_of_birth", "phone", "appliances", "alone", "agrees"],
            "topics": {"solar": {"says": ["do you sell solar panels"], "say": "We do."}},
        }
    ),
    {},
)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def double() -> AsyncIterator[DoubleOfAnOpenAiServer]:
    async with served() as server:
        yield server


@asynccontextmanager
async def understanding(
    double: DoubleOfAnOpenAiServer, *, key: str = KEY, **given: Any
) -> AsyncIterator[ModelUnderstander]:
    chat = OpenAiChat(Endpoint(double.base_url, MODEL, key))
    pace = Pace(given.pop("budget_ms", 5000), given.pop("always", False))
    try:
        yield ModelUnderstander(PARSERS, chat, pace, **given)
    finally:
        await chat.aclose()


def waiting(for_what: Waiting, *slots: str, **known: Value) -> GoalState:
    states = {name: SlotState() for name in HELPLINE.slots}
    states |= {name: SlotState(SlotStatus.HEARD, value) for name, value in known.items()}
    return GoalState("c", "helpline", "", slots=states, pending=Pending(for_what, slots))


def asked(slot: str, **known: Value) -> GoalState:
    return waiting(Waiting.ANSWER, slot, **known)


def typed(*texts: str) -> Utterance:
    return Utterance(tuple(Reading(text, 1.0) for text in texts), 0.0, 1.0, Channel.TEXT)


def spoken(text: str, confidence: float) -> Utterance:
    return Utterance((Reading(text, confidence),), 0.0, 1.0)


def value(slot: str, value: object, words: str) -> dict[str, object]:
    return {"words": words, "slot": slot, "value": value}


def yes(words: str, answer: str = "yes", casual: bool = False) -> dict[str, object]:
    return {"words": words, "answer": answer, "casual": casual}


async def understood(
    double: DoubleOfAnOpenAiServer, state: GoalState, utterance: Utterance | str, **found: Any
) -> Understood:
    """What comes of an utterance when the model finds this."""
    double.answer = lambda asked: finds(asked, **found)
    async with understanding(double) as understander:
        utterance = typed(utterance) if isinstance(utterance, str) else utterance
        result = await understander.understand(HELPLINE, state, utterance)
        assert not understander.failures, understander.failures
        assert not double.refused, double.refused
        return result


async def alone(state: GoalState, text: str) -> Understood:
    return await PARSERS.understand(HELPLINE, state, typed(text))


def values(result: Understood) -> dict[str, Value]:
    return {heard.slot: heard.value for heard in result.values}
