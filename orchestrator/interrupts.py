"""Ctrl-C in the middle of a call."""

from __future__ import annotations

import signal
from collections.abc import Awaitable, Callable

import anyio


async def on_interrupt(stop: Callable[[], Awaitable[None]]) -> None:
    """Wait for Ctrl-C or SIGTERM and then call `stop`, once. A second one ends the program where it stands."""
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _signal in signals:
            break
    await stop()
