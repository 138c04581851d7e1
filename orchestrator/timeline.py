"""`timeline.png`: a call on one time axis: floor, words, look-ups, whispers, the form, and how fast it answered.

Drawing takes a second or two of a core: draw when a call is over, not in a process that carries others.
"""

from __future__ import annotations

import math
from pathlib import Path

from orchestrator.callfile import CallFile, write_whole
from orchestrator.picture.labels import rows_of

ROW_S = 30
FEW_ROWS = 20
"""A call that would need more gets longer rows."""


def draw_timeline(call: CallFile, path: Path) -> None:
    """Draw a call and write the picture whole or not at all.

    Raises:
        CannotWrite: no room, no right.
    """
    write_whole(paint(call), path)


def paint(call: CallFile) -> bytes:
    """The picture as PNG: 1,760 pixels wide, a row for about every 30 s, broken where nobody speaks."""
    # matplotlib takes most of a second to import, and only this needs it.
    from orchestrator.picture.page import paint_page

    row_s = ROW_S * max(1, math.ceil(call.duration_s / (FEW_ROWS * ROW_S)))
    # After the agent's words: what the caller says next stays with what it leads to.
    talk = [
        (part.start_s, part.end_s, part.who == "agent" and not part.interrupted) for part in call.transcript
    ]
    rows = rows_of(talk, call.duration_s, row_s)
    longest_s = max(end_s - start_s for start_s, end_s in rows)
    return paint_page(call, rows, max(longest_s, row_s / 2))
