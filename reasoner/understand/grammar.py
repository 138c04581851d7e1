"""Grammars for a recogniser, written from the same forms that the parsers read.

JSGF (https://www.w3.org/TR/jsgf/) with one public rule. A recogniser expands a rule anew wherever it is used and
ties each of its ends to all that may follow, so what is large, such as the names, is used once and little follows. An utterance may be empty: what is neither speech nor expected
then has somewhere to go, and comes out as nothing instead of as an answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2s

from flows.schema import Flow
from flows.slot import SlotType
from reasoner.types import SlotName, Waiting
from reasoner.understand.entries import brought_up, topic_phrases
from reasoner.understand.expectation import Expectation
from reasoner.understand.forms import Rules
from reasoner.understand.language import takes_yes_or_no
from reasoner.understand.words import words_of

_NO_WORD = re.compile(r"<\w+>|/[\d.]+/|[()\[\]|;=*+]")


@dataclass(frozen=True, slots=True)
class Grammar:
    """`name` stands for this text and no other; `sounds` are its words that a dictionary may lack."""

    name: str
    text: str
    sounds: Mapping[str, str]


def grammar_of(expected: Expectation) -> Grammar:
    """What may be said while something is pending."""
    rules = Rules()
    said = _utterance(expected, rules)
    lines = [f"<{name}> = {expansion};" for name, expansion in rules.texts.items()]
    body = "\n".join((*lines, f"public <said> = {said};"))
    digest = blake2s(body.encode(), digest_size=6).hexdigest()
    pending = expected.pending
    name = "_".join((expected.flow.flow, pending.waiting, *pending.slots))[:80] + f"_{digest}"
    text = f"#JSGF V1.0;\ngrammar g{digest};\n{body}\n"
    return Grammar(name, text, _sounds(expected, body))


def _utterance(expected: Expectation, rules: Rules) -> str:
    language, pending = expected.language, expected.pending
    command = _either(language.commands.jsgf(rules), _topics(expected, rules))
    small = language.backchannels.jsgf(rules)
    correction = language.corrections.jsgf(rules)
    also, joiner = _also(expected, rules), language.joiners.jsgf(rules)
    match pending.waiting:
        case Waiting.SPELLING:
            return _either(command, small, _in_order(_perhaps(correction), language.spelling.jsgf(rules)))
        case Waiting.CONFIRMATION | Waiting.WHICH:
            leads = _perhaps(_either(language.answers.jsgf(rules), correction))
            told = _led_by(joiner, _either(_amended(expected, rules), also))
            return _either(command, small, _in_order(leads, told))
        case Waiting.ANSWER | Waiting.NOTHING | Waiting.ACTION:
            leads = _perhaps(_either(language.openings.jsgf(rules), correction))
            answers = _perhaps(_either(*(_answer(expected, name, rules) for name in pending.slots)))
            return _either(command, small, _in_order(leads, answers, _led_by(joiner, also)))


def _topics(expected: Expectation, rules: Rules) -> str:
    """What the flow has callers bring up at any time."""
    return rules.use("topic", topic_phrases(expected.flow).jsgf(rules)) if expected.flow.topics else ""


def _answer(expected: Expectation, name: SlotName, rules: Rules) -> str:
    slot, form = expected.flow.slots[name], expected.forms[name]
    parts = [form.answer.jsgf(rules)] if form.answer is not None else []
    if slot.no_preference:
        parts.append(expected.language.indifferent.jsgf(rules))
    if slot.type is SlotType.LIST or takes_yes_or_no(slot):
        parts.append(expected.language.answers.jsgf(rules))
    return _either(*parts)


def _amended(expected: Expectation, rules: Rules) -> str:
    """The right value of what was read back, or what of it is wrong."""
    language = expected.language
    which = expected.pending.waiting is Waiting.WHICH
    parts: list[str] = []
    named: list[str] = []
    types = [expected.flow.slots[name].type for name in expected.pending.slots]
    for name in expected.pending.slots:
        form = expected.forms[name]
        only_list = types.count(SlotType.LIST) == 1 and expected.flow.slots[name].type is SlotType.LIST
        right = form.answer if only_list else form.amendment
        if right is not None:
            parts.append(right.jsgf(rules))
        named.append(form.name.jsgf(rules))
    wrong = language.wrong.jsgf(rules)
    naming = language.naming.jsgf(rules)
    parts.append(_in_order(_perhaps(naming), _either(*named), _perhaps(wrong) if which else wrong))
    return _either(*parts)


def _also(expected: Expectation, rules: Rules) -> str:
    """What is said of one's own accord, of another slot."""
    names = (name for name in brought_up(expected.flow) if name not in expected.pending.slots)
    others = (expected.forms[name] for name in names)
    return _either(*(form.carried.jsgf(rules) for form in others if form.carried is not None))


def _either(*options: str) -> str:
    given = list(dict.fromkeys(option for option in options if option))
    return f"({' | '.join(given)})" if len(given) > 1 else "".join(given)


def _in_order(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _led_by(joiner: str, text: str) -> str:
    return f"[[{joiner}] {text}]" if text else ""


def _perhaps(text: str) -> str:
    return f"[{text}]" if text else ""


# --- sounds ------------------------------------------------------------------------------------------------


def _sounds(expected: Expectation, body: str) -> dict[str, str]:
    """How to say the words that a dictionary may lack; "" for words of the flow, which may be anything."""
    words = _words_in(body)
    known = expected.language.sounds
    sounds = {word: known[word] for word in known if word.partition("(")[0] in words}
    foreign = {word for phrase in _phrases_of(expected.flow) for word in words_of(phrase).folded}
    return sounds | {word: "" for word in foreign & words if word not in known}


def _words_in(body: str) -> set[str]:
    return set(_NO_WORD.sub(" ", body).split())


def _phrases_of(flow: Flow) -> Iterable[str]:
    for slot in flow.slots.values():
        yield from (slot.label, slot.none, *slot.known)
        for value, others in slot.values.items():
            yield from (value, *others)
