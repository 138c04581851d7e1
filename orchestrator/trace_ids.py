"""The trace of a call, known from the id of the call alone."""

from __future__ import annotations

from hashlib import sha256

_SALT = b"souffleur call "


def trace_id_of(call: str) -> int:
    """128 bits, never 0: the W3C trace id of a call. All servers that ever held the call write to the same trace."""
    return int.from_bytes(sha256(_SALT + call.encode()).digest()[:16], "big") or 1


def trace_of(call: str) -> str:
    """The same as tracing systems write it: 32 hexadecimal digits."""
    return f"{trace_id_of(call):032x}"
