"""What follows from what the caller said. Pure: works on a draft of the next state."""

from __future__ import annotations

from dataclasses import replace

from flows.schema import Topic
from flows.slot import SlotType
from reasoner.acts import Acknowledge, Act, Apologise, Ask, AskSpelling, AskWhich, ReadBack, Say, SayLine
from reasoner.agenda import asked_on, in_order, is_refused, next_task
from reasoner.begun import missing_of
from reasoner.conditions import holds
from reasoner.draft import Draft, reply
from reasoner.events import CallerSaid
from reasoner.path import end, hand_over, leave_for, turn_to
from reasoner.script import ask, ask_again, echo_implicit, go_on, respond, return_to_pending
from reasoner.taken import UNWILLING, Taken, doubt_all, take_facts
from reasoner.types import Intent, Pending, SlotName, SlotStatus, Understood, Waiting

READ_APART_AFTER = 2  # turns that led nowhere while several values were read back at once
STALLED = 2  # times a flow's misunderstandings: so many turns that led nowhere, for whatever reason


def take_turn(draft: Draft, event: CallerSaid) -> None:
    """Take in what the caller said and decide what the agent does next."""
    understood = event.understood
    draft.turns += 1
    draft.pass_time(event.utterance.end_s)
    if _only_backchannel(understood):
        return
    if draft.path:
        draft.note(turns=draft.visit.turns + 1)
    draft.silences, draft.held = 0, False
    draft.open_question = ""
    taken = take_facts(draft, event)
    asked = draft.flow.steps[draft.step].ask if draft.path else ()
    draft.fresh = frozenset(taken.heard) - frozenset(asked)
    if draft.doing is not None:
        _meanwhile(draft, event)
    elif not _ends(draft, understood, taken):
        _answer(draft, event, taken)
    _keep_limits(draft)
    if draft.acts and not draft.open_question:
        reply(draft)


def _meanwhile(draft: Draft, event: CallerSaid) -> None:
    """The caller speaks while another system is at work. What was said is taken in; the way on is its answer's."""
    understood, doing = event.understood, draft.doing
    assert doing is not None
    writes = draft.flow.actions[doing.action].effect == "write"
    if Intent.HUMAN in understood.intents:
        hand_over(draft, "caller_asked")
    elif Intent.CANCEL in understood.intents and not writes:
        end(draft, "cancelled")
    elif (topic := _brought_up(draft, understood)) is not None and not (topic.go or topic.visit):
        draft.say(topic.say)
    elif understood.question:
        draft.open_question = understood.question
        draft.questions = (*draft.questions, understood.question)
    else:
        draft.acts.append(SayLine("busy"))


def _only_backchannel(understood: Understood) -> bool:
    """A backchannel answers nothing, even where its word could be a yes."""
    return Intent.BACKCHANNEL in understood.intents and not (
        understood.intents - {Intent.BACKCHANNEL}
        or understood.values
        or understood.spelled
        or understood.rejected
        or understood.question
    )


def _ends(draft: Draft, understood: Understood, taken: Taken) -> bool:
    """Whether the caller, or an answer, takes the call to its end or to where the flow wants it then."""
    flow, slots = draft.flow, draft.slots
    confirmed = (name for name in slots if slots[name].status is SlotStatus.CONFIRMED)
    if any(is_refused(flow.slots[name], slots[name]) for name in confirmed):
        end(draft, "declined")
    elif Intent.HUMAN in understood.intents:
        if not respond(draft, "human"):
            hand_over(draft, "caller_asked")
    elif Intent.CANCEL in understood.intents or (Intent.GOODBYE in understood.intents and not taken):
        if not respond(draft, "cancel"):
            end(draft, "cancelled")
    else:
        return False
    return True


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
    topic = _brought_up(draft, understood)
    if topic is None and (understood.question or Intent.QUESTION in understood.intents):
        draft.open_question = understood.question or event.utterance.text
        draft.questions = (*draft.questions, draft.open_question)
        if respond(draft, "question"):
            draft.open_question = ""
            return
    if taken or topic is not None:
        draft.misunderstood = draft.stalled = 0
    if topic is not None:
        _turn_to_topic(draft, topic)
    elif _overstayed(draft):
        leave_for(draft, draft.flow.steps[draft.step].or_else)
        go_on(draft)
    elif taken:
        _proceed(draft, taken)
    else:
        _repair(draft, event, taken)


