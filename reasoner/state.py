"""The goal state of a call: all that is established so far. Frozen; it turns into JSON and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated

from pydantic import Field, TypeAdapter

from reasoner.acts import Act
from reasoner.types import Evidence, Finding, Pending, SlotName, SlotState, Value

StepName = str


class Outcome(StrEnum):
    COMPLETE = "complete"
    HANDED_OVER = "handed_over"
    CANCELLED = "cancelled"
    HUNG_UP = "hung_up"
    GAVE_UP = "gave_up"


@dataclass(frozen=True, slots=True)
class Visit:
    """How far a call has come in a step.

    Attributes:
        times: how often it was begun.
        turns: how many turns of the caller it has taken.
        said: its opening lines were said. acted: its action is done. called: its sub-flow is done.
        acted_on: what the action was given, so that a correction shows.
        again: the call went back past it; what it asks for is asked again when it begins.
        skipped: its condition did not hold.
        done: the call has gone on from it, and `led_to` is where. way: which of its ways that was, -1 where none is known.
        had: of the slots that going on has changed, what they were before. gave: what they became.
    """

    times: int = 1
    turns: int = 0
    said: bool = False
    acted: bool = False
    acted_on: Mapping[str, Value | None] = field(default_factory=dict)
    called: bool = False
    again: bool = False
    skipped: bool = False
    done: bool = False
    led_to: str = ""
    way: int = -1
    had: Mapping[SlotName, Value | None] = field(default_factory=dict)
    gave: Mapping[SlotName, Value | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Frame:
    """Where to return to. `depth`: how many steps of the path came before what was gone into."""

    step: StepName
    depth: int
    gate: str = ""  # the gate that is being asked for, "" for a sub-flow or a visit


@dataclass(frozen=True, slots=True)
class GateState:
    """`waived_by`: the supervisor who let the call past without proof, "" where the caller proved it."""

    passed: bool = False
    failed: int = 0  # attempts
    waived_by: str = ""


@dataclass(frozen=True, slots=True)
class DisclosureState:
    """`revision`: of the reply that last had to say it. `proven`: where it was heard to its end, None before.

    `parts`: where its first sentences were heard, if it was cut off behind them and is to be resumed.
    """

    revision: int = 0
    times: int = 0
    proven: Evidence | None = None
    parts: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Adherence:
    """How the agent's own words have followed what they had to be.

    Attributes:
        exact: all of the newest reply is to be said in its exact words.
        left_out, untrue: corrections since the caller last had a turn, of what was left out and of what was wrong.
        owed: what was cut off and has to be finished or taken back: said first in the next reply.
        told: what was read out of pages so far, the newest last: it may be said again.
        findings: what following the words has found, the newest last.
        corrections: in the whole call.
    """

    exact: bool = False
    left_out: int = 0
    untrue: int = 0
    owed: tuple[Annotated[Act, Field(discriminator="kind")], ...] = ()
    told: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    corrections: int = 0


@dataclass(frozen=True, slots=True)
class Doing:
    """An action whose result is waited for."""

    id: str
    action: str
    step: StepName
    arguments: Mapping[str, Value | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GoalState:
    """What is established so far. Only `machine.advance` makes a new one; each has a higher revision.

    Attributes:
        today: the date of the call, ISO; "" where it is not known.
        path: the steps that led here, each once; the last one is where the call is.
        visits: how far the call came in each step that it ever was in.
        frames: where to return to, outermost first.
        acts: what the agent has to say; they belong to the reply of `acts_revision`.
        echoed: slots said back in passing since the caller last spoke: they count unless the caller objects now.
        cut: the caller did not hear all that the last reply had to read back, so a yes accepts nothing.
        open_question: what the caller asked in the last turn, until its PassagesFound.
        held: the caller asked for a moment; silence is tolerated.
        notes: what a supervisor lets the agent know; guidance for its replies, never said.
        earlier: what earlier calls of this caller came to; known once a gate was passed.
        outcome, code: how the call ended, and what the flow calls that.
    """

    call: str
    flow: str
    flow_hash: str
    revision: int = 0
    at_s: float = 0.0
    today: str = ""
    slots: Mapping[SlotName, SlotState] = field(default_factory=dict)
    path: tuple[StepName, ...] = ()
    visits: Mapping[StepName, Visit] = field(default_factory=dict)
    frames: tuple[Frame, ...] = ()
    gates: Mapping[str, GateState] = field(default_factory=dict)
    disclosures: Mapping[str, DisclosureState] = field(default_factory=dict)
    adherence: Adherence = field(default_factory=Adherence)
    doing: Doing | None = None
    pending: Pending = field(default_factory=Pending)
    acts: tuple[Annotated[Act, Field(discriminator="kind")], ...] = ()
    acts_revision: int = 0
    echoed: tuple[SlotName, ...] = ()
    cut: bool = False
    open_question: str = ""
    held: bool = False
    turns: int = 0
    steps: int = 0  # gone through so far
    misunderstood: int = 0  # in a row
    stalled: int = 0  # turns in a row that were not understood, or wanted the same words again
    silences: int = 0  # in a row
    questions: tuple[str, ...] = ()  # asked by the caller so far
    notes: tuple[str, ...] = ()
    earlier: tuple[str, ...] = ()
    outcome: Outcome | None = None
    code: str = ""

    @property
    def step(self) -> StepName:
        """Where the call is, "" before it began."""
        return self.path[-1] if self.path else ""


_state: TypeAdapter[GoalState] = TypeAdapter(GoalState)


def dump_state(state: GoalState) -> bytes:
    """Canonical JSON: the same state gives the same bytes."""
    return _state.dump_json(state)


def load_state(data: bytes) -> GoalState:
    """Raises pydantic.ValidationError where `data` is no state."""
    return _state.validate_json(data)
