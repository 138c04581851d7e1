"""What a recogniser process and its owner say to each other: frames of a kind, an utterance's number and a payload.

A frame is 9 bytes of head (kind, utterance, length, little-endian) and `length` bytes. The owner counts utterances
up from 1; what comes back of an earlier one is no longer wanted.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import IntEnum, StrEnum

VERSION = 1  # of everything here; a process of another version is not used
_HEAD = struct.Struct("<BII")
LONGEST = 1 << 22  # bytes; 2 minutes of audio, or the grammar of a very large flow


class EarKind(StrEnum):
    """What a recogniser listens for."""

    GRAMMAR = "grammar"  # what the flow expects
    OPEN = "open"  # anything


class Kind(IntEnum):
    EXPECT = 1  # to the ear: Phrases; used from the next BEGIN on
    BEGIN = 2  # to the ear
    PCM = 3  # to the ear: int16 little-endian, mono, 16 kHz
    END = 4  # to the ear: answered with FINAL
    CANCEL = 5  # to the ear
    READY = 6  # from the ear, once: its VERSION in ASCII
    HEARD = 7  # from the ear: so many bytes of PCM were listened to (ASCII)
    PARTIAL = 8  # from the ear: a Reading of the utterance so far
    FINAL = 9  # from the ear: a Reading of all of it
    LEFT_OUT = 10  # from the ear: UTF-8 text that says which word or grammar it does not listen for, and why


class NotAFrame(ValueError):
    """The bytes are not ours. Something else writes to the pipe."""


@dataclass(frozen=True, slots=True)
class Frame:
    kind: Kind
    utterance: int = 0
    payload: bytes = b""

    def encode(self) -> bytes:
        return _HEAD.pack(self.kind, self.utterance, len(self.payload)) + self.payload


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
            kind, utterance, length = _HEAD.unpack_from(self._bytes)
            if length > LONGEST or kind not in Kind.__members__.values():
                raise NotAFrame(f"a frame of kind {kind} and {length} bytes")
            end = _HEAD.size + length
            if len(self._bytes) < end:
                break
            frames.append(Frame(Kind(kind), utterance, bytes(self._bytes[_HEAD.size : end])))
            del self._bytes[:end]
        return frames


@dataclass(frozen=True, slots=True)
class Phrases:
    """A grammar in JSGF, under the name that always stands for it, and how words of it may sound.

    An empty `name` stands for no grammar: anything may come.
    """

    name: str
    grammar: str = ""
    sounds: Mapping[str, str] = field(default_factory=dict)

    def encode(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @classmethod
    def decode(cls, payload: bytes) -> Phrases:
        return cls(**json.loads(payload))


@dataclass(frozen=True, slots=True)
class Reading:
    """What one ear makes of an utterance.

    Attributes:
        text: the words, "" for none.
        score: natural logarithm of how well the path fits, without what silences cost: only good for comparison
            with the other ear's. None where the ear found no path through what it listens for.
        frames: how many frames of 10 ms the path takes for words.
    """

    text: str
    score: float | None
    frames: int

    def encode(self) -> bytes:
        return json.dumps([self.text, self.score, self.frames]).encode()

    @classmethod
    def decode(cls, payload: bytes) -> Reading:
        return cls(*json.loads(payload))
