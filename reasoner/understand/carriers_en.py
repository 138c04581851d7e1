"""The phrases that carry a value in English, by what the slot is about.

A flow has no place for carrier phrases, so the slot's label tells: "allergies" is answered with "I'm allergic
to", whatever the flow. A label that is not known here has "my <label> is".
"""

from __future__ import annotations

from flows.slot import Slot, SlotType
from reasoner.understand.errands_en import ERRANDS, Topic
from reasoner.understand.forms import Form, said, unspoken
from reasoner.understand.words import words_of

TOPICS = (
    Topic(
        stems=("birth",),
        names=("date of birth", "birthday", "birth date"),
        carriers=("my date of birth is", "my birthday is", "i was born on", "i was born"),
        read_carriers=("born", "date of birth", "my birth date is", "birth date is", "born on", "birthday", "date of birth is", "my dob is", "dob"),
        against=("my date of birth is not", "my birthday is not", "i was not born on"),
    ),
    Topic(
        stems=("phone", "telephone", "cell", "mobile"),
        names=("phone number", "number", "phone"),
        carriers=(
            "my number is", "my phone number is", "the number is", "you can reach me at",
        ),
        read_carriers=(
            "my phone is", "my cell phone is", "my cell is", "phone number", "my telephone number is",
            "my cell number is", "my cell phone number is", "my mobile is", "number is",
            "my mobile number is", "you can call me at", "call me at", "reach me at", "call me on", "phone is",
            "the phone number is", "the best number is", "my best number is", "number", "phone",
            "phone number is",
            "my home number is", "my work number is",
        ),
        against=("my number is not", "my phone number is not"),
    ),
    Topic(
        stems=("allerg",),
        names=("allergies", "allergy"),
        carriers=("i'm allergic to", "i am allergic to", "allergic to", "i'm also allergic to", "i have an allergy to"),
        read_carriers=(
            "i'm also allergic to", "also allergic to", "i have allergies to", "i react to", "i can't have",
            "i have a reaction to", "my allergies are", "my allergy is", "allergy to", "allergies to",
            "i've got an allergy to", "i'm really allergic to", "i'm very allergic to",
            "i'm severely allergic to",
        ),
        nones=(
            "no allergies", "no known allergies", "i don't have any allergies", "i have no allergies",
            "i'm not allergic to anything",
        ),
        read_nones=(
            "no allergy", "i have no known allergies", "i don't have allergies", "not allergic to anything",
            "i am not allergic to anything", "i'm not allergic", "i do not have any allergies", "not allergic",
            "no i'm not allergic to anything", "no i don't have any allergies", "no allergies at all",
            "no allergies that i know of", "i have no allergies that i know of", "without allergies",
        ),
        against=("i'm not allergic to", "i am not allergic to", "not allergic to", "no longer allergic to"),
    ),
    Topic(
        stems=("medic", "drug", "pill"),
        names=("medicines", "medications", "medicine", "medication"),
        carriers=("i take", "i'm taking", "i'm on", "i also take", "i am taking"),
        read_carriers=(
            "i am on", "i use", "i'm using", "taking", "i take some", "i'm also taking", "i'm also on",
            "my medicines are",
            "my medications are", "i do take", "i only take", "i just take", "i have been taking",
            "i've been taking",
            "i regularly take", "they gave me", "i was prescribed", "i'm prescribed",
        ),
        nones=(
            "no medicines", "no medications", "no medicine", "no medication", "i don't take anything",
            "i don't take any medicine", "i don't take any medicines", "i take nothing", "i don't take any",
        ),
        read_nones=(
            "i don't take any medication", "i don't take any medications", "no meds",
            "i don't take medicine", "i don't take medicines", "i don't take medication", "i take no medicine",
            "i take no medicines", "i take no medication", "i take no medications", "i'm not taking anything",
            "i'm not on anything", "i am not taking anything", "i'm not taking any medicine", "no pills",
            "i'm not taking any medication", "i'm not on any medication", "i'm not on any medications",
            "i do not take any medicine", "i do not take anything", "i don't use any",
            "no i don't take anything",
            "no i don't take any", "i don't take any drugs", "i'm not taking any",
        ),
        against=("i don't take", "i do not take", "i'm not taking", "i'm not on", "i no longer take", "i stopped taking"),
    ),
    Topic(
        stems=("insur", "coverage", "payer"),
        names=("insurance",),
        carriers=("my insurance is", "i have", "i'm with", "insurance is", "i've got", "my insurance is with"),
        read_carriers=(
            "i am with", "i'm insured with", "i am insured with", "i'm insured by", "i'm covered by", "i use",
            "insurance",
            "it's with", "through", "my insurer is", "my insurance company is", "my plan is",
            "i have insurance with",
            "i switched to", "i'm on", "i got", "my insurance provider is",
        ),
        against=("i don't have", "i do not have", "i'm not with", "not with"),
    ),
    Topic(
        stems=("reason", "symptom", "complaint", "concern", "problem"),
        names=("reason", "reason for my visit"),
        carriers=(
            "i'm calling about", "it's about", "i have", "i've got", "i need", "i'm calling because",
            "it's for",
        ),
        read_carriers=(
            "i am calling about", "i'm calling for", "i'm coming in for", "i'm here for", "i want",
            "because of", "i'm calling because of", "i am calling because", "i want a",
            "i'd like", "i would like", "i'd like a", "i would like a", "i am here for", "i'm coming for",
            "about",
            "my reason is", "the reason is", "the reason for my visit is", "the reason for the visit is",
            "because",
            "my reason for the visit is", "my reason for visiting is", "i've been having", "i have been having",
            "i've had", "i have had", "i have this", "i have got", "i got", "i suffer from",
            "i'm suffering from",
            "i want to come in for", "i need to come in for", "i'd like to come in for", "i am having",
            "i'm having",
            "i want to see someone about", "i need to see someone about", "i need to see a doctor about",
            "i want to see a doctor about", "i'd like to see a doctor about", "it's because of", "it is about",
        ),
        against=("i don't have", "i do not have", "it's not about", "it's not", "i don't need"),
        counts=True,
    ),
)  # fmt: skip

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
    "not", "it's not", "it is not", "that's not", "not too", "not very", "not really", "not so", "nothing too", "not in",
    "not in the", "not a very", "not overly", "nothing very", "anything but", "anything except", "isn't", "not from",
    "not on", "not at", "not to", "i don't like", "i don't want", "i do not want", "i don't eat", "no more",
)  # fmt: skip
BARE_NONES = ("none", "nothing", "not that i know of", "i don't have any", "none that i know of")
BARE_NONES_READ = (
    "no none", "none at all", "nothing at all", "no nothing", "i have none", "i haven't any",
    "no not that i know of",
    "no i don't have any", "i do not have any", "not any", "zero", "nada", "n/a", "nope none", "none of them",
    "none of those", "not really any", "not to my knowledge", "not that i'm aware of", "none that i'm aware of",
    "none i know of", "there are none", "i've got none", "no there are none", "nothing i know of",
)  # fmt: skip
WRONG = ("is wrong", "is not right", "is not correct")
WRONG_READ = (
    "isn't right", "is incorrect", "isn't correct", "are wrong", "are not right", "is not mine", "was wrong",
    "needs to be changed", "is not quite right", "has a mistake", "changed", "has changed", "are incorrect",
)  # fmt: skip


