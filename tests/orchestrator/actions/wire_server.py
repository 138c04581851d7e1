"""A real HTTP server on loopback that answers byte for byte what a test wants, and keeps what it was asked."""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import anyio
from anyio.abc import SocketStream
from anyio.streams.buffered import BufferedByteReceiveStream
from anyio.streams.tls import TLSListener


@dataclass(frozen=True)
class Asked:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Answer = Callable[[Asked, Any], Awaitable[bytes]]
"""Takes what was asked and the stream; gives the rest of the answer."""


def reply(value: Any, code: int = 200, *headers: str) -> bytes:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    lines = [
        f"HTTP/1.1 {code} Told",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *headers,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@dataclass
class WireServer:
    """`answers`: by path, without the query. `asked`: in order."""

    port: int = 0
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    lost: anyio.Event = field(default_factory=anyio.Event)  # a client went away before its answer

    def at(self, path: str, *answers: bytes | Answer) -> None:
        """Answer one after the other; the last one stays."""
        left = list(answers)

        async def answer(asked: Asked, stream: Any) -> bytes:
            given = left.pop(0) if len(left) > 1 else left[0]
            return given if isinstance(given, bytes) else await given(asked, stream)

        self.answers[path] = answer

    async def serve(self, stream: SocketStream) -> None:
        async with stream:
            buffered = BufferedByteReceiveStream(stream)
            try:
                while True:
                    asked = await _read(buffered)
                    self.asked.append(asked)
                    answer = self.answers.get(asked.target.partition("?")[0])
                    await stream.send(reply({}, 404) if answer is None else await answer(asked, stream))
                    if answer is None or asked.headers.get("x-close"):
                        return
            except (anyio.IncompleteRead, anyio.BrokenResourceError, anyio.ClosedResourceError):
                self.lost.set()
            except anyio.EndOfStream:
                pass


async def _read(stream: BufferedByteReceiveStream) -> Asked:
    head = (await stream.receive_until(b"\r\n\r\n", 65536)).decode("latin-1").split("\r\n")
    method, target, _ = head[0].split(" ")
    headers = {}
    for line in head[1:]:
        name, _, value = line.partition(":")
        assert name.lower() not in headers, f"{name} came twice"
        headers[name.lower()] = value.strip()
    length = int(headers.get("content-length", 0))
    return Asked(method, target, headers, await stream.receive_exactly(length) if length else b"")


@asynccontextmanager
async def wire_server(tls: ssl.SSLContext | None = None, port: int = 0) -> AsyncIterator[WireServer]:
    server = WireServer()
    listener: Any = await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=port, reuse_port=False)
    server.port = listener.extra(anyio.abc.SocketAttribute.local_port)
    if tls is not None:
        listener = TLSListener(listener, tls, standard_compatible=False)
    async with listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, server.serve)
        try:
            yield server
        finally:
            tasks.cancel_scope.cancel()
