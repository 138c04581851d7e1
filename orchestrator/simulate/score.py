"""What a simulated call came to, held against what its caller knows."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flows.conditions import Expressions
from flows.schema import Flow
from flows.slot import Slot, SlotType
from orchestrator.simulate.caller import Doing
from orchestrator.simulate.conversation import Conversation, Exchange
from orchestrator.simulate.figures import Rate
from orchestrator.simulate.leaps import last_leap
from orchestrator.simulate.people import plain
from orchestrator.simulate.reading import words
from orchestrator.simulate.route import World, missing
from orchestrator.simulate.rules import asked, breaches, out_of_order
from orchestrator.simulate.temper import Kind
from reasoner.state import GoalState, Outcome
from reasoner.types import SlotName, SlotStatus, Value

_MOST = 0.6
"""Of the words of a text."""
_KNOWN = (SlotStatus.HEARD, SlotStatus.CONFIRMED)


@dataclass(frozen=True, slots=True)
class Score:
    """One call in figures.

    Attributes:
        success: it ended as it had to, with every needed slot right.
        complete: of those that had to complete, it did. meant_complete: it had to.
        slots: of what had to be asked in a call that had to complete, how much is right at the end.
        confirmed_wrong: of values that count as confirmed, how many are not the truth; a text that holds the caller's
            answer as it came over the line is not wrong. garbled: of confirmed texts, how many are right only so.
        corrections: of the caller's corrections, how many were right in the state after that turn.
        digressions: of the caller's own questions, how many led back to what was pending.
        answered: of these questions, where the flow's pages say it, how many were answered from there.
        reasks: of the questions for a slot, how many were for one that had a value.
        asked_again: of the questions for a slot, how many the caller had answered, clearly heard, and not taken back.
        out_of_order, breaches, incomplete: what must never be; see `rules`. incomplete: needed slots that a complete
            call lacks.
        ended: the call came to an outcome of its own within its limits. handed_over, human_due: and had to be.
    """

    kind: Kind
    seed: int
    outcome: str
    expected: str
    success: bool
    complete: bool
    meant_complete: bool
    slots: Rate
    confirmed_wrong: Rate
    garbled: Rate
    corrections: Rate
    digressions: Rate
    answered: Rate
    reasks: Rate
    asked_again: Rate
    out_of_order: int
    breaches: int
    incomplete: int
    ended: bool
    handed_over: bool
    human_due: bool
    turns: int
    blind: int
    words: int
    word_errors: int


def score(call: Conversation) -> Score:
    """See `Score`."""
    flow, truth, state = call.flow, call.truth, call.state
    human_due = truth.route.outcome is Outcome.HANDED_OVER or _asked_for_human(call)
    expected = Outcome.HANDED_OVER if human_due else truth.route.outcome
    meant_complete = expected is Outcome.COMPLETE
    told = [name for name in truth.route.asked if name in truth.values]
    right = {name: _right(flow, state, name, truth.values[name]) for name in told}
    ends_right = state.outcome is expected and (human_due or not state.code or state.code == truth.route.code)
    confirmed = [
        name for name in flow.slots if _status(state, name) is SlotStatus.CONFIRMED and _checkable(flow, name)
    ]
    wrong = {name for name in confirmed if not _right(flow, state, name, truth.values.get(name))}
    garbled = {name for name in wrong if _is_garbled(call, name)}
    return Score(
        kind=call.kind,
        seed=call.seed,
        outcome=state.outcome.value if state.outcome else "none",
        expected=expected.value,
        success=ends_right and (not meant_complete or all(right[name] for name in told)),
        complete=meant_complete and state.outcome is Outcome.COMPLETE,
        meant_complete=meant_complete,
        slots=Rate(sum(right.values()), len(told)) if meant_complete else Rate(0, 0),
        confirmed_wrong=Rate(len(wrong - garbled), len(confirmed)),
        garbled=Rate(len(garbled), sum(flow.slots[name].type is SlotType.TEXT for name in confirmed)),
        corrections=_corrections(call),
        digressions=_digressions(call),
        answered=_answered(call),
        reasks=_reasks(call),
        asked_again=_asked_again(call),
        out_of_order=out_of_order(call),
        breaches=breaches(call),
        incomplete=_incomplete(call),
        ended=not call.endless and state.outcome not in (None, Outcome.HUNG_UP),
        handed_over=state.outcome is Outcome.HANDED_OVER,
        human_due=human_due,
        turns=len(call.exchanges),
        blind=sum(exchange.said.blind for exchange in call.exchanges),
        words=call.words,
        word_errors=call.word_errors,
    )


def same(slot: Slot, value: Value | None, truth: Value | None) -> bool:
    """Whether a value is the true one, however it is written. Of a text, most of its words are enough."""
    if value is None or truth is None:
        return value is truth
    match slot.type:
        case SlotType.PERSON_NAME:
            return plain(str(value)) == plain(str(truth))
        case SlotType.TEXT:
            mine = words(str(truth))
            return sum(word in words(str(value)) for word in mine) >= _MOST * len(mine)
        case SlotType.LIST:
            return isinstance(value, tuple | list) and isinstance(truth, tuple) and set(value) == set(truth)
        case SlotType.NUMBER | SlotType.MONEY:
            return abs(float(str(value)) - float(str(truth))) < 0.005
        case _:
            return value == truth


def as_heard(value: str, truth: str, heard: str) -> bool:
    """Whether a text is the caller's answer as it came over the line.

    Its words are of that turn, and most of what came through of the truth is among them.

    Args:
        heard: what was made of the turn in which the caller said it.
    """
    mine, line = words(value), words(heard)
    through = [word for word in words(truth) if word in line]
    return all(word in line for word in mine) and sum(word in mine for word in through) >= _MOST * len(
        through
    )


def _is_garbled(call: Conversation, name: SlotName) -> bool:
    """Whether a text is not the truth for its misheard words alone. The last time that it was told counts."""
    truth, value = call.truth.values.get(name), call.state.slots[name].value
    told = [exchange.heard for exchange in call.exchanges if name in exchange.said.values]
    if call.flow.slots[name].type is not SlotType.TEXT or truth is None or not told:
        return False
    return as_heard(str(value), str(truth), told[-1])


def _right(flow: Flow, state: GoalState, name: SlotName, truth: Value | None) -> bool:
    held = state.slots.get(name)
    return held is not None and held.status in _KNOWN and same(flow.slots[name], held.value, truth)


def _status(state: GoalState, name: SlotName) -> SlotStatus:
    return state.slots[name].status if name in state.slots else SlotStatus.EMPTY


def _checkable(flow: Flow, name: SlotName) -> bool:
    return flow.slots[name].asked_for


def _asked_for_human(call: Conversation) -> bool:
    return any(exchange.said.doing is Doing.HUMAN for exchange in call.exchanges)


def _corrections(call: Conversation) -> Rate:
    taken = [
        _right(call.flow, exchange.after, name, call.truth.values.get(name))
        for exchange in call.exchanges
        for name in exchange.said.corrected
    ]
    return Rate(sum(taken), len(taken))


def _digressions(call: Conversation) -> Rate:
    asked = [exchange for exchange in call.exchanges if exchange.said.doing is Doing.ASK]
    return Rate(sum(_recovered(exchange) for exchange in asked), len(asked))


def _answered(call: Conversation) -> Rate:
    """An answer has most words of some sentence of the text that was hoped for."""
    asked = [exchange for exchange in call.exchanges if exchange.said.hopes_for]
    return Rate(sum(_says(exchange.turn.agent, exchange.said.hopes_for) for exchange in asked), len(asked))


def _says(agent: str, text: str) -> bool:
    said = set(words(agent))
    sentences = [set(words(sentence)) for sentence in re.split(r"(?<=[.?!])\s+", text)]
    return any(len(one & said) >= 0.8 * len(one) for one in sentences if len(one) > 2)


def _recovered(exchange: Exchange) -> bool:
    before, after = exchange.before.pending, exchange.after.pending
    return exchange.after.outcome is None and (before.waiting, before.slots[:1]) == (
        after.waiting,
        after.slots[:1],
    )


def _reasks(call: Conversation) -> Rate:
    asks = [(name, moment) for moment in call.moments for name in asked(moment)]
    return Rate(sum(_status(moment.state, name) in _KNOWN for name, moment in asks), len(asks))


def _asked_again(call: Conversation) -> Rate:
    told: set[SlotName] = set()
    again = asks = 0
    for exchange in call.exchanges:
        if exchange.heard == exchange.said.text:
            told |= set(exchange.said.values)
        told -= {*exchange.said.wrong}
        for moment in exchange.turn.moments:
            for name in asked(moment):
                asks += 1
                again += name in told and exchange.said.doing is not Doing.DENY
    return Rate(again, asks)


def _incomplete(call: Conversation) -> int:
    """By the values that the call itself established: a wrong one leads another way, and is counted as wrong."""
    if call.state.outcome is not Outcome.COMPLETE:
        return 0
    flow, slots = call.flow, call.state.slots
    expressions = Expressions(flow.slots, ("result",))
    held = {name: slot.value for name, slot in slots.items() if slot.value is not None}
    given_up = frozenset(n for n, held in slots.items() if _is_given_up(flow, n, held.status))
    world = World(call.state.today, held, call.truth.called, call.truth.results, given_up)
    log = [(moment.event, moment.state) for moment in call.moments]
    return len(missing(flow, world, expressions, last_leap(flow, log, expressions)))


def _is_given_up(flow: Flow, name: SlotName, status: SlotStatus) -> bool:
    return status is SlotStatus.DECLINED and bool(flow.slots[name].give_up)
