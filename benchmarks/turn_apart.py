"""What `benchmarks/turn.py` measures in processes of their own: first turns, memory, growth. Prints JSON.

python benchmarks/turn_apart.py first|process|allocations|kept|growth COUNT
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import random
import sys
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.made_flow import answer_to, made_flow, results_of, utterances
from flows.loader import load_flow
from flows.schema import Flow
from orchestrator.chat import no_pages
from reasoner.events import ActionDone, CallStarted, RunAction
from reasoner.graph import think
from reasoner.machine import advance, start
from reasoner.ports import Ports
from reasoner.state import GoalState
from reasoner.types import Channel, Reading, Utterance
from reasoner.understand import ParserUnderstander, anticipate

FEW_TURNS = 6
LIFE = 12  # turns after which a call of the growth test ends and another takes its place
WARM_UP_ROUNDS, ROUNDS = 1, 2  # of `LIFE` turns for every call
STRANGE_WORDS = 100  # words that no flow knows: what is worked out about a word is kept, up to a bound


async def first(_count: int) -> dict[str, float]:
    """The first turn of a process, and the first of another flow in it."""
    known, unknown = load_flow("medical_intake"), made_flow()
    found = {}
    for name, flow in {"of a process": known, "of a flow": unknown}.items():
        state = _started(flow, "first")
        began = time.perf_counter()
        await _turn(flow, state, "my name is susan clark")
        found[f"first turn {name}"] = (time.perf_counter() - began) * 1000
    began = time.perf_counter()
    anticipate(unknown, _started(unknown, "first"))
    return found | {"first grammar of a flow": (time.perf_counter() - began) * 1000}


async def process(count: int) -> dict[str, float]:
    """What the process grows by for each call that waits after a few turns."""
    flow = made_flow()
    await _after_a_few_turns(flow, 20)
    before = _resident_kb()
    calls = await _after_a_few_turns(flow, count)
    grown = (_resident_kb() - before) / len(calls)
    return {"memory of an idle call, by the process": grown, "resident before the calls": before / 1000}


async def allocations(count: int) -> dict[str, float]:
    """The same by what Python has allocated."""
    flow = made_flow()
    await _after_a_few_turns(flow, 20)
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    calls = await _after_a_few_turns(flow, count)
    gc.collect()
    taken = (tracemalloc.get_traced_memory()[0] - before) / 1000 / len(calls)
    return {"memory of an idle call, by allocations": taken}


async def kept(_count: int) -> dict[str, float]:
    """What is made of a flow once, for all its calls: forms, what to expect in each place, grammars, conditions."""
    await _turn(load_flow("medical_intake"), _started(load_flow("medical_intake"), "warm"), "yes")
    flow = made_flow()
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    state = _started(flow, "kept")
    state = await _turn(flow, state, "my name is susan clark")
    found = {"kept for a flow after one turn": (tracemalloc.get_traced_memory()[0] - before) / 1000}
    while state.outcome is None:
        state = await _turn(flow, state, answer_to(flow, state))
    gc.collect()
    found["kept for a flow after a whole call"] = (tracemalloc.get_traced_memory()[0] - before) / 1000
    state = _started(flow, "kept")
    before = tracemalloc.get_traced_memory()[0]
    while state.outcome is None:
        anticipate(flow, state)
        state = await _turn(flow, state, answer_to(flow, state))
    gc.collect()
    found["kept grammars of a whole call"] = (tracemalloc.get_traced_memory()[0] - before) / 1000
    return found


async def growth(count: int) -> dict[str, float]:
    """Calls in turn, with strange words among the others: does the process grow once it is warm?"""
    flow, draw = made_flow(), random.Random(3)
    strange = [_strange_word(draw) for _ in range(STRANGE_WORDS)]
    calls = [_started(flow, f"call-{number}") for number in range(count)]
    resident: list[tuple[int, float]] = []
    turns, warm = 0, WARM_UP_ROUNDS * LIFE * count
    said: Iterator[str] = iter(())
    for round_ in range((WARM_UP_ROUNDS + ROUNDS) * LIFE):
        for number in range(count):
            if (round_ + number) % LIFE == 0 or calls[number].outcome is not None:
                calls[number] = _started(flow, f"call-{number}-{round_}")
            text = next(said, None)
            if text is None:
                said = iter(utterances(200, seed=turns))
                text = next(said)
            if draw.random() < 0.6:
                text = answer_to(flow, calls[number])
            calls[number] = await _turn(flow, calls[number], f"{text} {draw.choice(strange)}")
            turns += 1
            if turns > warm and turns % max(100, count // 4) == 0:
                resident.append((turns, _resident_kb(collect=turns % 1000 == 0)))
    at, kb = np.array(resident).T
    slope = float(np.polyfit(at, kb, 1)[0]) * 1000
    return {
        "growth per 1,000 turns": slope,
        "growth from the first to the last sample": float(kb[-1] - kb[0]),
        "resident with all calls": float(kb[-1]) / 1000,
    }


# --- calls -----------------------------------------------------------------------------------------------------


def _started(flow: Flow, call: str) -> GoalState:
    state, _ = advance(flow, start(flow, call), CallStarted(today="2026-11-23"))
    return state


async def _turn(flow: Flow, state: GoalState, text: str) -> GoalState:
    """A turn thought through and committed, with the answers of other systems that it needs."""
    heard = Utterance((Reading(text, 0.9),), state.at_s + 1, state.at_s + 4, Channel.TEXT)
    thought = await think(state, heard, Ports(flow, ParserUnderstander(), no_pages))
    waiting = list(thought.events)
    while waiting:
        state, effects = advance(flow, state, waiting.pop(0))
        asked = [effect for effect in effects if isinstance(effect, RunAction)]
        waiting += [ActionDone(effect.id, results_of(effect.action)) for effect in asked]
    return state


async def _after_a_few_turns(flow: Flow, count: int) -> list[GoalState]:
    calls = []
    for number in range(count):
        state = _started(flow, f"idle-{number}")
        for _ in range(FEW_TURNS):
            state = await _turn(flow, state, answer_to(flow, state))
        calls.append(state)
    return calls


def _strange_word(draw: random.Random) -> str:
    return "".join(draw.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(draw.randint(4, 9)))


def _resident_kb(*, collect: bool = True) -> float:
    if collect:
        gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1000


MEASURES = {"first": first, "process": process, "allocations": allocations, "kept": kept, "growth": growth}

if __name__ == "__main__":
    print(json.dumps(asyncio.run(MEASURES[sys.argv[1]](int(sys.argv[2])))))
