"""One turn of thought, with the parsers, on a flow of 50 slots and 100 steps; and what a call takes of memory.

Some hundred utterances of 1 to 25 words are thought through in states all along a call. First turns are timed in
processes of their own. Memory is measured twice: by what the process grows, and by what Python allocates.

    python benchmarks/turn.py [--quick] [--json PATH] [--plot PATH]
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.machine import keep
from benchmarks.made_flow import answer_to, made_flow, results_of, utterances
from flows.loader import open_flow
from flows.schema import Flow
from memory.edge import EdgeKnowledge
from orchestrator.knowledge import learn, recall_of
from orchestrator.text_call import TextCall
from reasoner.events import ActionDone, RunAction
from reasoner.graph import think
from reasoner.machine import advance
from reasoner.ports import Ports, Search
from reasoner.state import GoalState, dump_state, load_state
from reasoner.types import Channel, Reading, Utterance
from reasoner.understand import ParserUnderstander

PARTS = ("whole", "understand", "settle", "recall", "compose")
GOALS = {
    "turn p95": (15.0, "ms"),
    "memory of an idle call, by the process": (200.0, "kB"),
    "memory of an idle call, by allocations": (200.0, "kB"),
    "growth per 1,000 turns": (20.0, "kB"),
}
TENANT = "benchmark"


@dataclass(slots=True)
class Timed:
    """Milliseconds, one for each turn; `advance`, `dump` and `load` one for each state."""

    parts: dict[str, list[float]] = field(default_factory=lambda: {part: [] for part in PARTS})
    words: list[int] = field(default_factory=list)  # of each turn
    advance: list[float] = field(default_factory=list)
    dump: list[float] = field(default_factory=list)
    load: list[float] = field(default_factory=list)
    state_kb: list[float] = field(default_factory=list)


async def do(effect: RunAction) -> ActionDone:
    return ActionDone(effect.id, results_of(effect.action))


async def states_along(flow: Flow, search: Search) -> list[GoalState]:
    """A willing caller's call, after each of its turns but the last."""
    call = TextCall(Ports(flow, ParserUnderstander(), search), actions=do, today="2026-11-23")
    await call.begin()
    states = []
    while not call.is_over:
        states.append(call.state)
        await call.said(answer_to(flow, call.state))
    assert call.state.code == "complete", call.state.code
    return states


async def time_turns(flow: Flow, states: Sequence[GoalState], said: Sequence[str], search: Search) -> Timed:
    """Every utterance in several states, spread over the call."""
    timed, ports = Timed(), Ports(flow, ParserUnderstander(), search)
    for number, text in enumerate(said):
        for state in states[number % 7 :: 7]:
            heard = Utterance((Reading(text, 0.9),), state.at_s + 1, state.at_s + 4, Channel.TEXT)
            began = time.perf_counter()
            thought = await think(state, heard, ports)
            timed.parts["whole"].append(_ms_since(began))
            timed.words.append(len(text.split()))
            for part, took in thought.took_ms.items():
                if part in timed.parts:
                    timed.parts[part].append(took)
            began = time.perf_counter()
            advance(flow, state, thought.events[0])
            timed.advance.append(_ms_since(began))
    return timed


def time_states(timed: Timed, states: Iterable[GoalState], rounds: int) -> None:
    for state in states:
        for _ in range(rounds):
            began = time.perf_counter()
            kept = dump_state(state)
            timed.dump.append(_ms_since(began))
            began = time.perf_counter()
            load_state(kept)
            timed.load.append(_ms_since(began))
        timed.state_kb.append(len(kept) / 1000)


def _ms_since(began: float) -> float:
    return (time.perf_counter() - began) * 1000


async def turns(said: Sequence[str]) -> Timed:
    """Turns in this process, warm, with a real index of pages."""
    flow, pages = made_flow(), open_flow("medical_intake")
    knowledge = await EdgeKnowledge.open(language=flow.language)
    try:
        await learn(knowledge, TENANT, pages)
        search = recall_of(knowledge, TENANT, pages)
        states = await states_along(flow, search)
        await time_turns(flow, states, said[:20], search)  # the index, the tables, every question of the flow
        gc.collect()
        timed = await time_turns(flow, states, said, recall_of(knowledge, TENANT, pages))
        time_states(timed, states, 5)
        return timed
    finally:
        await knowledge.aclose()


