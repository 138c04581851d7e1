"""A call in text: the same thinking and the same machine as on the phone, without sound.

Time is made up: words take as long as they would take to say. So the same words always lead to the same call.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from flows.schema import Flow
from orchestrator.calls import DoAction, leave_it
from reasoner.events import (
    ActionDone,
    ActionFailed,
    AgentSpoke,
    CallEnded,
    CallerWasSilent,
    CallStarted,
    Effect,
    Event,
    Failure,
    Reply,
    RunAction,
)
from reasoner.graph import think
from reasoner.machine import advance, start
from reasoner.ports import Ports
from reasoner.state import GoalState
from reasoner.types import Channel, Reading, SlotName, Utterance, Value
from reasoner.whisper import compose

WORDS_A_SECOND = 2.5

Outside = ActionDone | ActionFailed | CallEnded
"""What can happen to a call beside what its caller does."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What one turn came to. `agent`: its words, "" where it had nothing to say."""

    agent: str
    effects: tuple[Effect, ...]
    state: GoalState


@dataclass(slots=True)
class TextCall:
    """One call.

    Args:
        ports: as for any turn of thought.
        id: names the call in its state.
        actions: carries out what the flow asks of other systems. What it leaves to others is late once a silence
            goes beyond its time limit, which runs from when it was asked for.
        today: the date of the call, ISO; "" leaves it unknown.
        given: slots that the call itself gives.
        log: every event that the call took, in order; replayed, they lead to the same state.
    """

    ports: Ports
    id: str = "text"
    actions: DoAction = leave_it
    today: str = ""
    given: Mapping[SlotName, Value] = field(default_factory=dict)
    now_s: float = 0.0
    state: GoalState = field(init=False)
    log: list[Event] = field(default_factory=list)
    _asked_s: float = field(default=0.0, init=False)  # when the action that is waited for was asked for

    def __post_init__(self) -> None:
        self.state = start(self.flow, self.id)

    @property
    def flow(self) -> Flow:
        return self.ports.flow

    @property
    def is_over(self) -> bool:
        return self.state.outcome is not None

    async def begin(self) -> Answered:
        """The agent answers the phone."""
        return await self._commit((CallStarted(self.now_s, self.today, self.given),))

    async def said(self, text: str, confidence: float = 1.0) -> Answered:
        """The caller said `text`, or typed it."""
        return await self._heard(text, Channel.TEXT, confidence)

    async def keyed(self, keys: str) -> Answered:
        """The caller pressed keys: `0` to `9`, `*` and `#`."""
        return await self._heard(keys, Channel.KEYPAD, 1.0)

    async def silent(self, for_s: float) -> Answered:
        """Nobody said anything for so many seconds. An action that nobody carries out is late then."""
        self.now_s += for_s
        doing = self.state.doing
        if doing is not None:
            if self.now_s - self._asked_s < self.flow.actions[doing.action].timeout_s:
                return Answered("", (), self.state)
            return await self.happened(ActionFailed(doing.id, Failure.TIMEOUT))
        return await self._commit((CallerWasSilent(for_s, self.now_s),))

    async def happened(self, event: Outside) -> Answered:
        """Something that is neither speech nor silence. It happens now, whatever time it carries."""
        event = replace(event, at_s=self.now_s)
        doing = self.state.doing
        if not isinstance(event, CallEnded) and doing is not None and event.id == doing.id:
            event = replace(event, action=doing.action)
        return await self._commit((event,))

    async def hung_up(self) -> Answered:
        """The caller is gone."""
        return await self.happened(CallEnded(self.now_s))

    async def _heard(self, text: str, channel: Channel, confidence: float) -> Answered:
        began_s = self.now_s
        self._pass_for(text)
        readings = (Reading(text, confidence),) if text.strip() else ()
        utterance = Utterance(readings, began_s, self.now_s, channel)
        thought = await think(self.state, utterance, self.ports)
        return await self._commit(thought.events)

    async def _commit(self, events: Sequence[Event]) -> Answered:
        """Apply events, and all that follows from them without the caller."""
        effects: list[Effect] = []
        words: list[str] = []
        waiting, replies = list(events), False
        while waiting:
            event = waiting.pop(0)
            self.log.append(event)
            before = self.state.doing
            self.state, wanted = advance(self.flow, self.state, event)
            if self.state.doing is not None and self.state.doing != before:
                self._asked_s = self.now_s
            effects += wanted
            replies = replies or any(isinstance(effect, Reply) for effect in wanted)
            for effect in wanted:
                if isinstance(effect, RunAction) and (done := await self.actions(effect)) is not None:
                    waiting.append(replace(done, at_s=self.now_s, action=effect.action))
            # What a turn came to is applied as a whole before any of it is spoken.
            if replies and not any(event in waiting for event in events):
                waiting.insert(0, self._speak(words))
                replies = False
        return Answered(" ".join(words), tuple(effects), self.state)

    def _speak(self, words: list[str]) -> AgentSpoke:
        began_s = self.now_s
        spoken = " ".join(line.text for line in compose(self.flow, self.state).reply)
        words.append(spoken)
        self._pass_for(spoken)
        return AgentSpoke(spoken, self.state.acts_revision, began_s, self.now_s)

    def _pass_for(self, words: str) -> None:
        self.now_s += len(words.split()) / WORDS_A_SECOND
