"""Names as they are said in the United States.

The lists beside this file have one name a line, the commonest first. Further spellings on a line sound the same:
they are understood when typed, and not offered to a recogniser, which could not tell them apart.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from importlib import resources

from flows.slot import Slot
from reasoner.understand.forms import Form, either, maybe, rule, seq, unspoken
from reasoner.understand.names import NameParts, as_written
from reasoner.understand.particles_en import Surname
from reasoner.understand.phrases import phrases, said
from reasoner.understand.words import fold, words_of

_HALF_AS_COMMON = 20
"""The place in the lists of a name that is half as common as the first: names fall off as 1/rank."""

_LETTERS = {letter: letter.upper() for letter in "abcdefghijklmnopqrstuvwxyz"}

NAME_CARRIERS = said(
    "my name is",
    "my full name is",
    "the name is",
    "this is",
    "i am",
    "i'm",
    readable=(
        "my name's",
        "name is",
        "name",
        "you are speaking with",
        "you're speaking with",
        "they call me",
        "the name's",
        "name's",
        "my full name's",
        "my name was",
        "it's under",
        "under",
        "it is under",
        "under the name",
        "under the name of",
        "it's under the name",
        "it's under the name of",
        "put it under",
        "book it under",
        "put it in the name of",
        "in the name of",
        "the booking is under",
        "the reservation is under",
        "the account is under",
        "it should be under",
        "make it under",
        "it would be under",
        "registered under",
        "listed under",
        "you can put it under",
        "please put it under",
        "put it under the name",
        "put it under the name of",
        "the name on the account is",
        "account holder is",
        "the name on it is",
        "the name would be",
        "name would be",
        "the name should be",
        "and the name is",
        "name of",
        "yeah this is",
        "yes this is",
        "this one is for",
        "it's for",
        "full name is",
        "full name",
        "i go by",
        "call me",
        "you can call me",
        "the name is under",
        "i am called",
        "i'm called",
        "people call me",
        "the guest is",
        "the patient is",
        "my username is",
        "my user name is",
        "username is",
        "user name is",
        "it's registered to",
        "speaking with",
        "it's registered under",
        "sure it's",
        "sure my name is",
        "yes my name is",
        "of course my name is",
        "the name of",
    ),
)
FIRST_NAME_CARRIERS = said("my first name is", "the first name is", "first name", readable=("first name is",))
LAST_NAME_CARRIERS = said(
    "my last name is",
    "the last name is",
    "last name",
    "my surname is",
    readable=("last name is", "my family name is", "surname", "my second name is"),
)


TITLES = said(
    readable=("mr", "mrs", "ms", "miss", "dr", "doctor", "mister", "sir", "madam", "prof", "professor")
)
_NO_NAMES = frozenset(
    """the a an some any no none before after because since while until if though although unless whether that that's it's its who which
    whose what when where why how please thanks thank thankyou speaking here calling again sir ma'am madam mr mrs ms
    miss dr mister cheers under regarding concerning spelled spelt like with without oh well okay ok yes no not yeah
    is was are were am be been name names sorry actually anyway wait hold let's let can could would should will may
    might must shall do does did don't doesn't didn't won't can't isn't by to for from of on at in into onto about as
    than then too also just only even still already yet your you we they he she them him us our their this these those
    there my me mine i and or but so phone number email booking account staying looking calling trying going coming having
    getting planning travelling traveling wondering thinking needing wanting hoping working arriving leaving interested
    happy fine good sure ready afraid done late new unable able driving flying visiting bringing using ordering asking
    somewhere anywhere something anything everything nothing someone table room ticket tickets taxi order""".split()
) - {"may", "will"}
_SHORT_VERBS = ("'s", "'d", "'ll", "'ve", "'re", "'m", "n't")


def is_of_name(word: str) -> bool:
    """Whether a word may be part of a name that is on no list."""
    return word not in _NO_NAMES and not word.endswith(_SHORT_VERBS) and not word[:1].isdigit()


@functools.cache
def _listed(file: str) -> tuple[dict[str, str], dict[str, str]]:
    """Spoken form → written form: of the names that a recogniser can know, and of those that sound like them."""
    lines = resources.files(__package__).joinpath(file).read_text("utf-8").split("\n")
    spellings = [line.split() for line in lines if line.strip()]
    spoken = {names[0].lower(): names[0] for names in spellings}
    return spoken, {name.lower(): name for names in spellings for name in names[1:]}


def first_names() -> Sequence[str]:
    """The first names that the recogniser knows, as they are written."""
    return tuple(_listed("first_names_en.txt")[0].values())


def last_names() -> Sequence[str]:
    """The last names that the recogniser knows, as they are written."""
    return tuple(_listed("last_names_en.txt")[0].values())


_ALIKE = ("mn", "bdgkpt", "bdv", "fsv", "lr", "sz")
"""Letters whose sounds are taken for each other over a telephone."""


def tells_apart(name: str) -> str:
    """The letter of a listed last name that another one has otherwise: the N of Norris, for Morris. "" where none."""
    return _telling_letters().get(fold(name), "")


@functools.cache
def _telling_letters() -> dict[str, str]:
    others: dict[tuple[str, str], set[str]] = {}
    for name in map(fold, last_names()):
        for at, letter in enumerate(name):
            others.setdefault((name[:at], name[at + 1 :]), set()).add(letter)
    telling: dict[str, str] = {}
    for (before, after), letters in others.items():
        for letter in letters:
            if any(letter in alike and letters & set(alike) - {letter} for alike in _ALIKE):
                telling.setdefault(f"{before}{letter}{after}", letter)
    return telling


def _of_flow(known: tuple[str, ...]) -> tuple[dict[str, str], dict[str, str]]:
    """Single names of a flow stand for first and last names; of a full name the last word is the last name."""
    first: dict[str, str] = {}
    last: dict[str, str] = {}
    for name_known in known:
        names = [as_written(name) for name in words_of(name_known).written]
        for name in names[:-1] or names:
            first[fold(name)] = name
        for name in names[-1:]:
            last[fold(name)] = name
    return first, last


@functools.lru_cache(maxsize=32)
def _name_forms(known: tuple[str, ...]) -> tuple[Form[str], Form[str]]:
    """The first name and the last name. Big tables: made once for all flows that know the same names."""
    slot_first, slot_last = _of_flow(known)
    first_spoken, first_alike = _listed("first_names_en.txt")
    last_spoken, last_alike = _listed("last_names_en.txt")
    # What the flow knows comes first, and in its own spelling.
    first = phrases(slot_first | first_spoken | slot_first, first_alike, halves_at=_HALF_AS_COMMON)
    last = phrases(slot_last | last_spoken | slot_last, last_alike, halves_at=_HALF_AS_COMMON)
    return rule("first_name", first), rule("last_name", last)


def name_form(slot: Slot) -> Form[NameParts]:
    """First and last name, or the first alone."""
    first, last = _name_forms(slot.known)
    middle = maybe(unspoken(either(phrases(_LETTERS), first)), "")
    title = maybe(unspoken(TITLES))
    return either(
        seq(first, maybe(last, ""), make=NameParts),
        unspoken(seq(TITLES, first, maybe(last, ""), make=lambda _, f, l: NameParts(f, l))),  # noqa: E741
        unspoken(seq(first, middle, last, make=lambda f, m, l: NameParts(f"{f} {m}".strip(), l))),  # noqa: E741
        seq(title, first, middle, surname(), make=lambda _, f, m, l: NameParts(f"{f} {m}".strip(), l.last)),  # noqa: E741
        surname(),
    )


def first_name_form(slot: Slot) -> Form[NameParts]:
    return seq(_name_forms(slot.known)[0], make=lambda first: NameParts(first=first))


def last_name_form(slot: Slot) -> Form[NameParts]:
    return either(seq(_name_forms(slot.known)[1], make=lambda last: NameParts(last=last)), surname())


@functools.cache
def surname() -> Surname:
    """A family name of several words."""
    spoken, alike = _listed("last_names_en.txt")
    return Surname(spoken | alike, is_of_name)
