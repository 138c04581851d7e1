"""What a receptionist may say, as grammars for a recogniser: talk around one kind of value.

A grammar here is a loop of phrases, so that no exact wording is needed, with the value that is listened for in
its midst. Single words that sound like digits ("for", "to", "or") are only in phrases, never by themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from orchestrator.callers import spoken_en as spoken
from orchestrator.callers import stock_en as stock
from orchestrator.callers.facts import Facts, Field


@dataclass(frozen=True, slots=True)
class Grammar:
    """JSGF with one public rule. `sounds`: words that a dictionary may lack, ARPAbet or "" to be worked out."""

    name: str
    text: str
    sounds: Mapping[str, str] = field(default_factory=dict)


_TALK = """
date of birth|of birth|were you born|you were born|born on|your birthday|the month|the day and the year|the year
phone number|your phone number|number|telephone|the ten digits|one by one|can we reach you at|reach you|call you
first and last name|last name|your last name|first name|full name|your name|name|surname|spell|could you spell
please spell|spell it|letter by letter|with words like
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
could you repeat that|can you repeat|please repeat|say that again|once more|please say|please name|tell me|say none
are you still there|are you there|hello|which of these is wrong|which of them|which one|what is wrong|is wrong
is not right|what should i change|should i change|anything else|can i help you|i cannot|without your consent
what is|what|when|which|how|where|who|may i have|may i|may we|could you|can you|would you|please|thank you|thanks
thank you for calling|calling|this is|an automated assistant|automated|assistant|i will take|a few details|details
family clinic|clinic|okay|all right|alright|great|got it|good|now|then|next|and|the|a|your|you|we|is|are|was|it
with|of|at|in|by|be|our|me|my|them|if|none|no|yes|not|have|will|again
"""
_FACTS_TALK = """
open|closed|monday|friday|saturday|sunday|from|until|in the morning|in the evening|parking|free|patients|garage
street|ticket|bring|insurance card|photo identification|a list|a first visit|costs|hundred|dollars|copay
minutes|before|appointment|the corner|road|bus line|stops|front|address|library|across from|doctor|wheelchair
"""


_AROUND = """
thank you|thanks|sorry|sorry about that|i am sorry|i have|i've got|i heard|that is|so that is|so|let me check|okay|all right
great|got it|you said|now i have|and|your phone number|phone number|the number|the last four digits|is
is that right|is this right|is that correct|is this correct|did i get that right|right|correct|please say yes or no
"""


def phrases(table: str) -> tuple[str, ...]:
    return tuple(phrase for line in table.split("\n") for phrase in line.split("|") if phrase)


TALK = phrases(_TALK)
AROUND = phrases(_AROUND)


def _one_of(items: Iterable[str]) -> str:
    return "(" + " | ".join(dict.fromkeys(items)) + ")"


def _grammar(name: str, value: str, rules: str = "", sounds: Mapping[str, str] | None = None, *, talk: tuple[str,...]=TALK) -> Grammar:
    text = f"""#JSGF V1.0;
grammar {name};
<talk> = {_one_of(talk)};
{rules}
public <heard> = <talk>* {value} <talk>*;
"""
    return Grammar(name, text, dict(sounds or {}))


@cache
def questions() -> Grammar:
    """Talk alone: for what was asked."""
    talk = (*TALK, *phrases(_FACTS_TALK))
    text = f"#JSGF V1.0;\ngrammar questions;\npublic <heard> = {_one_of(talk)}+;\n"
    return Grammar("questions", text)


def dates(own: date, belief: float = 0.9) -> Grammar:
    rules = f"""<month> = {_one_of(spoken.MONTHS)};
<day> = {_one_of(spoken.ORDINALS)};
<year> = {_one_of(spoken.YEARS)};
<any> = <month> [the] <day> [of] [<year>] | [the] <day> [of <month>] [<year>] | <month> [of] <year> | <year>;
<own> = {_one_of(plain(spoken.say_date(own, day_first=first)) for first in (False, True))};
<date> = /{belief}/ <own> | /{1 - belief:.6g}/ <any>;"""
    return _grammar(f"date_{own:%Y%m%d}", "<date>", rules, talk=AROUND)


def plain(said: str) -> str:
    return " ".join(spoken.plain_words(said))


def digits(own: str, belief: float = 0.9) -> Grammar:
    """A phone number. It has ten digits, or it is a part of one: free to add digits, a recogniser makes up more."""
    ten = " ".join(["<digit>"] * 10)
    parts = " | ".join(" ".join(["<digit>"] * size) for size in (3, 4, 7))
    rules = f"""<digit> = {_one_of((*spoken.DIGITS, 'oh'))};
<own> = {plain(spoken.say_digits(own))};
<phone> = /{belief}/ <own> | /{1 - belief:.6g}/ {ten} | /{(1 - belief) / 1000:.6g}/ ({parts});"""
    return _grammar(f"digits_{own}", "<phone>", rules, talk=AROUND)


def names(facts: Facts, belief: float = 0.9) -> Grammar:
    """A first and a last name, or one of them: the caller's own, and whatever it could be mistaken for."""
    first = (facts.first_name, *stock.FIRST_NAMES, *stock.OTHER_FIRST_NAMES)
    last = (facts.last_name, *stock.LAST_NAMES, *stock.OTHER_LAST_NAMES)
    rules = f"""<first> = {_one_of(first)};
<last> = {_one_of(last)};
<own> = {facts.first_name} {facts.last_name};
<name> = /{belief}/ <own> | /{1 - belief:.6g}/ (<first> [<last>] | <last>);"""
    own = {facts.first_name: "", facts.last_name: ""}
    name = f"names_{facts.first_name}_{facts.last_name}"
    return _grammar(name, "<name>", rules, own, talk=AROUND)


def letters(own: str, belief: float = 0.9) -> Grammar:
    pairs = [
        f"{letter}. as in {_one_of(words)}" for letter, words in spoken.CODE_WORDS.items()
    ]  # the dot: the letter's name, not the article
    mine = " ".join(f"{letter}. as in {_one_of(spoken.CODE_WORDS[letter])}" for letter in own)
    bare = " ".join(f"{letter}." for letter in own)
    rules = f"""<letter> = {_one_of(pairs)};
<bare> = {_one_of(f'{letter}.' for letter in spoken.CODE_WORDS)};
<name> = /{belief}/ {mine} | /{1 - belief:.6g}/ <letter>+ | /{belief}/ {bare} | /{1 - belief:.6g}/ <bare>+;"""
    return _grammar(f"letters_{own}", "<name>", rules, talk=AROUND)


_STOCKS: Mapping[Field, stock.Stock] = {
    Field.REASON: stock.REASONS,
    Field.ALLERGIES: {**stock.ALLERGIES, "none": stock.NO_ALLERGIES},
    Field.MEDICINES: {**stock.MEDICINES, "none": stock.NO_MEDICINES},
    Field.INSURANCE: stock.INSURANCES,
}


@cache
def values() -> Grammar:
    """Whatever can be picked from a list: reasons, allergies, medicines, insurances, in any number and order."""
    said = [way for known in _STOCKS.values() for ways in known.values() for way in ways]
    return _grammar("values", "(<value> | <talk>)*", f"<value> = {_one_of(said)};", stock.SOUNDS)
