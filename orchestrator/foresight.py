"""Turns thought through while the caller still speaks, on words that have been stable for a moment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from duplex_frontend.types import CallerPartial, Hypothesis
from orchestrator.translate import utterance_of
from reasoner.events import CallerSaid
from reasoner.graph import think
from reasoner.ports import Ports, Thought
from reasoner.state import GoalState
from reasoner.types import Utterance

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
    """

    def __init__(self, ports: Ports, snapshot: Callable[[], GoalState | None]) -> None:
        self._ports = ports
        self._snapshot = snapshot
        self._partial: CallerPartial | None = None
        self._came = asyncio.Event()
        self._ahead = Ahead()

    def heard(self, partial: CallerPartial) -> None:
        """The words so far."""
        self._partial = partial
        self._came.set()

    def turn_ended(self) -> None:
        """There is nothing more to think ahead of."""
        self._partial = None

    async def run(self) -> None:
        """Think ahead whenever words are stable. Cancel to end.

        Which of two readings comes first is only decided at the end, so each is thought through.
        """
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
                thoughts[_words(utterance)] = await think(snapshot, utterance, self._ports, speculative=True)
            self._ahead = Ahead(snapshot.revision, thoughts)

    async def thought_for(self, state: GoalState, utterance: Utterance) -> tuple[Thought, bool]:
        """The turn of thought for what was heard: one made ahead where it still applies, else a new one."""
        ahead, self._ahead = self._ahead, Ahead()
        made = ahead.thoughts.get(_words(utterance))
        if made is None or ahead.revision != state.revision:
            return await think(state, utterance, self._ports, speculative=False), False
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
