"""What is remembered of a caller from earlier calls, and when it may be used. Pure: works on a draft.

A remembered value counts as given and is confirmed as its slot says; it is never asked for from scratch. By the number
that rings alone only what the flow's author allows is used, a name first: whoever says that this is not their name is
somebody else, and hears nothing more of it. All else waits for a gate to be passed.
"""

from __future__ import annotations

from dataclasses import replace

from flows.schema import Flow
from flows.slot import Slot, SlotType
from reasoner.acts import Ask, AskSpelling, AskWhich, ReadBack
from reasoner.conditions import canonical, refutes
from reasoner.draft import Draft, reply
from reasoner.events import CallerRecognised
from reasoner.script import go_on
from reasoner.slots import give, is_untouched, recall
from reasoner.state import GateState
from reasoner.types import SlotName, SlotState, SlotStatus, Value, Waiting


def by_number(flow: Flow, name: SlotName) -> bool:
    """Whether a remembered value may be used when nothing but the number that rings is known."""
    slot = flow.slots[name]
    return _may(flow, name) and slot.known_by == "phone" and slot.protected_by is None


def by_identity(flow: Flow, name: SlotName) -> bool:
    """Whether a remembered value may be used once the caller has proven who they are."""
    return _may(flow, name)


def _may(flow: Flow, name: SlotName) -> bool:
    """What a gate asks for is never filled in: to know it is the proof."""
    slot = flow.slots[name]
    proves = any(name in gate.ask for gate in flow.gates.values())
    return slot.remember == "caller" and slot.asked_for and not proves


def take_given(draft: Draft, name: SlotName, given: Value) -> None:
    """A value that came with the call: the call's own, or one remembered of the number that rings."""
    slot, value = draft.flow.slots[name], canonical(draft.flow, name, given)
    if not by_number(draft.flow, name):
        draft.slots[name] = give(value)
    elif value is not None and not _cannot_be(draft, name, value):
        # Who answers to the name is who called before; so the name comes first, and alone.
        draft.slots[name] = recall(slot, value, doubted=slot.type is SlotType.PERSON_NAME)


def forget_another(draft: Draft) -> None:
    """Where a remembered name was denied, or is another now, somebody else is calling: of the rest nothing is used."""
    before = draft.state.slots
    for name, slot in draft.flow.slots.items():
        was = before.get(name, SlotState())
        if slot.type is SlotType.PERSON_NAME and _waits(was) and _is_another(was, draft.slots[name]):
            _forget_recalled(draft)
            return


def _is_another(was: SlotState, now: SlotState) -> bool:
    """A name with the same first word is the same person's, put right."""
    if now.value is None:
        return True
    old, new = str(was.value).casefold().split(), str(now.value).casefold().split()
    return old[:1] != new[:1]


def take_recognised(draft: Draft, event: CallerRecognised) -> bool:
    """Fill in what is remembered of who has passed a gate. False where that changes nothing.

    What the number alone had brought, and nobody has confirmed, gives way to it: another may ring from there.
    """
    gate = draft.gates.get(event.gate, GateState())
    if not gate.passed or gate.waived_by:
        return False
    before = dict(draft.slots)
    draft.pass_time(event.at_s)
    _forget_recalled(draft)
    for name, given in event.values.items():
        if name not in draft.flow.slots or not by_identity(draft.flow, name) or name in draft.hidden:
            continue
        value = canonical(draft.flow, name, given)
        if value is not None and is_untouched(draft.slots[name]) and not _cannot_be(draft, name, value):
            held = recall(draft.flow.slots[name], value)
            draft.slots[name] = replace(held, asked=draft.slots[name].asked)
    draft.earlier = event.earlier
    if draft.slots == before and draft.earlier == draft.state.earlier:
        return False
    if draft.slots != before and draft.doing is None and draft.path:
        _go_on_knowing(draft)
    return True


def _go_on_knowing(draft: Draft) -> None:
    """What was about to be said stands, but for its question: that may have its answer now."""
    prepared = draft.state.acts if draft.state.acts_revision == draft.state.revision else ()
    draft.acts += [act for act in prepared if not isinstance(act, Ask | AskSpelling | AskWhich | ReadBack)]
    pending = draft.pending
    if pending.waiting in (Waiting.ANSWER, Waiting.SPELLING) and prepared:
        held = draft.slots[pending.slots[0]]  # nobody has heard the question
        draft.slots[pending.slots[0]] = replace(held, asked=max(0, held.asked - 1))
    go_on(draft)
    if draft.acts:
        reply(draft)


def _forget_recalled(draft: Draft) -> None:
    for name, held in draft.slots.items():
        if _waits(held):
            draft.slots[name] = SlotState(asked=held.asked)
    draft.echoed = tuple(name for name in draft.echoed if draft.slots[name].value is not None)


def _waits(held: SlotState) -> bool:
    """A remembered value that nobody has confirmed in this call."""
    return held.recalled and held.status is SlotStatus.HEARD


def _cannot_be(draft: Draft, name: SlotName, value: Value) -> bool:
    slot: Slot = draft.flow.slots[name]
    is_day = slot.type is SlotType.DATE and bool(draft.today) and value != slot.no_preference
    if is_day and ((slot.past and str(value) > draft.today) or (slot.future and str(value) < draft.today)):
        return True
    return refutes(draft.flow, slot.valid, {**draft.values(), name: value})
