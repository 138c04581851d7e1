"""Time that is made up: an event loop whose clock jumps to the next thing that is due. For simulations, labelled so.

Real work inside it takes no virtual time. What needs a loop of its own (stores, models) runs in a real one beside it.
"""

from __future__ import annotations

import asyncio
import selectors
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Jumping(selectors.DefaultSelector):
    """Never waits: what it is told to wait for, it lets pass."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0

    def select(self, timeout: float | None = None) -> Any:
        if timeout is not None and timeout > 0:
            self.now_s += timeout
        return super().select(0)


def run(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run to the end in virtual time, which begins at 0 (`asyncio.get_running_loop().time()`)."""
    selector = _Jumping()
    loop = asyncio.SelectorEventLoop(selector)
    loop.time = lambda: selector.now_s  # type: ignore[method-assign]
    try:
        return loop.run_until_complete(work())
    finally:
        loop.close()


class RealLoop:
    """A loop in real time, in a thread of its own, to be asked from a virtual one without time going by there."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def wait_for(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
