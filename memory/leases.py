"""Resume tokens: random words that let a caller's client go on with its call. Stores see only their hashes."""

from __future__ import annotations

import secrets
from hashlib import sha256

TOKEN_BYTES = 32


def new_token() -> str:
    """A token that nobody can guess: 256 bits, URL-safe."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def hash_of(token: str) -> str:
    """What is kept of a token. It is as random as it is long, so a plain hash cannot be reversed by trying."""
    return sha256(token.encode()).hexdigest()
