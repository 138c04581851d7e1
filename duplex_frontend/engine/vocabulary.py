"""The engine's own vocabulary on the client's side: to count tokens, and to read the text of frames. No torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sentencepiece

from duplex_frontend.engine.errors import CorruptFile
from duplex_frontend.engine.words import piece_of

ROLE_TAGS = "<system> {} <system>"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """count: tokens that a role text takes, its tags included. piece: the text of a token, "" for none."""

    count: Callable[[str], int]
    piece: Callable[[int], str]

    @classmethod
    def of(cls, proto: bytes) -> Vocabulary:
        """From a SentencePiece model, as the engine's welcome brings it.

        Raises:
            CorruptFile
        """
        try:
            model = sentencepiece.SentencePieceProcessor(model_proto=proto)
        except (RuntimeError, OSError) as error:
            raise CorruptFile(f"the vocabulary that the engine sent cannot be read ({error})") from error
        size = model.vocab_size()

        def count(text: str) -> int:
            role = " ".join(text.split())
            return len(model.encode(ROLE_TAGS.format(role))) if role else 0

        def piece(token: int) -> str:
            return piece_of(token, model.id_to_piece) if token < size else ""

        return cls(count, piece)
