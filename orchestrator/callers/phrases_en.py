"""How callers put things in English. Each table has several ways; the first is the plain one, said with care."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import assert_never

from orchestrator.callers import spoken_en as spoken
from orchestrator.callers.facts import Facts, Field

_NAME = ("my name is {}", "{}", "this is {}", "i'm {}", "it's {}")
_BORN = ("my date of birth is {}", "{}", "it's {}", "i was born on {}", "my birthday is {}")
_PHONE = ("my phone number is {}", "{}", "it's {}", "my number is {}", "you can reach me at {}")
_ALLERGIC = ("i'm allergic to {}", "yes, {}", "{}", "yes, i'm allergic to {}")
_NOT_ALLERGIC = ("no allergies", "no", "no, none", "none that i know of", "i have no allergies")
_TAKES = ("i take {}", "{}", "i'm taking {}", "i'm on {}")
_TAKES_NONE = ("no medicines", "none", "i don't take any medicines", "nothing", "i don't take anything")
_INSURED = ("my insurance is {}", "{}", "i have {}", "i'm with {}")
_NOT_INSURED = ("i pay myself", "i don't have insurance", "no insurance", "none. i pay myself")
_AGREED = ("yes", "yes, you may", "yes, that's fine", "yes, of course")
_REASONS: dict[str, tuple[str, ...]] = {
    "check-up": ("i need a check up", "a check up", "i want a check up", "an annual physical"),
    "back pain": ("i have back pain", "back pain", "my back hurts", "it's about back pain"),
    "headache": ("i have a headache", "a headache", "my head hurts", "it's about headaches"),
    "cough": ("i have a cough", "a bad cough", "it's a cough"),
    "sore throat": ("i have a sore throat", "a sore throat", "my throat hurts"),
    "rash": ("i have a rash", "a rash", "a skin rash"),
    "fever": ("i have a fever", "a fever", "i've got a fever"),
    "knee pain": ("i have knee pain", "knee pain", "my knee hurts", "it's about knee pain"),
    "stomach pain": ("i have stomach pain", "stomach pain", "my stomach hurts"),
    "earache": ("i have an earache", "ear pain", "my ear hurts"),
    "prescription refill": ("i need a prescription refill", "a prescription refill", "i need a refill"),
    "vaccination": ("i need a vaccination", "a vaccination", "i need a flu shot"),
}
_QUESTIONS: dict[str, tuple[str, ...]] = {
    "hours": ("what are your opening hours", "when are you open"),
    "parking": ("where can i park", "is there any parking"),
    "cost": ("how much does a first visit cost", "what does a first visit cost"),
    "bring": ("what should i bring", "what do i need to bring"),
    "bus": ("which bus stops at the clinic", "how do i get there by bus"),
    "address": ("what is your address", "what is the address of the clinic"),
}
_YES = (
    "yes, that's right",
    "yes",
    "that's correct",
    "yeah, that's right",
    "yes, that's correct",
    "yes it is",
)
_SAY_AGAIN = ("sorry, can you repeat that?", "sorry, what was that?", "can you say that again, please?")
_GO_ON_OVER = ("okay, thanks.", "thank you.", "sorry,")
_MUSING = ("um,", "let me see,", "well,", "so,")
_BEFORE_ASKING = ("oh,", "before that,", "one question,")
_SLIPPED = ("no, sorry,", "sorry, no,", "i mean,")

BYE = ("thank you, bye", "thanks, goodbye", "okay, thank you. bye")
THANKS = ("okay, thank you", "all right, thanks")
NOTHING_MORE = ("no, thank you", "no, that's all")
HELLO = ("hello? are you there?", "hello?")
HERE = "yes, i'm here."
GIVES_UP = "sorry, this does not work. i will call again another time. goodbye"
LISTENING = "mm-hm"


def answer(facts: Facts, field: Field, rng: random.Random, chattiness: float) -> str:
    """`chattiness` 0: the bare answer more often; 1: a whole sentence more often."""
    ways = _ways(facts, field)
    return ways[0] if rng.random() < chattiness else rng.choice(ways)


def plain_answer(facts: Facts, field: Field) -> str:
    return _ways(facts, field)[0]


def two_answers(facts: Facts, pair: tuple[Field, Field], rng: random.Random) -> str:
    first = rng.choice(_ways(facts, pair[0])[:2])
    return f"{first}, and {plain_answer(facts, pair[1])}"


def slip_and_correct(wrong: Facts, right: Facts, field: Field, rng: random.Random) -> str:
    return f"{plain_answer(wrong, field)}. {rng.choice(_SLIPPED)} {plain_answer(right, field)}"


def correction(facts: Facts, wrong: Sequence[Field], *, only_the_day: bool, rng: random.Random) -> str:
    """No, and what is right. `wrong`: one or more."""
    if only_the_day and list(wrong) == [Field.DATE_OF_BIRTH]:
        day = spoken.ORDINALS[facts.born.day - 1]
        return rng.choice((f"no, the {day}", f"no, it's the {day}", f"no, {plain_answer(facts, wrong[0])}"))
    return "no, " + ", and ".join(plain_answer(facts, field) for field in wrong[:2])


def yes(rng: random.Random) -> str:
    return rng.choice(_YES)


def say_again(rng: random.Random) -> str:
    return rng.choice(_SAY_AGAIN)


def question(topic: str, rng: random.Random, chattiness: float) -> str:
    asked = rng.choice(_QUESTIONS[topic])
    return f"{rng.choice(_BEFORE_ASKING)} {asked}?" if rng.random() < chattiness / 2 else f"{asked}?"


def spelling(name: str, whose: str = "") -> str:
    return f"{whose} {spoken.say_spelled(name)}".strip()


def breaking_in(words: str, rng: random.Random) -> str:
    """Words said over the other's news."""
    return f"{rng.choice(_GO_ON_OVER)} {words}"


def aloud(words: str, rng: random.Random) -> str:
    """Words as they come while one thinks."""
    return f"{rng.choice(_MUSING)} {words}"


def _ways(facts: Facts, field: Field) -> tuple[str, ...]:
    match field:
        case Field.NAME:
            return _filled(_NAME, f"{facts.first_name.capitalize()} {facts.last_name.capitalize()}")
        case Field.DATE_OF_BIRTH:
            return _filled(_BORN, spoken.say_date(facts.born))
        case Field.PHONE:
            return _filled(_PHONE, spoken.say_digits(facts.phone))
        case Field.REASON:
            return _REASONS[facts.reason]
        case Field.ALLERGIES:
            return _filled(_ALLERGIC, " and ".join(facts.allergies)) if facts.allergies else _NOT_ALLERGIC
        case Field.MEDICINES:
            return _filled(_TAKES, " and ".join(facts.medicines)) if facts.medicines else _TAKES_NONE
        case Field.INSURANCE:
            return _NOT_INSURED if facts.insurance == "self-pay" else _filled(_INSURED, facts.insurance)
        case Field.CONSENT:
            return _AGREED if facts.consent else ("no",)
        case _:
            assert_never(field)


def _filled(ways: tuple[str, ...], value: str) -> tuple[str, ...]:
    return tuple(way.format(value) for way in ways)
