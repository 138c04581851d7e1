"""What an utterance is cut into."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from reasoner.types import SlotName


class Kind(StrEnum):
    VALUE = "value"  # of `slot`, as far as it was said
    WISHED = "wished"  # what a yes or no question is about is named
    LEAD = "lead"  # the words before a thing's name; never a piece, for the name goes with them
    CARRIER = "carrier"  # the words before a value of `slot` that has not come
    AGAINST = "against"  # a value of `slot` that is denied
    WRONG = "wrong"  # `slot` is named and said to be wrong
    NAMED = "named"  # `slot` is named
    ANSWER = "answer"
    NEITHER = "neither"
    COMMAND = "command"
    CORRECTION = "correction"
    BACKCHANNEL = "backchannel"
    OPENING = "opening"
    JOINER = "joiner"
    QUESTION = "question"  # its value: where the words to look up begin
    TOPIC = "topic"  # of the flow; its value: the name
    UNREAD = "unread"


PASSING = frozenset({Kind.BACKCHANNEL, Kind.OPENING, Kind.JOINER, Kind.CORRECTION})
"""What may stand before anything without changing it."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Words `start` to `end`, and what they are. `own`: a value with a carrier phrase of its own slot."""

    kind: Kind
    start: int
    end: int
    slot: SlotName = ""
    value: Any = None
    own: bool = False

    def __len__(self) -> int:
        return self.end - self.start
