"""How a call goes through its steps. Pure: works on a draft of the next state."""

from __future__ import annotations

from dataclasses import replace

from flows.places import COMPLETE, SKIP
from flows.slot import Confirm, SlotType
from flows.step import Patterns, Step
from reasoner.acts import Ask, AskSpelling, Echo, Say, SayLine
from reasoner.agenda import ToRead, last_to_read, next_task, repeat_pending
from reasoner.conditions import canonical, depends_on, holds, refutes, way_on
from reasoner.doing import act
from reasoner.draft import Draft
from reasoner.path import (
    come_back,
    disclose,
    end,
    enter,
    enter_locked,
    goal_reached,
    hand_over,
    leave_for,
    read_back,
    say_what_is_owed,
    turn_to,
)
from reasoner.revise import revise
from reasoner.slots import decline, give, part_to_spell
from reasoner.state import GateState, Visit
from reasoner.types import NamePart, Pending, SlotName, SlotState, SlotStatus, Waiting

MOST_MOVES = 2000
"""Within one turn. A script that moves on more often without waiting for anybody runs in a circle."""


def begin(draft: Draft) -> None:
    """The first step."""
    enter(draft, next(iter(draft.flow.steps)))


def go_on(draft: Draft) -> None:
    """Do what is next until somebody has to be waited for, or the call is over."""
    if draft.outcome is not None:
        return
    draft.pending, draft.waits = Pending(), False
    say_what_is_owed(draft)
    revise(draft)
    for _ in range(MOST_MOVES):
        if goal_reached(draft):
            end(draft, COMPLETE)
        elif not _ask_or_read(draft):
            _move(draft)
        if draft.outcome is not None or draft.doing is not None or draft.waits:
            return
    hand_over(draft, "steps")


def _ask_or_read(draft: Draft) -> bool:
    """Ask for, or read back, what the steps so far still want. False where they want nothing."""
    if not draft.path or not draft.visit.said:
        return False
    _drop_impossible(draft)
    task = next_task(draft.flow, draft.slots, draft.begun, draft.today, draft.hidden)
    if isinstance(task, ToRead):
        read_back(draft, task)
    elif task is not None:
        draft.waits = ask(draft, task.slot)
    return task is not None


def _drop_impossible(draft: Draft) -> None:
    """What was given to this step before it was known what it may be: it is told, and asked for again."""
    for name in draft.flow.steps[draft.step].ask if not draft.visit.done else ():
        slot, held = draft.flow.slots[name], draft.slots[name]
        if held.value is not None and slot.asked_for and refutes(draft.flow, slot.valid, draft.values()):
            draft.slots[name] = SlotState(asked=held.asked)
            draft.acts.append(Say(slot.invalid) if slot.invalid else SayLine("invalid"))


def _move(draft: Draft) -> None:
    """The next thing that the step has to do beside asking."""
    if not draft.path:
        begin(draft)
        return
    name, visit = draft.step, draft.visit
    step = draft.flow.steps[name]
    if visit.done:
        enter(draft, visit.led_to)
    elif not visit.said:
        _begin_step(draft)
    elif step.do is not None and not visit.acted:
        unsettled = _unsettled(draft, step.do)
        if unsettled is not None:
            read_back(draft, unsettled)
        else:
            act(draft, step.do)
    elif step.call is not None and not visit.called:
        _call(draft)
    elif name in draft.flow.gates:
        _try_gate(draft, name)
    else:
        leave(draft, step)


def _unsettled(draft: Draft, name: str) -> ToRead | None:
    """What a write would use that was only said in passing: nobody has had the time to object to it."""
    action = draft.flow.actions[name]
    if action.effect != "write":
        return None
    used = depends_on(draft.flow, *action.with_.values()) - draft.hidden
    return last_to_read(
        draft.flow, {n: draft.slots[n] if n in used else SlotState() for n in draft.slots}, ()
    )


def _begin_step(draft: Draft) -> None:
    """Pass the step by, or see to what it needs, or say its lines."""
    step = draft.flow.steps[draft.step]
    if step.if_ is not None and not holds(draft.flow, step.if_, draft.values()):
        draft.note(skipped=True, done=True, led_to=step.below)
    elif not _turn_to_gate(draft):
        if draft.visit.again:
            _forget(draft, step)
        draft.say(step.say)
        draft.note(said=True, again=False)


def _forget(draft: Draft, step: Step) -> None:
    """What was answered before the call came back here, unless it was said just now."""
    for name in step.ask:
        if name not in draft.fresh:
            draft.slots[name] = SlotState()


def _turn_to_gate(draft: Draft) -> bool:
    """Go to a gate that the step needs and that is not passed. Disclosures are said on the way."""
    for need in draft.flow.steps[draft.step].needs:
        if need in draft.flow.disclosures:
            disclose(draft, need)
        elif need in draft.flow.gates and not draft.gates.get(need, GateState()).passed:
            turn_to(draft, need, gate=need)
            return True
    return False


def _call(draft: Draft) -> None:
    """Go through another flow's steps."""
    name, call = draft.step, draft.flow.steps[draft.step].call
    assert call is not None
    inside = f"{name}."
    kept = _proven(draft) | _told_before(draft, inside)
    for theirs, slot in draft.flow.slots.items():
        if theirs.startswith(inside) and theirs not in kept:
            draft.slots[theirs] = give(canonical(draft.flow, theirs, slot.start))
    draft.set(dict(call.with_))
    draft.path = [step for step in draft.path if not step.startswith(inside)]
    for step in [step for step in draft.visits if step.startswith(inside)]:
        draft.visits[step] = Visit(times=draft.visits[step].times)
    turn_to(draft, call.first)