def _brought_up(draft: Draft, understood: Understood) -> Topic | None:
    """The first topic that the caller brings up and that the call is not about already."""
    for name in understood.topics:
        topic = draft.flow.topics.get(name)
        if topic is None or not holds(draft.flow, topic.if_, draft.values()):
            continue
        visited = draft.path[draft.frames[-1].depth :] if draft.frames else []
        if topic.go not in draft.path and topic.visit not in (draft.step, *visited):
            return topic
    return None


def _turn_to_topic(draft: Draft, topic: Topic) -> None:
    draft.say(topic.say)
    if topic.go is not None:
        leave_for(draft, topic.go)
        go_on(draft)
    elif topic.visit is not None:
        before = draft.pending
        turn_to(draft, topic.visit)
        go_on(draft)
        _count_no_attempt(draft, before)
    else:
        return_to_pending(draft)


def _count_no_attempt(draft: Draft, before: Pending) -> None:
    """The question that was open before is put again, and that is no new attempt: it was something else's turn."""
    if draft.pending == before and before.waiting in (Waiting.ANSWER, Waiting.SPELLING):
        held = draft.slots[before.slots[0]]
        draft.slots[before.slots[0]] = replace(held, asked=held.asked - 1)
        last = draft.acts[-1]
        if isinstance(last, Ask):
            draft.acts[-1] = replace(last, again=max(0, last.again - 1))


def _overstayed(draft: Draft) -> bool:
    """Whether the step has had its turns, and still wants something."""
    most = draft.flow.steps[draft.step].turns if draft.path else None
    if most is None or draft.visit.turns < most:
        return False
    return next_task(draft.flow, draft.slots, draft.begun, draft.today, draft.hidden) is not None


def _proceed(draft: Draft, taken: Taken) -> None:
    """Something was established, or taken back: say so and go on."""
    if taken.denied or taken.which:
        draft.acts.append(Apologise("wrong"))
    elif taken.barred:
        draft.acts.append(Apologise("not_understood"))
    for name in taken.invalid:
        why = draft.flow.slots[name].invalid
        draft.acts.append(Say(why) if why else SayLine("invalid"))
    before = len(draft.acts)
    # What was volunteered and cannot be is told so, and asked for when its step comes.
    due = set(asked_on(draft.flow, draft.slots, draft.begun, draft.today)) - draft.hidden
    missing = (*taken.denied, *taken.barred, *taken.spelled, *(name for name in taken.invalid if name in due))
    focus = next((n for n in missing if draft.slots[n].status is SlotStatus.EMPTY), None)
    if taken.which:
        draft.acts.append(AskWhich(taken.which))
        draft.pending = Pending(Waiting.WHICH, taken.which)
    elif focus is None or not ask(draft, focus):
        waited_on = draft.pending
        go_on(draft)
        if taken.heard and not missing:
            _count_no_attempt(draft, waited_on)
    if not before and draft.outcome is None:
        _acknowledge(draft, taken)


def _acknowledge(draft: Draft, taken: Taken) -> None:
    """Say first that something was taken in, where it is not said again anyway."""
    read = {name for act in draft.acts if isinstance(act, ReadBack) for name in act.slots}
    told = tuple(name for name in taken.heard if name not in read)
    if not echo_implicit(draft, list(told)) and (
        told or taken.accepted or taken.declined or taken.spelled or taken.doubted
    ):
        draft.acts.insert(0, Acknowledge(told))


