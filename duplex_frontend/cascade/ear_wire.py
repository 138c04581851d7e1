"""What a recogniser process and its owner say to each other: frames of a kind, an utterance's number, a payload.

A frame is 9 bytes of head (kind, utterance, length, little-endian) and `length` bytes.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

HEAD = struct.Struct("<BII")
LONGEST = 4 << 20  # bytes; a grammar with every name in it is a few ten thousand


class Kind(IntEnum):
    EXPECT = 1  # to the ear: JSON of name, grammar and sounds
    BEGIN = 2  # to the ear: an utterance begins
    PCM = 3  # to the ear: int16 little-endian, mono, 16 kHz
    END = 4  # to the ear: the utterance is over
    READY = 5  # from the ear, once
    PARTIAL = 6  # from the ear: UTF-8 words so far
    HEARD = 7  # from the ear, for each PCM: it has been listened to
    FINAL = 8  # from the ear: JSON of words, log likelihood and frames
    REFUSED = 9  # from the ear: UTF-8, why a grammar cannot be used


@dataclass(frozen=True, slots=True)
class Frame:
    kind: Kind
    utterance: int = 0
    payload: bytes = b""

    def encode(self) -> bytes:
        return HEAD.pack(self.kind, self.utterance, len(self.payload)) + self.payload
