"""What can happen to a call, and what is wanted of the world then. Two closed unions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from memory.types import Passage
from reasoner.types import SlotName, Spoken, Understood, Utterance, Value

# --- events: the only way in -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CallStarted:
    """The line is open.

    Attributes:
        today: the date, ISO; the machine has no clock of its own.
        given: slots that the call itself gives: the number that rings, and what is remembered of it. The latter
            is for slots that say `known_by: phone`; it is confirmed as they say.
        number: that rings, "" where it is withheld; the machine does not look at it.
    """

    at_s: float = 0.0
    today: str = ""
    given: Mapping[SlotName, Value] = field(default_factory=dict)
    number: str = ""
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
class ActionDone:
    """What another system answered: JSON. Ignored unless the call still waits for `id`. `action`: its name."""

    id: str
    result: Any
    at_s: float = 0.0
    action: str = ""
    kind: Literal["action_done"] = "action_done"


class Failure(StrEnum):
    """Why an action came to nothing."""

    TIMEOUT = "timeout"
    REFUSED = "refused"  # the other system said no
    FAILED = "failed"  # it broke, was not reached, or answered what nobody can use


@dataclass(frozen=True, slots=True)
class ActionFailed:
    """An action came to nothing. Ignored unless the call still waits for `id`."""

    id: str
    why: Failure
    at_s: float = 0.0
    action: str = ""
    kind: Literal["action_failed"] = "action_failed"


@dataclass(frozen=True, slots=True)
class CallerWasSilent:
    for_s: float
    at_s: float
    kind: Literal["caller_was_silent"] = "caller_was_silent"


@dataclass(frozen=True, slots=True)
class AgentSpoke:
    """What was really said of the reply of `revision`: words whose sound was played to the caller.

    Attributes:
        unspoken: what an interruption cut off. cut: it was interrupted, whatever that cut off.
        words: the same piece by piece, with times; empty where they are not known.
        heard: what a recogniser on the agent's own voice made of it; None where none is loaded.
        heard_confidence: 0..1, of `heard`.
        over: the agent has fallen silent. Else it goes on, and only what it must not say is looked for.
    """

    text: str
    revision: int
    start_s: float
    end_s: float
    unspoken: str = ""
    cut: bool = False
    words: tuple[Spoken, ...] = ()
    heard: str | None = None
    heard_confidence: float = 1.0
    over: bool = True
    kind: Literal["agent_spoke"] = "agent_spoke"


@dataclass(frozen=True, slots=True)
class CallerRecognised:
    """Who has passed a gate has called before. Ignored unless the gate is passed, by the caller.

    Attributes:
        values: what is remembered, by slot. It fills what the caller has said nothing about.
        earlier: what earlier calls came to, and what they left open; for the model, never said as it stands.
    """

    gate: str
    values: Mapping[SlotName, Value] = field(default_factory=dict)
    earlier: tuple[str, ...] = ()
    at_s: float = 0.0
    kind: Literal["caller_recognised"] = "caller_recognised"


@dataclass(frozen=True, slots=True)
class CallResumed:
    """The caller is back after the line was lost.

    `elsewhere`: another process leads the call now, so what was being done for it has to be taken up again.
    """

    at_s: float
    elsewhere: bool = False
    kind: Literal["call_resumed"] = "call_resumed"


@dataclass(frozen=True, slots=True)
class CallEnded:
    """The line is gone."""

    at_s: float
    why: Literal["caller_hung_up", "stopped", "line_lost", "supervisor"] = "caller_hung_up"
    kind: Literal["call_ended"] = "call_ended"


# --- by hand: what a supervisor does to a call (reasoner.by_hand says what is refused) ------------------------


@dataclass(frozen=True, slots=True)
class MemoryPatched:
    """Slots and notes were set by hand; counted as settled. The only event that a call takes after its end.

    Attributes:
        slots: new values in canonical form; None empties a slot.
        notes: all notes from now on; None leaves them.
        by: who did it: an id of a key or a subject, never a name.
        revision: the state that was looked at. Ignored once the state has moved past it.
        past_gates: it may set what proves who is calling.
    """

    slots: Mapping[SlotName, Value | None]
    notes: tuple[str, ...] | None
    by: str
    revision: int
    past_gates: bool = False
    at_s: float = 0.0
    kind: Literal["memory_patched"] = "memory_patched"


@dataclass(frozen=True, slots=True)
class NoteWhispered:
    """Guidance for what the agent says from its next reply on. It is never said itself."""

    text: str
    by: str
    at_s: float = 0.0
    kind: Literal["note_whispered"] = "note_whispered"


@dataclass(frozen=True, slots=True)
class StepForced:
    """The call goes on at this step. `past_gates`: gates that it needs count as passed, and are marked so."""

    step: str
    by: str
    past_gates: bool = False
    at_s: float = 0.0
    kind: Literal["step_forced"] = "step_forced"


@dataclass(frozen=True, slots=True)
class WordsOrdered:
    """The agent says these words next, as they stand, and then puts its open question again."""

    text: str
    by: str
    at_s: float = 0.0
    kind: Literal["words_ordered"] = "words_ordered"


@dataclass(frozen=True, slots=True)
class HandedOverByHand:
    """A person takes the call over."""

    by: str
    at_s: float = 0.0
    kind: Literal["handed_over_by_hand"] = "handed_over_by_hand"


ByHand = MemoryPatched | NoteWhispered | StepForced | WordsOrdered | HandedOverByHand

Event = (
    CallStarted
    | CallerSaid
    | PassagesFound
    | ActionDone
    | ActionFailed
    | CallerWasSilent
    | AgentSpoke
    | CallerRecognised
    | CallResumed
    | CallEnded
    | ByHand
)


# --- effects: what the session carries out -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reply:
    """The acts of the new state are to be spoken.

    `exact`: all of them in their exact words. `interrupts`: the agent breaks off what it is saying.
    """

    exact: bool = False
    interrupts: bool = False
    kind: Literal["reply"] = "reply"


@dataclass(frozen=True, slots=True)
class RunAction:
    """Have an action of the flow done; its ActionDone or ActionFailed carries the same `id`.

    `id` is also the idempotency key: the same for every try of the same action with the same arguments.
    `takes_back`: nobody waits for it; it undoes what an earlier action did.
    """

    id: str
    action: str
    arguments: Mapping[str, Value | None]
    takes_back: bool = False
    kind: Literal["run_action"] = "run_action"


@dataclass(frozen=True, slots=True)
class HandOver:
    """To a person, once the reply was spoken."""

    why: str
    kind: Literal["hand_over"] = "hand_over"


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call, once the reply was spoken."""

    kind: Literal["hang_up"] = "hang_up"


Effect = Reply | RunAction | HandOver | HangUp


_event: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="kind")])


def dump_event(event: Event) -> bytes:
    return _event.dump_json(event)


def load_event(data: bytes) -> Event:
    return _event.validate_json(data)
