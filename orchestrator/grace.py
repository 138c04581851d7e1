"""How long a call whose line is lost waits for its caller."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Grace:
    """Of one call.

    Args:
        for_s: how long.
        given_up: called when that is over and nobody came.
    """

    def __init__(self, for_s: float, given_up: Callable[[], None]) -> None:
        self._for_s = for_s
        self._given_up = given_up
        self._timer: asyncio.TimerHandle | None = None

    @property
    def running(self) -> bool:
        """The line is lost: nobody is there to be asked."""
        return self._timer is not None

    def begin(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._for_s, self._given_up)

    def end(self) -> None:
        """The caller is back, or the call is over. Does nothing where it never began."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
