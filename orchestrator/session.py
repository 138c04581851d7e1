"""One call: joins a front-end, the reasoner and memory, from its beginning until it is saved.

Audio goes its own way; words, thoughts and events are the conversation's.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime
from typing import Literal

import anyio

from duplex_frontend.channel import Channel
from duplex_frontend.errors import EngineLost, RecordingLost
from duplex_frontend.ports import DuplexCall
from duplex_frontend.types import BLOCK_MS, Block, Capabilities, Exchange
from duplex_frontend.wav import StereoRecording
from memory.types import SessionKey
from orchestrator.acquaintance import Acquaintance
from orchestrator.callfile import CallFile
from orchestrator.callparts import AudioPart
from orchestrator.calls import DoAction, End, Why, leave_it
from orchestrator.conversation import Conversation
from orchestrator.errands import Errands
from orchestrator.foresight import Foresight
from orchestrator.grace import Grace
from orchestrator.ledger import Ledger
from orchestrator.own_words import OwnWords
from orchestrator.recording import Moment
from orchestrator.redaction import Level
from orchestrator.saver import Saver
from orchestrator.taken_up import TakenUp
from orchestrator.telling import Teller
from orchestrator.tenure import Tenure
from reasoner.by_hand import Refusal
from reasoner.events import ByHand, CallEnded, CallResumed, CallStarted
from reasoner.ports import Ports
from reasoner.state import GoalState

SAVE_WITHIN_S = 5.0
SETTLED_WITHIN_S = 5.0  # what other systems do for a call that is to be handed over
OVER = ("over", "failed")
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
        self._saver = saver
        self._teller = teller
        self._tenure = tenure
        self._taken_up = taken_up
        self._acquaintance = acquaintance
        self._opening = opening
        flow, marks = ports.flow, acquaintance.marks if acquaintance is not None else tuple
        self._one_at_a_time = anyio.Lock()
        self._grace = Grace(grace_s, self._given_up)
        self._ledger = Ledger(flow, key, saver, teller, taken_up, marks=marks, level=level)
        self._foresight = Foresight(ports, self._snapshot, act)
        self._errands = Errands(flow, self._foresight.reads, saver, tenure, teller)
        self._conversation = Conversation(
            call,
            ports,
            self._ledger,
            teller,
            foresight=self._foresight,
            errands=self._errands,
            own=OwnWords(flow, capabilities),
            grace=self._grace,
            one_at_a_time=self._one_at_a_time,
            acquaintance=acquaintance,
        )
        self._audio: Channel[Exchange] = Channel(UNREAD_BLOCKS)
        teller.now_s = taken_up.offset_s if taken_up else 0.0
        self._why: Why = "caller_hung_up"
        self._waits: Literal["suspended", "restarting"] | None = None  # for its caller to come back
        self._failed = self._saved = False
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
        self._conversation.type(text)

    def press(self, keys: str) -> None:
        self._conversation.press(keys)

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
        return self._waits or ("failed" if self._failed else "over")

    def admits(self, token: str) -> bool:
        """Whether this is the call's resume token."""
        return self._tenure is not None and self._tenure.admits(token)

    def line_lost(self) -> None:
        if self._grace.running or self._finishing:
            return
        self._call.hush()
        self._grace.begin()

    async def line_back(self) -> None:
        if not self._grace.running:
            return
        self._grace.end()
        self._audio.close()
        self._audio = Channel(UNREAD_BLOCKS)
        await self._conversation.take_in(CallResumed(self._teller.now_s))

    async def hand_over(self) -> None:
        """Save the call and give it up, so that it goes on wherever its caller comes back to.

        Does nothing where nobody can come back, or the call is at its end.
        """
        with anyio.move_on_after(SETTLED_WITHIN_S):
            await self._errands.settled()
        if not self.token or self.state.outcome is not None or self._finishing:
            return
        self._waits = "restarting"
        await self._call.aclose()
        await self._ended.wait()

    async def ended(self) -> None:
        """Wait until nothing more happens here."""
        await self._ended.wait()

    def _given_up(self) -> None:
        self._why = "line_lost"
        self._closing = asyncio.ensure_future(self._call.aclose())

    # --- orders of a supervisor: `orchestrator.orders.Commanded` ---

    @property
    def over(self) -> bool:
        return self._finishing or self._teller.story.closed

    async def by_hand(self, event: ByHand) -> Refusal | None:
        """Apply what a supervisor orders. Why not, where the call takes no notice of it."""
        async with self._one_at_a_time:
            if self.over:
                return Refusal.OVER
            return self._conversation.by_hand(event)

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
        """Serve the call until either side hangs up, then save. Cancel to end it early. A fault of ours ends it too."""
        try:
            self._tell_the_beginning()
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._saver.run)
                tasks.start_soon(self._pass_audio)
                tasks.start_soon(self._keep)
                await self._conversation.begin(tasks, self._beginning())
                await self._follow()
                tasks.cancel_scope.cancel()
        except anyio.get_cancelled_exc_class():
            self._why = "stopped"
            raise
        except Exception:
            self._why, self._failed = "stopped", True
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
                await self._conversation.take(event)
        except EngineLost as lost:
            self._why = "line_lost"
            if self._tenure is not None and self.state.outcome is None:
                self._waits = "suspended"
            self._teller.trouble("engine", str(lost))

    def _beginning(self) -> CallStarted | CallResumed:
        if self._taken_up is not None:
            return CallResumed(self._teller.now_s, elsewhere=True)
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

    def _snapshot(self) -> GoalState | None:
        return None if self._one_at_a_time.locked() else self.state

    async def _pass_audio(self) -> None:
        async for exchange in self._call.audio():
            self._teller.now_s = exchange.at_s
            self.late_ms = exchange.late_ms
            self.late_blocks += self.late_ms > BLOCK_MS
            if self.recording is not None:
                self._tell_of_loss(self.recording.append(exchange.heard, exchange.said))
            self._audio.put(exchange)

    def _tell_of_loss(self, lost: RecordingLost | None) -> None:
        if lost is not None:
            self._teller.trouble("recording", str(lost))

    # --- the end ---

    async def _finish(self) -> None:
        self._finishing = True
        self._grace.end()
        try:
            await self._call.aclose()
            if self.end != "elsewhere":
                for result in self._errands.untold:  # what was done is kept, though nobody was told
                    self._ledger.commit(result)
            if self.state.outcome is not None:
                self._waits = None  # there is nothing to come back to
            if self.end in OVER:
                self._ledger.commit(CallEnded(self._teller.now_s, self._why))
                self._teller.closed(self.state, self._foresight.made, self._foresight.used)
            if self.recording is not None:
                self._tell_of_loss(self.recording.close())
            if self.end in OVER:
                self._saved = await self._ledger.close(self.late_blocks)
                if self._acquaintance is not None:
                    await self._acquaintance.keep(self.state, self.started_at)
            elif self._waits and self.end != "elsewhere":
                self._saved = await self._ledger.leave()
            await self._give_back()
        finally:
            self._audio.close()
            self._conversation.close()
            self._teller.story.close()

    async def persist(self) -> None:
        """Write what the store would not take when the call ended, however long that takes. Cancel to give up."""
        if self._saved or self.end == "elsewhere":
            return
        async with anyio.create_task_group() as tasks:
            if self._tenure is not None:
                tasks.start_soon(self._tenure.keep)
            await self._ledger.persist(None if self._waits else self.late_blocks)
            self._saved = True
            await self._give_back()
            tasks.cancel_scope.cancel()

    async def _give_back(self) -> None:
        if self._tenure is not None and self._saved:
            await self._tenure.give_back(over=not self._waits)

    def written_down(self, *, simulated: str = "", audio: AudioPart | None = None) -> CallFile:
        """The call as its file. `simulated`: what the caller was, where it was no person."""
        return self._ledger.written_down(self.late_blocks, simulated=simulated, audio=audio)
