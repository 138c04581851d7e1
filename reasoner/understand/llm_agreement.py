"""What counts of two readings of an utterance: the parsers', which are exact, and a model's, which is free.

Both found the same: sure. Only the model: less so. They contradict each other: exact types are the parsers', and
either way the value is read back. A model's word alone ends nothing beside a value, makes no clear yes, and fills no
slot that has to be one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from flows.schema import Flow
from flows.slot import Slot, SlotType
from reasoner.state import GoalState
from reasoner.types import Answer, Heard, Intent, SlotName, Understood, Value, Waiting
from reasoner.understand.llm_grounds import EXACT, Ground

_BOTH = 0.95  # of the reading's confidence, where both found the same
_ALONE = 0.7  # the same, where only the model did
_CONTRADICTED = 0.5  # of what it would be otherwise
_WEAK = 0.65  # a parser's value below this share of the reading's confidence was spotted by a keyword
_BESIDE_VALUES = frozenset({Intent.HUMAN, Intent.CORRECT})
_ENDS = frozenset({Intent.CANCEL, Intent.GOODBYE})
_UNCERTAIN = 0.01  # below the slot's own threshold: read back


@dataclass(frozen=True, slots=True)
class Claimed:
    """A value that a model found and that may be true. Its ground is FIRM or LOOSE."""

    slot: SlotName
    value: Value
    words: str
    ground: Ground


@dataclass(frozen=True, slots=True)
class Found:
    """All that a model found and that may be true. Nothing in it is unknown to the flow."""

    values: tuple[Claimed, ...] = ()
    answer: Answer | None = None
    casual: bool = False
    intents: frozenset[Intent] = frozenset()
    topics: tuple[str, ...] = ()
    question: str = ""
    spelled: str = ""
    rejected: tuple[SlotName, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """What the readings are held against. `heard`: the confidence of what was heard, 0 to 1."""

    flow: Flow
    state: GoalState
    heard: float

    @property
    def asked(self) -> tuple[Slot, ...]:
        slots = self.flow.slots
        return tuple(slots[name] for name in self.state.pending.slots if name in slots)


def agreed(case: Case, parsed: Understood, found: Found) -> Understood:
    """The parsers' reading with what the model's adds to it."""
    if found == Found():
        return parsed
    answer, casual = _answer(case, parsed, found)
    values = _values(case, parsed, found, answer)
    intents = parsed.intents | _intents(parsed, found)
    question = parsed.question or found.question
    if question:
        intents |= {Intent.QUESTION}
    meant = bool(values or question or answer or len(intents) > 1 or found.topics or parsed.topics)
    if meant:
        intents -= {Intent.BACKCHANNEL}
    new = {heard.slot for heard in values}
    rejected = dict.fromkeys((*parsed.rejected, *found.rejected))
    return Understood(
        values=tuple(values),
        answer=answer,
        casual=casual,
        intents=intents,
        topics=tuple(dict.fromkeys((*parsed.topics, *found.topics))),
        question=question,
        spelled=parsed.spelled or found.spelled,
        rejected=tuple(name for name in rejected if name not in new),
    )


# --- yes and no ----------------------------------------------------------------------------------------------


def needs_clear_yes(slot: Slot) -> bool:
    """Such a slot is filled by what the rules understand, never by a model's good will."""
    return slot.clear_yes or slot.must_be_yes


def _answer(case: Case, parsed: Understood, found: Found) -> tuple[Answer | None, bool]:
    if found.answer is None or any(map(needs_clear_yes, case.asked)):
        return parsed.answer, parsed.casual
    if parsed.answer is not None:
        return (parsed.answer, parsed.casual) if parsed.answer is found.answer else (None, False)
    if case.state.pending.waiting not in (Waiting.ANSWER, Waiting.CONFIRMATION, Waiting.WHICH):
        return None, False
    # No rule knows it for a yes, so it is not a clear one.
    return found.answer, found.casual or found.answer is Answer.YES


