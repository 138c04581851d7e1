"""The goal-state machine: the only writer of a GoalState.

`advance` is pure, deterministic and total: any event in any state gives a state, and nothing is raised. It has no
clock; time comes with the events.
"""

from __future__ import annotations

from datetime import date

from flows.schema import Flow
from reasoner.acts import Acknowledge, Apologise, Echo, Greet, SayLine, Tell
from reasoner.by_hand import take_by_hand
from reasoner.conditions import canonical
from reasoner.correction import take_late_speech, take_speech
from reasoner.doing import take_failure, take_result
from reasoner.draft import Draft, begin_draft, reply
from reasoner.events import (
    ActionDone,
    ActionFailed,
    AgentSpoke,
    ByHand,
    CallEnded,
    CallerRecognised,
    CallerSaid,
    CallerWasSilent,
    CallResumed,
    CallStarted,
    Effect,
    Event,
    PassagesFound,
)
from reasoner.known import take_given, take_recognised
from reasoner.path import end, hand_over
from reasoner.resumed import take_up_again
from reasoner.script import begin, go_on, respond, return_to_pending
from reasoner.slots import give
from reasoner.state import GoalState, Outcome
from reasoner.turn import take_turn
from reasoner.types import Waiting

HOLD_S = 45.0
"""How long a caller who asked for a moment is left in peace."""

Advanced = tuple[GoalState, tuple[Effect, ...]]


def start(flow: Flow, call: str) -> GoalState:
    """The state before the first word. `call`: its id."""
    return GoalState(
        call=call,
        flow=flow.flow,
        flow_hash=flow.content_hash,
        slots={name: give(canonical(flow, name, slot.start)) for name, slot in flow.slots.items()},
    )


def advance(flow: Flow, state: GoalState, event: Event) -> Advanced:
    """What follows from `event`.

    Returns:
        The next state, one revision on, and what is wanted of the world. The state as it was, and nothing, where
        the event is late (its revision has passed), where the call has its outcome, or where it changes nothing.
    """
    if isinstance(event, ByHand):
        return take_by_hand(flow, state, event)
    if state.outcome is not None or _is_late(state, event):
        return state, ()
    draft = begin_draft(flow, state)
    match event:
        case CallStarted():
            _answer_the_phone(draft, event)
        case CallerSaid():
            take_turn(draft, event)
        case PassagesFound():
            _tell(draft, event)
        case ActionDone() | ActionFailed():
            _take_answer(draft, event)
        case CallerWasSilent():
            if draft.doing is not None or (state.held and event.for_s < HOLD_S):
                return state, ()
            _break_silence(draft, event)
        case AgentSpoke():
            late = event.revision != state.acts_revision
            if not (take_late_speech if late else take_speech)(draft, event):
                return state, ()
        case CallerRecognised():
            if not take_recognised(draft, event):
                return state, ()
        case CallResumed():
            take_up_again(draft, event)
        case CallEnded():
            draft.pass_time(event.at_s)
            draft.outcome, draft.code = Outcome.HUNG_UP, Outcome.HUNG_UP.value
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
        case ActionDone() | ActionFailed():
            return state.doing is None or state.doing.id != event.id
        case _:
            return False


def _answer_the_phone(draft: Draft, event: CallStarted) -> None:
    draft.pass_time(event.at_s)
    draft.today = _day(event.today)
    for name, value in event.given.items():
        if name in draft.slots:
            take_given(draft, name, value)
    draft.acts.append(Greet())
    begin(draft)
    go_on(draft)
    reply(draft)


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""


def _take_answer(draft: Draft, event: ActionDone | ActionFailed) -> None:
    draft.pass_time(event.at_s)
    if isinstance(event, ActionDone):
        take_result(draft, event.result)
    else:
        take_failure(draft, event.why)
    if draft.outcome is None:
        go_on(draft)
    if draft.acts:
        reply(draft)


def _tell(draft: Draft, event: PassagesFound) -> None:
    """Answer the caller's question, between what was said about the turn and the way on."""
    prepared = draft.state.acts if draft.state.acts_revision == draft.state.revision else ()
    leads = [act for act in prepared if isinstance(act, Apologise | Acknowledge | Echo)]
    draft.acts += [*leads, Tell(event.question, event.passages), *prepared[len(leads) :]]
    draft.open_question = ""
    if draft.doing is None and draft.pending.waiting is Waiting.NOTHING:
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
        end(draft, "gave_up")
    elif draft.at_s >= draft.flow.limits.minutes * 60:
        hand_over(draft, "minutes")
    elif not respond(draft, "silence"):
        draft.acts.append(SayLine("still_there"))
        return_to_pending(draft, plainer=True)
    reply(draft)
