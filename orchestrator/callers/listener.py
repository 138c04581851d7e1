"""What the agent did with its turn, and whether what it read back agrees with the caller's own facts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from orchestrator.callers import cues_en as cues
from orchestrator.callers import stock_en as stock
from orchestrator.callers.cues_en import Act
from orchestrator.callers.facts import Facts, Field
from orchestrator.callers.spoken_en import SPELLING_WORDS, find_date, find_digits, find_spelled, plain_words

LABELS: Mapping[Field, str] = {
    Field.NAME: r"\bname\b",
    Field.DATE_OF_BIRTH: r"\bbirth|\bborn\b",
    Field.PHONE: r"\bphone|\btelephone|\b(your|fellow|found|fell) number",
    Field.REASON: r"\breason|\bvisit\b",
    Field.ALLERGIES: r"allerg",
    Field.MEDICINES: r"medic(?! ?(are|aid|care|aide|eight)\b)",
    Field.INSURANCE: r"\binsur|\bpay(ing)? (for )?(it )?yourself|\bself pay",
    Field.CONSENT: r"\bagree\b|\bdetails\b|\bconsent",
}
GREETING = r"\bthank you for calling\b|\bautomated\b|\bassistant\b"
"""Who answers the phone, and whatever else is said with that."""

READING = r"\blet me read\b|(olive|add|all of) that( i| right)?$"
"""How a list begins that is read back, and what the recogniser makes of "is all of that right"."""

EXACT = frozenset({Field.NAME, Field.DATE_OF_BIRTH, Field.PHONE})
"""What is no word of a list, but told figure by figure or letter by letter."""

LEAST_LETTERS = 3
"""Fewer were not heard as a spelling, whatever the ear made of it."""

_FIRST_NAMES = frozenset({*stock.FIRST_NAMES, *stock.OTHER_FIRST_NAMES})

_STOCKS = {
    Field.REASON: stock.REASONS,
    Field.ALLERGIES: stock.ALLERGIES,
    Field.MEDICINES: stock.MEDICINES,
    Field.INSURANCE: stock.INSURANCES,
}


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of the agent.

    Attributes:
        asks: what it asks for, or wants spelled.
        reads: what it reads back.
        spelled: letter by letter.
    """

    act: Act
    text: str
    asks: Field | None = None
    reads: frozenset[Field] = field(default_factory=frozenset)
    spelled: bool = False


def understand(text: str) -> Turn:
    """What was done, from the words that the open ear heard."""
    said = " ".join(plain_words(text))
    tail = said[-160:]
    if re.search(cues.WHICH, tail):
        return Turn(Act.ASKS_WHICH, said)
    if cues.last_at(cues.CONFIRMING, tail) >= 0 or re.search(READING, said):
        reads = frozenset(f for f, pattern in LABELS.items() if re.search(pattern, said))
        if re.search(
            GREETING, said
        ):  # of what is known from an earlier call, the name comes first, and alone
            reads = read_back_in(said) or frozenset({Field.NAME})
        return Turn(Act.READS_BACK, said, reads=reads, spelled=bool(re.search(cues.AS_IN, said)))
    if re.search(cues.SPELLING, tail) or re.search(r"as in k|word for each letter", tail):
        given = re.search(r"first name", tail) is not None
        return Turn(Act.ASKS_SPELLING, said, asks=Field.NAME, spelled=not given)
    if re.search(cues.KEYING, tail):
        return Turn(Act.ASKS_KEYS, said, asks=Field.PHONE)
    asks, _ = cues.asked(tail)
    if asks is not None:
        return Turn(Act.ASKS, said, asks=asks)
    for pattern, act in (
        (cues.HANDING_OVER, Act.HANDS_OVER),
        (cues.GOODBYE, Act.GOODBYE),
        (cues.STILL_THERE, Act.STILL_THERE),
        (cues.REPEATING, Act.ASKS_REPEAT),
        (cues.WAITING, Act.WAITS),
    ):
        if re.search(pattern, said):
            return Turn(act, said)
    return Turn(Act.UNCLEAR, said)


def agrees(what: Field, heard: str, facts: Facts, *, spelled: bool) -> bool | None:
    """Whether `what`, as it was read back in `heard`, is right. None: it could not be made out."""
    words = plain_words(heard)
    match what:
        case Field.NAME:
            return _name_agrees(words, facts, spelled)
        case Field.DATE_OF_BIRTH:
            born = find_date(words)
            right = (facts.born.month, facts.born.day, facts.born.year)
            return (born.month, born.day, born.year) == right if born.whole else None
        case Field.PHONE:
            digits = find_digits(words)
            return digits == facts.phone if len(digits) >= 7 else None
        case Field.CONSENT:
            denied = re.search(r"(not|don't) agree", heard) is not None
            return facts.consent is not denied
        case _:
            return _picked_agrees(what, " ".join(words), facts)


