"""A call in text: the same thinking and the same machine as on the phone, without sound.

Time is made up: words take as long as they would take to say. So the same words always lead to the same call.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from flows.schema import Flow
from reasoner.graph import think
from reasoner.machine import advance, start
from reasoner.ports import Ports
from reasoner.types import (
    CallEnded,
    CallerWasSilent,
    CallStarted,
    Channel,
    Effect,
    Event,
    GoalState,
    Reading,
    Reply,
    Utterance,
)
from reasoner.whisper import compose

WORDS_A_SECOND = 2.5


@dataclass(frozen=True, slots=True)
class Answered:
    """What one turn came to. `agent`: its words, "" where it had nothing to say."""

    agent: str
    effects: tuple[Effect, ...]
    state: GoalState


@dataclass(slots=True)
class TextCall:
    """One call. `ports` as for any turn of thought; `id` names the call in its state."""

    ports: Ports
    id: str = "text"
    now_s: float = 0.0
    state: GoalState = field(init=False)

    def __post_init__(self) -> None:
        self.state = start(self.flow, self.id)

    @property
    def flow(self) -> Flow:
        return self.ports.flow

    @property
    def is_over(self) -> bool:
        return self.state.outcome is not None

    def begin(self) -> Answered:
        """The agent answers the phone."""
        return self._commit((CallStarted(self.now_s),))

    async def said(self, text: str) -> Answered:
        """The caller said `text`."""
        began_s = self.now_s
        self._pass_for(text)
        readings = (Reading(text, confidence=1.0),) if text.strip() else ()
        thought = await think(self.state, Utterance(readings, began_s, self.now_s, Channel.TEXT), self.ports)
        return self._commit(thought.events)

    def silent(self, for_s: float) -> Answered:
        """Nobody said anything for so many seconds."""
        self.now_s += for_s
        return self._commit((CallerWasSilent(for_s, self.now_s),))

    def hung_up(self) -> Answered:
        """The caller is gone."""
        return self._commit((CallEnded(self.now_s),))

    def _commit(self, events: Sequence[Event]) -> Answered:
        effects: list[Effect] = []
        for event in events:
            self.state, wanted = advance(self.flow, self.state, event)
            effects += wanted
        agent = ""
        if Reply() in effects:
            agent = " ".join(line.text for line in compose(self.flow, self.state).reply)
            self._pass_for(agent)
        return Answered(agent, tuple(effects), self.state)

    def _pass_for(self, words: str) -> None:
        self.now_s += len(words.split()) / WORDS_A_SECOND
