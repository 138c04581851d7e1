"""The picture of `benchmarks/steering.py`: what becomes of calls as the actor obeys more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot

from orchestrator.simulate.figures import Rate

_PANELS: tuple[tuple[str, Callable[[Any], Rate]], ...] = (
    ("goal reached, every value right, every disclosure heard", lambda cell: cell.success),
    ("wrong facts left standing", lambda cell: cell.uncorrected),
    ("disclosures really heard, in complete calls", lambda cell: cell.heard),
    ("replies with exact words", lambda cell: cell.exact),
    ("answers that began before their whisper", lambda cell: cell.early),
)


def plot(path: Path, series: Mapping[str, Sequence[tuple[float, Any]]]) -> None:
    """Draw rates with their intervals of 95 %, and turns, against how often the actor obeys.

    Args:
        series: for each loop, the share that the actor obeys and the cell.
    """
    figure, axes = pyplot.subplots(2, 3, figsize=(14, 7), constrained_layout=True)
    for axis, (title, of) in zip(axes.flat, _PANELS, strict=False):
        for name, cells in series.items():
            points = [(100 * x, of(cell)) for x, cell in cells if of(cell).share is not None]
            shares = [100 * (rate.share or 0.0) for _, rate in points]
            low = [max(0.0, y - 100 * rate.interval[0]) for y, (_, rate) in zip(shares, points, strict=True)]
            high = [max(0.0, 100 * rate.interval[1] - y) for y, (_, rate) in zip(shares, points, strict=True)]
            axis.errorbar([x for x, _ in points], shares, yerr=[low, high], marker="o", capsize=3, label=name)
        axis.set(title=title, xlabel="whispers obeyed, %", ylabel="%")
        axis.set_ylim(bottom=0)
    turns = axes.flat[5]
    for name, cells in series.items():
        found = [(100 * x, cell.turns) for x, cell in cells if cell.turns[0]]
        turns.plot([x for x, _ in found], [y[0] for _, y in found], marker="o", label=name)
    turns.set(title="turns of the caller, where the goal was reached", xlabel="whispers obeyed, %")
    turns.set_ylim(bottom=0)
    axes.flat[0].legend()
    figure.suptitle("Steering a voice that does not always obey (simulated callers, rehearsal actor)")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)
    pyplot.close(figure)
