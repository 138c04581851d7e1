"""How an MCP server is reached: over streamable HTTP, or as a program of its own."""

from __future__ import annotations

import os
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx2
from pydantic import SecretStr

from orchestrator.actions.allowed import ActionSettings, AllowedHost, McpServer, parse_address, with_secrets
from orchestrator.actions.network import ListedHosts, Resolve

OpenTransport = Callable[[], AbstractAsyncContextManager[Any]]
"""Opens a connection; gives the stream of messages that come and the one of those that go."""


def transport_to(
    server: McpServer, settings: ActionSettings, tls: ssl.SSLContext, resolve: Resolve
) -> OpenTransport:
    """What opens a connection to a server, anew at each call.

    Raises:
        UnknownSecret: its headers or environment name a secret that is not set.
    """
    if server.command:
        return _program(server, settings.secrets)
    return _endpoint(server, settings, tls, resolve)


def _program(server: McpServer, secrets: Mapping[str, SecretStr]) -> OpenTransport:
    program, *rest = server.command
    env = {name: with_secrets(text, secrets) for name, text in server.env.items()}

    @asynccontextmanager
    async def opened() -> AsyncIterator[Any]:
        from mcp.client.stdio import StdioServerParameters, stdio_client

        # What it says about its work may hold a caller's data: it is not our log's.
        with Path(os.devnull).open("w") as nowhere:  # noqa: ASYNC230, no disk behind it
            parameters = StdioServerParameters(command=program, args=rest, env=env)
            async with stdio_client(parameters, errlog=nowhere) as streams:
                yield streams

    return opened


def _endpoint(
    server: McpServer, settings: ActionSettings, tls: ssl.SSLContext, resolve: Resolve
) -> OpenTransport:
    address = parse_address(server.url)
    host = AllowedHost(address.scheme, address.host, address.port, internal=server.internal)
    headers = {name: with_secrets(text, settings.secrets) for name, text in server.headers.items()}
    most_bytes = 4 * 1024 * settings.reply_kb  # with the protocol round it, and all of it once more as text

    @asynccontextmanager
    async def opened() -> AsyncIterator[Any]:
        from mcp.client.streamable_http import streamable_http_client

        transport = ListedHosts((host,), tls, settings.connect_s, most_bytes, resolve)
        async with (
            httpx2.AsyncClient(
                transport=transport,
                trust_env=False,
                headers={"accept-encoding": "identity", **headers},
                timeout=httpx2.Timeout(10.0, read=None),  # each call has a time limit of its own
            ) as client,
            streamable_http_client(server.url, http_client=client, max_sse_event_size=most_bytes) as streams,
        ):
            yield streams

    return opened


@asynccontextmanager
async def watched(open_transport: OpenTransport, ended: anyio.Event) -> AsyncIterator[Any]:
    async with open_transport() as (read, write):
        yield _Watched(read, ended), write


class _Watched:
    """A stream of messages that tells when it ends, so that a server that died is known before it is asked."""

    def __init__(self, stream: Any, ended: anyio.Event) -> None:
        self._stream = stream
        self._ended = ended

    @property
    def last_context(self) -> Any:
        return getattr(self._stream, "last_context", None)

    async def receive(self) -> Any:
        try:
            return await self._stream.receive()
        except (anyio.EndOfStream, anyio.ClosedResourceError, anyio.BrokenResourceError):
            self._ended.set()
            raise

    def __aiter__(self) -> _Watched:
        return self

    async def __anext__(self) -> Any:
        try:
            return await self._stream.__anext__()
        except (StopAsyncIteration, anyio.ClosedResourceError, anyio.BrokenResourceError):
            self._ended.set()
            raise

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def __aenter__(self) -> _Watched:
        await self._stream.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> bool | None:
        return bool(await self._stream.__aexit__(*error))
