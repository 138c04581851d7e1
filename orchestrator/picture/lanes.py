"""The lanes of a row of a timeline. Imports matplotlib; import it when drawing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Rectangle

from orchestrator.callfile import CallFile
from orchestrator.callparts import SaidPart
from orchestrator.picture.labels import ELLIPSIS, Ruler, place, split_at, wrap
from orchestrator.wording import written
from reasoner.types import SlotStatus

# Heights above the foot of the lanes, in inches.
LANES_IN = 1.90
AGENT_Y, FLOOR_Y, CALLER_Y, FORM_Y, THOUGHT_Y = 1.29, 1.23, 1.01, 0.53, 0.18
BAR_IN, STRIP_IN = 0.17, 0.025

# Okabe and Ito's colours, told apart by colour-blind people.
CALLER, AGENT, CUT, GOOD, MIND = "#0072b2", "#e69f00", "#d55e00", "#009e73", "#a0558a"
INK, GREY, FAINT = "#222222", "#767676", "#e9e9e9"
COLOUR = {"caller": CALLER, "agent": AGENT}
WORDS_PT, SMALL_PT = 8.0, 7.2


@dataclass(frozen=True, slots=True)
class Row:
    """A row that is drawn: `width_in` inches stand for `row_s` seconds from `start_s` on, in use until `end_s`."""

    axes: Axes
    renderer: RendererAgg
    start_s: float
    end_s: float
    row_s: float
    width_in: float

    def seconds(self, inches: float) -> float:
        return inches * self.row_s / self.width_in

    @property
    def edge_s(self) -> float:
        """How far words may reach: into the margin."""
        return self.start_s + self.row_s + self.seconds(0.35)

    def ruler(self, size_pt: float) -> Ruler:
        """How many seconds wide a text of this size is."""
        font = FontProperties(size=size_pt)

        def measure(text: str) -> float:
            width_px, _, _ = self.renderer.get_text_width_height_descent(text, font, ismath=False)  # type: ignore[no-untyped-call]
            return self.seconds(width_px / self.axes.figure.dpi)

        return measure

    def inside(self, low_s: float, high_s: float) -> tuple[float, float]:
        """The part of a stretch of time that lies in this row; empty where the first is not below the second."""
        return max(low_s, self.start_s), min(high_s, self.end_s)

    def holds(self, at_s: float) -> bool:
        return self.start_s <= at_s < self.end_s

    def bar(
        self,
        low_s: float,
        high_s: float,
        y: float,
        height: float,
        colour: str,
        *,
        alpha: float = 1.0,
        over: int = 3,
    ) -> None:
        self.axes.add_patch(
            Rectangle((low_s, y), high_s - low_s, height, color=colour, alpha=alpha, lw=0, zorder=over)
        )

    def name(self, y: float, name: str, colour: str) -> None:
        """A lane's name, left of it."""
        weight = "normal" if colour == GREY else "bold"
        x = self.start_s - self.seconds(0.12)
        self.axes.text(
            x, y, name, size=8.5, color=colour, ha="right", va="center", weight=weight, parse_math=False
        )


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """Something at a moment, with its text."""

    at_s: float
    text: str
    shape: str
    colour: str
    filled: bool


def draw_names(row: Row, agent: str) -> None:
    row.name(AGENT_Y + BAR_IN / 2, agent, AGENT)
    row.name(CALLER_Y + BAR_IN / 2, "caller", CALLER)
    row.name(FORM_Y, "form", GREY)
    row.name(THOUGHT_Y, "thought", GREY)


def draw_floor(row: Row, call: CallFile) -> None:
    """A thin strip between the lanes in the colour of whoever has the floor; and where both spoke at once."""
    ends = [*(held.at_s for held in call.floor[1:]), call.duration_s]
    for held, until_s in zip(call.floor, ends, strict=False):
        low_s, high_s = row.inside(held.at_s, until_s)
        if held.holder and high_s > low_s:
            row.bar(low_s, high_s, FLOOR_Y, STRIP_IN, COLOUR[held.holder])
    for both in _overlaps(call.transcript):
        low_s, high_s = row.inside(*both)
        if high_s > low_s:
            height = AGENT_Y + BAR_IN - CALLER_Y + 0.04
            row.bar(low_s, high_s, CALLER_Y - 0.02, height, CUT, alpha=0.28, over=4)


def draw_speech(row: Row, call: CallFile) -> None:
    """Bars, and the words: the agent's above its lane, the caller's below."""
    for who, y, lines in (("agent", AGENT_Y, 3), ("caller", CALLER_Y, 2)):
        said = [part for part in call.transcript if part.who == who]
        for n, part in enumerate(said):
            low_s, high_s = row.inside(part.start_s, part.end_s)
            if high_s <= low_s:
                continue
            thin = BAR_IN * (0.45 if part.backchannel else 1)
            row.bar(low_s, high_s, y + (BAR_IN - thin) / 2, thin, COLOUR[who], alpha=0.9)
            if part.interrupted and part.end_s <= row.end_s:
                row.bar(high_s - row.seconds(0.04), high_s, y - 0.035, BAR_IN + 0.07, CUT, over=5)
            next_s = said[n + 1].start_s if n + 1 < len(said) else row.edge_s
            room_s = min(next_s, row.edge_s) - low_s - row.seconds(0.08)
            rows = _words(row, _within(part, low_s, high_s), high_s - low_s, room_s, lines)
            row.axes.text(
                low_s,
                y + BAR_IN + 0.035 if who == "agent" else y - 0.04,
                "\n".join(rows),
                size=WORDS_PT,
                color=GREY if part.backchannel else INK,
                style="italic" if part.backchannel else "normal",
                va="bottom" if who == "agent" else "top",
                linespacing=1.12,
                parse_math=False,
            )


