"""The page of a timeline: its head, its rows, and where they lie. Imports matplotlib; import it when drawing."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from orchestrator.callfile import CallFile
from orchestrator.picture.lanes import (
    AGENT,
    CALLER,
    CUT,
    FAINT,
    GOOD,
    GREY,
    INK,
    LANES_IN,
    MIND,
    Row,
    draw_floor,
    draw_form,
    draw_names,
    draw_speech,
    draw_thoughts,
    draw_times,
)
from orchestrator.wording import clock, plural

DPI = 110
WIDTH_IN, LEFT_IN, RIGHT_IN = 16.0, 0.85, 0.45
HEAD_IN, FOOT_IN = 1.15, 0.1
TIMES_IN, ROW_IN = 0.36, LANES_IN + 0.72  # how fast it answered, below the lanes; and a row with all
TICKS_S = (5, 10, 30, 60, 300)


def paint_page(call: CallFile, rows: Sequence[tuple[float, float]], row_s: float) -> bytes:
    """Draw a call as PNG.

    Args:
        rows: start and end of each, in seconds of the call.
        row_s: what the width of a row stands for; no row is longer.
    """
    height_in = HEAD_IN + len(rows) * ROW_IN + FOOT_IN
    figure = Figure(figsize=(WIDTH_IN, height_in), dpi=DPI, facecolor="white")
    renderer = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]
    _head(figure, call)
    for n, (start_s, end_s) in enumerate(rows):
        foot_in = height_in - HEAD_IN - n * ROW_IN - LANES_IN
        lanes = Row(
            _axes(figure, foot_in, LANES_IN), renderer, start_s, end_s, row_s, WIDTH_IN - LEFT_IN - RIGHT_IN
        )
        times = Row(
            _axes(figure, foot_in - TIMES_IN - 0.03, TIMES_IN),
            renderer,
            start_s,
            end_s,
            row_s,
            lanes.width_in,
        )
        for row in (lanes, times):
            _grid(row)
        draw_names(lanes, call.agent or "agent")
        draw_floor(lanes, call)
        draw_speech(lanes, call)
        draw_form(lanes, call)
        draw_thoughts(lanes, call)
        draw_times(times, call)
        _clocks(times)
    out = io.BytesIO()
    figure.savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()


def _head(figure: Figure, call: CallFile) -> None:
    height_in, left = figure.get_figheight(), LEFT_IN / WIDTH_IN
    facts = [
        f"call {call.call}",
        call.outcome.value.replace("_", " ") if call.outcome else "not finished",
        clock(call.duration_s),
        plural(len(call.turns), "turn"),
    ]
    latency = call.figures.latency
    if latency.p50_ms is not None and latency.p95_ms is not None:
        facts.append(f"answered in {latency.p50_ms:.0f} ms (median), {latency.p95_ms:.0f} ms (p95)")
    if call.figures.simulation:
        facts.append(f"simulated caller: {call.figures.simulated}")
    title, under = call.title or call.flow, "   ·   ".join(facts)
    figure.text(
        left, 1 - 0.28 / height_in, title, size=15, weight="bold", color=INK, va="center", parse_math=False
    )
    figure.text(left, 1 - 0.55 / height_in, under, size=9.5, color=GREY, va="center", parse_math=False)
    figure.legend(
        handles=_legend(call.agent or "agent"),
        loc="center left",
        bbox_to_anchor=(left - 0.006, 1 - 0.82 / height_in),
        ncols=12,
        frameon=False,
        fontsize=8,
        labelcolor=INK,
        handlelength=1.4,
        handletextpad=0.5,
        columnspacing=1.4,
    )


def _legend(agent: str) -> list[Artist]:
    def mark(shape: str, colour: str, label: str, *, filled: bool = True) -> Line2D:
        face = colour if filled else "white"
        return Line2D([], [], ls="", marker=shape, ms=6, mfc=face, mec=colour, mew=1.2, label=label)

    return [
        Patch(color=AGENT, label=agent),
        Patch(color=CALLER, label="caller"),
        Line2D([], [], color=GREY, lw=2, label="has the floor"),
        Patch(color=CUT, alpha=0.4, label="both at once"),
        Line2D([], [], ls="", marker="|", ms=10, mew=3, color=CUT, label="interrupted"),
        mark("o", GOOD, "heard", filled=False),
        mark("o", GOOD, "confirmed"),
        mark("D", CALLER, "looked up while the caller spoke"),
        mark(">", MIND, "whisper", filled=False),
        mark(">", MIND, "whisper, thought ahead"),
        mark("X", CUT, "trouble"),
        Line2D([], [], color=GREY, lw=1, ls=(0, (1, 2)), label="median answer"),
    ]


def _axes(figure: Figure, foot_in: float, height_in: float) -> Axes:
    whole_in, width_in = figure.get_figheight(), WIDTH_IN - LEFT_IN - RIGHT_IN
    axes = figure.add_axes(
        (LEFT_IN / WIDTH_IN, foot_in / whole_in, width_in / WIDTH_IN, height_in / whole_in)
    )
    axes.set(xticks=[], yticks=[], ylim=(0, height_in))
    axes.spines[:].set_visible(False)
    axes.patch.set_visible(False)
    return axes


def _grid(row: Row) -> None:
    row.axes.set_xlim(row.start_s, row.start_s + row.row_s)
    row.axes.vlines(_ticks(row), 0, 1, FAINT, lw=0.8, transform=row.axes.get_xaxis_transform(), zorder=0)


def _clocks(row: Row) -> None:
    """Times of the call below the row, and a line as long as the row is in use."""
    row.axes.hlines([0], row.start_s, row.end_s, GREY, lw=0.8)
    below = -0.12 * row.axes.get_ylim()[1]
    for at_s in _ticks(row):
        row.axes.text(at_s, below, clock(at_s), size=8, color=GREY, ha="center", va="top")


def _ticks(row: Row) -> list[int]:
    step_s = next((step for step in TICKS_S if row.row_s <= 8 * step), TICKS_S[-1])
    return list(range(math.ceil(row.start_s / step_s) * step_s, int(row.end_s) + 1, step_s))
