"""Values in the caller's own words, that no form fits: names that are on no list, and whatever a text may be."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from reasoner.types import NamePart, SlotName
from reasoner.understand.forms import Form, best
from reasoner.understand.language import Language
from reasoner.understand.names import PARTICLES, NameParts, as_name
from reasoner.understand.pieces import PASSING, Kind, Piece
from reasoner.understand.words import Words

_SURE_TYPED = 0.9

_MOST_NAMES = 6  # words of a name


@dataclass(frozen=True, slots=True)
class TypedName:
    """A name as it was typed, which part of one it is, how sure that is, and the words it came from.

    `capital`: each of its words was written with one.
    """

    name: str
    part: NamePart
    sure: float
    words: str
    capital: bool


def typed_name(slot: SlotName, language: Language, words: Words, pieces: Sequence[Piece]) -> TypedName | None:
    """A name that is on no list: words that are nothing else, behind what may stand before a name."""
    if words.asks:
        return None
    before = PASSING | {Kind.CARRIER, Kind.ANSWER, Kind.WRONG}
    ahead = list(itertools.takewhile(lambda p: p.kind in before and p.slot in ("", slot), pieces))
    run = list(itertools.takewhile(lambda piece: _may_be_name(piece, slot), pieces[len(ahead) :]))
    if not any(piece.kind is Kind.UNREAD or _has_particle(piece) for piece in run):
        return None
    begin, end = run[0].start, run[-1].end
    if run[0].kind is Kind.VALUE:
        begin = run[0].end - len(str(run[0].value).split())  # its carrier phrase is no part of the name
    if (its := best(language.its, words, begin)) is not None and its[0] < end:
        begin = its[0]
    if (title := best(language.titles, words, begin)) is not None and title[0] < end:
        begin = title[0]
    last = begin
    while last < end and language.is_of_name(words.folded[last]):
        last += 1
    if last == begin or last - begin > _MOST_NAMES or words.folded[begin] in language.begins_no_text:
        return None
    if last < end and last - begin == 1 and words.written[begin].islower():
        return None  # "I'm staying in ..."
    begin, last = _said_once(words, begin, last)
    typed = " ".join(words.written[begin:last]).replace(" -", "-").split()
    part = next((piece.value for piece in reversed(ahead) if piece.kind is Kind.CARRIER), NamePart.WHOLE)
    return TypedName(
        " ".join(as_name(typed)),
        part,
        _SURE_TYPED,
        words.text(begin, last),
        all(word[:1].isupper() for word in typed),
    )


def _has_particle(piece: Piece) -> bool:
    """`María de la Cruz`: the lists know only a part of it, so that what was typed is the better spelling."""
    last = piece.value.last.split() if isinstance(piece.value, NameParts) else []
    return len(last) > 1 and last[0].lower() in PARTICLES


def _said_once(words: Words, begin: int, end: int) -> tuple[int, int]:
    """Of `Bob, Bob Hartley` and `Kowalski, Jan Kowalski` the second; of `Elena Petrova, E-l-e-n-a` what is not spelled."""
    letters = [at for at in range(begin + 1, end) if len(words.folded[at]) == 1]
    if len(letters) > 2 and letters == list(range(letters[0], end)):
        end = letters[0]
    names = words.folded[begin:end]
    twice = len(names) > 2 and names[0] in (names[1], names[-1])
    return (begin + 1 if twice else begin), end


def _may_be_name(piece: Piece, slot: SlotName) -> bool:
    return piece.kind is Kind.UNREAD or (piece.kind is Kind.VALUE and piece.slot == slot)


def own_words(language: Language, words: Words, pieces: Sequence[Piece]) -> str:
    """What the caller says to a question for a text, without what leads over to it; "" where it is no answer.

    No answer is what asks, commands, agrees or denies and nothing else, and what is all of other slots.
    """
    if not any(piece.kind in _WORDS_OF_ONE_S_OWN and not piece.own for piece in pieces) or _is_all(
        language.no_more, words
    ):
        return ""
    first = next(piece for piece in pieces if piece.kind not in PASSING or piece.kind is Kind.CORRECTION)
    if first.kind is Kind.QUESTION:
        return ""
    ahead = next((piece for piece in pieces if piece.kind not in PASSING), first)
    return words.as_written(ahead.start)


def thing(language: Language, words: Words, pieces: Sequence[Piece], *, is_place: bool) -> str:
    """The name of a thing that was asked for: what nobody knows of the utterance, from its first such word."""
    ahead = itertools.dropwhile(lambda piece: piece.kind in PASSING | {Kind.ANSWER}, pieces)
    run = list(
        itertools.takewhile(lambda piece: piece.kind in (Kind.UNREAD, Kind.NAMED) or _is_bare(piece), ahead)
    )
    if not any(piece.kind in (Kind.UNREAD, Kind.NAMED, Kind.VALUE) for piece in run):
        return ""
    begin = run[0].start
    beside = any(piece.kind is Kind.VALUE and piece not in run for piece in pieces)
    wishes = best(language.wishing, words, begin) is not None
    talks = is_place and words.folded[begin] in language.subjects
    if wishes or talks or (beside and words.folded[begin] in language.begins_no_text):
        return ""  # "I need a taxi" names no place
    return words.as_written(run[0].start, run[-1].end, exactly=True)


def _is_bare(piece: Piece) -> bool:
    return piece.kind is Kind.VALUE and not piece.own and isinstance(piece.value, str)


_WORDS_OF_ONE_S_OWN = (Kind.UNREAD, Kind.VALUE, Kind.NAMED, Kind.CARRIER)


def _is_all(form: Form[str], words: Words) -> bool:
    found = best(form, words, 0)
    return found is not None and found[0] == len(words)
