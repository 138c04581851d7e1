"""All that callers may say to a flow while something is pending."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from flows.schema import Flow
from flows.slot import SlotType
from reasoner.types import Pending, SlotName, Waiting
from reasoner.understand.choices import Options, options_of
from reasoner.understand.entries import Entry, Index, always, awaited_for, forms_of, indexed, is_meant
from reasoner.understand.forms import best
from reasoner.understand.kept import PerFlow
from reasoner.understand.language import Language, SlotForms, language_for
from reasoner.understand.pieces import Kind
from reasoner.understand.words import Words, without, words_of


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

    def begun_by(self, key: str) -> Iterator[Entry]:
        """All that may be said beginning with a word; what is waited for comes first."""
        return chain(self.awaited.at(key), self.always.at(key))

    def asks_for(self, name: SlotName) -> bool:
        return name in self.pending.slots and self.pending.waiting is Waiting.ANSWER


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
    for name in names:
        loose = forms[name].loose
        if loose is not None and name not in pending.slots and is_meant(flow, forms, name, names):
            yield Entry(Kind.VALUE, loose, name)


def _options_of(flow: Flow, name: SlotName) -> Options:
    language = language_for(flow.language)
    return options_of(flow.slots[name], language.keywords, language.negates)


_options: PerFlow[SlotName, Options] = PerFlow(_options_of)
_expectations: PerFlow[Pending, Expectation] = PerFlow(_expectation)
