"""The web server: the page, the flows that it offers, the websocket of a call, and whether all is well."""

from __future__ import annotations

import errno
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import anyio
import uvicorn
from anyio.to_thread import run_sync
from fastapi import FastAPI, WebSocket
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles

from duplex_frontend.ports import DuplexFrontend
from flows.errors import FlowError, NoSuchFlow
from flows.loader import load_flow
from orchestrator.calls import Calls
from orchestrator.doorkeeper import Doorkeeper
from orchestrator.errors import PortTaken
from orchestrator.gateways.browser import BrowserGateway, LineLimits
from orchestrator.gateways.moshi import MoshiGateway
from orchestrator.gateways.moshi_line import MoshiLimits
from orchestrator.settings import Settings
from orchestrator.telemetry import Happened, log

PAGE = Path(__file__).parent / "gateways" / "page"
MESSAGE_BYTES = 256 * 1024  # beyond it a client is cut off; what is merely too long gets an answer
SEND_BUFFER_BYTES = 64 * 1024  # about 2 s of audio: what is on its way to a slow client and cannot be dropped
STOP_WITHIN_S = 12


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


@dataclass(frozen=True, slots=True)
class MoshiDoor:
    """What clients of Moshi's protocol reach."""

    frontend: DuplexFrontend
    limits: MoshiLimits | None = None


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


def make_app(
    calls: Calls,
    settings: Settings,
    offer: Offer,
    limits: LineLimits | None = None,
    moshi: MoshiDoor | None = None,
) -> FastAPI:
    """Put the app together. It reads no environment and opens nothing by itself.

    Args:
        moshi: the front-end that clients of Moshi's protocol reach; without it there is no `/api/chat`.
    """

    async def source_of(name: str) -> str:
        flows = {flow.name: flow.source for flow in await run_sync(offer)}
        if name not in flows:
            raise NoSuchFlow(
                f"there is no flow {name[:60]!r} on offer; there are: {', '.join(flows) or 'none'}"
            )
        return flows[name]

    app = FastAPI(title="Souffleur", docs_url=None, redoc_url=None, openapi_url=None)
    gateway = BrowserGateway(calls, source_of, limits)
    upstream = (
        MoshiGateway(moshi.frontend, calls, source_of, settings.server.moshi_flow, moshi.limits)
        if moshi
        else None
    )

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
        carried = gateway.open_calls + (upstream.open_calls if upstream else 0)
        return {"status": "ok", "version": version("souffleur"), "calls": carried}

    @app.websocket("/call")
    async def call(websocket: WebSocket, flow: str = "") -> None:
        await gateway.serve(websocket, flow)

    if upstream is not None:
        chats = upstream

        @app.websocket("/api/chat")
        async def chat(websocket: WebSocket) -> None:
            await chats.serve(websocket, websocket.query_params)

    app.mount("/page", StaticFiles(directory=PAGE), name="page")
    app.add_middleware(
        Doorkeeper,
        trusted_hosts=settings.server.trusted_hosts,
        trusted_origins=settings.server.trusted_origins,
    )
    return app


# --- serving -----------------------------------------------------------------------------------------------


def say_address(address: str) -> None:
    print(f"Souffleur listens at {address} (Ctrl-C ends open calls, saves them and stops)", flush=True)


async def serve(
    settings: Settings,
    calls: Calls,
    offer: Offer,
    announce: Callable[[str], object] = say_address,
    limits: LineLimits | None = None,
    moshi: MoshiDoor | None = None,
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
            make_app(calls, settings, offer, limits, moshi),
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
