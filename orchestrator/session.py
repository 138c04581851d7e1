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
    AgentStarted,
    AgentStopped,
    AgentWords,
    Block,
    CallerBackchannel,
    CallerPartial,
    CallerSilent,
    CallerTurn,
    Exchange,
    FloorChanged,
    FrontendEvent,
    Hypothesis,
    Impaired,
    Source,
)
from duplex_frontend.wav import StereoRecording
from memory.types import SessionKey
from orchestrator.callfile import CallFile
from orchestrator.callparts import AudioPart
from orchestrator.calls import DoAction, Why, leave_it
from orchestrator.foresight import Foresight
from orchestrator.ledger import Ledger
from orchestrator.recording import Moment
from orchestrator.saver import Saver
from orchestrator.telling import Answered, Teller
from orchestrator.translate import expected_of, prompt_of, utterance_of
from reasoner.events import (
    ActionDone,
    ActionFailed,
    AgentSpoke,
    CallEnded,
    CallerWasSilent,
    CallStarted,
    Effect,
    Reply,
    RunAction,
)
from reasoner.ports import Ports
from reasoner.state import GoalState
from reasoner.types import Whisper
from reasoner.understand import anticipate
from reasoner.whisper import compose

SAVE_WITHIN_S = 5.0
LAST_WORDS_WITHIN_S = 30.0  # a reply that ends the call, or that an action's result waits for, has this long
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
        recording: where the audio goes, None for nowhere.
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
        recording: StereoRecording | None = None,
    ) -> None:
        self.key = key
        self.late_blocks = 0
        self.recording = recording
        self._call = call
        self._rate_hz = rate_hz
        self._ports = ports
        self._flow = ports.flow
        self._saver = saver
        self._teller = teller
        self._ledger = Ledger(self._flow, key, saver, teller)
        self._foresight = Foresight(ports, self._snapshot, act)
        self._audio: Channel[Exchange] = Channel(UNREAD_BLOCKS)
        self._one_at_a_time = anyio.Lock()
        self._now_s = 0.0
        self._whispered = 0  # the revision of the newest reply
        self._quiet = asyncio.Event()  # it was spoken, or given up
        self._quiet.set()
        self._results: list[ActionDone | ActionFailed] = []  # that wait for the voice
        self._last_words: int | None = None  # the reply after which the line is put down
        self._said: list[AgentWords] = []
        self._typed: Channel[str] = Channel(20)
        self._why: Why = "caller_hung_up"
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

    async def hang_up(self, why: Why = "caller_hung_up") -> None:
        self._why = why
        await self._call.aclose()
        await self._ended.wait()

    # --- the call ---

    async def run(self) -> None:
        """Serve the call until either side hangs up, then save. Cancel to end it early."""
        try:
            self._teller.opened(self.id, self._rate_hz)
            async with anyio.create_task_group() as tasks:
                self._tasks = tasks
                tasks.start_soon(self._saver.run)
                tasks.start_soon(self._pass_audio)
                tasks.start_soon(self._foresight.run)
                tasks.start_soon(self._follow_typed)
                async with self._one_at_a_time:
                    self._carry_out(self._ledger.commit(CallStarted(today=date.today().isoformat())))
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
            self._teller.trouble("engine", str(lost))

    async def _take(self, event: FrontendEvent) -> None:
        match event:
            case CallerPartial():
                self._foresight.heard(event)
                self._teller.caller(event.hypotheses, event.start_s, event.at_s, final=False)
            case CallerTurn():
                await self._answer(event)
            case CallerBackchannel():
                self._teller.backchannel(event)
            case AgentStarted():
                self._teller.answer_began(event.at_s, event.revision)
            case AgentWords():
                self._said.append(event)
                self._teller.agent(event)
            case AgentStopped():
                await self._agent_stopped(event)
            case FloorChanged():
                self._teller.floor(event)
            case CallerSilent():
                self._quiet.set()
                async with self._one_at_a_time:
                    self._carry_out(self._ledger.commit(CallerWasSilent(event.for_s, event.at_s)))
            case Impaired():
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
        said, self._said = [w for w in self._said if w.revision == stopped.revision], []
        self._teller.agent_ceased(stopped)
        if stopped.revision >= self._whispered:
            self._quiet.set()
        async with self._one_at_a_time:
            start_s = said[0].start_s if said else stopped.at_s
            text = " ".join(w.text for w in said)
            self._carry_out(
                self._ledger.commit(
                    AgentSpoke(text, stopped.revision, start_s, stopped.at_s, stopped.unspoken)
                )
            )
        if self._last_words is not None and stopped.revision >= self._last_words:
            await self._call.aclose()

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
        if any(isinstance(effect, Reply) for effect in effects):
            if whisper is None or whisper.revision != self.state.revision:
                whisper = compose(self._flow, self.state, self._ports.count_tokens, self._ports.token_budget)
            self._call.whisper(prompt_of(whisper))
            self._whispered = whisper.revision
            if whisper.reply:
                self._quiet.clear()
            self._teller.whispered(whisper, ahead=ahead)
        for effect in effects:
            if isinstance(effect, RunAction):
                self._tasks.start_soon(self._do, effect)
        if self.state.outcome is not None and self._last_words is None:
            self._last_words = self.state.revision
            asyncio.get_running_loop().call_later(LAST_WORDS_WITHIN_S, self._put_down)

    async def _do(self, effect: RunAction) -> None:
        """Have an action carried out, and take in what came of it. What writes goes on when the call has ended."""
        done = await self._foresight.reads.do(effect)
        if done is None:
            return
        result = replace(done, at_s=self._now_s, action=effect.action)
        self._results.append(result)
        await self._take_when_quiet(result)

    async def _take_when_quiet(self, result: ActionDone | ActionFailed) -> None:
        """The newest reply wins, so one that tells of a result would cut off the one that is being spoken."""
        patient_until_s = time.monotonic() + LAST_WORDS_WITHIN_S
        while True:
            with anyio.move_on_after(patient_until_s - time.monotonic()):
                await self._quiet.wait()
            async with self._one_at_a_time:
                if self._quiet.is_set() or time.monotonic() >= patient_until_s:
                    self._results.remove(result)
                    self._carry_out(self._ledger.commit(result))
                    return

    async def _finish(self) -> None:
        await self._call.aclose()
        for result in self._results:  # what was done is kept, though nobody was told
            self._ledger.commit(result)
        self._ledger.commit(CallEnded(self._now_s, self._why))
        self._teller.closed(self.state)
        if self.recording is not None:
            self._tell_of_loss(self.recording.close())
        await self._ledger.close(self.late_blocks)
        self._audio.close()
        self._typed.close()
        self._teller.story.close()

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
            self.late_blocks += exchange.late_ms > BLOCK_MS
            if self.recording is not None:
                self._tell_of_loss(self.recording.append(exchange.heard, exchange.said))
            self._audio.put(exchange)
