"""Draw what benchmarks/engine.py measured. Runs in .venv, which has matplotlib.

python benchmarks/engine_plot.py RESULT.json PLOT.png
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

COLOURS = {750: "#0072b2", 1500: "#009e73", 3000: "#d55e00"}


def draw(result: dict[str, Any], path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (left, middle, right) = pyplot.subplots(1, 3, figsize=(13, 3.8))
    _prompts(left, result.get("prefill", []))
    busy = [row for row in result.get("reprimed", []) if row["model"] == result["model"]]
    _ticks(middle, result.get("ticks", []), busy)
    _reprimes(right, result.get("reprime", []))
    for axis in (left, middle, right):
        axis.spines[["top", "right"]].set_visible(False)
        if axis.get_legend_handles_labels()[0]:
            axis.legend(frameon=False, fontsize=7)
    where = result.get("gpu") or result.get("machine", {}).get("cpu", "")
    figure.suptitle(f"{result['model']} on {where}, random weights", fontsize=9)
    figure.tight_layout()
    figure.savefig(path, dpi=130)


def _prompts(axis: Any, rows: list[dict[str, Any]]) -> None:
    for dep_q, colour in ((8, "#0072b2"), (16, "#d55e00")):
        mine = [row for row in rows if row["dep_q"] == dep_q]
        axis.plot(
            [r["frames"] for r in mine],
            [r["times"] for r in mine],
            "o-",
            color=colour,
            label=f"dep_q {dep_q}",
        )
        axis.axhline({8: 25, 16: 40}[dep_q], color=colour, linestyle=":", linewidth=0.8)
    axis.set(xlabel="frames of prompt", ylabel="frame by frame / one pass", ylim=(0, None))


def _ticks(axis: Any, quiet: list[dict[str, Any]], busy: list[dict[str, Any]]) -> None:
    for window, colour in COLOURS.items():
        mine = sorted((r for r in quiet if r["window"] == window), key=lambda r: r["seats"])
        beside = [r for r in busy if r["window"] == window]
        if not mine and not beside:
            continue
        axis.plot(
            [r["seats"] for r in mine],
            [r["tick_ms"]["p99"] for r in mine],
            "o-",
            color=colour,
            label=f"{window}, p99",
        )
        floors = [r["step_and_depformer_floor_ms"] for r in mine]
        axis.plot([r["seats"] for r in mine], floors, ":", color=colour, linewidth=0.8)
        axis.plot([r["seats"] for r in beside], [r["tick_ms"]["p99"] for r in beside], "x", color=colour)
    axis.axhline(80, color="#888", linewidth=0.8)
    axis.set(xlabel="seats (x: all re-primed; dotted: bandwidth floor)", ylabel="a tick, ms", ylim=(0, None))


def _reprimes(axis: Any, rows: list[dict[str, Any]]) -> None:
    names = [f"{row['model']}\n{row['prompt']} + {row['history']}" for row in rows]
    axis.bar(names, [row["alone_ms"] for row in rows], color="#0072b2")
    for i, row in enumerate(rows):
        told = f"{row['alone_ms']:g}" + (f"\np99 x{row['stretch_p99']}" if "stretch_p99" in row else "")
        axis.annotate(told, (i, row["alone_ms"]), ha="center", va="bottom", fontsize=8)
    axis.set(xlabel="prompt + history, frames", ylabel="a re-prime alone, ms", yscale="log")


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    draw(json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
