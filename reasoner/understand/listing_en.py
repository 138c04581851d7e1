"""How the values that a flow lists are said in English: of a choice, and of a list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flows.slot import Slot, SlotType
from reasoner.understand import carriers_en as carriers
from reasoner.understand.alike_en import worded, worded_anywhere
from reasoner.understand.answers_en import ANSWERS, NEITHER
from reasoner.understand.choices_en import keywords
from reasoner.understand.forms import Form, Rules, as_, best, either, many, maybe, seq, unspoken
from reasoner.understand.indifferent_en import INDIFFERENT_WORDS
from reasoner.understand.intents_en import BACKCHANNELS, COMMANDS, CORRECTIONS, OPENINGS
from reasoner.understand.language import SlotForms
from reasoner.understand.no_more_en import NO_MORE
from reasoner.understand.numbers_en import CARDINALS, in_figures, in_words
from reasoner.understand.phrases import phrases, said
from reasoner.understand.phrasing_en import (
    AND,
    ARTICLE,
    DETERMINERS,
    UNSPOKEN_ARTICLE,
    against,
    answer_with,
    called,
    carry,
    denied,
    lacking,
    lacking_but,
    minded_of,
)
from reasoner.understand.terse_en import TERSE
from reasoner.understand.words import FIGURES, Words, words_of


def _items(slot: Slot, *, bare: bool = False) -> Form[str]:
    """The values of a flow with their other names, as they can be said. `bare`: without an article."""
    table = {
        speakable(said_as): value for value, others in slot.values.items() for said_as in (value, *others)
    }
    table.pop("", None)
    typed = {
        text: value
        for value, others in worded(slot.values).items()
        for said_as in (value, *others)
        for text in (words_of(said_as).text(), in_figures(words_of(said_as).folded), *contracted(said_as))
    }
    typed = {form: value for text, value in typed.items() for form in _number_of(text)} | typed
    typed.pop("", None)
    counts = slot.type is SlotType.CHOICE and carriers.topic_of(slot).counts
    article = ARTICLE if counts else UNSPOKEN_ARTICLE  # before anything else it would only be misheard
    read = {words: value for words, value in typed.items() if words not in table}
    if bare:
        return phrases(table, read)
    return seq(article, phrases(table, read), make=lambda _, value: value)


def _telling(slot: Slot, shared: frozenset[str]) -> Form[str] | None:
    """Values that are of this slot alone, wherever they are said; None where there are none."""
    table = {}
    for value, others in slot.values.items():
        for said_as in (value, *others):
            words = words_of(said_as)
            tells = words.text() not in shared and keywords(said_as) and not _means_something_else(words)
            if tells:
                table[words.text()] = table[in_figures(words.folded)] = value
                table |= dict.fromkeys(contracted(said_as), value)
    table = {form: value for text, value in table.items() for form in _number_of(text)} | table
    table = dict(worded_anywhere(slot.values, shared)) | table
    if not table:
        return None
    return seq(maybe(DETERMINERS), phrases({}, table), make=lambda _, value: value)


def _number_of(text: str) -> tuple[str, ...]:
    """`museums` for a museum; what ends otherwise is left alone."""
    if len(text) < _SHORTEST_COUNTED or not text[-1].isalpha():
        return ()
    if text.endswith("s"):
        return () if text.endswith(("ss", "us", "is")) else (text[:-1],)
    return (f"{text[:-1]}ies",) if text.endswith("y") and text[-2:-1] not in "aeiou" else (f"{text}s",)


_NOR = maybe(said(readable=("and", "or", "nor", "and no", "or any", "and any", "nor any")))
_EVERYTHING = said(
    readable=(
        "everything",
        "all of them",
        "all of those",
        "all of it",
        "all",
        "the lot",
        "every one of them",
        "all of these",
    )
)
_ALL_OF_THEM = said(
    readable=(
        "everything",
        "all of them",
        "all of those",
        "all of it",
        "the lot",
        "all of these",
        "every one of them",
    )
)
_BUT = said(
    readable=(
        "but",
        "except",
        "except for",
        "apart from",
        "but not",
        "other than",
        "excluding",
        "without",
        "minus",
        "besides",
    )
)
_AT = said(readable=("on", "in", "at", "for", "to", "with", "by"))
"""`On the second`, where a floor is asked for."""
_SHORTEST_COUNTED = 4
_SHORT = {
    "is": "'s", "am": "'m", "are": "'re", "have": "'ve", "has": "'s", "will": "'ll", "would": "'d", "had": "'d",
}  # fmt: skip
_BEFORE_SHORT = frozenset("i you he she it we they what that where who how when why there here".split())


def contracted(phrase: str) -> tuple[str, ...]:
    """`what's on my account` for `what is on my account`, and the other way round; "" where there is nothing to do."""
    words = list(words_of(phrase).folded)
    short, long = list(words), []
    for at in range(len(words) - 1, 0, -1):
        if words[at] == "not" and words[at - 1] in _BEFORE_NOT:
            short[at - 1 : at + 1] = [f"{words[at - 1]}n't"]
        elif words[at] in _SHORT and words[at - 1] in _BEFORE_SHORT:
            short[at - 1 : at + 1] = [f"{words[at - 1]}{_SHORT[words[at]]}"]
    for word in words:
        stem, mark, end = word.partition("'")
        full = {"s": "is", "m": "am", "re": "are", "ve": "have", "ll": "will"}.get(end)
        if mark and full and stem in _BEFORE_SHORT:
            long += [stem, full]
        elif word.endswith("n't") and word[:-3] in _BEFORE_NOT:
            long += [word[:-3], "not"]
        else:
            long.append(word)
    whole = " ".join(words)
    others = (" ".join(_OF_SEVERAL.get(word, word) for word in words), " ".join(short), " ".join(long))
    return tuple(text for text in dict.fromkeys(others) if text != whole)


_OF_SEVERAL = {"doesn't": "don't", "don't": "doesn't", "hasn't": "haven't", "haven't": "hasn't", "isn't": "aren't", "wasn't": "weren't"}  # fmt: skip
"""`They don't fit`, where the flow has it of one thing: `it doesn't fit`."""


_BEFORE_NOT = frozenset("is are was were do does did has have had could would should must".split())


def _means_something_else(words: Words) -> bool:
    """Figures alone, or what answers, asks or commands whatever is asked."""
    if (
        all(key == FIGURES for key in words.keys[:-1])
        or words.text() in CARDINALS
        or words.text() in _MANY_MEANINGS
    ):
        return True
    forms = (
        ANSWERS,
        TERSE,
        NEITHER,
        COMMANDS,
        BACKCHANNELS,
        INDIFFERENT_WORDS,
        NO_MORE,
        OPENINGS,
        CORRECTIONS,
    )
    return any((found := best(form, words, 0)) is not None and found[0] == len(words) for form in forms)


_MANY_MEANINGS = frozenset(
    "other others else something new old first last same different normal standard regular full half part single both other reason personal today tomorrow".split()
)


def speakable(phrase: str) -> str:
    """Words without figures, as a pronouncing dictionary has them."""
    cut = words_of(phrase)
    return " ".join(
        in_words("".join(c for c in word if c.isdecimal())) if key == FIGURES else word
        for word, key in zip(cut.folded, cut.keys, strict=False)
    )


def choice_forms(slot: Slot, shared: frozenset[str]) -> SlotForms:
    carrier, item = carriers.carriers_of(slot), _items(slot)
    leads = carriers.leads_of(slot)
    answer = either(
        answer_with(either(carrier, leads), item), unspoken(seq(_AT, item, make=lambda _, value: value))
    )
    return SlotForms(
        answer=answer,
        carried=carry(carrier, item),
        amendment=answer,
        carrier=carrier,
        loose=None,
        against=against(slot, item, *carriers.LEFT_OUT),
        lacking=lacking(_items(slot, bare=True)),
        lacking_but=lacking_but(_items(slot, bare=True)),
        name=called(slot),
        bare=_both(_telling(slot, shared), minded_of(slot)),
        led=carry(leads, item),
    )


def _both(one: Form[Any] | None, other: Form[Any] | None) -> Form[object] | None:
    return one if other is None else other if one is None else either(one, other)


@dataclass(frozen=True, slots=True)
class _AllOf:
    """Several values, but for the last where the next word sets it apart: `no child seat, a roof rack though`."""

    inner: Form[Any]
    starts: frozenset[str]
    nullable: bool = False

    def read(self, words: Words, at: int) -> Iterator[tuple[int, Any]]:
        for end, value in self.inner.read(words, at):
            if len(value) < 2 or words.keys[end] not in _SETS_APART:
                yield end, value

    def jsgf(self, rules: Rules) -> str:
        return self.inner.jsgf(rules)


@dataclass(frozen=True, slots=True)
class _Alone:
    """A form that is all that was said: `everything`, and not the one of `I explained everything`."""

    inner: Form[Any]
    starts: frozenset[str]
    nullable: bool = False

    def read(self, words: Words, at: int) -> Iterator[tuple[int, Any]]:
        if _LEADS_TO_ALL.issuperset(words.folded[:at]):
            yield from (found for found in self.inner.read(words, at) if found[0] == len(words))

    def jsgf(self, rules: Rules) -> str:
        return self.inner.jsgf(rules)


_LEADS_TO_ALL = frozenset("yes yeah sure well oh i i'd i'll we we'd would like want need take have".split())
_SETS_APART = ("though", "however")


def list_forms(slot: Slot, shared: frozenset[str]) -> SlotForms:
    carrier, topic, label = carriers.carriers_of(slot), carriers.topic_of(slot), carriers.mine(slot.label)
    told = _telling(slot, shared)
    items = many(seq(AND, _items(slot), make=lambda _, value: value), len(slot.values) + 1)
    # `No child seat and a roof rack`: an article begins what is wanted again.
    listed = many(seq(_NOR, _items(slot, bare=True), make=lambda _, value: value), len(slot.values) + 1)
    bare = _AllOf(listed, listed.starts)
    own_nones = dict.fromkeys((*topic.nones, speakable(slot.none) or f"no {label}", f"no {label}"))
    read_nones = (*topic.read_nones, f"i have no {label}", f"i don't have any {label}")
    no_own: Form[tuple[str, ...]] = phrases(dict.fromkeys(own_nones, ()), dict.fromkeys(read_nones, ()))
    no_bare: Form[tuple[str, ...]] = phrases(
        dict.fromkeys(carriers.BARE_NONES, ()), dict.fromkeys(carriers.BARE_NONES_READ, ())
    )
    none = seq(maybe(unspoken(said("no"))), either(no_own, no_bare), make=lambda _, nothing: nothing)
    every: Form[Any] = seq(
        _EVERYTHING,
        _BUT,
        items,
        make=lambda _, __, but: tuple(label for label in slot.values if label not in but),
    )
    if not topic.against:  # `all of them` to what somebody cannot bear may be said in anger
        every = either(every, as_(lambda _: tuple(slot.values), _Alone(_ALL_OF_THEM, _ALL_OF_THEM.starts)))
    return SlotForms(
        answer=either(answer_with(carrier, items), none, unspoken(carry(carrier, no_bare)), unspoken(every)),
        carried=either(carry(carrier, items), no_own),
        # Of several lists that are read back together nobody can tell which one is empty.
        amendment=either(answer_with(carrier, items), no_own, unspoken(none)),
        carrier=carrier,
        loose=None,
        against=against(slot, _AllOf(items, items.starts), *carriers.LEFT_OUT),
        lacking=lacking(bare),
        lacking_but=lacking_but(bare),
        lacking_all=None if topic.against else either(lacking(bare), denied(carriers.NOT_WANTED, items)),
        name=called(slot),
        bare=None if told is None else as_(lambda label: (label,), told),
    )
