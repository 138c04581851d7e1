"""Values put in the caller's own words, where no form fits: keywords of a choice, and names that are typed."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Mapping, Sequence

from flows.schema import Slot, SlotType
from reasoner.types import Heard, NamePart, SlotName, Waiting
from reasoner.understand.language import Language
from reasoner.understand.names import NameParts, as_written
from reasoner.understand.scan import Expectation, Kind, Piece
from reasoner.understand.words import Words

_SURE_BY_KEYWORDS = 0.6
_SURE_NEARLY = 0.5  # a letter of a keyword is wrong
_SURE_TYPED = 0.9

_SHORTEST_NEAR = 5  # letters of a word that may have one wrong
_MOST_NAMES = 4  # words of a name
_MOST_WORDS = 60  # of an utterance that is searched for keywords

_BEFORE_A_NAME = (Kind.BACKCHANNEL, Kind.CORRECTION, Kind.JOINER, Kind.CARRIER, Kind.ANSWER)


def by_keywords(expected: Expectation, words: Words, pieces: Sequence[Piece]) -> Iterable[Heard]:
    """Values of the choice or list that is asked for, whose keywords were said in any order."""
    pending = expected.pending
    kinds = {piece.kind for piece in pieces}
    if Kind.UNREAD not in kinds or Kind.COMMAND in kinds or pending.waiting is not Waiting.ANSWER:
        return
    for name in pending.slots:
        slot = expected.flow.slots[name]
        if slot.type in (SlotType.CHOICE, SlotType.LIST):
            yield from _with_keywords(name, slot, words, expected.language)


def typed_name(
    name: SlotName, known: NameParts, spelling: NamePart | None, words: Words, pieces: Sequence[Piece]
) -> Iterable[Heard]:
    """A typed name that is on no list: words that are nothing else, behind what may stand before a name.

    Args:
        name: the slot.
        known: the name as far as it was heard before.
        spelling: the part that was asked for letter by letter, None where the name was.
        words, pieces: the utterance. Words of a question are no name.
    """
    if words.asks:
        return
    ahead = list(itertools.takewhile(lambda piece: piece.kind in _BEFORE_A_NAME, pieces))
    run = list(itertools.takewhile(lambda piece: _may_be_name(piece, name), pieces[len(ahead) :]))
    if not any(piece.kind is Kind.UNREAD for piece in run):
        return
    begin, end = run[0].start, run[-1].end
    if run[0].kind is Kind.VALUE:
        begin = run[0].end - len(str(run[0].value).split())  # its carrier phrase is no part of the name
    if end - begin > _MOST_NAMES:
        return
    typed = [as_written(word) for word in " ".join(words.written[begin:end]).replace(" -", "-").split()]
    part = next((piece.value for piece in reversed(ahead) if piece.kind is Kind.CARRIER), NamePart.WHOLE)
    if spelling is not None and len(typed) == 1 and part is NamePart.WHOLE:
        part = spelling
    if part is NamePart.FAMILY:
        typed = [known.first, *typed]
    elif part is NamePart.GIVEN:
        typed = [*typed, known.last]
    yield Heard(name, " ".join(typed).strip(), _SURE_TYPED, words.text(begin, end))


def _may_be_name(piece: Piece, name: SlotName) -> bool:
    return piece.kind is Kind.UNREAD or (piece.kind is Kind.VALUE and piece.slot == name)


def _with_keywords(name: SlotName, slot: Slot, words: Words, language: Language) -> Iterable[Heard]:
    """The values whose keywords are all there; of a choice the one with most, if there is one."""
    said = language.keywords(words.text(0, _MOST_WORDS))
    exact, near = _matches(slot, said, language)
    found, sure = (exact, _SURE_BY_KEYWORDS) if exact else (near, _SURE_NEARLY)
    if not found:
        return
    text = words.text(0, _MOST_WORDS)
    if slot.type is SlotType.LIST:
        yield Heard(name, tuple(label for label in slot.values if label in found), sure, text)
        return
    most = max(found.values())
    first = [label for label, count in found.items() if count == most]
    if len(first) == 1:
        yield Heard(name, first[0], sure, text)


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
