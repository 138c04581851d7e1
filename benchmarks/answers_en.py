"""What callers of a clinic say, drawn from a seed: answers of each kind, and what no question asks for."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

DIGITS = "zero one two three four five six seven eight nine".split()
TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
FIRST_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth".split()
ORDINALS = (
    *FIRST_ORDINALS,
    *"tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth".split(),
    "twentieth",
    *(f"twenty {ordinal}" for ordinal in FIRST_ORDINALS),
)
MONTHS = "january february march april may june july august september october november december".split()
FIRST = "james mary robert jennifer linda david susan thomas karen nancy daniel laura kevin emma peter julia".split()
LAST = "smith johnson brown jones garcia miller davis wilson taylor clark lewis walker allen young king hill".split()
CODE = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyz",
        "alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november oscar papa quebec "
        "romeo sierra tango uniform victor whiskey x-ray yankee zulu".split(),
        strict=True,
    )
)
YES_NO = (
    "yes",
    "yeah",
    "correct",
    "that's right",
    "yes that's right",
    "yes please",
    "no",
    "nope",
    "no that's wrong",
)
REASONS = (
    "a check up",
    "back pain",
    "my back hurts",
    "a headache",
    "a sore throat",
    "a skin rash",
    "a flu shot",
)
MEDICINES = (
    "lisinopril metformin atorvastatin omeprazole insulin warfarin prednisone ibuprofen vitamins".split()
)
INSURERS = ("blue cross", "aetna", "cigna", "humana", "medicare", "medicaid", "i don't have insurance")
WISHES = ("can i speak to a human", "i want to talk to a real person", "can you repeat that")
UNASKED = (
    "how much does the first visit cost",
    "where can i park my car",
    "are you open on saturday",
    "how long does the appointment take",
    "my husband told me to call you",
    "i was in the hospital last week",
    "is there a bus stop near the clinic",
    "the weather is terrible today",
    "why do you need to know that",
    "i would rather tell the doctor myself",
    "do you take credit cards",
    "we moved here last year",
    "i forgot my card at home",
    "are you a robot",
    "my wife knows that better",
    "i broke my glasses",
)


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence, and what kind of answer it is; kind "unasked" is none that any grammar expects."""

    kind: str
    text: str


def phone(draw: random.Random) -> str:
    first, *others = (draw.randrange(2, 10), *(draw.randrange(10) for _ in range(9)))
    words = [DIGITS[first], *("oh" if d == 0 and draw.random() < 0.4 else DIGITS[d] for d in others)]
    return " ".join((*draw.choice(((), ("it's",), ("my", "number", "is"))), *words))


def date(draw: random.Random) -> str:
    year = draw.randrange(30, 100)
    tens = (
        TEENS[year - 10]
        if year < 20
        else " ".join((TENS[year // 10 - 2], *DIGITS[year % 10 : year % 10 + 1]))
    )
    words = tens.removesuffix(" zero")
    lead = draw.choice(("", "it's ", "i was born on ", "my date of birth is "))
    return f"{lead}{draw.choice(MONTHS)} {draw.choice(ORDINALS)} nineteen {words}"


def name(draw: random.Random) -> str:
    return draw.choice(("", "my name is ", "it's ", "this is ")) + f"{draw.choice(FIRST)} {draw.choice(LAST)}"


def spelling(draw: random.Random) -> str:
    return " ".join(f"{letter} as in {CODE[letter]}" for letter in draw.choice(LAST)[:5])


def medicines(draw: random.Random) -> str:
    return draw.choice(("", "i take ")) + " and ".join(draw.sample(MEDICINES, draw.choice((1, 2))))


def one_of(choices: tuple[str, ...], *leads: str) -> Callable[[random.Random], str]:
    return lambda draw: draw.choice(("", *leads)) + draw.choice(choices)


KINDS: dict[str, Callable[[random.Random], str]] = {
    "phone": phone,
    "date": date,
    "name": name,
    "spelling": spelling,
    "yes or no": one_of(YES_NO),
    "medicines": medicines,
    "reason": one_of(REASONS, "i have "),
    "insurance": one_of(INSURERS),
    "wish": one_of(WISHES),
    "unasked": one_of(UNASKED),
}


def sentences(each: int, seed: int) -> list[Said]:
    """So many different ones of each kind, in the order of a talk that jumps about."""
    draw = random.Random(seed)
    found: list[Said] = []
    for kind, make in KINDS.items():
        texts: dict[str, None] = {}
        for _ in range(each * 20):
            texts[make(draw)] = None
            if len(texts) == each:
                break
        found += [Said(kind, text) for text in texts]
    draw.shuffle(found)
    return found
