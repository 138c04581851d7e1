"""The web server: the page, the flows that it offers, the websocket of a call, and whether all is well."""

from __future__ import annotations

import errno
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import anyio
import uvicorn
from anyio.abc import TaskGroup
from anyio.to_thread import run_sync
from fastapi import FastAPI, Request, Response, WebSocket
from fastapi.exception_handlers import http_exception_handler
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from duplex_frontend.ports import DuplexFrontend
from flows.errors import NoSuchFlow
from orchestrator.api.app import make_api
from orchestrator.api.desk import Desk
from orchestrator.api.opening import good_keys
from orchestrator.api.problems import Kind, Problem, problem_of
from orchestrator.call_door import CallDoor, check_open
from orchestrator.calls import Calls
from orchestrator.doorkeeper import API_PATH, Doorkeeper, deny_call
from orchestrator.errors import PortTaken, ServerLeaves
from orchestrator.gateways.browser import BrowserGateway
from orchestrator.gateways.browser_wire import LineLimits
from orchestrator.gateways.moshi import MoshiGateway
from orchestrator.gateways.moshi_line import MoshiLimits
from orchestrator.leaving import Leaving
from orchestrator.offer import Offer, OfferedFlow
from orchestrator.settings import Settings
from orchestrator.telemetry import Happened, log
from orchestrator.telemetry_metrics import Metrics
from orchestrator.telemetry_server import serving_metrics

PAGE = Path(__file__).parent / "gateways" / "page"
MESSAGE_BYTES = 256 * 1024  # beyond it a client is cut off; what is merely too long gets an answer
SEND_BUFFER_BYTES = 64 * 1024  # about 2 s of audio: what is on its way to a slow client and cannot be dropped
STOP_WITHIN_S = 12
HANDED_OVER_WITHIN_S = 10.0
CLOSED_WITHIN_S = 1.0  # the lines of calls that were handed over
READY_PATH = f"{API_PATH}/ready"


@dataclass(frozen=True, slots=True)
class MoshiDoor:
    """What clients of Moshi's protocol reach."""

    frontend: DuplexFrontend
    limits: MoshiLimits | None = None


def make_app(
    calls: Calls,
    settings: Settings,
    offer: Offer,
    limits: LineLimits | None = None,
    moshi: MoshiDoor | None = None,
    desk: Desk | None = None,
    leaving: Leaving | None = None,
) -> FastAPI:
    """Put the app together. It reads no environment and opens nothing by itself.

    Args:
        moshi: the front-end that clients of Moshi's protocol reach; without it there is no `/api/chat`.
        desk: what the admin API works with; without it there is none.
        leaving: says when calls are not taken any more; without it they always are.
    """
    leaving = leaving or Leaving()
    door = CallDoor(settings.server.callers, desk.tickets if desk else None)

    async def on_offer() -> Sequence[OfferedFlow]:
        if desk is None:
            return await run_sync(offer)
        return [flow for flow, _version in await desk.offered(settings.tenant)]

    async def source_of(name: str) -> str:
        flows = {flow.name: flow.source for flow in await on_offer()}
        if name not in flows:
            raise NoSuchFlow(
                f"there is no flow {name[:60]!r} on offer; there are: {', '.join(flows) or 'none'}"
            )
        return flows[name]

    app = FastAPI(title="Souffleur", docs_url=None, redoc_url=None, openapi_url=None)
    gateway = BrowserGateway(calls, source_of, leaving, limits, settings.server.browser_number)
    upstream = (
        MoshiGateway(moshi.frontend, calls, source_of, leaving, settings.server.moshi_flow, moshi.limits)
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
            for flow in await on_offer()
        ]

    @app.get("/health")
    async def health(answer: Response) -> dict[str, str | int]:
        answer.status_code = 503 if leaving.begun else 200
        status = "leaving" if leaving.begun else "ok"
        return {"status": status, "version": version("souffleur"), "calls": leaving.carried}

    @app.websocket("/call")
    async def call(websocket: WebSocket, flow: str = "", resume: str = "") -> None:
        if not resume and (why := door.refusal(websocket, flow)):
            await deny_call(websocket, why)
            return
        await gateway.serve(websocket, flow, resume)

    if upstream is not None:
        chats = upstream

        @app.websocket("/api/chat")
        async def chat(websocket: WebSocket) -> None:
            wanted = websocket.query_params.get("flow", settings.server.moshi_flow)
            if why := door.refusal(websocket, wanted):
                await deny_call(websocket, why)
                return
            await chats.serve(websocket, websocket.query_params)

    if desk is not None:
        app.mount(API_PATH, _ready_until(leaving, make_api(desk)))
        app.add_exception_handler(HTTPException, _not_found)  # of a path that the mount does not take
    app.mount("/page", StaticFiles(directory=PAGE), name="page")
    app.add_middleware(
        Doorkeeper,
        trusted_hosts=settings.server.trusted_hosts,
        trusted_origins=settings.server.trusted_origins,
    )
    return app


