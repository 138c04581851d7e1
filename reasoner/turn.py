"""What follows from what the caller said. Pure: works on a draft of the next state."""

from __future__ import annotations

from flows.schema import SlotType
from reasoner.agenda import in_order, is_complete, is_refused
from reasoner.draft import Draft, ask, ask_again, end, go_on, hand_over, reply, return_to_pending
from reasoner.taken import Taken, doubt_all, take_facts
from reasoner.types import (
    Acknowledge,
    Act,
    Apologise,
    Ask,
    AskSpelling,
    AskWhich,
    CallerSaid,
    HangUp,
    Intent,
    Outcome,
    Pending,
    ReadBack,
    SayLine,
    SlotName,
    SlotStatus,
    Understood,
    Waiting,
)


def take_turn(draft: Draft, event: CallerSaid) -> None:
    """Take in what the caller said and decide what the agent does next."""
    understood = event.understood
    draft.turns += 1
    draft.pass_time(event.utterance.end_s)
    if _only_backchannel(understood):
        return
    draft.silences, draft.held = 0, False
    draft.open_question = ""
    taken = take_facts(draft, event)
    if not _ends(draft, understood):
        _answer(draft, event, taken)
    _keep_limits(draft)
    if not draft.open_question:
        reply(draft)


def _only_backchannel(understood: Understood) -> bool:
    """A backchannel answers nothing, even where its word could be a yes."""
    return Intent.BACKCHANNEL in understood.intents and not (
        understood.intents - {Intent.BACKCHANNEL}
        or understood.values
        or understood.spelled
        or understood.rejected
        or understood.question
    )


def _ends(draft: Draft, understood: Understood) -> bool:
    """Whether the call ends here, for a person or for good."""
    flow, slots = draft.flow, draft.slots
    confirmed = (name for name in slots if slots[name].status is SlotStatus.CONFIRMED)
    if any(is_refused(flow.slots[name], slots[name]) for name in confirmed):
        end(draft, "declined", Outcome.CANCELLED, HangUp())
    elif Intent.HUMAN in understood.intents:
        hand_over(draft, "caller_asked")
    elif Intent.CANCEL in understood.intents or (
        Intent.GOODBYE in understood.intents and not is_complete(flow, slots)
    ):
        end(draft, "cancelled", Outcome.CANCELLED, HangUp())
    return draft.outcome is not None


def _keep_limits(draft: Draft) -> None:
    limits = draft.flow.limits
    if draft.outcome is not None:
        return
    if draft.turns >= limits.turns:
        hand_over(draft, "turns")
    elif draft.at_s >= limits.minutes * 60:
        hand_over(draft, "minutes")


# --- what the agent does about it ----------------------------------------------------------------------------


def _answer(draft: Draft, event: CallerSaid, taken: Taken) -> None:
    understood = event.understood
    if understood.question or Intent.QUESTION in understood.intents:
        draft.open_question = understood.question or event.utterance.text
    if draft.open_question:
        draft.questions = (*draft.questions, draft.open_question)
    if taken:
        draft.misunderstood = 0
        _proceed(draft, taken)
    else:
        _repair(draft, event, taken)


def _proceed(draft: Draft, taken: Taken) -> None:
    """Something was established, or taken back: say so and go on."""
    if taken.denied or taken.which:
        draft.acts.append(Apologise("wrong"))
    elif taken.barred:
        draft.acts.append(Apologise("not_understood"))
    before = len(draft.acts)
    missing = (*taken.denied, *taken.barred, *taken.spelled)
    focus = next((n for n in missing if draft.slots[n].status is SlotStatus.EMPTY), None)
    if taken.which:
        draft.acts.append(AskWhich(taken.which))
        draft.pending = Pending(Waiting.WHICH, taken.which)
    elif focus is not None:
        ask(draft, focus)
    else:
        go_on(draft)
    if not before and draft.outcome is None:
        read = {name for act in draft.acts if isinstance(act, ReadBack) for name in act.slots}
        told = tuple(name for name in taken.heard if name not in read)
        if told or taken.accepted or taken.declined or taken.spelled:
            draft.acts.insert(0, Acknowledge(told))


def _repair(draft: Draft, event: CallerSaid, taken: Taken) -> None:
    """Nothing new was established: a command, a question, words of no use here, or nothing understood."""
    understood, pending = event.understood, draft.pending
    asking = pending.waiting in (Waiting.ANSWER, Waiting.SPELLING)
    if Intent.REPEAT in understood.intents:
        _say_again(draft)
    elif Intent.WAIT in understood.intents:
        draft.acts.append(SayLine("wait"))
        draft.held = True
    elif draft.open_question:
        return_to_pending(draft)
    elif asking and understood.intents & {Intent.DONT_KNOW, Intent.REFUSE}:
        draft.acts.append(SayLine("needed"))
        ask_again(draft)
    elif Intent.CORRECT in understood.intents and any(_values_given(draft)):
        draft.pending = Pending(Waiting.WHICH, tuple(_values_given(draft)))
        draft.acts.append(AskWhich(draft.pending.slots))
    elif asking and (understood.answer is not None or taken.told_again):
        ask_again(draft)
    else:
        _not_understood(draft, event)
        return
    draft.misunderstood = 0


def _not_understood(draft: Draft, event: CallerSaid) -> None:
    draft.misunderstood += 1
    if draft.misunderstood >= draft.flow.limits.misunderstandings:
        hand_over(draft, "misunderstandings")
        return
    draft.acts.append(Apologise("not_understood"))
    if draft.pending.waiting is Waiting.WHICH:
        doubt_all(draft, Taken())
        go_on(draft)
        return
    # A recogniser that has a name's words and cannot make a name of them does not know it: asking for it in the
    # same way would fail in the same way.
    name = draft.pending.slots[0] if draft.pending.slots else None
    is_name = name is not None and draft.flow.slots[name].type is SlotType.PERSON_NAME
    ask_again(draft, spell=is_name and bool(event.utterance.readings))


def _say_again(draft: Draft) -> None:
    """The last reply once more, without what only made sense the first time."""
    passing = ("acknowledge", "apologise")
    lines = ("still_there", "needed", "wait")
    for act in draft.state.acts:
        if act.kind not in passing and not (isinstance(act, SayLine) and act.line in lines):
            draft.acts.append(act)
    if not draft.acts or not _is_question(draft.acts[-1]):
        return_to_pending(draft)


def _is_question(act: Act) -> bool:
    return isinstance(act, Ask | AskSpelling | ReadBack | AskWhich)


def _values_given(draft: Draft) -> list[SlotName]:
    return [name for name in in_order(draft.flow) if draft.slots[name].value is not None]
