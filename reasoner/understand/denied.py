"""What of a list is not wanted: by the word behind it, and where nothing else is named; and what a no is to a choice."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from flows.slot import Slot
from reasoner.types import Answer, SlotName, Waiting
from reasoner.understand.forms import best
from reasoner.understand.language import Language
from reasoner.understand.pieces import Kind, Piece
from reasoner.understand.said import Said
from reasoner.understand.words import words_of


def by_verdict(said: Said, pieces: list[Piece], against: list[Piece]) -> tuple[list[Piece], list[Piece]]:
    """`Packing yes, cleaning no`: each is followed by what is to be said of it."""
    for one, no, yes in zip(said.pieces, said.pieces[1:], said.pieces[2:], strict=False):
        if one in pieces and no in against and yes.kind is Kind.ANSWER and yes.value is Answer.YES:
            # "packing no cleaning yes": the no is to what stands before it
            pieces = [*(piece for piece in pieces if piece is not one), no]
            against = [*(piece for piece in against if piece is not no), one]
    behind = [after for piece, after in pairwise(said.pieces) if piece in pieces]
    if len(pieces) < 2 or len(behind) < len(pieces) or any(one.kind is not Kind.ANSWER for one in behind):
        return pieces, against
    judged = list(zip(pieces, (after.value is Answer.NO for after in behind), strict=True))
    return [piece for piece, no in judged if not no], [*against, *(piece for piece, no in judged if no)]


def lacks_all(said: Said, name: SlotName, against: Sequence[Piece]) -> bool:
    """`No child seat, no roof rack` to the question which of them are wanted."""
    form = said.expected.forms[name].lacking_all
    if said.waiting is not Waiting.ANSWER or name not in said.asked or said.unread or form is None:
        return False
    return bool(against) and all(best(form, said.words, piece.start) is not None for piece in against)


def none_of(slot: Slot, language: Language) -> str | None:
    """What a no is to a choice: the value that says `none`, or that the caller does not mind; None where it is nothing."""
    if language.asks_whether(slot.ask):
        for label, others in slot.values.items():
            if any(_is_none(phrase, language) for phrase in (label, *others)):
                return label
    return slot.no_preference if slot.no_preference and language.asks_for_a_wish(slot.ask) else None


def _is_none(phrase: str, language: Language) -> bool:
    words = words_of(phrase)
    if not len(words):
        return False
    found = best(language.no_more, words, 0)
    return language.negates(words.folded[0]) or (found is not None and found[0] == len(words))
