"""Recogniser processes that are ready before they are needed: one takes the better part of a second to start."""

from __future__ import annotations

import asyncio

import anyio

from duplex_frontend.cascade.ear_process import EarLost, EarProcess
from duplex_frontend.cascade.ear_wire import EarKind


class EarPool:
    """Keeps spare processes of each kind, started in the background.

    Args:
        spares: how many of each kind, 0 for none: then each is started when it is taken. A pair costs about
            150 MB that nobody else uses.
    """

    def __init__(self, spares: int = 0) -> None:
        self._spares = spares
        self._ready: dict[EarKind, list[EarProcess]] = {ear: [] for ear in EarKind}
        self._starting: dict[EarKind, set[asyncio.Task[EarProcess]]] = {ear: set() for ear in EarKind}
        self._closed = False

    def fill(self) -> None:
        """Begin to start the spares. Without it they start with the first `take`."""
        for ear in EarKind:
            self._refill(ear)

    async def warm(self) -> None:
        """Start the spares and wait until they are ready.

        Raises:
            EarLost: one does not start.
        """
        self.fill()
        tasks = [task for started in self._starting.values() for task in started]
        await asyncio.gather(*tasks)

    async def take(self, ear: EarKind) -> EarProcess:
        """A process that listens, for the one who asks: they close it. Its place is filled again.

        Raises:
            EarLost: none starts.
        """
        try:
            return await self._take(ear)
        finally:
            self._refill(ear)

    def process_ids(self, ear: EarKind) -> tuple[int, ...]:
        """Of the spares that are ready."""
        ids = (process.process_id for process in self._ready[ear] if process.alive)
        return tuple(process_id for process_id in ids if process_id is not None)

    async def aclose(self) -> None:
        """End the spares."""
        self._closed = True
        tasks = [task for started in self._starting.values() for task in started]
        for task in tasks:
            task.cancel()
        with anyio.CancelScope(shield=True):
            await asyncio.gather(*tasks, return_exceptions=True)
            spares = [process for ready in self._ready.values() for process in ready]
            for process in spares:
                process.close()
            await asyncio.gather(*(process.gone() for process in spares))

    async def _take(self, ear: EarKind) -> EarProcess:
        while self._ready[ear]:
            process = self._ready[ear].pop(0)
            if process.alive:
                return process
            process.close()
        return await EarProcess.start(ear)

    def _refill(self, ear: EarKind) -> None:
        while not self._closed and len(self._ready[ear]) + len(self._starting[ear]) < self._spares:
            task = asyncio.create_task(EarProcess.start(ear), name=f"ear-spare-{ear}")
            self._starting[ear].add(task)
            task.add_done_callback(lambda done: self._started(ear, done))

    def _started(self, ear: EarKind, task: asyncio.Task[EarProcess]) -> None:
        self._starting[ear].discard(task)
        if task.cancelled():
            return
        # A spare that does not start is tried again with the next `take`, which then has to say so.
        if isinstance(task.exception(), EarLost):
            return
        process = task.result()
        if self._closed:
            process.close()
        else:
            self._ready[ear].append(process)
