"""What a caller can do next: say something, or wait."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from orchestrator.callers.facts import Field, Quirk


class Meaning(StrEnum):
    """What an utterance of the caller is meant as."""

    ANSWER = "answer"
    TWO_ANSWERS = "two_answers"
    SLIP = "slip"  # an answer that is wrong; the caller will notice
    YES = "yes"
    NO = "no"  # with the right value, because the agent had it wrong
    CORRECTION = "correction"  # of his own slip
    SPELLING = "spelling"
    QUESTION = "question"
    BACKCHANNEL = "backchannel"
    ASKS_TO_REPEAT = "asks_to_repeat"
    REPEATS = "repeats"
    PRESENCE = "presence"
    THANKS = "thanks"
    BYE = "bye"


class Ending(StrEnum):
    """Why the caller hung up."""

    GOODBYE = "goodbye"
    DESPAIR = "despair"
    NOBODY_THERE = "nobody_there"


@dataclass(frozen=True, slots=True)
class Say:
    """Words to say. `about`: the facts in them. `then`: hang up after them."""

    words: str
    meaning: Meaning
    about: tuple[Field, ...] = ()
    quirk: Quirk | None = None
    then: Ending | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to say: go on listening."""


Move = Say | Wait
