"""The next state in the making. Lives within one call of `advance` and never leaves it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from flows.places import PLACE
from flows.schema import Flow
from flows.spoken import Line
from reasoner.acts import Act, Dictated, Disclose, Echo, Say, SayLine, Tell
from reasoner.conditions import Values, canonical, values_of, worked_out
from reasoner.events import Effect, Reply
from reasoner.slots import give
from reasoner.state import (
    Adherence,
    DisclosureState,
    Doing,
    Frame,
    GateState,
    GoalState,
    Outcome,
    StepName,
    Visit,
)
from reasoner.types import Pending, SlotName, SlotState, Value

MOST_TOLD = 6
"""Passages whose facts may be repeated later in a call."""


@dataclass(slots=True)
class Draft:
    """What `advance` works on: the state as it was, and what becomes of it.

    `acts` are those of the reply; where no reply is made, the old ones stand. `waits`: what is pending is up to
    somebody else. `fresh`: slots that were given in this very turn.
    """

    flow: Flow
    state: GoalState
    slots: dict[SlotName, SlotState]
    pending: Pending
    path: list[StepName] = field(default_factory=list)
    visits: dict[StepName, Visit] = field(default_factory=dict)
    frames: list[Frame] = field(default_factory=list)
    gates: dict[str, GateState] = field(default_factory=dict)
    disclosures: dict[str, DisclosureState] = field(default_factory=dict)
    adherence: Adherence = field(default_factory=Adherence)
    doing: Doing | None = None
    acts: list[Act] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    today: str = ""
    at_s: float = 0.0
    turns: int = 0
    steps: int = 0
    misunderstood: int = 0
    stalled: int = 0
    silences: int = 0
    questions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    earlier: tuple[str, ...] = ()
    open_question: str = ""
    held: bool = False
    echoed: tuple[SlotName, ...] = ()
    cut: bool = False
    waits: bool = False
    fresh: frozenset[SlotName] = frozenset()
    outcome: Outcome | None = None
    code: str = ""

    def settled(self) -> tuple[GoalState, tuple[Effect, ...]]:
        """The new state, one revision on, and what is wanted of the world."""
        revision = self.state.revision + 1
        spoke = bool(self.acts)
        state = replace(
            self.state,
            revision=revision,
            at_s=self.at_s,
            today=self.today,
            slots=self.slots,
            path=tuple(self.path),
            visits=self.visits,
            frames=tuple(self.frames),
            gates=self.gates,
            disclosures=self.disclosures,
            adherence=self.adherence,
            doing=self.doing,
            pending=Pending() if self.outcome else self.pending,
            acts=tuple(self.acts) if spoke else self.state.acts,
            acts_revision=revision if spoke else self.state.acts_revision,
            echoed=tuple(dict.fromkeys((*self.echoed, *self._said_back()))),
            cut=self.cut and not spoke,
            open_question=self.open_question,
            held=self.held,
            turns=self.turns,
            steps=self.steps,
            misunderstood=self.misunderstood,
            stalled=self.stalled,
            silences=self.silences,
            questions=self.questions,
            notes=self.notes,
            earlier=self.earlier,
            outcome=self.outcome,
            code=self.code,
        )
        return state, tuple(self.effects)

    def _said_back(self) -> Iterator[SlotName]:
        return (name for act in self.acts if isinstance(act, Echo) for name in act.slots)

    def view(self) -> GoalState:
        """The state as it stands now, for those who only read."""
        return replace(self.state, slots=self.slots, pending=self.pending, path=tuple(self.path))

    def pass_time(self, to_s: float) -> None:
        """The call's clock only goes forward."""
        if math.isfinite(to_s) and to_s > self.at_s:
            self.at_s = to_s

    @property
    def step(self) -> StepName:
        """Where the call is, "" before it began."""
        return self.path[-1] if self.path else ""

    @property
    def visit(self) -> Visit:
        return self.visits.get(self.step, Visit())

    @property
    def begun(self) -> list[StepName]:
        """The steps that may ask now: those of the path that have begun, in a visit only those of the visit."""
        depth = self.frames[-1].depth if self.frames else 0
        return [name for name in self.path[depth:] if name in self.visits and self.visits[name].said]

    @property
    def hidden(self) -> frozenset[SlotName]:
        """The slots behind a gate that is not passed."""
        return frozenset(
            name
            for name, slot in self.flow.slots.items()
            if slot.protected_by is not None and not self.gates.get(slot.protected_by, GateState()).passed
        )

    def note(self, **changes: object) -> None:
        """How far the call has come in its step."""
        self.visits[self.step] = replace(self.visit, **changes)  # type: ignore[arg-type]

    def values(self) -> Values:
        """What conditions may look at."""
        return values_of(self.slots, self.today)

    def say(self, lines: Iterable[Line]) -> None:
        self.acts += (
            Say(line.text, line.how.value, line.must_finish, values=self._named_in(line.text))
            for line in lines
        )

    def _named_in(self, text: str) -> Mapping[SlotName, Value]:
        """The values that a text puts in; `{record.field}` takes the whole record along."""
        places = PLACE.findall(text)
        names = dict.fromkeys((*places, *(place.rpartition(".")[0] for place in places)))
        held = {name: self.slots[name].value for name in names if name in self.slots}
        return {name: value for name, value in held.items() if value is not None}

    def set(self, changes: dict[SlotName, str], result: object = None) -> None:
        """Give slots what expressions come to; all of them look at the values before."""
        values = self.values()
        extra = result if isinstance(result, dict) else None
        given = {name: worked_out(self.flow, text, values, extra) for name, text in changes.items()}
        for name, value in given.items():
            if name in self.slots:
                self.slots[name] = give(canonical(self.flow, name, value))