def _repair(draft: Draft, event: CallerSaid, taken: Taken) -> None:
    """Nothing new was established: a command, a question, words of no use here, or nothing understood."""
    intents, pending = event.understood.intents, draft.pending
    asking = pending.waiting in (Waiting.ANSWER, Waiting.SPELLING)
    own = _own_pattern(draft, event.understood)
    if own:
        respond(draft, own)
    elif Intent.REPEAT in intents:
        if _stalls(draft):
            return
        _say_again(draft)
    elif Intent.WAIT in intents and not draft.open_question:
        draft.acts.append(SayLine("wait"))
        draft.held = True
    elif draft.open_question:
        return_to_pending(draft)
    elif asking and intents & UNWILLING:
        draft.acts.append(SayLine("needed"))
        ask_again(draft)
    elif Intent.CORRECT in intents and any(_values_given(draft)):
        draft.pending = Pending(Waiting.WHICH, tuple(_values_given(draft)))
        draft.acts.append(AskWhich(draft.pending.slots))
    elif asking and taken.begun:
        _ask_for_the_rest(draft, taken.begun[0])
    elif asking and (event.understood.answer is not None or taken.told_again):
        ask_again(draft)
    else:
        _not_understood(draft, event)
        return
    draft.misunderstood = 0


def _ask_for_the_rest(draft: Draft, name: SlotName) -> None:
    """A part was heard: of a date the rest is asked for, of anything else all of it once more."""
    missing = missing_of(draft.slots[name]) if draft.flow.slots[name].type is SlotType.DATE else ()
    draft.acts.append(Acknowledge() if missing else Apologise("not_understood"))
    ask_again(draft)
    last = draft.acts[-1]
    if missing and isinstance(last, Ask) and last.slot == name:
        draft.acts[-1] = replace(last, missing=missing)


_PATTERNS = {
    Intent.REPEAT: "repeat",
    Intent.WAIT: "wait",
    Intent.DONT_KNOW: "dont_know",
    Intent.REFUSE: "refuse",
    Intent.SKIP: "skip",
}


def _own_pattern(draft: Draft, understood: Understood) -> str:
    """What the caller does that the step or the flow has its own way with, "" where nothing."""
    step = draft.flow.steps[draft.step].on if draft.path else draft.flow.on
    for intent, pattern in _PATTERNS.items():
        if intent in understood.intents and (getattr(step, pattern) or getattr(draft.flow.on, pattern)):
            return pattern
    return ""


def _not_understood(draft: Draft, event: CallerSaid) -> None:
    draft.misunderstood += 1
    if _stalls(draft):
        return
    if respond(draft, "not_understood"):
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


def _stalls(draft: Draft) -> bool:
    """Count a turn that led nowhere. True where there were too many of them, and the call is handed over.

    Who cannot follow several values that are read back at once hears them one by one.
    """
    draft.stalled += 1
    most = draft.flow.limits.misunderstandings
    if draft.misunderstood >= most or draft.stalled >= STALLED * most:
        hand_over(draft, "misunderstandings")
        return True
    if draft.stalled >= READ_APART_AFTER and draft.pending.waiting is Waiting.CONFIRMATION:
        draft.pending = replace(draft.pending, slots=draft.pending.slots[:1])
    return False


def _say_again(draft: Draft) -> None:
    """The last reply once more, without what only made sense the first time."""
    if any(isinstance(act, ReadBack) and act.slots != draft.pending.slots for act in draft.state.acts):
        return_to_pending(draft)  # fewer values at once
        return
    passing = ("acknowledge", "apologise")
    lines = ("still_there", "needed", "wait", "busy")
    for act in draft.state.acts:
        if act.kind not in passing and not (isinstance(act, SayLine) and act.line in lines):
            draft.acts.append(act)
    if not draft.acts or not _is_question(draft.acts[-1]):
        return_to_pending(draft)


def _is_question(act: Act) -> bool:
    return isinstance(act, Ask | AskSpelling | ReadBack | AskWhich)


def _values_given(draft: Draft) -> list[SlotName]:
    slots, hidden = draft.flow.slots, draft.hidden
    given = (n for n in in_order(draft.flow) if slots[n].asked_for and draft.slots[n].value is not None)
    return [name for name in given if name not in hidden]
