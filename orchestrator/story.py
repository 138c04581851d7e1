"""The moments of a call as they are told: kept from the first, read by any number of readers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from orchestrator.recording import CallerWords, Moment

MOST_MOMENTS = 50_000  # some hours of talk; beyond it the oldest but the first are forgotten, and counted


class Story:
    """One call's moments. Told and read on the event loop."""

    def __init__(self) -> None:
        self._moments: list[Moment] = []
        self._told = asyncio.Event()
        self._closed = False
        self.forgotten = 0

    def tell(self, moment: Moment) -> None:
        if len(self._moments) >= MOST_MOMENTS:
            del self._moments[1]
            self.forgotten += 1
        self._moments.append(moment)
        self._wake()

    def close(self) -> None:
        self._closed = True
        self._wake()

    @property
    def lasting(self) -> tuple[Moment, ...]:
        """All moments but words that were replaced by later ones. Words at which the call ended last."""
        spoken = [m for m in self._moments if isinstance(m, CallerWords)]
        newest = spoken[-1] if spoken else None
        return tuple(m for m in self._moments if not isinstance(m, CallerWords) or m.final or m is newest)

    async def read(self) -> AsyncIterator[Moment]:
        """Every moment from the first, as they are told; ends when the story is closed."""
        position = 0
        while True:
            if 0 < position <= self.forgotten:
                position = self.forgotten + 1
            if position < len(self._moments) + self.forgotten:
                yield self._moments[position - self.forgotten if position else 0]
                position += 1
            elif self._closed:
                return
            else:
                await self._told.wait()

    def _wake(self) -> None:
        told, self._told = self._told, asyncio.Event()
        told.set()
