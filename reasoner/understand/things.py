"""The name of a thing behind what leads up to it: `I'm going to`, `it's a`."""

from __future__ import annotations

from flows.slot import SlotType
from reasoner.types import SlotName
from reasoner.understand.clauses import ENDS_A_CLAUSE
from reasoner.understand.expectation import Expectation
from reasoner.understand.forms import best
from reasoner.understand.pieces import Kind, Piece
from reasoner.understand.words import Words

_MOST_OF_A_THING = 7  # words
_TELLING = (SlotType.DATE, SlotType.TIME, SlotType.MONEY, SlotType.PHONE, SlotType.EMAIL, SlotType.NUMBER)


def thing_behind(expected: Expectation, words: Words, lead: Piece) -> Piece | None:
    """The name of a thing behind what leads up to it: until a sign, a word that no name has, or another value."""
    begin = lead.end
    if begin >= len(words) or words.folded[begin] in expected.language.begins_no_text:
        return None
    if not words.written[begin][:1].isupper() and _is_vague(expected, words, lead):
        return None
    if not lead.own and _is_value(expected, words, begin):
        return None
    end = begin
    while (
        end < len(words)
        and end - begin < _MOST_OF_A_THING
        and not _ends(expected, words, end, begin, lead.slot)
    ):
        end += 1
    if end == begin:
        return None
    text = words.as_written(begin, end, exactly=True)
    return Piece(Kind.VALUE, lead.start, end, lead.slot, text, lead.own)


def _is_value(expected: Expectation, words: Words, at: int) -> bool:
    key = words.keys[at]
    entries = (entry for entry in expected.always.at(key) if entry.kind is Kind.VALUE)
    return any(best(entry.form, words, at) is not None for entry in entries)


def _is_vague(expected: Expectation, words: Words, lead: Piece) -> bool:
    """Whether much else than the name of a thing may follow: `in the end`, `I'd like to pay`."""
    language = expected.language
    asked = expected.asks_for(lead.slot)
    if asked and not lead.start:
        return False
    if not language.vague.issuperset(words.folded[lead.start : lead.end]):
        return False
    directs = words.folded[lead.start] in language.directions and len(lead) == 1
    wants = lead.start > 0 and words.folded[lead.start - 1] in language.wanting
    return wants or not directs


def _ends(expected: Expectation, words: Words, at: int, begin: int, name: SlotName) -> bool:
    if at > begin and (words.folded[at] in expected.language.ends_text or _is_cut(expected, words, at, name)):
        return True
    key = words.keys[at]
    for entry in expected.begun_by(key):
        bare = entry.kind is Kind.VALUE and not entry.own
        tells = not bare or expected.flow.slots[entry.slot].type in _TELLING
        ends = entry.kind is Kind.VALUE or (at > begin and entry.kind in (Kind.CARRIER, Kind.COMMAND))
        if tells and ends and best(entry.form, words, at) is not None:
            return True
    return False


def _is_cut(expected: Expectation, words: Words, at: int, name: SlotName) -> bool:
    """A sign ends the name of a thing; a comma may be a part of one that was asked for."""
    asked = expected.asks_for(name)
    signs = words.between(at).strip("-." + ("," if asked else ""))
    return not ENDS_A_CLAUSE.isdisjoint(signs)
