"""The way through a flow as its author wrote it, without the machine: what is asked, done and decided, in order.

A second, much smaller reading of the same rules. It knows callers who answer what they are asked, or keep a thing
back. `orchestrator.simulate.route` walks it with what a caller knows, to see where a call has to end; the plain
controllers of `benchmarks/` walk it with what they hear.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flows.conditions import Expressions
from flows.places import BACK, SKIP
from flows.schema import Flow
from flows.spoken import Line
from flows.step import Step
from reasoner.conditions import canonical
from reasoner.types import SlotName

LONGEST = 2000
"""Steps, before a way counts as endless."""


class EndlessWay(Exception):
    """A flow goes round for ever for a caller who answers everything."""

    def __init__(self, flow: str) -> None:
        self.flow = flow
        super().__init__(f"{flow}: no end after {LONGEST} steps; give the steps of the loop an `at_most`")


@dataclass(frozen=True, slots=True)
class WantSlot:
    """A slot's value is wanted: send it, or None where the caller keeps it back. `step`: "" for a gate's."""

    slot: SlotName
    required: bool
    step: str


@dataclass(frozen=True, slots=True)
class WantAction:
    """An action's result is wanted: send `(result,)`, or None where it failed."""

    action: str
    known: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Words:
    """Something to say; nothing is wanted."""

    text: str
    known: Mapping[str, Any]


Wanted = WantSlot | WantAction | Words
Way = Generator[Wanted, Any, str]
"""Gives what is wanted, one at a time, and at last the code of the outcome."""
_Moved = Generator[Wanted, Any, str | None]
_Move = Generator[Wanted, Any, str]


class _End(Exception):
    def __init__(self, code: str) -> None:
        self.code = code


