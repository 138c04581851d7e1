"""What the agent says in English: values, questions, and the lines that a flow does not give itself."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

from flows.schema import Agent
from flows.slot import Slot, SlotType
from reasoner.types import NamePart, Value
from reasoner.understand.names_en import first_names, tells_apart
from reasoner.understand.words import fold
from reasoner.values_en import listed, spell
from reasoner.values_en import value as value

LINES: Mapping[str, str] = {
    "greeting": "Thank you for calling {company}. This is {name}, an automated assistant.",
    "wait": "Of course, take your time.",
    "busy": "One moment, please.",
    "still_there": "Are you still there?",
    "cut_off": "I am sorry, we were cut off.",
    "not_known": "I am sorry, I do not have that information.",
    "needed": "I am sorry, I cannot go on without it.",
    "not_allowed": "I can tell you that once I know who you are.",
    "not_verified": "I am sorry, that does not match what I have.",
    "invalid": "I am sorry, that is not possible.",
    "locked_out": "I am sorry, I could not verify who you are. Goodbye.",
    "too_late": "I am sorry, that can no longer be changed here.",
    "trouble": "I am sorry, something went wrong on our side.",
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
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_TEENS_AND_TENS = {n: n % 10 * 10 for n in range(13, 20)} | {n % 10 * 10: n for n in range(13, 20)}
"""`thirteen` and `thirty`, `thirteenth` and `thirtieth`."""
_FIRST_NAMES = frozenset(map(fold, first_names()))
_SPELL_HOW = "with a word for each letter, like K as in kilo."


def acknowledge(turn: int) -> str:
    return _THANKS[turn % len(_THANKS)]


def echo(values: Sequence[tuple[Slot, Value]]) -> str:
    said = [value(slot, given) for slot, given in values]
    return f"{_capital(listed(said, 'and'))}, all right." if said else ""


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


def ask_missing(label: str, missing: Sequence[str]) -> str:
    return f"And which {' and which '.join(missing)}, for {_owned(label)}?"


def ask_plainly(slot: Slot) -> str:
    one = "letter by letter and digit by digit" if slot.type is SlotType.ID else "digit by digit"
    return f"Could you say {_owned(slot.label)} {one}?"


def read_back(values: Sequence[tuple[Slot, Value]], spelled: str) -> tuple[str, str]:
    said = [_sentence(slot, given) for slot, given in values]
    letters = [
        _spell_back(spelled) if spelled and not at else _telling(*value) for at, value in enumerate(values)
    ]
    said = [
        f"{words.removesuffix('.')}, {more}." if more else words
        for words, more in zip(said, letters, strict=True)
    ]
    if len(said) == 1:
        return said[0], "Is that right?"
    return f"Let me read that back. {' '.join(said)}", "Is all of that right?"


def _spell_back(letters: str) -> str:
    """A first name that everybody knows is not spelled with the last one: nobody follows twenty letters."""
    first, _, last = letters.rpartition(" ")
    return f"spelled {spell(last if fold(first) in _FIRST_NAMES else letters)}"


def _telling(slot: Slot, given: Value) -> str:
    """With which letter a name is written that sounds like another one."""
    letter = tells_apart(str(given).split()[-1]) if slot.type is SlotType.PERSON_NAME and given else ""
    return f"with {spell(letter)}" if letter else ""


def sounds_like(slot: Slot, given: Value) -> Value | None:
    if slot.type is SlotType.NUMBER and isinstance(given, int) and not isinstance(given, bool):
        return _TEENS_AND_TENS.get(given)
    if slot.type is not SlotType.DATE or not _DAY.fullmatch(str(given)):
        return None
    year_month, day = str(given)[:8], int(str(given)[8:])
    other = f"{year_month}{_TEENS_AND_TENS.get(day, 0):02}"
    try:
        date.fromisoformat(other)
    except ValueError:
        return None  # no other day sounds like it, or the month has none such
    return other


def from_earlier() -> str:
    return "I have this from last time."


def which(labels: Sequence[str]) -> str:
    if len(labels) > 3:
        return "Which of your details is not right?"
    return f"What is not right: {listed([_owned(label) for label in labels], 'or')}?"


def _sentence(slot: Slot, given: Value) -> str:
    """A value in a sentence of its own."""
    words = value(slot, given)
    if slot.type is SlotType.YES_NO and not (slot.yes if given else slot.no):
        return f"To {slot.label}, you said {words}."
    if slot.type is SlotType.YES_NO:
        return _capital(words) + "."
    if slot.type is SlotType.LIST and not given:
        return f"I have noted {words}."
    if slot.no_preference and given == slot.no_preference:
        return f"You have no preference for {_owned(slot.label)}."
    if slot.type is SlotType.NUMBER and slot.unit in slot.label.lower().split():
        return f"{_capital(words)}."  # "Your devices is fifteen devices" says it twice
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


def recalled(slot: Slot, given: Value) -> str:
    return f"{_fact(slot, given).removesuffix('.')}, from an earlier call, not confirmed yet."


def earlier(text: str) -> str:
    return f"Known from earlier calls, {text.rstrip('.')}."


def declined(label: str) -> str:
    return f"The caller gave no {re.sub(r'your', 'the', label)}."


def page(title: str, text: str) -> str:
    return f"{title}, {text}" if title else text


def guidance(note: str) -> str:
    return f"Bear in mind, and do not say: {note.rstrip('.')}."


def answer_from_pages() -> str:
    return "Answer the caller's question from this information."


def never(claims: Sequence[str]) -> str:
    return f"Never say: {', '.join(claims)}."


def greeted() -> str:
    return "The caller was greeted already."


def say_only(words: str, *, exact: bool) -> str:
    return f"Now say exactly this and nothing else: {words}" if exact else f"Now say only this: {words}"


def correct() -> str:
    return "Let me correct that. What I just said was not right."


def say_now(words: str) -> str:
    return f"Now say: {words}"
