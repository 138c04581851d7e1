"""One simulated caller and one rehearsal actor with a real session between them, in made-up time. Both are simulations.

The session is the one that serves real calls: thoughts ahead, whispers, proof and correction are what is measured.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from benchmarks.virtual import RealLoop
from duplex_frontend.rehearsal.call import RehearsalCall
from duplex_frontend.rehearsal.frontend import Rehearsal
from duplex_frontend.rehearsal.rates import Rates
from duplex_frontend.types import AgentHeard, AgentStopped, AgentWords, FrontendEvent, Persona, Prompt
from flows.schema import Flow
from flows.steering import Steering
from memory.types import Passage, SessionKey, SessionRecord, StoredEvent
from orchestrator.callfile import CallFile
from orchestrator.saver import Saver
from orchestrator.session import Session
from orchestrator.simulate.line import Agent, Moment, Setting, Turn
from orchestrator.story import Story
from orchestrator.telling import Teller
from reasoner.events import ActionDone, CallStarted, RunAction, load_event
from reasoner.machine import advance, start
from reasoner.ports import Ports, Understander
from reasoner.state import GoalState
from reasoner.types import Understood, Utterance

THINKS_S = 0.03
"""A turn of thought takes so long: p95 of benchmarks/turn.py; in made-up time real work takes none."""
TICK_S = 0.1
QUIET_S = 0.8
"""The caller answers when the agent has been silent for so long."""
WAITS_S = 5.0
"""And says something anyway when it has waited so long for a word."""
_STEP_S = 0.05


class AtOnce(ThreadPoolExecutor):
    """Does what a thread would do at once: made-up time would go by while a thread works."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except BaseException as failed:
            done.set_exception(failed)
        return done


class Loop(StrEnum):
    """How much of the loop is closed."""

    OPEN = "open"  # the prompt at the start, and nothing after it
    HALF = "half"  # every whisper; that it was followed is taken for granted
    CLOSED = "closed"  # whispers, proof and correction


def steered(flow: Flow, loop: Loop) -> Flow:
    """The flow as it is run: what is not closed is not followed."""
    if loop is Loop.CLOSED:
        return flow
    return flow.model_copy(update={"steering": Steering(check=())})


class Unproven:
    """A `DuplexCall` that reports what was whispered as said, whatever was: a loop without proof."""

    def __init__(self, call: RehearsalCall) -> None:
        self._call = call
        self._replies: dict[int, str] = {}
        self._newest = -1

    def __getattr__(self, name: str) -> Any:
        return getattr(self._call, name)

    def whisper(self, prompt: Prompt) -> None:
        self._newest = prompt.revision
        self._replies[prompt.revision] = " ".join(line.text for line in prompt.reply)
        self._call.whisper(prompt)

    async def events(self) -> AsyncIterator[FrontendEvent]:
        began_s = 0.0
        async for event in self._call.events():
            match event:
                case AgentHeard() | AgentWords():
                    began_s = began_s or event.start_s
                    continue
                case AgentStopped():
                    text = self._replies.get(event.revision, "")
                    early = event.revision < self._newest
                    if not early:
                        yield AgentWords(text, event.revision, began_s or event.at_s, event.at_s)
                    yield replace(event, interrupted=early, unspoken="")
                    began_s = 0.0
                case _:
                    yield event


@dataclass(frozen=True, slots=True)
class Slowly:
    """An understander that takes the time that thinking takes."""

    understander: Understander

    async def understand(self, flow: Flow, state: GoalState, utterance: Utterance) -> Understood:
        await asyncio.sleep(THINKS_S)
        return await self.understander.understand(flow, state, utterance)


@dataclass(slots=True)
class Kept:
    """A session store that keeps events in a list: enough to tell a call's states again."""

    events_: list[StoredEvent] = field(default_factory=list)

    async def save(
        self,
        record: SessionRecord,
        events: Sequence[StoredEvent],
        seen: int,
        *,
        fence: int | None = None,
        moments: Sequence[StoredEvent] = (),
    ) -> None:
        self.events_ += events

    async def attach(self, key: SessionKey, record: bytes, *, fence: int | None = None) -> None:
        return None

    def __getattr__(self, name: str) -> Any:
        raise NotImplementedError(f"{name}: this store only keeps events")


