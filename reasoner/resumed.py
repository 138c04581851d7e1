"""A call that goes on after its line was lost. Pure: works on a draft of the next state.

Nobody knows how much of the last reply the caller has heard, so what was in it is said again. Nothing counts as a
further attempt, and nothing that was answered is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from reasoner.acts import (
    Acknowledge,
    Act,
    Apologise,
    Ask,
    AskSpelling,
    AskWhich,
    Disclose,
    Greet,
    ReadBack,
    SayLine,
)
from reasoner.draft import Draft, reply
from reasoner.events import CallEnded, CallResumed, RunAction
from reasoner.path import disclose
from reasoner.script import go_on, return_to_pending
from reasoner.state import DisclosureState, GoalState, Outcome
from reasoner.types import Pending, Waiting

_PASSING = frozenset({"still_there", "busy", "wait", "cut_off"})
"""Lines that meant the moment in which they were said."""


def take_up_again(draft: Draft, event: CallResumed) -> None:
    """Say that the line was lost, then what the last reply had to say, its question included."""
    draft.pass_time(event.at_s)
    draft.silences, draft.held, draft.open_question = 0, False, ""
    draft.acts.append(SayLine("cut_off"))
    again = tuple(_said_again(draft))
    for act in again:
        if isinstance(act, Disclose):
            _owe(draft, act.name)
        else:
            draft.acts.append(act)
    if draft.doing is not None:
        if event.elsewhere:
            doing = draft.doing
            draft.effects.append(RunAction(doing.id, doing.action, doing.arguments))
    elif draft.pending.waiting is Waiting.NOTHING:
        if not any(isinstance(act, Disclose) for act in again):
            go_on(draft)
    elif not any(isinstance(act, Ask | AskSpelling | AskWhich | ReadBack) for act in again):
        return_to_pending(draft)
    reply(draft)


def left_alone(state: GoalState, event: CallEnded) -> GoalState:
    """A call that nobody leads any more has ended as if its caller had hung up. What its flow says plays no part."""
    return replace(
        state,
        revision=state.revision + 1,
        at_s=max(state.at_s, event.at_s),
        pending=Pending(),
        open_question="",
        outcome=Outcome.HUNG_UP,
        code=Outcome.HUNG_UP.value,
    )


def _said_again(draft: Draft) -> Iterator[Act]:
    for act in draft.state.acts:
        match act:
            case Acknowledge() | Apologise():
                continue
            case Greet() if draft.turns:
                continue
            case SayLine(line=line) if line in _PASSING:
                continue
            case Disclose(name=name) if draft.disclosures.get(name, DisclosureState()).proven is not None:
                continue
            case _:
                yield act


def _owe(draft: Draft, name: str) -> None:
    """Words that have to be said count as unsaid, and are said now."""
    known = draft.disclosures.get(name, DisclosureState())
    draft.disclosures[name] = replace(known, revision=0)
    disclose(draft, name)
