"""An utterance cut into pieces: values, answers, commands, questions, and words that nobody understood.

From left to right, the longest form that fits wins; of equals the one that is waited for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import chain

from flows.schema import Flow
from flows.slot import SlotType
from reasoner.types import Intent, Pending, SlotName, Waiting
from reasoner.understand.choices import Options, closest, options_of
from reasoner.understand.clauses import ENDS_A_CLAUSE, Before
from reasoner.understand.entries import Entry, Index, always, awaited_for, forms_of, indexed
from reasoner.understand.forms import best
from reasoner.understand.kept import PerFlow
from reasoner.understand.language import Language, SlotForms, language_for
from reasoner.understand.pieces import Kind, Piece
from reasoner.understand.words import Words, without, words_of

_FEWEST_WEAK = 4  # words of a question that begins with a weak word; fewer are too easily misheard


_MOST_OF_A_THING = 7  # words
_YIELDING = (Kind.JOINER, Kind.OPENING, Kind.CARRIER)
_TELLING = (SlotType.DATE, SlotType.TIME, SlotType.MONEY, SlotType.PHONE, SlotType.EMAIL, SlotType.NUMBER)


@dataclass(frozen=True, slots=True)
class Expectation:
    """All that a caller may say while something is pending, ready to be read and to be written as a grammar.

    Attributes:
        forms: of each slot of the flow that has a value to say.
        awaited: what is waited for, and `always` what may be said at any time.
        takes_prose: the caller's own words are waited for.
    """

    flow: Flow
    pending: Pending
    language: Language
    forms: Mapping[SlotName, SlotForms]
    awaited: Index
    always: Index
    takes_prose: bool

    def options(self, name: SlotName) -> Options:
        return _options(self.flow, name)

    def cut(self, text: str) -> Words:
        """The words of `text` without those that carry nothing."""
        words = words_of(text)
        fillers = self.language.fillers
        if fillers.isdisjoint(words.folded):
            return words
        kept: set[int] = set()
        for at, word in enumerate(words.folded):
            if word in fillers and at not in kept:
                found = best(self.language.backchannels, words, at)
                kept.update(range(at, found[0] if found else at))
        return without(words, (n for n, word in enumerate(words.folded) if word in fillers and n not in kept))

    def scan(self, words: Words) -> tuple[Piece, ...]:
        """The pieces of an utterance, in order, without gaps."""
        pieces: list[Piece] = []
        at = unread = 0
        while at < len(words):
            piece = self._question(words, at, Before(pieces, fresh=unread == at), self._longest(words, at))
            if piece is not None and piece.kind is Kind.QUESTION:
                piece = self._wish(words, piece)
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

    def _longest(self, words: Words, at: int) -> Piece | None:
        found: Piece | None = None
        lead: Piece | None = None
        key = words.keys[at]
        for entry in chain(self.awaited.at(key), self.always.at(key)):
            reading = best(entry.form, words, at)
            if reading is not None and entry.kind is Kind.LEAD:
                if lead is None or reading[0] > lead.end or (entry.own and reading[0] == lead.end):
                    lead = Piece(entry.kind, at, reading[0], entry.slot, own=entry.own)
                continue
            if reading is None or (found is not None and reading[0] < found.end):
                continue
            end, value = reading
            if found is None or end > found.end or (found.kind is Kind.UNREAD and entry.own):
                found = Piece(entry.kind, at, end, entry.slot, value, entry.own)
            elif entry.own and entry.kind is found.kind and entry.slot == found.slot:
                found = replace(found, own=True)
            elif self._is_led(words, entry, found):
                found = Piece(entry.kind, at, end, entry.slot, value, entry.own)
            elif self._is_either(entry, found):
                found = Piece(Kind.UNREAD, at, end)
        if lead is not None and (found is None or lead.end > found.end or found.kind in _YIELDING):
            return self._thing(words, lead) or found
        return found

    def _thing(self, words: Words, lead: Piece) -> Piece | None:
        """The name of a thing behind what leads up to it: until a sign, a word that no name has, or another value."""
        begin = lead.end
        if begin >= len(words) or words.folded[begin] in self.language.begins_no_text:
            return None
        if not words.written[begin][:1].isupper() and self._is_vague(words, lead):
            return None
        if not lead.own and self._is_value(words, begin):
            return None
        end = begin
        while (
            end < len(words)
            and end - begin < _MOST_OF_A_THING
            and not self._ends_thing(words, end, begin, lead.slot)
        ):
            end += 1
        if end == begin:
            return None
        text = words.as_written(begin, end, exactly=True)
        return Piece(Kind.VALUE, lead.start, end, lead.slot, text, lead.own)

    def _is_value(self, words: Words, at: int) -> bool:
        key = words.keys[at]
        entries = (entry for entry in self.always.at(key) if entry.kind is Kind.VALUE)
        return any(best(entry.form, words, at) is not None for entry in entries)

    def _is_vague(self, words: Words, lead: Piece) -> bool:
        """Whether much else than the name of a thing may follow: `in the end`, `I'd like to pay`."""
        language = self.language
        asked = lead.slot in self.pending.slots and self.pending.waiting is Waiting.ANSWER
        if asked and not lead.start:
            return False
        if not language.vague.issuperset(words.folded[lead.start : lead.end]):
            return False
        directs = words.folded[lead.start] in language.directions and len(lead) == 1
        wants = lead.start > 0 and words.folded[lead.start - 1] in language.wanting
        return wants or not directs

    def _ends_thing(self, words: Words, at: int, begin: int, name: SlotName) -> bool:
        if at > begin and (words.folded[at] in self.language.ends_text or self._is_cut(words, at, name)):
            return True
        key = words.keys[at]
        for entry in chain(self.awaited.at(key), self.always.at(key)):
            bare = entry.kind is Kind.VALUE and not entry.own
            tells = not bare or self.flow.slots[entry.slot].type in _TELLING
            ends = entry.kind is Kind.VALUE or (at > begin and entry.kind in (Kind.CARRIER, Kind.COMMAND))
            if tells and ends and best(entry.form, words, at) is not None:
                return True
        return False

    def _is_cut(self, words: Words, at: int, name: SlotName) -> bool:
        """A sign ends the name of a thing; a comma may be a part of one that was asked for."""
        asked = name in self.pending.slots and self.pending.waiting is Waiting.ANSWER
        signs = words.between(at).strip("-." + ("," if asked else ""))
        return not ENDS_A_CLAUSE.isdisjoint(signs)

    def _is_led(self, words: Words, entry: Entry, found: Piece) -> bool:
        """`By nine` is of the slot that has the word, though another was asked for: unless both have it."""
        if not entry.own or entry.kind is not Kind.VALUE or found.kind is not Kind.VALUE:
            return False
        if entry.slot in self.pending.slots:
            return True
        if found.own or words.folded[found.start] not in self.language.turning:
            return False
        return self.flow.slots[entry.slot].type is self.flow.slots[found.slot].type

    def _is_either(self, entry: Entry, found: Piece) -> bool:
        """The same words are a value of either slot that was read back, and nothing tells of which."""
        if self.pending.waiting not in (Waiting.CONFIRMATION, Waiting.WHICH):
            return False
        bare = entry.kind is found.kind is Kind.VALUE and not entry.own and not found.own
        return bare and entry.slot != found.slot

    def _question(self, words: Words, at: int, before: Before, other: Piece | None) -> Piece | None:
        """The question that begins here, else `other`."""
        language = self.language
        lead_in = best(language.lead_ins, words, at)
        strong = best(language.strong, words, at) if self._may_ask(words, at, before) else None
        taken = other.end if other is not None else at
        if lead_in is not None and lead_in[0] > taken:
            begin = lead_in[0]
        elif strong is not None and (strong[0] > taken or self._goes_on(words, other)):
            begin = at
        elif other is None and before.is_passing and best(language.weak, words, at) is not None:
            begin = at
            if not words.asks and (self.takes_prose or len(words) - at < _FEWEST_WEAK):
                return None
        else:
            return other
        end = self._end_of_question(words, max(begin, at + 1))
        if begin >= end or end - at < 2:
            return other
        if (plea := best(language.pleas, words, at)) is not None and plea[0] == end:
            return Piece(Kind.UNREAD, at, end)
        return Piece(Kind.QUESTION, at, end, value=begin)

    def _goes_on(self, words: Words, other: Piece | None) -> bool:
        """`What do you need` wants to hear something again, `what do you need my name for` to know it."""
        if other is None or other.kind is not Kind.COMMAND or other.end >= len(words):
            return False
        after = self._longest(words, other.end)
        names = after is None or after.kind in (Kind.NAMED, Kind.CARRIER, Kind.WISHED)
        return other.value is Intent.REPEAT and names

    def _may_ask(self, words: Words, at: int, before: Before) -> bool:
        """`Is the` asks where a clause begins; within one, its subject stands before it: `the trouble is the fan`."""
        if self.takes_prose:
            return before.ends(words, at) and best(self.language.wishes, words, at) is None
        if best(self.language.copulas, words, at) is None:
            return True
        if before.ends(words, at):
            return True
        behind_value = before.fresh and before.pieces[-1].kind is Kind.VALUE  # "1234 is my code" asks nothing
        return behind_value and best(self.language.naming, words, at + 1) is None

    def _wish(self, words: Words, question: Piece) -> Piece:
        """`Can I get a table for four` asks for nothing to be looked up, nor does who names a value that was asked for."""
        found = best(self.language.requests, words, question.value)
        for at in range(found[0], question.end) if found is not None else ():
            piece = self._longest(words, at)
            if piece is not None and piece.kind is Kind.VALUE:
                return Piece(Kind.OPENING, question.start, found[0] if found else at, value=False)
        if best(self.language.inquiries, words, question.value) is not None:
            return question
        return self._chosen(words, question) or question

    def _chosen(self, words: Words, question: Piece) -> Piece | None:
        """What is before the one value of a choice that the question names, or all of it where it is put otherwise."""
        for name in self.pending.slots if self.pending.waiting is Waiting.ANSWER else ():
            slot = self.flow.slots[name]
            if slot.type is not SlotType.CHOICE:
                continue
            text = words.text(question.start, question.end)
            keywords = self.language.keywords(text)
            if closest(slot, self.options(name), keywords, text, partly=False) is None:
                continue
            if len({label for label, wanted in self.options(name).phrases if wanted <= keywords}) != 1:
                continue  # `what is the difference between ... and ...`
            for at in range(question.start + 1, question.end):
                piece = self._longest(words, at)
                if piece is not None and piece.kind is Kind.VALUE and piece.slot == name:
                    return Piece(Kind.OPENING, question.start, at, value=False)
            return Piece(Kind.UNREAD, question.start, question.end)
        return None

    def _end_of_question(self, words: Words, at: int) -> int:
        """A question goes on to the end, or until a value is said with the phrase that belongs to it."""
        for place in range(at, len(words)):
            key = words.keys[place]
            entries = (e for e in chain(self.awaited.at(key), self.always.at(key)) if self._is_exact(e))
            if any(best(entry.form, words, place) is not None for entry in entries):
                return place
        return len(words)

    def _is_exact(self, entry: Entry) -> bool:
        exact = (SlotType.DATE, SlotType.PHONE)
        return entry.kind is Kind.VALUE and entry.own and self.flow.slots[entry.slot].type in exact


def expectation_of(flow: Flow, pending: Pending) -> Expectation:
    """What may be said to `flow` while `pending`. Made once for both.

    Raises:
        UnknownLanguage: the flow is in a language without spoken forms.
    """
    # Which part of a name is being spelled makes no difference to what can be said.
    slots = tuple(name for name in pending.slots if name in flow.slots)
    return _expectations(flow, Pending(pending.waiting, slots))


def _expectation(flow: Flow, pending: Pending) -> Expectation:
    language, forms = language_for(flow.language), forms_of(flow)
    asked = [
        entry
        for name in pending.slots
        if flow.slots[name].asked_for
        for entry in awaited_for(name, flow.slots[name], pending.waiting, language, forms[name])
    ]
    # In a caller's own words much is named in passing: only what is said to be of a slot is of one.
    own_words = pending.waiting is Waiting.ANSWER and any(
        flow.slots[name].type is SlotType.TEXT and forms[name].before_answer is None for name in pending.slots
    )
    beside = () if own_words else _asked_beside(flow, pending, forms)
    awaited = indexed((*asked, *beside))
    return Expectation(flow, pending, language, forms, awaited, always(flow, not own_words), own_words)


def _asked_beside(flow: Flow, pending: Pending, forms: Mapping[SlotName, SlotForms]) -> Iterable[Entry]:
    """What the step asks for beside what is waited for, said bare: `two hundred dollars, on December the first`.

    Where the step has one such slot, the alike slots of other steps are not meant.
    """
    if pending.waiting is not Waiting.ANSWER:
        return
    lists = (*(step.ask for step in flow.steps.values()), *(gate.ask for gate in flow.gates.values()))
    asking = [ask for ask in lists if set(pending.slots) & set(ask)]
    names = [name for name in dict.fromkeys(n for ask in asking for n in ask) if flow.slots[name].asked_for]
    kinds = [(flow.slots[name].type, forms[name].counts) for name in names]
    for name, kind in zip(names, kinds, strict=True):
        if (loose := forms[name].loose) is not None and name not in pending.slots and kinds.count(kind) == 1:
            yield Entry(Kind.VALUE, loose, name)


def _options_of(flow: Flow, name: SlotName) -> Options:
    language = language_for(flow.language)
    return options_of(flow.slots[name], language.keywords, language.negates)


_options: PerFlow[SlotName, Options] = PerFlow(_options_of)
_expectations: PerFlow[Pending, Expectation] = PerFlow(_expectation)
