"""A view of a call as rows of a terminal: conversation, floor, form, look-ups and whispers. Pure.

Rows are put together by hand from segments: a table of rich for every frame would cost ten times the time, in
the process that carries the call.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from rich.cells import cell_len, set_cell_size
from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment

from duplex_frontend.types import Party
from orchestrator.recording import LookedUp, Trouble, Whispered
from orchestrator.screen.rows import (
    AGENT,
    BAD,
    BOLD,
    CALLER,
    DIM,
    FAINT,
    GOOD,
    PLAIN,
    Row,
    blank,
    filled,
    fit,
    rule,
    shorten,
    title,
    wrap,
)
from orchestrator.screen.view import SlotLine, View
from orchestrator.transcript import Said
from orchestrator.wording import clock, milliseconds, percentile, plural
from reasoner.types import SlotStatus

SMALLEST = (60, 16)
"""Columns and rows below which a frame is not legible."""

CELL_S = 0.5  # of the floor strip
SPARKS = "▁▂▃▄▅▆▇█"

COLOUR = {Party.CALLER: CALLER, Party.AGENT: AGENT}
TICK = {
    SlotStatus.EMPTY: ("○", DIM),
    SlotStatus.HEARD: ("◐", AGENT),
    SlotStatus.CONFIRMED: ("✓", GOOD),
    SlotStatus.DECLINED: ("–", DIM),
}


@dataclass(frozen=True, slots=True)
class Frame:
    """Rows that rich can print."""

    rows: Sequence[Row]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for n, row in enumerate(self.rows):
            if n:
                yield Segment.line()
            yield from row


def draw(view: View, now_s: float, width: int, height: int) -> Frame:
    """The whole picture: `height` rows of `width` columns, at least `SMALLEST`."""
    right = max(30, min(56, int(width * 0.4)))
    left = width - right - 3
    body = height - 6
    form = _form(view, right, max(3, body - 5))
    thoughts = _thoughts(view, right, body - len(form) - 2)
    beside = [*form, blank(right), title("Look-ups and whispers", "", right), *thoughts]
    talk = conversation(view, left, body)
    talk = [*talk, *[blank(left)] * (body - len(talk))]
    rows = [_header(view, now_s, width), rule(width)]
    rows += _floor(view, now_s, width)
    rows.append(rule(width, left + 1, "┬"))
    rows += [(*a, Segment(" │ ", DIM), *b) for a, b in zip(talk, filled(beside, body, right), strict=True)]
    rows.append(_footer(view, width))
    return Frame(rows)


def conversation(view: View, width: int, height: int | None = None) -> list[Row]:
    """Both sides' words, the newest `height` rows; all of them where `height` is None."""
    names = {Party.CALLER: "caller", Party.AGENT: view.agent or "agent"}
    rows: list[Row] = []
    for said in reversed(view.transcript):
        speaking = said.who is Party.AGENT and not said.final
        rows[:0] = _words(said, names[said.who], view.upcoming if speaking else "", width)
        if height is not None and len(rows) >= height:
            return rows[-height:] if height else []
    return rows


# --- parts -------------------------------------------------------------------------------------------------


def _header(view: View, now_s: float, width: int) -> Row:
    end = clock(now_s) if view.outcome is None else f"{view.outcome.replace('_', ' ')} · {clock(now_s)}"
    style = BOLD if view.outcome is None else GOOD if view.outcome == "complete" else BAD
    left = [Segment(" Souffleur  ", BOLD), Segment(view.title)]
    right = [Segment(f"  {view.call}  ", DIM), Segment(f"{end} ", style)]
    room = width - sum(cell_len(segment.text) for segment in right)
    return (*fit(left, room), *right)


