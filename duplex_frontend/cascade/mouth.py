"""What the agent is saying: synthesized clauses on their way out, block by block.

Not safe between threads by itself: the call holds one lock around it, for microseconds at a time. Words get their times from their share of the clause's
letters, once its length is known.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from duplex_frontend.types import AgentStarted, AgentStopped, AgentWords, Block

MouthEvent = AgentStarted | AgentWords | AgentStopped


@dataclass(slots=True)
class Clause:
    """A clause, its audio so far (float32 chunks) and how much of it went out."""

    text: str
    interruptible: bool
    chunks: deque[NDArray[np.float32]] = field(default_factory=deque)
    samples: int = 0
    played: int = 0
    complete: bool = False
    started_s: float = 0.0
    words_out: int = 0
    _ends: list[int] = field(default_factory=list)

    def add(self, chunk: NDArray[np.float32]) -> None:
        self.samples += len(chunk)
        self.chunks.append(chunk)

    def word_ends(self) -> list[int]:
        """The sample at which each word is over, estimated from letters. Only once complete."""
        if not self._ends and self.text.split():
            weights = np.cumsum([len(word) + 1.5 for word in self.text.split()])
            self._ends = [int(self.samples * w / weights[-1]) for w in weights]
        return self._ends


@dataclass(slots=True)
class Mouth:
    """One agent's voice on one call, at `rate_hz`."""

    rate_hz: int
    fade_ms: int
    revision: int = -1
    paused: bool = False
    starved_blocks: int = 0
    _clauses: deque[Clause] = field(default_factory=deque)
    _aside: deque[NDArray[np.float32]] = field(default_factory=deque)
    _begun: bool = False
    _finished_adding: bool = True
    _fade_out: bool = False

    # --- the loop's side ---

    def begin(self, revision: int) -> None:
        """A new reply. What is left of the old one is forgotten; take `cut` first to know it."""
        self._clauses = deque()
        self.revision, self.paused = revision, False
        self._begun, self._finished_adding, self._fade_out = False, False, False

    def add(self, clause: Clause) -> None:
        self._clauses.append(clause)

    def finish(self, revision: int) -> None:
        """No more clauses of this reply will come."""
        if revision == self.revision:
            self._finished_adding = True

    def aside(self, audio: NDArray[np.float32]) -> None:
        """Say a backchannel beside whatever goes on; it takes no floor."""
        self._aside.append(audio)

    # --- the clock's side ---

    @property
    def pending(self) -> bool:
        """A reply is on its way: being said, held, or about to start."""
        return bool(self._clauses) or not self._finished_adding

    @property
    def speaking(self) -> bool:
        return self._begun and not self.paused and self.pending

    @property
    def hungry(self) -> bool:
        """The next block would starve: its audio is still being made."""
        if self.paused or not self.pending:
            return False
        return not self._clauses or not (self._clauses[0].chunks or self._clauses[0].complete)

    @property
    def must_finish(self) -> bool:
        return bool(self._clauses) and not self._clauses[0].interruptible

    def pause(self) -> None:
        """Fall silent within a fade; `resume` goes on from there."""
        self._fade_out = not self.paused and self._begun
        self.paused = True

    def resume(self) -> None:
        self.paused = False

    def take(self, samples: int, at_s: float) -> tuple[Block, list[MouthEvent]]:
        """The next block [samples] float32, silence where there is nothing to say, and what it completed."""
        events: list[MouthEvent] = []
        if self.paused and not self._fade_out:
            block = np.zeros(samples, np.float32)
        else:
            block = self._speak(samples, at_s, events)
        if self._fade_out:
            block *= self._fade(samples)
            self._fade_out = False
        if self._aside:
            self._mix_aside(block)
        return block, events

    def cut(self, at_s: float) -> list[MouthEvent]:
        """Give the reply up: the words that were spoken since, and what was not."""
        begun, events = self._begun and bool(self._clauses), list[MouthEvent]()
        unspoken: list[str] = []
        for n, clause in enumerate(self._clauses):
            words = clause.text.split()
            if n == 0 and begun:
                said = self._words_said(clause)
                fresh = words[clause.words_out : said]
                if fresh:
                    events.append(AgentWords(" ".join(fresh), self.revision, clause.started_s, at_s))
                words = words[said:]
            unspoken += words
        if begun or unspoken:
            events.append(AgentStopped(self.revision, at_s, True, " ".join(unspoken)))
        self._clauses = deque()
        self._begun, self._finished_adding, self.paused = False, True, False
        return events

    def _speak(self, samples: int, at_s: float, events: list[MouthEvent]) -> Block:
        block, filled = np.zeros(samples, np.float32), 0
        while filled < samples and self._clauses:
            clause = self._clauses[0]
            if not clause.chunks:
                if not clause.complete:
                    self.starved_blocks += self._begun
                    break
                self._words_of_current(events)
                self._clauses.popleft()
                continue
            if clause.played == 0:
                clause.started_s = at_s + filled / self.rate_hz
                if not self._begun:
                    self._begun = True
                    events.append(AgentStarted(self.revision, clause.started_s))
            chunk = clause.chunks.popleft()
            part = chunk[: samples - filled]
            if len(part) < len(chunk):
                clause.chunks.appendleft(chunk[len(part) :])
            block[filled : filled + len(part)] = part
            filled += len(part)
            clause.played += len(part)
        self._words_of_current(events)
        if not self._clauses and self._finished_adding and self._begun:
            self._begun = False
            events.append(AgentStopped(self.revision, at_s + filled / self.rate_hz, False))
        return block

    def _words_of_current(self, events: list[MouthEvent]) -> None:
        if not self._clauses or not self._clauses[0].complete or not self._clauses[0].samples:
            return
        clause = self._clauses[0]
        words, ends = clause.text.split(), clause.word_ends()
        while clause.words_out < len(words) and ends[clause.words_out] <= clause.played:
            self._word(clause, words[clause.words_out], events)

    def _word(self, clause: Clause, word: str, events: list[MouthEvent]) -> None:
        n, ends = clause.words_out, clause.word_ends()
        start = ends[n - 1] if n else 0
        events.append(
            AgentWords(
                word,
                self.revision,
                clause.started_s + start / self.rate_hz,
                clause.started_s + ends[n] / self.rate_hz,
            )
        )
        clause.words_out += 1

    def _words_said(self, clause: Clause) -> int:
        ends = clause.word_ends() if clause.complete else []
        if ends:
            return sum(end <= clause.played for end in ends)
        # Not synthesized to its end: about 15 letters a second.
        letters, count = 15 * clause.played / self.rate_hz, 0
        for word in clause.text.split():
            letters -= len(word) + 1
            if letters < 0:
                break
            count += 1
        return count

    def _fade(self, samples: int) -> Block:
        fade = min(samples, self.fade_ms * self.rate_hz // 1000)
        ramp = np.zeros(samples, np.float32)
        ramp[:fade] = np.linspace(1, 0, fade, dtype=np.float32)
        return ramp

    def _mix_aside(self, block: Block) -> None:
        audio = self._aside[0]
        n = min(len(audio), len(block))
        block[:n] += audio[:n]
        if n < len(audio):
            self._aside[0] = audio[n:]
        else:
            self._aside.popleft()
