"""What follows when a caller takes back something that was settled. Pure: works on a draft of the next state.

Nothing is asked again for it. Where a condition along the path now leads elsewhere, the call goes on from there;
what was looked up with the old value is looked up anew; what was written is taken back first, or it is too late.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import Enum, auto

from flows.places import PLACE
from reasoner.acts import SayLine
from reasoner.conditions import depends_on, holds, way_on, worked_out
from reasoner.doing import action_id
from reasoner.draft import Draft
from reasoner.events import RunAction
from reasoner.path import cut_path, reopen
from reasoner.state import GateState, StepName, Visit
from reasoner.types import SlotName, SlotState, SlotStatus, Value

Names = frozenset[SlotName]


class _Affected(Enum):
    """What of a step has to be done anew."""

    ALL = auto()  # whether it is done at all
    ACTION = auto()
    WAY = auto()  # where it leads


def revise(draft: Draft) -> None:
    """Let what was taken back have its effect, once it is settled again."""
    revised = frozenset(
        name
        for name, held in draft.slots.items()
        if held.was is not None and held.status in (SlotStatus.CONFIRMED, SlotStatus.DECLINED)
    )
    changed = frozenset(name for name in revised if draft.slots[name].value != draft.slots[name].was)
    if changed:
        _have_effect(draft, changed)
        _close_gates(draft, changed)
    for name in revised:
        draft.slots[name] = replace(draft.slots[name], was=None)


def _have_effect(draft: Draft, changed: Names) -> None:
    for place, name in enumerate(draft.path):
        affected = _what_is_affected(draft, name, changed)
        if affected is None:
            continue
        after = draft.path[place + (affected is _Affected.WAY) :]
        written = [step for step in after if _has_written(draft, step)]
        if any(draft.flow.actions[draft.flow.steps[step].do or ""].undo is None for step in written):
            _leave_as_it_was(draft, changed)
            return
        for step in reversed(written):
            _undo(draft, step)
        asked = draft.path[place + 1 :]
        _do_anew(draft, place, affected)
        reopen(draft)
        _ask_anew(draft, asked, changed)
        return


def _what_is_affected(draft: Draft, name: StepName, changed: Names) -> _Affected | None:
    flow, values = draft.flow, draft.values()
    step, visit = flow.steps[name], draft.visits[name]
    looks_at = depends_on(flow, step.if_)
    decided = visit.said or visit.skipped
    if decided and changed & looks_at and holds(flow, step.if_, values) is visit.skipped:
        return _Affected.ALL
    if step.do is not None and visit.acted and name not in flow.gates:  # a gate is closed, and tried again
        action = flow.actions[step.do]
        arguments = {key: worked_out(flow, text, values) for key, text in action.with_.items()}
        if changed & depends_on(flow, *action.with_.values()) and arguments != visit.acted_on:
            return _Affected.ACTION
    led_on = visit.done and not visit.skipped and name not in flow.gates
    if led_on and changed & depends_on(flow, *(way.if_ for way in step.then)):
        return _Affected.WAY if way_on(flow, step.then, values).go != visit.led_to else None
    return None


def _do_anew(draft: Draft, place: int, affected: _Affected) -> None:
    name = draft.path[place]
    visit = draft.visits[name]
    cut_path(draft, place + 1)
    match affected:
        case _Affected.ALL:
            draft.visits[name] = Visit(times=visit.times)
        case _Affected.ACTION:
            draft.visits[name] = replace(visit, acted=False, acted_on={}, done=False, led_to="")
        case _Affected.WAY:
            draft.visits[name] = replace(visit, done=False, led_to="")


def _ask_anew(draft: Draft, steps: list[StepName], changed: Names) -> None:
    """The answer to a question that named what has changed says nothing any more: `Shall I book it for {day}?`"""
    for name in (slot for step in steps for slot in draft.flow.steps[step].ask):
        places = PLACE.findall(draft.flow.slots[name].ask)
        if name not in changed and changed.intersection(places):
            draft.slots[name] = SlotState()


def _has_written(draft: Draft, name: StepName) -> bool:
    step = draft.flow.steps[name]
    acted = step.do is not None and draft.visits[name].acted
    return acted and draft.flow.actions[step.do or ""].effect == "write"


def _leave_as_it_was(draft: Draft, changed: Names) -> None:
    """Too late: an action has used it for good."""
    for name in changed:
        held = draft.slots[name]
        draft.slots[name] = replace(held, status=SlotStatus.CONFIRMED, value=held.was)
    draft.acts.append(SayLine("too_late"))


def _undo(draft: Draft, step: StepName) -> None:
    """Take back what the action of a step did. It is told what that action was given, and what it asks for itself."""
    undo = draft.flow.actions[draft.flow.steps[step].do or ""].undo or ""
    values = draft.values()
    own: Mapping[str, Value | None] = {
        key: worked_out(draft.flow, text, values) for key, text in draft.flow.actions[undo].with_.items()
    }
    arguments = {**draft.visits[step].acted_on, **own}
    mark = action_id(draft, step, undo, arguments)
    draft.effects.append(RunAction(mark, undo, arguments, takes_back=True))


def _close_gates(draft: Draft, changed: Names) -> None:
    """A gate whose proof was changed has to be passed again, before anything else that needs it."""
    for name, known in draft.gates.items():
        if known.passed and name in draft.flow.gates and changed.intersection(draft.flow.gates[name].ask):
            draft.gates[name] = replace(known, passed=False)
    for place, name in enumerate(draft.path):
        gates = [need for need in draft.flow.steps[name].needs if need in draft.flow.gates]
        if draft.visits[name].said and not all(draft.gates.get(g, GateState()).passed for g in gates):
            cut_path(draft, place + 1)
            draft.visits[name] = Visit(times=draft.visits[name].times)
            reopen(draft)
            return
