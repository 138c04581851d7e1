"""What the agent has to do with its next words, in order. `reasoner.whisper` turns them into words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from memory.types import Passage
from reasoner.types import NamePart, SlotName, Value


@dataclass(frozen=True, slots=True)
class Greet:
    kind: Literal["greet"] = "greet"


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """Something was taken in. `slots`: what was just heard, not read back here."""

    slots: tuple[SlotName, ...] = ()
    kind: Literal["acknowledge"] = "acknowledge"


@dataclass(frozen=True, slots=True)
class Echo:
    """Say these values in passing: they count unless the caller objects."""

    slots: tuple[SlotName, ...]
    kind: Literal["echo"] = "echo"


@dataclass(frozen=True, slots=True)
class Apologise:
    """Not understood, or wrong."""

    because: Literal["not_understood", "wrong"] = "not_understood"
    kind: Literal["apologise"] = "apologise"


@dataclass(frozen=True, slots=True)
class Ask:
    """`missing`: the part of a date that is still wanted, as `year`, `month` or `day`; all of it where there is none."""

    slot: SlotName
    again: int = 0  # 0 the first time
    missing: tuple[Literal["year", "month", "day"], ...] = ()
    kind: Literal["ask"] = "ask"


@dataclass(frozen=True, slots=True)
class AskSpelling:
    slot: SlotName
    again: int = 0
    part: NamePart = NamePart.WHOLE
    kind: Literal["ask_spelling"] = "ask_spelling"


@dataclass(frozen=True, slots=True)
class ReadBack:
    """Say the values and ask whether they are right.

    `spelled`: letter by letter. `recalled`: they are from an earlier call.
    """

    slots: tuple[SlotName, ...]
    spelled: bool = False
    recalled: bool = False
    kind: Literal["read_back"] = "read_back"


@dataclass(frozen=True, slots=True)
class AskWhich:
    """Something that was read back is wrong: ask what."""

    slots: tuple[SlotName, ...]
    kind: Literal["ask_which"] = "ask_which"


@dataclass(frozen=True, slots=True)
class Tell:
    """Answer from knowledge. No passages: say that it is not known here."""

    question: str
    passages: tuple[Passage, ...] = ()
    kind: Literal["tell"] = "tell"


@dataclass(frozen=True, slots=True)
class SayLine:
    """One of the flow's `lines`, by its name."""

    line: str
    kind: Literal["say_line"] = "say_line"


@dataclass(frozen=True, slots=True)
class Say:
    """Words of the script. `{slot}` in them stands for its value.

    Attributes:
        how: as in the flow: verbatim, paraphrase, hint.
        last: the call ends with them.
        values: of the slots in them, as they were when the words were chosen; a loop may forget them right after.
    """

    text: str
    how: Literal["verbatim", "paraphrase", "hint"] = "verbatim"
    must_finish: bool = False
    last: bool = False
    values: Mapping[SlotName, Value | None] = field(default_factory=dict)
    kind: Literal["say"] = "say"


@dataclass(frozen=True, slots=True)
class Correct:
    """Take back what the agent has just said."""

    kind: Literal["correct"] = "correct"


@dataclass(frozen=True, slots=True)
class Disclose:
    """Words that have to be spoken to their end, and proven to have been. `since`: from this sentence on."""

    name: str
    since: int = 0
    kind: Literal["disclose"] = "disclose"


@dataclass(frozen=True, slots=True)
class Dictated:
    """A supervisor's words, as they stand: nothing in them is filled in. They are spoken to their end."""

    text: str
    kind: Literal["dictated"] = "dictated"


Act = (
    Greet
    | Acknowledge
    | Echo
    | Apologise
    | Ask
    | AskSpelling
    | ReadBack
    | AskWhich
    | Tell
    | SayLine
    | Say
    | Correct
    | Disclose
    | Dictated
)
