"""What a caller says, in words: answers, corrections, questions. Several ways for each, drawn by the caller's seed."""

from __future__ import annotations

import random
from collections.abc import Callable

from orchestrator.callers.facts import Facts, Field
from orchestrator.callers.spoken_en import list_in_words, say_date, say_digits, say_spelled

_REASONS = {
    "check-up": ("a check up", "i need a check up"),
    "rash": ("a rash", "i have a rash"),
    "cough": ("a cough", "i have a bad cough"),
    "fever": ("a fever", "i have a fever"),
    "headache": ("headaches", "i have a headache"),
    "earache": ("an earache", "my ear hurts"),
    "sore throat": ("a sore throat", "i have a sore throat"),
    "prescription refill": ("a prescription refill", "i need a prescription refill"),
    "vaccination": ("a vaccination", "i need a flu shot"),
}
_INSURANCES = {"self-pay": ("i pay myself", "i don't have insurance", "no insurance")}

QUESTIONS = {
    "hours": ("what are your opening hours", "what time do you open on saturday", "when are you open"),
    "parking": ("where can i park", "where can i park my car", "do you have parking"),
    "cost": ("how much does a first visit cost", "what does a first visit cost"),
    "bring": ("what should i bring", "what do i need to bring"),
    "bus": ("which bus stops at the clinic", "is there a bus to the clinic"),
    "address": ("what is your address", "where is the clinic"),
}

Drawn = Callable[[random.Random], str]


def answer(field: Field, facts: Facts, rng: random.Random, *, whole: bool) -> str:
    """An answer to a question for `field`. `whole`: a sentence that says what it is about."""
    value = value_in_words(field, facts, rng)
    match field:
        case Field.NAME:
            return rng.choice((f"my name is {value}", f"this is {value}")) if whole else value
        case Field.DATE_OF_BIRTH:
            return rng.choice((f"my date of birth is {value}", f"i was born on {value}")) if whole else value
        case Field.PHONE:
            return rng.choice((f"my phone number is {value}", f"my number is {value}")) if whole else value
        case Field.REASON:
            return value
        case Field.ALLERGIES:
            return value if not facts.allergies else f"i'm allergic to {value}" if whole else value
        case Field.MEDICINES:
            return value if not facts.medicines else f"i take {value}" if whole else value
        case Field.INSURANCE:
            return value if facts.insurance in _INSURANCES else f"i have {value}" if whole else value
        case Field.CONSENT:
            return rng.choice(("yes", "yes please", "yes of course")) if facts.consent else "no"


def value_in_words(field: Field, facts: Facts, rng: random.Random) -> str:
    """The bare value."""
    match field:
        case Field.NAME:
            return f"{facts.first_name} {facts.last_name}"
        case Field.DATE_OF_BIRTH:
            return say_date(facts.born)
        case Field.PHONE:
            return say_digits(facts.phone)
        case Field.REASON:
            return rng.choice(_REASONS.get(facts.reason, (facts.reason, f"i have {facts.reason}")))
        case Field.ALLERGIES:
            return list_in_words(facts.allergies) or rng.choice(("no allergies", "none", "i don't have any"))
        case Field.MEDICINES:
            return list_in_words(facts.medicines) or rng.choice(("no medicines", "none", "i don't take any"))
        case Field.INSURANCE:
            return rng.choice(_INSURANCES.get(facts.insurance, (facts.insurance.lower(),)))
        case Field.CONSENT:
            return "yes" if facts.consent else "no"


def correction(field: Field, facts: Facts, rng: random.Random, *, alone: bool) -> str:
    """What was read back is wrong. `alone`: nothing else was read back with it."""
    if field is Field.CONSENT:
        return "no i do agree" if facts.consent else "no i do not agree"
    if alone and field in (Field.NAME, Field.DATE_OF_BIRTH, Field.PHONE):
        return (
            rng.choice(("no that's wrong", "no"))
            if rng.random() < 0.3
            else f"no, it's {value_in_words(field, facts, rng)}"
        )
    return f"no, {answer(field, facts, rng, whole=True)}"


def spelling(facts: Facts, *, given: bool) -> str:
    return say_spelled(facts.first_name if given else facts.last_name)


def yes(rng: random.Random) -> str:
    return rng.choice(("yes", "yes that's right", "that's right", "correct", "yes", "yeah that's right"))


def pardon(rng: random.Random) -> str:
    return rng.choice(("sorry can you repeat that", "can you repeat that please", "sorry what was that"))
