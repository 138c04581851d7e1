"""The goal state of a call, what can happen to it, and what is wanted of the world then.

Events and effects are closed unions. Everything here is frozen and turns into JSON and back with `dump_state`
and `load_state`. Times are seconds in the call's audio clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from memory.types import Passage

SlotName = str
Value = str | bool | tuple[str, ...]
"""A slot's value in its canonical form: ISO dates, digits only for phones, labels for choices and lists."""


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
        intents: what else the caller wants.
        question: the words to look up, "" where nothing was asked.
        spelled: letters spelled out ("kowalski"), "" where none.
        rejected: slots whose current value the caller says is wrong, without a new one.
    """

    values: tuple[Heard, ...] = ()
    answer: Answer | None = None
    intents: frozenset[Intent] = frozenset()
    question: str = ""
    spelled: str = ""
    rejected: tuple[SlotName, ...] = ()


# --- the state ---------------------------------------------------------------------------------------------


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
    spelled: str = ""  # letters of the part of a name that the caller spelled last
    doubted: bool = False  # read back on its own and at once, whatever the policy


class Waiting(StrEnum):
    """What the agent waits for."""

    NOTHING = "nothing"
    ANSWER = "answer"  # to a question for `slots[0]`
    SPELLING = "spelling"  # of `slots[0]`
    CONFIRMATION = "confirmation"  # of `slots`, which were read back
    WHICH = "which"  # which of `slots`, all read back, is wrong


@dataclass(frozen=True, slots=True)
class Pending:
    waiting: Waiting = Waiting.NOTHING
    slots: tuple[SlotName, ...] = ()
    part: NamePart = NamePart.WHOLE  # what is to be spelled, while SPELLING


# What the agent has to do with its next words, in order. `reasoner.whisper` turns them into words.


@dataclass(frozen=True, slots=True)
class Greet:
    kind: Literal["greet"] = "greet"


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """Something was taken in. `slots`: what was just heard, not read back here."""

    slots: tuple[SlotName, ...] = ()
    kind: Literal["acknowledge"] = "acknowledge"


@dataclass(frozen=True, slots=True)
class Apologise:
    """Not understood, or wrong."""

    because: Literal["not_understood", "wrong"] = "not_understood"
    kind: Literal["apologise"] = "apologise"


@dataclass(frozen=True, slots=True)
class Ask:
    slot: SlotName
    again: int = 0  # 0 the first time
    kind: Literal["ask"] = "ask"


@dataclass(frozen=True, slots=True)
class AskSpelling:
    slot: SlotName
    again: int = 0
    part: NamePart = NamePart.WHOLE
    kind: Literal["ask_spelling"] = "ask_spelling"


@dataclass(frozen=True, slots=True)
class ReadBack:
    """Say the values and ask whether they are right. `spelled`: letter by letter."""

    slots: tuple[SlotName, ...]
    spelled: bool = False
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
    """A line of the flow, by its name: `wait`, `still_there`, `needed`, `handover`, `cannot_finish`, `declined`,
    `cancelled` or `goodbye`."""

    line: str
    kind: Literal["say_line"] = "say_line"


Act = Greet | Acknowledge | Apologise | Ask | AskSpelling | ReadBack | AskWhich | Tell | SayLine


class Outcome(StrEnum):
    COMPLETE = "complete"
    HANDED_OVER = "handed_over"
    CANCELLED = "cancelled"
    HUNG_UP = "hung_up"
    GAVE_UP = "gave_up"


@dataclass(frozen=True, slots=True)
class GoalState:
    """What is established so far. Only `machine.advance` makes a new one; each has a higher revision.

    Attributes:
        acts: what the agent has to say; they belong to the reply of `acts_revision`.
        cut: the caller did not hear all that the last reply had to read back, so a yes accepts nothing.
        open_question: what the caller asked in the last turn, until its PassagesFound.
        held: the caller asked for a moment; silence is tolerated.
    """

    call: str
    flow: str
    flow_hash: str
    revision: int = 0
    at_s: float = 0.0
    slots: Mapping[SlotName, SlotState] = field(default_factory=dict)
    pending: Pending = Pending()
    acts: tuple[Annotated[Act, Field(discriminator="kind")], ...] = ()
    acts_revision: int = 0
    cut: bool = False
    open_question: str = ""
    held: bool = False
    turns: int = 0
    misunderstood: int = 0  # in a row
    silences: int = 0  # in a row
    questions: tuple[str, ...] = ()  # asked by the caller so far
    outcome: Outcome | None = None


# --- events: the only way in -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CallStarted:
    at_s: float = 0.0
    kind: Literal["call_started"] = "call_started"


@dataclass(frozen=True, slots=True)
class CallerSaid:
    """A turn was understood. Ignored once the state has moved past `revision`."""

    utterance: Utterance
    understood: Understood
    revision: int
    kind: Literal["caller_said"] = "caller_said"


@dataclass(frozen=True, slots=True)
class PassagesFound:
    """Knowledge for the question of the last turn. Ignored once the state has moved past `revision`."""

    question: str
    passages: tuple[Passage, ...]
    revision: int
    kind: Literal["passages_found"] = "passages_found"


@dataclass(frozen=True, slots=True)
class CallerWasSilent:
    for_s: float
    at_s: float
    kind: Literal["caller_was_silent"] = "caller_was_silent"


@dataclass(frozen=True, slots=True)
class AgentSpoke:
    """What was really said of the reply of `revision`. `unspoken`: what an interruption cut off."""

    text: str
    revision: int
    start_s: float
    end_s: float
    unspoken: str = ""
    kind: Literal["agent_spoke"] = "agent_spoke"


@dataclass(frozen=True, slots=True)
class CallEnded:
    """The line is gone."""

    at_s: float
    why: Literal["caller_hung_up", "stopped", "line_lost"] = "caller_hung_up"
    kind: Literal["call_ended"] = "call_ended"


Event = CallStarted | CallerSaid | PassagesFound | CallerWasSilent | AgentSpoke | CallEnded


# --- effects: what the session carries out -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reply:
    """The acts of the new state are to be spoken."""

    kind: Literal["reply"] = "reply"


@dataclass(frozen=True, slots=True)
class HandOver:
    """To a person, once the reply was spoken."""

    why: str
    kind: Literal["hand_over"] = "hand_over"


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call, once the reply was spoken."""

    kind: Literal["hang_up"] = "hang_up"


Effect = Reply | HandOver | HangUp


# --- what the thinking hands out ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WhisperLine:
    """Words to be spoken as they stand."""

    text: str
    interruptible: bool = True


@dataclass(frozen=True, slots=True)
class Whisper:
    """The next role prompt for a model, and the same as plain words for a voice that speaks lines.

    `text` is in the shape that the model was trained on and within the token budget; `left_out` says what did
    not fit.
    """

    text: str
    reply: tuple[WhisperLine, ...]
    revision: int
    expires_s: float | None = None
    left_out: tuple[str, ...] = ()


_state: TypeAdapter[GoalState] = TypeAdapter(GoalState)
_event: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="kind")])


def dump_state(state: GoalState) -> bytes:
    """Canonical JSON: the same state gives the same bytes."""
    return _state.dump_json(state)


def load_state(data: bytes) -> GoalState:
    """Raises pydantic.ValidationError where `data` is no state."""
    return _state.validate_json(data)


def dump_event(event: Event) -> bytes:
    return _event.dump_json(event)


def load_event(data: bytes) -> Event:
    return _event.validate_json(data)