def measured_apart(what: str, count: int) -> dict[str, float]:
    """Figures from a process of its own: `benchmarks/turn_apart.py`."""
    script = Path(__file__).with_name("turn_apart.py")
    done = subprocess.run(
        [sys.executable, str(script), what, str(count)], stdout=subprocess.PIPE, text=True, check=True
    )
    given: dict[str, float] = json.loads(done.stdout)
    return given


def apart(quick: bool) -> dict[str, float]:
    """First turns, memory and growth, each in fresh processes."""
    calls = 200 if quick else 1000
    firsts = [measured_apart("first", 1) for _ in range(1 if quick else 5)]
    found = {name: float(np.median([first[name] for first in firsts])) for name in firsts[0]}
    for what in ("process", "allocations", "kept", "growth"):
        found |= measured_apart(what, calls)
    return found


def figures(timed: Timed, found: Mapping[str, float]) -> dict[str, float]:
    measured = {f"turn {name}": value for name, value in _spread(timed.parts["whole"]).items()}
    for part in PARTS[1:]:
        measured |= {f"{part} {name}": value for name, value in _spread(timed.parts[part]).items()}
    measured |= {f"advance alone {name}": value for name, value in _spread(timed.advance).items()}
    measured |= {
        "dump_state median": float(np.median(timed.dump)),
        "load_state median": float(np.median(timed.load)),
        "state at its largest": max(timed.state_kb),
        "state median": float(np.median(timed.state_kb)),
    }
    return measured | dict(found)


def _spread(ms: Sequence[float]) -> dict[str, float]:
    return {
        "median": float(np.median(ms)),
        "p95": float(np.percentile(ms, 95)),
        "p99": float(np.percentile(ms, 99)),
        "longest": float(max(ms)),
    }


def table(timed: Timed) -> Table:
    shown = Table(title=f"{len(timed.words)} turns, ms")
    shown.add_column("part")
    for name in ("turns", "median", "p95", "p99", "longest"):
        shown.add_column(name, justify="right")
    for part, ms in {**timed.parts, "advance alone": timed.advance}.items():
        shown.add_row(part, str(len(ms)), *(f"{value:.2f}" for value in _spread(ms).values()))
    return shown


_UNITS = {
    "first": "ms",
    "memory": "kB",
    "kept": "kB",
    "growth": "kB",
    "resident": "MB",
    "dump_state": "ms",
    "load_state": "ms",
    "state": "kB",
}


def others(measured: Mapping[str, float]) -> Iterable[str]:
    """A line for each figure that is not in the table."""
    for name, value in measured.items():
        unit = next((unit for start, unit in _UNITS.items() if name.startswith(start)), None)
        if unit is not None:
            yield f"{name}: {value:,.2f} {unit}"


def verdict(measured: Mapping[str, float]) -> tuple[str, bool]:
    lines, met = [], True
    for name, (most, unit) in GOALS.items():
        held = measured[name] <= most
        met &= held
        lines.append(f"{'met' if held else 'MISSED'} {name} {measured[name]:.1f} {unit} (goal {most:.0f})")
    return "; ".join(lines), met


def draw(timed: Timed, path: Path) -> None:
    """How long turns take, by the number of words."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axis = pyplot.subplots(figsize=(7, 3.6))
    whole, words = np.array(timed.parts["whole"]), np.array(timed.words)
    axis.scatter(words + np.random.default_rng(1).uniform(-0.3, 0.3, len(words)), whole, s=4, color="#0072b2", alpha=0.2)  # fmt: skip
    lengths = sorted(set(timed.words))
    axis.plot(lengths, [np.percentile(whole[words == n], 95) for n in lengths], color="#d55e00", label="p95")
    axis.axhline(GOALS["turn p95"][0], color="#888", linestyle=":", label="goal p95")
    axis.set(xlabel="words", ylabel="a turn of thought, ms", ylim=(0, None))
    axis.legend(frameon=False)
    axis.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, dpi=130)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="fewer utterances and calls, half a minute")
    parser.add_argument("--json", type=Path, metavar="PATH", help="keep the figures there")
    parser.add_argument("--plot", type=Path, metavar="PATH", help="draw the turns there (PNG)")
    options = parser.parse_args()
    console = Console()
    timed = asyncio.run(turns(utterances(60 if options.quick else 300)))
    measured = figures(timed, apart(options.quick))
    console.print(table(timed))
    for line in others(measured):
        console.print(line, highlight=False)
    line, met = verdict(measured)
    if options.json:
        kept: dict[str, Any] = {"figures": measured, "turns": len(timed.words), "verdict": line.split("; ")}
        keep(options.json, kept)
    if options.plot:
        draw(timed, options.plot)
    print(f"turn: {line}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
