"""How well a voice that does not always obey is steered: loop open, half closed and closed. A simulation at both ends.

Simulated callers ring the library's flows and one of its own, in text; a rehearsal actor stands in for the duplex model
(`duplex_frontend/rehearsal`), takes the floor 70 ms after the caller, and obeys a whisper with a given probability.
Between them is the session that serves real calls. Open: the prompt at the start and nothing after it; the actor is
granted that it knows the whole script by heart, and forgets a twentieth of it with each reply. Half closed: every
whisper, taken for granted. Closed: whispers, proof and correction.

    python benchmarks/steering.py [--callers 12] [--quick] [--flow NAME] [--json PATH] [--plot PATH]
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from rich.console import Console
from rich.table import Table

from benchmarks import virtual
from benchmarks.adherence import WILLING, english
from benchmarks.machine import keep
from benchmarks.steering_plot import plot
from benchmarks.steering_run import Borrowed, Loop, Steered, steered
from benchmarks.steering_score import Score, steering_score
from duplex_frontend.rehearsal.rates import Rates
from flows.loader import library, open_flow
from orchestrator.simulate.conversation import Conversation, converse
from orchestrator.simulate.figures import Rate, mean
from orchestrator.simulate.line import Agent, Setting, agent_of
from orchestrator.simulate.temper import Kind

OBEYS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
QUICK_OBEYS = (0.5, 0.7, 1.0)
QUICK_CALLERS = 1
QUICK_FLOWS = ("medical_intake", "tech_support")  # beside its own
FIRST_SEED = 5000
OWN_FLOW = Path(__file__).resolve().parent / "steering_flow.yaml"
"""Disclosures in the middle of calls that can be completed: the library's only ones wait behind a gate."""
GOAL_AT = 0.7
SUCCESS, EXACT, EARLY = 0.98, 0.25, 0.05


@dataclass(frozen=True, slots=True)
class Part:
    """Calls that one process holds."""

    flow: str
    obeys: float
    loop: Loop
    kinds: tuple[Kind, ...]
    seeds: tuple[int, ...]


Results = dict[Part, list[Score]]


@dataclass(frozen=True, slots=True)
class Cell:
    """What calls came to together."""

    calls: int
    success: Rate
    proven: Rate
    heard: Rate
    uncorrected: Rate
    let_pass: Rate
    handed_over: Rate
    abandoned: Rate
    exact: Rate
    guided: Rate
    early: Rate
    thrown_away: Rate
    turns: tuple[float, float, float]


def cell(scores: Sequence[Score]) -> Cell:
    steering = [score.steering for score in scores]
    thoughts = sum(one.thoughts for one in steering)
    disclosures = sum(score.disclosures for score in scores)
    return Cell(
        calls=len(scores),
        success=_share(scores, lambda score: score.success),
        proven=Rate(sum(score.proven for score in scores), disclosures),
        heard=Rate(sum(score.heard for score in scores), disclosures),
        uncorrected=Rate(sum(s.uncorrected for s in scores), sum(s.wrong_facts for s in scores)),
        let_pass=Rate(sum(s.let_pass for s in scores), sum(s.strayed for s in scores)),
        handed_over=_share(scores, lambda score: score.handed_over),
        abandoned=_share(scores, lambda score: score.abandoned),
        exact=Rate(sum(one.exact for one in steering), sum(one.replies for one in steering)),
        guided=Rate(sum(one.guided for one in steering), sum(one.replies for one in steering)),
        early=Rate(sum(one.before_whisper for one in steering), sum(one.answers for one in steering)),
        thrown_away=Rate(thoughts - sum(one.thoughts_used for one in steering), thoughts),
        turns=mean([float(score.turns) for score in scores if score.success]),
    )


def _share(scores: Sequence[Score], of: Any) -> Rate:
    return Rate(sum(bool(of(score)) for score in scores), len(scores))


def hold(part: Part) -> list[Score]:
    """The calls of a part, one after the other, each in made-up time of its own."""
    real = virtual.RealLoop()
    opened = agent_of(open_flow(part.flow))
    agent = real.wait_for(opened.__aenter__())
    try:
        borrowed = Agent(agent.flow, agent.understander, Borrowed(real, agent), agent.pages)
        return [_call(borrowed, part, kind, seed) for kind in part.kinds for seed in part.seeds]
    finally:
        real.wait_for(opened.__aexit__(None, None, None))
        real.close()


def _call(agent: Agent, part: Part, kind: Kind, seed: int) -> Score:
    lines: list[Steered] = []

    def dial(setting: Setting) -> Steered:
        lines.append(Steered(agent, setting, Rates(obeys=part.obeys), part.loop, seed))
        return lines[0]

    async def talk() -> Conversation:
        flow = steered(agent.flow, part.loop)
        call = await converse(flow, dial, kind=kind, seed=seed, pages=agent.pages)
        await lines[0].close()
        return call

    return steering_score(virtual.run(talk), lines[0])


def chosen(results: Results, loop: Loop, obeys: float, flow: str | None = None) -> Cell:
    return cell(
        [
            score
            for part, scores in results.items()
            if (part.loop, part.obeys) == (loop, obeys) and flow in (None, part.flow)
            for score in scores
        ]
    )


@dataclass(frozen=True, slots=True)
class Goal:
    """Something to reach, and whether it was."""

    name: str
    reached: bool
    figure: str


