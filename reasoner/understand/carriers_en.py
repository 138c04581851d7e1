"""The phrases that carry a value in English, by what the slot is about.

A flow has no place for carrier phrases, so the slot's label tells: "allergies" is answered with "I'm allergic
to", whatever the flow. A label that is not known here has "my <label> is".
"""

from __future__ import annotations

import re

from flows.slot import CODES, Slot, SlotType
from reasoner.understand.clinic_en import TOPICS
from reasoner.understand.errands_en import ERRANDS, VEHICLE, Topic, is_thing
from reasoner.understand.forms import Form, unspoken
from reasoner.understand.phrases import said
from reasoner.understand.words import words_of

WITH = (
    "with", "has", "have", "having", "includes", "including", "include", "offers", "offering", "provides",
    "i need", "i want", "i'd like", "i would like", "we need", "we want",
    "that has", "that have", "which has", "must have", "should have", "it should have", "it must have",
    "needs to have", "it needs to have", "has to have", "to have", "to include", "to provide", "i do need",
    "i do want", "i'll need", "i will need",
    "i also need", "i also want", "need", "want", "i have", "i've got", "i'm", "i am", "it should include",
    "it should offer", "should include", "please include",
)  # fmt: skip
WITHOUT = (
    "without", "no", "i don't need", "i do not need", "i don't want", "i do not want", "we don't need",
    "we don't want", "don't need", "doesn't need", "not needing", "i won't need", "i will not need",
    "i don't have", "i do not have", "i have no", "i'm not", "i am not", "it doesn't need",
    "doesn't have to have", "doesn't have to include", "it doesn't need to have", "doesn't need to have",
    "does not need", "does not need to have", "no need for", "there's no need for", "excluding",
)  # fmt: skip

ITS = (
    "it's", "that's", "it is", "it should be",
)  # fmt: skip
ITS_READ = (
    "that is", "it's actually", "it is actually", "it's just", "that's just", "just", "make it", "make that",
    "only",
    "it would be", "that would be", "the answer is", "should be", "maybe", "i think it's", "i think",
    "probably",
    "it was", "they are", "they're", "i'd say", "mine is", "change it to", "i said", "is", "its",
    "put down", "you can put down", "just put down", "put me down for", "write down", "note down",
)  # fmt: skip
AGREEING = {
    "i agree": True,
    "i do agree": True,
    "you may": True,
    "i don't agree": False,
    "i do not agree": False,
    "you may not": False,
}
NOT = (
    "not", "it's not", "it is not", "that's not", "not too", "not very", "not really", "not so", "nothing too", "nothing", "not in",
    "not in the", "not a very", "not overly", "nothing very", "anything but", "anything except", "isn't", "not from",
    "not on", "not at", "not to", "i don't like", "i don't want", "i do not want", "i don't eat", "no more",
    "definitely not", "certainly not", "absolutely not", "preferably not", "rather not", "doesn't have to be", "does not have to be",
    "doesn't need to be", "it doesn't have to be", "it doesn't need to be", "it shouldn't be", "shouldn't be",
    "should not be", "i'd rather not have", "i don't need", "don't want", "instead of", "not interested in",
    "i'm not interested in", "not necessarily", "rather than", "i'm not a fan of", "i hate", "other than", "except",
    "except for", "anything other than", "any day but", "any day except", "every day but", "every day except", "any time but", "any time except", "anytime but", "any but",
    "not for", "not with", "please not", "please no", "no longer", "aren't", "aren't too", "isn't too", "not that", "isn't that", "aren't that",
)  # fmt: skip
LEFT_OUT = (
    "without", "we don't need", "we do not need", "we don't want", "we do not want", "i won't need", "i will not need", "we won't need",
    "don't need", "i do not need", "no need for", "there's no need for", "neither", "nor", "but not", "and not", "also not",
    "i can do without", "we can do without", "can do without", "leave out", "leave off", "skip", "forget", "minus",
    "but without", "excluding", "not including", "don't bother with", "don't add", "i have no use for",
)  # fmt: skip
"""Before what is not wanted, of things that can be listed."""
NOT_WANTED = (
    "without", "we don't need", "we do not need", "we don't want", "we do not want", "i won't need", "i will not need",
    "we won't need", "don't need", "i do not need", "i don't need", "i don't want", "i do not want", "don't want", "no need for",
    "there's no need for", "neither", "nor", "i can do without", "we can do without", "can do without", "leave out", "leave off",
    "skip", "don't bother with", "don't add", "i have no use for",
)  # fmt: skip
BARE_NONES = ("none", "nothing", "not that i know of", "i don't have any", "none that i know of")
BARE_NONES_READ = (
    "no none", "none at all", "nothing at all", "no nothing", "i have none", "i haven't any",
    "no not that i know of",
    "no i don't have any", "i do not have any", "not any", "zero", "nada", "n/a", "nope none", "none of them",
    "none of those", "not really any", "not to my knowledge", "not that i'm aware of", "none that i'm aware of",
    "none i know of", "i don't need any", "i don't want any", "no i don't need any", "we don't need any", "i don't need anything", "i don't want anything",
    "i need nothing", "nothing for me", "nothing thank you", "nothing thanks", "none thanks", "none thank you", "without any",
    "i don't need any of those", "i don't need any of them", "none for me",
    "there are none", "i've got none", "no there are none", "nothing i know of",
)  # fmt: skip
WRONG = ("is wrong", "is not right", "is not correct")
WRONG_READ = (
    "isn't right", "is incorrect", "isn't correct", "are wrong", "are not right", "is not mine", "was wrong",
    "needs to be changed", "is not quite right", "has a mistake", "changed", "has changed", "are incorrect",
)  # fmt: skip


