"""What follows when a caller takes back something that was settled. Pure: works on a draft of the next state.

Nothing is asked again for it. Where a condition along the path now leads elsewhere, the call goes on from there;
what was looked up with the old value is looked up anew; what was written is taken back first, or it is too late.
What the steps behind it had changed, such as a score, is as it was before they did.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import Enum, auto
from typing import Any

from flows.places import PLACE
from reasoner.acts import SayLine
from reasoner.conditions import canonical, depends_on, holds, way_on, worked_out
from reasoner.doing import action_id
from reasoner.draft import Draft
from reasoner.events import RunAction
from reasoner.path import cut_path, reopen
from reasoner.slots import give
from reasoner.state import GateState, StepName, Visit
from reasoner.types import SlotName, SlotState, SlotStatus, Value

Names = frozenset[SlotName]


class _Affected(Enum):
    """What of a step has to be done anew."""

    ALL = auto()  # whether it is done at all
    ACTION = auto()
    WAY = auto()  # where it leads, or what it sets
    WORDS = auto()  # only what is said on the way


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
        after = draft.path[place + (affected in (_Affected.WAY, _Affected.WORDS)) :]
        written = [step for step in after if _has_written(draft, step)]
        if affected is _Affected.WORDS and written:
            continue  # nothing is taken back for a word
        if any(draft.flow.actions[draft.flow.steps[step].do or ""].undo is None for step in written):
            _leave_as_it_was(draft, changed)
            return
        for step in reversed(written):
            _undo(draft, step)
        asked = draft.path[place + 1 :]
        _take_back_sets(draft, place, changed)
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
    if visit.done and not visit.skipped and name not in flow.gates and 0 <= visit.way < len(step.then):
        return _other_way(draft, name, changed)
    return None


def _other_way(draft: Draft, name: StepName, changed: Names) -> _Affected | None:
    """Whether a step would be left in another way than it was: with what was known there, and what is changed."""
    flow, step, visit = draft.flow, draft.flow.steps[name], draft.visits[name]
    sets = [*step.set.values(), *(text for way in step.then for text in way.set.values())]
    if not changed & depends_on(flow, *(way.if_ for way in step.then), *sets):
        return None
    values = _values_at(draft, name, changed)
    given = {slot: worked_out(flow, text, values) for slot, text in step.set.items()}
    values |= given
    way = way_on(flow, step.then, values)
    given |= {slot: worked_out(flow, text, values) for slot, text in way.set.items()}
    same = all(canonical(flow, slot, value) == visit.gave.get(slot) for slot, value in given.items())
    if way.go != visit.led_to or not same or visit.gave.keys() - given.keys():
        return _Affected.WAY
    return _Affected.WORDS if way.say != step.then[visit.way].say else None


def _values_at(draft: Draft, name: StepName, changed: Names) -> dict[str, Any]:
    """What was known when a step was left, but for what the caller has changed since."""
    values = dict(draft.values())
    for step in reversed(draft.path[draft.path.index(name) :]):
        values |= {slot: value for slot, value in draft.visits[step].had.items() if slot not in changed}
    return {slot: value for slot, value in values.items() if value is not None}


def _take_back_sets(draft: Draft, place: int, changed: Names) -> None:
    """What the steps from there on had changed is as it was before."""
    for step in reversed(draft.path[place:]):
        for slot, value in draft.visits[step].had.items():
            if slot in draft.slots and slot not in changed:
                draft.slots[slot] = give(value)


def _do_anew(draft: Draft, place: int, affected: _Affected) -> None:
    name = draft.path[place]
    visit = draft.visits[name]
    _count_out(draft, draft.path[place + 1 :])
    cut_path(draft, place + 1)
    match affected:
        case _Affected.ALL:
            draft.visits[name] = Visit(times=visit.times)
        case _Affected.ACTION:
            draft.visits[name] = replace(visit, acted=False, acted_on={}, **_NOT_LEFT)
        case _Affected.WAY | _Affected.WORDS:
            draft.visits[name] = replace(visit, **_NOT_LEFT)


_NOT_LEFT: Mapping[str, Any] = {"done": False, "led_to": "", "way": -1, "had": {}, "gave": {}}


def _count_out(draft: Draft, steps: list[StepName]) -> None:
    """Going through them once more for a correction is no new round of a loop. What an action did is marked by it."""
    for name in steps:
        visit = draft.visits[name]
        if draft.flow.steps[name].do is None and name not in draft.flow.gates and visit.times:
            draft.visits[name] = replace(visit, times=visit.times - 1)


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
