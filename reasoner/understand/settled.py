"""Several values were weighed, and the caller settles on the last: `four or five days, five to be safe`."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from flows.slot import SlotType
from reasoner.understand.forms import Form, best
from reasoner.understand.pieces import Kind, Piece
from reasoner.understand.said import Said

_NUMBERS = (SlotType.NUMBER, SlotType.MONEY, SlotType.TIME)
_PAUSES = ("", ",", ";", "-", "–", "—", "...", "…", ".")
_BEHIND = 3  # words that may say that a number is the most there can be
_FARTHEST = 4  # words before a value in which it is settled on


def settles_within(said: Said, pieces: Sequence[Piece]) -> bool:
    """Whether the last of these values is the one that is meant: it is said so, or it is one of two named again."""
    if len(pieces) < 2:
        return False
    *before, last = pieces
    language = said.expected.language
    if _is_said(said, pieces, language.settling, language.settled):
        return True
    weighed = any(_weighs(said, piece, after) for piece, after in pairwise(pieces)) or _is_range(
        said, pieces[-2]
    )
    if not weighed or _weighs(said, before[-1], last):
        return False
    again = any(piece.value == last.value for piece in before) or _is_range(said, before[-1])
    return again or _is_said(said, pieces, language.leaning, language.leaning)


def repairs_within(said: Said, pieces: Sequence[Piece]) -> bool:
    """`A thousand, eleven hundred`, `six, well, seven`: a number right behind another takes its place.

    Where neither is sure the first one stays: `about four, five at most`.
    """
    if len(pieces) < 2 or said.expected.flow.slots[pieces[-1].slot].type not in _NUMBERS:
        return False
    one, other = pieces[-2:]
    between = [piece for piece in said.pieces if one.end <= piece.start and piece.end <= other.start]
    if between:
        return all(piece.kind is Kind.OPENING for piece in between)
    around = said.words.folded[max(0, one.start - 1) : other.end + _BEHIND]
    is_sure = said.expected.language.unsure.isdisjoint(around)
    return is_sure and said.words.between(other.start).strip() in _PAUSES


def _weighs(said: Said, one: Piece, other: Piece) -> bool:
    """`Four or five`"""
    between = [piece for piece in said.pieces if one.end <= piece.start and piece.end <= other.start]
    words = set(said.words.folded[one.end : other.start])
    return (
        bool(between)
        and all(p.kind in (Kind.JOINER, Kind.UNREAD) for p in between)
        and _is_between(said, words)
    )


def _is_between(said: Said, words: set[str]) -> bool:
    return bool(words) and words <= said.expected.language.weighing


def _is_range(said: Said, piece: Piece) -> bool:
    """`Four to five days`, as one piece."""
    return not said.expected.language.weighing.isdisjoint(said.words.folded[piece.start + 1 : piece.end - 1])


def _is_said(said: Said, pieces: Sequence[Piece], ahead: Form[str], behind: Form[str]) -> bool:
    """Whether such words stand before the last value, behind what came before it, or right behind it."""
    words, before, last = said.words, pieces[-2], pieces[-1]
    if last.end < len(words) and best(behind, words, last.end) is not None:
        return True
    begin = max(before.end, last.start - _FARTHEST)
    return any(best(ahead, words, at) is not None for at in range(begin, last.end - 1))
