"""Actions that only read, begun while the caller still speaks. Writes never are.

What is begun ahead is known by the id of the wish for it: a hash of the call, the step, the action and its arguments.
Other arguments are another id, so an answer is used for exactly what it was asked with, and in the turn that it was
asked for. What the turn does not come to is given up.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import anyio
from anyio.abc import TaskGroup

from flows.schema import Flow
from orchestrator.calls import DoAction
from reasoner.events import ActionDone, ActionFailed, RunAction

MOST_AHEAD = 2
"""In a turn. Other systems are not asked more often because a caller takes his time."""


@dataclass(slots=True)
class _Read:
    effect: RunAction
    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    over: anyio.Event = field(default_factory=anyio.Event)
    result: ActionDone | ActionFailed | None = None


class ReadsAhead:
    """The reads of one call that were begun before they were wanted.

    Args:
        act: carries out an action.
    """

    def __init__(self, flow: Flow, act: DoAction) -> None:
        self._flow = flow
        self._act = act
        self._reads: dict[str, _Read] = {}
        self.begun = 0  # in this turn

    def begin(self, wanted: Sequence[RunAction], tasks: TaskGroup) -> None:
        """Begin those that only read and are not under way yet, as far as the turn has any left."""
        for effect in wanted:
            if effect.id in self._reads or self.begun >= MOST_AHEAD or not self._may(effect):
                continue
            self.begun += 1
            read = self._reads[effect.id] = _Read(effect)
            tasks.start_soon(self._run, read)

    async def do(self, effect: RunAction) -> ActionDone | ActionFailed | None:
        """The answer to what was begun ahead with the same id; else, or where that failed, the action done now."""
        read = self._reads.pop(effect.id, None)
        if read is not None:
            await read.over.wait()
            if isinstance(read.result, ActionDone):
                return read.result
        return await self._act(effect)

    def turn_over(self, wanted: Collection[str] = ()) -> None:
        """Give up what the turn did not come to. `wanted`: the ids that it did."""
        self.begun = 0
        for id in [id for id in self._reads if id not in wanted]:
            self._reads.pop(id).scope.cancel()

    def _may(self, effect: RunAction) -> bool:
        action = self._flow.actions.get(effect.action)
        return action is not None and action.effect == "read" and not effect.takes_back

    async def _run(self, read: _Read) -> None:
        try:
            with read.scope:
                read.result = await self._act(read.effect)
        finally:
            read.over.set()
