"""Understanding costs next to nothing: it runs on every partial of every call."""

from __future__ import annotations

import asyncio
import time

from reasoner.types import Reading, Utterance
from tests.reasoner.understand.asking import INTAKE, PARSER, asked, read_back

TURNS = [
    (asked("name"), "my name is susan clark", "my name is susan clark"),
    (
        asked("date_of_birth"),
        "it's march third nineteen eighty and my number is five five five oh one four nine eight two six",
        "it's march third nineteen eighty and my number is five five five oh one for nine eight to six",
    ),
    (
        asked("phone"),
        "five five five two one three four seven eight nine",
        "five five five two one three for seven",
    ),
    (asked("reason"), "", "well you know i have had this really terrible pain in my back since last monday"),
    (asked("allergies"), "i'm allergic to penicillin and aspirin", "i'm allergic to penicillin and aspirin"),
    (asked("consent"), "yes", "do you know what happens to my details after the visit"),
    (read_back(date_of_birth="1980-03-03"), "no it's the fourteenth", "no it's the fourteenth"),
]


async def _took_s() -> list[float]:
    took: list[float] = []
    for _ in range(30):
        for state, grammar, free in TURNS:
            readings = (Reading(grammar, 0.9, True), Reading(free, 0.5))
            begun = time.thread_time()
            await PARSER.understand(INTAKE, state, Utterance(readings, 0.0, 1.0))
            took.append(time.thread_time() - begun)
    return took[len(TURNS) :]  # the first round makes what later ones use


def test_a_turn_with_two_readings_is_understood_in_no_time() -> None:
    """How long it takes is for `benchmarks/turn.py` to say. Ten times as long would be a fault."""
    took = sorted(asyncio.run(_took_s()))
    assert took[len(took) // 2] < 0.01
