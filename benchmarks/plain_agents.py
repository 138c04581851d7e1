"""Two plain ways to run a flow, to stand beside the machine in `benchmarks/adherence.py`.

* the form: asks one slot a turn, in order; only what was asked for is filled; what is read back and denied is asked
  for again.
* the nodes: goes from node to node, as flow editors do: within a node (a step of several; of a flow with one step,
  each slot) whatever fits is filled and can be corrected; what belongs to other nodes is lost.

Neither answers questions nor goes back. Both hear through the same understander as the machine does, hand over when
asked to, repeat when asked to, and walk the flow by the same rules (`orchestrator.simulate.walk`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from flows.conditions import Expressions
from flows.schema import Flow
from flows.slot import Confirm, Slot, SlotType
from orchestrator.simulate.line import Agent, Line, Moment, Setting, Turn
from orchestrator.simulate.route import outcome_of
from orchestrator.simulate.walk import Walk, WantAction, WantSlot, Words
from reasoner.acts import Act, Ask, ReadBack
from reasoner.events import Reply
from reasoner.machine import start
from reasoner.reply import spoken
from reasoner.state import DisclosureState, Frame, GateState, GoalState, Outcome
from reasoner.types import (
    Answer,
    Channel,
    Evidence,
    Intent,
    Pending,
    Reading,
    SlotName,
    SlotState,
    SlotStatus,
    Understood,
    Utterance,
    Value,
    Waiting,
)

_PLACE = re.compile(r"\{([a-z][a-z0-9_.]*)\}")
_WONT = {Intent.DONT_KNOW, Intent.REFUSE, Intent.SKIP}


def form(agent: Agent, setting: Setting) -> Line:
    """The fixed-order form."""
    return _Plain(agent, setting, nodes=False)


def nodes(agent: Agent, setting: Setting) -> Line:
    """The node-by-node flow."""
    return _Plain(agent, setting, nodes=True)


@dataclass(slots=True)
class _Plain:
    agent: Agent
    setting: Setting
    nodes: bool
    _state: GoalState = field(init=False)
    _walk: Walk = field(init=False)
    _way: Any = field(init=False)
    _want: WantSlot | None = None
    _attempts: int = 0
    _silences: int = 0
    _prefilled: dict[SlotName, Value] = field(default_factory=dict)
    _words: list[str] = field(default_factory=list)
    _acts: list[Act] = field(default_factory=list)

    def __post_init__(self) -> None:
        flow = self.agent.flow
        known = {"today": self.setting.today, **self.setting.given}
        self._state = replace(start(flow, "plain"), today=self.setting.today)
        self._walk = Walk(flow, Expressions(flow.slots, ("result",)), known)
        self._way = self._walk.go()

    @property
    def _flow(self) -> Flow:
        return self.agent.flow

    # --- the turns -----------------------------------------------------------------------------------------

    async def begin(self) -> Turn:
        self._words.append(self._flow.lines.greeting)
        self._on(None)
        return self._turn()

    async def said(self, text: str, confidence: float) -> Turn:
        self._silences = 0
        self._state = replace(self._state, turns=self._state.turns + 1)
        utterance = Utterance((Reading(text, confidence),) if text.strip() else (), 0, 0, Channel.TEXT)
        understood = await self.agent.understander.understand(self._flow, self._state, utterance)
        if Intent.HUMAN in understood.intents:
            self._end(Outcome.HANDED_OVER)
        elif self._state.turns >= self._flow.limits.turns:
            self._end(Outcome.GAVE_UP)
        elif Intent.REPEAT in understood.intents and not understood.values:
            self._again()
        elif self._state.pending.waiting is Waiting.CONFIRMATION:
            self._confirmed(understood)
        else:
            self._answered(understood)
        return self._turn()

    async def silent(self, for_s: float) -> Turn:
        self._silences += 1
        if self._silences >= self._flow.limits.silences:
            self._end(Outcome.GAVE_UP)
        else:
            self._words.append("Are you still there?")
            self._again()
        return self._turn()

    async def hung_up(self) -> Turn:
        self._state = replace(self._state, outcome=Outcome.HUNG_UP)
        return self._turn()

    def _turn(self) -> Turn:
        state = replace(self._state, acts=tuple(self._acts), revision=self._state.revision + 1)
        self._state = state
        words, self._words, self._acts = " ".join(filter(None, self._words)), [], []
        return Turn(words, (Moment(state, (Reply(),)),))

    # --- what was asked -------------------------------------------------------------------------------------

    def _answered(self, understood: Understood) -> None:
        want = self._want
        assert want is not None
        found = _values(understood, self._flow, want.slot)
        self._keep_for_later(found, want)
        if want.slot in found:
            self._take(found[want.slot])
        elif not want.required and understood.intents & _WONT:
            self._on(None)
        else:
            self._failed()

    def _keep_for_later(self, found: dict[SlotName, Value], want: WantSlot) -> None:
        """What else fits the node."""
        if self.nodes and want.step and len(self._flow.steps) > 1:
            here = self._flow.steps[want.step].ask
            self._prefilled |= {
                name: value for name, value in found.items() if name in here and name != want.slot
            }

    def _take(self, value: Value) -> None:
        assert self._want is not None
        name = self._want.slot
        slot = self._flow.slots[name]
        self._hold(name, value, SlotStatus.HEARD)
        if slot.policy is Confirm.NEVER:
            self._on(value)
            return
        self._read_back(name, value)

    def _read_back(self, name: SlotName, value: Value) -> None:
        self._pend(Waiting.CONFIRMATION, name)
        self._acts.append(ReadBack((name,)))
        self._words.append(f"{_statement(self._flow.slots[name], value, self._flow)} Is that right?")

    def _confirmed(self, understood: Understood) -> None:
        assert self._want is not None
        name = self._want.slot
        value = self._state.slots[name].value
        found = _values(understood, self._flow, name)
        if self.nodes and name in found and found[name] != value:
            self._take(found[name])
        elif understood.answer is Answer.YES and value is not None:
            self._hold(name, value, SlotStatus.CONFIRMED)
            self._on(value)
        elif understood.answer is Answer.NO:
            self._hold(name, None, SlotStatus.EMPTY)
            self._failed()
        else:
            self._attempts += 1
            if self._attempts >= self._flow.slots[name].attempts:
                self._end(Outcome.HANDED_OVER)
            elif value is not None:
                self._read_back(name, value)

    def _failed(self) -> None:
        assert self._want is not None
        self._attempts += 1
        slot = self._flow.slots[self._want.slot]
        if self._attempts < slot.attempts:
            self._words.append("Sorry.")
            self._ask()
        elif self._want.required:
            self._end(Outcome.HANDED_OVER)
        else:
            self._on(None)

    def _again(self) -> None:
        assert self._want is not None
        value = self._state.slots[self._want.slot].value
        if self._state.pending.waiting is Waiting.CONFIRMATION and value is not None:
            self._read_back(self._want.slot, value)
        else:
            self._ask()

    def _ask(self) -> None:
        assert self._want is not None
        name = self._want.slot
        slot = self._flow.slots[name]
        texts = (slot.ask, *slot.again)
        self._words.append(self._filled(texts[min(self._attempts, len(texts) - 1)]))
        self._acts.append(Ask(name, self._attempts))
        self._pend(Waiting.ANSWER, name)

    # --- on through the flow --------------------------------------------------------------------------------

    def _on(self, value: Value | None) -> None:
        """Go on with an answer, None for none, until the next question or the end."""
        answer: Any = value
        self._attempts = 0
        while True:
            try:
                wanted = self._way.send(answer)
            except StopIteration as end:
                self._end(outcome_of(self._flow, end.value), end.value)
                return
            answer = None
            if isinstance(wanted, Words):
                self._words.append(self._filled(wanted.text))
            elif isinstance(wanted, WantAction):
                given = self._flow.actions[wanted.action].with_
                arguments = {
                    key: self._walk.expressions.value(text, wanted.known) for key, text in given.items()
                }
                known = wanted.action in self.setting.results
                answer = (self.setting.result(wanted.action, arguments),) if known else None
            else:
                self._enter(wanted)
                return

    def _enter(self, want: WantSlot) -> None:
        self._want = want
        gates = (
            [] if want.step else [name for name, gate in self._flow.gates.items() if want.slot in gate.ask]
        )
        passed = self._walk.passed
        self._state = replace(
            self._state,
            path=(want.step,) if want.step else self._state.path,
            frames=tuple(Frame(self._state.step, 0, gate) for gate in gates),
            gates={name: GateState(name in passed) for name in self._flow.gates},
            disclosures={name: _disclosed(name in passed) for name in self._flow.disclosures},
        )
        if want.slot in self._prefilled:
            self._take(self._prefilled.pop(want.slot))
        else:
            self._ask()

    def _end(self, outcome: Outcome, code: str = "") -> None:
        self._words.append("Goodbye.")
        self._state = replace(self._state, outcome=outcome, code=code, pending=Pending())

    def _hold(self, name: SlotName, value: Value | None, status: SlotStatus) -> None:
        slots = {**self._state.slots, name: SlotState(status, value, 1.0)}
        self._state = replace(self._state, slots=slots)

    def _pend(self, waiting: Waiting, name: SlotName) -> None:
        self._state = replace(self._state, pending=Pending(waiting, (name,)))

    def _filled(self, text: str) -> str:
        def value(found: re.Match[str]) -> str:
            slot = self._flow.slots.get(found[1])
            known = self._walk.known.get(found[1])
            return spoken(slot, known, self._flow.language) if slot and known is not None else ""

        return _PLACE.sub(value, text)


def _values(understood: Understood, flow: Flow, asked: SlotName) -> dict[SlotName, Value]:
    found = {heard.slot: heard.value for heard in understood.values}
    if asked not in found and understood.answer and flow.slots[asked].type is SlotType.YES_NO:
        found[asked] = understood.answer is Answer.YES
    return found


def _statement(slot: Slot, value: Value, flow: Flow) -> str:
    if value == () and slot.none:
        return f"I have noted {slot.none}."
    said = spoken(slot, value, flow.language)
    if slot.type is SlotType.YES_NO and (slot.yes if value else slot.no):
        return f"{said[:1].upper()}{said[1:]}."
    return f"Your {slot.label.removeprefix('your ')} is {said}."


def _disclosed(said: bool) -> DisclosureState:
    return DisclosureState(proven=Evidence("", 0, 0) if said else None)