def topic_of(slot: Slot) -> Topic:
    """What the slot is about, from its label; an empty topic where nothing is known of it."""
    label = words_of(slot.label).folded
    for topic in (*TOPICS, *ERRANDS):
        if any(_shows(stem, label) for stem in topic.stems):
            return topic
    return Topic(stems=())


def _shows(stem: str, label: tuple[str, ...]) -> bool:
    if " " in stem:
        return f" {stem} " in f" {' '.join(label)} "
    return any(word.startswith(stem) for word in label)


def leads_of(slot: Slot) -> Form[str]:
    """What stands before a value of this slot and is nothing without it."""
    label = mine(slot.label)
    verbs = (
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
    of_label = (f"{lead}{label} {verb}" for lead in ("", "my ", "the ", "a ", "an ") for verb in verbs)
    return unspoken(
        said(
            *of_label,
            *(f"{lead}{label}" for lead in ("my ", "the ", "for my ", "for the ")),
            *topic_of(slot).leads,
        )
    )


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
        readable += (f"{lead}{name}" for lead in ("", "with ", "and ", "under "))
    return said(*spoken, readable=(*topic.read_carriers, *dict.fromkeys(readable)))


_MINE = ("", "my ", "the ", "our ", "and my ", "and the ", "with ", "with the ", "it's ", "his ", "her ")
_IS = ("is", "are", "was", "should be", "would be", "will be", "is actually", "is just", "number is", "reads", "says")
_CODES = frozenset({SlotType.DIGITS, SlotType.ID, SlotType.PHONE})
_OF_CODES = ("number", "code", "no", "id", "num", "nr", "digits")


def also_called(slot: Slot) -> tuple[str, ...]:
    """What the slot can be called by those who are not asked to say it so: `account` for an account number."""
    names = dict.fromkeys(names_of(slot))
    if slot.type in _CODES:
        for name in tuple(names):
            base = next((name.removesuffix(f" {end}") for end in _OF_CODES if name.endswith(f" {end}")), name)
            names |= dict.fromkeys((base, *(f"{base} {end}" for end in _OF_CODES)))
    return tuple(name for name in names if name not in _OF_CODES)


def followed_by(slot: Slot) -> Form[str]:
    """What may follow a value and says which slot it is for: `is my account number`."""
    leads = ("is my", "is the", "as my", "as the", "for my", "for the", "is our", "that's my", "that's the")
    return unspoken(said(readable=tuple(f"{lead} {name}" for lead in leads for name in also_called(slot))))
