"""Values put in the caller's own words, where no form fits: keywords of a choice, and names that are typed."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flows.schema import Slot, SlotType
from reasoner.types import NamePart, SlotName
from reasoner.understand.language import Language
from reasoner.understand.names import as_written
from reasoner.understand.scan import PASSING, Kind, Piece
from reasoner.understand.words import Words

_SURE_BY_KEYWORDS = 0.6
_SURE_NEARLY = 0.5  # a letter of a keyword is wrong
_SURE_TYPED = 0.9

_SHORTEST_NEAR = 5  # letters of a word that may have one wrong
_MOST_NAMES = 4  # words of a name
_MOST_CHARACTERS = 400  # of an utterance that is searched for keywords


@dataclass(frozen=True, slots=True)
class TypedName:
    """A name as it was typed, which part of one it is, how sure that is, and the words it came from."""

    name: str
    part: NamePart
    sure: float
    words: str


def typed_name(slot: SlotName, language: Language, words: Words, pieces: Sequence[Piece]) -> TypedName | None:
    """A name that is on no list: words that are nothing else, behind what may stand before a name."""
    if words.asks:
        return None
    before = PASSING | {Kind.CARRIER, Kind.ANSWER}
    ahead = list(itertools.takewhile(lambda piece: piece.kind in before, pieces))
    run = list(itertools.takewhile(lambda piece: _may_be_name(piece, slot), pieces[len(ahead) :]))
    if not any(piece.kind is Kind.UNREAD for piece in run):
        return None
    begin, end = run[0].start, run[-1].end
    if run[0].kind is Kind.VALUE:
        begin = run[0].end - len(str(run[0].value).split())  # its carrier phrase is no part of the name
    if end - begin > _MOST_NAMES or not all(map(language.keywords, words.folded[begin:end])):
        return None
    typed = " ".join(words.written[begin:end]).replace(" -", "-").split()
    part = next((piece.value for piece in reversed(ahead) if piece.kind is Kind.CARRIER), NamePart.WHOLE)
    return TypedName(" ".join(map(as_written, typed)), part, _SURE_TYPED, words.text(begin, end))


def _may_be_name(piece: Piece, slot: SlotName) -> bool:
    return piece.kind is Kind.UNREAD or (piece.kind is Kind.VALUE and piece.slot == slot)


def by_keywords(slot: Slot, text: str, language: Language) -> tuple[tuple[str, ...], float] | None:
    """The values whose keywords are all in `text`, in any order, and how sure that is.

    Of a choice it is the one value of which most was said; None where there is no such one.
    """
    said = language.keywords(text[:_MOST_CHARACTERS])
    exact, near = _matches(slot, said, language)
    found, sure = (exact, _SURE_BY_KEYWORDS) if exact else (near, _SURE_NEARLY)
    if slot.type is SlotType.LIST:
        labels = tuple(label for label in slot.values if label in found)
        return (labels, sure) if labels else None
    most = max(found.values(), default=0)
    best = tuple(label for label, count in found.items() if count == most)
    return (best, sure) if len(best) == 1 else None


def _matches(
    slot: Slot, said: frozenset[str], language: Language
) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """How many keywords of each value were said, exactly, and with a letter wrong."""
    exact: dict[str, int] = {}
    near: dict[str, int] = {}
    shapes = {shape for word in said for shape in _one_letter_less(word)}
    for label, others in slot.values.items():
        for phrase in (label, *others):
            wanted = _keywords(language, phrase)
            if not wanted:
                continue
            if wanted <= said:
                exact[label] = max(exact.get(label, 0), len(wanted))
            elif all(word in said or not shapes.isdisjoint(_one_letter_less(word)) for word in wanted):
                near[label] = max(near.get(label, 0), len(wanted))
    return exact, near


@functools.lru_cache(maxsize=4096)
def _keywords(language: Language, phrase: str) -> frozenset[str]:
    return language.keywords(phrase)


@functools.lru_cache(maxsize=8192)
def _one_letter_less(word: str) -> frozenset[str]:
    """The word, and the word without each of its letters: two words with one in common are an edit apart."""
    if len(word) < _SHORTEST_NEAR:
        return frozenset({word})
    return frozenset({word, *(word[:n] + word[n + 1 :] for n in range(len(word)))})
