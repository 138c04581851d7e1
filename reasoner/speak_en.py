"""What the agent says in English: values, questions, and the lines that a flow does not give itself."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Literal

from flows.schema import Agent, Slot, SlotType
from reasoner.types import NamePart, Value

LINES: Mapping[str, str] = {
    "greeting": "Thank you for calling {company}. This is {name}, an automated assistant.",
    "wait": "Of course, take your time.",
    "still_there": "Are you still there?",
    "not_known": "I am sorry, I do not have that information.",
    "needed": "I am sorry, I cannot go on without it.",
    "handover": "I will connect you with a person now.",
    "cannot_finish": "I am sorry that we could not finish. Please call again. Goodbye.",
    "declined": "I understand. Without your agreement I cannot go on. Goodbye.",
    "cancelled": "All right, I will stop here. Goodbye.",
    "goodbye": "Thank you. That is everything. Goodbye.",
}

_THANKS = ("Thank you.", "Okay.", "Got it.", "Thanks.")
_NOT_UNDERSTOOD = ("Sorry, I did not catch that.", "I am sorry, I did not get that.")
_WRONG = ("Sorry about that.", "I am sorry.")
_BACK = ("Now, back to my question.", "Back to my question.")
_SPELL_HOW = "with a word for each letter, like K as in kilo."


def acknowledge(turn: int) -> str:
    return _THANKS[turn % len(_THANKS)]


def apologise(because: Literal["not_understood", "wrong"], turn: int) -> str:
    words = _WRONG if because == "wrong" else _NOT_UNDERSTOOD
    return words[turn % len(words)]


def back_to_question(turn: int) -> str:
    return _BACK[turn % len(_BACK)]


def ask_spelling(label: str, part: NamePart, again: int) -> str:
    what = {
        NamePart.FAMILY: "your last name",
        NamePart.GIVEN: "your first name",
        NamePart.WHOLE: _owned(label),
    }[part]
    return f"Please spell {what} once more, {_SPELL_HOW}" if again else f"Please spell {what}, {_SPELL_HOW}"


def read_back(values: Sequence[tuple[Slot, Value]], spelled: str) -> tuple[str, str]:
    said = [_sentence(slot, given) for slot, given in values]
    if spelled and said:
        said[0] = f"{said[0].removesuffix('.')}, spelled {spell(spelled)}."
    if len(said) == 1:
        return said[0], "Is that right?"
    return f"Let me read that back. {' '.join(said)}", "Is all of that right?"


def which(labels: Sequence[str]) -> str:
    if len(labels) > 3:
        return "Which of your details is not right?"
    return f"What is not right: {listed([_owned(label) for label in labels], 'or')}?"


def _sentence(slot: Slot, given: Value) -> str:
    """A value in a sentence of its own."""
    words = value(slot, given)
    if slot.type is SlotType.YES_NO:
        return _capital(words) + "."
    if slot.type is SlotType.LIST and not given:
        return f"I have noted {words}."
    verb = "are" if slot.type is SlotType.LIST and slot.label.endswith("s") else "is"
    return f"{_capital(_owned(slot.label))} {verb} {words}."


def _owned(label: str) -> str:
    """`your name`; but `reason for your visit` says already whose it is."""
    words = label.lower().split()
    if words[:1] in (["your"], ["the"]):
        return label
    return f"the {label}" if "your" in words else f"your {label}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


# --- values ----------------------------------------------------------------------------------------------------

_SMALL = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen
"""
_ONES = _SMALL.split()
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ORDINAL_ENDS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
_CALENDAR = "January February March April May June July August September October November December"
_MONTHS = _CALENDAR.split()
_ALPHABET = """
    alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november oscar papa quebec
    romeo sierra tango uniform victor whiskey x-ray yankee zulu
"""
_LETTER_WORDS = dict(zip("abcdefghijklmnopqrstuvwxyz", _ALPHABET.split(), strict=True))


def value(slot: Slot, given: Value) -> str:
    match given:
        case bool():
            yes, no = slot.yes or "yes", slot.no or "no"
            return yes if given else no
        case tuple():
            return listed(given, "and") if given else slot.none or "none"
        case _ if slot.type is SlotType.DATE:
            return day(given)
        case _ if slot.type is SlotType.PHONE:
            return digits(given)
        case _:
            return given


