"""One call: joins a front-end, the reasoner and memory, and owns the call's GoalState.

Audio goes its own way; here are words, thoughts and events. One lock keeps turns apart: whatever changes the
state is applied one at a time through `machine.advance`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import date, datetime

import anyio

from duplex_frontend.channel import Channel
from duplex_frontend.errors import EngineLost, RecordingLost
from duplex_frontend.ports import DuplexCall
from duplex_frontend.types import (
    BLOCK_MS,
    AgentHeard,
    AgentStarted,
    AgentStopped,
    AgentWords,
    Block,
    CallerBackchannel,
    CallerPartial,
    CallerSilent,
    CallerTurn,
    Capabilities,
    Exchange,
    Fate,
    FloorChanged,
    FrontendEvent,
    Hypothesis,
    Impaired,
    Source,
    WhisperReceipt,
)
from duplex_frontend.wav import StereoRecording
from memory.types import SessionKey
from orchestrator.acquaintance import Acquaintance
from orchestrator.callfile import CallFile
from orchestrator.callparts import AudioPart
from orchestrator.calls import DoAction, End, Why, leave_it
from orchestrator.foresight import Foresight
from orchestrator.ledger import Ledger
from orchestrator.own_words import HEARD_WITHIN_S, OwnWords
from orchestrator.recording import Moment
from orchestrator.redaction import Level
from orchestrator.saver import Saver
from orchestrator.taken_up import TakenUp
from orchestrator.telling import Answered, Teller
from orchestrator.tenure import Tenure
from orchestrator.translate import expected_of, prompt_of, utterance_of
from reasoner.by_hand import Refusal, refusal
from reasoner.events import (
    ActionDone,
    ActionFailed,
    AgentSpoke,
    ByHand,
    CallEnded,
    CallerWasSilent,
    CallResumed,
    CallStarted,
    Effect,
    Failure,
    Reply,
    RunAction,
)
from reasoner.ports import Ports
from reasoner.state import GoalState
from reasoner.types import Whisper
from reasoner.understand import anticipate
from reasoner.whisper import compose

SAVE_WITHIN_S = 5.0
SECURED_WITHIN_S = 20.0  # a write of another system waits for the store so long
LAST_WORDS_WITHIN_S = 30.0  # a reply that ends the call, or that an action's result waits for, has this long
ANSWERS_WITHIN_S = 2.5  # a voice that phrases its own words and says none is asked again
MOST_TRIES = 3  # to have a whisper applied that fails
UNREAD_BLOCKS = 250  # 5 s of audio that a gateway did not fetch


class Session:
    """One call in progress; a `LiveCall`. `run` serves it, `hang_up` ends it.

    Args:
        key: tenant and call id.
        call: the open call on a front-end.
        rate_hz: of its blocks.
        ports: the flow and what a turn of thought may use.
        act: carries out what the flow asks of other systems.
        saver: the writer of this session.
        tenure: our right to lead the call, None where nobody else could.
        taken_up: what another process left of the call, None for a new one.
        grace_s: how long a call whose line is lost waits for its caller.
        recording: where the audio goes, None for nowhere.
        capabilities: of the front-end; None for one that reads what it is given.
        opening: the day, and what the call itself gives; today and nothing where None.
        acquaintance: finds out who is calling, None where nobody is remembered.
        level: what is taken out of the call's file.
    """

    def __init__(
        self,
        *,
        key: SessionKey,
        call: DuplexCall,
        rate_hz: int,
        ports: Ports,
        act: DoAction = leave_it,
        saver: Saver,
        teller: Teller,
        tenure: Tenure | None = None,
        taken_up: TakenUp | None = None,
        grace_s: float = 0.0,
        recording: StereoRecording | None = None,
        capabilities: Capabilities | None = None,
        opening: CallStarted | None = None,
        acquaintance: Acquaintance | None = None,
        level: Level = "never",
    ) -> None:
        self.key = key
        self.late_blocks = 0
        self.late_ms = 0.0  # of the newest block
        self.recording = recording
        self._call = call
        self._rate_hz = rate_hz
        self._ports = ports
        self._flow = ports.flow
        self._saver = saver
        self._teller = teller
        self._tenure = tenure
        self._taken_up = taken_up
        self._grace_s = grace_s
        self._away: asyncio.TimerHandle | None = None  # ends the call, unless its line comes back before
        self._suspended = False
        self._saved = False
        self._acquaintance = acquaintance
        marks = acquaintance.marks if acquaintance is not None else tuple
        self._ledger = Ledger(self._flow, key, saver, teller, taken_up, marks=marks, level=level)
        self._foresight = Foresight(ports, self._snapshot, act)
        self._audio: Channel[Exchange] = Channel(UNREAD_BLOCKS)
        self._one_at_a_time = anyio.Lock()
        self._now_s = teller.now_s = taken_up.offset_s if taken_up else 0.0
        self._whispered = 0  # the revision of the newest reply
        self._quiet = asyncio.Event()  # it was spoken, or given up
        self._quiet.set()
        self._results: list[ActionDone | ActionFailed] = []  # that wait for the voice
        self._last_words: int | None = None  # the reply after which the line is put down
        self._opening = opening
        self._own = OwnWords(self._flow, capabilities)
        self._tries = 0  # of the newest whisper
        self._typed: Channel[str] = Channel(20)
        self._why: Why = "caller_hung_up"
        self._finishing = False
        self._ended = asyncio.Event()

    # --- LiveCall ---

    @property
    def id(self) -> str:
        return self.key.call

    @property
    def rate_hz(self) -> int:
        return self._rate_hz

    @property
    def state(self) -> GoalState:
        return self._ledger.state

    @property
    def started_at(self) -> datetime:
        return self._ledger.started_at

    def feed(self, block: Block) -> None:
        self._call.feed(block)

    def audio(self) -> AsyncIterator[Exchange]:
        return aiter(self._audio)

    def moments(self) -> AsyncIterator[Moment]:
        return self._teller.story.read()

    @property
    def told(self) -> tuple[Moment, ...]:
        """The lasting moments so far."""
        return self._teller.story.lasting

    def type(self, text: str) -> None:
        self._typed.put(text)

    @property
    def told_before(self) -> int:
        """How many of its first moments another process has told."""
        return len(self._taken_up.told) if self._taken_up is not None else 0

    # --- a line that is lost, and comes back ---

    @property
    def token(self) -> str:
        return self._tenure.token if self._tenure is not None else ""

    @property
    def end(self) -> End:
        if self._tenure is not None and self._tenure.lost:
            return "elsewhere"
        return "suspended" if self._suspended else "over"

    def admits(self, token: str) -> bool:
        """Whether this is the call's resume token."""
        return self._tenure is not None and self._tenure.admits(token)

    def line_lost(self) -> None:
        if self._away is not None or self._finishing:
            return
        self._call.hush()
        self._away = asyncio.get_running_loop().call_later(self._grace_s, self._given_up)

    async def line_back(self) -> None:
        if self._away is None:
            return
        self._end_grace()
        self._audio.close()
        self._audio = Channel(UNREAD_BLOCKS)
        async with self._one_at_a_time:
            self._carry_out(self._ledger.commit(CallResumed(self._now_s)))

    async def ended(self) -> None:
        """Wait until nothing more happens here."""
        await self._ended.wait()

    def _given_up(self) -> None:
        self._why = "line_lost"
        self._closing = asyncio.ensure_future(self._call.aclose())

    def _end_grace(self) -> None:
        if self._away is not None:
            self._away.cancel()
            self._away = None

    # --- orders of a supervisor: `orchestrator.orders.Commanded` ---

    @property
    def over(self) -> bool:
        return self._finishing or self._teller.story.closed

    async def by_hand(self, event: ByHand) -> Refusal | None:
        """Apply what a supervisor orders. Why not, where the call takes no notice of it."""
        async with self._one_at_a_time:
            if self.over:
                return Refusal.OVER
            event = replace(event, at_s=self._now_s)
            refused = refusal(self._flow, self.state, event)
            if refused is None:
                self._teller.supervised(event.kind)
                self._carry_out(self._ledger.commit(event))
            return refused

    async def moments_after(self, place: int, within_s: float, most: int) -> tuple[int, Sequence[Moment]]:
        return await self._teller.story.after(place, within_s, most)

    def told_as_file(self) -> bytes:
        return self.written_down().dump()

    async def hang_up(self, why: Why = "caller_hung_up") -> None:
        self._why = why
        await self._call.aclose()
        await self._ended.wait()

    # --- the call ---

    async def run(self) -> None:
        """Serve the call until either side hangs up, then save. Cancel to end it early."""
        try:
            self._tell_the_beginning()
            async with anyio.create_task_group() as tasks:
                self._tasks = tasks
                tasks.start_soon(self._saver.run)
                tasks.start_soon(self._pass_audio)
                tasks.start_soon(self._foresight.run)
                tasks.start_soon(self._follow_typed)
                tasks.start_soon(self._keep)
                async with self._one_at_a_time:
                    self._carry_out(self._ledger.commit(self._beginning()))
                await self._follow()
                tasks.cancel_scope.cancel()
        except anyio.get_cancelled_exc_class():
            self._why = "stopped"
            raise
        finally:
            try:
                with anyio.move_on_after(SAVE_WITHIN_S, shield=True):
                    await self._finish()
            finally:
                self._ended.set()

    async def _follow(self) -> None:
        try:
            async for event in self._call.events():
                await self._take(event)
        except EngineLost as lost:
            self._why = "line_lost"
            self._suspended = self._tenure is not None and self.state.outcome is None
            self._teller.trouble("engine", str(lost))

    def _beginning(self) -> CallStarted | CallResumed:
        if self._taken_up is not None:
            return CallResumed(self._now_s, elsewhere=True)
        return self._opening or CallStarted(today=date.today().isoformat())

    def _tell_the_beginning(self) -> None:
        taken_up = self._taken_up
        if taken_up is None or not taken_up.moments:
            self._teller.opened(self.id, self._rate_hz)
        if taken_up is not None:
            self._teller.goes_on(taken_up.told, self._rate_hz, taken_up.gap_s)

    async def _keep(self) -> None:
        """Lead the call only as long as it is ours."""
        if self._tenure is not None:
            await self._tenure.keep()
            await self._call.aclose()

    async def _take(self, event: FrontendEvent) -> None:
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
                self._take_receipt(event)
            case FloorChanged():
                self._teller.floor(event)
            case CallerSilent():
                self._own.caller_speaks = False
                self._quiet.set()
                if self._away is not None:
                    return  # nobody is there to be asked
                async with self._one_at_a_time:
                    self._carry_out(self._ledger.commit(CallerWasSilent(event.for_s, event.at_s)))
            case Impaired():
                self._own.impaired(event)
                self._teller.trouble(event.part, event.why, recovered=event.recovered)

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
            self._quiet.set()  # who had a turn was not spoken to
            self._carry_out(effects, thought.whisper, ahead=ahead)
            self._foresight.turn_over(effects)

    async def _follow_typed(self) -> None:
        async for text in self._typed:
            self._call.hush()
            typed = (Hypothesis(text, 1.0, Source.TYPED),)
            await self._answer(CallerTurn(typed, self._now_s, self._now_s, self._now_s))

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
            if event.over and event.revision >= self._whispered:
                self._quiet.set()
            async with self._one_at_a_time:
                self._carry_out(self._ledger.commit(event))

    async def _wait_for_ear(self, stopped: AgentStopped) -> None:
        await asyncio.sleep(HEARD_WITHIN_S)
        await self._spoke(self._own.not_heard(stopped, self.state))

    async def _wait_for_answer(self, revision: int) -> None:
        """A voice that was told what to say and says nothing has left it out."""
        await asyncio.sleep(ANSWERS_WITHIN_S)
        own, newest = self._own, self.state.acts_revision == revision and self.state.outcome is None
        if newest and not (own.answered or own.speaking or own.caller_speaks):
            await self._spoke(AgentSpoke("", revision, self._now_s, self._now_s))

    def _take_receipt(self, receipt: WhisperReceipt) -> None:
        """One that failed is given again: at first as it is, then as short as it can be."""
        self._teller.receipt(receipt)
        newest = receipt.revision == self._whispered == self.state.acts_revision
        if receipt.fate is Fate.FAILED and newest and self._tries < MOST_TRIES:
            self._tries += 1
            self._call.whisper(prompt_of(self._composed(self._tries), self._flow))

    def _composed(self, shorter: int = 1) -> Whisper:
        """What the state is to the front-end; in a part of the budget where that was too much."""
        ports = self._ports
        return compose(self._flow, self.state, ports.count_tokens, ports.token_budget // shorter, ports.shape)

    # --- state ---

    def _snapshot(self) -> GoalState | None:
        return None if self._one_at_a_time.locked() else self.state

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
            if whisper is None or whisper.revision != self.state.revision:
                whisper = self._composed()
            self._whispered, self._tries = whisper.revision, 1
            self._own.whispered(whisper.revision)
            self._call.whisper(prompt_of(whisper, self._flow))
            if self._own.phrases and whisper.reply:
                self._tasks.start_soon(self._wait_for_answer, whisper.revision)
            if whisper.reply:
                self._quiet.clear()
            self._teller.whispered(whisper, ahead=ahead)
        for effect in effects:
            if isinstance(effect, RunAction):
                self._tasks.start_soon(self._do, effect, self.state.revision)
        if self.state.outcome is not None and self._last_words is None:
            self._last_words = self.state.revision
            asyncio.get_running_loop().call_later(LAST_WORDS_WITHIN_S, self._put_down)

    async def _do(self, effect: RunAction, revision: int) -> None:
        """Have an action carried out, and take in what came of it. What writes goes on when the call has ended.

        It begins only once the revision that wants it is stored under our fence: nobody else acts for the call, and
        whoever takes it up after us knows what to ask for again, by the same id.
        """
        done: ActionDone | ActionFailed | None = None
        if self._reads_only(effect) or await self._saver.secured(revision, SECURED_WITHIN_S):
            done = await self._foresight.reads.do(effect)
        elif self.end != "elsewhere":
            done = ActionFailed(effect.id, Failure.FAILED)
        if done is None:
            return
        result = replace(done, at_s=self._now_s, action=effect.action)
        self._results.append(result)
        await self._take_when_quiet(result)

    def _reads_only(self, effect: RunAction) -> bool:
        action = self._flow.actions.get(effect.action)
        return action is not None and action.effect == "read" and not effect.takes_back

    async def _take_when_quiet(self, result: ActionDone | ActionFailed) -> None:
        """The newest reply wins, so one that tells of a result would cut off the one that is being spoken."""
        patient_until_s = anyio.current_time() + LAST_WORDS_WITHIN_S
        while True:
            with anyio.move_on_after(patient_until_s - anyio.current_time()):
                await self._quiet.wait()
            async with self._one_at_a_time:
                if self._quiet.is_set() or anyio.current_time() >= patient_until_s:
                    self._results.remove(result)
                    self._carry_out((*self._ledger.commit(result), *await self._recognised()))
                    return

    async def _recognised(self) -> tuple[Effect, ...]:
        """Who has just passed a gate may have called before."""
        event = await self._acquaintance.gate_passed(self.state) if self._acquaintance is not None else None
        return self._ledger.commit(event) if event is not None else ()

    async def _finish(self) -> None:
        self._finishing = True
        self._end_grace()
        try:
            await self._call.aclose()
            if self.end != "elsewhere":
                for result in self._results:  # what was done is kept, though nobody was told
                    self._ledger.commit(result)
            if self.end == "over":
                self._ledger.commit(CallEnded(self._now_s, self._why))
                self._teller.closed(self.state, self._foresight.made, self._foresight.used)
            if self.recording is not None:
                self._tell_of_loss(self.recording.close())
            if self.end == "over":
                self._saved = await self._ledger.close(self.late_blocks)
                if self._acquaintance is not None:
                    await self._acquaintance.keep(self.state, self.started_at)
            elif self.end == "suspended":
                self._saved = await self._ledger.leave()
            await self._give_back()
        finally:
            self._audio.close()
            self._typed.close()
            self._teller.story.close()

    async def persist(self) -> None:
        """Write what the store would not take when the call ended, however long that takes. Cancel to give up."""
        if self._saved or self.end == "elsewhere":
            return
        async with anyio.create_task_group() as tasks:
            if self._tenure is not None:
                tasks.start_soon(self._tenure.keep)
            await self._ledger.persist(None if self._suspended else self.late_blocks)
            self._saved = True
            await self._give_back()
            tasks.cancel_scope.cancel()

    async def _give_back(self) -> None:
        if self._tenure is not None and self._saved:
            await self._tenure.give_back(over=not self._suspended)

    def written_down(self, *, simulated: str = "", audio: AudioPart | None = None) -> CallFile:
        """The call as its file. `simulated`: what the caller was, where it was no person."""
        return self._ledger.written_down(self.late_blocks, simulated=simulated, audio=audio)

    def _tell_of_loss(self, lost: RecordingLost | None) -> None:
        if lost is not None:
            self._teller.trouble("recording", str(lost))

    def _put_down(self) -> None:
        """The last words have not been spoken in time: hang up all the same."""
        if not self._ended.is_set():
            self._closing = asyncio.ensure_future(self._call.aclose())

    async def _pass_audio(self) -> None:
        async for exchange in self._call.audio():
            self._now_s = self._teller.now_s = exchange.at_s
            self.late_ms = exchange.late_ms
            self.late_blocks += self.late_ms > BLOCK_MS
            if self.recording is not None:
                self._tell_of_loss(self.recording.append(exchange.heard, exchange.said))
            self._audio.put(exchange)
