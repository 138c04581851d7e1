"""The picture of `benchmarks/adherence.py`: what becomes of calls as more words are misheard."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot

from orchestrator.simulate.figures import Rate
from orchestrator.simulate.report import Cell

_PANELS: tuple[tuple[str, Callable[[Cell], Rate]], ...] = (
    ("calls that ended as they had to, every value right", lambda cell: cell.success),
    ("wrong values among those confirmed", lambda cell: cell.confirmed_wrong),
    ("questions answered from the flow's pages", lambda cell: cell.answered),
)


def plot(path: Path, series: Mapping[str, Sequence[Cell]]) -> None:
    """Draw rates with their intervals of 95 %, and turns.

    Args:
        series: for each system, a cell for 0, 10, 20 and 30 % of the words misheard.
    """
    figure, axes = pyplot.subplots(2, 2, figsize=(10, 7), constrained_layout=True)
    for axis, (title, of) in zip(axes.flat, _PANELS, strict=False):
        for name, cells in series.items():
            points = [(10 * at, of(cell)) for at, cell in enumerate(cells) if of(cell).share is not None]
            shares = [100 * (rate.share or 0.0) for _, rate in points]
            reach = [
                [
                    max(0.0, share - 100 * rate.interval[0])
                    for share, (_, rate) in zip(shares, points, strict=True)
                ],
                [
                    max(0.0, 100 * rate.interval[1] - share)
                    for share, (_, rate) in zip(shares, points, strict=True)
                ],
            ]
            axis.errorbar([x for x, _ in points], shares, yerr=reach, marker="o", capsize=3, label=name)
        axis.set(title=title, xlabel="words misheard, %", ylabel="%")
        axis.set_ylim(bottom=0)
    turns = axes.flat[3]
    for name, cells in series.items():
        means = [cell.turns for cell in cells]
        reach = [
            [max(0.0, mean - low) for mean, low, _ in means],
            [max(0.0, high - mean) for mean, _, high in means],
        ]
        xs = [10 * at for at in range(len(means))]
        turns.errorbar(xs, [mean for mean, _, _ in means], yerr=reach, marker="o", capsize=3, label=name)
    turns.set(title="turns of the caller, in calls that ended as they had to", xlabel="words misheard, %")
    turns.set_ylim(bottom=0)
    axes.flat[0].legend()
    figure.suptitle("Simulated callers who give all that is asked (simulation; 95 % intervals)")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)
    pyplot.close(figure)