def _ready_until(leaving: Leaving, api: ASGIApp) -> ASGIApp:
    """The API, but that it is not ready once the server takes no calls any more."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if leaving.begun and scope["type"] == "http" and scope["path"] == READY_PATH:
            problem = Problem(Kind.UNAVAILABLE, str(ServerLeaves()), headers={"Retry-After": "2"})
            await problem.response()(scope, receive, send)
            return
        await api(scope, receive, send)

    return answer


async def _not_found(request: Request, refused: Exception) -> Response:
    assert isinstance(refused, HTTPException)
    if request.url.path.startswith(API_PATH):
        return problem_of(refused).response()
    return await http_exception_handler(request, refused)


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
    metrics: Metrics | None = None,
    desk: Desk | None = None,
    hand_over: Callable[[], Awaitable[None]] | None = None,
) -> None:
    """Serve until Ctrl-C or SIGTERM; then calls are ended and saved, within a bounded time.

    On SIGTERM calls that can go on elsewhere are handed over before, and the others have `server.stop_grace_s` to end.

    Args:
        announce: is given the address, once the server listens.
        hand_over: leaves calls to whoever their callers come back to; None where all end with the server.
        metrics: to be served at `telemetry.metrics`, where that is set.
        desk: what the admin API works with; without it there is none.

    Raises:
        BadSettings: others than this machine could reach it, and it could not ask who they are.
        PortTaken: the address is in use, or not ours to take.
    """
    check_open(settings, await good_keys(desk.keys, settings.tenant) if desk else None)
    listening = bind(settings.server.host, settings.server.port)
    address = _address(listening)
    leaving = Leaving()
    server = _Server(
        uvicorn.Config(
            make_app(calls, settings, offer, limits, moshi, desk, leaving),
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            ws_max_size=MESSAGE_BYTES,
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=STOP_WITHIN_S,
        )
    )
    async with (
        serving_metrics(settings.telemetry, metrics or Metrics(), bind),
        anyio.create_task_group() as tasks,
    ):
        stopping = _Stopping(server, leaving, hand_over, settings.server.stop_grace_s)
        tasks.start_soon(stopping.follow_signals, tasks)
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


@dataclass(frozen=True, slots=True)
class _Stopping:
    """What signals do to a server. The first SIGTERM lets it leave, any other signal ends it, and one more at once."""

    server: uvicorn.Server
    leaving: Leaving
    hand_over: Callable[[], Awaitable[None]] | None
    grace_s: float

    async def follow_signals(self, tasks: TaskGroup) -> None:
        with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
            async for which in signals:
                log(Happened.SERVER_STOPPING, calls=self.leaving.carried)
                first = not self.leaving.begun
                self.leaving.begin()
                if which is signal.SIGTERM and first and self.hand_over is not None:
                    tasks.start_soon(self._leave, self.hand_over)
                else:
                    self.server.force_exit = self.server.should_exit  # the second time there is no waiting
                    self.server.should_exit = True

    async def _leave(self, hand_over: Callable[[], Awaitable[None]]) -> None:
        until = anyio.current_time() + self.grace_s
        with anyio.move_on_after(HANDED_OVER_WITHIN_S):
            await hand_over()
        with anyio.move_on_after(max(CLOSED_WITHIN_S, until - anyio.current_time())):
            await self.leaving.all_gone()
        self.server.should_exit = True


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
