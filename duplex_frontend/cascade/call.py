"""One call on the embedded front-end: the event loop's side of it.

The clock makes blocks on its own thread (`line.py`). Here the recogniser is fed, events are reported, and replies
are synthesized.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing

import anyio
import numpy as np

from duplex_frontend.cascade.clauses import clauses, pause_after_ms
from duplex_frontend.cascade.line import BLOCK, RATE_HZ, Line, Tick
from duplex_frontend.cascade.mouth import Clause
from duplex_frontend.cascade.tuning import Tuning
from duplex_frontend.channel import Channel
from duplex_frontend.errors import FrontendError
from duplex_frontend.ports import Transcriber, Voice
from duplex_frontend.types import (
    ANYTHING,
    Block,
    CallerBackchannel,
    CallerPartial,
    CallerTurn,
    Completeness,
    Exchange,
    Expected,
    Fate,
    FrontendEvent,
    Hypothesis,
    Impaired,
    Party,
    Prompt,
    WhisperReceipt,
)

SHORT_NOISE_MS = 300  # a sound shorter than this with no words in it is no turn
WORDS_AFTER_MS = 500  # sooner, a recogniser makes words of an "mm-hm"
AUDIO_QUEUE = 250  # exchanges that nobody read: 5 s
EVENT_QUEUE = 2000
WORK_QUEUE = 500  # ticks that the recogniser was not given yet: 10 s


class CascadeCall:
    """A `DuplexCall` over a VAD, a `Transcriber` and a `Voice`. Made by `Cascade.open`.

    Args:
        backchannel: what the agent says in a caller's long turn, float32 at 16 kHz; empty for never.
        on_close: called once, when the call is over.
    """

    def __init__(
        self,
        *,
        tuning: Tuning,
        line: Line,
        voice: Voice,
        backchannel: Block,
        on_close: Callable[[CascadeCall], None],
    ) -> None:
        self.line = line
        self._tuning = tuning
        self._voice = voice
        self._backchannel = backchannel
        self._on_close = on_close
        self._ears: Transcriber | None = None
        self._expected = ANYTHING
        self._revision = -1
        self._deferred: Prompt | None = None  # waits until a line that must finish is over
        self._words: tuple[Hypothesis, ...] = ()
        self._interrupted = False
        self._said_backchannel = False
        self._synthesis: asyncio.Task[None] | None = None
        self._listening: asyncio.Task[None] | None = None
        self._work: asyncio.Queue[Tick] = asyncio.Queue()
        self._audio: Channel[Exchange] = Channel(AUDIO_QUEUE)
        self._events: Channel[FrontendEvent] = Channel(EVENT_QUEUE)
        self._closed = False

    def start(self, ears: Transcriber) -> None:
        """Begin to listen with `ears`, whose callbacks are `on_partial` and `on_trouble`."""
        self._ears = ears
        self._listening = asyncio.create_task(self._listen(ears), name="cascade-listen")

    # --- the port ---

    def feed(self, block: Block) -> None:
        if not isinstance(block, np.ndarray) or block.dtype != np.float32 or block.shape != (BLOCK,):
            shape = getattr(block, "shape", None)
            raise ValueError(f"a block is float32 [{BLOCK}] (20 ms at {RATE_HZ} Hz), not {shape}")
        self.line.feed(np.nan_to_num(block, nan=0.0, posinf=0.0, neginf=0.0))

    def audio(self) -> AsyncIterator[Exchange]:
        return aiter(self._audio)

    def events(self) -> AsyncIterator[FrontendEvent]:
        return aiter(self._events)

    def whisper(self, prompt: Prompt) -> None:
        expired = prompt.expires_s is not None and prompt.expires_s <= self.line.now_s
        if self._closed:
            return
        if expired or prompt.revision <= self._revision:
            self._receipt(prompt, Fate.EXPIRED if expired else Fate.SUPERSEDED)
            return
        if not prompt.reply:  # nothing to say, so nothing to apply
            self._receipt(prompt, Fate.APPLIED)
            return
        self._revision = prompt.revision
        if self._deferred is not None:
            self._receipt(self._deferred, Fate.SUPERSEDED)
            self._deferred = None
        if self.line.must_finish:
            self._deferred = prompt
            self._receipt(prompt, Fate.PREPARED)
        else:
            self._begin_reply(prompt)

    def expect(self, expected: Expected) -> None:
        self._expected = expected
        if self._ears is not None:
            self._ears.expect(expected)

    def hush(self) -> None:
        self._give_up_reply()

    async def aclose(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._on_close(self)
        tasks = [task for task in (self._synthesis, self._listening) if task is not None]
        for task in tasks:
            task.cancel()
        with anyio.CancelScope(shield=True):
            await asyncio.gather(*tasks, return_exceptions=True)
            if self._ears is not None:
                await self._ears.aclose()
            await self._voice.aclose()
        self._audio.close()
        self._events.close()

    # --- what the clock left ---

    def drain(self) -> None:
        """Take over what the ticks have left."""
        while self.line.ticks and not self._closed:
            tick = self.line.ticks.popleft()
            self._audio.put(tick.exchange)
            for event in tick.events:
                self._events.put(event)
            if tick.begin or tick.end or (tick.pcm and self._work.qsize() < WORK_QUEUE):
                self._work.put_nowait(tick)
            if tick.pause:
                self._answer_pause()
        if self._deferred is not None and not self.line.must_finish:
            prompt, self._deferred = self._deferred, None
            self._begin_reply(prompt)

    async def settled(self) -> None:
        """Return when all that was heard has been listened to and the voice has its next block ready.

        For faster than real time: between two ticks.
        """
        while not self._closed:
            await self._work.join()
            if self._ears is not None:
                await self._ears.settled()
            if self._work.empty() and not self.line.hungry:
                return
            await asyncio.sleep(0.001)

    # --- hearing ---

    def on_partial(self, words: tuple[Hypothesis, ...]) -> None:
        """The recogniser's callback: the words so far."""
        if not words or words == self._words or self._closed:
            return
        self._words = words
        if self.line.yielding and self._is_interruption(words):
            self._commit_interruption()
        if not self.line.yielding:
            self._be_patient()
        self._events.put(CallerPartial(words, self.line.hearing.start_s, self.line.now_s))

    def on_trouble(self, part: str, why: str, recovered: bool) -> None:
        """The recogniser's callback: something failed."""
        self._events.put(Impaired(part, why, recovered, self.line.now_s))

    async def _listen(self, ears: Transcriber) -> None:
        while True:
            tick = await self._work.get()
            try:
                await self._listen_to(ears, tick)
            finally:
                self._work.task_done()

    async def _listen_to(self, ears: Transcriber, tick: Tick) -> None:
        if tick.begin is not None:
            self._words, self._said_backchannel = (), False
            ears.begin()
            ears.feed(tick.begin)
        if tick.pcm is not None:
            ears.feed(tick.pcm)
            if self.line.yielding and self.line.hearing.spoken_ms >= self._tuning.barge_in.commit_ms:
                self._commit_interruption()
        if tick.end is not None:
            await self._finish_turn(ears, *tick.end)

    async def _finish_turn(self, ears: Transcriber, start_s: float, end_s: float) -> None:
        decided_s = self.line.now_s
        hypotheses = await ears.end()
        self._words = ()
        if self.line.yielding:
            if not hypotheses or any(self._is_backchannel(h.text) for h in hypotheses):
                self._go_on(hypotheses, start_s, end_s)
                return
            self._commit_interruption()
        if not hypotheses and (end_s - start_s) * 1000 < SHORT_NOISE_MS:
            return
        interrupted, self._interrupted = self._interrupted, False
        self._events.put(CallerTurn(hypotheses, start_s, end_s, decided_s, interrupted))

    def _be_patient(self) -> None:
        judged = self._expected.judge(self._words[0].text) if self._words else Completeness.OPEN
        endpoint = self._tuning.endpoint
        self.line.hearing.patience_ms = {
            Completeness.COMPLETE: endpoint.complete_ms,
            Completeness.OPEN: endpoint.open_ms,
            Completeness.MIDDLE: endpoint.middle_ms,
            Completeness.SPELLING: endpoint.spelling_ms,
        }[judged]

    def _is_interruption(self, words: tuple[Hypothesis, ...]) -> bool:
        """Whether the words so far are more than a backchannel can be, in any reading of them."""
        if self.line.hearing.spoken_ms < WORDS_AFTER_MS or any(self._is_backchannel(w.text) for w in words):
            return False
        return len(words[0].text.split()) >= 2

    def _is_backchannel(self, text: str) -> bool:
        return text.strip().lower() in self._tuning.backchannel.words

    def _commit_interruption(self) -> None:
        self._give_up_reply()
        self._interrupted = True
        self._be_patient()

    def _go_on(self, hypotheses: tuple[Hypothesis, ...], start_s: float, end_s: float) -> None:
        self.line.go_on()
        if hypotheses:
            self._events.put(CallerBackchannel(hypotheses[0].text, start_s, end_s))
            for event in self.line.backchannel(Party.CALLER, end_s):
                self._events.put(event)

    def _answer_pause(self) -> None:
        """The caller pauses within a long turn, clearly not at its end: the agent may say "mm-hm"."""
        after_s = self._tuning.backchannel.agent_after_s
        hearing = self.line.hearing
        if not 0 < after_s <= hearing.now_s - hearing.start_s or not len(self._backchannel):
            return
        if self._said_backchannel or self.line.replying or not self._words:
            return
        if self._expected.judge(self._words[0].text) in (Completeness.MIDDLE, Completeness.SPELLING):
            self._said_backchannel = True
            for event in self.line.backchannel(Party.AGENT, self.line.now_s, self._backchannel):
                self._events.put(event)

    # --- speaking ---

    def _receipt(self, prompt: Prompt, fate: Fate) -> None:
        self._events.put(WhisperReceipt(prompt.revision, fate, self.line.now_s))

    def _begin_reply(self, prompt: Prompt) -> None:
        self._receipt(prompt, Fate.APPLIED)  # the reply itself is the whisper
        self._give_up_reply()
        self.line.begin_reply(prompt.revision)
        self._synthesis = asyncio.create_task(self._synthesize(prompt), name="cascade-voice")

    def _give_up_reply(self) -> None:
        if self._synthesis is not None:
            self._synthesis.cancel()
            self._synthesis = None
        for event in self.line.give_up_reply():
            self._events.put(event)

    async def _synthesize(self, prompt: Prompt) -> None:
        said = [(text, line.interruptible) for line in prompt.reply for text in clauses(line.text)]
        for n, (text, interruptible) in enumerate(said, start=1):
            clause = Clause(text, interruptible)
            self.line.add_clause(clause)
            try:
                async with aclosing(self._voice.stream(text)) as chunks:
                    async for chunk in chunks:
                        self.line.add_audio(clause, chunk)
            except FrontendError as error:
                self.on_trouble("voice", str(error), recovered=False)
            else:
                if n < len(said):
                    self.line.add_audio(clause, _silence(pause_after_ms(text)))
            self.line.add_audio(clause, None)
        self.line.finish_reply(prompt.revision)


def _silence(ms: float) -> Block:
    return np.zeros(int(RATE_HZ * ms / 1000), np.float32)
