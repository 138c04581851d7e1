"""A flow as written → the same, written out: nothing is left to be guessed, and sub-flows are part of it.

* Every slot has its label and its question.
* Every flow has steps. A `question` has become a slot named after its step, and its answers ways on.
* Every gate has a step of its own, of the same name, that asks for its slots and goes back.
* Every step ends with a way that is always open, and no way leads to `next` any more.
* What another flow brings along carries the name of the step that calls it in front: `step.slot`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from flows.conditions import renamed
from flows.part import Part
from flows.schema import (
    Action,
    Answer,
    Flow,
    Gate,
    Kind,
    Knowledge,
    Line,
    OnError,
    OutcomeCode,
    Patterns,
    Response,
    Step,
    Target,
    Topic,
    Way,
)
from flows.slot import Confirm, Slot, SlotType

BACK = "back"
NEXT = "next"
COMPLETE = "complete"
ELSE = "else"
MAIN = "main"
SKIP = "skip"

OUTCOMES: Mapping[str, Kind] = {
    COMPLETE: Kind.COMPLETE,
    "handed_over": Kind.HANDED_OVER,
    "cancelled": Kind.CANCELLED,
    "declined": Kind.CANCELLED,
    "gave_up": Kind.GAVE_UP,
    "locked_out": Kind.GAVE_UP,
}
"""The outcomes that every flow has, and what they mean."""

_QUESTIONS = {
    "en": {
        SlotType.YES_NO: "Is it so: {label}? Please say yes or no.",
        SlotType.LIST: "Which {label}?",
        SlotType.CHOICE: "Which {label}?",
        SlotType.NUMBER: "What is the {label}?",
        SlotType.TEXT: "Please tell me: what is the {label}?",
    }
}
_QUESTION = {"en": "What is your {label}?"}
_PLACE = re.compile(r"\{([a-z][a-z0-9_.]*)\}")
P = TypeVar("P", bound=Part)


def expand(flow: Flow, imported: Mapping[str, Flow]) -> Flow:
    """Write a flow out.

    Args:
        flow: as written, and without mistakes.
        imported: what its `imports` name, written out.
    """
    steps = dict(flow.steps) or {MAIN: Step(ask=flow.ask)}
    slots = {name: _with_words(name, slot, flow.language) for name, slot in flow.slots.items()}
    for name, step in steps.items():
        if step.question:
            slots[name] = _question_slot(name, step)
    for gate in flow.gates.values():
        for name in gate.ask:
            if name in slots and slots[name].confirm is None:
                slots[name] = _with(slots[name], confirm=Confirm.NEVER)
    order = list(steps)
    resolved = {
        name: _resolved(name, step, order[at + 1] if at + 1 < len(order) else COMPLETE)
        for at, (name, step) in enumerate(steps.items())
    }
    resolved |= {
        name: Step(ask=gate.ask, do=gate.do, then=(Way(go=BACK),)) for name, gate in flow.gates.items()
    }
    whole = _with(flow, slots=slots, steps=resolved, ask=tuple(asked_in(resolved)))
    for name, step in resolved.items():
        if step.call is not None and step.call.flow in imported:
            whole = _inlined(whole, name, imported[step.call.flow])
    return whole


def asked_in(steps: Mapping[str, Step]) -> Iterable[str]:
    """The slots that steps ask for, in their order, each once."""
    return dict.fromkeys(name for step in steps.values() for name in step.ask)


def _with(part: P, **changes: Any) -> P:
    return part.model_copy(update=changes)


def _with_words(name: str, slot: Slot, language: str) -> Slot:
    label = slot.label or name.rpartition(".")[2].replace("_", " ")
    primary = language.split("-")[0].lower()
    question = _QUESTIONS.get(primary, {}).get(slot.type) or _QUESTION.get(primary, "{label}?")
    return _with(slot, label=label, ask=slot.ask or question.format(label=label))


# --- questions -----------------------------------------------------------------------------------------------


def _question_slot(name: str, step: Step) -> Slot:
    answers = dict(step.answers)
    labels = [label for label in answers if label != ELSE]
    yes_no = ELSE not in answers and set(labels) <= {"yes", "no"}
    return Slot(
        type=SlotType.YES_NO if yes_no else SlotType.CHOICE,
        label=(step.about or name.replace("_", " ")).rstrip("."),
        ask=step.question,
        confirm=Confirm.NEVER,
        values={label: answers[label].says for label in labels},
        other=ELSE if ELSE in answers else "",
        pii="none",
    )


def _answer_ways(name: str, step: Step) -> tuple[Way, ...]:
    labels = [label for label in step.answers if label != ELSE]
    yes_no = ELSE not in step.answers and set(labels) <= {"yes", "no"}

    def condition(label: str) -> str:
        if yes_no:
            return name if label == "yes" else f"!{name}"
        return f"{name} == {json.dumps(label, ensure_ascii=False)}"

    return tuple(_answer_way(condition(label), answer) for label, answer in step.answers.items())


def _answer_way(condition: str, answer: Answer) -> Way:
    return Way.model_validate({"if": condition, "go": answer.go}).model_copy(
        update={"say": answer.say, "set": answer.set}
    )


# --- where to go ---------------------------------------------------------------------------------------------


def _resolved(name: str, step: Step, following: str) -> Step:
    """The step with every target named. `following`: the step below."""

    def target(go: Target) -> Target:
        return following if go == NEXT else go

    ways = (*(_answer_ways(name, step) if step.question else ()), *step.then)
    if not ways or ways[-1].if_ is not None:
        ways = (*ways, Way(go=NEXT))
    return _with(
        step,
        ask=(*step.ask, *((name,) if step.question else ())),
        question="",
        answers={},
        then=tuple(_with(way, go=target(way.go)) for way in ways),
        below=following,
        or_else=target(step.or_else),
        on=_patterns(step.on, lambda response: _with_go(response, target)),
    )


def _with_go(part: P, target: Callable[[Target], Target]) -> P:
    go = getattr(part, "go", None)
    return part if go is None else _with(part, go=target(go))


def _patterns(on: Patterns, change: Callable[[Response], Response]) -> Patterns:
    given = {name: getattr(on, name) for name in Patterns.model_fields}
    return _with(on, **{name: change(response) for name, response in given.items() if response is not None})


def _inherited(own: Patterns, flow: Patterns) -> Patterns:
    """What a step does otherwise, and beside it what its flow does otherwise."""
    usual = {name: getattr(flow, name) for name in Patterns.model_fields if getattr(own, name) is None}
    return _with(own, **usual)


# --- sub-flows -----------------------------------------------------------------------------------------------


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
        return _PLACE.sub(lambda found: "{" + renamed(found[1], self._slots) + "}", text)

    def say(self, lines: Iterable[Line]) -> tuple[Line, ...]:
        return tuple(_with(line, text=self.text(line.text)) for line in lines)

    def target(self, go: Target) -> Target:
        """A sub-flow that is complete returns; whatever else it ends with ends the call."""
        if go in self._ends:
            return BACK
        known = go in self._flow.steps or go in self._flow.outcomes
        return self.name(go) if known else go

    def slot(self, slot: Slot) -> Slot:
        return _with(
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
        return _with(
            way,
            if_=self.expression(way.if_),
            say=self.say(way.say),
            set=self.expressions(way.set),
            go=self.target(way.go),
        )

    def response(self, response: Response) -> Response:
        return _with_go(_with(response, say=self.say(response.say)), self.target)

    def step(self, step: Step) -> Step:
        call = step.call
        if call is not None:
            # What it calls in turn is written out already: its own names are in place, behind the first dot.
            call = _with(
                call,
                with_=self.expressions(call.with_),
                gives={self.name(ours): self.name(theirs) for ours, theirs in call.gives.items()},
                first=self.name(call.first),
            )
        return _with(
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
            on=_patterns(_inherited(step.on, self._flow.on), self.response),
        )

    def _knowledge(self, step: Step) -> Knowledge | None:
        """Its pages are named after the calling step; where it names none, it has all that its flow brings."""
        known = step.knowledge or Knowledge()
        given = self._flow.knowledge
        every = tuple(given) if isinstance(given, dict) else ("",) if given else ()
        named = known.pages or every
        pages = tuple(self.name(name) if name else self._prefix for name in named)
        return _with(known, pages=pages) if pages or step.knowledge else None

    def gate(self, gate: Gate) -> Gate:
        return _with(
            gate,
            ask=self.names(gate.ask),
            do=self.name(gate.do) if gate.do else None,
            passes=self.expression(gate.passes),
            wrong=self.text(gate.wrong),
            locked=self.target(gate.locked),
        )

    def on_error(self, rule: OnError | None) -> OnError | None:
        return None if rule is None else _with_go(_with(rule, say=self.say(rule.say)), self.target)

    def action(self, action: Action) -> Action:
        return _with(
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
        changed = _with(topic, say=self.say(topic.say), visit=visit, if_=self.expression(topic.if_))
        return _with_go(changed, self.target)


def _inlined(whole: Flow, calling: str, called: Flow) -> Flow:
    """`whole` with the parts of the flow that its step `calling` calls."""
    own = _Renamer(calling, called)
    step = whole.steps[calling]
    call = step.call
    assert call is not None
    first = own.name(next(iter(called.steps)))
    step = _with(
        step,
        call=_with(
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
    return _with(
        whole,
        slots=merged(whole.slots, called.slots, own.slot),
        steps=steps,
        ask=tuple(asked_in(steps)),
        gates=merged(whole.gates, called.gates, own.gate),
        disclosures=merged(
            whole.disclosures, called.disclosures, lambda one: _with(one, text=own.text(one.text))
        ),
        actions=merged(whole.actions, called.actions, own.action),
        topics=merged(whole.topics, called.topics, own.topic),
        outcomes=whole.outcomes | ends,
        never_say=tuple(dict.fromkeys((*whole.never_say, *called.never_say))),
    )
