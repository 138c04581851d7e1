"""Turns thought through while the caller still speaks, on words that have been stable for a moment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import anyio
from anyio.abc import TaskGroup

from duplex_frontend.types import CallerPartial, Hypothesis
from orchestrator.calls import DoAction, leave_it
from orchestrator.reads_ahead import ReadsAhead
from orchestrator.translate import utterance_of
from reasoner.coming import coming, is_closed, limits_of
from reasoner.events import CallerSaid, Effect, RunAction
from reasoner.graph import think
from reasoner.ports import Ports, Progress, Thought
from reasoner.state import GoalState
from reasoner.types import Channel, Utterance

STABLE_S = 0.1  # words unchanged for this long are worth a thought ahead

Words = tuple[str, ...]
"""The readings of an utterance, best first."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """A turn thought out before it ended, for each order that its readings may come in."""

    revision: int = -1
    thoughts: Mapping[Words, Thought] = field(default_factory=dict)


class Foresight:
    """The thoughts ahead of one call. Changes nothing: what comes of them is the session's to commit.

    Args:
        snapshot: the state to think on, None while it is about to change.
        act: carries out an action; those that only read are begun ahead.
    """

    def __init__(
        self, ports: Ports, snapshot: Callable[[], GoalState | None], act: DoAction = leave_it
    ) -> None:
        self.reads = ReadsAhead(ports.flow, act)
        self._ports = ports
        self._tasks: TaskGroup | None = None
        self._state: GoalState | None = None
        self._judge: Callable[[str], Progress] | None = None
        self._snapshot = snapshot
        self._partial: CallerPartial | None = None
        self._came = asyncio.Event()
        self._ahead = Ahead()
        self.made = self.used = 0  # thoughts ahead, and those that were committed

    def heard(self, partial: CallerPartial) -> None:
        """The words so far. What they may need of knowledge is looked up at once, beside the thought."""
        self._partial = partial
        self._came.set()
        self._look_up(partial)

    def turn_ended(self) -> None:
        """There is nothing more to think ahead of."""
        self._partial = None

    def moved(self, state: GoalState, judge: Callable[[str], Progress]) -> None:
        """The call goes on from here: load what its steps may need. `judge`: how far words answer what is asked."""
        before, self._state, self._judge = self._state, state, judge
        if self._ports.ahead is None or self._tasks is None or state.outcome is not None:
            return
        if before is None or before.step != state.step:
            for each in coming(self._ports.flow, state):
                self._tasks.start_soon(self._ports.ahead.load, each.about, each.within)

    def turn_over(self, effects: Sequence[Effect]) -> None:
        """The turn is committed. What it did not come to of what was begun ahead is thrown away."""
        self.reads.turn_over({effect.id for effect in effects if isinstance(effect, RunAction)})
        if self._ports.ahead is not None:
            self._ports.ahead.turn_over()

    async def run(self) -> None:
        """Think ahead whenever words are stable. Cancel to end."""
        async with anyio.create_task_group() as tasks:
            self._tasks = tasks
            if self._state is not None and self._judge is not None:
                state, self._state = self._state, None
                self.moved(state, self._judge)
            await self._think_ahead(tasks)

    async def _think_ahead(self, tasks: TaskGroup) -> None:
        """Which of two readings comes first is only decided at the end, so each is thought through."""
        while True:
            await self._came.wait()
            self._came.clear()
            await asyncio.sleep(STABLE_S)
            partial, snapshot = self._partial, self._snapshot()
            if self._came.is_set() or partial is None or snapshot is None:
                continue
            thoughts: dict[Words, Thought] = {}
            for hypotheses in _orders(partial.hypotheses):
                utterance = utterance_of(hypotheses, partial.start_s, partial.at_s)
                thought = await think(snapshot, utterance, self._ports, speculative=True)
                thoughts[_words(utterance)] = thought
                if self._partial is not None:
                    self.reads.begin(thought.actions, tasks)
            self._ahead = Ahead(snapshot.revision, thoughts)
            self.made += 1

    def _look_up(self, partial: CallerPartial) -> None:
        ahead, state = self._ports.ahead, self._state
        if ahead is None or self._tasks is None or state is None or not partial.hypotheses:
            return
        words = partial.hypotheses[0].text
        if self._judge is not None and self._judge(words) is Progress.COMPLETE:
            return  # an answer to what was asked
        limits = limits_of(self._ports.flow, state)
        if not is_closed(limits) and (question := ahead.heard(words, limits.pages)):
            self._tasks.start_soon(ahead.fetch, question, limits.pages)

    async def thought_for(self, state: GoalState, utterance: Utterance) -> tuple[Thought, bool]:
        """The turn of thought for what was heard: one made ahead where it still applies, else a new one.

        What is typed or keyed may read like words that were heard, and is meant in another way.
        """
        ahead, self._ahead = self._ahead, Ahead()
        made = ahead.thoughts.get(_words(utterance))
        if made is None or ahead.revision != state.revision or utterance.channel is not Channel.SPEECH:
            return await think(state, utterance, self._ports, speculative=False), False
        self.used += 1
        events = tuple(
            replace(e, utterance=utterance) if isinstance(e, CallerSaid) else e for e in made.events
        )
        return replace(made, events=events), True


def _words(utterance: Utterance) -> Words:
    return tuple(reading.text for reading in utterance.readings)


def _orders(heard: Sequence[Hypothesis]) -> Iterator[Sequence[Hypothesis]]:
    """As it stands, and with the second reading first where it says something else."""
    yield heard
    if len(heard) > 1 and heard[0].text != heard[1].text:
        yield (heard[1], heard[0], *heard[2:])
