"""`souffleur simulate`: made-up callers ring a flow, in text and in made-up time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import anyio
from rich.console import Console

from flows.loader import open_flow
from orchestrator.errors import BadSimulation
from orchestrator.simulate.conversation import Conversation, converse
from orchestrator.simulate.line import agent_of
from orchestrator.simulate.report import as_json, cell, table
from orchestrator.simulate.score import Score, score
from orchestrator.simulate.temper import Kind

_WIDTH = 100
"""Of the table, in characters, where the terminal has fewer."""


def simulate(flow: str, callers: int, seed: int, kind: str | None, wer: float, json_path: Path | None) -> int:
    """Have callers ring a flow, and show what came of it.

    Args:
        flow: its file, or its name in the library.
        callers: how many of each kind. seed: of the first; the others follow.
        kind: one of `Kind`; None for all.
        wer: word error rate of what the agent hears, 0 to 0.3.
        json_path: where to write every call with its words, its truth and its score; None for nowhere.

    Returns:
        The exit status: 0 if nothing happened that must never happen, else 1.

    Raises:
        BadSimulation: another kind, rate or number.
        FlowError: no such flow, or it has mistakes.
        MemoryFailure: its pages cannot be read.
    """
    kinds = _kinds(kind)
    if not 0 <= wer <= 0.3:
        raise BadSimulation(f"a word error rate of {wer:g}; give one from 0 to 0.3")
    if callers < 1:
        raise BadSimulation(f"{callers} callers; give 1 or more")
    calls = anyio.run(_ring, flow, callers, seed, kinds, wer)
    scored = [(call, score(call)) for call in calls]
    _show(scored, kinds, calls[0].flow.flow, wer)
    if json_path is not None:
        _write(json_path, [_story(call, of) for call, of in scored])
    return 1 if any(sum(cell([of]).never.values()) for _, of in scored) else 0


def _kinds(kind: str | None) -> list[Kind]:
    if kind is None:
        return list(Kind)
    if kind not in list(Kind):
        raise BadSimulation(f"no kind of caller is called `{kind}`; choose from {', '.join(Kind)}")
    return [Kind(kind)]


async def _ring(flow: str, callers: int, seed: int, kinds: list[Kind], wer: float) -> list[Conversation]:
    async with agent_of(open_flow(flow)) as agent:
        return [
            await converse(agent.flow, agent.dial, kind=kind, seed=number, wer=wer, pages=agent.pages)
            for kind in kinds
            for number in range(seed, seed + callers)
        ]


def _show(scored: list[tuple[Conversation, Score]], kinds: list[Kind], flow: str, wer: float) -> None:
    rows = [(kind.value, cell([of for _, of in scored if of.kind is kind])) for kind in kinds]
    everyone = cell([of for _, of in scored])
    console = Console(width=max(Console().width, _WIDTH))
    console.print(table([*rows, ("all", everyone)], f"{flow}, {wer:.0%} of the words misheard"))
    for name, count in everyone.never.items():
        if count:
            console.print(f"[red]must never happen:[/] {name}: {count}")
    failed = [(of.kind.value, of.seed) for _, of in scored if not of.success]
    if failed:
        shown = ", ".join(f"{kind} {number}" for kind, number in failed[:12])
        console.print(f"not as it had to be: {shown}{' ...' if len(failed) > 12 else ''}")


def _story(call: Conversation, of: Score) -> dict[str, Any]:
    truth = call.truth
    lines: list[dict[str, Any]] = [{"agent": call.opening.agent}]
    for exchange in call.exchanges:
        said = exchange.said
        line: dict[str, Any] = {"caller": said.text, "doing": said.doing.value}
        if exchange.heard != said.text:
            line |= {"heard": exchange.heard, "confidence": exchange.confidence}
        lines += [line, {"agent": exchange.turn.agent}]
    return {
        "kind": call.kind.value,
        "seed": call.seed,
        "wer": call.wer,
        "truth": dict(truth.values),
        "refused": truth.refused,
        "expected": truth.route.code,
        "outcome": of.outcome,
        "success": of.success,
        "figures": as_json(cell([of])),
        "talk": lines,
    }


def _write(path: Path, calls: list[dict[str, Any]]) -> None:
    try:
        path.write_text(json.dumps({"calls": calls}, indent=1, ensure_ascii=False) + "\n")
    except OSError as trouble:
        raise BadSimulation(f"{path}: cannot be written: {trouble.strerror}") from trouble
