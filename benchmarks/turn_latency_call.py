"""One call for the latencies of turns: a program that answers and asks aloud, clocked by the line itself."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from orchestrator.recording import AgentCeased, Moment
from orchestrator.runtime import Runtime
from orchestrator.session import Session
from reasoner.state import GoalState
from reasoner.types import Waiting
from tests.duplex_frontend.speech import said

BLOCK = 320
BLOCK_S = 0.02
THINKS_S = 0.4  # from the end of the agent's words to the caller's
GIVES_UP_S = 12.0  # of silence on both sides: says it again
LONGEST_S = 420.0

ANSWERS = {
    "name": "susan clark",
    "date_of_birth": "march third nineteen eighty",
    "phone": "five five five one two three four five six seven",
    "reason": "back pain",
    "allergies": "penicillin",
    "medicines": "metformin",
    "insurance": "blue cross",
    "consent": "yes",
}
QUESTIONS = (
    "where can i park my car",
    "what are your opening hours",
    "how much does a first visit cost",
    "what should i bring to my first appointment",
    "how do i get there by bus",
    "when do i get my test results",
    "can i bring my kids",
    "is there an elevator",
)
YES = "yes that is right"
SPELLED = "s as in sierra u as in uniform s as in sierra a as in alpha n as in november"


@dataclass(frozen=True, slots=True)
class Utterance:
    """What was said from `start_s` on. `asks`: it is a question for the pages."""

    text: str
    asks: bool
    start_s: float


@dataclass(frozen=True, slots=True)
class Spoken:
    """A call that is over: both sides of its sound, float32 [samples], and its story."""

    rate_hz: int
    caller: NDArray[np.float32]
    agent: NDArray[np.float32]
    moments: tuple[Moment, ...]
    utterances: tuple[Utterance, ...]
    outcome: str
    late_blocks: int

    def utterance_before(self, at_s: float) -> Utterance:
        before = [utterance for utterance in self.utterances if utterance.start_s < at_s]
        return before[-1] if before else Utterance("", False, 0.0)


@dataclass(slots=True)
class _Caller:
    """Says the next thing once the agent has ceased. `questions`: still to be asked, one before each answer."""

    session: Session
    voice: str
    questions: list[str] = field(default_factory=lambda: list(QUESTIONS))
    utterances: list[Utterance] = field(default_factory=list)
    saying: list[NDArray[np.float32]] = field(default_factory=list)
    heard: list[NDArray[np.float32]] = field(default_factory=list)
    answered: list[NDArray[np.float32]] = field(default_factory=list)
    ceased: bool = False
    silent_since_s: float = 0.0
    _asked_last: bool = False

    def block(self) -> NDArray[np.float32]:
        return self.saying.pop(0) if self.saying else np.zeros(BLOCK, np.float32)

    def go_on(self, at_s: float) -> None:
        """20 ms have passed."""
        if self.saying or self.session.state.outcome is not None:
            return
        waited_s = at_s - self.silent_since_s
        if (self.ceased and waited_s >= THINKS_S) or waited_s >= GIVES_UP_S:
            self.ceased = False
            text, asks = self._next(self.session.state)
            self.utterances.append(Utterance(text, asks, at_s))
            speech = said(text, self.voice)
            self.saying = list(
                np.pad(speech, (0, -len(speech) % BLOCK)).reshape(-1, BLOCK).astype(np.float32)
            )
            self.silent_since_s = at_s + len(self.saying) * BLOCK_S

    def _next(self, state: GoalState) -> tuple[str, bool]:
        pending = state.pending
        if pending.waiting is Waiting.ANSWER and self.questions and not self._asked_last:
            self._asked_last = True
            return self.questions.pop(0), True
        self._asked_last = False
        if pending.waiting is Waiting.SPELLING:
            return SPELLED, False
        if pending.waiting is Waiting.ANSWER and pending.slots:
            return ANSWERS[pending.slots[0]], False
        return YES, False


async def hold(runtime: Runtime, flow: str, voice: str, most_turns: int) -> Spoken:
    """One call in real time, to its end or until `most_turns` were spoken."""
    for words in {*ANSWERS.values(), *QUESTIONS, YES, SPELLED}:
        said(words, voice)  # made beforehand: the caller's own synthesis is not what is measured
    session = await runtime.open_call(flow)
    caller = _Caller(session, voice)

    async def follow() -> None:
        async for moment in session.moments():
            if isinstance(moment, AgentCeased):
                caller.ceased, caller.silent_since_s = True, moment.at_s

    following = asyncio.create_task(follow())
    try:
        async for exchange in session.audio():
            caller.heard.append(exchange.heard)
            caller.answered.append(exchange.said)
            caller.go_on(exchange.at_s)
            session.feed(caller.block())
            done = len(caller.utterances) > most_turns and not caller.saying
            if (done and caller.ceased) or exchange.at_s > LONGEST_S:
                break
        await session.hang_up()
    finally:
        following.cancel()
    outcome = session.state.outcome
    return Spoken(
        session.rate_hz,
        np.concatenate(caller.heard),
        np.concatenate(caller.answered),
        session.told,
        tuple(caller.utterances),
        outcome.value if outcome else "none",
        session.late_blocks,
    )
