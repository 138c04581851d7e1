"""A sub-flow, written out into the flow that calls it: its parts carry the name of the calling step in front."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from flows.action import Action, Gate, OnError
from flows.conditions import renamed
from flows.part import Part, Target
from flows.places import BACK, COMPLETE, PLACE
from flows.schema import Flow, Kind, OutcomeCode, Topic
from flows.slot import Slot
from flows.spoken import Line
from flows.step import Knowledge, Patterns, Response, Step, Way

P = TypeVar("P", bound=Part)


class _Renamer:
    """Puts a step's name in front of all that another flow brings along."""

    def __init__(self, prefix: str, flow: Flow) -> None:
        self._prefix = prefix
        self._flow = flow
        self._slots = {name: self.name(name) for name in flow.slots}
        ends = {code for code, outcome in flow.outcomes.items() if outcome.kind is Kind.COMPLETE}
        self._ends = ends | {COMPLETE}

    def name(self, name: str) -> str:
        return f"{self._prefix}.{name}"

    def names(self, names: Iterable[str]) -> tuple[str, ...]:
        return tuple(map(self.name, names))

    def expression(self, text: str | None) -> str | None:
        return None if text is None else renamed(text, self._slots)

    def expressions(self, given: Mapping[str, str]) -> dict[str, str]:
        """Slots and what they become."""
        return {self.name(name): renamed(text, self._slots) for name, text in given.items()}

    def arguments(self, given: Mapping[str, str]) -> dict[str, str]:
        return {name: renamed(text, self._slots) for name, text in given.items()}

    def text(self, text: str) -> str:
        return PLACE.sub(lambda found: "{" + renamed(found[1], self._slots) + "}", text)

    def say(self, lines: Iterable[Line]) -> tuple[Line, ...]:
        return tuple(with_changes(line, text=self.text(line.text)) for line in lines)

    def target(self, go: Target) -> Target:
        """A sub-flow that is complete returns; whatever else it ends with ends the call."""
        if go in self._ends:
            return BACK
        known = go in self._flow.steps or go in self._flow.outcomes
        return self.name(go) if known else go

    def slot(self, slot: Slot) -> Slot:
        return with_changes(
            slot,
            ask=self.text(slot.ask),
            again=tuple(map(self.text, slot.again)),
            invalid=self.text(slot.invalid),
            required_if=self.expression(slot.required_if),
            valid=self.expression(slot.valid),
            give_up=self.target(slot.give_up) if slot.give_up else "",
            protected_by=self.name(slot.protected_by) if slot.protected_by else None,
        )

    def way(self, way: Way) -> Way:
        return with_changes(
            way,
            if_=self.expression(way.if_),
            say=self.say(way.say),
            set=self.expressions(way.set),
            go=self.target(way.go),
        )

    def response(self, response: Response) -> Response:
        return with_target(with_changes(response, say=self.say(response.say)), self.target)

    def step(self, step: Step) -> Step:
        call = step.call
        if call is not None:
            # What it calls in turn is written out already: its own names are in place, behind the first dot.
            call = with_changes(
                call,
                with_=self.expressions(call.with_),
                gives={self.name(ours): self.name(theirs) for ours, theirs in call.gives.items()},
                first=self.name(call.first),
            )
        return with_changes(
            step,
            if_=self.expression(step.if_),
            needs=self.names(step.needs),
            say=self.say(step.say),
            ask=self.names(step.ask),
            done_when=self.expression(step.done_when),
            do=self.name(step.do) if step.do else None,
            call=call,
            set=self.expressions(step.set),
            then=tuple(map(self.way, step.then)),
            or_else=self.target(step.or_else),
            below=self.target(step.below),
            knowledge=self._knowledge(step),
            on=with_patterns(inherited(step.on, self._flow.on), self.response),
        )

    def _knowledge(self, step: Step) -> Knowledge | None:
        """Its pages are named after the calling step; where it names none, it has all that its flow brings."""
        known = step.knowledge or Knowledge()
        given = self._flow.knowledge
        every = tuple(given) if isinstance(given, dict) else ("",) if given else ()
        named = known.pages if "pages" in known.model_fields_set else every
        pages = tuple(self.name(name) if name else self._prefix for name in named)
        return with_changes(known, pages=pages) if pages or step.knowledge else None

    def gate(self, gate: Gate) -> Gate:
        return with_changes(
            gate,
            ask=self.names(gate.ask),
            do=self.name(gate.do) if gate.do else None,
            passes=self.expression(gate.passes),
            wrong=self.text(gate.wrong),
            locked=self.target(gate.locked),
        )

    def on_error(self, rule: OnError | None) -> OnError | None:
        return None if rule is None else with_target(with_changes(rule, say=self.say(rule.say)), self.target)

    def action(self, action: Action) -> Action:
        return with_changes(
            action,
            with_=self.arguments(action.with_),
            gives=self.expressions(action.gives),
            meanwhile=self.text(action.meanwhile),
            undo=self.name(action.undo) if action.undo else None,
            on_error=self.on_error(action.on_error),
            on_timeout=self.on_error(action.on_timeout),
            on_refused=self.on_error(action.on_refused),
        )

    def topic(self, topic: Topic) -> Topic:
        visit = self.name(topic.visit) if topic.visit else None
        changed = with_changes(topic, say=self.say(topic.say), visit=visit, if_=self.expression(topic.if_))
        return with_target(changed, self.target)


