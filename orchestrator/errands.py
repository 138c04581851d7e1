"""What one call asks of other systems, and what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from flows.schema import Flow
from orchestrator.reads_ahead import ReadsAhead
from orchestrator.saver import Saver
from orchestrator.telling import Teller
from orchestrator.tenure import Tenure
from reasoner.events import ActionDone, ActionFailed, Failure, RunAction

SECURED_WITHIN_S = 20.0  # a write of another system waits for the store so long

Result = ActionDone | ActionFailed


class Errands:
    """Of one call. What writes goes on when the call has ended.

    Args:
        reads: carries actions out; those that only read may have begun while the caller still spoke.
        saver: knows whether a revision is stored.
        tenure: our right to lead the call, None where nobody else could.
        teller: has the call's clock.
    """

    def __init__(
        self, flow: Flow, reads: ReadsAhead, saver: Saver, tenure: Tenure | None, teller: Teller
    ) -> None:
        self._flow = flow
        self._reads = reads
        self._saver = saver
        self._tenure = tenure
        self._teller = teller
        self._untold: list[Result] = []
        self._writing = 0
        self._moved = asyncio.Event()

    @property
    def untold(self) -> Sequence[Result]:
        """Results that wait until the voice has said what it has to say."""
        return tuple(self._untold)

    async def run(self, effect: RunAction, revision: int) -> Result | None:
        """Have an action carried out. What came of it, untold until `told`; None: that comes later, or is not ours.

        It begins only once the revision that wants it is stored under our fence: nobody else acts for the call, and
        whoever takes it up after us knows what to ask for again, by the same id.
        """
        if self._only_reads(effect):
            return self._came(effect, await self._reads.do(effect))
        with self._write():
            if await self._saver.secured(revision, SECURED_WITHIN_S):
                return self._came(effect, await self._reads.do(effect))
            ours = self._tenure is None or not self._tenure.lost
            return self._came(effect, ActionFailed(effect.id, Failure.FAILED) if ours else None)

    def told(self, result: Result) -> None:
        """The call has taken it in."""
        self._untold.remove(result)
        self._wake()

    async def settled(self) -> None:
        """Wait until no other system changes anything for the call, and it has taken in what came of it."""
        while self._writing or self._untold:
            await self._moved.wait()

    def _came(self, effect: RunAction, done: Result | None) -> Result | None:
        if done is None:
            return None
        result = replace(done, at_s=self._teller.now_s, action=effect.action)
        self._untold.append(result)
        return result

    @contextmanager
    def _write(self) -> Iterator[None]:
        self._writing += 1
        try:
            yield
        finally:
            self._writing -= 1
            self._wake()

    def _wake(self) -> None:
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    def _only_reads(self, effect: RunAction) -> bool:
        action = self._flow.actions.get(effect.action)
        return action is not None and action.effect == "read" and not effect.takes_back
