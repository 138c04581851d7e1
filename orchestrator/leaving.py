"""A server on its way out: it takes no more calls, and waits a while for those that it carries."""

from __future__ import annotations

import anyio

from orchestrator.errors import ServerLeaves


class Leaving:
    """Shared by all who carry calls for one server.

    Attributes:
        begun: no calls are taken any more.
        carried: lines that carry a call.
    """

    def __init__(self) -> None:
        self.begun = False
        self.carried = 0
        self._gone = anyio.Event()

    def begin(self) -> None:
        self.begun = True

    def check(self) -> None:
        """Raises ServerLeaves where no calls are taken any more."""
        if self.begun:
            raise ServerLeaves

    def came(self) -> None:
        """A line carries a call."""
        self.carried += 1

    def went(self) -> None:
        """It does so no more."""
        self.carried -= 1
        gone, self._gone = self._gone, anyio.Event()
        gone.set()

    async def all_gone(self) -> None:
        """Wait until no line carries a call."""
        while self.carried:
            await self._gone.wait()
