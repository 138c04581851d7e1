"""What a flow file may say. The first subset of the language; unknown keys are errors.

A `Flow` is frozen and shared by all calls that run it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class Part(BaseModel):
    """A part of a flow: no unknown keys, never changed after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SlotType(StrEnum):
    PERSON_NAME = "person_name"
    DATE = "date"
    PHONE = "phone"
    CHOICE = "choice"  # one of `values`
    LIST = "list"  # some of `values`, or none
    YES_NO = "yes_no"


class Confirm(StrEnum):
    READ_BACK = "read_back"  # at once: "I have ... Is that right?"
    TOGETHER = "together"  # with others, at the next natural pause of the script
    NEVER = "never"


class Agent(Part):
    """Who speaks."""

    name: Text = Field(description="What the agent is called.")
    company: Text = Field(description="Who it works for.")
    business: Text = Field(description="What that is, in two or three words: `family clinic`.")
    voice: str = Field("", description="A voice of the front-end; its default where empty.")
    backchannels: bool = Field(
        True, description="Whether the agent says `mm-hm` while a caller talks for long."
    )


class Slot(Part):
    """Something to find out."""

    type: SlotType
    label: Text = Field(description="What to call it when talking about it: `date of birth`.")
    ask: Text = Field(description="The question.")
    again: str = Field("", description="The question when the first was not answered; `ask` where empty.")
    confirm: Confirm = Confirm.READ_BACK
    required: bool = Field(True, description="Whether the call can be complete without it.")
    values: dict[str, tuple[Text, ...]] = Field(
        default_factory=dict, description="For choice and list: each value with other ways to say it."
    )
    none: str = Field("", description="For a list: what to call it when there are none: `no allergies`.")
    yes: str = Field("", description="For yes_no: how to read back a yes: `you agree`.")
    no: str = Field("", description="For yes_no: how to read back a no.")
    past: bool = Field(False, description="For a date: it cannot lie in the future.")
    must_be_yes: bool = Field(False, description="For yes_no: a no ends the call with `declined`.")
    known: tuple[str, ...] = Field(
        default=(), description="For a name: more names that the recogniser should know."
    )
    full: bool = Field(
        True, description="For a name: first and last name are wanted; false where one will do."
    )
    digits: int = Field(10, ge=3, le=15, description="For a phone: how many digits it has.")
    attempts: int = Field(4, ge=1, le=10, description="How often to try before a person takes over.")
    remember: Literal["call", "caller", "never"] = "call"
    pii: Literal["none", "personal", "sensitive"] = "personal"


class Lines(Part):
    """What the agent says at fixed places. Each has a default in the flow's language."""

    greeting: str = ""
    wait: str = ""
    still_there: str = ""
    not_known: str = Field("", description="To a question that the knowledge does not answer.")
    handover: str = ""
    cannot_finish: str = ""
    needed: str = Field("", description="When a caller cannot or will not answer a required question.")
    declined: str = Field("", description="When a slot that must be yes is a no.")
    cancelled: str = Field("", description="When the caller ends the call before everything was asked.")
    goodbye: str = Field("", description="When everything was asked and confirmed.")


class Listening(Part):
    """Thresholds of listening that this flow wants otherwise than the deployment."""

    complete_ms: int | None = Field(None, ge=100, le=3000)
    open_ms: int | None = Field(None, ge=100, le=3000)
    middle_ms: int | None = Field(None, ge=100, le=5000)
    silence_s: float | None = Field(None, ge=2, le=60)
    barge_in: bool | None = None


class Limits(Part):
    turns: int = Field(80, ge=1, le=500)
    minutes: float = Field(15, gt=0, le=240)
    silences: int = Field(3, ge=1, le=20, description="How many silences in a row end the call.")
    misunderstandings: int = Field(5, ge=1, le=20, description="How many in a row hand the call over.")


class Flow(Part):
    """A goal: what to find out, in which order, and what to say."""

    flow: Name
    version: Annotated[str, StringConstraints(pattern=r"^\d+(\.\d+)*$")]
    language: str = "en-US"
    about: Text
    agent: Agent
    slots: dict[Name, Slot] = Field(min_length=1)
    ask: tuple[Name, ...] = Field(min_length=1, description="The slots in the order in which they are asked.")
    lines: Lines = Lines()
    knowledge: str = Field("", description="A folder of Markdown pages beside the flow file.")
    listening: Listening = Listening()
    limits: Limits = Limits()
    content_hash: str = Field("", exclude=True, description="Set by the loader; not written in files.")