class Steered:
    """A `Line`: a caller in words at one end, an actor and a session at the other."""

    def __init__(self, agent: Agent, setting: Setting, rates: Rates, loop: Loop, seed: int) -> None:
        self._agent, self._setting, self._rates, self._loop, self._seed = agent, setting, rates, loop, seed
        self._flow = steered(agent.flow, loop)
        self._kept = Kept()
        self._seen = 0
        self._heard = 0
        self.turns: list[tuple[int, int]] = []  # performances of each turn of the agent's: from, to

    @property
    def actor(self) -> RehearsalCall:
        return self._actor

    def written_down(self) -> CallFile:
        return self._session.written_down(simulated="a simulated caller and a rehearsal actor")

    @property
    def state(self) -> GoalState:
        return self._session.state

    async def begin(self) -> Turn:
        asyncio.get_running_loop().set_default_executor(AtOnce(1))
        rates = self._rates if self._loop is Loop.CLOSED else replace(self._rates, hears_itself=False)
        stage = Rehearsal(rates, seed=self._seed, whispered=self._loop is not Loop.OPEN, tick_s=TICK_S)
        self._actor = await stage.open(Persona("Ann"))
        call: Any = self._actor if self._loop is Loop.CLOSED else Unproven(self._actor)
        teller = Teller(self._flow, Story())
        agent = self._agent

        async def done(wanted: RunAction) -> ActionDone:
            return ActionDone(wanted.id, self._setting.result(wanted.action, wanted.arguments))

        self._session = Session(
            key=SessionKey("steering", "call"),
            call=call,
            rate_hz=stage.capabilities.rate_hz,
            ports=Ports(self._flow, Slowly(agent.understander), agent.search),
            act=done,
            saver=Saver(self._kept, lambda why, recovered: None),
            teller=teller,
            capabilities=replace(stage.capabilities, hears_itself=rates.hears_itself),
            opening=CallStarted(0.0, self._setting.today, self._setting.given),
        )
        self._state = start(self._flow, "call")
        self._running = asyncio.create_task(self._session.run())
        return await self._turn()

    async def said(self, text: str, confidence: float) -> Turn:
        await self._actor.caller_says(text, confidence)
        return await self._turn()

    async def silent(self, for_s: float) -> Turn:
        before = self._session.state.silences
        for _ in range(round(2 * for_s / _STEP_S)):
            if self._session.state.silences != before or self._running.done():
                break
            await asyncio.sleep(_STEP_S)
        return await self._turn()

    async def hung_up(self) -> Turn:
        await self._session.hang_up()
        return await self._turn()

    async def _turn(self) -> Turn:
        """Wait until the agent has said what it has to say."""
        await self._silence()
        played = self._actor.record.played
        mine = played[self._heard :]
        self.turns.append((self._heard, len(played)))
        self._heard = len(played)
        moments = self._moments()
        return Turn(standing([one.heard for one in mine]), moments or (Moment(self._state, ()),))

    async def _silence(self) -> None:
        loop = asyncio.get_running_loop()
        began = quiet_since = loop.time()
        while not self._running.done():
            await asyncio.sleep(_STEP_S)
            if self._actor.agent_speaks:
                quiet_since = loop.time()
            spoke = len(self._actor.record.played) > self._heard
            over = self._session.state.outcome is not None
            waits_s = WAITS_S if over or not spoke or self._session.state.doing is not None else QUIET_S
            if loop.time() - max(began, quiet_since) >= waits_s:
                if over:
                    await self._session.hang_up()
                return

    def _moments(self) -> tuple[Moment, ...]:
        new, self._seen = self._kept.events_[self._seen :], len(self._kept.events_)
        moments = []
        for stored in new:
            self._state, effects = advance(self._flow, self._state, load_event(stored.event))
            moments.append(Moment(self._state, tuple(effects)))
        return tuple(moments)

    async def close(self) -> None:
        if not self._running.done():
            await self._session.hang_up()
        await self._running


def standing(heard: Sequence[str]) -> str:
    """What a caller takes from the agent's words: not what was taken back.

    The simulated callers hear a turn as a whole, and a wrong value in it as wrong whatever follows.
    """
    words = ("let me correct that", "what i just said was not right")
    taken_back = [at for at, text in enumerate(heard) if any(one in text.casefold() for one in words)]
    return " ".join(heard[taken_back[-1] if taken_back else 0 :])


@dataclass(frozen=True, slots=True)
class Borrowed:
    """A search that runs in a real loop, from within made-up time."""

    real: RealLoop
    agent: Agent

    async def __call__(
        self, question: str, *, speculative: bool, within: tuple[str, ...] = ()
    ) -> Sequence[Passage]:
        found: Sequence[Passage] = self.real.wait_for(
            self.agent.search(question, speculative=speculative, within=within)
        )
        return found
