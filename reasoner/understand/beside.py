"""What stands beside a value and changes it: a correction before it, a yes that it was misheard for, a thing wanted as well."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flows.slot import SlotType
from reasoner.types import Answer, Channel, Heard, SlotName, Waiting
from reasoner.understand.clauses import ENDS_A_CLAUSE
from reasoner.understand.names import NameParts
from reasoner.understand.pieces import Kind, Piece
from reasoner.understand.said import Said
from reasoner.understand.words import fold

_SURE_BESIDE = 0.8


def corrects_before(said: Said, pieces: Sequence[Piece]) -> bool:
    """`actually ...`, `no, ...`, `hold on, ...`: what follows replaces what is known."""
    first = min((piece.start for piece in pieces), default=0)
    return any(_takes_back(piece) for piece in said.pieces if piece.end <= first)


def corrects_within(said: Said, pieces: Sequence[Piece]) -> bool:
    first = min((piece.end for piece in pieces), default=0)
    last = max((piece.start for piece in pieces), default=0)
    return any(_takes_back(piece) for piece in said.pieces if first <= piece.start < last)


def _takes_back(piece: Piece) -> bool:
    says_no = piece.kind is Kind.ANSWER and piece.value is Answer.NO
    return says_no or piece.kind in (Kind.CORRECTION, Kind.COMMAND)


def is_misheard(said: Said, name: SlotName, pieces: Sequence[Piece]) -> bool:
    """Whether a name was read back, and what was heard for another is none: `wei it` for `you got it`."""
    words = " ".join(str(piece.value) for piece in pieces if isinstance(piece.value, NameParts)).split()
    stray = len(words) == 1 and len(pieces) == 1 and not pieces[0].own
    return _is_misheard_yes(said, name, pieces) or (stray and is_stray_name(said, name, words[0]))


def is_cut_off(said: Said, pieces: Sequence[Piece]) -> bool:
    """`Call van der Berg`: a family name of several words, behind a given name that nobody made out."""
    names = [piece for piece in pieces if isinstance(piece.value, NameParts)]
    if not names or any(piece.value.first or " " not in piece.value.last for piece in names):
        return False
    before = {piece.end for piece in said.of(Kind.UNREAD)}
    return any(piece.start in before for piece in names)


def _is_misheard_yes(said: Said, name: SlotName, pieces: Sequence[Piece]) -> bool:
    """`Yes, martha wright` to quite another name that was read back: a recogniser's `yes, that's right`."""
    if (
        said.channel is not Channel.SPEECH
        or said.waiting is not Waiting.CONFIRMATION
        or name not in said.asked
    ):
        return False
    first, known = pieces[0], said.slot(name).value
    agrees = any(
        p.kind is Kind.ANSWER and p.value is Answer.YES and p.end <= first.start for p in said.pieces
    )
    if (
        not agrees
        or not isinstance(known, str)
        or any(not isinstance(piece.value, NameParts) for piece in pieces)
    ):
        return False
    if first.own or corrects_before(said, pieces) or said.of(Kind.CARRIER):
        return False
    heard = {fold(word) for piece in pieces for word in str(piece.value).split()}
    # Whoever repeats, or completes, the name that was read back shares a part of it.
    return heard.isdisjoint(fold(word) for word in known.split())


def is_stray_name(said: Said, name: SlotName, heard: str) -> bool:
    """`Collect` to a name that was read back: a recogniser's `correct`, and no other name.

    Whoever puts a name right says no, leads up to it, or says a part of it again. Typed words are meant.
    """
    if said.sure >= 1.0 or said.waiting is not Waiting.CONFIRMATION or name not in said.asked:
        return False
    known = said.slot(name).value
    if (
        not isinstance(known, str)
        or said.of(Kind.CARRIER, Kind.WRONG)
        or any(_takes_back(p) for p in said.pieces)
    ):
        return False
    return {fold(word) for word in heard.split()}.isdisjoint(fold(word) for word in known.split())


def wished_in(said: Said) -> Iterable[Heard]:
    """`With free wifi and parking`: what is wanted of one is wanted of the next as well."""
    flow, flag = said.expected.flow, None
    for piece in said.pieces:
        if piece.kind is Kind.VALUE and flow.slots[piece.slot].type is SlotType.YES_NO:
            flag = bool(piece.value)
        elif (
            piece.kind in (Kind.WISHED, Kind.NAMED)
            and flag is not None
            and flow.slots[piece.slot].type is SlotType.YES_NO
        ):
            yield Heard(piece.slot, flag, _SURE_BESIDE, said.words.text(piece.start, piece.end))
        elif piece.kind is not Kind.JOINER:
            flag = None


def counts(said: Said, piece: Piece) -> bool:
    """Whether a number is of its slot: not the `one` of `a normal one`, nor unasked the two of `two suitcases`."""
    language, words = said.expected.language, said.words
    if language.stands_for_a_thing(words, piece.start, piece.end):
        return False
    is_time = said.expected.flow.slots[piece.slot].type is SlotType.TIME
    if is_time or piece.own or said.expected.asks_for(piece.slot) or piece.end >= len(words):
        return True
    unread = any(other.start == piece.end for other in said.of(Kind.UNREAD))
    goes_on = unread and ENDS_A_CLAUSE.isdisjoint(words.between(piece.end))
    return not (goes_on and language.counts_a_thing(words, piece.end))
