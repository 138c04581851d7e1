"""The web server: the page, the flows that it offers, the websocket of a call, and whether all is well."""

from __future__ import annotations

import errno
import ipaddress
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

import anyio
import uvicorn
from anyio.to_thread import run_sync
from fastapi import FastAPI, WebSocket
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flows.errors import FlowError, NoSuchFlow
from flows.loader import load_flow
from orchestrator.calls import Calls
from orchestrator.errors import PortTaken
from orchestrator.gateways.browser import BrowserGateway, LineLimits
from orchestrator.settings import Settings
from orchestrator.telemetry import Happened, log

PAGE = Path(__file__).parent / "gateways" / "page"
MESSAGE_BYTES = 256 * 1024  # beyond it a client is cut off; what is merely too long gets an answer
SEND_BUFFER_BYTES = 64 * 1024  # about 2 s of audio: what is on its way to a slow client and cannot be dropped
STOP_WITHIN_S = 12

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


@dataclass(frozen=True, slots=True)
class OfferedFlow:
    """A flow that clients may choose. `source` is what `Calls.open_call` is given: a name or a file."""

    name: str
    about: str
    company: str
    agent: str
    language: str
    slots: int
    source: str


Offer = Callable[[], Sequence[OfferedFlow]]
"""The flows on offer now. May read files; called in a thread."""


def offer_of(sources: Sequence[str]) -> Offer:
    """Offer flows by file or name in the library. They are read at each look: an edited file counts at once.

    A flow with mistakes stays on offer, so that whoever chooses it is told what they are.
    """

    def look() -> Sequence[OfferedFlow]:
        return tuple(_offered(source) for source in sources)

    return look


def _offered(source: str) -> OfferedFlow:
    try:
        flow = load_flow(source)
    except FlowError:
        return OfferedFlow(Path(source).stem, "This flow has mistakes", "", "", "", 0, source)
    agent = flow.agent
    return OfferedFlow(
        flow.flow, flow.about, agent.company, agent.name, flow.language, len(flow.slots), source
    )


def make_app(calls: Calls, settings: Settings, offer: Offer, limits: LineLimits | None = None) -> FastAPI:
    """Put the app together. It reads no environment and opens nothing by itself."""

    async def source_of(name: str) -> str:
        flows = {flow.name: flow.source for flow in await run_sync(offer)}
        if name not in flows:
            raise NoSuchFlow(
                f"there is no flow {name[:60]!r} on offer; there are: {', '.join(flows) or 'none'}"
            )
        return flows[name]

    app = FastAPI(title="Souffleur", docs_url=None, redoc_url=None, openapi_url=None)
    gateway = BrowserGateway(calls, source_of, limits)

    @app.get("/", include_in_schema=False)
    async def page() -> FileResponse:
        return FileResponse(PAGE / "index.html")

    @app.get("/flows")
    async def flows() -> list[dict[str, str | int]]:
        return [
            {
                "name": flow.name,
                "about": flow.about,
                "company": flow.company,
                "agent": flow.agent,
                "language": flow.language,
                "slots": flow.slots,
            }
            for flow in await run_sync(offer)
        ]

    @app.get("/health")
    async def health() -> dict[str, str | int]:
        return {"status": "ok", "version": version("souffleur"), "calls": gateway.open_calls}

    @app.websocket("/call")
    async def call(websocket: WebSocket, flow: str = "") -> None:
        await gateway.serve(websocket, flow)

    app.mount("/page", StaticFiles(directory=PAGE), name="page")
    app.add_middleware(Doorkeeper, trusted_hosts=settings.server.trusted_hosts)
    return app


class Doorkeeper:
    """Lets in who means this server: its own pages, and programs that are no browsers.

    A page from elsewhere can make a browser connect to localhost: by a name of its own that resolves to 127.0.0.1
    (DNS rebinding), which the Host header gives away, or with a websocket, which the Origin header does.
    """

    def __init__(self, app: ASGIApp, trusted_hosts: Sequence[str]) -> None:
        self._app = app
        self._trusted = frozenset(name.lower() for name in trusted_hosts)

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
        if is_websocket and origin is not None and _netloc(origin) != host.lower():
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
    response = PlainTextResponse(why + "\n", 403)
    if scope["type"] == "http":
        await response(scope, receive, send)
        return
    door = WebSocket(scope, receive, send)
    if "websocket.http.response" in scope.get("extensions", {}):
        await door.send_denial_response(response)
    else:
        await door.close()


# --- serving -----------------------------------------------------------------------------------------------


def say_address(address: str) -> None:
    print(f"Souffleur listens at {address} (Ctrl-C ends open calls, saves them and stops)", flush=True)


async def serve(
    settings: Settings,
    calls: Calls,
    offer: Offer,
    announce: Callable[[str], object] = say_address,
    limits: LineLimits | None = None,
) -> None:
    """Serve until Ctrl-C or SIGTERM; then calls are ended and saved, within a bounded time.

    Args:
        announce: is given the address, once the server listens.

    Raises:
        PortTaken: the address is in use, or not ours to take.
    """
    listening = bind(settings.server.host, settings.server.port)
    address = _address(listening)
    server = _Server(
        uvicorn.Config(
            make_app(calls, settings, offer, limits),
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            ws_max_size=MESSAGE_BYTES,
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=STOP_WITHIN_S,
        )
    )
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_stop_on_signal, server)
        log(Happened.SERVER_STARTED, address=address)
        announce(address)
        await server.serve(sockets=[listening])
        tasks.cancel_scope.cancel()
    log(Happened.SERVER_STOPPED)


class _Server(uvicorn.Server):
    """Signals are ours: uvicorn would raise them again once it has stopped, and so end with a failure."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _stop_on_signal(server: uvicorn.Server) -> None:
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _signal in signals:
            log(Happened.SERVER_STOPPING)
            server.force_exit = server.should_exit  # the second time there is no waiting
            server.should_exit = True


def bind(host: str, port: int) -> socket.socket:
    """Take the address, so that it is known to be ours before anything else is started.

    Raises:
        PortTaken: it is in use, or needs rights that we lack.
    """
    family, kind, protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listening = socket.socket(family, kind, protocol)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    try:
        listening.bind(address)
    except OSError as refused:
        listening.close()
        if refused.errno == errno.EADDRINUSE:
            other = f"--port {port + 1}" if port < 65535 else "--port 0"
            raise PortTaken(
                f"port {port} of {host} is in use, perhaps by another server; stop that one or choose another "
                f"port, for example {other}"
            ) from None
        raise PortTaken(
            f"port {port} of {host} cannot be taken ({refused.strerror}); choose a port above 1023"
        ) from None
    listening.listen()  # a second server that binds now is refused
    return listening


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
