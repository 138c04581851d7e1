"""What a caller hears of a turn: from the last sample of their speech to the first sample of the answer, and its parts.

Whole calls in real time on the embedded cascade: a program with a synthesized voice answers a clinic's intake and asks
its questions on the way. Half of the calls have the clinic's pages, the others are on the same flow without any, turn
about. Latencies are read from the sound of the call (`benchmarks.heard`), parts from its story: a decision that the
turn is over (endpointing), the recogniser's last words, the thought, of which recall is a part where it was not done
while the caller spoke, and the voice. Callers are simulated. Run it on a machine that does nothing else.

    python benchmarks/turn_latency.py [--calls 4] [--quick] [--json PATH]
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.heard import Recording
from benchmarks.machine import keep
from benchmarks.turn_latency_call import Spoken, hold
from flows.loader import open_flow
from orchestrator.recording import CallerWords, LookedUp, TurnTimed, Whispered
from orchestrator.runtime import open_runtime
from orchestrator.settings import load_settings

FLOW = "medical_intake"
VOICES = ("slt", "rms", "en-us", "awb")
BLOCK_MS = 20.0
P50_MS, P95_MS = 500.0, 800.0
PARTS = ("endpointing", "recogniser", "thought", "voice")


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn that was answered. Milliseconds; the four parts add up to the whole.

    Attributes:
        said: the words that the caller's program spoke.
        asks: it was a question for the pages.
        recall: of the thought, what looking up took after the turn was over.
        found: titles that it was answered from.
    """

    knowledge: bool
    call: int
    said: str
    asks: bool
    whole: float
    endpointing: float
    recogniser: float
    thought: float
    recall: float
    voice: float
    found: int


def without_pages(folder: Path) -> Path:
    """The same flow, without knowledge."""
    text = open_flow(FLOW).path.read_text()
    lines = [line for line in text.splitlines() if not line.startswith("knowledge:")]
    assert len(lines) < len(text.splitlines()), f"{FLOW} has no line `knowledge:` any more"
    path = folder / f"{FLOW}.yaml"
    path.write_text("\n".join(lines) + "\n")
    return path


def turns_of(call: int, spoken: Spoken, *, knowledge: bool) -> Iterator[Turn]:
    """Every answered turn, measured by ear."""
    recording = Recording(spoken.rate_hz, spoken.caller, spoken.agent)
    moments = spoken.moments
    for timed in (m for m in moments if isinstance(m, TurnTimed)):
        if timed.first_sample_s is None or timed.interrupted:
            continue
        end_s = recording.last_sound_before(recording.caller, timed.decided_s)
        first_s = recording.first_sound_after(recording.agent, timed.decided_s)
        words = [
            m for m in moments if isinstance(m, CallerWords) and m.final and m.at_s >= timed.decided_s - 0.02
        ]
        if end_s is None or first_s is None or not words:
            continue
        whole, endpointing = 1000 * (first_s - end_s), 1000 * (timed.decided_s - end_s)
        recogniser = max(0.0, 1000 * (words[0].at_s - timed.decided_s))
        given = [m for m in moments if isinstance(m, Whispered) and m.at_s >= words[0].at_s]
        ahead = bool(given) and given[0].ahead
        looked = [
            m for m in moments if isinstance(m, LookedUp) and m.used and words[0].at_s <= m.at_s <= first_s
        ]
        utterance = spoken.utterance_before(timed.decided_s)
        yield Turn(
            knowledge, call, utterance.text, utterance.asks, whole, endpointing, recogniser, timed.thought_ms,
            0.0 if ahead else timed.took_ms.get("recall", 0.0),
            whole - endpointing - recogniser - timed.thought_ms, sum(len(m.titles) for m in looked[:1]),
        )  # fmt: skip


async def measure(calls: int, most_turns: int, console: Console) -> tuple[list[Turn], list[dict[str, Any]]]:
    """`calls` with the pages and as many without, turn about, one at a time."""
    turns: list[Turn] = []
    held: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        bare = without_pages(Path(folder))
        settings = load_settings({"data.folder": str(Path(folder) / "data"), "data.record_audio": False})
        async with open_runtime(settings, spares=1) as runtime:
            for call in range(calls):
                for knowledge in (True, False) if call % 2 == 0 else (False, True):
                    voice = VOICES[call % len(VOICES)]
                    spoken = await hold(runtime, FLOW if knowledge else str(bare), voice, most_turns)
                    found = list(turns_of(call, spoken, knowledge=knowledge))
                    turns += found
                    told = {"call": call, "knowledge": knowledge, "voice": voice, "turns": len(found)}
                    held.append({**told, "outcome": spoken.outcome, "late_blocks": spoken.late_blocks})
                    console.print(held[-1], highlight=False)
    return turns, held


