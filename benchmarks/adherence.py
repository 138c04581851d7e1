"""Whether calls keep to their flow, whoever rings: simulated callers, in text, on every flow of the library.

Callers of every kind ring each flow, at four word error rates. Beside the machine stand two plain ways to run the
same flows, over the same understanding (`benchmarks/plain_agents.py`). The callers are simulations; how they were
kept apart from the parsers is told in docs/simulated-callers.md.

    python benchmarks/adherence.py [--callers 20] [--seed 1000] [--quick] [--flow NAME] [--json PATH] [--plot PATH]
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import anyio
from rich.console import Console

from benchmarks import plain_agents
from benchmarks.adherence_plot import plot
from benchmarks.machine import keep
from flows.loader import library, load_flow, open_flow
from orchestrator.simulate.conversation import converse
from orchestrator.simulate.figures import Rate
from orchestrator.simulate.line import Agent, Dial, agent_of
from orchestrator.simulate.report import Cell, as_json, cell, table
from orchestrator.simulate.score import Score, score
from orchestrator.simulate.temper import Kind

RATES = (0.0, 0.1, 0.2, 0.3)
MACHINE, FORM, NODES = "souffleur", "baseline: form", "baseline: nodes"
SYSTEMS = (MACHINE, FORM, NODES)
WILLING = (
    Kind.COOPERATIVE, Kind.TERSE, Kind.CHATTY, Kind.OUT_OF_ORDER, Kind.SELF_CORRECTING, Kind.OFF_TOPIC,
)  # fmt: skip
"""Kinds of callers who give all that is asked, and so have to get to the end."""
COMPLETE = {0.0: 0.99, 0.2: 0.90}
WRONG = {0.0: 0.01, 0.2: 0.03}
BACK, REASKED = 0.98, 0.01
QUICK_CALLERS = 6
FIRST_SEED = 1000
"""Callers before it were looked at while the callers were written."""


@dataclass(frozen=True, slots=True)
class Part:
    """Calls that one process holds: all kinds of callers, with one system, one flow and one error rate."""

    system: str
    flow: str
    wer: float
    seeds: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Goal:
    """Something to reach, and whether it was."""

    name: str
    reached: bool
    figure: str


def _dial(system: str, agent: Agent) -> Dial:
    if system == MACHINE:
        return agent.dial
    plain = plain_agents.form if system == FORM else plain_agents.nodes
    return lambda setting: plain(agent, setting)


def hold(part: Part) -> list[Score]:
    """The calls of a part, one after the other."""

    async def calls() -> list[Score]:
        async with agent_of(open_flow(part.flow)) as agent:
            dial = _dial(part.system, agent)
            return [
                score(await converse(agent.flow, dial, kind=kind, seed=seed, wer=part.wer, pages=agent.pages))
                for kind in Kind
                for seed in part.seeds
            ]

    return anyio.run(calls)


Results = dict[Part, list[Score]]


def chosen(results: Results, keep_part: Callable[[Part], bool], kind: Kind | None = None) -> Cell:
    """The scores of some parts, of one kind of callers or of all."""
    found = [of for part, scores in results.items() if keep_part(part) for of in scores]
    return cell([of for of in found if kind is None or of.kind is kind])


def goals(results: Results) -> list[Goal]:
    """What has to hold of the machine."""
    found: list[Goal] = []
    for wer, least in COMPLETE.items():
        for kind in WILLING:
            rate = _ours(results, wer, kind).complete
            found.append(_at_least(f"complete, {kind.value}, {wer:.0%} misheard", rate, least))
    for wer, most in WRONG.items():
        found.append(
            _below(
                f"wrong of what is confirmed, {wer:.0%} misheard", _ours(results, wer).confirmed_wrong, most
            )
        )
    found.append(_at_least("digressions led back, 0% misheard", _ours(results, 0.0).digressions, BACK))
    found.append(
        _below("asked though known", chosen(results, lambda part: part.system == MACHINE).reasks, REASKED)
    )
    for name, count in chosen(results, lambda part: part.system == MACHINE).never.items():
        found.append(Goal(f"never: {name}", count == 0, str(count)))
    return found


def _ours(results: Results, wer: float, kind: Kind | None = None) -> Cell:
    return chosen(results, lambda part: part.system == MACHINE and part.wer == wer, kind)


def _at_least(name: str, rate: Rate, least: float) -> Goal:
    return Goal(f"{name} >= {least:.0%}", rate.share is None or rate.share >= least, _shown(rate))


def _below(name: str, rate: Rate, most: float) -> Goal:
    return Goal(f"{name} < {most:.0%}", rate.share is None or rate.share < most, _shown(rate))


def _shown(rate: Rate) -> str:
    if rate.share is None:
        return "none to count"
    low, high = rate.interval
    return f"{rate.share:.1%} ({low:.1%} to {high:.1%}, {rate.of})"


def report(results: Results, console: Console) -> None:
    """Tables: ours by kind for each error rate, then all systems beside each other."""
    for wer in RATES:
        rows = [(kind.value, _ours(results, wer, kind)) for kind in Kind]
        console.print(
            table([*rows, ("all", _ours(results, wer))], f"souffleur, {wer:.0%} of the words misheard")
        )
    names = dict.fromkeys(part.flow for part in results)
    rows = [(f"{name}, {wer:.0%}", _of(results, MACHINE, wer, name)) for name in names for wer in RATES]
    console.print(table(rows, "souffleur, by flow and share of words misheard"))
    rows = [(f"{system}, {wer:.0%}", _of(results, system, wer)) for wer in RATES for system in SYSTEMS]
    console.print(table(rows, "beside plain ways to run the same flows"))


def _of(results: Results, system: str, wer: float, flow: str | None = None) -> Cell:
    return chosen(
        results,
        lambda part: (part.system, part.wer) == (system, wer) and flow in (None, part.flow),
    )


def as_result(results: Results, reached: Sequence[Goal], callers: int) -> dict[str, Any]:
    """Every cell with its intervals."""
    return {
        "callers_a_cell": callers,
        "first_seed": min(seed for part in results for seed in part.seeds),
        "goals": [{"goal": goal.name, "reached": goal.reached, "figure": goal.figure} for goal in reached],
        "cells": [
            {
                "system": part.system,
                "flow": part.flow,
                "wer": part.wer,
                "kind": kind.value,
                **as_json(cell([of for of in scores if of.kind is kind])),
            }
            for part, scores in results.items()
            for kind in Kind
        ],
    }


def english(names: Iterable[str], console: Console) -> list[str]:
    """The flows whose callers speak English; the others are told and left out."""
    spoken = {name: load_flow(name).language for name in names}
    for name, language in spoken.items():
        if not language.lower().startswith("en"):
            console.print(f"{name}: left out, the callers speak English and it {language}")
    return [name for name, language in spoken.items() if language.lower().startswith("en")]


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--callers", type=int, default=20, help="for each flow, kind and error rate")
    parser.add_argument("--seed", type=int, default=FIRST_SEED, help="of the first caller")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_CALLERS} callers")
    parser.add_argument("--flow", action="append", help="only this flow; may be given several times")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--json", type=Path, help="where to keep every figure")
    parser.add_argument("--plot", type=Path, help="where to draw them")
    given = parser.parse_args()
    console = Console(width=118)
    callers = QUICK_CALLERS if given.quick else given.callers
    names = english(given.flow or [name for name, _ in library()], console)
    seeds = tuple(range(given.seed, given.seed + callers))
    parts = [Part(system, name, wer, seeds) for name in names for wer in RATES for system in SYSTEMS]
    with ProcessPoolExecutor(given.jobs) as pool:
        results = dict(zip(parts, pool.map(hold, parts), strict=True))
    report(results, console)
    reached = goals(results)
    for goal in reached:
        console.print(
            f"{'[green]reached' if goal.reached else '[red]missed '}[/]  {goal.name}: {goal.figure}"
        )
    if given.json:
        keep(given.json, as_result(results, reached, callers))
    if given.plot:
        plot(given.plot, _series(results))
    missed = sum(not goal.reached for goal in reached)
    calls = sum(map(len, results.values()))
    print(f"adherence: {len(reached) - missed} of {len(reached)} goals, {calls} calls, {len(names)} flows")
    return 1 if missed else 0


def _series(results: Results) -> dict[str, list[Cell]]:
    """For each system its cells by error rate, of willing callers."""
    return {
        system: [
            cell(
                [
                    of
                    for part, scores in results.items()
                    if (part.system, part.wer) == (system, wer)
                    for of in scores
                    if of.kind in WILLING
                ]
            )
            for wer in RATES
        ]
        for system in SYSTEMS
    }


if __name__ == "__main__":
    sys.exit(main())
