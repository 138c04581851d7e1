"""What can happen to a call, and what is wanted of the world then. Two closed unions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from memory.types import Passage
from reasoner.types import SlotName, Understood, Utterance, Value

# --- events: the only way in -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CallStarted:
    """The line is open.

    Attributes:
        today: the date, ISO; the machine has no clock of its own.
        given: slots that the call itself gives: the number that rings, what is remembered of the caller.
    """

    at_s: float = 0.0
    today: str = ""
    given: Mapping[SlotName, Value] = field(default_factory=dict)
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


Event = (
    CallStarted
    | CallerSaid
    | PassagesFound
    | ActionDone
    | ActionFailed
    | CallerWasSilent
    | AgentSpoke
    | CallEnded
)


# --- effects: what the session carries out -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reply:
    """The acts of the new state are to be spoken."""

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