def begin_draft(flow: Flow, state: GoalState) -> Draft:
    """A draft of what follows `state`. What the flow does not have, or not yet, is put right."""
    slots = {name: state.slots.get(name, SlotState()) for name in flow.slots}
    waited_on = tuple(name for name in state.pending.slots if name in slots)
    waits = bool(waited_on) or state.doing is not None
    return Draft(
        flow=flow,
        state=state,
        slots=slots,
        pending=replace(state.pending, slots=waited_on) if waits else Pending(),
        path=[name for name in state.path if name in flow.steps],
        visits=dict(state.visits),
        frames=[frame for frame in state.frames if frame.step in flow.steps],
        gates=dict(state.gates),
        disclosures=dict(state.disclosures),
        adherence=state.adherence,
        doing=state.doing,
        today=state.today,
        at_s=state.at_s,
        turns=state.turns,
        steps=state.steps,
        misunderstood=state.misunderstood,
        stalled=state.stalled,
        silences=state.silences,
        questions=state.questions,
        notes=state.notes,
        earlier=state.earlier,
        open_question=state.open_question,
        held=state.held,
        echoed=state.echoed,
        cut=state.cut,
        outcome=state.outcome,
        code=state.code,
    )


def reply(draft: Draft) -> None:
    """The acts are to be spoken now, behind what is owed of the last reply."""
    owed = draft.adherence.owed
    draft.acts = [*(one for one in owed if one not in draft.acts), *draft.acts]
    told = tuple(one.text for act in draft.acts if isinstance(act, Tell) for one in act.passages[:2])
    draft.adherence = replace(
        draft.adherence,
        exact=False,
        left_out=0,
        untrue=0,
        owed=(),
        told=(*draft.adherence.told, *told)[-MOST_TOLD:],
    )
    draft.effects.insert(0, Reply())


def last_words(draft: Draft, act: Act) -> None:
    """What replaces whatever else was to be said, except what was looked up for the caller or has to be said."""
    draft.acts = [*(one for one in draft.acts if _is_to_be_said(one)), act]


def _is_to_be_said(act: Act) -> bool:
    return isinstance(act, Dictated | Disclose | Say | Tell) or (
        isinstance(act, SayLine) and act.line == "trouble"
    )