def goals(results: Results) -> list[Goal]:
    """What has to hold with an actor that obeys only 70 % of the time."""
    at = chosen(results, Loop.CLOSED, GOAL_AT)
    proven = (at.proven.share, at.heard.share) in ((1.0, 1.0), (None, None))
    return [
        Goal(f"goal success > {SUCCESS:.0%}", (at.success.share or 0) > SUCCESS, shown(at.success)),
        Goal(f"replies in exact words <= {EXACT:.0%}", (at.exact.share or 0) <= EXACT, shown(at.exact)),
        Goal("disclosures proven, and heard: 100%", proven, f"{shown(at.proven)}; {shown(at.heard)}"),
        Goal("every failure corrected or handed over", at.let_pass.hits == 0, shown(at.let_pass)),
        Goal("no wrong fact left standing", at.uncorrected.hits == 0, shown(at.uncorrected)),
        Goal("no call ends in silence", at.abandoned.hits == 0, shown(at.abandoned)),
        Goal(f"answers before their whisper < {EARLY:.0%}", (at.early.share or 0) < EARLY, shown(at.early)),
    ]


def shown(rate: Rate) -> str:
    if rate.share is None:
        return "none to count"
    low, high = rate.interval
    return f"{rate.share:.1%} ({low:.1%} to {high:.1%}, {rate.of})"


def report(results: Results, console: Console, title: str, flow: str | None = None) -> None:
    table = Table(title=title)
    heads = "loop obeys success proven heard uncorrected let-pass handed-over abandoned exact guided early thrown-away turns"
    for head in heads.split():
        table.add_column(head, justify="right")
    for loop in Loop:
        for obeys in sorted({part.obeys for part in results}):
            at = chosen(results, loop, obeys, flow)
            rates = (
                at.success,
                at.proven,
                at.heard,
                at.uncorrected,
                at.let_pass,
                at.handed_over,
                at.abandoned,
            )
            shares = [_percent(rate) for rate in (*rates, at.exact, at.guided, at.early, at.thrown_away)]
            table.add_row(loop.value, f"{obeys:.0%}", *shares, f"{at.turns[0]:.1f}")
    console.print(table)


def _percent(rate: Rate) -> str:
    return "-" if rate.share is None else f"{rate.share:.1%}"


def as_result(results: Results, reached: Sequence[Goal]) -> dict[str, Any]:
    """Every cell with its intervals."""
    cells = []
    for part, scores in results.items():
        at = cell(scores)
        rates = {
            name: {"hits": rate.hits, "of": rate.of, "interval": rate.interval}
            for name in Cell.__slots__
            if isinstance(rate := getattr(at, name), Rate)
        }
        where = {"flow": Path(part.flow).stem, "loop": part.loop.value, "obeys": part.obeys}
        cells.append({**where, "calls": at.calls, "turns": at.turns, **rates})
    return {
        "simulation": "callers and actor are simulated; the session is the real one, in made-up time",
        "rates": {name: getattr(Rates(), name) for name in Rates.__slots__},
        "goals": [{"goal": goal.name, "reached": goal.reached, "figure": goal.figure} for goal in reached],
        "cells": cells,
    }


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--callers", type=int, default=4, help="of each kind, for each flow, actor and loop")
    parser.add_argument("--seed", type=int, default=FIRST_SEED, help="of the first caller")
    parser.add_argument(
        "--quick", action="store_true", help="three flows, one caller of each kind, three actors"
    )
    parser.add_argument("--flow", action="append", help="only this flow; may be given several times")
    parser.add_argument("--loop", action="append", type=Loop, help="only this loop: open, half, closed")
    parser.add_argument("--obeys", action="append", type=float, help="only an actor that obeys so often")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--json", type=Path, help="where to keep every figure")
    parser.add_argument("--plot", type=Path, help="where to draw them")
    given = parser.parse_args()
    console = Console(width=150)
    flows = QUICK_FLOWS if given.quick else [name for name, _ in library()]
    names = english(given.flow or [str(OWN_FLOW), *flows], console)
    callers = QUICK_CALLERS if given.quick else given.callers
    seeds = tuple(range(given.seed, given.seed + callers))
    actors = given.obeys or (QUICK_OBEYS if given.quick else OBEYS)
    parts = [
        Part(name, obeys, loop, WILLING, seeds)
        for name in names
        for obeys in actors
        for loop in given.loop or Loop
    ]
    with ProcessPoolExecutor(given.jobs) as pool:
        results = dict(zip(parts, pool.map(hold, parts), strict=True))
    report(results, console, "Steering: simulated callers, rehearsal actor (a simulation)")
    for name in names if len(names) > 1 else ():
        shown_at = {part: scores for part, scores in results.items() if part.obeys == GOAL_AT}
        report(shown_at, console, Path(name).stem, name)
    reached = goals(results)
    for goal in reached:
        console.print(
            f"{'[green]reached' if goal.reached else '[red]missed '}[/]  {goal.name}: {goal.figure}"
        )
    if given.json:
        keep(given.json, as_result(results, reached))
    if given.plot:
        plot(
            given.plot, {loop.value: [(o, chosen(results, loop, o)) for o in sorted(actors)] for loop in Loop}
        )
    missed = sum(not goal.reached for goal in reached)
    calls = sum(map(len, results.values()))
    at = chosen(results, Loop.CLOSED, GOAL_AT)
    print(
        f"steering: {len(reached) - missed} of {len(reached)} goals, {calls} calls, {len(names)} flows; "
        f"obeying {GOAL_AT:.0%}, loop closed: success {_percent(at.success)}, exact {_percent(at.exact)}"
    )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
