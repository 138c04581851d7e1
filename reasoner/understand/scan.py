"""An utterance cut into pieces: values, answers, commands, questions, and words that nobody understood.

From left to right, the longest form that fits wins; of equals the one that is waited for.
"""

from __future__ import annotations

from dataclasses import replace

from flows.slot import CODES, SlotType
from reasoner.types import Intent, Waiting
from reasoner.understand.choices import closest
from reasoner.understand.clauses import ENDS_A_CLAUSE, Before
from reasoner.understand.entries import Entry
from reasoner.understand.expectation import Expectation
from reasoner.understand.forms import best
from reasoner.understand.pieces import Kind, Piece
from reasoner.understand.things import thing_behind
from reasoner.understand.words import Words

_FEWEST_WEAK = 4  # words of a question that begins with a weak word; fewer are too easily misheard
_FEWEST_FIGURES = 3
_YIELDING = (Kind.JOINER, Kind.OPENING, Kind.CARRIER)


def scan(expected: Expectation, words: Words) -> tuple[Piece, ...]:
    """The pieces of an utterance, in order, without gaps."""
    pieces: list[Piece] = []
    at = unread = 0
    while at < len(words):
        piece = _question(
            expected,
            words,
            at,
            Before(pieces, fresh=unread == at),
            _longest(expected, words, at, pieces[-1] if pieces and unread == at else None),
        )
        if piece is not None and piece.kind is Kind.QUESTION:
            piece = _wish(expected, words, piece)
        if piece is None:
            at += 1
            continue
        if unread < at:
            pieces.append(Piece(Kind.UNREAD, unread, at))
        pieces.append(piece)
        at = unread = piece.end
    if unread < at:
        pieces.append(Piece(Kind.UNREAD, unread, at))
    return tuple(pieces)


def _longest(expected: Expectation, words: Words, at: int, behind: Piece | None = None) -> Piece | None:
    found: Piece | None = None
    lead: Piece | None = None
    key = words.keys[at]
    for entry in expected.begun_by(key):
        reading = best(entry.form, words, at)
        if reading is not None and entry.kind is Kind.LEAD:
            if lead is None or reading[0] > lead.end or (entry.own and reading[0] == lead.end):
                lead = Piece(entry.kind, at, reading[0], entry.slot, own=entry.own)
            continue
        if reading is None or (found is not None and reading[0] < found.end):
            continue
        if entry.kind is Kind.AGAINST and (
            _stands_apart(expected, words, at) or _puts_right(expected, words, at, entry, behind)
        ):
            continue
        end, value = reading
        if found is None or end > found.end or (found.kind is Kind.UNREAD and entry.own):
            found = Piece(entry.kind, at, end, entry.slot, value, entry.own)
        elif entry.own and entry.kind is found.kind and entry.slot == found.slot:
            found = replace(found, own=True)
        elif _is_led(expected, words, entry, found) or _is_hour(expected, entry, found, behind):
            found = Piece(entry.kind, at, end, entry.slot, value, entry.own)
        elif _is_either(expected, entry, found):
            found = Piece(Kind.UNREAD, at, end)
    if lead is not None and (found is None or lead.end > found.end or found.kind in _YIELDING):
        return thing_behind(expected, words, lead) or found
    return found


def _stands_apart(expected: Expectation, words: Words, at: int) -> bool:
    """`No, a roof rack`: a no with a sign behind it is to something else."""
    no = best(expected.language.answers, words, at)
    return no is not None and no[0] == at + 1 and not ENDS_A_CLAUSE.isdisjoint(words.between(at + 1))


def _puts_right(expected: Expectation, words: Words, at: int, entry: Entry, behind: Piece | None) -> bool:
    """`The van, uh no, the estate`: a no right behind a choice is to that, and not to the next."""
    if behind is None or behind.kind is not Kind.VALUE or behind.slot != entry.slot:
        return False
    is_choice = expected.flow.slots[entry.slot].type is SlotType.CHOICE
    return is_choice and best(expected.language.answers, words, at) is not None


def _is_led(expected: Expectation, words: Words, entry: Entry, found: Piece) -> bool:
    """`By nine` is of the slot that has the word, though another was asked for: unless both have it."""
    if not entry.own or entry.kind is not Kind.VALUE or found.kind is not Kind.VALUE:
        return False
    if entry.slot in expected.pending.slots:
        return True
    if found.own or words.folded[found.start] not in expected.language.turning:
        return False
    return expected.flow.slots[entry.slot].type is expected.flow.slots[found.slot].type


def _is_hour(expected: Expectation, entry: Entry, found: Piece, behind: Piece | None) -> bool:
    """`On Sunday around seven`: right behind a day, a number that may be a time is one."""
    slots = expected.flow.slots
    if (
        behind is None
        or entry.kind is not Kind.VALUE
        or not found.kind is behind.kind is Kind.VALUE
        or found.own
    ):
        return False
    day_before = slots[behind.slot].type is SlotType.DATE
    return (
        day_before and slots[found.slot].type is SlotType.NUMBER and slots[entry.slot].type is SlotType.TIME
    )


def _is_either(expected: Expectation, entry: Entry, found: Piece) -> bool:
    """The same words are a value of either slot that was read back, and nothing tells of which."""
    if expected.pending.waiting not in (Waiting.CONFIRMATION, Waiting.WHICH):
        return False
    bare = entry.kind is found.kind is Kind.VALUE and not entry.own and not found.own
    return bare and entry.slot != found.slot


