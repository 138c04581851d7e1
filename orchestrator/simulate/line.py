"""The line between a simulated caller and an agent, and the agent of this package at its other end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import anyio

from flows.loader import LoadedFlow
from flows.schema import Flow
from memory.edge import EdgeKnowledge
from memory.pages import read_pages
from memory.types import Passage
from orchestrator.chat import no_pages
from orchestrator.simulate.truth import Proof
from orchestrator.text_call import Answered, TextCall
from reasoner.events import ActionDone, Effect, Event, Reply, RunAction
from reasoner.machine import advance, start
from reasoner.ports import Ports, Search, Understander
from reasoner.recall import Recall
from reasoner.state import GoalState
from reasoner.types import SlotName, Value
from reasoner.understand import ParserUnderstander

_TENANT = "simulated"


@dataclass(frozen=True, slots=True)
class Moment:
    """The state after one event, and what was wanted of the world then. `event`: None where nobody tells it."""

    state: GoalState
    effects: tuple[Effect, ...]
    event: Event | None = None

    @property
    def speaks(self) -> bool:
        """Whether the state's acts were spoken now."""
        return any(isinstance(effect, Reply) for effect in self.effects)


@dataclass(frozen=True, slots=True)
class Turn:
    """The agent's turn: its words, "" for none, and each event that led to them. At least one moment."""

    agent: str
    moments: tuple[Moment, ...]

    @property
    def state(self) -> GoalState:
        return self.moments[-1].state


@dataclass(frozen=True, slots=True)
class Setting:
    """What an agent is told of a call: the day, what the call gives, and what its actions come to, by name.

    `proofs`: the actions whose answer depends on what they are given.
    """

    today: str
    given: Mapping[SlotName, Value] = field(default_factory=dict)
    results: Mapping[str, Any] = field(default_factory=dict)
    proofs: Mapping[str, Proof] = field(default_factory=dict)

    def result(self, action: str, arguments: Mapping[str, Any]) -> Any:
        """What an action comes to with these arguments."""
        proof = self.proofs.get(action)
        if proof is not None and dict(arguments) != dict(proof.arguments):
            return proof.otherwise
        return self.results.get(action, {})


class Line(Protocol):
    """An agent on the phone. Each method is one turn of the caller, and gives the agent's answer to it."""

    async def begin(self) -> Turn: ...

    async def said(self, text: str, confidence: float) -> Turn: ...

    async def silent(self, for_s: float) -> Turn: ...

    async def hung_up(self) -> Turn: ...


Dial = Callable[[Setting], Line]
"""Opens a line to the agent of one flow."""


@dataclass(frozen=True, slots=True)
class Agent:
    """Who answers for a flow. `pages`: what it can look up, for callers to ask about."""

    flow: Flow
    understander: Understander
    search: Search
    pages: Sequence[Passage] = ()

    def dial(self, setting: Setting) -> Line:
        """A call in text to the machine itself."""
        return _Text(self, setting)


@asynccontextmanager
async def agent_of(loaded: LoadedFlow) -> AsyncIterator[Agent]:
    """The agent of a flow with its pages, in this process.

    Raises:
        MemoryFailure: its pages cannot be read or kept.
    """
    flow, understander = loaded.flow, ParserUnderstander()
    if loaded.knowledge_dir is None:
        yield Agent(flow, understander, no_pages)
        return
    pages = read_pages(loaded.knowledge_dir)
    knowledge = await EdgeKnowledge.open(language=flow.language)
    try:
        await knowledge.put(_TENANT, flow.flow, pages)
        search = Recall(knowledge, _TENANT, (flow.flow,), language=flow.language)
        yield Agent(flow, understander, search, pages)
    finally:
        with anyio.CancelScope(shield=True):
            await knowledge.aclose()


class _Text:
    """A TextCall, with every state on the way: its log is replayed beside it."""

    def __init__(self, agent: Agent, setting: Setting) -> None:
        async def done(wanted: RunAction) -> ActionDone:
            return ActionDone(wanted.id, setting.result(wanted.action, wanted.arguments))

        ports = Ports(flow=agent.flow, understander=agent.understander, search=agent.search)
        self._call = TextCall(ports, actions=done, today=setting.today, given=setting.given)
        self._state = start(agent.flow, self._call.id)
        self._seen = 0

    async def begin(self) -> Turn:
        return self._turn(await self._call.begin())

    async def said(self, text: str, confidence: float) -> Turn:
        return self._turn(await self._call.said(text, confidence))

    async def silent(self, for_s: float) -> Turn:
        return self._turn(await self._call.silent(for_s))

    async def hung_up(self) -> Turn:
        return self._turn(await self._call.hung_up())

    def _turn(self, answered: Answered) -> Turn:
        new: Sequence[Event] = self._call.log[self._seen :]
        self._seen = len(self._call.log)
        moments = []
        for event in new:
            self._state, effects = advance(self._call.flow, self._state, event)
            moments.append(Moment(self._state, tuple(effects), event))
        return Turn(answered.agent, tuple(moments) or (Moment(answered.state, ()),))
