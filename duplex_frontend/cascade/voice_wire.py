"""What a voice process and its owner say to each other: frames of a kind, a clause's number and a payload.

A frame is 9 bytes of head (kind, clause, length, little-endian) and `length` bytes. The owner counts clauses up
from 1, so one number is enough to give up a clause and all before it.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

_HEAD = struct.Struct("<BII")
LONGEST = 1 << 20  # bytes; more than a minute of audio, so a longer frame is no frame of ours


class Kind(IntEnum):
    SPEAK = 1  # to the voice: UTF-8 text
    GIVE_UP = 2  # to the voice: this clause and all before it
    READY = 3  # from the voice, once, when it is warm
    AUDIO = 4  # from the voice: little-endian int16, mono
    DONE = 5  # from the voice: the clause is over
    FAILED = 6  # from the voice: UTF-8 text that says why; clause 0 when it cannot start


class NotAFrame(ValueError):
    """The bytes are not ours. Something else writes to the pipe."""


@dataclass(frozen=True, slots=True)
class Frame:
    kind: Kind
    clause: int = 0
    payload: bytes = b""

    def encode(self) -> bytes:
        return _HEAD.pack(self.kind, self.clause, len(self.payload)) + self.payload


class FrameReader:
    """Frames out of a stream of bytes, in whatever pieces it comes."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def feed(self, data: bytes) -> list[Frame]:
        """Give more bytes, take the frames that are whole.

        Raises:
            NotAFrame: the stream cannot be read on.
        """
        self._bytes += data
        frames = []
        while len(self._bytes) >= _HEAD.size:
            kind, clause, length = _HEAD.unpack_from(self._bytes)
            if length > LONGEST or kind not in Kind.__members__.values():
                raise NotAFrame(f"a frame of kind {kind} and {length} bytes")
            end = _HEAD.size + length
            if len(self._bytes) < end:
                break
            frames.append(Frame(Kind(kind), clause, bytes(self._bytes[_HEAD.size : end])))
            del self._bytes[:end]
        return frames
