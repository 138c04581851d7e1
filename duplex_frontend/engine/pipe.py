"""Messages both ways between the engine and a client: over a socket, or in one process. No torch."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Final, Protocol

from duplex_frontend.engine.framing import (
    NONCE_BYTES,
    PREAMBLE,
    TO_CLIENT,
    TO_ENGINE,
    Unpacker,
    check_preamble,
    pack,
    preamble,
)
from duplex_frontend.engine.wire import Message, WireError

GREET_WITHIN_S: Final = 5.0
_READ: Final = 64 << 10


class Pipe(Protocol):
    """One end. One reader."""

    def send(self, message: Message, body: bytes = b"") -> None:
        """Put a message on its way. Never waits; what is sent after the end is lost."""
        ...

    def messages(self) -> AsyncIterator[tuple[Message, bytes]]:
        """What comes, until the other side is gone.

        Raises:
            WireError: garbage came; nothing more can be read.
        """
        ...

    @property
    def unsent(self) -> int:
        """Bytes that the other side has not taken yet."""
        ...

    async def flush(self) -> None:
        """Wait until what was sent is on its way."""
        ...

    async def aclose(self) -> None: ...


class SocketPipe:
    """Over a stream socket, after the preambles.

    Args:
        limit: bytes of the largest message that is read.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limit: int) -> None:
        self._reader, self._writer = reader, writer
        self._unpacker = Unpacker(limit)
        self._messages = self._read()

    def send(self, message: Message, body: bytes = b"") -> None:
        if not self._writer.is_closing():
            self._writer.write(pack(message, body))

    def messages(self) -> AsyncIterator[tuple[Message, bytes]]:
        return self._messages

    async def _read(self) -> AsyncIterator[tuple[Message, bytes]]:
        while True:
            try:
                data = await self._reader.read(_READ)
            except OSError:
                return
            if not data:
                return
            for message in self._unpacker.feed(data):
                yield message

    @property
    def unsent(self) -> int:
        return self._writer.transport.get_write_buffer_size()

    async def flush(self) -> None:
        with suppress(OSError):
            await self._writer.drain()

    async def aclose(self) -> None:
        if self.unsent > _READ:
            self._writer.transport.abort()  # somebody who does not read must not keep us
        self._writer.close()
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(1):
                await self._writer.wait_closed()


class LocalPipe:
    """One of two ends in one process; the messages themselves are passed."""

    def __init__(self) -> None:
        self._coming: asyncio.Queue[tuple[Message, bytes] | None] = asyncio.Queue()
        self._waiting = 0  # bytes in it
        self._other: LocalPipe | None = None

    @staticmethod
    def pair() -> tuple[LocalPipe, LocalPipe]:
        one, other = LocalPipe(), LocalPipe()
        one._other, other._other = other, one
        return one, other

    def send(self, message: Message, body: bytes = b"") -> None:
        if self._other is not None:
            self._other._coming.put_nowait((message, body))
            self._other._waiting += len(body)

    async def messages(self) -> AsyncIterator[tuple[Message, bytes]]:
        while (item := await self._coming.get()) is not None:
            self._waiting -= len(item[1])
            yield item

    @property
    def unsent(self) -> int:
        return 0 if self._other is None else self._other._waiting

    async def flush(self) -> None:
        await asyncio.sleep(0)

    async def aclose(self) -> None:
        other, self._other = self._other, None
        if other is not None:
            other._coming.put_nowait(None)
            self._coming.put_nowait(None)
            other._other = None


async def greet_client(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> tuple[SocketPipe, bytes]:
    """The engine's side of the preambles. Returns the pipe, and the nonce that the client's proof is made of.

    Raises:
        WireError: the client speaks something else, another version, or nothing.
    """
    nonce = secrets.token_bytes(NONCE_BYTES)
    writer.write(preamble() + nonce)
    check_preamble(await _exactly(reader, PREAMBLE.size, "the client"), "the client")
    return SocketPipe(reader, writer, TO_ENGINE), nonce


async def greet_engine(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> tuple[SocketPipe, bytes]:
    """The client's side. Returns the pipe, and the nonce to make a proof of.

    Raises:
        WireError: the engine speaks something else, another version, or nothing.
    """
    writer.write(preamble())  # first of all: an engine of another version tells what is wrong as well
    check_preamble(await _exactly(reader, PREAMBLE.size, "the engine"), "the engine")
    return SocketPipe(reader, writer, TO_CLIENT), await _exactly(reader, NONCE_BYTES, "the engine")


async def _exactly(reader: asyncio.StreamReader, count: int, other: str) -> bytes:
    try:
        async with asyncio.timeout(GREET_WITHIN_S):
            return await reader.readexactly(count)
    except TimeoutError:
        raise WireError(f"{other} said nothing for {GREET_WITHIN_S:.0f} s; check the address") from None
    except (asyncio.IncompleteReadError, OSError):
        raise WireError(f"{other} hung up before it said anything; check the address") from None