def _floor(view: View, now_s: float, width: int) -> list[Row]:
    """Two lanes of who spoke in the last while, and who holds the floor now."""
    cells = width - 27
    first_s = (int(now_s / CELL_S) + 1 - cells) * CELL_S
    speaking = [party for party in Party if view.stretch.speaks(party, now_s)]
    rows = []
    for party, glyph in ((Party.CALLER, "▄"), (Party.AGENT, "▀")):
        lane = _lane(view, party, first_s, cells, now_s, glyph)
        strip = [Segment("".join(run), COLOUR[party]) for _, run in groupby(lane)]
        if party in speaking:
            state = Segment("  ● both at once" if len(speaking) > 1 else "  ● has the floor", COLOUR[party])
        else:
            state = Segment("  ○ nobody" if not speaking and party is Party.CALLER else "", DIM)
        rows.append(fit([Segment(f" {party.value:<7}", COLOUR[party]), *strip, state], width))
    return rows


def _lane(view: View, party: Party, first_s: float, cells: int, now_s: float, glyph: str) -> list[str]:
    """One glyph for each cell in which the party spoke, a dot for its backchannels."""
    lane = [" "] * cells
    until_s = now_s
    for stretch in reversed(view.floor):
        if until_s <= first_s:
            break
        low = max(0, math.ceil((stretch.start_s - first_s) / CELL_S - 0.5))
        for cell in range(low, min(cells, math.ceil((until_s - first_s) / CELL_S - 0.5))):
            if stretch.speaks(party, first_s + cell * CELL_S):
                lane[cell] = glyph
        until_s = stretch.start_s
    for at_s, by in view.backchannels:
        cell = int((at_s - first_s) / CELL_S)
        if by is party and 0 <= cell < cells:
            lane[cell] = "•"
    return lane


@lru_cache(maxsize=512)
def _words(said: Said, name: str, upcoming: str, width: int) -> tuple[Row, ...]:
    """One party's words in one go, wrapped."""
    names = min(8, max(6, cell_len(name)))
    room = width - names - 8
    style = PLAIN if said.final or said.who is Party.AGENT else FAINT
    if said.backchannel:
        style = FAINT
    pieces = [Segment(said.text or "(could not be made out)", style if said.text else FAINT)]
    if said.backchannel:
        pieces.append(Segment("(backchannel)", DIM))
    elif said.interrupted:
        pieces.append(Segment("── interrupted", BAD))
    elif not said.final and said.who is Party.CALLER:
        pieces.append(Segment("…", DIM))
    if upcoming:
        pieces.append(Segment(upcoming, DIM))
    lines = wrap(pieces, room)
    head = [
        Segment(f" {clock(said.start_s):>5} ", DIM),
        Segment(set_cell_size(name, names), COLOUR[said.who]),
    ]
    blank = [Segment(" " * (names + 7))]
    return tuple(fit([*(blank if n else head), Segment(" "), *line], width) for n, line in enumerate(lines))


def _form(view: View, width: int, height: int) -> list[Row]:
    done = sum(slot.status is SlotStatus.CONFIRMED for slot in view.slots)
    rows = [title("Form", f"{done} of {len(view.slots)} confirmed", width)]
    labels = [_label(slot, width) for slot in view.slots]
    names = max((cell_len(label) for label in labels), default=0)
    lines = [_slot(slot, label, names, width) for slot, label in zip(view.slots, labels, strict=True)]
    if len(lines) > height - 1:
        # The newest changes matter most; the form keeps its order.
        newest = sorted(range(len(lines)), key=lambda n: -(view.slots[n].changed_s or -1.0))[: height - 2]
        left_out = len(lines) - len(newest)
        lines = [lines[n] for n in sorted(newest)]
        lines.append(fit([Segment(f"  and {left_out} more", DIM)], width))
    return rows + lines


@lru_cache(maxsize=512)
def _slot(slot: SlotLine, label: str, names: int, width: int) -> Row:
    glyph, style = TICK[slot.status]
    value = slot.value or ("declined" if slot.status is SlotStatus.DECLINED else "")
    strong = PLAIN if slot.status is SlotStatus.CONFIRMED else style
    room = width - names - 4
    return fit(
        [
            Segment(f"{glyph} ", style),
            Segment(set_cell_size(label, names + 1), PLAIN if slot.value else DIM),
            Segment(shorten(value, room), strong),
        ],
        width,
    )


