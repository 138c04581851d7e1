"""One call: joins a front-end, the reasoner and memory, and owns the call's GoalState.

Audio goes its own way; here are words, thoughts and events. One lock keeps turns apart: whatever changes the
state is applied one at a time through `machine.advance`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

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
from memory.types import SessionKey, SessionRecord, StoredEvent
from orchestrator.callfile import CallFile
from orchestrator.callparts import AudioPart
from orchestrator.calls import DoAction, Why, leave_it
from orchestrator.recording import Moment
from orchestrator.saver import Saver
from orchestrator.telling import Answered, Teller
from orchestrator.translate import expected_of, prompt_of, utterance_of
from reasoner import machine
from reasoner.events import (
    AgentSpoke,
    CallEnded,
    CallerSaid,
    CallerWasSilent,
    CallStarted,
    Effect,
    Event,
    Reply,
    RunAction,
    dump_event,
)
from reasoner.graph import think
from reasoner.ports import Ports, Thought
from reasoner.state import GoalState, dump_state
from reasoner.types import Utterance, Whisper
from reasoner.understand import anticipate
from reasoner.whisper import compose

SAVE_WITHIN_S = 5.0
STABLE_S = 0.1  # words unchanged for this long are worth a thought ahead
LAST_WORDS_WITHIN_S = 30.0  # a reply that ends the call has this long to be spoken
UNREAD_BLOCKS = 250  # 5 s of audio that a gateway did not fetch


Words = tuple[str, ...]
"""The readings of an utterance, best first."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """A turn thought out before it ended, for each order that its readings may come in."""

    revision: int = -1
    thoughts: Mapping[Words, Thought] = field(default_factory=dict)


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
        self.started_at = datetime.now(UTC)
        self.late_blocks = 0
        self.recording = recording
        self._call = call
        self._rate_hz = rate_hz
        self._ports = ports
        self._flow = ports.flow
        self._act = act
        self._saver = saver
        self._teller = teller
        self._state = machine.start(self._flow, key.call)
        self._audio: Channel[Exchange] = Channel(UNREAD_BLOCKS)
        self._one_at_a_time = anyio.Lock()
        self._now_s = 0.0
        self._partial: tuple[Hypothesis, ...] = ()
        self._partial_came = asyncio.Event()
        self._partial_start_s = 0.0
        self._ahead = Ahead()
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
        return self._state

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
                tasks.start_soon(self._think_ahead)
                tasks.start_soon(self._follow_typed)
                async with self._one_at_a_time:
                    self._carry_out(self._commit(CallStarted(today=date.today().isoformat())))
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
                self._partial, self._partial_start_s = event.hypotheses, event.start_s
                self._partial_came.set()
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
                async with self._one_at_a_time:
                    self._carry_out(self._commit(CallerWasSilent(event.for_s, event.at_s)))
            case Impaired():
                self._teller.trouble(event.part, event.why, recovered=event.recovered)

    # --- turns ---

    async def _answer(self, turn: CallerTurn) -> None:
        if self._state.outcome is not None:
            return
        self._partial = ()
        self._teller.caller(turn.hypotheses, turn.start_s, turn.end_s, final=True)
        utterance = utterance_of(turn.hypotheses, turn.start_s, turn.end_s)
        async with self._one_at_a_time:
            began = time.perf_counter()
            thought, ahead = await self._thought_for(utterance)
            thought_ms = (time.perf_counter() - began) * 1000
            effects = [e for event in thought.events for e in self._commit(event)]
            replies = any(isinstance(effect, Reply) for effect in effects)
            self._teller.answered(
                Answered(turn, thought, thought_ms, ahead, self._state.revision if replies else None)
            )
            self._carry_out(effects, thought.whisper, ahead=ahead)

    async def _thought_for(self, utterance: Utterance) -> tuple[Thought, bool]:
        """The turn of thought for what was heard: one made ahead where it still applies, else a new one."""
        ahead, self._ahead = self._ahead, Ahead()
        made = ahead.thoughts.get(_words(utterance))
        if made is None or ahead.revision != self._state.revision:
            return await think(self._state, utterance, self._ports, speculative=False), False
        events = tuple(
            replace(e, utterance=utterance) if isinstance(e, CallerSaid) else e for e in made.events
        )
        return replace(made, events=events), True

    async def _think_ahead(self) -> None:
        """On words that have been stable for a moment, think the turn through on a snapshot.

        Which of two readings comes first is only decided at the end, so each is thought through.
        """
        while True:
            await self._partial_came.wait()
            self._partial_came.clear()
            await asyncio.sleep(STABLE_S)
            heard = self._partial
            if self._partial_came.is_set() or not heard or self._one_at_a_time.locked():
                continue
            snapshot, thoughts = self._state, dict[Words, Thought]()
            for hypotheses in _orders(heard):
                utterance = utterance_of(hypotheses, self._partial_start_s, self._now_s)
                thought = await think(snapshot, utterance, self._ports, speculative=True)
                thoughts[_words(utterance)] = thought
            self._ahead = Ahead(snapshot.revision, thoughts)

    async def _follow_typed(self) -> None:
        async for text in self._typed:
            self._call.hush()
            typed = (Hypothesis(text, 1.0, Source.TYPED),)
            await self._answer(CallerTurn(typed, self._now_s, self._now_s, self._now_s))

    async def _agent_stopped(self, stopped: AgentStopped) -> None:
        said, self._said = [w for w in self._said if w.revision == stopped.revision], []
        self._teller.agent_ceased(stopped)
        async with self._one_at_a_time:
            start_s = said[0].start_s if said else stopped.at_s
            text = " ".join(w.text for w in said)
            self._carry_out(
                self._commit(AgentSpoke(text, stopped.revision, start_s, stopped.at_s, stopped.unspoken))
            )
        if self._last_words is not None and stopped.revision >= self._last_words:
            await self._call.aclose()

    # --- state ---

    def _commit(self, event: Event) -> tuple[Effect, ...]:
        """Apply one event. The only place where the state changes."""
        before = self._state
        self._state, effects = machine.advance(self._flow, before, event)
        if self._state.revision == before.revision:
            return ()
        self._teller.slots(before, self._state)
        stored = StoredEvent(self._state.revision, self._state.at_s, dump_event(event))
        self._saver.put(self._record(), stored)
        return effects

    def _carry_out(
        self, effects: Sequence[Effect], whisper: Whisper | None = None, *, ahead: bool = False
    ) -> None:
        if not effects:
            return
        self._call.expect(expected_of(anticipate(self._flow, self._state)))
        if any(isinstance(effect, Reply) for effect in effects):
            if whisper is None or whisper.revision != self._state.revision:
                whisper = compose(self._flow, self._state, self._ports.count_tokens, self._ports.token_budget)
            self._call.whisper(prompt_of(whisper))
            self._teller.whispered(whisper, ahead=ahead)
        for effect in effects:
            if isinstance(effect, RunAction):
                self._tasks.start_soon(self._do, effect)
        if self._state.outcome is not None and self._last_words is None:
            self._last_words = self._state.revision
            asyncio.get_running_loop().call_later(LAST_WORDS_WITHIN_S, self._put_down)

    async def _do(self, effect: RunAction) -> None:
        """Have an action carried out, and take in what came of it. What writes goes on when the call has ended."""
        done = await self._act(effect)
        if done is not None:
            async with self._one_at_a_time:
                self._carry_out(self._commit(replace(done, at_s=self._now_s, action=effect.action)))

    def _record(self) -> SessionRecord:
        state = self._state
        established = {
            name: slot.status.value for name, slot in state.slots.items() if slot.value is not None
        }
        return SessionRecord(
            key=self.key,
            revision=state.revision,
            flow=state.flow,
            flow_hash=state.flow_hash,
            state=dump_state(state),
            outcome=state.outcome.value if state.outcome else None,
            started_at=self.started_at,
            updated_at=datetime.now(UTC),
            summary={"slots": established, "turns": state.turns},
        )

    async def _finish(self) -> None:
        await self._call.aclose()
        self._commit(CallEnded(self._now_s, self._why))
        self._teller.closed(self._state)
        if self.recording is not None:
            self._tell_of_loss(self.recording.close())
        if not await self._saver.finish(self.written_down().dump()):
            self._teller.trouble("memory", "the session could not be written before the end")
        self._audio.close()
        self._typed.close()
        self._teller.story.close()

    def written_down(self, *, simulated: str = "", audio: AudioPart | None = None) -> CallFile:
        """The call as its file. `simulated`: what the caller was, where it was no person."""
        return CallFile.from_moments(
            self._teller.story.lasting,
            self._state,
            started_at=self.started_at,
            late_blocks=self.late_blocks,
            simulated=simulated,
            audio=audio,
        )

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


def _words(utterance: Utterance) -> Words:
    return tuple(reading.text for reading in utterance.readings)


def _orders(heard: Sequence[Hypothesis]) -> Iterator[Sequence[Hypothesis]]:
    """As it stands, and with the second reading first where it says something else."""
    yield heard
    if len(heard) > 1 and heard[0].text != heard[1].text:
        yield (heard[1], heard[0], *heard[2:])
