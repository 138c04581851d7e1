"""A language model as the second adapter of `Understander`, with the parsers before it, beside it and behind it.

The parsers read first. Where they understood every word, nobody is asked. Otherwise the model has what is left of the
budget; what it claims is held against the flow, the utterance and the parsers. Without an answer of use in time the
parsers' reading stands: to a call a model is never more than a help.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import anyio

from flows.schema import Flow
from flows.slot import SlotType
from reasoner.ports import Understander
from reasoner.state import GoalState
from reasoner.types import Channel, Intent, Understood, Utterance
from reasoner.understand.expectation import expectation_of
from reasoner.understand.llm_agreement import Case, Claimed, Found, agreed, is_leftover
from reasoner.understand.llm_breaker import Breaker
from reasoner.understand.llm_chat import Chat, ChatFailed, Why
from reasoner.understand.llm_grounds import EXACT, Ground, Grounds, follows, names_said, quoted
from reasoner.understand.llm_prompt import messages_for
from reasoner.understand.llm_reply import ClaimedValue, Claims, canonical, read_claims
from reasoner.understand.llm_schema import INTENTS, Wanted, wanted_of
from reasoner.understand.pieces import Kind
from reasoner.understand.scan import scan
from reasoner.understand.words import words_of

_SURE = 0.65  # of the reading's confidence; a parser's value above it fits a form, not only a keyword
_ONES_TURN = frozenset({Why.REFUSED, Why.CUT, Why.PAUSED})
"""What one utterance can bring about. Else a caller could have the model left out for all others."""


@dataclass(frozen=True, slots=True)
class Pace:
    """`budget_ms`: for the parsers and the model together. `always`: ask even where the parsers understood all."""

    budget_ms: float = 700
    always: bool = False


class ModelUnderstander:
    """An `Understander`. One serves all calls of a process, so that they share what is known of the model's health."""

    def __init__(
        self,
        parsers: Understander,
        chat: Chat,
        pace: Pace = Pace(),
        breaker: Breaker | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock`: seconds that only go forward, for the breaker alone."""
        self.asked = 0
        self.failures: Counter[Why] = Counter()
        self.on_failure: Callable[[Why], None] | None = None
        self._parsers = parsers
        self._chat = chat
        self._pace = pace
        self._breaker = breaker or Breaker()
        self._clock = clock

    async def understand(self, flow: Flow, state: GoalState, utterance: Utterance) -> Understood:
        """Never raises for anything a caller can say, nor for anything a model can.

        Raises:
            UnknownLanguage: the flow is in a language without spoken forms.
        """
        deadline = anyio.current_time() + self._pace.budget_ms / 1000
        parsed = await self._parsers.understand(flow, state, utterance)
        if not self._is_worth_asking(flow, state, utterance, parsed):
            return parsed
        if not self._breaker.allows(self._clock()):
            self._note(Why.PAUSED)
            return parsed
        wanted = wanted_of(flow, state)
        try:
            claims = await self._ask(flow, state, utterance, wanted, deadline)
        except ChatFailed as failed:
            self._note(failed.why)
            return parsed
        self._breaker.worked()
        found = await _checked(claims, wanted, self._parsers, flow, state, utterance)
        return agreed(Case(flow, state, _heard(utterance)), parsed, found)

    def _is_worth_asking(
        self, flow: Flow, state: GoalState, utterance: Utterance, parsed: Understood
    ) -> bool:
        if not words_of(utterance.text).folded or utterance.channel is Channel.KEYPAD:
            return False
        return self._pace.always or not is_understood(flow, state, utterance, parsed)

    async def _ask(
        self, flow: Flow, state: GoalState, utterance: Utterance, wanted: Wanted, deadline: float
    ) -> Claims:
        self.asked += 1
        content: str | None = None
        with anyio.CancelScope(deadline=deadline):
            content = await self._chat.ask(messages_for(flow, state, utterance, wanted), wanted.schema)
        if content is None:
            raise ChatFailed(Why.LATE)
        claims = read_claims(content, wanted.schema)
        if claims is None:
            raise ChatFailed(Why.NONSENSE)
        return claims

    def _note(self, why: Why) -> None:
        self.failures[why] += 1
        if why not in _ONES_TURN:
            self._breaker.failed(self._clock())
        if self.on_failure is not None:
            self.on_failure(why)


def is_understood(flow: Flow, state: GoalState, utterance: Utterance, parsed: Understood) -> bool:
    """Whether the parsers' reading leaves nothing to find: something was understood, surely, and all was read."""
    if parsed == Understood():
        return False
    if parsed.question and flow.topics and not parsed.topics:
        return False  # a question may be how a topic is brought up
    heard = _heard(utterance)
    for value in parsed.values:
        slot = flow.slots[value.slot]
        if is_leftover(slot, value.value) or value.confidence < max(_SURE * heard, slot.min_confidence):
            return False
    expected = expectation_of(flow, state.pending)
    words = expected.cut(utterance.text)
    unread = [
        word
        for piece in scan(expected, words)
        if piece.kind is Kind.UNREAD
        for word in words.folded[piece.start : piece.end]
    ]
    free = (SlotType.TEXT, SlotType.PERSON_NAME)  # of these any word may be the value
    taken = {
        word
        for value in parsed.values
        if flow.slots[value.slot].type in free
        for word in words_of(value.words).folded
    }
    return taken.issuperset(unread)


def _heard(utterance: Utterance) -> float:
    return min(1.0, max((reading.confidence for reading in utterance.readings), default=0.0))


# --- what a model claims → what may be true --------------------------------------------------------------------


async def _checked(
    claims: Claims,
    wanted: Wanted,
    parsers: Understander,
    flow: Flow,
    state: GoalState,
    utterance: Utterance,
) -> Found:
    grounds = Grounds.of(utterance)
    values: dict[str, Claimed] = {}
    for claim in claims.values:
        if claim.slot in wanted.slots and claim.slot not in values:
            value = await _value(claim, grounds, parsers, flow, state, utterance)
            if value is not None:
                values[claim.slot] = value
    answer = claims.answer if claims.answer and grounds.has(claims.answer.words) else None
    known = {name for name, slot in state.slots.items() if slot.value is not None}
    return Found(
        values=tuple(values.values()),
        answer=answer.answer if answer else None,
        casual=answer.casual if answer else False,
        intents=frozenset(_intents(claims, grounds)),
        topics=tuple(c.topic for c in claims.topics if c.topic in flow.topics and grounds.has(c.words)),
        question=claims.question.strip() if grounds.has(claims.question) else "",
        spelled=claims.spelled.lower() if grounds.has_letters(claims.spelled) else "",
        rejected=tuple(
            claim.slot
            for claim in claims.rejected
            if claim.slot in wanted.current and claim.slot in known and grounds.has(claim.words)
        ),
    )


async def _value(
    claim: ClaimedValue,
    grounds: Grounds,
    parsers: Understander,
    flow: Flow,
    state: GoalState,
    utterance: Utterance,
) -> Claimed | None:
    slot = flow.slots[claim.slot]
    ground = grounds.of_quote(claim.words)
    value = canonical(slot, claim.value)
    if value is None or ground is Ground.NONE:
        return None
    said = quoted(claim.words, utterance)
    if slot.type in EXACT and not await follows(parsers, flow, state, claim.slot, value, said):
        return None
    if slot.type is SlotType.PERSON_NAME and not names_said(str(value), grounds):
        return None
    if slot.type is SlotType.TEXT and not grounds.has(str(value)):
        return None
    if value == ():  # that there are none is easily claimed, and read back whatever the words
        ground = Ground.LOOSE
    return Claimed(claim.slot, value, claim.words, ground)


def _intents(claims: Claims, grounds: Grounds) -> Iterable[Intent]:
    names: Mapping[str, Intent] = {intent.value: intent for intent in INTENTS}
    for claim in claims.intents:
        if claim.intent in names and grounds.has(claim.words):
            yield names[claim.intent]
