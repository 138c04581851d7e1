"""What a language has to bring along so that it can be understood, and which languages there are.

A language is a table of spoken forms. English is in the files that end in `_en`; another one is another set of
such files and a line in `language_for`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flows.schema import Slot
from reasoner.errors import UnknownLanguage
from reasoner.types import Answer, Intent
from reasoner.understand.forms import Form
from reasoner.understand.names import Spelled


@dataclass(frozen=True, slots=True)
class SlotForms:
    """How a value for one slot is said.

    Attributes:
        answer: when it was asked: bare, or with any carrier phrase. None where only a yes or no answers.
        carried: of one's own accord: with a carrier phrase that belongs to this slot alone.
        amendment: after it was read back: also a part of it ("the fourteenth").
        carrier: the carrier phrase alone, whose value is still to come; for a name its value is the NamePart.
        loose: bare at any time, because nothing else looks like it. Only read.
        against: a value that the caller denies.
        name: what the slot is called.
    """

    answer: Form[object] | None
    carried: Form[object] | None
    amendment: Form[object] | None
    carrier: Form[object] | None
    loose: Form[object] | None
    against: Form[object] | None
    name: Form[str]


@dataclass(frozen=True, slots=True, eq=False)
class Language:
    """The spoken forms of a language.

    Attributes:
        answers: a clear yes or no; `neither` begins like one and is none.
        commands, backchannels: what a caller says besides answering.
        corrections: words before a value that replaces another; the value says whether they also deny.
        openings: words before an answer; the value says whether they greet. joiners: between two answers.
        strong, weak, lead_ins: how a question begins anywhere, begins alone, and is announced.
        spelling: letters, with the words for them.
        wrong: says that what was named is wrong.
        naming: a word before the name of a slot ("the", "my").
        fillers: words that carry nothing.
        hanging: words that no turn ends with.
        adding: words that add to a list instead of replacing it.
        sounds: ARPAbet of words that a pronouncing dictionary may lack.
        slot_forms: how a value for this slot is said.
        whole_number: the figures as a phone number of that length, None where they are none.
        keywords: the words of a phrase that matter, each in a form that its inflections share.
    """

    answers: Form[Answer]
    neither: Form[None]
    commands: Form[Intent]
    backchannels: Form[str]
    corrections: Form[bool]
    openings: Form[bool]
    joiners: Form[str]
    strong: Form[None]
    weak: Form[None]
    lead_ins: Form[None]
    spelling: Form[Spelled]
    wrong: Form[str]
    naming: Form[str]
    fillers: frozenset[str]
    hanging: frozenset[str]
    adding: frozenset[str]
    sounds: Mapping[str, str]
    slot_forms: Callable[[Slot], SlotForms]
    whole_number: Callable[[str, int], str | None]
    keywords: Callable[[str], frozenset[str]]


@functools.cache
def language_for(tag: str) -> Language:
    """The language of a BCP 47 tag, by its first part.

    Raises:
        UnknownLanguage: there are no spoken forms for it.
    """
    primary = tag.split("-")[0].lower()
    if primary == "en":
        from reasoner.understand.english import ENGLISH

        return ENGLISH
    raise UnknownLanguage(tag, known=("en",))
