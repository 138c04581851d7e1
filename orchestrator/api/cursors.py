"""Where a page ended, as a text that clients give back and do not look into."""

from __future__ import annotations

import base64
import binascii
import re

from orchestrator.api.problems import Kind, Problem

_SHAPE = re.compile(r"[A-Za-z0-9_-]{1,64}")


def cursor_of(last: str) -> str:
    """`last`: the id at which the page ended."""
    return base64.urlsafe_b64encode(f"1:{last}".encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> str:
    """Raises Problem where it is none of ours."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        kind, _, last = base64.b64decode(padded, altchars=b"-_", validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        kind = last = ""
    if kind != "1" or not _SHAPE.fullmatch(last):
        raise Problem(Kind.BAD_REQUEST, "`cursor` is none of ours; give `next` of a page as it stands")
    return last
