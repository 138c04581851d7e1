"""The parsers as one adapter of `Understander`."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import replace

from flows.schema import Flow
from reasoner.state import GoalState
from reasoner.types import Answer, Channel, Heard, Intent, Reading, Understood, Utterance, Waiting
from reasoner.understand.expectation import expectation_of
from reasoner.understand.keypad import understand_keys
from reasoner.understand.meaning import Meaning, mean

_LONGER = 2  # words by which the open reading has to be longer for its question to count beside a value
_MUCH_LONGER = 3  # the same, on top of twice the length, for it to count instead of a short answer
_RESCUE = 0.12
"""Confidence from which what was expected counts where the open reading means nothing: "us" for a yes. Readings of
short right answers had 0.13 to 0.49, those made of other speech 0.01 to 0.08. Every value is read back."""
_RESCUE_AGAIN = 0.002
"""The same where it had to be asked for again: a voice whose every "Cigna" is "seeing a" to the open ear is asked "Your
insurance is Cigna. Is that right?" instead of for the same words a third time."""
_SEVERAL_LETTERS = 3
"""Letters each with its word: nobody says so many by chance, so that they count however doubtful they are."""
_SURE_UNEXPECTED = 0.9  # what the open vocabulary says of a value that it was not told to expect


class ParserUnderstander:
    """Typed parsers over the spoken forms of the flow's language. Takes no time worth waiting for.

    Of two readings the one that fits the grammar counts where it comes first; the open one then adds what no
    grammar expects: questions, a wish for a human.
    """

    def __init__(self, today: Callable[[], datetime.date] = datetime.date.today) -> None:
        self._today = today

    async def understand(self, flow: Flow, state: GoalState, utterance: Utterance) -> Understood:
        """Never raises for anything a caller can say.

        Raises:
            UnknownLanguage: the flow is in a language without spoken forms.
        """
        if not utterance.readings:
            return Understood()
        if utterance.channel is Channel.KEYPAD:
            return understand_keys(flow, state, utterance.text, self._day_of(state))
        first = utterance.readings[0]
        other = next((r for r in utterance.readings[1:] if r.expected != first.expected), None)
        best = self._read(flow, state, first, utterance)
        if other is None:
            return best.understood
        if first.expected:
            return _both(best, self._read(flow, state, other, utterance))
        likely = self._read(flow, state, other, utterance) if _is_rescue(state, best) else None
        if likely is None:
            return best.understood
        # The open reading means nothing here; a short answer that fits is likelier than no answer.
        several = len(likely.understood.spelled) >= _SEVERAL_LETTERS
        empty = best.understood == Understood()
        rescued = empty and other.confidence >= (_RESCUE_AGAIN if _answers_again(state, likely) else _RESCUE)
        return likely.understood if several or rescued else best.understood

    def _day_of(self, state: GoalState) -> datetime.date:
        """The day of the call, from the state; a state that knows none leaves it to the clock."""
        try:
            return datetime.date.fromisoformat(state.today)
        except ValueError:
            return self._today()

    def _read(self, flow: Flow, state: GoalState, reading: Reading, utterance: Utterance) -> Meaning:
        expected = expectation_of(flow, state.pending)
        meaning = mean(expected, state, reading, utterance.channel, self._day_of(state))
        heard = reading.confidence
        if not reading.expected and utterance.channel is Channel.SPEECH:
            heard *= _SURE_UNEXPECTED
            if state.pending.waiting is Waiting.SPELLING and _has_holes(meaning):
                meaning = _without_letters(meaning, state)
        values = tuple(_weighed(value, heard) for value in meaning.understood.values)
        return replace(meaning, understood=replace(meaning.understood, values=values))


def _weighed(value: Heard, heard: float) -> Heard:
    return replace(value, confidence=min(1.0, max(0.0, heard * value.confidence)))


def _is_rescue(state: GoalState, heard: Meaning) -> bool:
    """Whether the reading that fits may count instead of what an open ear made of the same words."""
    spells = state.pending.waiting is Waiting.SPELLING and _is_garbage(heard)
    return spells or heard.understood == Understood()


def _answers_again(state: GoalState, heard: Meaning) -> bool:
    """Whether it has a value, to be read back, for what was asked before and not understood."""
    pending = state.pending
    asked = pending.slots[0] if pending.waiting is Waiting.ANSWER and pending.slots else ""
    known = any(
        value.slot == asked and not isinstance(value.value, bool) for value in heard.understood.values
    )
    return known and state.slots[asked].asked > 1


def _is_garbage(heard: Meaning) -> bool:
    """Whether an open ear made nothing of letters that were spelled: most of its words are of no use."""
    return len(heard.understood.spelled) < _SEVERAL_LETTERS and 2 * heard.unread >= len(heard.words)


def _has_holes(heard: Meaning) -> bool:
    """Whether an open ear missed letters: words of no use among them stand for some."""
    return 2 * heard.unread > len(heard.understood.spelled) > 0


def _without_letters(heard: Meaning, state: GoalState) -> Meaning:
    others = tuple(value for value in heard.understood.values if value.slot not in state.pending.slots)
    return replace(heard, understood=replace(heard.understood, spelled="", values=others))


def _both(grammar: Meaning, free: Meaning) -> Understood:
    """The grammar's reading with what the open one adds, or the open one where the grammar's cannot be."""
    if _is_contradicted(grammar, free):
        return free.understood
    understood = grammar.understood
    if {understood.answer, free.understood.answer} == {Answer.YES, Answer.NO}:
        flags = tuple(value for value in understood.values if not isinstance(value.value, bool))
        understood = replace(understood, answer=None, values=flags)
    intents, question = understood.intents, understood.question
    if not grammar.exact:
        intents |= free.understood.intents & {Intent.HUMAN}
    if not question and len(free.words) - len(grammar.words) >= _LONGER:
        question = free.understood.question
    if question:
        intents = (intents - {Intent.BACKCHANNEL}) | {Intent.QUESTION}
    return replace(understood, intents=intents, question=question)


def _is_contradicted(grammar: Meaning, free: Meaning) -> bool:
    """Whether a short answer was heard into long speech, or nothing of use was heard at all."""
    understood = grammar.understood
    if understood == Understood():
        return True
    if understood.intents == {Intent.BACKCHANNEL} and free.understood.values:
        return True
    if grammar.exact:
        return False
    same = understood.answer is not None and understood.answer == free.understood.answer
    agree = {value.slot for value in understood.values} & {value.slot for value in free.understood.values}
    if same or agree:
        return False
    return len(free.words) >= 2 * len(grammar.words) + _MUCH_LONGER
