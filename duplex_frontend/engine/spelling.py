"""Words as tokens that the model can be made to say. What its vocabulary cannot write is written plainer."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence

from duplex_frontend.engine.tokens import EPAD, PAD

_PLAIN = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "ß": "ss", "æ": "ae", "ø": "o"}
)


def spelled(word: str, encode: Callable[[str], Sequence[int]]) -> tuple[int, ...]:
    """The tokens of one word: as it stands, else without accents, else in small letters.

    Returns:
        token ids, none of them EPAD or PAD; empty where a letter or digit cannot be written at all.
    """
    for spelling in _spellings(word):
        tokens = tuple(encode(spelling))
        if tokens and EPAD not in tokens and PAD not in tokens:
            return tokens
    return ()


def _spellings(word: str) -> Iterator[str]:
    yield word
    plain = word.translate(_PLAIN)
    yield plain
    bare = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    yield bare
    yield bare.lower()
    # Punctuation is not heard: without it the word is still the same word.
    yield "".join(c for c in bare if c.isalnum())
    yield "".join(c for c in bare.lower() if c.isalnum())
