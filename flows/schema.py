"""What a flow file may say. Unknown keys are errors.

A `Flow` is frozen and shared by all calls that run it. The loader writes short forms out (`flows.expand`): the
reasoner finds every slot in `slots` and every step in `steps`, those of sub-flows among them.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, StringConstraints, model_validator

from flows.action import Action, Gate
from flows.conversation import Test
from flows.part import Condition, Name, OneOrMore, Part, Target, Text
from flows.slot import Slot
from flows.spoken import Disclosure, Lines, Lines_
from flows.steering import Steering
from flows.step import Patterns, Step


class Agent(Part):
    """Who speaks."""

    name: Text = Field(description="What the agent is called.")
    company: Text = Field(description="Who it works for.")
    business: Text = Field(description="What that is, in two or three words: `family clinic`.")
    voice: str = Field("", description="A voice of the front-end; its default where empty.")
    backchannels: bool = Field(
        True, description="Whether the agent says `mm-hm` while a caller talks for long."
    )


class Topic(Part):
    """Something a caller may bring up at any time."""

    says: Annotated[tuple[Text, ...], OneOrMore] = Field(description="How they say it.", min_length=1)
    say: Lines_ = Field((), description="Said to it.")
    go: Target | None = Field(None, description="A step or outcome that takes over.")
    visit: Name | None = Field(None, description="A step to go through, until `back`, and then to return.")
    if_: Condition | None = Field(None, alias="if", description="Only while this holds.")


class Kind(StrEnum):
    """What an outcome means."""

    COMPLETE = "complete"
    HANDED_OVER = "handed_over"
    CANCELLED = "cancelled"
    GAVE_UP = "gave_up"


class OutcomeCode(Part):
    """A way for a call to end. `booked: complete` is short for `booked: {kind: complete}`."""

    kind: Kind = Field(description="What it means for those who count calls.")
    say: str = Field("", description="The last words.")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        return {"kind": given} if isinstance(given, str) else given


class Listening(Part):
    """Thresholds of listening that this flow wants otherwise than the deployment."""

    complete_ms: int | None = Field(
        None, ge=100, le=3000, description="Silence that ends a turn whose words are a whole answer."
    )
    open_ms: int | None = Field(
        None, ge=100, le=3000, description="The same where they might be one, or the beginning of more."
    )
    middle_ms: int | None = Field(
        None, ge=100, le=5000, description="The same where they stop in the middle of one."
    )
    spelling_ms: int | None = Field(
        None, ge=100, le=5000, description="The same after letters that may be all of a name, or not."
    )
    silence_s: float | None = Field(
        None, ge=2, le=60, description="After so long without a word the caller is asked once more."
    )
    barge_in: bool | None = Field(None, description="Whether callers can interrupt.")


class Limits(Part):
    turns: int = Field(80, ge=1, le=500, description="How many turns of the caller a call may take.")
    minutes: float = Field(15, gt=0, le=240, description="How long a call may take.")
    silences: int = Field(3, ge=1, le=20, description="How many silences in a row end the call.")
    misunderstandings: int = Field(5, ge=1, le=20, description="How many in a row hand the call over.")
    steps: int = Field(200, ge=1, le=5000, description="How many steps a call may go through.")


class Flow(Part):
    """A goal: what to find out, in which order, what to do with it, and what to say."""

    flow: Name = Field(description="Its name.")
    version: Annotated[str, StringConstraints(pattern=r"^\d+(\.\d+)*$")] = Field(
        description="Raised with each change: `1`, `1.2`."
    )
    language: str = Field("en-US", description="A BCP 47 tag.")
    about: Text = Field(description="What the call is about, in one sentence.")
    agent: Agent = Field(description="Who speaks.")
    imports: dict[Name, Text] = Field(
        default_factory=dict, description="Flows that steps may `call`: a name, and a file or a library name."
    )
    slots: dict[Name, Slot] = Field(default_factory=dict, description="What to find out.")
    ask: Annotated[tuple[Name, ...], OneOrMore] = Field(
        (), description="The slots in the order in which they are asked: short for a flow with one step."
    )
    steps: dict[Name, Step] = Field(
        default_factory=dict, description="The script, from the first step on. Without it, `ask` is all."
    )
    topics: dict[Name, Topic] = Field(
        default_factory=dict, description="What callers may bring up at any time."
    )
    gates: dict[Name, Gate] = Field(default_factory=dict, description="What callers have to prove.")
    disclosures: dict[Name, Disclosure] = Field(default_factory=dict, description="What has to be spoken.")
    actions: dict[Name, Action] = Field(
        default_factory=dict, description="What to look up or to do in other systems."
    )
    outcomes: dict[Name, OutcomeCode] = Field(
        default_factory=dict, description="Ways to end, beside the usual."
    )
    never_say: tuple[Text, ...] = Field((), description="Claims that the agent must not make, word for word.")
    done_when: Condition | None = Field(
        None, description="The goal is reached once this holds, whatever is left of the steps."
    )
    inputs: tuple[Name, ...] = Field((), description="Slots that a calling flow fills.")
    outputs: tuple[Name, ...] = Field((), description="Slots that a calling flow may take over.")
    lines: Lines = Field(Lines(), description="What is said at fixed places.")
    on: Patterns = Field(Patterns(), description="What to do when callers do what callers do.")
    knowledge: str | dict[Name, Text] = Field(
        "", description="A folder of Markdown pages beside the flow file, or several, each with a name."
    )
    listening: Listening = Field(Listening(), description="How to listen.")
    limits: Limits = Field(Limits(), description="What no call goes beyond.")
    steering: Steering = Field(Steering(), description="What is done where the agent's own words stray.")
    tests: dict[str, Test] = Field(
        default_factory=dict,
        description="Conversations that `souffleur flows test` holds, by what they show.",
    )
    content_hash: str = Field("", exclude=True, description="Set by the loader; not written in files.")