def inlined(whole: Flow, calling: str, called: Flow) -> Flow:
    """`whole` with the parts of the flow that its step `calling` calls."""
    own = _Renamer(calling, called)
    step = whole.steps[calling]
    call = step.call
    assert call is not None
    first = own.name(next(iter(called.steps)))
    step = with_changes(
        step,
        call=with_changes(
            call,
            with_={own.name(name): text for name, text in call.with_.items()},
            gives={ours: own.name(theirs) for ours, theirs in call.gives.items()},
            first=first,
        ),
    )
    steps: dict[str, Step] = {}
    for name, kept in whole.steps.items():
        steps[name] = step if name == calling else kept
        if name == calling:
            steps |= {own.name(theirs): own.step(their_step) for theirs, their_step in called.steps.items()}

    def merged(ours: Mapping[str, P], theirs: Mapping[str, P], change: Callable[[P], P]) -> dict[str, P]:
        return {**ours, **{own.name(name): change(part) for name, part in theirs.items()}}

    ends: dict[str, OutcomeCode] = {
        own.name(code): outcome
        for code, outcome in called.outcomes.items()
        if outcome.kind is not Kind.COMPLETE
    }
    return with_changes(
        whole,
        slots=merged(whole.slots, called.slots, own.slot),
        steps=steps,
        ask=tuple(asked_in(steps)),
        gates=merged(whole.gates, called.gates, own.gate),
        disclosures=merged(
            whole.disclosures, called.disclosures, lambda one: with_changes(one, text=own.text(one.text))
        ),
        actions=merged(whole.actions, called.actions, own.action),
        topics=merged(whole.topics, called.topics, own.topic),
        outcomes=whole.outcomes | ends,
        never_say=tuple(dict.fromkeys((*whole.never_say, *called.never_say))),
    )


# --- parts with something changed ---


def with_changes(part: P, **changes: Any) -> P:
    return part.model_copy(update=changes)


def with_target(part: P, target: Callable[[Target], Target]) -> P:
    go = getattr(part, "go", None)
    return part if go is None else with_changes(part, go=target(go))


def with_patterns(on: Patterns, change: Callable[[Response], Response]) -> Patterns:
    given = {name: getattr(on, name) for name in Patterns.model_fields}
    return with_changes(
        on, **{name: change(response) for name, response in given.items() if response is not None}
    )


def inherited(own: Patterns, flow: Patterns) -> Patterns:
    """What a step does otherwise, and beside it what its flow does otherwise."""
    usual = {name: getattr(flow, name) for name in Patterns.model_fields if getattr(own, name) is None}
    return with_changes(own, **usual)


def asked_in(steps: Mapping[str, Step]) -> Iterable[str]:
    """The slots that steps ask for, in their order, each once."""
    return dict.fromkeys(name for step in steps.values() for name in step.ask)
