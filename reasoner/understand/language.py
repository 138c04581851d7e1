"""What a language has to bring along so that it can be understood, and which languages there are.

A language is a table of spoken forms. English is in the files that end in `_en`; another one is another set of
such files and a line in `language_for`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from flows.slot import Slot, SlotType
from reasoner.errors import UnknownLanguage
from reasoner.types import Answer, Intent, Value
from reasoner.understand.forms import Form
from reasoner.understand.names import Spelled
from reasoner.understand.words import Words


@dataclass(frozen=True, slots=True)
class SlotForms:
    """How a value for one slot is said.

    Attributes:
        answer: when it was asked: bare, or with any carrier phrase. None where only a yes or no answers.
        carried: of one's own accord: with a carrier phrase that belongs to this slot alone.
        amendment: after it was read back: also a part of it ("the fourteenth").
        carrier: the carrier phrase alone, whose value is still to come; for a name its value is the NamePart.
        loose: bare at any time, because nothing else looks like it: where only this slot is of its type. Only read.
        led: with words before it that are nothing without a value: "from", "to".
        led_is_own: these words tell of which slot it is; "on" tells only that it is a date.
        followed: with words behind it that say which slot it is for: "1234 is my PIN".
        counts: what its numbers count, "" where that is not known: it tells one bare number from another.
        bare: the same, whatever other slots there are. Only read.
        against: a value that the caller denies. lacking: the same, where it was asked for: "no child seat".
        lacking_but: and where it was read back: "no child seat but".
        lacking_all: who says only this wants nothing. None where nobody can tell what a no is to: `no penicillin` may be
            said by who cannot bear it.
        name: what the slot is called.
        wished: what a yes or no is about, behind another such thing that is wanted: "with wifi and parking".
        is_place: its text is where or who, and no sentence.
        before_text, before_answer: what leads up to a text that is the name of a thing, brought up and asked for.
            None for any other slot.
    """

    answer: Form[object] | None
    carried: Form[object] | None
    amendment: Form[object] | None
    carrier: Form[object] | None
    loose: Form[object] | None
    against: Form[object] | None
    name: Form[str]
    lacking: Form[object] | None = None
    lacking_but: Form[object] | None = None
    lacking_all: Form[object] | None = None
    bare: Form[object] | None = None
    led: Form[object] | None = None
    led_is_own: bool = True
    followed: Form[object] | None = None
    counts: str = ""
    wished: Form[str] | None = None
    before_text: Form[str] | None = None
    before_answer: Form[str] | None = None
    is_place: bool = False


INDIFFERENT = object()
"""What a form gives for a caller who does not mind."""


def takes_yes_or_no(slot: Slot) -> bool:
    """Whether a yes or no is an answer: to a yes or no question, or to one with `yes` or `no` among its values."""
    listed = slot.type is SlotType.CHOICE and not {*Answer}.isdisjoint(slot.values)
    return slot.type is SlotType.YES_NO or listed


@dataclass(frozen=True, slots=True, eq=False)
class Language:
    """The spoken forms of a language.

    Attributes:
        answers: a clear yes or no; `neither` begins like one and is none.
        terse: an answer to a yes or no question that repeats its verb ("I do", "it isn't"), or is given in passing.
        outcomes: how what was tried has ended. ends_well: whether a yes to a question says that it ended well.
        echoed_verb: whether words say of a question's verb that it is so, or not; None where they do not begin with it.
        compared: whether an amount is so much as a question asks for; None where nothing can be compared.
        alone: words that answer only where nothing else is said. stating: those that may begin any statement. telling_when: words that only tell when something was.
        casual: words that agree, and that listeners also say in passing.
        opposites: words that turn a sentence round. negates: whether a word does by denying.
        indifferent: the caller does not mind. asks_whether: a question is one for a yes or no.
            asks_for_a_wish: one to which a no says that the caller does not mind.
        no_more: is nothing to add, where a caller's own words are asked for.
        commands, backchannels: what a caller says besides answering.
        corrections: words before a value that replaces another; the value says whether they also deny.
        openings: words before an answer; the value says whether they greet. joiners: between two answers.
        strong, weak, lead_ins: how a question begins anywhere, begins alone, and is announced.
        requests: how a question begins that wants something to be done, where values follow.
        wishes: those of them that ask for nothing else. pleas: ask for nothing that could be looked up. inquiries: are about whom the caller talks to. copulas: verbs that ask only where a clause begins with them. tags: ask behind a statement.
        its: words that lead over to any value: "it's".
        spelling: letters, with the words for them.
        wrong: says that what was named is wrong.
        naming: a word before the name of a slot ("the", "my").
        fillers: words that carry nothing.
        hanging: words that no turn ends with.
        ends_text: words that the name of a thing, which has no form, does not go on with. begins_no_text: words that it
            does not begin with. wishing: begins a wish, which is no name. subjects: begin a sentence. vague: words that alone do not lead up to one,
            but for directions. turning: words that tell one of two alike slots from the other: `from`, `until`. wanting: words before a verb.
        is_of_name: whether a word may be part of a name that is on no list.
        adding: words that add to a list instead of replacing it.
        sounds: ARPAbet of words that a pronouncing dictionary may lack.
        slot_forms: how a value for this slot is said; of the phrases that slots share, none is of one alone.
        late_from: below which hour a bare hour is after noon, by what the call is about.
        reaching: words before the day until which something goes. nights: what a stay is counted in.
        ends_something: whether a date is when something is over, by what its slot is called and asked.
        needs_year: whether a date of this slot is none without its year.
        bounded: what was said of a number or a sum as the slot can have it, None where it cannot; other numbers that were
            said of it, or are known, tell the size. alike: a number in place of another, of the size of that.
        ordinals: `the second one`: which of the values that were offered, from 0 on; -1 is the last.
        whole_number: the figures as a phone number of that length, None where they are none.
        figure_sounds: words that sound like a figure, and the figure: `for` like four.
        keywords: the words of a phrase that matter, each in a form that its inflections share.
        stands_for_a_thing: whether a number is none, `that one`. counts_a_thing: whether a word is what a number counts.
        money: the word for what a sum is of.
        weighing: words between two values of which one is meant. unsure: beside two of which neither is sure. settling, settled: before and behind the one that is.
        leaning: the same, where several were weighed.
        nearly_commands: whether words would be a refusal, or gain time, but for one of them.
    """

    answers: Form[Answer]
    neither: Form[None]
    terse: Form[Answer]
    outcomes: Form[bool]
    ends_well: Callable[[str], bool | None]
    echoed_verb: Callable[[str, Sequence[str]], bool | None]
    compared: Callable[[str, Words], bool | None]
    alone: frozenset[str]
    stating: frozenset[str]
    telling_when: frozenset[str]
    casual: Form[str]
    negates: Callable[[str], bool]
    opposites: Mapping[str, str]
    indifferent: Form[str]
    asks_whether: Callable[[str], bool]
    asks_for_a_wish: Callable[[str], bool]
    no_more: Form[str]
    commands: Form[Intent]
    backchannels: Form[str]
    corrections: Form[bool]
    openings: Form[bool]
    joiners: Form[str]
    strong: Form[None]
    weak: Form[None]
    lead_ins: Form[None]
    requests: Form[None]
    wishes: Form[None]
    pleas: Form[None]
    inquiries: Form[None]
    asking_for_facts: Form[None]
    themselves: frozenset[str]
    copulas: Form[None]
    tags: Form[None]
    its: Form[str]
    spelling: Form[Spelled]
    wrong: Form[str]
    naming: Form[str]
    fillers: frozenset[str]
    hanging: frozenset[str]
    titles: Form[str]
    ends_text: frozenset[str]
    begins_no_text: frozenset[str]
    wishing: Form[str]
    subjects: frozenset[str]
    vague: frozenset[str]
    directions: frozenset[str]
    turning: frozenset[str]
    wanting: frozenset[str]
    is_of_name: Callable[[str], bool]
    adding: frozenset[str]
    sounds: Mapping[str, str]
    slot_forms: Callable[[Slot, frozenset[str]], SlotForms]
    late_from: Callable[[str], int]
    needs_year: Callable[[Slot], bool]
    ends_something: Callable[[str], bool]
    reaching: frozenset[str]
    nights: frozenset[str]
    bounded: Callable[[Slot, object, Sequence[object]], Value | None]
    alike: Callable[[object, object], object]
    ordinals: Form[int]
    whole_number: Callable[[str, int], str | None]
    figure_sounds: Mapping[str, str]
    keywords: Callable[[str], frozenset[str]]
    stands_for_a_thing: Callable[[Words, int, int], bool]
    counts_a_thing: Callable[[Words, int], bool]
    money: str
    weighing: frozenset[str]
    unsure: frozenset[str]
    settling: Form[str]
    settled: Form[str]
    leaning: Form[str]
    nearly_commands: Callable[[Sequence[str]], bool]


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
