"""Fits a call and its words into the room that a picture has for them. Pure; measures with the ruler it is given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

Ruler = Callable[[str], float]
"""How wide a text is, in the unit of the room."""

ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Label:
    """A text beside a mark at `at`, on line `line` of its lane; line None where there was no room for it."""

    at: float
    text: str
    line: int | None


def rows_of(
    talk: Sequence[tuple[float, float, bool]], end_s: float, row_s: float
) -> list[tuple[float, float]]:
    """Cut a call into rows of at most `row_s` seconds, well filled, where nobody is cut off.

    Args:
        talk: start, end, and whether it is a good place to end a row after it; by start.
        end_s: of the call.
    """
    # Cheapest way to each place, as in breaking a paragraph into lines: its cost, and the place before it.
    cuts = [(0.0, 0.0), *_cuts(talk, end_s, row_s)]
    best = [(0.0, 0)]
    for n, (at_s, price) in enumerate(cuts[1:], 1):
        ways = list[tuple[float, int]]()
        for before in range(n - 1, -1, -1):
            free_s = row_s - (at_s - cuts[before][0])
            if free_s < 0 and ways:
                break
            ways.append((best[before][0] + price + row_s**2 / 2 + free_s**2, before))
        best.append(min(ways))
    rows, n = list[tuple[float, float]](), len(cuts) - 1
    while n > 0:
        before = best[n][1]
        rows.append((cuts[before][0], cuts[n][0]))
        n = before
    return rows[::-1]


def _cuts(talk: Sequence[tuple[float, float, bool]], end_s: float, row_s: float) -> list[tuple[float, float]]:
    """Where a row may end and what that costs: least after a good place, most in a word; the end last of all.

    Never more than `row_s` apart.
    """
    pauses, heard_s, well = list[tuple[float, float]](), 0.0, True
    for start_s, until_s, good in talk:
        if start_s > heard_s > 0:
            pauses.append(((heard_s + start_s) / 2, 0.0 if well else (row_s / 3) ** 2))
        if until_s >= heard_s:
            heard_s, well = until_s, good
    cuts, last_s = list[tuple[float, float]](), 0.0
    for at_s, price in [*pauses, (end_s, 0.0)]:
        while at_s - last_s > row_s:
            last_s += row_s
            cuts.append((last_s, row_s**2))
        cuts.append((at_s, price))
        last_s = at_s
    return cuts


def wrap(text: str, room: float, lines: int, ruler: Ruler) -> list[str]:
    """Break `text` at blanks into at most `lines` lines no wider than `room`; what is left becomes an ellipsis.

    Nothing where not even the first word fits.
    """
    words, rows = text.split(), list[str]()
    while words and len(rows) < lines:
        taken = _that_fit(words, room, ruler)
        if not taken:
            break
        rows.append(" ".join(words[:taken]))
        words = words[taken:]
    if words and rows:
        rows[-1] = shorten(f"{rows[-1]} {words[0]}", room, ruler, cut=True)
    return rows


def shorten(text: str, room: float, ruler: Ruler, *, cut: bool = False) -> str:
    """As much of `text` as fits, with an ellipsis where something was left out. `cut`: more would follow."""
    if not cut and ruler(text) <= room:
        return text
    words = text.split()
    while words and ruler(" ".join(words) + ELLIPSIS) > room:
        words.pop()
    return " ".join(words) + ELLIPSIS if words else ""


def split_at(text: str, share: float) -> tuple[str, str]:
    """The words of the first `share` (0..1) of a text, by letters, and the rest."""
    words, letters = text.split(), 0
    limit = share * sum(len(word) + 1 for word in words)
    for n, word in enumerate(words):
        letters += len(word) + 1
        if letters > limit:
            return " ".join(words[:n]), " ".join(words[n:])
    return text, ""


def place(
    marks: Sequence[tuple[float, str]], lines: int, end: float, ruler: Ruler, gap: float
) -> list[Label]:
    """Give each mark's label a line of its lane, so that none covers another or leaves the row.

    Args:
        marks: position and text, by position.
        end: of the row.
        gap: least room between a label and the next mark on its line.
    """
    free = [float("-inf")] * lines
    placed = []
    for at, text in marks:
        line = next((n for n in range(lines) if free[n] <= at), None)
        shown = "" if line is None else shorten(text, max(0.0, end - at), ruler)
        if line is not None:
            free[line] = at + ruler(shown) + gap
        placed.append(Label(at, shown, line))
    return placed


def _that_fit(words: Sequence[str], room: float, ruler: Ruler) -> int:
    """How many of the first words fit on one line."""
    count = 0
    while count < len(words) and ruler(" ".join(words[: count + 1])) <= room:
        count += 1
    return count