# --- values --------------------------------------------------------------------------------------------------


def _values(case: Case, parsed: Understood, found: Found, answer: Answer | None) -> list[Heard]:
    theirs = {claim.slot: claim for claim in found.values if not _is_forbidden(case, claim)}
    ours = {heard.slot: heard for heard in parsed.values}
    if parsed.answer is not None and answer is None:  # a yes to one, a no to the other
        ours = {name: heard for name, heard in ours.items() if not isinstance(heard.value, bool)}
        theirs = {name: claim for name, claim in theirs.items() if not isinstance(claim.value, bool)}
    theirs = dict(_with_answer(case, theirs, ours, parsed, answer))
    merged = [_weighed(case, heard, theirs.get(name)) for name, heard in ours.items()]
    return merged + [_alone(case, claim) for name, claim in theirs.items() if name not in ours]


def _is_forbidden(case: Case, claim: Claimed) -> bool:
    return needs_clear_yes(case.flow.slots[claim.slot])


def _with_answer(
    case: Case,
    theirs: Mapping[SlotName, Claimed],
    ours: Mapping[SlotName, Heard],
    parsed: Understood,
    answer: Answer | None,
) -> Iterable[tuple[SlotName, Claimed]]:
    """The model's values, and the one that a yes or no of its own is to the question that was asked."""
    yield from theirs.items()
    pending = case.state.pending
    if (
        answer is None
        or parsed.answer is not None
        or pending.waiting is not Waiting.ANSWER
        or not pending.slots
    ):
        return
    name = pending.slots[0]
    slot = case.flow.slots.get(name)
    if slot is None or slot.type is not SlotType.YES_NO or name in ours or name in theirs:
        return
    yield name, Claimed(name, answer is Answer.YES, "", Ground.FIRM)


def _weighed(case: Case, ours: Heard, theirs: Claimed | None) -> Heard:
    """A value that the parsers found."""
    if theirs is None:
        return ours
    if _same(ours.value, theirs.value):
        sure = max(ours.confidence, _BOTH * case.heard if theirs.ground is Ground.FIRM else 0.0)
        return replace(ours, confidence=min(1.0, sure))
    slot = case.flow.slots[ours.slot]
    if is_leftover(slot, ours.value) and theirs.ground is Ground.FIRM:
        return _alone(case, theirs)
    exact = slot.type in EXACT or slot.type is SlotType.PERSON_NAME
    if not exact and theirs.ground is Ground.FIRM and ours.confidence < _WEAK * case.heard:
        alone = _alone(case, theirs)
        return replace(alone, confidence=_doubted(slot, alone.confidence))
    return replace(ours, confidence=_doubted(slot, ours.confidence))


def is_leftover(slot: Slot, value: Value) -> bool:
    """What the parsers make of words that fit no label is no reading of them."""
    return bool(slot.other) and value in (slot.other, (slot.other,))


def _alone(case: Case, claim: Claimed) -> Heard:
    """A value that only the model found."""
    sure = _ALONE * case.heard
    if claim.ground is not Ground.FIRM:
        sure = _doubted(case.flow.slots[claim.slot], sure)
    return Heard(claim.slot, claim.value, sure, claim.words)


def _doubted(slot: Slot, sure: float) -> float:
    return max(0.0, min(sure * _CONTRADICTED, slot.min_confidence - _UNCERTAIN))


def _same(one: Value, other: Value) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one.casefold() == other.casefold()
    if isinstance(one, tuple) and isinstance(other, tuple):
        return set(one) == set(other)
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return one == other


# --- the rest ------------------------------------------------------------------------------------------------


def _intents(parsed: Understood, found: Found) -> frozenset[Intent]:
    """A command is none beside a value or an answer, and a model alone ends no call in which the caller asks."""
    if parsed.values or found.values or parsed.answer or found.answer:
        return found.intents & _BESIDE_VALUES
    return found.intents - (_ENDS if parsed.question or found.question else frozenset())
