"""Where a call is in its script, and how it gets to another place, or to its end. Pure: works on a draft."""

from __future__ import annotations

from dataclasses import replace

from flows.places import BACK, COMPLETE, OUTCOMES
from flows.schema import Kind
from reasoner.acts import Act, Disclose, Say, SayLine
from reasoner.agenda import ToRead, last_to_read, next_task, reading_acts, remembered_for_later
from reasoner.conditions import holds
from reasoner.draft import Draft, last_words
from reasoner.events import HandOver, HangUp
from reasoner.state import DisclosureState, Frame, GateState, Outcome, StepName, Visit
from reasoner.types import SlotState

MOST_DISCLOSINGS = 3

_LAST_LINES = {
    COMPLETE: "goodbye",
    "handed_over": "handover",
    "cancelled": "cancelled",
    "declined": "declined",
    "gave_up": "cannot_finish",
    "locked_out": "locked_out",
}
_OF_KIND = {
    Kind.COMPLETE: COMPLETE,
    Kind.HANDED_OVER: "handed_over",
    Kind.CANCELLED: "cancelled",
    Kind.GAVE_UP: "gave_up",
}


# --- where to ------------------------------------------------------------------------------------------------


def kind_of(draft: Draft, target: str) -> Kind | None:
    """What an outcome means, None for what is none."""
    own = draft.flow.outcomes.get(target)
    if own is not None:
        return own.kind
    return OUTCOMES.get(target) if target not in draft.flow.steps else None


def enter(draft: Draft, target: str) -> None:
    """Go to a step, back to where a visit began, or to the end. Going back to a step asks again what followed it."""
    if target == BACK:
        come_back(draft)
    elif target not in draft.flow.steps:
        end(draft, target)
    elif target in draft.path and _is_used_up(draft, target):
        _go_past(draft, target)
    else:
        if target in draft.path:
            _forget_from(draft, draft.path.index(target))
        _step_into(draft, target)


def _is_used_up(draft: Draft, name: StepName) -> bool:
    most = draft.flow.steps[name].at_most
    return most is not None and draft.visits.get(name, Visit(times=0)).times >= most


def _go_past(draft: Draft, name: StepName) -> None:
    """The end of a loop: what was last answered in it stands, for what follows may look at it."""
    while name in draft.path and _is_used_up(draft, name):
        draft.steps += 1
        if draft.steps > draft.flow.limits.steps:
            hand_over(draft, "steps")
            return
        name = draft.flow.steps[name].or_else
    enter(draft, name)


def leave_for(draft: Draft, target: str) -> None:
    """Go elsewhere with the step unfinished: it is no part of the way any more, nor is the answer to its question."""
    if draft.path and target != draft.step:
        if draft.step in draft.flow.steps[draft.step].ask:  # a question's slot is called as its step is
            draft.slots[draft.step] = SlotState()
        cut_path(draft, len(draft.path) - 1)
        _abandon(draft, target)
    enter(draft, target)


def _abandon(draft: Draft, target: str) -> None:
    """Nobody comes back to what waited for a gate, or for a called flow, that is left for good."""
    for at, frame in enumerate(draft.frames):
        visits = not frame.gate and draft.flow.steps[frame.step].call is None
        stays_within = not frame.gate and target.startswith(f"{frame.step}.")
        if target != BACK and not visits and not stays_within:
            del draft.frames[at:]
            cut_path(draft, draft.path.index(frame.step))
            return


def _step_into(draft: Draft, name: StepName) -> None:
    step, times = draft.flow.steps[name], draft.visits.get(name, Visit(times=0)).times
    draft.steps += 1
    if draft.steps > draft.flow.limits.steps:
        hand_over(draft, "steps")
    elif step.at_most is not None and times >= step.at_most:
        draft.path.append(name)
        draft.visits[name] = Visit(times=times, done=True, led_to=step.or_else)
    elif name in draft.flow.gates and _is_locked(draft, name):
        enter_locked(draft, name)
    else:
        draft.path.append(name)
        again = draft.visits[name].again if name in draft.visits else False
        draft.visits[name] = Visit(times=times + 1, again=again)


def turn_to(draft: Draft, target: StepName, *, gate: str = "") -> None:
    """Go to a step and come back to this one."""
    here = draft.step
    if target == here:
        return
    if target in draft.path:
        _take_out(draft, target)
    draft.frames.append(Frame(here, len(draft.path), gate))
    _step_into(draft, target)


def _take_out(draft: Draft, name: StepName) -> None:
    """The path without a step. Frames keep what they began behind."""
    place = draft.path.index(name)
    del draft.path[place]
    draft.frames = [
        replace(frame, depth=frame.depth - 1) if frame.depth > place else frame for frame in draft.frames
    ]


def reopen(draft: Draft) -> None:
    """The call is in the middle of a called flow again that had come back: it will have to come back once more."""
    name, flow = draft.step, draft.flow
    around = [name[:at] for at, sign in enumerate(name) if sign == "."]
    for caller in around:
        called = flow.steps[caller].call if caller in flow.steps else None
        if called is None or caller in draft.path:
            continue
        place = next(at for at, step in enumerate(draft.path) if step.startswith(f"{caller}."))
        draft.path.insert(place, caller)
        times = draft.visits[caller].times if caller in draft.visits else 1
        draft.visits[caller] = Visit(times=times, said=True)
        draft.frames.append(Frame(caller, place + 1))


