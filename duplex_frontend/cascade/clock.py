"""The 20 ms clock of the embedded front-end: one thread that makes every call's next block.

It never awaits, logs, parses or touches a Session. A late tick skips; it does not burst.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Protocol

from duplex_frontend.types import BLOCK_S


class Ticking(Protocol):
    def tick(self, late_ms: float) -> None:
        """Make the next block. Called on the clock's thread."""
        ...


class Clock:
    """Ticks all calls in real time. After each round `delivered` runs once on the event loop.

    Args:
        loop: the event loop that consumes what the ticks made.
        delivered: called on the loop after a round of ticks.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, delivered: Callable[[], None]) -> None:
        self._loop = loop
        self._delivered = delivered
        self._calls: tuple[Ticking, ...] = ()
        self._changed = threading.Lock()
        self._wake = threading.Event()
        self._stop = False
        self._thread = threading.Thread(target=self._run, name="audio-clock", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def add(self, call: Ticking) -> None:
        with self._changed:
            self._calls = (*self._calls, call)
        self._wake.set()

    def remove(self, call: Ticking) -> None:
        """From the next round on `call` is not ticked; a round in progress may still end with it."""
        with self._changed:
            self._calls = tuple(c for c in self._calls if c is not call)

    def stop(self) -> None:
        """End the thread and wait for it."""
        self._stop = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=1)

    def _run(self) -> None:
        due = time.perf_counter()
        while not self._stop:
            calls = self._calls
            if not calls:
                self._wake.wait()
                self._wake.clear()
                due = time.perf_counter()
                continue
            due += BLOCK_S
            wait_s = due - time.perf_counter()
            if wait_s > 0:
                time.sleep(wait_s)
            late_s = max(0.0, time.perf_counter() - due)
            for call in calls:
                call.tick(late_s * 1000)
            due += (late_s // BLOCK_S) * BLOCK_S
            try:
                self._loop.call_soon_threadsafe(self._delivered)
            except RuntimeError:  # the loop is closed: so are all calls
                return
