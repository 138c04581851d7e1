"""A double of an engine: the real wire on a real socket, no model behind it. The test says what it answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from duplex_frontend.engine import wire
from duplex_frontend.engine.pipe import SocketPipe, greet_client

Answer = Callable[["DoubleOfEngine", wire.Message], None]


def seat(engine: DoubleOfEngine, message: wire.Message) -> None:
    """Seats whoever asks."""
    if isinstance(message, wire.Open):
        engine.pipe.send(wire.Opened(call=message.call, ticket=f"ticket-{message.call}"))
    elif isinstance(message, wire.Resume):
        engine.pipe.send(wire.Opened(call=message.call, ticket=message.ticket, frame=3, received=960))


class DoubleOfEngine:
    """Attributes:
    came: messages of clients, in order, without their sound.
    pipe: to the newest client.
    """

    def __init__(self, answer: Answer = seat, name: str = "one") -> None:
        self.answer, self.name = answer, name
        self.came: list[wire.Message] = []
        self.connections = 0
        self.pipe: SocketPipe

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.pipe, _ = await greet_client(reader, writer)
        pipe = self.pipe
        welcome = wire.Welcome(
            engine=self.name, family=wire.Flavour.PERSONAPLEX, rows=2, free=2, window=3000, voices=("NATF0",)
        )
        pipe.send(welcome, b"vocabulary")
        async for message, _ in pipe.messages():
            self.came.append(message)
            self.answer(self, message)
        await pipe.aclose()

    def cut(self) -> None:
        """The line to the client breaks."""
        self.pipe._writer.transport.abort()


@asynccontextmanager
async def listening(engine: DoubleOfEngine, path: Path) -> AsyncIterator[str]:
    """Serve until the block ends; yields the address."""
    server = await asyncio.start_unix_server(engine.serve, path)
    try:
        yield f"unix:{path}"
    finally:
        server.close()
        path.unlink(missing_ok=True)  # noqa: ASYNC240
