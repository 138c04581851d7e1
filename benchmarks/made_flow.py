"""A made flow of 50 slots and 100 steps, and a caller who answers all that it asks.

It has every type of slot, most of them four times over, and gates, disclosures, conditions, actions and topics: what
the time of a turn and the memory of a call may depend on.
"""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from flows.loader import load_flow
from flows.schema import Flow
from reasoner.state import GoalState
from reasoner.types import Waiting

SLOTS, STEPS = 50, 100
PARTS = ("billing", "delivery", "contract", "meter")

_OF_TYPE: Mapping[str, dict[str, Any]] = {
    "text": {},
    "choice": {"values": {"north": ["up north"], "south": ["down south"], "east": [], "west": []}},
    "list": {"values": {"mail": ["by mail"], "text message": [], "letter": ["post"]}, "none": "no messages"},
    "yes_no": {"yes": "you agree", "no": "you do not agree"},
    "number": {"min": 1, "max": 40, "unit": "people", "confirm": "implicit"},
    "money": {"unit": "dollars", "max": 5000},
    "date": {"past": True},
    "time": {},
    "phone": {"digits": 10},
    "email": {},
    "digits": {"length": "5"},
}
"""What a part asks for, by type."""

_SAID = {
    "person_name": "my name is susan clark",
    "text": "the lamp in the hall does not work",
    "choice": "the one down south",
    "list": "by mail and a letter",
    "yes_no": "yes i do",
    "number": "we are twelve",
    "money": "one hundred and twenty dollars",
    "date": "march third nineteen eighty",
    "time": "half past four in the afternoon",
    "phone": "five five five one two three four five six seven",
    "email": "susan dot clark at example dot com",
    "digits": "four one five two six",
    "id": "a b four five c d",
}


