"""What callers say, what is known of it, and what the agent waits for.

Everything here is frozen. Times are seconds in the call's audio clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

SlotName = str
Scalar = str | bool | int | float
Value = Scalar | tuple[str, ...] | Mapping[str, Scalar | tuple[str, ...]]
"""A slot's value in its canonical form.

ISO dates, `HH:MM` times, digits only for phones, upper case without spaces for ids, lower case for e-mail, labels
for choices and lists, an int or a float for numbers and money, fields by name for records.
"""


# --- what was heard ----------------------------------------------------------------------------------------


class Channel(StrEnum):
    SPEECH = "speech"
    TEXT = "text"
    KEYPAD = "keypad"


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of what was said. `expected`: it fits the grammar of what was asked. Confidence is 0..1."""

    text: str
    confidence: float
    expected: bool = False


@dataclass(frozen=True, slots=True)
class Utterance:
    """What one party said in one turn, best reading first. No readings: speech nobody could make out."""

    readings: tuple[Reading, ...]
    start_s: float
    end_s: float
    channel: Channel = Channel.SPEECH

    @property
    def text(self) -> str:
        return self.readings[0].text if self.readings else ""


@dataclass(frozen=True, slots=True)
class Heard:
    """A value for a slot, found in an utterance."""

    slot: SlotName
    value: Value
    confidence: float
    words: str


class Answer(StrEnum):
    YES = "yes"
    NO = "no"


class Intent(StrEnum):
    HUMAN = "human"
    REPEAT = "repeat"
    WAIT = "wait"
    DONT_KNOW = "dont_know"
    REFUSE = "refuse"
    SKIP = "skip"
    CORRECT = "correct"
    CANCEL = "cancel"
    GOODBYE = "goodbye"
    BACKCHANNEL = "backchannel"
    QUESTION = "question"


@dataclass(frozen=True, slots=True)
class Understood:
    """What an utterance means. Validated facts only; the machine decides what follows from them.

    Attributes:
        values: slot values, several and in any order; never from a backchannel or a command.
        answer: a clear yes or no, None where there is none.
        casual: the answer is one that listeners also give in passing: "okay", "fine", "mm-hm".
        intents: what else the caller wants.
        topics: what the caller brings up of the flow's topics, by name.
        question: the words to look up, "" where nothing was asked.
        spelled: letters spelled out ("kowalski"), "" where none.
        rejected: slots whose current value the caller says is wrong, without a new one.
        begun: of what was asked, what was heard of a value that is not whole: figures of another length than it has,
            a date with question marks for what was not made out, `????-09-20`.
    """

    values: tuple[Heard, ...] = ()
    answer: Answer | None = None
    casual: bool = False
    intents: frozenset[Intent] = frozenset()
    topics: tuple[str, ...] = ()
    question: str = ""
    spelled: str = ""
    rejected: tuple[SlotName, ...] = ()
    begun: tuple[Heard, ...] = ()


# --- what is known of a slot -------------------------------------------------------------------------------


class SlotStatus(StrEnum):
    EMPTY = "empty"
    HEARD = "heard"  # a value, not yet accepted by the caller
    CONFIRMED = "confirmed"
    DECLINED = "declined"  # the caller has none, or will not say, where the flow allows it


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a value came from, and where the caller accepted it."""

    words: str
    start_s: float
    end_s: float
    accepted_words: str = ""
    accepted_s: float | None = None


class NamePart(StrEnum):
    """Which part of a person's name is to be spelled. The given name comes first in the value, if it has two."""

    WHOLE = "whole"
    GIVEN = "given"
    FAMILY = "family"


@dataclass(frozen=True, slots=True)
class SlotState:
    status: SlotStatus = SlotStatus.EMPTY
    value: Value | None = None
    confidence: float = 0.0
    evidence: Evidence | None = None
    asked: int = 0  # times it was asked for
    denied: tuple[Value, ...] = ()  # values that the caller said are wrong
    insisted: Value | None = None  # one of them, said again since
    spelled: str = ""  # letters of the part of a name that the caller spelled last
    doubted: bool = False  # read back on its own and at once, whatever the policy
    begun: tuple[str, ...] = ()  # hearings that were not whole, the last one last
    was: Value | None = (
        None  # what it was settled to before the caller took it back, until that has had its effect
    )
    recalled: bool = False  # remembered from an earlier call; the caller has not said it in this one


class Waiting(StrEnum):
    """What the agent waits for."""

    NOTHING = "nothing"
    ANSWER = "answer"  # to a question for `slots[0]`
    SPELLING = "spelling"  # of `slots[0]`
    CONFIRMATION = "confirmation"  # of `slots`, which were read back
    WHICH = "which"  # which of `slots`, all read back, is wrong
    ACTION = "action"  # for another system


@dataclass(frozen=True, slots=True)
class Pending:
    waiting: Waiting = Waiting.NOTHING
    slots: tuple[SlotName, ...] = ()
    part: NamePart = NamePart.WHOLE  # what is to be spelled, while SPELLING


# --- what the agent was heard to say -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Spoken:
    """Words of the agent that were played to the caller, and when."""

    text: str
    start_s: float
    end_s: float


class Strays(StrEnum):
    """What following the agent's own words has found. The first two are as it should be."""

    DISCLOSED = "disclosed"
    CORRECTED = "corrected"
    NOT_ASKED = "not_asked"
    NOT_SAID = "not_said"
    NOT_DISCLOSED = "not_disclosed"
    CLAIMED = "claimed"  # what must never be said
    UNSUPPORTED = "unsupported"  # a fact that nothing supports
    GREETED_AGAIN = "greeted_again"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something found in the agent's words, with its evidence.

    Attributes:
        about: the slot, disclosure, kind of act or claim that it is about.
        text: the words, as they were spoken.
        confidence: 0..1; 1 where only the model's own text was read.
        heard: a recogniser on the agent's own voice was asked too.
    """

    kind: Strays
    about: str
    text: str
    start_s: float
    end_s: float
    revision: int
    confidence: float = 1.0
    heard: bool = False


# --- what the thinking hands out ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WhisperLine:
    """Words to be spoken. `exact`: as they stand, also by a voice that phrases its own words."""

    text: str
    interruptible: bool = True
    exact: bool = False


class PromptShape(StrEnum):
    """How a prompt is laid out for the model that reads it."""

    ROLE = "role"  # one paragraph, as PersonaPlex was trained: `You work for ... Information: fact. fact.`
    INSTRUCTIONS = (
        "instructions"  # a fact a line, and what to do next at the end, as chat models are instructed
    )


@dataclass(frozen=True, slots=True)
class Whisper:
    """The next role prompt for a model, and the same as plain words for a voice that speaks lines.

    `text` is in the shape that the model reads and within the token budget; `left_out` says what did
    not fit.
    """

    text: str
    reply: tuple[WhisperLine, ...]
    revision: int
    expires_s: float | None = None
    left_out: tuple[str, ...] = ()
