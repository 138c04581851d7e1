"""Where telemetry goes: the metrics to whoever scrapes them, at an address of their own, and spans to a collector.

The metrics are not served with the page and the calls: a proxy publishes that address, and each replica has to be
scraped by itself. Whoever reaches this one from elsewhere has to show a token.
"""

from __future__ import annotations

import hmac
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import anyio
import uvicorn
from anyio.to_thread import run_sync
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from orchestrator.errors import BadSettings
from orchestrator.sections import TelemetrySettings
from orchestrator.telemetry import Happened, log
from orchestrator.telemetry_calls import Telemetry
from orchestrator.telemetry_metrics import Metrics
from orchestrator.telemetry_spans import Tracing

PATH = "/metrics"
_ANSWER = {"content-type": CONTENT_TYPE_LATEST, "cache-control": "no-store"}
_CLOSE_WITHIN_S = 4.0


@asynccontextmanager
async def open_telemetry(settings: TelemetrySettings) -> AsyncIterator[Telemetry]:
    """Metrics, and spans where the deployment has a collector. Leaving it sends the spans that are left.

    Raises:
        BadSettings: traces are wanted, and the extra for them is not installed.
    """
    tracing = _tracing(settings) if settings.traces else Tracing()
    try:
        yield Telemetry(tracing=tracing)
    finally:
        with anyio.move_on_after(_CLOSE_WITHIN_S, shield=True):
            await run_sync(tracing.close, abandon_on_cancel=True)


def _tracing(settings: TelemetrySettings) -> Tracing:
    try:
        from orchestrator.telemetry_export import exporting, over_http
    except ModuleNotFoundError:
        raise BadSettings(
            "telemetry.traces: sending traces needs OpenTelemetry's SDK; `pip install 'souffleur[otel]'`, or leave it empty"
        ) from None
    return exporting(over_http(settings.traces), socket.gethostname(), settings.traced)


def metrics_app(metrics: Metrics, token: str = "") -> Starlette:
    """Answers a scrape. `token`: that has to be shown as a bearer token; "" for none."""

    async def scrape(request: Request) -> Response:
        shown = request.headers.get("authorization", "")
        if token and not hmac.compare_digest(shown.encode(), f"Bearer {token}".encode()):
            return PlainTextResponse(
                "The metrics are for those who show their token: see telemetry.token_env.\n",
                401,
                {"www-authenticate": "Bearer"},
            )
        return Response(metrics.exposition(), headers=_ANSWER)

    return Starlette(routes=[Route(PATH, scrape, methods=["GET"])])


@asynccontextmanager
async def serving_metrics(
    settings: TelemetrySettings, metrics: Metrics, bind: Callable[[str, int], socket.socket]
) -> AsyncIterator[str]:
    """Answer scrapes until the block is left.

    Args:
        bind: takes an address.

    Yields:
        where they are, "" where nowhere.

    Raises:
        PortTaken: the address is in use.
        BadSettings: a token is wanted and missing.
    """
    if not settings.metrics:
        yield ""
        return
    listening = bind(*settings.metrics_address)
    server = _Server(
        uvicorn.Config(
            metrics_app(metrics, settings.token),
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            ws="none",
            timeout_graceful_shutdown=1,
        )
    )
    host, port = listening.getsockname()[:2]
    address = f"http://[{host}]:{port}{PATH}" if ":" in host else f"http://{host}:{port}{PATH}"
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(server.serve, [listening])
        log(Happened.METRICS_SERVED, address=address)
        try:
            yield address
        finally:
            server.should_exit = True


class _Server(uvicorn.Server):
    """Signals are the other server's."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
