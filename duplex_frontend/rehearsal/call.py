"""One call with a rehearsal actor. A simulation: words with times, on the clock of the event loop, and no speech.

The caller's audio is handed on as it is and nobody listens to it; what a caller says is given in words (`caller_says`).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import suppress
from typing import Any

import numpy as np

from duplex_frontend.channel import Channel
from duplex_frontend.rehearsal.actor import Actor, Performance, boundary_after
from duplex_frontend.rehearsal.rates import Rates
from duplex_frontend.rehearsal.stage import Played, Record
from duplex_frontend.types import (
    ANYTHING,
    BLOCK_S,
    AgentHeard,
    AgentStarted,
    AgentStopped,
    AgentWords,
    Block,
    CallerPartial,
    CallerSilent,
    CallerTurn,
    Completeness,
    Exchange,
    Expected,
    Fate,
    FloorChanged,
    FloorReason,
    FrontendEvent,
    Hypothesis,
    Party,
    Prompt,
    Source,
    WhisperReceipt,
)

RATE_HZ = 16_000
SAMPLES = round(RATE_HZ * BLOCK_S)
MOST_WAITING = 50  # blocks of the caller's that were not consumed: a second
AUDIO_QUEUE, EVENT_QUEUE = 250, 2000
SILENCE_S = 6.0
_PATIENCE_S = {
    Completeness.COMPLETE: 0.2,
    Completeness.OPEN: 0.3,
    Completeness.MIDDLE: 0.4,
    Completeness.SPELLING: 0.36,
}
"""Silence that ends a turn: none is longer than an answer can be held back, for whose answer has begun has ended it."""
_PARTIAL_S = 0.12  # a word's recogniser lag


class RehearsalCall:
    """A `DuplexCall`. Made by `Rehearsal.open`.

    Args:
        tick_s: an exchange is handed out so often; 20 ms, or more where time is made up and nobody needs the sound.
        on_close: called once, when the call is over.

    Attributes:
        record: what was really played.
    """

    def __init__(
        self, actor: Actor, rates: Rates, tick_s: float, on_close: Callable[[RehearsalCall], None]
    ) -> None:
        self.record = Record()
        self._actor, self._rates, self._tick_s, self._on_close = actor, rates, tick_s, on_close
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._fed: deque[Block] = deque(maxlen=MOST_WAITING)
        self._audio: Channel[Exchange] = Channel(AUDIO_QUEUE)
        self._events: Channel[FrontendEvent] = Channel(EVENT_QUEUE)
        self._expected = ANYTHING
        self._revision = -1
        self._prompt: Prompt | None = None  # in force
        self._kept: Prompt | None = None  # to be applied at the next boundary
        self._caller_speaks = self._due = False
        self._quiet_since_s, self._silences = 0.0, 0
        self._speaking: asyncio.Task[None] | None = None
        self._now: Played | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._happened = asyncio.Event()  # somebody has begun to speak, or a whisper came
        self._closed = False
        self._start(self._run())

    # --- the port ---

    def feed(self, block: Block) -> None:
        if not isinstance(block, np.ndarray) or block.dtype != np.float32 or block.shape != (SAMPLES,):
            shape = getattr(block, "shape", None)
            raise ValueError(f"a block is float32 [{SAMPLES}] (20 ms at {RATE_HZ} Hz), not {shape}")
        self._fed.append(np.nan_to_num(block, nan=0.0, posinf=0.0, neginf=0.0))

    def audio(self) -> AsyncIterator[Exchange]:
        return aiter(self._audio)

    def events(self) -> AsyncIterator[FrontendEvent]:
        return aiter(self._events)

    def whisper(self, prompt: Prompt) -> None:
        expired = prompt.expires_s is not None and prompt.expires_s <= self.now_s
        if self._closed:
            return
        if expired or prompt.revision <= self._revision:
            self._receipt(prompt, Fate.EXPIRED if expired else Fate.SUPERSEDED)
            return
        self._revision = prompt.revision
        if self._kept is not None:
            self._receipt(self._kept, Fate.SUPERSEDED)
        self._kept = prompt
        self._happened.set()
        self._receipt(prompt, Fate.PREPARED)
        if self._now is None or prompt.mid_sentence:
            self._apply()
        if self._now is None and not self._caller_speaks and not self._due:
            self._perform()

    def expect(self, expected: Expected) -> None:
        self._expected = expected

    def hush(self) -> None:
        if not self._closed:
            self._stop(interrupted=True)
            self._apply()

    async def aclose(self) -> None:
        if self._closed:
            return
        self._stop(interrupted=True)
        self._closed = True
        self._on_close(self)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._audio.close()
        self._events.close()

    # --- the caller, in words ---

    @property
    def now_s(self) -> float:
        return self._loop.time() - self._began

    @property
    def agent_speaks(self) -> bool:
        return self._now is not None

    async def caller_says(self, text: str, confidence: float = 0.95) -> None:
        """The caller says this, word by word, and falls silent. Returns when the turn was taken as finished."""
        words, start_s = text.split(), self.now_s
        over = self._now is not None
        self._caller_speaks = True
        self._happened.set()
        self._floor(Party.CALLER, FloorReason.INTERRUPTION if over else FloorReason.TURN)
        if over:
            self._stop(interrupted=True)
            self._apply()
        interjects_at = self._interjection(words)
        for count in range(1, len(words) + 1):
            await asyncio.sleep(1 / self._rates.words_a_second)
            if count == interjects_at:
                self._interject()
            self._partial(words[:count], start_s, confidence)
        end_s = self.now_s
        self._caller_speaks, self._due = False, True
        self._start(self._take_floor())
        judged = self._expected.judge(text)
        decided_s = end_s + _PATIENCE_S[judged]
        # Whose answer has begun has ended the turn.
        await self._until(lambda: self._now is not None, decided_s)
        if self._closed:
            return
        self._events.put(CallerTurn(_heard(text, confidence), start_s, end_s, self.now_s, over))

    def _partial(self, words: list[str], start_s: float, confidence: float) -> None:
        tell = CallerPartial(_heard(" ".join(words), confidence), start_s, self.now_s + _PARTIAL_S)
        self._loop.call_later(_PARTIAL_S, self._events.put, tell)

    def _interjection(self, words: list[str]) -> int:
        """At which word of a longer turn the actor says something, 0 for never."""
        if len(words) < 5:
            return 0
        return (
            len(words) // 2 if self._actor.happens(self._rates.talks_over + self._rates.backchannels) else 0
        )

    def _interject(self) -> None:
        rates = self._rates
        over = rates.talks_over / max(1e-9, rates.talks_over + rates.backchannels)
        if self._actor.happens(over):
            self._begin(
                Performance(("Right,", "okay."), ("Right,", "okay."), self._actor.before_its_whisper().deed)
            )
        else:
            self._events.put(FloorChanged(Party.CALLER, FloorReason.BACKCHANNEL, Party.AGENT, self.now_s))

    async def _take_floor(self) -> None:
        """The actor answers at once; what it has to say is held back for a whisper as long as may be."""
        newest = self._revision
        await asyncio.sleep(self._rates.floor_s)
        await self._until(
            lambda: self._revision != newest or self._caller_speaks, self.now_s + self._rates.hold_s
        )
        self._due = False
        if self._caller_speaks or self._now is not None or self._closed:
            return
        if self._revision == newest:
            self._begin(self._actor.before_its_whisper(), early=True)
        else:
            self._perform()

    async def _until(self, holds: Callable[[], bool], until_s: float) -> None:
        """Wait for something to hold, until then at most."""
        while not holds() and (left_s := until_s - self.now_s) > 1e-6:
            self._happened.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._happened.wait(), left_s)

    # --- the agent ---

    def _apply(self) -> None:
        prompt, self._kept = self._kept, None
        if prompt is None:
            return
        if prompt.expires_s is not None and prompt.expires_s <= self.now_s:
            self._receipt(prompt, Fate.EXPIRED)
            return
        self._prompt = prompt
        self._receipt(prompt, Fate.APPLIED)

    def _receipt(self, prompt: Prompt, fate: Fate) -> None:
        self._events.put(WhisperReceipt(prompt.revision, fate, self.now_s))

    def _perform(self) -> None:
        """Say what the prompt in force asks for."""
        if self._prompt is not None and self._prompt.reply:
            self._begin(self._actor.perform(self._prompt))

    def _begin(self, performance: Performance, *, early: bool = False) -> None:
        self._stop(interrupted=False)
        revision = self._prompt.revision if self._prompt is not None else -1
        self._now = Played(revision, performance, self.now_s, self.now_s, early)
        self.record.played.append(self._now)
        self._happened.set()
        self._speaking = self._start(self._speak(self._now))

    async def _speak(self, played: Played) -> None:
        words = played.performance.written
        self._events.put(AgentStarted(played.revision, self.now_s))
        if not self._caller_speaks:
            self._floor(Party.AGENT, FloorReason.TURN)
        for at, word in enumerate(words):
            start_s = self.now_s
            await asyncio.sleep(1 / self._rates.words_a_second)
            played.spoken, played.end_s = at + 1, self.now_s
            self._events.put(AgentWords(word, played.revision, start_s, self.now_s))
            if self._kept is not None and boundary_after(words, at) == at + 1:
                break  # the next whisper waits for the sentence to end, no longer
        self._speaking = None
        self._ended(played, interrupted=False, unspoken="")
        self._apply()
        if self._prompt is not None and self._prompt.revision > played.revision and not self._caller_speaks:
            self._loop.call_later(0.1, self._go_on, self._prompt)

    def _go_on(self, prompt: Prompt) -> None:
        """The whisper that came while the actor spoke is what it goes on with."""
        if prompt is self._prompt and self._now is None and not (self._caller_speaks or self._closed):
            self._perform()

    def _stop(self, *, interrupted: bool) -> None:
        played = self._now
        if played is None:
            return
        if self._speaking is not None:
            self._speaking.cancel()
            self._speaking = None
        played.interrupted = interrupted
        self._ended(played, interrupted=interrupted, unspoken=played.unspoken if interrupted else "")

    def _ended(self, played: Played, *, interrupted: bool, unspoken: str) -> None:
        self._now = None
        self._quiet_since_s, self._silences = self.now_s, 0
        self._events.put(AgentStopped(played.revision, self.now_s, interrupted, unspoken))
        if not self._caller_speaks:
            self._events.put(FloorChanged(None, FloorReason.PAUSE, Party.AGENT, self.now_s))
        if self._rates.hears_itself:
            text, sure = self._actor.ear(played.performance.heard[: played.spoken])
            heard = AgentHeard(text, played.revision, played.start_s, played.end_s, sure)
            self._loop.call_later(self._rates.ear_s, self._events.put, heard)

    # --- the clock ---

    async def _run(self) -> None:
        count = 0
        while True:
            count += 1
            await asyncio.sleep(max(0.0, self._began + count * self._tick_s - self._loop.time()))
            heard = self._fed.popleft() if self._fed else np.zeros(SAMPLES, np.float32)
            at_s = (count - 1) * self._tick_s
            late_ms = max(0.0, self.now_s - count * self._tick_s) * 1000
            self._audio.put(Exchange(heard, np.zeros(SAMPLES, np.float32), at_s, late_ms))
            self._count_silence()

    def _count_silence(self) -> None:
        if self._now is not None or self._caller_speaks or self._due:
            self._quiet_since_s, self._silences = self.now_s, 0
        elif self.now_s - self._quiet_since_s >= SILENCE_S * (self._silences + 1):
            self._silences += 1
            self._events.put(CallerSilent(self.now_s - self._quiet_since_s, self.now_s))

    def _floor(self, holder: Party, reason: FloorReason) -> None:
        self._events.put(FloorChanged(holder, reason, holder, self.now_s))

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _heard(text: str, confidence: float) -> tuple[Hypothesis, ...]:
    """Two ears that agree; nothing where there are no words."""
    return (
        (Hypothesis(text, confidence, Source.GRAMMAR), Hypothesis(text, confidence, Source.OPEN))
        if text
        else ()
    )
