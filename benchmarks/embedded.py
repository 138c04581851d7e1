"""The embedded front-end, measured on whole demo calls in real time.

Each call is `souffleur demo`: an independent simulated caller with its own voice, facts and temper rings the
clinic. Latencies are read from the recording, not from what the system says of itself. Every fourth caller has a
surname that the recogniser does not know. The caller is a simulation.

    python benchmarks/embedded.py [--calls 20] [--first 1] [--quick] [--json PATH] [--plot PATH]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.heard import Recording, answer_latencies_ms, silences_after_barge_in_ms
from benchmarks.machine import keep

LONGEST_CALL_S = 600
GOALS = {
    "answer p50": (600.0, "ms"),
    "answer p95": (900.0, "ms"),
    "barge-in to silence p95": (250.0, "ms"),
    "blocks over 20 ms late": (0.0, ""),
    "main process": (10.0, "% of a core"),
}


@dataclass(frozen=True, slots=True)
class Call:
    """What one call came to."""

    seed: int
    voice: str
    unknown_surname: bool
    outcome: str
    duration_s: float
    right: int
    slots: int
    wrong_unaccepted: int
    answers_ms: list[float]
    silences_ms: list[float]
    late_blocks: int
    cpu_percent: float

    @property
    def good(self) -> bool:
        return self.outcome == "complete" and self.right == self.slots


def run_call(seed: int, voice: str, unknown: bool, out: Path) -> Call:
    """One demo call in processes of its own."""
    command = [sys.executable, "-m", "orchestrator.cli", "demo", "--no-live", "--seed", str(seed)]
    command += ["--caller-voice", voice, "--out", str(out)] + ["--unknown-surname"] * unknown
    out.mkdir(parents=True, exist_ok=True)
    with (out / "demo.log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        busy_s = _watch(process)
    call = json.loads((out / "call.json").read_text())
    report = json.loads((out / "caller.json").read_text())
    recording = Recording.read(out / "call.wav")
    answered = [t["decided_s"] for t in call["turns"] if t["first_sample_s"] is not None]
    checks = json.loads((out / "check.json").read_text())
    backchannels_s = [said["start_s"] for said in report["said"] if said["meaning"] == "backchannel"]
    backchannels_s += [change["at_s"] for change in call["floor"] if change["reason"] == "backchannel"]
    return Call(
        seed=seed,
        voice=report["voice"],
        unknown_surname=unknown,
        outcome=call["outcome"] or "none",
        duration_s=call["duration_s"],
        right=sum(check["right"] for check in checks),
        slots=len(checks),
        wrong_unaccepted=sum(
            s["confirmed"] and not (s["evidence"] and s["evidence"]["accepted_words"])
            for s in call["slots"].values()
        ),
        answers_ms=answer_latencies_ms(recording, answered),
        silences_ms=silences_after_barge_in_ms(recording, backchannels_s),
        late_blocks=call["figures"]["late_blocks"],
        cpu_percent=100 * busy_s / max(1.0, call["duration_s"]),
    )


def _watch(process: subprocess.Popen[bytes]) -> float:
    """Wait for the end; CPU seconds of the process itself, without its children."""
    tick, busy_s, until = os.sysconf("SC_CLK_TCK"), 0.0, time.monotonic() + LONGEST_CALL_S
    while process.poll() is None and time.monotonic() < until:
        try:
            fields = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        except (FileNotFoundError, ProcessLookupError):
            break
        busy_s = (int(fields[11]) + int(fields[12])) / tick
        time.sleep(0.5)
    if process.poll() is None:
        process.terminate()
        process.wait(30)
    return busy_s


def plan(count: int, first: int = 1) -> list[tuple[int, str, bool]]:
    """Seed, voice and whether the surname is unknown, for each call: half flite, half espeak."""
    seeds = range(first, first + count)
    return [(seed, "flite" if seed % 2 else "espeak", seed % 4 == 0) for seed in seeds]


def figures(calls: list[Call]) -> dict[str, float]:
    """The figures that have goals."""
    answers = [ms for call in calls for ms in call.answers_ms]
    silences = [ms for call in calls for ms in call.silences_ms]
    return {
        "answer p50": float(np.percentile(answers, 50)) if answers else float("nan"),
        "answer p95": float(np.percentile(answers, 95)) if answers else float("nan"),
        "barge-in to silence p95": float(np.percentile(silences, 95)) if silences else float("nan"),
        "blocks over 20 ms late": float(median(call.late_blocks for call in calls)),
        "main process": float(median(call.cpu_percent for call in calls)),
    }


def table(calls: list[Call]) -> Table:
    shown = Table(title="Demo calls (the caller is a simulation)")
    for column in (
        "seed",
        "voice",
        "name known",
        "outcome",
        "right",
        "answer p50",
        "p95",
        "barge-in",
        "late",
        "cpu",
    ):
        shown.add_column(column, justify="left" if column in ("voice", "outcome") else "right")
    for call in calls:
        answers = call.answers_ms or [float("nan")]
        shown.add_row(
            str(call.seed),
            call.voice,
            "no" if call.unknown_surname else "yes",
            call.outcome,
            f"{call.right}/{call.slots}",
            f"{np.percentile(answers, 50):.0f} ms",
            f"{np.percentile(answers, 95):.0f} ms",
            f"{max(call.silences_ms):.0f} ms" if call.silences_ms else "-",
            str(call.late_blocks),
            f"{call.cpu_percent:.1f} %",
        )
    return shown


def draw(calls: list[Call], path: Path) -> None:
    """Latencies of all answers, and how each call ended."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(10, 3.6), width_ratios=[3, 2])
    for voice, colour in (("flite", "#0072b2"), ("espeak", "#d55e00")):
        answers = [ms for c in calls if c.voice.startswith(voice) for ms in c.answers_ms]
        left.hist(
            answers, bins=np.arange(0, 2001, 50).tolist(), color=colour, alpha=0.6, label=f"{voice} callers"
        )
    left.axvline(600, color="#888", linestyle=":", label="goal p50")
    left.axvline(900, color="#444", linestyle=":", label="goal p95")
    left.set(xlabel="end of the caller's speech to first sample of the answer, ms", ylabel="answers")
    left.legend(frameon=False)
    right.bar(
        [str(c.seed) for c in calls],
        [c.right for c in calls],
        color=["#009e73" if c.good else "#cc79a7" for c in calls],
    )
    right.set(xlabel="call (seed)", ylabel="slots right", ylim=(0, max(c.slots for c in calls) + 0.5))
    for axis in (left, right):
        axis.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, dpi=130)