def draw_form(row: Row, call: CallFile) -> None:
    """When values were heard and confirmed; what came at once shares a label."""
    marks: list[Mark] = []
    for change in call.changes:
        settled = change.status in (SlotStatus.CONFIRMED, SlotStatus.DECLINED)
        text = call.slots[change.name].label if change.name in call.slots else change.name
        if not settled:
            text += f": {written(change.value, change.spoken) or 'not right'}"
        if marks and marks[-1].filled == settled and change.at_s - marks[-1].at_s < 0.5:
            text = f"{marks.pop().text}, {text}"
        marks.append(Mark(change.at_s, text, "o", GOOD, settled))
    _draw_marks(row, FORM_Y, marks)


def draw_thoughts(row: Row, call: CallFile) -> None:
    """Whispers by their revision, look-ups with what they found, and what went wrong."""
    marks = [Mark(w.at_s, str(w.revision), ">", MIND, w.ahead) for w in call.whispers]
    for found in call.recall:
        text = f"“{found.query}”  {', '.join(found.titles) or 'nothing found'}  {found.took_ms:.0f} ms"
        marks.append(Mark(found.at_s, text if found.used else "", "D", CALLER, found.speculative))
    marks += [Mark(t.at_s, f"{t.part}: {t.what}", "X", CUT, True) for t in call.troubles]
    _draw_marks(row, THOUGHT_Y, sorted(marks))


def draw_times(row: Row, call: CallFile) -> None:
    """Each answer as a bar from the end of the caller's speech to its first sample, as high as it is long."""
    timed = [t for t in call.turns if t.latency_ms is not None and t.first_sample_s is not None]
    top_ms = max([1000.0, *(1.1 * (turn.latency_ms or 0.0) for turn in timed)])
    row.axes.set_ylim(0, top_ms)
    row.name(top_ms * 0.4, "answer, ms", GREY)
    if call.figures.latency.p50_ms is not None:
        median_ms = call.figures.latency.p50_ms
        row.axes.hlines([median_ms], row.start_s, row.end_s, GREY, lw=0.8, linestyles=(0, (1, 3)))
    for turn in timed:
        assert turn.first_sample_s is not None and turn.latency_ms is not None
        if not row.holds(turn.first_sample_s):
            continue
        low_s = max(turn.end_of_speech_s, row.start_s)
        high_s = max(turn.first_sample_s, low_s + row.seconds(0.06))
        row.bar(low_s, high_s, 0, turn.latency_ms, GREY, alpha=0.55)
        row.axes.text(
            high_s + row.seconds(0.05),
            0.04 * top_ms,
            f"{turn.latency_ms:.0f}",
            size=SMALL_PT,
            color=INK,
            va="bottom",
        )


def _draw_marks(row: Row, y: float, marks: Sequence[Mark]) -> None:
    """Marks on two lines of a lane, each with its text where there is room."""
    beside_s = row.seconds(0.09)
    here = [mark for mark in marks if row.holds(mark.at_s)]
    labels = place(
        [(mark.at_s, mark.text) for mark in here],
        2,
        row.edge_s - beside_s,
        row.ruler(SMALL_PT),
        row.seconds(0.22),
    )
    for mark, label in zip(here, labels, strict=True):
        level = y + (0.075 if label.line == 0 else -0.075)
        face = mark.colour if mark.filled else "white"
        row.axes.scatter(
            [mark.at_s],
            [level],
            s=26,
            marker=mark.shape,
            fc=face,
            ec=mark.colour,
            lw=1.2,
            zorder=6,
            clip_on=False,
        )
        x = mark.at_s + beside_s
        row.axes.text(x, level, label.text, size=SMALL_PT, color=INK, va="center_baseline", parse_math=False)


def _words(row: Row, text: str, bar_s: float, room_s: float, lines: int) -> list[str]:
    """Over the bar, a little beyond it where that saves a line, and as far as there is room where it must be."""
    wraps = []
    for n, width_s in enumerate((bar_s, bar_s + row.seconds(1.8), room_s)):
        rows = wrap(text, min(width_s, room_s), lines, row.ruler(WORDS_PT))
        whole = bool(rows) and not rows[-1].endswith(ELLIPSIS)
        wraps.append((not whole, not rows, len(rows) + (n == 2), rows))
    return min(wraps, key=lambda tried: tried[:3])[3]


def _within(part: SaidPart, low_s: float, high_s: float) -> str:
    """The words of a part that fall between two times, taking its letters to be spread evenly."""
    length_s = max(part.end_s - part.start_s, 1e-6)
    _, rest = (
        split_at(part.text, (low_s - part.start_s) / length_s) if low_s > part.start_s else ("", part.text)
    )
    if high_s >= part.end_s:
        return rest
    return split_at(rest, (high_s - low_s) / (part.end_s - low_s))[0]


def _overlaps(transcript: Sequence[SaidPart]) -> Iterator[tuple[float, float]]:
    """When both spoke at once, backchannels aside."""
    agent = [part for part in transcript if part.who == "agent" and not part.backchannel]
    for part in transcript:
        if part.who == "caller" and not part.backchannel:
            for other in agent:
                low_s, high_s = max(part.start_s, other.start_s), min(part.end_s, other.end_s)
                if high_s > low_s:
                    yield low_s, high_s
