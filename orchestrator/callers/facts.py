"""Who rings: facts, temper and voice, drawn from a seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Literal, assert_never

from orchestrator.callers import stock_en as stock


class Field(StrEnum):
    """What a clinic wants to know of a caller."""

    NAME = "name"
    DATE_OF_BIRTH = "date_of_birth"
    PHONE = "phone"
    REASON = "reason"
    ALLERGIES = "allergies"
    MEDICINES = "medicines"
    INSURANCE = "insurance"
    CONSENT = "consent"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the caller knows about himself. Names are lower case, `phone` is ten digits."""

    first_name: str
    last_name: str
    born: date
    phone: str
    reason: str
    allergies: tuple[str, ...]
    medicines: tuple[str, ...]
    insurance: str
    consent: bool = True


class Quirk(StrEnum):
    """What people do on the phone besides answering."""

    TWO_AT_ONCE = "two_at_once"
    SLIP = "slip"
    QUESTION = "question"
    BARGE_IN = "barge_in"
    BACKCHANNEL = "backchannel"


@dataclass(frozen=True, slots=True)
class Temper:
    """How the caller is.

    Attributes:
        patience_s: silence that he bears before he asks whether somebody is there.
        despair: how often in a row he tries to be understood, or to understand, before he hangs up.
        chattiness: 0..1, how often an answer is a whole sentence.
        thinks_aloud: says "um" and "let me see".
        quirks: what he will do in this call, each once, when the conversation gives the occasion.
        pair: the two answers that he gives at once.
        slips_on: where he says something wrong and corrects it.
        slips_at_once: he notices by himself, before he is told what was understood.
        topic: what he asks about.
        asks_instead_of: the question that reminds him of his own.
    """

    patience_s: float
    despair: int
    chattiness: float
    thinks_aloud: bool
    quirks: frozenset[Quirk]
    pair: tuple[Field, Field]
    slips_on: Field
    slips_at_once: bool
    topic: str
    asks_instead_of: Field


@dataclass(frozen=True, slots=True)
class Person:
    """A caller. `voice` is the name of a synthesizer's voice, `pace` 1.0 its usual speaking rate."""

    seed: int
    facts: Facts
    temper: Temper
    voice: str
    pace: float


VoiceFamily = Literal["auto", "flite", "espeak"]

FLITE_VOICES = ("flite:rms", "flite:slt", "flite:awb", "flite:kal16")
# Americans all: the embedded recogniser's model of sounds is American, and takes a British "that's" for "not".
ESPEAK_VOICES = ("espeak:en-us", "espeak:en-us+f3", "espeak:en-us+m3", "espeak:en-us+f2", "espeak:en-us+m1")
PACES = (0.85, 0.9, 0.95, 1.0, 1.05, 1.1)
ESPEAK_PACES = (0.8, 0.85, 0.9)  # quicker, hardly any of it is understood

TOPICS = ("hours", "parking", "cost", "bring", "bus", "address")

_PAIRS = (
    (Field.NAME, Field.DATE_OF_BIRTH),
    (Field.DATE_OF_BIRTH, Field.PHONE),
    (Field.ALLERGIES, Field.MEDICINES),
)
_SLIPS = (Field.DATE_OF_BIRTH, Field.PHONE, Field.REASON, Field.INSURANCE)
_FIRST_BORN, _LAST_BORN = date(1938, 1, 1), date(2006, 12, 31)


def draw(seed: int, *, unknown_surname: bool = False, voice: VoiceFamily = "auto") -> Person:
    """A caller. The same arguments give the same one.

    Args:
        unknown_surname: give a surname that a usual list of names lacks.
        voice: the family of synthesizers to draw the voice from.
    """
    rng = random.Random(seed)
    facts = _facts(rng, unknown_surname)
    temper = _temper(rng, unknown_surname)
    # Drawn whatever family is wanted, so that facts and temper of a seed do not depend on it.
    family = rng.choice(("flite", "flite", "espeak")) if voice == "auto" else voice
    if family == "flite":
        return Person(seed, facts, temper, rng.choice(FLITE_VOICES), rng.choice(PACES))
    return Person(seed, facts, temper, rng.choice(ESPEAK_VOICES), rng.choice(ESPEAK_PACES))


def _facts(rng: random.Random, unknown_surname: bool) -> Facts:
    born = _FIRST_BORN + timedelta(days=rng.randrange((_LAST_BORN - _FIRST_BORN).days))
    return Facts(
        first_name=rng.choice(stock.FIRST_NAMES),
        last_name=rng.choice(stock.RARE_LAST_NAMES if unknown_surname else stock.LAST_NAMES),
        born=born,
        phone=_phone(rng),
        reason=rng.choice(tuple(stock.REASONS)),
        allergies=_some(rng, stock.OWN_ALLERGIES),
        medicines=_some(rng, stock.OWN_MEDICINES),
        insurance=rng.choice(stock.OWN_INSURANCES),
    )


def _phone(rng: random.Random) -> str:
    """Ten digits in the North American plan: neither area nor exchange begins with 0 or 1, nor ends in 11."""

    def three() -> str:
        while True:
            digits = f"{rng.randint(200, 999)}"
            if not digits.endswith("11"):
                return digits

    return three() + three() + f"{rng.randint(0, 9999):04d}"


def _some(rng: random.Random, of: Sequence[str]) -> tuple[str, ...]:
    return tuple(rng.sample(of, rng.choice((0, 1, 1, 2))))


def _temper(rng: random.Random, unknown_surname: bool) -> Temper:
    # A name that has to be spelled is trouble enough: whoever bears one says it alone.
    pair = rng.choices(_PAIRS[1:] if unknown_surname else _PAIRS, (2, 1) if unknown_surname else (2, 2, 1))[0]
    slips_on = rng.choice([slip for slip in _SLIPS if slip not in pair])
    later = [f for f in Field if f not in (*pair, Field.NAME, Field.CONSENT)]
    return Temper(
        patience_s=rng.uniform(5.0, 8.0),
        despair=rng.randint(5, 7),
        chattiness=rng.uniform(0.2, 0.9),
        thinks_aloud=rng.random() < 0.4,
        quirks=frozenset(Quirk),
        pair=pair,
        slips_on=slips_on,
        slips_at_once=rng.random() < 0.25,
        topic=rng.choice(TOPICS),
        asks_instead_of=rng.choice(later),
    )


def slip_of(facts: Facts, field: Field, rng: random.Random) -> Facts:
    """The facts as they come out when the tongue slips on one of them: near the truth, never the truth."""
    match field:
        case Field.DATE_OF_BIRTH:
            step = timedelta(days=rng.choice((-1, 1)))
            near = facts.born + step
            born = near if near.month == facts.born.month else facts.born - step
            return replace(facts, born=born)
        case Field.PHONE:
            at = rng.randrange(6, 10)
            wrong = str((int(facts.phone[at]) + rng.randint(1, 9)) % 10)
            return replace(facts, phone=facts.phone[:at] + wrong + facts.phone[at + 1 :])
        case Field.REASON:
            return replace(facts, reason=rng.choice([r for r in stock.REASONS if r != facts.reason]))
        case Field.INSURANCE:
            others = [i for i in stock.OWN_INSURANCES if i != facts.insurance]
            return replace(facts, insurance=rng.choice(others))
        case Field.NAME | Field.ALLERGIES | Field.MEDICINES | Field.CONSENT:
            raise ValueError(f"nobody slips on {field.value}")
        case _:
            assert_never(field)