def listed(words: Sequence[str], joined: str) -> str:
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {joined} {words[-1]}"


def number(n: int) -> str:
    """0 to 99 in words."""
    if n < 20:
        return _ONES[n]
    return _TENS[n // 10] + (f" {_ONES[n % 10]}" if n % 10 else "")


def ordinal(n: int) -> str:
    """1 to 99: `first`, `twenty second`."""
    *tens, last = number(n).split()
    last = _ORDINAL_ENDS.get(last) or (last[:-1] + "ieth" if last.endswith("y") else last + "th")
    return " ".join([*tens, last])


def year(n: int) -> str:
    """As years are said: `nineteen eighty`, `two thousand five`, `nineteen oh five`, `twenty twelve`."""
    century, rest = divmod(n, 100)
    if century % 10 == 0 and rest < 10:
        return f"{_ONES[century // 10]} thousand" + (f" {_ONES[rest]}" if rest else "")
    if rest == 0:
        return f"{number(century)} hundred"
    return f"{number(century)} {'oh ' if rest < 10 else ''}{number(rest)}"


def day(iso: str) -> str:
    """`1980-03-03` → `March third, nineteen eighty`. What is no ISO date is said as it stands."""
    try:
        when = date.fromisoformat(iso)
    except ValueError:
        return iso
    return f"{_MONTHS[when.month - 1]} {ordinal(when.day)}, {year(when.year)}"


def digits(text: str) -> str:
    """Digit by digit, in groups that a listener can hold: `5551234567` → 3, 3 and 4."""
    said = [_ONES[int(ch)] if ch.isascii() and ch.isdigit() else ch for ch in text if not ch.isspace()]
    return ", ".join(" ".join(said[start:end]) for start, end in _groups(len(said)))


def _groups(count: int) -> list[tuple[int, int]]:
    """The last four together where that comes out even, threes before them, the odd ones first."""
    if count <= 4:
        return [(0, count)]
    ends = [count, count - 4]
    while ends[-1] > 0:
        ends.append(max(0, ends[-1] - 3))
    ends.reverse()
    return list(pairwise(ends))


def spell(letters: str) -> str:
    """`ko` → `K as in kilo, O as in oscar`."""
    said = []
    for letter in letters:
        if letter.isspace():
            said.append("new word")
        elif letter.lower() in _LETTER_WORDS:
            said.append(f"{letter.upper()} as in {_LETTER_WORDS[letter.lower()]}")
        else:
            said.append({"-": "hyphen", "'": "apostrophe"}.get(letter, letter.upper()))
    return ", ".join(said)


# --- the role prompt -------------------------------------------------------------------------------------------


def role(agent: Agent) -> str:
    article = "an" if re.match(r"[aeiou]", agent.business, re.IGNORECASE) else "a"
    return f"You work for {agent.company} which is {article} {agent.business} and your name is {agent.name}. Information:"


def about(about: str) -> str:
    return f"The call is about: {about}."


def agenda(labels: Sequence[str]) -> str:
    return f"You ask for {listed(labels, 'and')}."


def settled(slot: Slot, given: Value) -> str:
    return _fact(slot, given)


def unsettled(slot: Slot, given: Value) -> str:
    return f"{_fact(slot, given).removesuffix('.')}, not confirmed yet."


def _fact(slot: Slot, given: Value) -> str:
    words = value(slot, given)
    if slot.type is SlotType.YES_NO:
        return f"On {slot.label} the caller said {'yes' if given else 'no'}."
    if slot.type is SlotType.LIST and not given:
        return f"The caller has {words}."
    label = re.sub(r"\byour\b", "the", slot.label)
    verb = "are" if slot.type is SlotType.LIST and label.endswith("s") else "is"
    return f"The caller's {label} {verb} {words}."


def declined(label: str) -> str:
    return f"The caller gave no {re.sub(r'your', 'the', label)}."


def page(title: str, text: str) -> str:
    return f"{title}, {text}" if title else text


def answer_from_pages() -> str:
    return "Answer the caller's question from this information."


def say_now(words: str) -> str:
    return f"Now say: {words}"