@dataclass(slots=True)
class Walk:
    """One way through a flow. `known`: values of slots and `today`; it grows as the walk goes on.

    `unasked`: what a caller has said of slots whether or not they are to be asked for; it counts from where they are.
    """

    flow: Flow
    expressions: Expressions
    known: dict[str, Any]
    unasked: Mapping[SlotName, Any] = field(default_factory=dict)
    passed: set[str] = field(default_factory=set)
    _times: dict[str, int] = field(default_factory=dict)
    _calling: list[str] = field(default_factory=list)

    def go(self) -> Way:
        """Raises EndlessWay."""
        for name, slot in self.flow.slots.items():
            if slot.start is not None:
                self.known[name] = canonical(self.flow, name, slot.start)
        return (yield from self._from(next(iter(self.flow.steps))))

    def go_from(self, target: str, known: Mapping[str, Any]) -> Way:
        """The same from a step, or an outcome, on: with what is known there. Raises EndlessWay."""
        self.known |= known
        if target not in self.flow.steps:
            return target
        around = [target[:at] for at, sign in enumerate(target) if sign == "."]
        self._calling += [name for name in around if name in self.flow.steps and self.flow.steps[name].call]
        return (yield from self._from(target))

    def _from(self, at: str) -> Way:
        try:
            for _ in range(LONGEST):
                at = yield from self._step(at)
                self._finish()
        except _End as end:
            return end.code
        raise EndlessWay(self.flow.flow)

    def _finish(self) -> None:
        """The goal is reached, whatever is left of the steps."""
        if self.flow.done_when and self._holds(self.flow.done_when):
            raise _End("complete")

    def _step(self, name: str) -> _Move:
        step = self.flow.steps[name]
        if step.if_ and not self._holds(step.if_):
            return self._arrived_at(step.below) or (yield from self._returned())
        self._times[name] = self._times.get(name, 0) + 1
        if step.at_most and self._times[name] > step.at_most:
            return (yield from self._arrive(step.or_else))
        for need in step.needs:
            if (moved := (yield from self._need(need))) is not None:
                return moved
        yield from self._say(step.say)
        for slot in step.ask:
            if step.done_when and self._holds(step.done_when):
                break
            if (moved := (yield from self._ask(slot, name))) is not None:
                return moved
        if step.do and (moved := (yield from self._do(step.do))) is not None:
            return moved
        if step.call is not None:
            self.known |= {ours: self._value(text) for ours, text in step.call.with_.items()}
            self._calling.append(name)
            return step.call.first
        return (yield from self._leave(step))

    def _leave(self, step: Step) -> _Move:
        self._set(step.set)
        for way in step.then:
            if way.if_ is None or self._holds(way.if_):
                self._set(way.set)
                yield from self._say(way.say)
                return (yield from self._arrive(way.go))
        raise AssertionError("a step written out ends with a way that is open")

    def _arrive(self, target: str) -> _Move:
        return self._arrived_at(target) or (yield from self._returned())

    def _arrived_at(self, target: str) -> str:
        """The step, "" for the way back from a sub-flow."""
        if target == BACK and self._calling:
            return ""
        if target in self.flow.steps:
            return target
        raise _End(target)

    def _returned(self) -> _Move:
        step = self.flow.steps[self._calling.pop()]
        assert step.call is not None
        self.known |= {ours: self.known.get(theirs) for ours, theirs in step.call.gives.items()}
        return (yield from self._leave(step))

    def _need(self, name: str) -> _Moved:
        gate = self.flow.gates.get(name)
        if name in self.passed:
            return None
        if gate is None:
            self.passed.add(name)
            yield Words(self.flow.disclosures[name].text, self.known)
            return None
        for _ in range(gate.attempts):
            for slot in gate.ask:
                if (moved := (yield from self._ask(slot, ""))) is not None:
                    return moved
            if gate.do and (moved := (yield from self._do(gate.do))) is not None:
                return moved
            if self._holds(gate.passes):
                self.passed.add(name)
                return None
            if gate.wrong:
                yield Words(gate.wrong, self.known)
        return (yield from self._arrive(gate.locked))

    def _ask(self, name: SlotName, step: str) -> _Moved:
        slot = self.flow.slots[name]
        if not slot.asked_for:
            return None
        if slot.required_if and not self._holds(slot.required_if):
            self.known |= {name: self.unasked[name]} if name in self.unasked else {}
            return None
        if slot.protected_by and (moved := (yield from self._need(slot.protected_by))) is not None:
            return moved
        required = slot.required or slot.required_if is not None
        value = yield WantSlot(name, required, step)
        if value is None:
            return (yield from self._kept_back(name, required, step))
        self.known[name] = value
        if slot.must_be_yes and value is False:
            raise _End("declined")
        self._finish()
        return None

    def _kept_back(self, name: SlotName, required: bool, step: str) -> _Moved:
        for on in (self.flow.steps[step].on if step else None, self.flow.on):
            if on and on.refuse and on.refuse.go:
                return (yield from self._arrive(on.refuse.go))
        give_up = self.flow.slots[name].give_up or ("handed_over" if required else SKIP)
        return None if give_up == SKIP else (yield from self._arrive(give_up))

    def _do(self, name: str) -> _Moved:
        action = self.flow.actions[name]
        result = yield WantAction(name, self.known)
        if result is None:
            return (yield from self._arrive(action.on_error.go or "handed_over"))
        extra = {"result": result[0]}
        self.known |= {
            slot: self.expressions.value(text, self.known, extra) for slot, text in action.gives.items()
        }
        return None

    def _say(self, lines: tuple[Line, ...]) -> Generator[Wanted, Any, None]:
        for line in lines:
            yield Words(line.text, self.known)

    def _holds(self, text: str) -> bool:
        return self.expressions.holds(text, self.known)

    def _value(self, text: str) -> Any:
        return self.expressions.value(text, self.known)

    def _set(self, given: Mapping[str, str]) -> None:
        self.known |= {name: self._value(text) for name, text in given.items()}
