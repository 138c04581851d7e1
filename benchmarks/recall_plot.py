"""How much is hidden, and what is exposed, by how long a look-up takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

COLOURS = {"ahead": "#0072b2", "after": "#d55e00", "every": "#999999"}
NAMES = {"ahead": "while the caller speaks", "after": "after the turn", "every": "on every partial"}


def draw(rows: Sequence[Mapping[str, Any]], path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 3, figsize=(10, 3.2))
    for way, colour in COLOURS.items():
        times = sorted({row["lookup_ms"] for row in rows})
        mine = {ms: [row for row in rows if row["way"] == way and row["lookup_ms"] == ms] for ms in times}
        for axis, key, scale in zip(axes, ("hidden", "exposed_p95", "wasted"), (100, 1, 1), strict=True):
            worst = min if key == "hidden" else max
            axis.plot(times, [scale * np.mean([r[key] for r in mine[ms]]) for ms in times], "o-", ms=3, color=colour, label=NAMES[way])  # fmt: skip
            axis.plot(times, [scale * worst(r[key] for r in mine[ms]) for ms in times], ":", lw=1, color=colour)  # fmt: skip
    for axis, what in zip(
        axes, ("hidden, % of turns", "exposed p95, ms", "wasted look-ups a turn"), strict=True
    ):
        axis.set(xlabel="a look-up takes, ms", ylabel=what, ylim=(0, None))
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].legend(frameon=False, fontsize=8)
    figure.suptitle("mean of all rates and recognition errors; dotted: the worst. Simulation", fontsize=8)
    figure.tight_layout()
    figure.savefig(path, dpi=90)
