"""The clock's side of a call: one block of the caller in, one block of the agent out, every 20 ms.

No I/O, no waiting, no thought: the VAD, marks of where speech begins and ends, the next block of the voice, and
who holds the floor. What the event loop has to know is left in a queue.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

import numpy as np

from duplex_frontend.cascade.hearing import Hearing, Mark
from duplex_frontend.cascade.mouth import Clause, Mouth, MouthEvent
from duplex_frontend.cascade.tuning import Tuning
from duplex_frontend.cascade.vad import SileroVad
from duplex_frontend.floor import FloorTracker
from duplex_frontend.types import BLOCK_S, Block, CallerSilent, Exchange, FrontendEvent, Party

RATE_HZ = 16_000
BLOCK = int(RATE_HZ * BLOCK_S)
INBOX_BLOCKS = 50  # a second of caller audio that was not consumed yet
JITTER_BLOCKS = 5  # more than this waiting while the caller is silent is skipped, to stay near the present
OUTBOX_TICKS = 1000  # 20 s that the loop did not fetch
BACKCHANNEL_SILENCE_MS = 200  # after a short sound over the agent: time to ask whether it was a backchannel
HEARD_LATELY_MS = 100  # the caller counts as speaking through gaps as short as this


@dataclass(frozen=True, slots=True)
class Tick:
    """What one tick left for the loop.

    Attributes:
        begin: an utterance begins; PCM of it and of what came just before.
        pcm: more of the utterance, int16 little-endian.
        end: it ended; first and last second of speech.
        pause: the caller paused within the turn.
    """

    exchange: Exchange
    events: tuple[FrontendEvent, ...]
    begin: bytes | None = None
    pcm: bytes | None = None
    end: tuple[float, float] | None = None
    pause: bool = False


class Line:
    """One call's audio. `tick` runs on the clock's thread; everything else may be called from the loop."""

    def __init__(self, tuning: Tuning, vad: SileroVad) -> None:
        self.hearing = Hearing(tuning.vad, tuning.endpoint)
        self.yielding = False  # the voice is held because the caller made a sound over it
        self.ticks: deque[Tick] = deque(maxlen=OUTBOX_TICKS)
        self.dropped_blocks = 0
        self._tuning = tuning
        self._vad = vad
        self._inbox: deque[Block] = deque(maxlen=INBOX_BLOCKS)
        self._mouth = Mouth(RATE_HZ, tuning.barge_in.fade_ms)
        self._floor = FloorTracker()
        self._lock = threading.Lock()  # around mouth and floor, for microseconds
        self._lead_in: deque[bytes] = deque(maxlen=max(1, int(tuning.vad.lead_in_ms / 1000 / BLOCK_S)))
        self._blocks = 0
        self._quiet_since_s = 0.0
        self._silences_told = 0

    @property
    def now_s(self) -> float:
        """Start of the next block."""
        return self._blocks * BLOCK_S

    # --- the loop's side ---

    def feed(self, block: Block) -> None:
        """The caller's next 20 ms, float32 [320]."""
        if len(self._inbox) == INBOX_BLOCKS:
            self.dropped_blocks += 1
        self._inbox.append(block)

    @property
    def replying(self) -> bool:
        """A reply is being said, held, or about to start."""
        with self._lock:
            return self._mouth.pending

    @property
    def must_finish(self) -> bool:
        with self._lock:
            return self._mouth.must_finish

    @property
    def hungry(self) -> bool:
        """The voice's next block is still being made."""
        with self._lock:
            return self._mouth.hungry

    def begin_reply(self, revision: int) -> None:
        """A new reply begins. While the caller speaks it is held back."""
        with self._lock:
            self._mouth.begin(revision)
            if self.hearing.speaking and self._tuning.barge_in.enabled:
                self._mouth.pause()
                self.yielding = True

    def add_clause(self, clause: Clause) -> None:
        with self._lock:
            self._mouth.add(clause)

    def add_audio(self, clause: Clause, chunk: Block | None) -> None:
        """More of a clause: float32 samples, or None when it is complete."""
        with self._lock:
            if chunk is None:
                clause.complete = True
            else:
                clause.add(chunk)

    def finish_reply(self, revision: int) -> None:
        """No more clauses will come."""
        with self._lock:
            self._mouth.finish(revision)

    def give_up_reply(self) -> list[MouthEvent]:
        """Stop speaking; say what was spoken and what was not."""
        with self._lock:
            self.yielding = False
            return self._mouth.cut(self.now_s)

    def go_on(self) -> None:
        """It was only a backchannel: speak on from where the voice was held."""
        with self._lock:
            self.yielding = False
            self._mouth.resume()

    def backchannel(self, by: Party, at_s: float, audio: Block | None = None) -> tuple[FrontendEvent, ...]:
        """Somebody said "mm-hm"; the agent's comes with its audio."""
        with self._lock:
            if audio is not None:
                self._mouth.aside(audio)
            return self._floor.backchannel(by, at_s)

    # --- the clock's side ---

    def tick(self, late_ms: float) -> None:
        """Make the next block."""
        at_s = self.now_s
        heard = self._next_heard()
        begin, end, pause = self._hear(heard)
        with self._lock:
            said, spoke = self._mouth.take(BLOCK, at_s)
            speaking, pending = self._mouth.speaking, self._mouth.pending
            caller = self.hearing.speaking and self.hearing.silence_ms < HEARD_LATELY_MS
            floor = self._floor.feed(at_s, caller=caller, agent=speaking)
        silence = self._count_silence(at_s, busy=self.hearing.speaking or pending)
        pcm = _pcm(heard) if begin is None and (self.hearing.speaking or end is not None) else None
        self._blocks += 1
        events: tuple[FrontendEvent, ...] = (*spoke, *floor, *silence)
        self.ticks.append(Tick(Exchange(heard, said, at_s, late_ms), events, begin, pcm, end, pause))

    def _next_heard(self) -> Block:
        if not self.hearing.speaking and len(self._inbox) > JITTER_BLOCKS:
            # Nobody speaks: give up a block of silence and come nearer to the present.
            self._inbox.popleft()
            self.dropped_blocks += 1
        return self._inbox.popleft() if self._inbox else np.zeros(BLOCK, np.float32)

    def _hear(self, heard: Block) -> tuple[bytes | None, tuple[float, float] | None, bool]:
        begin, end, pause = None, None, False
        for probability in self._vad.feed(heard):
            match self.hearing.feed(probability, over_agent=self._mouth.speaking):
                case Mark.ONSET:
                    begin = b"".join(self._lead_in) + _pcm(heard)
                    self._give_way()
                case Mark.PAUSE:
                    pause = True
                case Mark.END:
                    end = (self.hearing.start_s, self.hearing.end_s)
        self._lead_in.append(_pcm(heard))
        if self.yielding and self.hearing.speaking:
            short = self.hearing.spoken_ms < self._tuning.barge_in.commit_ms
            self.hearing.patience_ms = BACKCHANNEL_SILENCE_MS if short else self._tuning.endpoint.open_ms
        return begin, end, pause

    def _give_way(self) -> None:
        with self._lock:
            if self._tuning.barge_in.enabled and self._mouth.pending and not self._mouth.must_finish:
                self._mouth.pause()
                self.yielding = True

    def _count_silence(self, at_s: float, *, busy: bool) -> tuple[CallerSilent, ...]:
        if busy:
            self._quiet_since_s, self._silences_told = at_s, 0
            return ()
        for_s = at_s - self._quiet_since_s
        if for_s < self._tuning.silence_step_s * (self._silences_told + 1):
            return ()
        self._silences_told += 1
        return (CallerSilent(for_s, at_s),)


def _pcm(block: Block) -> bytes:
    return (np.clip(block, -1, 1) * 32767).astype("<i2").tobytes()