def verdict(what: Field, texts: Sequence[str], facts: Facts, *, spelled: bool) -> bool | None:
    """What two ears together say: right where either heard it right, wrong where one did and the other not.

    Args:
        texts: as the ear for values heard it, then as the open ear did. That one garbles names and figures, and
            does not deny any.
        spelled: the open ear heard letters. The ear for values often hears them where that one does not.
    """
    letters = spelled or any(re.search(cues.AS_IN, " ".join(plain_words(text))) for text in texts)
    if what is Field.NAME and (letter := _letter_told(texts)):
        if letter not in facts.last_name:
            return False  # "Norris, with N as in november", to a Morris
        letters = False
    values, *others = [agrees(what, text, facts, spelled=letters) if text else None for text in texts]
    if values or True in others:
        return True
    if what in EXACT:
        return values
    return False if False in (values, *others) else None


def read_back_in(values: str) -> frozenset[Field]:
    """What the ear for values heard to be read back, by "your ... is"."""
    return frozenset(
        f
        for f, pattern in LABELS.items()
        if re.search(rf"your (?:\w+ ){{0,2}}?(?:{pattern})[^.]{{0,20}}? (?:is|are)\b", values)
    )


def is_read_back(values: str) -> bool:
    """Whether the ear for values heard a value and then the question whether it is right, to its end."""
    return (
        bool(read_back_in(values))
        and re.search(r"\b(is|are) (all of )?(that|this|these|they) right$", values) is not None
    )


def _letter_told(texts: Sequence[str]) -> str:
    """The one letter that a name is told apart by, "" where none was heard."""
    told = (re.search(cues.WITH_LETTER, " ".join(plain_words(text))) for text in texts)
    return next((letter[1] for letter in told if letter), "")


def _name_agrees(words: Sequence[str], facts: Facts, spelled: bool) -> bool | None:
    if spelled:
        return _letters_agree(words, facts)
    if facts.first_name in words and facts.last_name in words:
        return True
    known = {*stock.FIRST_NAMES, *stock.OTHER_FIRST_NAMES, *stock.LAST_NAMES, *stock.OTHER_LAST_NAMES}
    others = [w for w in words if w in known and w not in (facts.first_name, facts.last_name)]
    return False if others else None


def _letters_agree(words: Sequence[str], facts: Facts) -> bool | None:
    """Letters of the whole alphabet by words that stand for them; beside them, a name that an ear does not know
    comes out as another, which says nothing."""
    letters = find_spelled(words)
    first = re.search(r"\byour name is (\w+)", " ".join(words))
    if first is not None and first[1] != facts.first_name and first[1] in _FIRST_NAMES:
        return False
    whole = facts.first_name + facts.last_name
    if letters in (facts.last_name, facts.first_name, whole):
        return True
    clear = len(letters) >= LEAST_LETTERS and sum(word in SPELLING_WORDS for word in words) == len(letters)
    if clear and letters not in whole:
        return False  # whatever the name sounded like
    return True if facts.first_name in words and facts.last_name in words else None


def _picked_agrees(what: Field, said: str, facts: Facts) -> bool | None:
    """A value that is picked from a list: all of the caller's, and none of the others of its kind."""
    own = {
        Field.REASON: (facts.reason,),
        Field.ALLERGIES: facts.allergies,
        Field.MEDICINES: facts.medicines,
        Field.INSURANCE: (facts.insurance,),
    }[what]
    # What is on two lists is told by whoever is read back: it counts for neither against the other.
    elsewhere = {*facts.allergies, *facts.medicines}
    found = {label for label, ways in _STOCKS[what].items() if _mentions(said, ways)}
    if set(own) <= found and not found - set(own) - elsewhere:
        return True
    if found - set(own) - elsewhere:
        return False
    if not own:
        none = stock.NO_ALLERGIES if what is Field.ALLERGIES else stock.NO_MEDICINES
        return True if _mentions(said, none) or not found else None
    return None


def _mentions(said: str, ways: Sequence[str]) -> bool:
    return any(re.search(rf"\b{re.escape(way)}\b", said) for way in ways)