def verdict(calls: list[Call], measured: dict[str, float]) -> tuple[list[str], bool]:
    """One line a goal, and whether all were met."""
    lines, met = [], True
    for name, (most, unit) in GOALS.items():
        held = measured[name] <= most
        met &= held
        lines.append(f"{'met ' if held else 'MISSED'} {name}: {measured[name]:.0f} {unit} (goal {most:.0f})")
    good, needed = sum(call.good for call in calls), int(np.floor(0.9 * len(calls)))
    unaccepted = sum(call.wrong_unaccepted for call in calls)
    lines.append(
        f"{'met ' if good >= needed else 'MISSED'} complete with every slot right: {good} of {len(calls)} (goal {needed})"
    )
    lines.append(
        f"{'met ' if not unaccepted else 'MISSED'} committed without the caller's yes: {unaccepted} (goal 0)"
    )
    return lines, met and good >= needed and not unaccepted


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--calls", type=int, default=20)
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--quick", action="store_true", help="two calls, some six minutes")
    parser.add_argument("--json", type=Path, help="write the result here")
    parser.add_argument("--plot", type=Path, help="draw it here (PNG)")
    parser.add_argument("--out", type=Path, default=Path("runs/embedded"))
    options = parser.parse_args()
    console, calls = Console(), list[Call]()
    for seed, voice, unknown in plan(2 if options.quick else options.calls, options.first):
        call = run_call(seed, voice, unknown, options.out / str(seed))
        calls.append(call)
        console.print(f"call {seed}: {call.voice}, {call.outcome}, {call.right}/{call.slots} right")
    measured = figures(calls)
    console.print(table(calls))
    lines, met = verdict(calls, measured)
    for line in lines:
        console.print(line)
    if options.json:
        result: dict[str, Any] = {"figures": measured, "verdict": lines, "calls": [asdict(c) for c in calls]}
        keep(options.json, result)
    if options.plot:
        draw(calls, options.plot)
    print(f"embedded: {len(calls)} calls, {'all goals met' if met else 'goals MISSED'}")
    return 0 if met else 1


if __name__ == "__main__":
    raise SystemExit(main())