def row(turns: Sequence[Turn]) -> dict[str, float]:
    """Figures of some turns."""
    if not turns:
        return {"turns": 0.0}
    wholes = [turn.whole for turn in turns]
    parts = {part: float(np.median([getattr(turn, part) for turn in turns])) for part in (*PARTS, "recall")}
    p50, p95 = np.percentile(wholes, [50, 95])
    return {"turns": float(len(turns)), "p50": float(p50), "p95": float(p95), **parts}


def table(turns: Sequence[Turn]) -> tuple[Table, dict[str, dict[str, float]]]:
    shown = Table(
        title="From the end of the caller's speech to the first sample of the answer, ms; parts: medians"
    )
    for name in ("turns", "knowledge", "n", "p50", "p95", *PARTS, "of it recall"):
        shown.add_column(name, justify="left" if name in ("turns", "knowledge") else "right")
    figures = {}
    for kind, asks in (("all", None), ("questions", True), ("answers", False)):
        for knowledge in (True, False):
            some = [t for t in turns if t.knowledge is knowledge and (asks is None or t.asks is asks)]
            found = row(some)
            figures[f"{kind}, {'with' if knowledge else 'without'}"] = found
            cells = (f"{found.get(name, float('nan')):.0f}" for name in ("p50", "p95", *PARTS, "recall"))
            shown.add_row(kind, "with" if knowledge else "without", f"{found['turns']:.0f}", *cells)
    return shown, figures


def slower(turns: Sequence[Turn]) -> float:
    """By how much the same words are answered later with knowledge: the median over pairs, ms."""
    answered: dict[tuple[int, str], dict[bool, list[float]]] = {}
    for turn in turns:
        answered.setdefault((turn.call, turn.said), {}).setdefault(turn.knowledge, []).append(turn.whole)
    pairs = [float(np.mean(t[True]) - np.mean(t[False])) for t in answered.values() if len(t) == 2]
    return float(np.median(pairs)) if pairs else float("nan")


def verdict(turns: Sequence[Turn], figures: dict[str, dict[str, float]]) -> tuple[list[str], bool]:
    """Each goal, with all turns of the calls that have the pages."""
    ours, asked = figures["all, with"], [t for t in turns if t.knowledge and t.asks]
    used = float(np.mean([turn.found > 0 for turn in asked])) if asked else 0.0
    later = slower(turns)
    goals = (
        ("p50", ours.get("p50", float("nan")), ours.get("p50", np.inf) < P50_MS, f"< {P50_MS:.0f} ms"),
        ("p95", ours.get("p95", float("nan")), ours.get("p95", np.inf) < P95_MS, f"< {P95_MS:.0f} ms"),
        (
            "later than without, same words",
            later,
            later <= BLOCK_MS,
            f"<= {BLOCK_MS:.0f} ms, one block of audio",
        ),
        (
            "questions answered from the pages",
            100 * used,
            used >= 0.5,
            ">= 50 %, or knowledge was not in use",
        ),
    )
    lines = [
        f"{'met' if held else 'MISSED'} {name} {value:.0f} (goal {goal})" for name, value, held, goal in goals
    ]
    return lines, all(held for _, _, held, _ in goals)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--calls", type=int, default=4, help="with the pages, and as many without; 5 minutes a pair"
    )
    parser.add_argument("--quick", action="store_true", help="one call of eight turns each, two minutes")
    parser.add_argument("--json", type=Path, metavar="PATH", help="keep the figures there")
    options = parser.parse_args()
    console = Console(width=150)
    calls, most = (1, 8) if options.quick else (options.calls, 60)
    turns, held = asyncio.run(measure(calls, most, console))
    shown, figures = table(turns)
    console.print(shown)
    lines, met = verdict(turns, figures)
    if options.json:
        kept = {
            "figures": figures,
            "verdict": lines,
            "calls": held,
            "turns": [asdict(turn) for turn in turns],
        }
        keep(options.json, {**kept, "simulation": "the caller is a program with a synthesized voice"})
    print("turn latency: " + "; ".join(lines))
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
