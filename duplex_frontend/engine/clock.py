"""The 80 ms clock of the engine: one thread, monotonic. A late tick skips; it does not burst."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from duplex_frontend.engine.tokens import FRAMES_PER_S

FRAME_S = 1 / FRAMES_PER_S


class FrameClock:
    """Calls `tick(late_ms)` every 80 ms on a thread of its own.

    Args:
        tick: moves everything on by a frame.
        done: called on the same thread after each tick; must be quick and never raise.
        failed: called on the same thread when a tick raised. The clock has then stopped.

    Attributes:
        skipped: ticks left out because one before them took too long.
    """

    def __init__(
        self,
        tick: Callable[[float], None],
        *,
        done: Callable[[], None] = lambda: None,
        failed: Callable[[BaseException], None] = lambda error: None,
    ) -> None:
        self._tick, self._done, self._failed = tick, done, failed
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="frame-clock", daemon=True)
        self.skipped = 0

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the thread after the tick in progress, and wait for it."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def _run(self) -> None:
        due = time.monotonic()
        try:
            while not self._stop.is_set():
                due += FRAME_S
                wait_s = due - time.monotonic()
                if wait_s > 0:
                    time.sleep(wait_s)
                late_s = max(0.0, time.monotonic() - due)
                self._tick(late_s * 1000)
                self._done()
                missed = int(late_s // FRAME_S)
                self.skipped += missed
                due += missed * FRAME_S
        except BaseException as error:  # whatever it is, the engine cannot go on
            self._failed(error)
