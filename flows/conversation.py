"""A conversation written inside a flow file, with what has to come of it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from flows.part import Name, OneOrMore, Part, Text


class Turn(Part):
    """One turn of a test: what the caller does, and what has to follow."""

    caller: str | None = Field(None, description="What the caller says.")
    silence_s: float | None = Field(None, gt=0, le=3600, description="For so long nobody says anything.")
    keypad: str | None = Field(None, description="Keys pressed: `12#`.")
    agent: Annotated[tuple[Text, ...], OneOrMore] = Field(
        (), description="Words that the reply has to contain, whatever their case."
    )
    agent_not: Annotated[tuple[Text, ...], OneOrMore] = Field(
        (), description="Words that it must not contain."
    )
    step: Name | None = Field(None, description="The step that the call is in then.")
    does: Annotated[tuple[Name, ...], OneOrMore] | None = Field(
        None, description="The actions that it leads to, and no others, in their order; `[]` for none."
    )
    slots: dict[Name, str] = Field(default_factory=dict, description="Values then, as they are written.")
    outcome: str | None = Field(None, description="The outcome, if the call ends here.")


class Test(Part):
    """A conversation with what has to come of it; `souffleur flows test` holds it."""

    __test__ = False  # pytest

    talk: tuple[Turn, ...] = Field(min_length=1, description="Turn by turn.")
    actions: dict[Name, Any] = Field(
        default_factory=dict,
        description="What each action gives, instead of being done: a result, or `timeout`, `refused`, `failed`; "
        "a list of these for one time after the other.",
    )
    given: dict[Name, str] = Field(default_factory=dict, description="Slots that the call itself gives.")
    today: str = Field("", description="The date of the call: `2026-11-23`.")
    slots: dict[Name, str] = Field(default_factory=dict, description="Values at the end.")
    outcome: str | None = Field(None, description="The outcome at the end.")