def _question(
    expected: Expectation, words: Words, at: int, before: Before, other: Piece | None
) -> Piece | None:
    """The question that begins here, else `other`."""
    language = expected.language
    lead_in = best(language.lead_ins, words, at)
    strong = best(language.strong, words, at) if _may_ask(expected, words, at, before) else None
    taken = other.end if other is not None else at
    if lead_in is not None and lead_in[0] > taken:
        begin = lead_in[0]
    elif strong is not None and (strong[0] > taken or _goes_on(expected, words, other)):
        begin = at
    elif other is None and before.is_passing and best(language.weak, words, at) is not None:
        begin = at
        if not words.asks and (expected.takes_prose or len(words) - at < _FEWEST_WEAK):
            return None
    else:
        return other
    end = _end_of_question(expected, words, max(begin, at + 1))
    if begin >= end or end - at < 2:
        return other
    if (plea := best(language.pleas, words, at)) is not None and plea[0] == end:
        return Piece(Kind.UNREAD, at, end)
    return Piece(Kind.QUESTION, at, end, value=begin)


def _goes_on(expected: Expectation, words: Words, other: Piece | None) -> bool:
    """Whether a command is the beginning of a question.

    `What do you need` wants to hear something again, `what do you need my name for` to know it; just so `can i
    cancel` ends the call, and `can i cancel my appointment` asks.
    """
    if other is None or other.kind is not Kind.COMMAND or other.end >= len(words):
        return False
    after = _longest(expected, words, other.end)
    names = after is None or after.kind in (Kind.NAMED, Kind.CARRIER, Kind.WISHED)
    if other.value is Intent.CANCEL:
        return names and not _still_cancels(expected, words, other.end)
    return other.value is Intent.REPEAT and names


def _still_cancels(expected: Expectation, words: Words, end: int) -> bool:
    """`Can i cancel the call`, something that the flow has a topic for, or a sign behind `can i cancel`."""
    last = _longest(expected, words, end - 1)
    longer = last is not None and last.kind in (Kind.COMMAND, Kind.TOPIC) and last.end > end
    return longer or not ENDS_A_CLAUSE.isdisjoint(words.between(end))


def _may_ask(expected: Expectation, words: Words, at: int, before: Before) -> bool:
    """`Is the` asks where a clause begins; within one, its subject stands before it: `the trouble is the fan`."""
    if expected.takes_prose:
        return before.ends(words, at) and best(expected.language.wishes, words, at) is None
    if best(expected.language.copulas, words, at) is None:
        return True
    if before.ends(words, at):
        return True
    behind_value = before.fresh and before.pieces[-1].kind is Kind.VALUE  # "1234 is my code" asks nothing
    return behind_value and best(expected.language.naming, words, at + 1) is None


def _wish(expected: Expectation, words: Words, question: Piece) -> Piece:
    """`Can I get a table for four` asks for nothing to be looked up, nor does who names a value that was asked for."""
    found = best(expected.language.requests, words, question.value)
    for at in range(found[0], question.end) if found is not None else ():
        piece = _longest(expected, words, at)
        if piece is not None and piece.kind is Kind.VALUE:
            return Piece(Kind.OPENING, question.start, found[0] if found else at, value=False)
    if best(expected.language.inquiries, words, question.value) is not None:
        return question
    of_themselves = not expected.language.themselves.isdisjoint(words.folded[question.start : question.end])
    if not of_themselves and best(expected.language.asking_for_facts, words, question.value) is not None:
        return question
    return _chosen(expected, words, question) or question


def _chosen(expected: Expectation, words: Words, question: Piece) -> Piece | None:
    """What is before the one value of a choice that the question names, or all of it where it is put otherwise."""
    for name in expected.pending.slots if expected.pending.waiting is Waiting.ANSWER else ():
        slot = expected.flow.slots[name]
        if slot.type is not SlotType.CHOICE:
            continue
        text = words.text(question.start, question.end)
        keywords = expected.language.keywords(text)
        if closest(slot, expected.options(name), keywords, text, partly=False) is None:
            continue
        if len({label for label, wanted in expected.options(name).phrases if wanted <= keywords}) != 1:
            continue  # `what is the difference between ... and ...`
        for at in range(question.start + 1, question.end):
            piece = _longest(expected, words, at)
            if piece is not None and piece.kind is Kind.VALUE and piece.slot == name:
                return Piece(Kind.OPENING, question.start, at, value=False)
        return Piece(Kind.UNREAD, question.start, question.end)
    return None


def _end_of_question(expected: Expectation, words: Words, at: int) -> int:
    """A question goes on to the end, or until a value is said with the phrase that belongs to it, or the code asked for."""
    for place in range(at, len(words)):
        key = words.keys[place]
        entries = (e for e in expected.begun_by(key) if _is_exact(expected, e))
        if any(best(entry.form, words, place) is not None for entry in entries):
            return place
        if any(_is_code(expected, words, place, entry) for entry in expected.awaited.at(key)):
            return place
    return len(words)


def _is_code(expected: Expectation, words: Words, at: int, entry: Entry) -> bool:
    if entry.kind is not Kind.VALUE or not expected.asks_for(entry.slot):
        return False
    if expected.flow.slots[entry.slot].type not in CODES:
        return False
    found = best(entry.form, words, at)
    return found is not None and isinstance(found[1], str) and len(found[1]) >= _FEWEST_FIGURES


def _is_exact(expected: Expectation, entry: Entry) -> bool:
    exact = (SlotType.DATE, SlotType.PHONE)
    return entry.kind is Kind.VALUE and entry.own and expected.flow.slots[entry.slot].type in exact