def topic_of(slot: Slot) -> Topic:
    """What the slot is about, from its label; an empty topic where nothing is known of it."""
    label = words_of(slot.label).folded
    # What is meant by a label that begins with a direction is told by that: `to account`.
    kinds: tuple[Topic, ...] = (*TOPICS, *ERRANDS) if label[:1] not in _DIRECTIONS else ERRANDS
    if slot.type is SlotType.TEXT:
        kinds = (VEHICLE, *ERRANDS, *TOPICS)
    for topic in kinds:
        of_type = not topic.only or slot.type in topic.only
        if of_type and any(_shows(stem, label) for stem in topic.stems):
            return topic
    return Topic(stems=())


_DIRECTIONS = (("from",), ("to",))


def _shows(stem: str, label: tuple[str, ...]) -> bool:
    if stem.startswith("^"):
        return label[:1] == (stem[1:],)
    if stem.startswith("="):
        return stem[1:] in label
    if " " in stem:
        return f" {stem} " in f" {' '.join(label)} "
    return any(word.startswith(stem) for word in label)


_VERBS = (
    "should be",
    "will be",
    "would be",
    "to be",
    "of",
    "was",
    "has to be",
    "must be",
    "needs to be",
    "being",
)
_TURNING = frozenset("from to at by after before in on for".split())


def leads_of(slot: Slot) -> Form[str]:
    """What stands before a value of this slot and is nothing without it."""
    label = mine(slot.label)
    of_label = (f"{lead}{label} {verb}" for lead in ("", "my ", "the ", "a ", "an ") for verb in _VERBS)
    return unspoken(
        said(
            *of_label,
            *(f"{lead}{label}" for lead in ("my ", "the ", "for my ", "for the ")),
            *topic_of(slot).leads,
            *_asked_with(slot),
        )
    )


def _asked_with(slot: Slot) -> tuple[str, ...]:
    """The end of the question, in an answer: who is asked `where will you depart from` says `departing from`."""
    asked = words_of(slot.ask).folded
    if len(asked) < 3 or asked[-1] not in _TURNING:
        return ()
    verb, turn = asked[-2:]
    stem = verb.removesuffix("ing").removesuffix("e")
    return tuple(f"{form} {turn}" for form in dict.fromkeys((verb, stem, f"{stem}e", f"{stem}ing")) if form)


def is_short_text(slot: Slot) -> bool:
    """Whether the slot's text is the name of a thing, so that what leads up to it is no part of it."""
    label, asked = words_of(slot.label).folded, words_of(slot.ask).folded
    return slot.type is SlotType.TEXT and is_thing(label, asked)


def is_wished_for(slot: Slot) -> bool:
    """Whether a caller may want the thing itself: a product, but no place and no person."""
    return _PLACES.isdisjoint((*words_of(slot.label).folded, *words_of(slot.ask).folded))


_PLACES = frozenset(
    """where who whom place station city town street address location airport payee recipient beneficiary departure
    destination origin pickup dropoff pick drop arrival area neighborhood neighbourhood landmark venue state country
    county region person to from going leaving""".split()
)


def text_leads_of(slot: Slot) -> Form[str]:
    """What stands before a thing's name of which nothing else is known."""
    told = tuple(f"{lead}{name} {verb}" for name in names_of(slot) for lead in _MINE for verb in _IS)
    return unspoken(said(readable=(*told, *topic_of(slot).leads, *_asked_with(slot))))


def is_birth(slot: Slot) -> bool:
    return any(word.startswith(_BIRTH.stems) for word in words_of(slot.label).folded)