def _label(slot: SlotLine, width: int) -> str:
    """The label, or where that takes too much room the slot's name."""
    plain = slot.name.replace("_", " ")
    return slot.label if cell_len(slot.label) <= max(14, width // 3) else shorten(plain, width // 3)


def _thoughts(view: View, width: int, height: int) -> list[Row]:
    rows: list[Row] = []
    for n, thought in enumerate(reversed(view.thoughts)):
        if len(rows) >= height:
            break
        if isinstance(thought, LookedUp):
            whole = thought.used or n == 0
            rows[:0] = _lookup(thought, view.before_end_s(thought.at_s), whole, width)
        else:
            rows[:0] = _thought(thought, width, height > 12)
    return rows[-height:] if height > 0 else []


@lru_cache(maxsize=512)
def _lookup(lookup: LookedUp, ahead_s: float | None, whole: bool, width: int) -> tuple[Row, ...]:
    """What was looked up; with what was found and when, where `whole`."""
    head = [Segment(f"{clock(lookup.at_s):>5} ", DIM), Segment("◆ " if whole else "◇ ", CALLER)]
    query = shorten(f"“{lookup.query}”", width - 9)
    if not whole:
        return (fit([*head, Segment(query, DIM)], width),)
    when = "after the end"
    if lookup.speculative:
        when = "as the caller spoke" if ahead_s is None else f"{max(0.0, ahead_s):.1f} s before the end"
    found = shorten(" · ".join(lookup.titles) or "nothing found", width - 9)
    indent = Segment(" " * 8)
    return (
        fit([*head, Segment(query)], width),
        fit([indent, Segment(f"{milliseconds(lookup.took_ms)}, {when}", DIM)], width),
        fit([indent, Segment(found, GOOD if lookup.titles else DIM)], width),
    )


@lru_cache(maxsize=512)
def _thought(thought: Whispered | Trouble, width: int, roomy: bool) -> tuple[Row, ...]:
    """A whisper, with its words where `roomy`; or a trouble."""
    time, indent = Segment(f"{clock(thought.at_s):>5} ", DIM), Segment(" " * 8)
    match thought:
        case Whispered():
            when = ", thought ahead" if thought.ahead else ""
            rows = [[time, Segment("› ", AGENT), Segment(f"whisper {thought.revision}"), Segment(when, GOOD)]]
            if roomy:
                rows.append([indent, Segment(shorten(thought.reply or thought.text, width - 9), DIM)])
        case Trouble():
            lines = wrap([Segment(f"{thought.part}: {thought.what}", BAD)], width - 9)
            rows = [[time, Segment("! ", BAD), *lines[0]], *[[indent, *line] for line in lines[1:3]]]
    return tuple(fit(row, width) for row in rows)


def _footer(view: View, width: int) -> Row:
    times = view.latencies_ms
    if not times:
        return fit([Segment(" No answer yet", DIM)], width)
    text = f" Answered in {times[-1]:.0f} ms, median {percentile(times, 0.5):.0f} ms"
    text += f" over {plural(len(times), 'turn')}"
    if view.interruptions:
        text += f", {plural(view.interruptions, 'interruption')}"
    sparks = _sparks(times[-max(0, width - cell_len(text) - 3) :])
    gap = max(1, width - cell_len(text) - len(sparks) - 1)
    return fit([Segment(text), Segment(" " * gap), Segment(sparks, CALLER)], width)


def _sparks(times_ms: Sequence[float]) -> str:
    top = max(max(times_ms, default=0.0), 1000.0)
    return "".join(SPARKS[min(len(SPARKS) - 1, int(t / top * len(SPARKS)))] for t in times_ms)
