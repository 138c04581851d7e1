"""What must never happen in a call, whoever rings: counted from what was said, asked and done."""

from __future__ import annotations

from flows.conditions import Expressions
from flows.schema import Flow
from flows.slot import SlotType
from orchestrator.simulate.agreement import agrees
from orchestrator.simulate.conversation import Conversation
from orchestrator.simulate.line import Moment, Turn
from reasoner.acts import Ask, Disclose
from reasoner.events import RunAction
from reasoner.state import GoalState
from reasoner.types import SlotName

_TELLING = frozenset(
    {
        SlotType.PERSON_NAME,
        SlotType.DATE,
        SlotType.PHONE,
        SlotType.EMAIL,
        SlotType.DIGITS,
        SlotType.ID,
        SlotType.MONEY,
    }
)
"""Types whose values cannot be in a sentence by chance."""


def out_of_order(call: Conversation) -> int:
    """Questions that were not due: for a slot that no open step asks for, that is not required as things stand, or
    whose step has needs that are not met."""
    expressions = Expressions(call.flow.slots, ("result",))
    return sum(
        not _due(call.flow, moment.state, name, expressions)
        for moment in call.moments
        for name in asked(moment)
    )


def breaches(call: Conversation) -> int:
    """What came before its gate or disclosure: a protected value said or asked for, an action run."""
    flow = call.flow
    protected = [(name, slot.protected_by) for name, slot in flow.slots.items() if slot.protected_by]
    count = 0
    for turn in call.turns:
        for name, gate in protected:
            if not _passed(turn.state, gate):
                count += _says(call, turn, name) + sum(name in asked(moment) for moment in turn.moments)
        for moment in turn.moments:
            ran = [effect.action for effect in moment.effects if isinstance(effect, RunAction)]
            count += sum(_too_early(flow, moment.state, action) for action in ran)
    return count


def asked(moment: Moment) -> list[SlotName]:
    """The slots that the agent asked for just then."""
    return [act.slot for act in moment.state.acts if isinstance(act, Ask)] if moment.speaks else []


def _due(flow: Flow, state: GoalState, name: SlotName, expressions: Expressions) -> bool:
    slot = flow.slots[name]
    known = {other: held.value for other, held in state.slots.items() if held.value is not None}
    known |= {"today": state.today}
    if slot.required_if and not expressions.holds(slot.required_if, known):
        return False
    gates = [frame.gate for frame in state.frames if frame.gate]
    if any(name in flow.gates[gate].ask for gate in gates):
        return True
    held = state.slots.get(name)
    if held is not None and held.denied and (slot.protected_by is None or _passed(state, slot.protected_by)):
        return True  # it was told early, read back and denied
    step = flow.steps.get(state.step)
    return step is not None and name in step.ask and all(_met(state, need) for need in step.needs)


def _said_before(state: GoalState, need: str) -> bool:
    """Whether a disclosure comes earlier in the same reply than the question."""
    return any(isinstance(act, Disclose) and act.name == need for act in state.acts)


def _met(state: GoalState, need: str) -> bool:
    held = state.disclosures.get(need)
    if held is not None:
        return held.proven is not None or _said_before(state, need)
    return _passed(state, need)


def _passed(state: GoalState, gate: str) -> bool:
    return gate in state.gates and state.gates[gate].passed


def _says(call: Conversation, turn: Turn, name: SlotName) -> bool:
    slot, held = call.flow.slots[name], turn.state.slots.get(name)
    value = held.value if held is not None and held.value is not None else call.truth.values.get(name)
    return slot.type in _TELLING and agrees(slot, value, turn.agent) is True


def _too_early(flow: Flow, state: GoalState, action: str) -> bool:
    """Whether an action was run in a step with needs that are not met. Those of gates are what meets them."""
    if any(gate.do == action for gate in flow.gates.values()):
        return False
    steps = [step for step in flow.steps.values() if step.do == action]
    return bool(steps) and all(any(not _met(state, need) for need in step.needs) for step in steps)
