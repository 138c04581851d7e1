"""The duplex engine for half an hour of audio time on the tiny model, calls coming and going: does its memory stay flat?

One call lasts from the first frame to the last; the others ring and hang up by dice, hear speech-like noise, silence
or nothing at all for a while, and get a new prompt every few seconds. Runs in the engine's environment, as fast as
it will go.

    .venv-engine/bin/python benchmarks/engine_soak.py [--minutes 30] [--rows 8] [--json PATH]

Exits with 0 when every goal is met.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

os.environ.setdefault("NO_TORCH_COMPILE", "1")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
import torch

from benchmarks.machine import keep
from duplex_frontend.engine.batch import Pcm
from duplex_frontend.engine.checkpoint import load
from duplex_frontend.engine.fixture import write_fixture
from duplex_frontend.engine.prompt import Prompt, Voice
from duplex_frontend.engine.prompter import Change, Outcome, open_stage
from duplex_frontend.engine.rows import Seat
from duplex_frontend.engine.sampling import Sampling
from duplex_frontend.engine.temporal import twin
from duplex_frontend.engine.tokens import FRAME_SAMPLES, FRAMES_PER_S
from duplex_frontend.engine.voices import read_voice

WINDOW, HISTORY, ROOM, LOG = 750, 250, 150, 400
SAMPLE_EVERY = 375  # ticks: 30 s
WARM_SAMPLES = 6  # caches fill, the longest call's log comes to its bound
GROWTH_MIB = 8.0
SEED = 20261123


@dataclass(slots=True)
class Soak:
    """What was counted.

    Attributes:
        ticks_s: how long each tick and the pump behind it took.
        memory_mib: resident, every 30 s of audio time.
    """

    ticks_s: list[float] = field(default_factory=list)
    memory_mib: list[float] = field(default_factory=list)
    objects: list[int] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    calls: int = 0
    refused: int = 0
    given: int = 0
    answered: int = 0
    longest_frames: int = 0
    longest_given: int = 0
    renewals: int = 0


class Callers:
    """Rings, hangs up, speaks and asks for prompts, by dice."""

    def __init__(self, rows: int, voices: list[Voice], vocabulary: int) -> None:
        self._dice = np.random.default_rng(SEED)
        self._rows, self._voices, self._vocabulary = rows, voices, vocabulary
        self._speech = (self._dice.normal(0, 0.1, (64, FRAME_SAMPLES))).astype(np.float32)
        self._silence = np.zeros(FRAME_SAMPLES, np.float32)
        self.until: dict[Seat, float] = {}

    def prompt(self) -> Prompt:
        voice = self._voices[int(self._dice.integers(len(self._voices)))]
        count = int(self._dice.integers(5, 200))
        return Prompt(voice, tuple(self._dice.integers(4, self._vocabulary, count).tolist()))

    def rings(self) -> bool:
        return bool(self._dice.random() < 0.02 * self._rows / 4)

    def stays(self) -> int:
        """Frames: most calls are short, some last minutes."""
        return int(self._dice.exponential(30 * FRAMES_PER_S)) + 1

    def asks(self) -> bool:
        """For a new prompt: once in 8 s."""
        return bool(self._dice.random() < 1 / (8 * FRAMES_PER_S))

    def sound(self, tick: int) -> Pcm | None:
        kind = self._dice.random()
        if kind < 0.03:
            return None  # a frame is missing
        return self._speech[tick % 64] if kind < 0.6 else self._silence


def soak(ticks: int, rows: int, tell: Callable[[str], None]) -> Soak:
    """Run it."""
    with tempfile.TemporaryDirectory(prefix="souffleur-soak-") as folder:
        write_fixture(Path(folder))
        model = load(folder)
        voices = [
            read_voice(Path(folder) / "voices" / name, twin(model.mimi), model.dim)
            for name in ("tiny.pt", "tiny.wav")
        ]
    callers = Callers(rows, voices, model.text_card)
    batch, prompter = open_stage(
        model, rows, window=WINDOW, history=HISTORY, room=ROOM, log_frames=LOG, chunks=(16, 64)
    )
    done = Soak(calls=1)
    longest = prompter.seat(Sampling(seed=1), callers.prompt())
    until: dict[Seat, int] = {longest: ticks + 1}
    revision, position = 0, 0
    for tick in range(ticks):
        for seat in [seat for seat, end in until.items() if end <= tick]:
            batch.leave(seat)
            del until[seat]
        if callers.rings():
            if len(until) == rows:
                done.refused += 1
            else:
                seat = prompter.seat(Sampling(seed=tick), callers.prompt())
                until[seat] = tick + callers.stays()
                done.calls += 1
        for seat in until:
            if callers.asks() and seat != longest:
                revision += 1
                prompter.change(Change(seat, callers.prompt(), revision))
        frames = {seat: sound for seat in until if (sound := callers.sound(tick)) is not None}
        joined = [seat for seat in frames if batch.rows.at(seat).joined]
        began = time.perf_counter()
        said = batch.tick(frames)
        receipts = prompter.pump(tick / FRAMES_PER_S)
        done.ticks_s.append(time.perf_counter() - began)
        done.given += len(joined)
        done.answered += len(said)
        done.longest_given += longest in joined
        done.outcomes.update(receipt.outcome.value for receipt in receipts)
        now = batch.rows.at(longest).position
        done.renewals += now < position
        position = now
        if tick % SAMPLE_EVERY == SAMPLE_EVERY - 1:
            gc.collect()
            done.memory_mib.append(_resident_mib())
            done.objects.append(len(gc.get_objects()))
            tell(
                f"{(tick + 1) / FRAMES_PER_S / 60:5.1f} min  {done.memory_mib[-1]:7.1f} MiB  {done.calls} calls"
            )
    done.longest_frames = batch.rows.at(longest).log.count
    return done


def _resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def growth_mib(samples: list[float]) -> float:
    """How much the last quarter lies above the first, once warm."""
    warm = samples[WARM_SAMPLES:] if len(samples) > 2 * WARM_SAMPLES else samples
    quarter = max(1, len(warm) // 4)
    return float(np.median(warm[-quarter:]) - np.median(warm[:quarter]))


def goals(done: Soak, audio_s: float, wall_s: float) -> list[tuple[str, str, str, bool]]:
    """(what, measured, goal, whether it is met)."""
    growth, objects = growth_mib(done.memory_mib), growth_mib([float(n) for n in done.objects])
    lost = done.given - done.answered + done.longest_given - done.longest_frames
    return [
        ("faster than real time", f"{audio_s / wall_s:.1f}x", "1x", audio_s > wall_s),
        (
            "memory, last quarter over first",
            f"{growth:+.1f} MiB",
            f"{GROWTH_MIB:.0f} MiB",
            growth <= GROWTH_MIB,
        ),
        ("objects of Python, likewise", f"{objects:+.0f}", "+2000", objects <= 2000),
        ("frames lost", str(lost), "0", lost == 0),
        ("renewals of the one long call", str(done.renewals), "1", done.renewals >= 1),
        (
            "new prompts that landed",
            str(done.outcomes[Outcome.LANDED.value]),
            "1",
            done.outcomes["landed"] > 0,
        ),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description="Half an hour of audio time through the engine.")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--rows", type=int, default=8)
    parser.add_argument("--json", type=Path)
    wanted = parser.parse_args()
    torch.set_num_threads(1)
    began = time.perf_counter()
    done = soak(round(wanted.minutes * 60 * FRAMES_PER_S), wanted.rows, print)
    wall_s, audio_s = time.perf_counter() - began, wanted.minutes * 60
    ticks_ms = np.array(done.ticks_s) * 1000
    figures = {
        "audio_minutes": wanted.minutes,
        "wall_s": round(wall_s, 1),
        "rows": wanted.rows,
        "calls": done.calls,
        "rang_when_full": done.refused,
        "frames": done.answered,
        "prompts": dict(sorted(done.outcomes.items())),
        "tick_ms_p50": round(float(np.percentile(ticks_ms, 50)), 2),
        "tick_ms_p99": round(float(np.percentile(ticks_ms, 99)), 2),
        "memory_mib": [round(sample, 1) for sample in done.memory_mib],
        "memory_growth_mib": round(growth_mib(done.memory_mib), 2),
        "objects": done.objects,
    }
    rows = goals(done, audio_s, wall_s)
    for key, value in figures.items():
        if not isinstance(value, list):
            print(f"{key:34} {value}")
    print(f"\n{'':34} {'measured':>12} {'goal':>10}")
    for what, measured, goal, met in rows:
        print(f"{what:34} {measured:>12} {goal:>10}  {'met' if met else 'MISSED'}")
    if wanted.json:
        verdict = [
            f"{'met ' if met else 'MISSED'} {what}: {got} (goal {goal})" for what, got, goal, met in rows
        ]
        keep(wanted.json, {"figures": figures, "verdict": verdict})
    return 0 if all(met for *_, met in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
