"""Calls, past and live, as the API shows them, and what it takes for them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import AwareDatetime, ConfigDict, Field, StringConstraints

from orchestrator.api.shapes import Given, Wanted
from orchestrator.callparts import EvidencePart, SaidPart
from reasoner.by_hand import LONGEST_NOTE, LONGEST_WORDS, MOST_NOTES
from reasoner.types import SlotStatus, Value


class Standing(StrEnum):
    """Which calls are wanted: those without an outcome, or those with one."""

    LIVE = "live"
    ENDED = "ended"


class SessionItem(Given):
    """One call. `slots`: how far each slot that has a value got. `outcome`: null while it goes on."""

    call: str
    flow: str
    flow_hash: str
    revision: int
    outcome: str | None
    started_at: AwareDatetime
    updated_at: AwareDatetime
    slots: dict[str, str]
    turns: int

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "call": "7f3a91c2d8e4",
                "flow": "medical_intake",
                "flow_hash": "9b7e...",
                "revision": 23,
                "outcome": "complete",
                "started_at": "2026-11-23T09:30:00Z",
                "updated_at": "2026-11-23T09:33:12Z",
                "slots": {"full_name": "confirmed"},
                "turns": 11,
            }
        }
    )


class SessionView(SessionItem):
    """`code`: what the flow calls the outcome. `live`: some server carries it now."""

    step: str
    path: tuple[str, ...]
    code: str
    live: bool


class SlotView(Given):
    """`value` in its canonical form."""

    value: Value | None
    status: SlotStatus
    confidence: float
    asked: int


class GateView(Given):
    """`waived_by`: the supervisor who let the call past without proof."""

    passed: bool
    failed: int
    waived_by: str


class MemoryView(Given):
    """What a call holds. Its `ETag` is the revision: send it as `If-Match` with a change."""

    call: str
    flow: str
    revision: int
    step: str
    outcome: str | None
    live: bool
    slots: dict[str, SlotView]
    notes: tuple[str, ...]
    gates: dict[str, GateView]


class MemoryPatch(Wanted):
    """What to change. `slots`: a value in canonical form, or null to empty one; others stay. `notes`: all of them
    from now on. `past_gates`: it may set what proves who is calling, or consent (role supervisor)."""

    slots: dict[Annotated[str, StringConstraints(max_length=120)], Value | None] = Field(
        default_factory=dict, max_length=100
    )
    notes: list[Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NOTE)]] | None = Field(
        None, max_length=MOST_NOTES
    )
    past_gates: bool = False

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"example": {"slots": {"phone": "5551234567"}, "notes": ["Prefers mornings"]}},
    )


class EventView(Given):
    """One event, in the order in which it was applied. `event`: as `reasoner.events` writes it."""

    place: int
    revision: int
    at_s: float
    event: dict[str, Any]


class TranscriptView(Given):
    """`complete`: the call is over and its whole story was kept."""

    call: str
    complete: bool
    said: tuple[SaidPart, ...]


class DisclosureEvidence(Given):
    """`proven`: where the words were heard to their end, null where they were not."""

    times: int
    proven: EvidencePart | None


class EvidenceView(Given):
    """The words that each value came from, and those that the caller accepted it with."""

    call: str
    revision: int
    slots: dict[str, EvidencePart]
    disclosures: dict[str, DisclosureEvidence]


class ReplayWish(Wanted):
    """Through which flow: the version that the call had, where nothing is named."""

    flow: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")] | None = None
    version: int | None = Field(None, ge=1, le=1_000_000)


class ReplayView(Given):
    """`same_flow`: it was the very version. `same_state`: and the state came out the same, to the byte."""

    call: str
    same_flow: bool
    same_state: bool
    outcome: str | None
    differences: tuple[str, ...]
    replies: tuple[str, ...]


class ExportView(Given):
    """Everything that is kept of a call."""

    session: SessionItem
    state: dict[str, Any]
    events: tuple[EventView, ...]
    story: dict[str, Any] | None


# --- live calls ----------------------------------------------------------------------------------------------


class LiveItem(Given):
    """A call in progress. `server`: which process carries it."""

    call: str
    flow: str
    started_at: AwareDatetime
    step: str
    revision: int
    turns: int
    outcome: str | None
    server: str


class NoteWish(Wanted):
    """Guidance for what the agent says from its next reply on. It is never said."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NOTE)]
    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"example": {"text": "Offer a call back tomorrow"}}
    )


class StepWish(Wanted):
    """Where the call goes on. `past_gates`: gates that the step needs count as passed (role supervisor)."""

    step: Annotated[str, StringConstraints(min_length=1, max_length=120)]
    past_gates: bool = False
    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"example": {"step": "main"}})


class WordsWish(Wanted):
    """What the agent says next, word for word; then it puts its open question again."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_WORDS)]
    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"example": {"text": "I have found your file."}}
    )


class Done(Given):
    """An order was carried out; the call is at this revision now."""

    call: str
    revision: int
    outcome: str | None