def _forget_from(draft: Draft, place: int) -> None:
    """The path up to there. What the steps after it ask for is asked again when they begin, but not who is calling."""
    after = [name for name in draft.path[place:] if not draft.gates.get(name, GateState()).passed]
    cut_path(draft, place)
    for name in after:
        draft.visits[name] = replace(draft.visits[name], again=True)


def cut_path(draft: Draft, length: int) -> None:
    """Only the first steps of the path; what the others did is as if it had not been."""
    for name in draft.path[length:]:
        draft.visits[name] = Visit(times=draft.visits[name].times if name in draft.visits else 0)
    del draft.path[length:]
    draft.frames = [frame for frame in draft.frames if frame.depth <= length and frame.step in draft.path]


def come_back(draft: Draft) -> None:
    """From a visit, a gate or a sub-flow to the step that it began in."""
    if not draft.frames:
        end(draft, COMPLETE)
        return
    frame = draft.frames.pop()
    step = draft.flow.steps[frame.step]
    if frame.step in draft.path:
        draft.path.remove(frame.step)
    draft.path.append(frame.step)
    if not frame.gate and step.call is not None and draft.visit.said and not draft.visit.called:
        draft.note(called=True)
        for ours, theirs in step.call.gives.items():
            held = draft.slots[theirs]
            draft.slots[ours] = replace(held) if held.value is not None else SlotState()


def _is_locked(draft: Draft, name: str) -> bool:
    known = draft.gates.get(name, GateState())
    return not known.passed and known.failed >= draft.flow.gates[name].attempts


def enter_locked(draft: Draft, name: str) -> None:
    """A gate was failed too often: whatever waited behind it is no part of the way any more."""
    waiting = [draft.path.index(f.step) for f in draft.frames if f.gate == name and f.step in draft.path]
    cut_path(draft, min(waiting, default=len(draft.path)))
    if name in draft.path:
        draft.path.remove(name)
    draft.frames.clear()
    enter(draft, draft.flow.gates[name].locked)


# --- ends ----------------------------------------------------------------------------------------------------


def hand_over(draft: Draft, why: str) -> None:
    end(draft, "handed_over", why)


def end(draft: Draft, code: str, why: str = "") -> None:
    """The call ends. It is complete only when all that it needs was given, confirmed and said."""
    kind = kind_of(draft, code) or Kind.HANDED_OVER
    if kind is Kind.COMPLETE and not _may_complete(draft):
        return
    own = draft.flow.outcomes.get(code)
    usual = _LAST_LINES.get(code) or _LAST_LINES[_OF_KIND[kind]]
    act: Act = Say(own.say, last=True) if own is not None and own.say else SayLine(usual)
    last_words(draft, act)
    draft.outcome, draft.code = Outcome(kind.value), code
    draft.open_question = ""
    draft.doing = None
    draft.effects.append(HandOver(why or code) if kind is Kind.HANDED_OVER else HangUp())


def _may_complete(draft: Draft) -> bool:
    """Whether nothing is missing. What is, is seen to first."""
    if draft.open_question or not _is_proven(draft):
        draft.waits = True  # for its answer, or for the voice to have said it
        return False
    if (
        not goal_reached(draft)
        and next_task(draft.flow, draft.slots, draft.begun, draft.today, draft.hidden) is not None
    ):
        return False
    later = remembered_for_later(draft.flow, draft.slots, draft.path, draft.today)
    left = last_to_read(draft.flow, draft.slots, draft.hidden | later)
    if left is not None:
        read_back(draft, left)
    return left is None


def goal_reached(draft: Draft) -> bool:
    reached = draft.flow.done_when
    return reached is not None and holds(draft.flow, reached, draft.values())


def _is_proven(draft: Draft) -> bool:
    """Whether all that has to be spoken was; what was not is, and then waited for."""
    proven = True
    for name, disclosure in draft.flow.disclosures.items():
        known = draft.disclosures.get(name, DisclosureState())
        if known.proven is not None or not (disclosure.required or known.times):
            continue
        proven = False
        if known.times > MOST_DISCLOSINGS:
            hand_over(draft, f"disclosure:{name}")
            return False
        disclose(draft, name)
    return proven


def say_what_is_owed(draft: Draft) -> None:
    """Say again what had to be said and was cut off."""
    for name, known in list(draft.disclosures.items()):
        if known.times and name in draft.flow.disclosures:
            disclose(draft, name)


def disclose(draft: Draft, name: str) -> None:
    """Say what has to be said, unless it was, or is being."""
    known = draft.disclosures.get(name, DisclosureState())
    if known.proven is None and not known.revision:
        draft.acts.append(Disclose(name, len(known.parts)))
        draft.disclosures[name] = replace(known, revision=draft.state.revision + 1, times=known.times + 1)


def read_back(draft: Draft, task: ToRead) -> None:
    acts, draft.pending = reading_acts(draft.flow, draft.slots, task.slots)
    draft.acts += acts
    draft.waits = True
