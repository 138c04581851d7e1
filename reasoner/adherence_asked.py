"""Whether the agent put a question, or greeted, in whatever words. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from flows.schema import Flow
from flows.slot import SlotType
from reasoner.adherence_words import MEANT, meant
from reasoner.quote import sentences
from reasoner.terms import base_language, terms
from reasoner.understand.words import words_of

_MARKED = re.compile(r"[.?!]")
_AS_WRITTEN = 0.8
_NONE: frozenset[str] = frozenset()


def questions(text: str, language: str) -> list[str]:
    """The sentences of a text that ask for something. A recogniser writes no question marks, and one long sentence."""
    asks, leads = _words("ASKS", language), _words("LEADS", language)
    marked, found = bool(_MARKED.search(text)), []
    for sentence in sentences(text):
        clauses = _from_its_ask(sentence, asks, leads if marked else None)
        if sentence.rstrip().endswith("?"):
            found.append(sentence)
        elif clauses:
            found.append(clauses)
    return found


def _from_its_ask(sentence: str, asks: frozenset[str], leads: frozenset[str] | None) -> str:
    """The sentence from its first asking word on, "" where it has none.

    `leads`: words that may come before it; None for any, where sentences run into each other.
    """
    words = words_of(sentence)
    for at, word in enumerate(words.folded):
        if word in asks:
            return words.as_written(at)
        if leads is not None and word not in leads:
            return ""
    return ""


def is_asked(flow: Flow, slot: str, wanted: str, text: str) -> bool:
    """Whether `slot` was asked for.

    Args:
        wanted: the question as the flow puts it just now.
        text: all that was said.
    """
    language, asked = flow.language, questions(text, flow.language)
    if slot not in flow.slots:
        return bool(asked)
    wordings = (wanted, *questions(wanted, language)[-1:])  # a question may come behind what it is about
    if any(meant(question, one, language) >= MEANT for question in asked for one in wordings):
        return True
    # "And your number" is a question, as an ear writes it; "it is on the front" is one where the flow asks with that.
    as_it_is = not _MARKED.search(text) or not questions(wanted, language)
    if as_it_is and meant(text, wanted, language) >= _AS_WRITTEN:
        return True
    best, share = "", 0.0
    for name, one in flow.slots.items():
        ways = (one.label, one.ask, *one.again)
        if not one.asked_for or not any(ways):
            continue
        of = (
            max(meant(question, way, language) for question in asked for way in ways if way) if asked else 0.0
        )
        if of > share or (of == share and name == slot):
            best, share = name, of
    if best == slot and share >= MEANT:
        return True
    return share < MEANT and any(_has_cue(flow, slot, question) for question in asked)


def _has_cue(flow: Flow, slot: str, question: str) -> bool:
    """Whether a question asks for such a value, where the words of no slot tell which."""
    cues = _cues(flow.language).get(flow.slots[slot].type, _NONE)
    return bool(cues & frozenset(words_of(question).folded))


def is_confirmed(text: str, language: str) -> bool:
    """Whether it was asked if something is right."""
    confirms = _words("CONFIRMS", language)
    asked = questions(text, language)
    if not confirms:
        return bool(asked)
    return any(confirms & frozenset(words_of(question).folded) for question in asked)


def is_which_asked(text: str, language: str) -> bool:
    """Whether it was asked what is wrong."""
    wrong, asked = _words("WRONG", language), questions(text, language)
    return any(not wrong or wrong & frozenset(words_of(question).folded) for question in asked)


def is_spelling_asked(wanted: str, text: str, language: str) -> bool:
    spells = _words("SPELLS", language)
    if spells:
        return bool(spells & frozenset(words_of(text).folded))
    return bool(set(terms(wanted, language)) & set(terms(text, language)))


def greeting_in(flow: Flow, text: str) -> str:
    """The words at the beginning of a text that greet, "" where none do."""
    if base_language(flow.language) == "en":
        from reasoner.adherence_en import greets

        return greets(text)
    first = next(iter(sentences(text)), "")
    own = flow.lines.greeting
    return first if own and meant(first, own, flow.language) >= MEANT else ""


def _words(name: str, language: str) -> frozenset[str]:
    if base_language(language) != "en":
        return _NONE
    from reasoner import adherence_en

    words: frozenset[str] = getattr(adherence_en, name)
    return words


def _cues(language: str) -> Mapping[SlotType, frozenset[str]]:
    if base_language(language) != "en":
        return {}
    from reasoner.adherence_en import CUES

    return CUES
