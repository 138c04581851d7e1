"""Rows of a terminal, put together from segments by hand, and the colours in them. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, chop_cells, set_cell_size
from rich.segment import Segment
from rich.style import Style

from orchestrator.wording import printable

Row = tuple[Segment, ...]
"""One row of the screen, as wide as what it is drawn for."""

# Okabe and Ito's colours: told apart by colour-blind people, legible on dark and on light.
CALLER, AGENT = Style(color="#56b4e9"), Style(color="#e69f00")
GOOD, BAD = Style(color="#009e73"), Style(color="#d55e00")
PLAIN, DIM, BOLD = Style(), Style(color="grey50"), Style(bold=True)
FAINT = Style(color="grey50", italic=True)


def title(text: str, beside: str, width: int) -> Row:
    gap = max(1, width - cell_len(text) - cell_len(beside) - 1)
    return fit([Segment(text, BOLD), Segment(" " * gap), Segment(beside, DIM)], width)


def rule(width: int, knot: int | None = None, glyph: str = "") -> Row:
    line = "─" * width
    return (Segment(line if knot is None else line[:knot] + glyph + line[knot + 1 :], DIM),)


def blank(width: int) -> Row:
    return (Segment(" " * width),)


def filled(rows: list[Row], height: int, width: int) -> list[Row]:
    return [*rows[:height], *[blank(width)] * (height - len(rows))]


def fit(segments: Sequence[Segment], width: int) -> Row:
    """Exactly `width` columns: cut off or filled with blanks."""
    safe = [Segment(printable(segment.text), segment.style) for segment in segments]
    return tuple(Segment.adjust_line_length(safe, width))


def shorten(text: str, width: int) -> str:
    return text if cell_len(text) <= width else set_cell_size(text, max(0, width - 1)).rstrip() + "…"


def wrap(pieces: Sequence[Segment], width: int) -> list[list[Segment]]:
    """Break at blanks into lines of at most `width` columns; a longer word is broken anywhere."""
    lines: list[list[Segment]] = [[]]
    used = 0
    for piece in pieces:
        for word in (part for whole in piece.text.split() for part in _chop(whole, width)):
            size = cell_len(word)
            if used and used + 1 + size > width:
                lines.append([])
                used = 0
            lines[-1].append(Segment(f" {word}" if used else word, piece.style))
            used += size + bool(used)
    return lines


def _chop(word: str, width: int) -> list[str]:
    return [word] if cell_len(word) <= width else chop_cells(word, width)
