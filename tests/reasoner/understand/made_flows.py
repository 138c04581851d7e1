"""Flows of every kind of slot, and a turn in one of them in one line."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

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
from tests.reasoner.understand.asking import PARSER

MONDAY = "2026-11-23"
_CITIES: Mapping[str, list[str]] = {
    "Cambridge": [],
    "London Kings Cross": ["London", "Kings Cross"],
    "Norwich": [],
    "Stansted Airport": ["Stansted"],
}


def made(about: str, slots: Mapping[str, Any], **more: Any) -> Flow:
    flow = {
        "flow": "made",
        "version": "1",
        "about": about,
        "agent": {"name": "Ann", "company": "B", "business": about},
        "slots": slots,
        **({} if "steps" in more else {"ask": list(slots)}),
        **more,
    }
    return expand(Flow.model_validate(flow), {})


RESTAURANT = made(
    "restaurant booking",
    {
        "area": {
            "type": "choice",
            "values": {"north": [], "south": [], "east": [], "west": [], "centre": ["center", "downtown"]},
            "no_preference": "dontcare",
        },
        "food": {
            "type": "choice",
            "label": "food type",
            "values": {"italian": [], "chinese": [], "modern european": [], "gastropub": []},
            "no_preference": "dontcare",
            "other": "other",
        },
        "price": {
            "type": "choice",
            "label": "price range",
            "ask": "Would you like something cheap, moderate or expensive?",
            "values": {
                "cheap": ["inexpensive"],
                "moderate": ["moderately priced"],
                "expensive": ["high end"],
            },
            "no_preference": "dontcare",
        },
        "people": {"type": "number", "label": "party size", "unit": "people", "min": 1, "max": 12},
        "day": {"type": "date", "future": True},
        "time": "time",
        "name": "person_name",
        "phone": "phone",
        "email": "email",
        "requests": {"type": "text", "label": "special requests", "required": False},
        "ringing": {"type": "phone", "source": "call"},
    },
    topics={
        "hours": {"says": ["opening hours", "when are you open"], "say": "Nine to five."},
        "cancel_booking": {"says": ["cancel my booking", "cancel a reservation"], "say": "Which one?"},
    },
)
TRAIN = made(
    "train tickets",
    {
        "departure": {"type": "choice", "values": _CITIES},
        "destination": {"type": "choice", "values": _CITIES},
        "day": "date",
        "leave_at": {"type": "time", "label": "departure time"},
        "arrive_by": {"type": "time", "label": "arrival time"},
        "tickets": {"type": "number", "label": "number of tickets"},
    },
)
HOTEL = made(
    "hotel booking",
    {
        "parking": {"type": "yes_no", "label": "free parking", "no_preference": "dontcare"},
        "stars": {"type": "choice", "values": {"3": ["three star"], "4": ["four star"], "5": []}},
        "check_in": {"type": "date", "label": "check-in date"},
        "check_out": {"type": "date", "label": "check-out date"},
        "nights": {"type": "number", "label": "number of nights"},
        "people": {"type": "number", "label": "number of people"},
    },
)
BANK = made(
    "bank transfer",
    {
        "account": {
            "type": "choice",
            "label": "account type",
            "values": {"checking": ["current account"], "savings": [], "credit card": []},
        },
        "amount": {"type": "money", "unit": "dollars", "min": 1},
        "fee": {"type": "money", "unit": "dollars", "min": 100, "max": 999},
        "payee": "text",
        "pin": {"type": "digits", "length": "4", "label": "PIN"},
        "reference": {"type": "id", "length": "5-8", "label": "reference number"},
        "recorded": {"type": "yes_no", "must_be_yes": True},
        "agreed": {"type": "yes_no", "clear_yes": True},
        "insured": "yes_no",
        "weight": {"type": "number", "whole": False},
        "born": {"type": "date", "label": "date of birth", "past": True},
        "happened": {"type": "date", "past": True},
    },
    topics={"lost": {"says": ["I lost my card", "my card was stolen"], "say": "Oh."}},
)
ROUTER = made(
    "internet support",
    {
        "lit": {
            "type": "yes_no",
            "label": "light",
            "ask": "Is the power light on?",
            "values": {"yes": ["it's lit"], "no": ["it is dark"]},
        }
    },
    steps={
        "first": {"ask": ["lit"]},
        "colour": {
            "question": "What colour is it?",
            "answers": {
                "green": {"says": ["solid green"]},
                "red": {"says": ["blinking red"]},
                "else": "next",
            },
        },
        "works": {
            "question": "Did that fix it?",
            "answers": {"yes": "next", "no": "next", "partly": {"says": ["a little better"]}},
        },
    },
)


def state_of(
    flow: Flow, *pending: str, waiting: Waiting | None = None, today: str = MONDAY, **known: Value
) -> GoalState:
    slots = {name: SlotState() for name in flow.slots}
    slots |= {name: SlotState(status=SlotStatus.HEARD, value=value) for name, value in known.items()}
    waits = waiting or (Waiting.ANSWER if pending else Waiting.NOTHING)
    return GoalState(
        call="c", flow=flow.flow, flow_hash="", today=today, slots=slots, pending=Pending(waits, pending)
    )


def turn(flow: Flow, text: str, *pending: str, channel: Channel = Channel.TEXT, **given: Any) -> Understood:
    """What `text` means in `flow` while `pending` is asked for; typed, unless it is said otherwise."""
    utterance = Utterance((Reading(text, 1.0, channel is Channel.SPEECH),), 0.0, 1.0, channel)
    return asyncio.run(PARSER.understand(flow, state_of(flow, *pending, **given), utterance))


def found(understood: Understood) -> dict[str, Value]:
    return {heard.slot: heard.value for heard in understood.values}
