"""A yes or no in the words of the question: `the light is on`, `it is off`."""

from __future__ import annotations

from collections.abc import Sequence

from flows.slot import Slot
from reasoner.types import Answer
from reasoner.understand.language import Language
from reasoner.understand.words import words_of


def echo_of(slot: Slot, told: Sequence[str], language: Language) -> Answer | None:
    """Whether words say that it is as the question has it, or not; None where they say something else."""
    if (echo := language.echoed_verb(slot.ask, told)) is not None:
        return Answer.YES if echo else Answer.NO
    asked = frozenset(words_of(f"{slot.ask} {slot.label}").folded)
    meant = language.keywords(" ".join(asked))
    others = (word for word in told if not language.negates(word))
    telling = [word for word in others if language.keywords(word) or word in language.opposites]
    turned = False
    for word in telling:
        if word in asked or language.keywords(word) & meant:
            continue
        if language.opposites.get(word) not in asked:
            return None
        turned = not turned
    denied = sum(language.negates(word) for word in told)
    return (Answer.NO if (denied % 2 == 1) != turned else Answer.YES) if telling else None
