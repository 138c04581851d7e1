"""Messages as bytes, and bytes as messages. No I/O.

Each side begins with a preamble (magic, version). After it every message is its size (uint32), the size of its head
(uint16), the head (JSON, one object with a `kind`) and a body of raw bytes, little-endian throughout.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Iterator
from typing import Annotated, Final

import numpy as np
from pydantic import Field, TypeAdapter, ValidationError

from duplex_frontend.engine.wire import BLOCK_SAMPLES, Message, Pcm, WireError

VERSION: Final = 1
MAGIC: Final = b"SFLR"
NONCE_BYTES: Final = 32
PREAMBLE: Final = struct.Struct("<4sH")
MOST_BLOCKS: Final = 50  # of sound in one message: a second
TO_ENGINE: Final = 256 << 10  # bytes of the largest message that the engine reads
TO_CLIENT: Final = 8 << 20  # likewise of a client: the vocabulary comes with the welcome

_SIZES: Final = struct.Struct("<IH")
_READS: TypeAdapter[Message] = TypeAdapter(Annotated[Message, Field(discriminator="kind")])


def pack(message: Message, body: bytes = b"") -> bytes:
    """A message as bytes.

    Raises:
        WireError: its head is larger than 64 KiB.
    """
    head = message.model_dump_json().encode()
    if len(head) > 0xFFFF:
        raise WireError(
            f"a message of kind '{message.kind}' has a head of {len(head)} bytes, more than 65,535"
        )
    return _SIZES.pack(2 + len(head) + len(body), len(head)) + head + body


class Unpacker:
    """Bytes in, messages out.

    Args:
        limit: bytes of the largest message that is read.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._bytes = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[Message, bytes]]:
        """Messages that are whole now, each with its body.

        Raises:
            WireError: garbage. Nothing more can be read from this stream.
        """
        self._bytes += data
        while len(self._bytes) >= _SIZES.size:
            size, head = _SIZES.unpack_from(self._bytes)
            if size > self._limit or 2 + head > size:
                raise WireError(
                    f"a message claims {size} bytes with a head of {head}, and the most is {self._limit}; "
                    "the other side does not speak this protocol"
                )
            if len(self._bytes) < 4 + size:
                return
            whole = bytes(self._bytes[_SIZES.size : 4 + size])
            del self._bytes[: 4 + size]
            yield _read(whole[:head]), whole[head:]


def _read(head: bytes) -> Message:
    try:
        return _READS.validate_json(head)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        at = ".".join(str(part) for part in first["loc"]) or "head"
        raise WireError(f"a message is not as agreed: {at}: {first['msg']}") from None


def sound_of(body: bytes) -> Pcm:
    """The caller's sound: float32 [samples], 1 to 50 blocks of 20 ms.

    Raises:
        WireError: another size.
    """
    blocks, rest = divmod(len(body), 4 * BLOCK_SAMPLES)
    if rest or not 1 <= blocks <= MOST_BLOCKS:
        raise WireError(
            f"sound is float32 in 1 to {MOST_BLOCKS} blocks of {BLOCK_SAMPLES} samples, "
            f"{4 * BLOCK_SAMPLES} bytes each, not {len(body)} bytes"
        )
    return np.frombuffer(body, dtype="<f4")


def preamble() -> bytes:
    return PREAMBLE.pack(MAGIC, VERSION)


def check_preamble(data: bytes, other: str) -> None:
    """See that `other` ("the engine", "the client") speaks this protocol in this version.

    Raises:
        WireError
    """
    magic, version = PREAMBLE.unpack(data)
    if magic != MAGIC:
        raise WireError(f"{other} does not speak Souffleur's engine protocol; check the address")
    if version != VERSION:
        raise WireError(
            f"{other} speaks version {version} of the engine protocol and this side {VERSION}; "
            "install the same release of Souffleur on both"
        )


def proof_of(token: str, nonce: bytes) -> str:
    """That one knows the token, without showing it: HMAC-SHA256 of the engine's nonce, in hex."""
    return hmac.new(token.encode(), nonce, hashlib.sha256).hexdigest()


def proves(proof: str, token: str, nonce: bytes) -> bool:
    """Whether a proof is right. Takes as long for a wrong one."""
    return hmac.compare_digest(proof.encode(), proof_of(token, nonce).encode())
