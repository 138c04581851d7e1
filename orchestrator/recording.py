"""The story of a call as it unfolds: moments, in order, as people and files see them.

The same moments go live to the page and the terminal (one JSON object each) and make up `call.json`.
Times are seconds in the call's audio clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from reasoner.types import Value


@dataclass(frozen=True, slots=True)
class SlotInfo:
    name: str
    label: str
    type: str
    required: bool


@dataclass(frozen=True, slots=True)
class CallOpened:
    """First of every call. `rate_hz`: of the audio blocks that go both ways."""

    call: str
    flow: str
    title: str
    agent: str
    rate_hz: int
    slots: tuple[SlotInfo, ...]
    at_s: float = 0.0
    type: Literal["opened"] = "opened"


@dataclass(frozen=True, slots=True)
class CallerWords:
    """`final` false: words so far, replaced by the next. `heard_open`: what the open ear heard beside it."""

    text: str
    final: bool
    start_s: float
    end_s: float
    at_s: float
    confidence: float = 0.0
    heard_open: str = ""
    backchannel: bool = False
    type: Literal["caller"] = "caller"


@dataclass(frozen=True, slots=True)
class AgentSaid:
    """Words that went out."""

    text: str
    start_s: float
    end_s: float
    at_s: float
    revision: int
    type: Literal["agent"] = "agent"


@dataclass(frozen=True, slots=True)
class AgentCeased:
    at_s: float
    interrupted: bool
    unspoken: str
    type: Literal["agent_ceased"] = "agent_ceased"


@dataclass(frozen=True, slots=True)
class FloorHeld:
    holder: str | None
    reason: str
    by: str
    at_s: float
    type: Literal["floor"] = "floor"


@dataclass(frozen=True, slots=True)
class SlotChanged:
    """`value` as JSON keeps it; `spoken` as the agent would say it."""

    name: str
    value: Value | None
    spoken: str
    status: str
    confidence: float
    at_s: float
    type: Literal["slot"] = "slot"


@dataclass(frozen=True, slots=True)
class LookedUp:
    """A look-up of knowledge. `speculative`: it was made while the caller was still speaking."""

    query: str
    titles: tuple[str, ...]
    took_ms: float
    speculative: bool
    used: bool
    at_s: float
    type: Literal["lookup"] = "lookup"


@dataclass(frozen=True, slots=True)
class Whispered:
    revision: int
    text: str
    reply: str
    at_s: float
    ahead: bool  # it was thought out before the caller had finished
    left_out: tuple[str, ...] = ()  # facts that the token budget had no room for
    exact: bool = False  # all of its words are to be said as they stand
    guided: bool = False  # some of them are
    type: Literal["whisper"] = "whisper"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a whisper. `fate`: prepared, applied, superseded, expired or failed; `frame` where it is known."""

    revision: int
    fate: str
    at_s: float
    frame: int | None = None
    why: str = ""
    type: Literal["receipt"] = "receipt"


@dataclass(frozen=True, slots=True)
class Found:
    """Something found in the agent's own words: see `reasoner.types.Finding`."""

    kind: str
    about: str
    text: str
    start_s: float
    end_s: float
    revision: int
    confidence: float
    heard: bool
    at_s: float
    type: Literal["finding"] = "finding"


@dataclass(frozen=True, slots=True)
class TurnTimed:
    """One turn of the caller as heard on the line.

    Attributes:
        end_of_speech_s: last sample of the caller's speech.
        decided_s: the turn was taken as finished.
        first_sample_s: first sample of the agent's answer, None where none was needed.
        latency_ms: from end_of_speech_s to first_sample_s.
        thought_ms: from the final words to the whisper.
        recall_ready: passages were there before the turn was decided; None where none were needed.
        before_whisper: the answer began before the whisper for it was given.
        took_ms: the parts of the thought, by the graph's nodes; of one made ahead, while the caller spoke.
    """

    turn: int
    end_of_speech_s: float
    decided_s: float
    first_sample_s: float | None
    latency_ms: float | None
    thought_ms: float
    recall_ready: bool | None
    route: str
    interrupted: bool
    at_s: float
    took_ms: Mapping[str, float] = field(default_factory=dict)
    before_whisper: bool = False
    type: Literal["turn"] = "turn"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something failed and was dealt with. The call goes on."""

    part: str
    what: str
    at_s: float
    recovered: bool = False
    type: Literal["trouble"] = "trouble"


@dataclass(frozen=True, slots=True)
class Supervised:
    """A supervisor did something to the call; `what`: the kind of the event."""

    what: str
    at_s: float
    type: Literal["supervised"] = "supervised"


@dataclass(frozen=True, slots=True)
class CallClosed:
    """`thoughts`: turns thought through while the caller still spoke. `thoughts_used`: of them, those committed."""

    outcome: str
    at_s: float
    summary: str
    thoughts: int = 0
    thoughts_used: int = 0
    type: Literal["closed"] = "closed"


Moment = (
    CallOpened
    | CallerWords
    | AgentSaid
    | AgentCeased
    | FloorHeld
    | SlotChanged
    | LookedUp
    | Whispered
    | Receipt
    | Found
    | TurnTimed
    | Trouble
    | Supervised
    | CallClosed
)

_moment: TypeAdapter[Moment] = TypeAdapter(Annotated[Moment, Field(discriminator="type")])


def dump_moment(moment: Moment) -> bytes:
    return _moment.dump_json(moment)


def load_moment(data: bytes | str) -> Moment:
    return _moment.validate_json(data)
