"""The engine in the same process: the same messages, no socket. For tests and single machines."""

from __future__ import annotations

import asyncio

from duplex_frontend.engine.client import Connect, welcomed
from duplex_frontend.engine.pipe import LocalPipe, Pipe
from duplex_frontend.engine.server import EngineServer
from duplex_frontend.engine.wire import Welcome


def inside(server: EngineServer) -> Connect:
    """How to connect to a server of this process, on the same event loop."""
    serving: set[asyncio.Task[None]] = set()

    async def connect() -> tuple[Pipe, Welcome, bytes]:
        ours, theirs = LocalPipe.pair()
        task = asyncio.create_task(server.serve_pipe(theirs), name="engine-local")
        serving.add(task)
        task.add_done_callback(serving.discard)
        return await welcomed(ours)

    return connect
