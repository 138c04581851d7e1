"""Where a script can go beside its steps."""

from __future__ import annotations

import re
from collections.abc import Mapping

from flows.schema import Kind

BACK = "back"
NEXT = "next"
COMPLETE = "complete"
ELSE = "else"
MAIN = "main"
SKIP = "skip"

OUTCOMES: Mapping[str, Kind] = {
    COMPLETE: Kind.COMPLETE,
    "handed_over": Kind.HANDED_OVER,
    "cancelled": Kind.CANCELLED,
    "declined": Kind.CANCELLED,
    "gave_up": Kind.GAVE_UP,
    "locked_out": Kind.GAVE_UP,
}
"""The outcomes that every flow has, and what they mean."""

PLACE = re.compile(r"\{([a-z][a-z0-9_.]*)\}")
"""Where a text has a value put in."""
