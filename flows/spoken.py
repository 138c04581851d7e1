"""What a flow has the agent say."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, model_validator

from flows.part import OneOrMore, Part, Text


class How(StrEnum):
    """How closely a line is kept to. A voice that reads lines reads all of them as they stand."""

    VERBATIM = "verbatim"  # word for word
    PARAPHRASE = "paraphrase"  # all of it, in the model's own words
    HINT = "hint"  # something to bear in mind, not to say


class Line(Part):
    """Something to say. `say: Hello.` is short for `say: {text: Hello.}`. `{slot}` puts a value in."""

    text: Text = Field(description="The words.")
    how: How = Field(How.VERBATIM, description="How closely to keep to the words.")
    must_finish: bool = Field(False, description="It is not cut off when the caller speaks over it.")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        return {"text": given} if isinstance(given, str) else given


Lines_ = Annotated[tuple[Line, ...], OneOrMore]


class Lines(Part):
    """What the agent says at fixed places. Each has a default in the flow's language."""

    greeting: str = Field("", description="The first words of the call.")
    wait: str = Field("", description="To `hold on`.")
    busy: str = Field("", description="To a caller who speaks while an action takes its time.")
    still_there: str = Field("", description="When the caller has been silent.")
    cut_off: str = Field("", description="To a caller whose line was lost and who is back.")
    not_known: str = Field("", description="To a question that the knowledge does not answer.")
    not_allowed: str = Field("", description="When what is asked for waits behind a gate.")
    handover: str = Field("", description="Before a person takes over.")
    cannot_finish: str = Field("", description="When the call ends without its goal.")
    needed: str = Field("", description="When a caller cannot or will not answer a required question.")
    declined: str = Field("", description="When a slot that must be yes is a no.")
    cancelled: str = Field("", description="When the caller ends the call before everything was asked.")
    not_verified: str = Field("", description="When what was given does not prove who is calling.")
    invalid: str = Field("", description="When a value cannot be, and its slot does not say why.")
    locked_out: str = Field("", description="When a gate was failed too often.")
    too_late: str = Field("", description="When a value changes after an action has used it for good.")
    trouble: str = Field("", description="When an action failed and the flow does not say what then.")
    goodbye: str = Field("", description="When everything was asked and confirmed.")


class Disclosure(Part):
    """Words that have to be spoken, and proven to have been, before the steps that need them."""

    text: Text = Field(description="The words. `{slot}` puts a value in.")
    required: bool = Field(True, description="No call is complete without it.")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        return {"text": given} if isinstance(given, str) else given