def turned(words: str) -> str:
    """What the agent says of a caller in the caller's mouth: `you agree that we keep your details`."""
    return " ".join(_TURNED.get(word, word) for word in words_of(words).folded)


_TURNED = {
    "you": "i",
    "your": "my",
    "yours": "mine",
    "we": "you",
    "our": "your",
    "us": "you",
    "you're": "i'm",
    "you've": "i've",
}
_BIRTH = TOPICS[0]


def mine(label: str) -> str:
    """The label in the caller's mouth: `reason for your visit` is `reason for my visit`."""
    return " ".join("my" if word == "your" else word for word in words_of(label).folded)


def names_of(slot: Slot) -> tuple[str, ...]:
    """What the slot can be called."""
    return tuple(dict.fromkeys((mine(slot.label), *topic_of(slot).names)))


def carriers_of(slot: Slot) -> Form[str]:
    """What introduces a value so that it is clear which slot it is for."""
    topic, label = topic_of(slot), mine(slot.label)
    spoken = topic.carriers or (f"my {label} is", f"the {label} is")
    readable = [f"my {label} is", f"the {label} is", f"my {label} are", f"{label} is", label]
    for name in also_called(slot):
        readable += (f"{lead}{name} {verb}" for lead in _MINE for verb in _IS)
        readable += (f"{lead}{name}" for lead in ("", "with ", "under "))
    return said(*spoken, readable=(*topic.read_carriers, *dict.fromkeys(readable)))


_OBJECT = re.compile(
    r"\b(?:need|want|like|have|include|require|prefer|for|with|includes?|add)\s+(?:to have\s+|an?\s+|the\s+|any\s+|some\s+|free\s+)*"
    r"(\w[\w\- ]{1,40}?)(?:\s+(?:included|as well|too|with (?:it|that)))?\s*\?\s*$",
    re.IGNORECASE,
)


def wished_for(slot: Slot) -> tuple[str, ...]:
    """What a yes or no question is about, to be brought up by its name: `do you need internet` is about internet."""
    found = _OBJECT.search(slot.ask)
    asked = " ".join(words_of(found[1]).folded) if found is not None else ""
    names = dict.fromkeys(
        (*names_of(slot), asked) if asked and asked.count(" ") < _LONGEST_WISH else names_of(slot)
    )
    free = (
        f"{which} {name.removeprefix('free ')}"
        for name in names
        for which in ("free", "included", "on site", "private", "good")
    )
    return tuple(dict.fromkeys((*names, *free, *(name.removeprefix("free ") for name in names))))


_LONGEST_WISH = 3  # words
_MINE = ("", "my ", "the ", "our ", "with ", "with the ", "it's ", "his ", "her ")
_IS = (
    "is",
    "are",
    "was",
    "should be",
    "would be",
    "will be",
    "is actually",
    "is just",
    "number is",
    "reads",
    "says",
)
_OF_CODES = ("number", "code", "no", "id", "num", "nr", "digits")


def also_called(slot: Slot) -> tuple[str, ...]:
    """What the slot can be called by those who are not asked to say it so: `account` for an account number."""
    names = dict.fromkeys(names_of(slot))
    if slot.type in CODES:
        for name in tuple(names):
            base = next((name.removesuffix(f" {end}") for end in _OF_CODES if name.endswith(f" {end}")), name)
            names |= dict.fromkeys((base, *(f"{base} {end}" for end in _OF_CODES)))
            if " " in base and base.split()[-1] not in _TOO_PLAIN:
                names |= dict.fromkeys(
                    (base.split()[-1], *(f"{base.split()[-1]} {end}" for end in _OF_CODES))
                )
    else:
        names |= dict.fromkeys(_plain(name) for name in tuple(names))
    names |= {name.replace("licence", "license"): None for name in tuple(names)}
    return tuple(name for name in names if name and name not in _OF_CODES)


_TOO_PLAIN = frozenset("number digits code card id name your my reference date address".split())
_AROUND = re.compile(
    r"^(?:type|kind|sort|number|name|length) of (?:the |your |my )?|^(?:preferred|desired) | (?:range|type|preference|rating)$"
)


def _plain(name: str) -> str:
    """`price` for a price range, `food` for a type of food."""
    return _AROUND.sub("", name)


def followed_by(slot: Slot) -> Form[str]:
    """What may follow a value and says which slot it is for: `is my account number`."""
    leads = ("is my", "is the", "as my", "as the", "for my", "for the", "is our", "that's my", "that's the")
    return unspoken(said(readable=tuple(f"{lead} {name}" for lead in leads for name in also_called(slot))))
