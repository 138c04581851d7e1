"""Who is let in at the door of the web server, and what its answers forbid a browser."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from urllib.parse import urlsplit

from fastapi import WebSocket
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from orchestrator.api.problems import Kind, Problem
from orchestrator.telemetry import Happened, log

API_PATH = "/api/v1"
_SECURITY_HEADERS = {
    "content-security-policy": (
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"
    ),
    "permissions-policy": "microphone=(self), camera=(), geolocation=()",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-cache",
}


class Doorkeeper:
    """Lets in who means this server: its own pages, and programs that are no browsers.

    A page from elsewhere can make a browser connect to localhost: by a name of its own that resolves to 127.0.0.1
    (DNS rebinding), which the Host header gives away, or with a websocket, which the Origin header does.
    """

    def __init__(
        self, app: ASGIApp, trusted_hosts: Sequence[str], trusted_origins: Sequence[str] = ()
    ) -> None:
        self._app = app
        self._trusted = frozenset(name.lower() for name in trusted_hosts)
        self._origins = frozenset(_netloc(origin) for origin in trusted_origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if refusal := self._refusal(headers, scope["type"] == "websocket"):
            await _deny(refusal, scope, receive, send)
            return

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_SECURITY_HEADERS)
            await send(message)

        await self._app(scope, receive, send_safely)

    def _refusal(self, headers: Headers, is_websocket: bool) -> str:
        host, origin = headers.get("host", ""), headers.get("origin")
        if not self._is_trusted(host):
            log(Happened.REQUEST_REFUSED, host=host[:100])
            return (
                "This server answers to localhost only. If it is meant to be reached by this name, "
                "add the name to server.trusted_hosts."
            )
        if is_websocket and origin is not None and _netloc(origin) not in (host.lower(), *self._origins):
            log(Happened.REQUEST_REFUSED, origin=origin[:100])
            return "Only the pages of this server may open a call from a browser."
        return ""

    def _is_trusted(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
            return name == "localhost" or name in self._trusted or ipaddress.ip_address(name).is_loopback
        except ValueError:
            return False


def _netloc(origin: str) -> str:
    """Host and port of an origin; "" of "null" and of what is none."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


async def _deny(why: str, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        is_api = scope["path"].startswith(API_PATH)
        response = Problem(Kind.FORBIDDEN, why).response() if is_api else PlainTextResponse(why + "\n", 403)
        await response(scope, receive, send)
        return
    await deny_call(WebSocket(scope, receive, send), why)


async def deny_call(door: WebSocket, why: str) -> None:
    """Answer a websocket's handshake with 403."""
    response = PlainTextResponse(why + "\n", 403)
    if "websocket.http.response" in door.scope.get("extensions", {}):
        await door.send_denial_response(response)
    else:
        await door.close()