def _told_before(draft: Draft, inside: str) -> set[SlotName]:
    """What the caller has told of the called flow before it began; once it has been gone through, only what is new."""
    mine = (name for name, slot in draft.flow.slots.items() if name.startswith(inside) and slot.asked_for)
    return {name for name in mine if draft.visit.times <= 1 or name in draft.fresh}


def _proven(draft: Draft) -> set[SlotName]:
    """What was given to pass a gate, and what was looked up for it: who is calling is not asked twice."""
    flow, found = draft.flow, set[SlotName]()
    for name, gate in flow.gates.items():
        if draft.gates.get(name, GateState()).passed:
            found |= {*gate.ask, *(flow.actions[gate.do].gives if gate.do is not None else ())}
    return found


def leave(draft: Draft, step: Step) -> None:
    """Go on from a step by its way, and note what that changes: a correction may have to take it back."""
    before = dict(draft.slots)
    if step.set:
        draft.set(dict(step.set))
    way = way_on(draft.flow, step.then, draft.values())
    if way.set:
        draft.set(dict(way.set))
    touched = [name for name in (*step.set, *way.set) if name in before]
    draft.say(way.say)
    draft.note(
        done=True,
        led_to=way.go,
        way=step.then.index(way),
        had={name: before[name].value for name in touched},
        gave={name: draft.slots[name].value for name in touched},
    )
    enter(draft, way.go)


def _try_gate(draft: Draft, name: str) -> None:
    """All that proves it was given: does it hold?"""
    gate, known = draft.flow.gates[name], draft.gates.get(name, GateState())
    draft.note(done=True)
    if holds(draft.flow, gate.passes, draft.values()):
        draft.gates[name] = replace(known, passed=True)
        come_back(draft)
        return
    draft.gates[name] = known = replace(known, failed=known.failed + 1)
    for slot in gate.ask:
        draft.slots[slot] = SlotState()
    if known.failed >= gate.attempts:
        enter_locked(draft, name)
    else:
        draft.acts.append(Say(gate.wrong) if gate.wrong else SayLine("not_verified"))
        draft.visits[name] = Visit(times=draft.visit.times, said=True)


def ask(draft: Draft, name: SlotName, *, spell: bool = False) -> bool:
    """Ask for a slot, which counts as an attempt. False with all attempts used: then it was given up.

    `spell`: have a name spelled even though none was heard yet.
    """
    slot, state = draft.flow.slots[name], draft.slots[name]
    if state.asked >= slot.attempts:
        _give_up(draft, name)
        return False
    draft.slots[name] = replace(state, asked=state.asked + 1)
    if slot.type is SlotType.PERSON_NAME and (spell or state.value or state.denied or state.spelled):
        was_spelling = draft.pending.waiting is Waiting.SPELLING and draft.pending.slots[:1] == (name,)
        part = part_to_spell(slot, state)
        same = was_spelling and draft.pending.part is part
        draft.acts.append(AskSpelling(name, again=int(same), part=part))
        draft.pending = Pending(Waiting.SPELLING, (name,), part)
    else:
        draft.acts.append(Ask(name, again=state.asked))
        draft.pending = Pending(Waiting.ANSWER, (name,), NamePart.WHOLE)
    return True


def _give_up(draft: Draft, name: SlotName) -> None:
    slot = draft.flow.slots[name]
    if slot.give_up == SKIP or (not slot.give_up and not slot.required):
        draft.slots[name] = decline(draft.slots[name])
    elif slot.give_up:
        draft.slots[name] = decline(draft.slots[name])
        leave_for(draft, slot.give_up)
    else:
        hand_over(draft, f"attempts:{name}")


def ask_again(draft: Draft, *, spell: bool = False) -> None:
    """Put the pending question once more, as another attempt where it asks for a value."""
    if draft.pending.waiting in (Waiting.ANSWER, Waiting.SPELLING):
        if not ask(draft, draft.pending.slots[0], spell=spell or draft.pending.waiting is Waiting.SPELLING):
            go_on(draft)
    else:
        return_to_pending(draft)


def return_to_pending(draft: Draft, *, plainer: bool = False) -> None:
    """Put the pending question once more without counting it as an attempt."""
    acts = repeat_pending(draft.flow, draft.view(), plainer=plainer)
    if acts:
        draft.acts += acts
    elif draft.doing is None:
        go_on(draft)


def echo_implicit(draft: Draft, names: list[SlotName]) -> list[SlotName]:
    """Say in passing what counts unless the caller objects. Those that are."""
    flow = draft.flow
    said = [
        name
        for name in names
        if flow.slots[name].policy is Confirm.IMPLICIT
        and draft.slots[name].status is SlotStatus.HEARD
        and not draft.slots[name].doubted
        and name not in draft.hidden
    ]
    if said:
        draft.acts.insert(0, Echo(tuple(said)))
    return said


_FAILED = ("not_understood", "silence", "dont_know")
"""What callers do to a question that was not clear to them: it is put in other words, where the flow has some."""


def respond(draft: Draft, pattern: str) -> bool:
    """Do what the step, or the flow, says about something that callers do. False where neither does."""
    own = draft.flow.steps[draft.step].on if draft.path else Patterns()
    response = getattr(own, pattern) or getattr(draft.flow.on, pattern)
    if response is None:
        return False
    draft.say(response.say)
    if response.go is not None:
        leave_for(draft, response.go)
        go_on(draft)
    else:
        return_to_pending(draft, plainer=pattern in _FAILED)
    return True
