"""The engine's process: load, listen, keep the clock, stop in good order."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import structlog

from duplex_frontend.engine.clock import FrameClock
from duplex_frontend.engine.desk import Served
from duplex_frontend.engine.errors import EngineError
from duplex_frontend.engine.loading import Loading, open_engine
from duplex_frontend.engine.server import GRACE_S, EngineServer

_SWITCH_S = 0.0005  # how long the socket's thread may keep the interpreter from the clock's
_log = structlog.get_logger()


class BadPlace(EngineError):
    """The engine cannot listen there."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where to listen: a unix socket, or a TCP address with a token."""

    path: Path | None = None
    host: str = ""
    port: int = 0
    token: str = ""

    @classmethod
    def of(cls, path: Path | None, listen: str | None, token: str, variable: str) -> Place:
        """Raises BadPlace: no address, or TCP without a token."""
        if path is not None:
            if len(str(path).encode()) > 107:
                raise BadPlace(f"'{path}' is longer than the 107 bytes that a unix socket's path may have")
            return cls(path=path, token=token)
        host, _, port = (listen or "").rpartition(":")
        if not host or not port.isdigit() or int(port) > 65535:
            raise BadPlace(f"'{listen}' is no address to listen on; write HOST:PORT, as in 0.0.0.0:8998")
        if not token:
            raise BadPlace(
                f"on TCP anybody could ring; put a token of your own into {variable}, here and at the clients "
                "(python3 -c 'import secrets; print(secrets.token_urlsafe(32))'), or listen on a --socket"
            )
        return cls(host=host.strip("[]"), port=int(port), token=token)


async def serve(loading: Loading, place: Place, *, grace_s: float = GRACE_S) -> int:
    """Serve until SIGINT or SIGTERM. Prints a line with the address once it is ready.

    Returns:
        0, or 1 where the clock failed.

    Raises:
        EngineError: the engine cannot be loaded, or cannot listen there.
    """
    return await serve_loaded(open_engine(loading), place, grace_s=grace_s)


async def serve_loaded(served: Served, place: Place, *, grace_s: float = GRACE_S) -> int:
    """The same, with an engine that is loaded."""
    loop = asyncio.get_running_loop()
    server = EngineServer(served, grace_s=grace_s, token=place.token)
    stopped: asyncio.Future[BaseException | None] = loop.create_future()

    def stop(why: BaseException | None = None) -> None:
        if not stopped.done():
            stopped.set_result(why)

    def deliver() -> None:
        with suppress(RuntimeError):  # the loop is closed: so is everything
            loop.call_soon_threadsafe(server.deliver)

    def failed(error: BaseException) -> None:
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(stop, error)

    clock = FrameClock(served.stage.tick, done=deliver, failed=failed)
    sys.setswitchinterval(_SWITCH_S)
    gc.collect()
    gc.freeze()  # what was loaded stays: no collection looks at it in the middle of a tick
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, stop)
    listening = await _listen(server, place)
    try:
        clock.start()
        print(f"engine ready: {_address(place, listening)}, {served.stage.rows} seats", flush=True)
        why = await stopped
    finally:
        listening.close()
        await asyncio.to_thread(clock.stop)
        await server.aclose()
        if place.path is not None:
            place.path.unlink(missing_ok=True)
    if why is not None:
        _log.error("engine_clock_failed", exc_info=why)
    return 0 if why is None else 1


async def _listen(server: EngineServer, place: Place) -> asyncio.Server:
    try:
        if place.path is None:
            return await asyncio.start_server(server.serve_stream, place.host, place.port)
        _make_way(place.path)
        listening = await asyncio.start_unix_server(server.serve_stream, place.path)
        place.path.chmod(0o600)
        return listening
    except OSError as error:
        raise BadPlace(f"the engine cannot listen there ({error}); choose another address") from error


def _make_way(path: Path) -> None:
    """Remove the socket of an engine that is gone; one that answers is left alone."""
    if not path.is_socket():
        if path.exists():
            raise BadPlace(f"'{path}' is there and is no socket; choose another path")
        path.parent.mkdir(parents=True, exist_ok=True)
        return
    with socket.socket(socket.AF_UNIX) as knock:
        try:
            knock.connect(str(path))
        except OSError:
            path.unlink()
            return
    raise BadPlace(f"an engine listens on '{path}' already; stop it, or choose another path")


def _address(place: Place, listening: asyncio.Server) -> str:
    if place.path is not None:
        return f"unix:{place.path}"
    host, port = listening.sockets[0].getsockname()[:2]
    return f"tcp:[{host}]:{port}" if ":" in host else f"tcp:{host}:{port}"
