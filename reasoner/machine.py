"""The goal-state machine: the only writer of a GoalState.

`advance` is pure, deterministic and total: any event in any state gives a state, and nothing is raised. It has no
clock; time comes with the events.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from flows.schema import Flow
from reasoner.acts import Acknowledge, Apologise, Disclose, Echo, Greet, SayLine, Tell
from reasoner.conditions import canonical
from reasoner.doing import take_failure, take_result
from reasoner.draft import Draft, begin_draft, reply
from reasoner.events import (
    ActionDone,
    ActionFailed,
    AgentSpoke,
    CallEnded,
    CallerSaid,
    CallerWasSilent,
    CallStarted,
    Effect,
    Event,
    PassagesFound,
)
from reasoner.path import end, hand_over
from reasoner.reply import disclosure_words, reply_lines
from reasoner.script import begin, go_on, respond, return_to_pending
from reasoner.slots import give
from reasoner.state import DisclosureState, GoalState, Outcome
from reasoner.turn import take_turn
from reasoner.types import Evidence, Waiting

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
            if not _take_what_was_said(draft, event):
                return state, ()
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
        case AgentSpoke():
            return event.revision != state.acts_revision
        case _:
            return False


def _answer_the_phone(draft: Draft, event: CallStarted) -> None:
    draft.pass_time(event.at_s)
    draft.today = _day(event.today)
    for name, value in event.given.items():
        if name in draft.slots:
            draft.slots[name] = give(canonical(draft.flow, name, value))
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


# --- what the voice reports ----------------------------------------------------------------------------------


def _take_what_was_said(draft: Draft, event: AgentSpoke) -> bool:
    """Whether it changes anything: a read-back that was cut off, or words that had to be said."""
    cut = not draft.cut and _cut_a_read_back(draft.flow, draft.state, event.unspoken)
    draft.cut = draft.cut or cut
    disclosed = _take_disclosures(draft, event)
    if disclosed and draft.pending.waiting is Waiting.NOTHING and draft.doing is None:
        # Nothing was left but to have it said.
        go_on(draft)
        if draft.acts:
            reply(draft)
    return cut or disclosed


def _take_disclosures(draft: Draft, event: AgentSpoke) -> bool:
    """Words that were heard to their end are proven; others have to be said again."""
    names = [act.name for act in draft.state.acts if isinstance(act, Disclose)]
    heard = _words(event.text)
    for name in names:
        words = _words(disclosure_words(draft.flow, draft.state, name))
        proof = Evidence(event.text, event.start_s, event.end_s) if _holds(heard, words) else None
        known = draft.disclosures.get(name, DisclosureState())
        draft.disclosures[name] = replace(known, proven=proof, revision=known.revision if proof else 0)
    return bool(names)


def _holds(heard: list[str], words: list[str]) -> bool:
    count = len(words)
    return any(heard[at : at + count] == words for at in range(len(heard) - count + 1))


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
