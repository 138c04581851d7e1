"""The name that was probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from itertools import islice

_MOST = 500  # names to compare with: more take seconds


def did_you_mean(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """A cure for a name that does not exist."""
    close = get_close_matches(word[:120], list(islice(known, _MOST)), n=1, cutoff=0.5)
    return f"Did you mean `{close[0]}`?" if close else otherwise
