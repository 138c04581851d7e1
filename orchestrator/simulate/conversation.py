"""One simulated call from the greeting to its end, in made-up time, with all that was said and what became of it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from flows.schema import Flow
from memory.types import Passage
from orchestrator.simulate.caller import Caller, Doing, Said
from orchestrator.simulate.line import Dial, Line, Moment, Setting, Turn
from orchestrator.simulate.noise import Noise
from orchestrator.simulate.temper import Kind
from orchestrator.simulate.truth import TODAY, Truth, make_truth
from reasoner.state import GoalState

SILENCE_S = 6.0
_BEYOND = 10
"""Turns over the flow's limit before a call counts as endless."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A turn of the caller and the agent's answer to it.

    Attributes:
        said: what the caller meant and said. heard, confidence: what was made of it.
        before: the state it was said in. turn: the answer.
    """

    said: Said
    heard: str
    confidence: float
    before: GoalState
    turn: Turn

    @property
    def after(self) -> GoalState:
        return self.turn.state


@dataclass(frozen=True, slots=True)
class Conversation:
    """A whole call. `endless`: neither side had ended it some turns after the flow's limit."""

    flow: Flow
    kind: Kind
    seed: int
    wer: float
    truth: Truth
    opening: Turn
    exchanges: tuple[Exchange, ...]
    endless: bool
    words: int
    word_errors: int

    @property
    def state(self) -> GoalState:
        return self.exchanges[-1].after if self.exchanges else self.opening.state

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The agent's."""
        return (self.opening, *(exchange.turn for exchange in self.exchanges))

    @property
    def moments(self) -> tuple[Moment, ...]:
        return tuple(moment for turn in self.turns for moment in turn.moments)


async def converse(
    flow: Flow, dial: Dial, *, kind: Kind, seed: int, wer: float = 0.0, pages: Sequence[Passage] = ()
) -> Conversation:
    """Have one caller ring a flow. The same arguments always give the same call.

    Args:
        flow: as the loader gives it, written out.
        dial: opens a line to its agent.
        seed: of the caller: its truth, its words and what is misheard. Truths are the same for all kinds.
        wer: word error rate, 0 to 0.3.
        pages: the flow's knowledge, for callers who ask.

    Raises:
        EndlessWay: the flow never ends for a caller who answers everything.
    """
    truth = make_truth(flow, random.Random(f"truth {seed}"), refuses=kind is Kind.REFUSING)
    caller = Caller(flow, truth, kind, random.Random(f"{kind} {seed}"), pages)
    noise = Noise(wer, random.Random(f"noise {kind} {seed} {wer}"), (f"{truth.given} {truth.family}",))
    line = dial(Setting(TODAY.isoformat(), truth.called, truth.results, truth.proofs))
    turn = opening = await line.begin()
    exchanges: list[Exchange] = []
    while turn.state.outcome is None and len(exchanges) < flow.limits.turns + _BEYOND:
        said, before = caller.answer(turn.agent), turn.state
        heard, confidence = noise.heard(said.text)
        turn = await _turn(line, said, heard, confidence)
        exchanges.append(Exchange(said, heard, confidence, before, turn))
    endless = turn.state.outcome is None
    return Conversation(
        flow, kind, seed, wer, truth, opening, tuple(exchanges), endless, noise.spoken, noise.errors
    )


async def _turn(line: Line, said: Said, heard: str, confidence: float) -> Turn:
    if said.doing is Doing.HANG_UP:
        return await line.hung_up()
    if said.doing is Doing.SILENT:
        return await line.silent(SILENCE_S)
    return await line.said(heard, confidence)
