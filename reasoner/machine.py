"""The goal-state machine: the only writer of a GoalState.

`advance` is pure, deterministic and total: any event in any state gives a state, and nothing is raised. It has no
clock; time comes with the events.
"""

from __future__ import annotations

import re

from flows.schema import Flow
from reasoner.agenda import is_complete
from reasoner.draft import Draft, begin_draft, end, go_on, hand_over, reply, return_to_pending
from reasoner.turn import take_turn
from reasoner.types import (
    Acknowledge,
    AgentSpoke,
    Apologise,
    CallEnded,
    CallerSaid,
    CallerWasSilent,
    CallStarted,
    Effect,
    Event,
    GoalState,
    Greet,
    HangUp,
    Outcome,
    PassagesFound,
    SayLine,
    SlotState,
    Tell,
    Waiting,
)
from reasoner.whisper import reply_lines

HOLD_S = 45.0
"""How long a caller who asked for a moment is left in peace."""

Advanced = tuple[GoalState, tuple[Effect, ...]]


def start(flow: Flow, call: str) -> GoalState:
    """The state before the first word. `call`: its id."""
    return GoalState(
        call=call,
        flow=flow.flow,
        flow_hash=flow.content_hash,
        slots={name: SlotState() for name in flow.slots},
    )


def advance(flow: Flow, state: GoalState, event: Event) -> Advanced:
    """What follows from `event`.

    Returns:
        The next state, one revision on, and what is wanted of the world. The state as it was, and nothing, where
        the event is late (its revision has passed), where the call has its outcome, or where it changes nothing.
    """
    if state.outcome is not None or _is_late(state, event):
        return state, ()
    draft = begin_draft(flow, state)
    match event:
        case CallStarted():
            draft.pass_time(event.at_s)
            draft.acts.append(Greet())
            go_on(draft)
            reply(draft)
        case CallerSaid():
            take_turn(draft, event)
        case PassagesFound():
            _tell(draft, event)
        case CallerWasSilent():
            if state.held and event.for_s < HOLD_S:
                return state, ()
            _break_silence(draft, event)
        case AgentSpoke():
            if not _cut_a_read_back(flow, state, event.unspoken):
                return state, ()
            draft.cut = True
        case CallEnded():
            draft.pass_time(event.at_s)
            draft.outcome = Outcome.HUNG_UP
            draft.open_question = ""
    return draft.settled()


def _is_late(state: GoalState, event: Event) -> bool:
    match event:
        case CallStarted():
            return state.revision != 0
        case CallerSaid():
            return event.revision != state.revision
        case PassagesFound():
            asked = state.open_question
            return event.revision != state.revision or not asked or event.question != asked
        case AgentSpoke():
            return event.revision != state.acts_revision
        case _:
            return False


def _tell(draft: Draft, event: PassagesFound) -> None:
    """Answer the caller's question, between what was said about the turn and the way on."""
    prepared = draft.state.acts if draft.state.acts_revision == draft.state.revision else ()
    leads = [act for act in prepared if isinstance(act, Apologise | Acknowledge)]
    draft.acts += [*leads, Tell(event.question, event.passages), *prepared[len(leads) :]]
    draft.open_question = ""
    if is_complete(draft.flow, draft.slots):
        go_on(draft)
    elif len(prepared) == len(leads):
        return_to_pending(draft)
    reply(draft)


def _break_silence(draft: Draft, event: CallerWasSilent) -> None:
    draft.pass_time(event.at_s)
    draft.silences += 1
    draft.held = False
    draft.open_question = ""
    if draft.silences >= draft.flow.limits.silences:
        end(draft, "cannot_finish", Outcome.GAVE_UP, HangUp())
    elif draft.at_s >= draft.flow.limits.minutes * 60:
        hand_over(draft, "minutes")
    else:
        draft.acts.append(SayLine("still_there"))
        return_to_pending(draft, plainer=True)
    reply(draft)


def _cut_a_read_back(flow: Flow, state: GoalState, unspoken: str) -> bool:
    """Whether an interruption kept the caller from hearing a value that was read back.

    A reply ends with the question that it waits on, as a line of its own. Who says yes before "Is that right?" is
    over has heard the values; who says it before that has not.
    """
    missed = _words(unspoken)
    if not missed or state.pending.waiting is not Waiting.CONFIRMATION:
        return False
    closing = _words(reply_lines(flow, state)[-1].text)
    return closing[-len(missed) :] != missed


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())
