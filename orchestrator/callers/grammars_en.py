"""What a receptionist may say, as grammars for a recogniser: talk around one kind of value.

A grammar here is a loop of phrases, so that no exact wording is needed, with the values that are listened for in
its midst. Single words that sound like digits ("for", "to", "or") are only in phrases, never by themselves.

A caller expects to hear his own value: `_or_own` makes it likelier than any other, as for a human listener, and
by so little that a value which is one digit off is still heard as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from orchestrator.callers import spoken_en as spoken
from orchestrator.callers import stock_en as stock
from orchestrator.callers.facts import Facts, Field


@dataclass(frozen=True, slots=True)
class Grammar:
    """JSGF with one public rule. `sounds`: ARPAbet of words that a dictionary may lack."""

    name: str
    text: str
    sounds: Mapping[str, str] = field(default_factory=dict)


_TALK = """
date of birth|of birth|were you born|you were born|born on|your birthday|the month|the day and the year|the year
phone number|your phone number|number|telephone|the ten digits|one by one|can we reach you at|reach you|call you
first and last name|last name|your last name|first name|full name|your name|name|surname|spell|could you spell
please spell|spell it|letter by letter|with words like|with a word for each letter|spelled
the reason for your visit|reason for your visit|the reason|brings you in|your visit|a pain|an illness|something else
any allergies|your allergies|allergies|allergic to|are you allergic
which medicines|your medicines|medicines|medication|medications|do you take|you take|regularly|one after the other
which insurance|your insurance|insurance|are you insured|do you have|if you have none|for example
may we keep|keep these details|keep your details|these details|your details|in your record|your record|consent
do you agree|you agree|that we keep|please say yes or no|a clear yes or no|yes or no|i need
is that right|is this right|is that correct|is this correct|did i get that right|is all that right|all of that right
is everything right|let me check|let me read that back|i have|i heard|i've got|so that is|that is|that's|you said
goodbye|bye|have a nice day|have a good day|look forward to seeing you|we look forward|you are all set|take care
i will connect you|connect you|with a person|a person|someone|at the front desk|one moment|just a moment|hold on
please wait|sorry|i am sorry|i did not catch that|i didn't catch that|i did not understand|i don't know that
key in|key in your phone number|on your keypad|or say it once more
i did not get that|sorry about that|could you repeat that|can you repeat|please repeat|say that again|once more|please say|please name|tell me|say none
are you still there|are you there|hello|which of these is wrong|which of them|which one|what is wrong|is wrong
what is not right|is not right|what should i change|should i change|anything else|can i help you|i cannot
i do not have that information|without your consent|take your time|back to my question
what is|what|when|which|how|where|who|may i have|may i|may we|could you|can you|would you|please|thank you|thanks
thank you for calling|calling|this is|an automated assistant|automated|assistant|i will take|a few details|details
family clinic|clinic|okay|all right|alright|great|got it|good|now|then|next|and|the|a|your|you|we|is|are|was|it
with|of|at|in|by|be|our|me|my|them|if|none|no|yes|not|have|will|again
"""
_NOTICES = """
open|closed|monday|friday|saturday|sunday|from|until|in the morning|in the evening|parking|free|patients|garage
street|ticket|bring|insurance card|photo identification|a list|a first visit|costs|hundred|dollars|copay
minutes|before|appointment|the corner|road|bus line|stops|front|address|library|across from|doctor|wheelchair
"""
_AROUND = """
i did not get that|i did not catch that|i did not understand|i did not understand that|i do not have that information
thank you|thanks|sorry|sorry about that|i am sorry|i have|i've got|i heard|that is|so that is|so|let me check|okay|all right
great|got it|you said|now i have|the last four digits|is|i have noted|noted|let me read that back
your name is|your name|your date of birth is|your date of birth|you were born on|born on|your phone number is
your phone number|phone number|the number is|your birthday is|as your name|as your phone number|as your date of birth
spelled|that is spelled|with
is that right|is this right|is that correct|is this correct|did i get that right|right|correct|please say yes or no
is all of that right|is all that right|is everything right|is all of that correct|are these right|are they right
"""
_GREETING = """
thank you for calling riverside family clinic|thank you for calling|riverside family clinic|family clinic
this is claire|an automated assistant|i will take a few details for your visit|i will take a few details
i have this from last time|from last time|your name is|is that right
"""
_LABELS = """
the reason for your visit is|reason for your visit|the reason is|for your visit|your allergies are|your allergy is
allergies|allergic to|you are allergic to|your medicines are|your medicine is|medicines|you take|medications
your insurance is|insurance|you agree|that we keep your details|we may keep your details|you agree that we keep your details
you do not agree|you come for|you are here for|and|your|are
"""


def _phrases(*tables: str) -> tuple[str, ...]:
    return tuple(
        phrase for table in tables for line in table.split("\n") for phrase in line.split("|") if phrase
    )


# How much likelier the caller's own value is than any particular other one, before anything was heard.
_ODDS_DATE, _ODDS_NAME, _ODDS_PHONE, _ODDS_LETTERS = 1e3, 1e3, 1e-4, 1.0
_ODDS_PICKED = 10.0

_STOCKS: Mapping[Field, stock.Stock] = {
    Field.REASON: stock.REASONS,
    Field.ALLERGIES: {**stock.ALLERGIES, "none": stock.NO_ALLERGIES},
    Field.MEDICINES: {**stock.MEDICINES, "none": stock.NO_MEDICINES},
    Field.INSURANCE: stock.INSURANCES,
}
PICKED = frozenset({*_STOCKS, Field.CONSENT})
"""What is picked from a list rather than told: read back in any number and order."""


@cache
def questions() -> Grammar:
    """Talk alone: for what was asked."""
    return Grammar("questions", _jsgf("questions", f"{_one_of(_phrases(_TALK, _NOTICES))}+"))


def read_back(facts: Facts, kinds: frozenset[Field], spelled: bool = False, greeted: bool = False) -> Grammar:
    """Values of `kinds`, the caller's own and others, with talk around them.

    Args:
        kinds: at least one.
        spelled: a name may be spelled out as well.
        greeted: the phone is answered in the same breath.
    """
    picked = kinds & PICKED
    rules: list[tuple[str, str]] = []
    if Field.NAME in kinds:
        rules.append(("name", _name(facts)))
    if Field.NAME in kinds and spelled:
        rules.append(("letters", _letters(facts.last_name)))
    if Field.DATE_OF_BIRTH in kinds:
        rules.append(("date", _date(facts)))
    if Field.PHONE in kinds:
        rules.append(("phone", _phone(facts.phone)))
    if picked:
        rules.append(("picked", _picked(facts)))
    tables = (_AROUND, *((_LABELS,) if picked else ()), *((_GREETING,) if greeted else ()))
    around = _phrases(*tables)
    more = (*(("spelled",) if spelled else ()), *(("greeted",) if greeted else ()))
    name = "_".join(("heard", *sorted(kinds), *more))
    body = "\n".join(f"<{rule}> = {text};" for rule, text in (("around", _one_of(around)), *rules))
    return Grammar(name, _jsgf(name, _in_any_order([rule for rule, _ in rules]), body), stock.SOUNDS)


def _in_any_order(rules: Sequence[str]) -> str:
    """One or two: each once at most, and never one right after the other, so that none is made up where another
    ends. Values that are picked come in any number."""
    if "picked" in rules or len(rules) > 2:
        return f"(<around> | {' | '.join(f'<{rule}>' for rule in rules)})+"
    first, last = rules[0], rules[-1]
    one = (
        f"<{first}>" if first == last else f"<{first}> [<around>+ <{last}>] | <{last}> [<around>+ <{first}>]"
    )
    return f"<around>* ({one}) <around>*"


def _jsgf(name: str, public: str, rules: str = "") -> str:
    return f"#JSGF V1.0;\ngrammar {name};\n{rules}\npublic <heard> = {public};\n"


def _one_of(items: Iterable[str]) -> str:
    return "(" + " | ".join(dict.fromkeys(items)) + ")"


def _or_own(own: str, others: str, odds: float, how_many_others: float) -> str:
    """Weights for a uniform choice among `others` and an `own` that is `odds` times as likely as any of them."""
    share = odds / (odds + how_many_others)
    return f"(/{share:.15f}/ {own} | /{1 - share:.15f}/ ({others}))"


def _date(facts: Facts) -> str:
    month, day = _one_of(spoken.MONTHS), _one_of(spoken.ORDINALS)
    ones, teens, tens = (_one_of(words) for words in (spoken.DIGITS[1:], spoken.TEENS, spoken.TENS))
    year = (
        f"((nineteen | twenty) ({teens} | {tens} [{ones}] | oh {ones}) | nineteen hundred"
        f" | two thousand [[and] ({ones} | {teens} | twenty [{ones}])])"
    )
    others = f"{month} [the] {day} [of] [{year}] | [the] {day} of {month} [{year}]"
    said = (spoken.say_date(facts.born, day_first=first) for first in (False, True))
    own = _one_of(" ".join(spoken.plain_words(words)) for words in said)
    return _or_own(own, others, _ODDS_DATE, 12 * 31 * 100)


def _phone(own: str) -> str:
    """Ten digits, or a part of them. Free to add digits, a recogniser makes up more."""
    digit = _one_of((*spoken.DIGITS, "oh"))
    ten = " ".join([digit] * 10)
    parts = _one_of(" ".join([digit] * size) for size in (3, 4, 7))
    others = f"/0.999/ {ten} | /0.001/ {parts}"
    return _or_own(" ".join(spoken.plain_words(spoken.say_digits(own))), others, _ODDS_PHONE, 11.0**10)


def _name(facts: Facts) -> str:
    """A first and a last name, or one of them: the caller's own, and whatever it could be mistaken for."""
    first = dict.fromkeys((facts.first_name, *stock.FIRST_NAMES, *stock.OTHER_FIRST_NAMES))
    last = dict.fromkeys((facts.last_name, *stock.LAST_NAMES, *stock.OTHER_LAST_NAMES))
    others = f"{_one_of(first)} [{_one_of(last)}] | {_one_of(last)}"
    return _or_own(f"{facts.first_name} {facts.last_name}", others, _ODDS_NAME, len(first) * len(last))


def _letters(own: str) -> str:
    """With words only: bare letters sound too much alike. The dot: a letter's name, "a." is not the article."""
    coded = {letter: f"{letter}. as in {_one_of(words)}" for letter, words in spoken.CODE_WORDS.items()}
    mine = " ".join(coded[letter] for letter in own)
    return _or_own(mine, f"{_one_of(coded.values())}+", _ODDS_LETTERS, 26.0 ** len(own))


def _picked(facts: Facts) -> str:
    mine = {*facts.allergies, *facts.medicines, facts.reason, facts.insurance}
    said = {value: ways for known in _STOCKS.values() for value, ways in known.items()}
    own = [way for value in mine for way in said[value]]
    own += stock.NO_ALLERGIES if not facts.allergies else ()
    own += stock.NO_MEDICINES if not facts.medicines else ()
    others = [way for known in _STOCKS.values() for ways in known.values() for way in ways if way not in own]
    return _or_own(
        _one_of(sorted(own)), " | ".join(dict.fromkeys(others)), _ODDS_PICKED * len(own), len(others)
    )
