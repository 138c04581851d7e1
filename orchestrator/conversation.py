"""What is said in one call and what follows from it: turns are thought through, the state moves, the voice is told.

One lock keeps turns apart: whatever changes the state is applied one at a time through `machine.advance`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace

import anyio
from anyio.abc import TaskGroup

from duplex_frontend.channel import Channel
from duplex_frontend.ports import DuplexCall
from duplex_frontend.types import (
    AgentHeard,
    AgentStarted,
    AgentStopped,
    AgentWords,
    CallerBackchannel,
    CallerPartial,
    CallerSilent,
    CallerTurn,
    FloorChanged,
    FrontendEvent,
    Hypothesis,
    Impaired,
    Source,
    WhisperReceipt,
)
from orchestrator.acquaintance import Acquaintance
from orchestrator.errands import Errands
from orchestrator.foresight import Foresight
from orchestrator.grace import Grace
from orchestrator.keypad import Keypad
from orchestrator.ledger import Ledger
from orchestrator.own_words import HEARD_WITHIN_S, OwnWords
from orchestrator.telling import Answered, Teller
from orchestrator.translate import expected_of, utterance_of
from orchestrator.whispers import LAST_WORDS_WITHIN_S, Whispers
from reasoner.by_hand import Refusal, refusal
from reasoner.events import AgentSpoke, ByHand, CallerWasSilent, Effect, Event, Reply, RunAction
from reasoner.ports import Ports
from reasoner.state import GoalState
from reasoner.types import Whisper
from reasoner.understand import anticipate

ANSWERS_WITHIN_S = 2.5  # a voice that phrases its own words and says none is asked again
UNREAD_TEXTS = 20


class Conversation:
    """Of one call. `begin` it, and `take` what the front-end tells; `close` it when the call is over.

    Args:
        call: the open call on a front-end.
        ports: the flow and what a turn of thought may use.
        ledger: the state, and the only one to change it.
        foresight: what was thought before a turn had ended.
        errands: has actions carried out.
        own: the agent's words as they are played.
        grace: whether the caller's line is lost.
        one_at_a_time: held while the state changes.
        acquaintance: finds out who is calling, None where nobody is remembered.
    """

    def __init__(
        self,
        call: DuplexCall,
        ports: Ports,
        ledger: Ledger,
        teller: Teller,
        *,
        foresight: Foresight,
        errands: Errands,
        own: OwnWords,
        grace: Grace,
        one_at_a_time: anyio.Lock,
        acquaintance: Acquaintance | None = None,
    ) -> None:
        self._call = call
        self._flow = ports.flow
        self._ledger = ledger
        self._teller = teller
        self._foresight = foresight
        self._errands = errands
        self._own = own
        self._grace = grace
        self._one_at_a_time = one_at_a_time
        self._acquaintance = acquaintance
        self._whispers = Whispers(call, ports, teller)
        self._typed: Channel[str] = Channel(UNREAD_TEXTS)
        self._keypad = Keypad(ports.flow, lambda: ledger.state, lambda: teller.now_s, call.hush, self._answer)
        self._last_words: int | None = None  # the reply after which the line is put down
        self._too_late: asyncio.TimerHandle | None = None  # to wait for them

    @property
    def state(self) -> GoalState:
        return self._ledger.state

    # --- what happens ---

    async def begin(self, tasks: TaskGroup, beginning: Event) -> None:
        """Let the call begin, or go on. `tasks`: for what goes on beside it; cancelled when the call is over."""
        self._tasks = tasks
        tasks.start_soon(self._foresight.run)
        tasks.start_soon(self._follow_typed)
        tasks.start_soon(self._keypad.run)
        await self.take_in(beginning)

    async def take_in(self, event: Event) -> None:
        """Apply an event and do what follows from it."""
        async with self._one_at_a_time:
            self._carry_out(self._ledger.commit(event))

    def by_hand(self, event: ByHand) -> Refusal | None:
        """Apply what a supervisor orders, with the lock held. Why not, where the call takes no notice of it."""
        event = replace(event, at_s=self._teller.now_s)
        refused = refusal(self._flow, self.state, event)
        if refused is None:
            self._teller.supervised(event.kind)
            self._carry_out(self._ledger.commit(event))
        return refused

    def type(self, text: str) -> None:
        """The caller typed something."""
        self._typed.put(text)

    def press(self, keys: str) -> None:
        """The caller pressed keys: `0` to `9`, `*` and `#`."""
        self._keypad.press(keys)

    async def take(self, event: FrontendEvent) -> None:
        """Take what the front-end tells."""
        match event:
            case CallerPartial():
                self._own.caller_speaks = True
                self._foresight.heard(event)
                self._teller.caller(event.hypotheses, event.start_s, event.at_s, final=False)
            case CallerTurn():
                self._own.turn(event)
                await self._answer(event)
            case CallerBackchannel():
                self._own.caller_speaks = False
                self._teller.backchannel(event)
            case AgentStarted():
                self._own.began(event)
                self._teller.answer_began(event.at_s, event.revision)
            case AgentWords():
                self._teller.agent(event)
                await self._spoke(self._own.words(event, self.state))
            case AgentStopped():
                await self._agent_stopped(event)
            case AgentHeard():
                await self._spoke(self._own.heard(event))
            case WhisperReceipt():
                self._whispers.receipt(event, self.state)
            case FloorChanged():
                self._teller.floor(event)
            case CallerSilent():
                self._own.caller_speaks = False
                self._whispers.given_up()
                if not (self._grace.running or self._keypad.busy):  # else nobody is there, or is answering
                    await self.take_in(CallerWasSilent(event.for_s, event.at_s))
            case Impaired():
                self._own.impaired(event)
                self._teller.trouble(event.part, event.why, recovered=event.recovered)

    def close(self) -> None:
        """The call is over."""
        self._typed.close()
        if self._too_late is not None:
            self._too_late.cancel()

    # --- turns ---

    async def _answer(self, turn: CallerTurn) -> None:
        if self.state.outcome is not None:
            return
        self._foresight.turn_ended()
        self._teller.caller(turn.hypotheses, turn.start_s, turn.end_s, final=True)
        utterance = utterance_of(turn.hypotheses, turn.start_s, turn.end_s)
        async with self._one_at_a_time:
            began = time.perf_counter()
            thought, ahead = await self._foresight.thought_for(self.state, utterance)
            thought_ms = (time.perf_counter() - began) * 1000
            effects = [e for event in thought.events for e in self._ledger.commit(event)]
            effects += await self._recognised()
            replies = any(isinstance(effect, Reply) for effect in effects)
            self._teller.answered(
                Answered(turn, thought, thought_ms, ahead, self.state.revision if replies else None)
            )
            self._whispers.given_up()  # who had a turn was not spoken to
            self._carry_out(effects, thought.whisper, ahead=ahead)
            self._foresight.turn_over(effects)

    async def _follow_typed(self) -> None:
        async for text in self._typed:
            self._call.hush()  # who types has read on the page what is being said: a yes counts though it is cut off
            typed, now_s = (Hypothesis(text, 1.0, Source.TYPED),), self._teller.now_s
            await self._answer(CallerTurn(typed, now_s, now_s, now_s))

    async def _recognised(self) -> tuple[Effect, ...]:
        """Who has just passed a gate may have called before."""
        event = await self._acquaintance.gate_passed(self.state) if self._acquaintance is not None else None
        return self._ledger.commit(event) if event is not None else ()

    # --- the agent's own words ---

    async def _agent_stopped(self, stopped: AgentStopped) -> None:
        self._teller.agent_ceased(stopped)
        spoke = self._own.stopped(stopped)
        if spoke is None:
            self._tasks.start_soon(self._wait_for_ear, stopped)
        await self._spoke(spoke)
        if self._last_words is not None and stopped.revision >= self._last_words:
            await self._call.aclose()

    async def _spoke(self, event: AgentSpoke | None) -> None:
        """Take in what the agent was heard to say. Only then is it known whether it has to go on."""
        if event is not None:
            self._whispers.heard(event)
            await self.take_in(event)

    async def _wait_for_ear(self, stopped: AgentStopped) -> None:
        await asyncio.sleep(HEARD_WITHIN_S)
        await self._spoke(self._own.not_heard(stopped, self.state))

    async def _wait_for_answer(self, revision: int) -> None:
        """A voice that was told what to say and says nothing has left it out."""
        await asyncio.sleep(ANSWERS_WITHIN_S)
        own, newest = self._own, self.state.acts_revision == revision and self.state.outcome is None
        if newest and not (own.answered or own.speaking or own.caller_speaks or self._keypad.busy):
            now_s = self._teller.now_s
            await self._spoke(AgentSpoke("", revision, now_s, now_s))

    # --- what follows ---

    def _carry_out(
        self, effects: Sequence[Effect], whisper: Whisper | None = None, *, ahead: bool = False
    ) -> None:
        if not effects:
            return
        anticipated = anticipate(self._flow, self.state)
        self._call.expect(expected_of(anticipated))
        self._foresight.moved(self.state, anticipated.judge)
        replies = [effect for effect in effects if isinstance(effect, Reply)]
        if replies:
            if any(reply.interrupts for reply in replies):
                self._call.hush()
            given = self._whispers.give(self.state, whisper, ahead=ahead)
            self._own.whispered(given.revision)
            if self._own.phrases and given.reply:
                self._tasks.start_soon(self._wait_for_answer, given.revision)
        for effect in effects:
            if isinstance(effect, RunAction):
                self._tasks.start_soon(self._run, effect, self.state.revision)
        if self.state.outcome is not None and self._last_words is None:
            self._last_words = self.state.revision
            self._too_late = asyncio.get_running_loop().call_later(LAST_WORDS_WITHIN_S, self._put_down)

    async def _run(self, effect: RunAction, revision: int) -> None:
        """Have an action carried out, and take in what came of it."""
        result = await self._errands.run(effect, revision)
        if result is None:
            return
        async with self._whispers.all_spoken(self._one_at_a_time):
            self._errands.told(result)
            self._carry_out((*self._ledger.commit(result), *await self._recognised()))

    def _put_down(self) -> None:
        """The last words have not been spoken in time: hang up all the same."""
        self._closing = asyncio.ensure_future(self._call.aclose())
