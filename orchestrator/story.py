"""The moments of a call as they are told: kept from the first, read by any number of readers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import anyio

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

    def since(self, place: int) -> tuple[int, tuple[Moment, ...]]:
        """Moments from a place on, and the place after them: 0 is the first moment's. What was forgotten is passed over."""
        first = max(0, place - self.forgotten)
        return self.forgotten + len(self._moments), tuple(self._moments[first:])

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

    async def after(self, place: int, within_s: float, most: int) -> tuple[int, tuple[Moment, ...]]:
        """Moments from a place on, at most so many, and the place after them: 0 is the first moment's.

        Waits for the first of them, at most `within_s`; none where none came, or the story is closed. What was
        forgotten is passed over.
        """
        with anyio.move_on_after(within_s):
            while place >= len(self._moments) + self.forgotten and not self._closed:
                await self._told.wait()
        if self.forgotten and 0 < place <= self.forgotten:
            place = self.forgotten + 1
        first = place - self.forgotten if place else 0
        found = tuple(self._moments[first : first + most])
        if self.forgotten and place == 0 and found:
            return self.forgotten + len(found), found
        return place + len(found), found

    @property
    def closed(self) -> bool:
        return self._closed

    def _wake(self) -> None:
        told, self._told = self._told, asyncio.Event()
        told.set()