def made_flow() -> Flow:
    """Written to a file, checked and loaded like any other."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.yaml"
        path.write_text(json.dumps(_written()))
        flow = load_flow(str(path))
    assert (len(flow.slots), len(flow.steps)) == (SLOTS, STEPS), (len(flow.slots), len(flow.steps))
    return flow


def _written() -> dict[str, Any]:
    slots: dict[str, Any] = {
        "name": {"type": "person_name"},
        "booking": {"type": "id", "length": "6", "confirm": "spell_back"},
        "pin": {"type": "digits", "length": "4", "pii": "sensitive"},
        "account": {"type": "record", "source": "action", "fields": {"owner": "text", "points": "number"}},
        "pin_right": {"type": "yes_no", "source": "action", "yes": "the PIN is right"},
        "rounds": {"type": "number", "start": "0"},
    }
    steps: dict[str, Any] = {
        "welcome": {"say": "Welcome to the desk.", "needs": "recorded", "ask": "name"},
        "which": {"ask": "booking", "do": "find", "set": {"rounds": "rounds + 1"}},
    }
    for part in PARTS:
        _add_part(part, slots, steps)
    for number in range(SLOTS - len(slots)):
        slots[f"extra_{number}"] = {"type": "text", "required": False, "source": "action"}
    aside = {"where_it_is": {"say": "It is in the hall, behind a grey door.", "then": "back"}}
    finish = {"finish": {"say": "That is all.", "then": "complete"}}
    others = len(aside) + len(finish) + 1  # and the gate
    for number in range(STEPS - len(steps) - others):
        before = PARTS[number % len(PARTS)]
        steps[f"between_{number}"] = {"if": f"{before}_yes_no && rounds > {number + 2}", "say": "By the way."}
    return {
        "flow": "made",
        "version": "1",
        "about": "A flow that is as large as flows get",
        "agent": {"name": "Ann", "company": "Acme", "business": "power company"},
        "slots": slots,
        "steps": {**steps, **finish, **aside},
        "gates": {"identity": {"ask": ["pin"], "do": "check", "passes": "pin_right", "attempts": 3}},
        "disclosures": {"recorded": "This call is recorded."},
        "topics": {
            "where": {"says": ["where is the meter", "i cannot find the meter"], "visit": "where_it_is"},
            "moving": {"says": ["i am moving out"], "say": "A colleague takes care of that."},
            "hours": {"says": ["when are you open"], "say": "From eight to five.", "if": "rounds > 0"},
        },
        "actions": {
            "find": {"python": "find", "effect": "read", "with": {"code": "booking"}, "gives": {"account": "result"}},
            "check": {"python": "check", "effect": "read", "with": {"pin": "pin"}, "gives": {"pin_right": "result.ok"}},
        },
        "limits": {"turns": 500, "steps": 2000, "minutes": 240, "silences": 20, "misunderstandings": 20},
    }  # fmt: skip


def _add_part(part: str, slots: dict[str, Any], steps: dict[str, Any]) -> None:
    """A slot of each type, each in a step of its own, under conditions; a gate before the fifth."""
    for number, (kind, more) in enumerate(_OF_TYPE.items()):
        name = f"{part}_{kind}"
        slots[name] = {"type": kind, "label": f"{part} {kind.replace('_', ' ')}", **more}
        step: dict[str, Any] = {"ask": name, "about": f"the {kind} of {part}"}
        if number == 4:
            step["needs"] = "identity"
        if kind in ("phone", "email"):
            step["if"] = f'{part}_choice == "south" || {part}_number > 3'
        if kind == "money":
            slots[name]["valid"] = f"{name} < 4000 || {part}_yes_no"
            step["then"] = [{"if": f"{name} > 4500", "say": "That is a lot."}, {"say": "Thank you."}]
        steps[f"{part}_about_{kind}"] = step


# --- who calls -------------------------------------------------------------------------------------------------


def answer_to(flow: Flow, state: GoalState) -> str:
    """What a willing caller says to what is pending."""
    pending = state.pending
    if pending.waiting is Waiting.SPELLING:
        return "c l a r k"
    if pending.waiting in (Waiting.CONFIRMATION, Waiting.WHICH) or not pending.slots:
        return "yes that is right"
    if pending.slots[0] == "pin":
        return "one two three four"
    return _SAID[flow.slots[pending.slots[0]].type.value]


def results_of(action: str) -> dict[str, Any]:
    """What the flow's actions give."""
    given: dict[str, dict[str, Any]] = {"find": {"owner": "Susan Clark", "points": 12}, "check": {"ok": True}}
    return given[action]


def utterances(count: int, seed: int = 1) -> list[str]:
    """Utterances of 1 to 25 words: answers of every kind, alone, twice over, and among words that mean nothing."""
    draw = random.Random(seed)
    return [" ".join(_words(draw, draw.randint(1, 25))) for _ in range(count)]


_SHORT = ["yes", "no", "okay", "what", "twelve", "south", "hello", "repeat that please", "just a second", "i do not know"]  # fmt: skip
_ASIDE = [
    "where is the meter",
    "how much does a first visit cost",
    "where can i park",
    "i want to talk to a person",
    "that is wrong",
    "no the date is march fourth",
    "my phone number is five five five seven six five four three two one",
    "can i bring my dog",
]
_FILLING = (
    "well you know let me think about that for a moment i was just going to say that my sister in law who lives "
    "around the corner told me it would be no trouble at all and so here i am on the phone with you today"
).split()


def _words(draw: random.Random, most: int) -> list[str]:
    said: list[str] = []
    for phrase in _phrases(draw):
        if len(said) >= most:
            break
        said += phrase.split()
    return said[:most]


def _phrases(draw: random.Random) -> Iterator[str]:
    while True:
        kind = draw.random()
        if kind < 0.15:
            yield draw.choice(_SHORT)
        elif kind < 0.55:
            yield draw.choice(list(_SAID.values()))
        elif kind < 0.75:
            yield draw.choice(_ASIDE)
        else:
            start = draw.randrange(len(_FILLING))
            yield " ".join(_FILLING[start : start + draw.randint(1, 8)])
