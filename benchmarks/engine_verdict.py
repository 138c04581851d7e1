"""The engine's goals, held against what was measured."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

TICK_MS = 80.0
Held = tuple[str, float, float, bool]  # what, measured, goal, whether at least (else at most)


def verdict(kept: dict[str, Any]) -> tuple[list[str], bool]:
    """A line a goal, and whether all were met. Goals for an H200 are held against that alone."""
    lines, met = [], True
    for what, measured, goal, at_least in (*_everywhere(kept), *_of_an_h200(kept)):
        held = measured >= goal if at_least else measured <= goal
        met &= held
        lines.append(f"{'met' if held else 'MISSED'} {what} {measured:g} (goal {goal:g})")
    return lines, met


def _everywhere(kept: dict[str, Any]) -> Iterator[Held]:
    for row in kept.get("host", []):
        yield f"host ms a tick for {row['seats']} seats, median", row["together"]["median"], 1.0, False
    if kept["model"] == "medium" and kept["device"] == "cpu" and kept.get("threads") == 1:
        for dep_q, goal in ((8, 25.0), (16, 40.0)):
            times = [row["times"] for row in kept.get("prefill", []) if row["dep_q"] == dep_q]
            if times:
                yield f"prompt in one pass, dep_q {dep_q}, least of all sizes, times", min(times), goal, True
    for row in kept.get("reprime", []):
        if "stretch_p99" not in row:
            continue
        name = f"re-prime of {row['prompt']} + {row['history']}"
        yield f"{name}: frames lost", row["frames_lost"], 0, False
        yield f"{name}: bystanders' p99 stretched, times", row["stretch_p99"], 1.25, False
    for row in kept.get("reprimed", []):
        name = f"{row['seats']} seats re-primed at {row['window']}"
        yield f"{name}: frames lost", row["frames_lost"], 0, False
        yield f"{name}: prompts landed, share", row["landed"] / max(1, row["asked"]), 0.8, True


def _of_an_h200(kept: dict[str, Any]) -> Iterator[Held]:
    if kept["model"] != "7b" or "H200" not in kept.get("gpu", ""):
        return
    for section in ("ticks", "reprimed"):
        for row in kept.get(section, []):
            if (row["seats"], row["window"]) in ((64, 3000), (128, 1500)):
                name = f"{section}: {row['seats']} seats at {row['window']}, p99 ms"
                yield name, row["tick_ms"]["p99"], TICK_MS, False
    for row in kept.get("ticks", []):
        if (row["seats"], row["window"]) == (64, 3000):
            yield "step over its floor at 64 seats, times", row["step_over_floor"], 1.5, False
    for row in kept.get("reprime", []):
        if row["history"] == 750:
            yield "re-prime of 200 + 750, ms", row["alone_ms"], 60.0, False
