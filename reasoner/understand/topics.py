"""What a caller brings up of the flow's topics, in the flow's words or in other ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flows.schema import Flow
from flows.slot import SlotType
from reasoner.types import Heard, Intent, SlotName, Waiting
from reasoner.understand.choices import is_near
from reasoner.understand.kept import PerFlow
from reasoner.understand.language import language_for
from reasoner.understand.pieces import Kind
from reasoner.understand.said import Said

_OF_OWN_WORDS = 2
_BESIDE_AN_ANSWER = 3
_MOST_CHARACTERS = 400  # of an utterance that is searched for a topic's words


def topics_in(said: Said, values: Mapping[SlotName, Heard], commands: frozenset[Intent]) -> tuple[str, ...]:
    """The topics by name. An utterance that is simply an answer to what is pending, or a command, brings nothing up."""
    simply = any(name in values for name in said.asked) and not said.unread and not said.of(Kind.TOPIC)
    if not said.expected.flow.topics or not len(said.words) or simply or commands:
        return ()
    exact = {piece.value: len(piece) for piece in said.of(Kind.TOPIC)}
    text = said.words.text()[:_MOST_CHARACTERS]
    words = said.expected.language.keywords(text)
    best = exact or _in_other_words(said.expected.flow, words)
    most = max(best.values(), default=0)
    whole = len(said.words) if exact else len(words)
    if not most or most * _share_of(said, values) < whole:
        return ()
    return tuple(name for name, count in best.items() if count == most)


def is_of(said: Said, topics: Sequence[str], question: str) -> bool:
    """Whether what is asked is what a topic is about, so that nothing is to be looked up."""
    if not question or not topics:
        return False
    words = said.expected.language.keywords(question)
    return any(
        name in topics and not wanted.isdisjoint(words) for name, wanted in _wanted(said.expected.flow, None)
    )


def _share_of(said: Said, values: Mapping[SlotName, Heard]) -> int:
    """A topic has to be one word in so many: in a caller's own words, or beside an answer, it may be named in passing."""
    if said.waiting is not Waiting.ANSWER:
        return len(said.words)
    slots = [said.expected.flow.slots[name] for name in said.asked]
    if any(slot.type is SlotType.TEXT for slot in slots):
        return _OF_OWN_WORDS
    return _BESIDE_AN_ANSWER if any(name in values for name in said.asked) else len(said.words)


def _in_other_words(flow: Flow, words: frozenset[str]) -> dict[str, int]:
    """The topics of which all words that matter were said, and how many these are."""
    found: dict[str, int] = {}
    for name, wanted in _wanted(flow, None):
        if wanted <= words or all(word in words or is_near(word, words) for word in wanted):
            found[name] = max(found.get(name, 0), len(wanted))
    return found


def _words_of(flow: Flow, _: None) -> tuple[tuple[str, frozenset[str]], ...]:
    keywords = language_for(flow.language).keywords
    pairs = ((name, keywords(says)) for name, topic in flow.topics.items() for says in topic.says)
    return tuple((name, wanted) for name, wanted in pairs if wanted)


_wanted: PerFlow[None, tuple[tuple[str, frozenset[str]], ...]] = PerFlow(_words_of)
