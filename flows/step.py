"""A step of a flow: what it does, in which order, and where to go from it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, model_validator

from flows.part import Condition, Name, OneOrMore, Part, Target, Text
from flows.spoken import Lines_


class Way(Part):
    """One way on from a step: taken where its condition holds. It sets, then says, then goes."""

    if_: Condition | None = Field(None, alias="if", description="Without it, the way is always open.")
    say: Lines_ = Field((), description="Said when this way is taken.")
    set: dict[Name, Condition] = Field(
        default_factory=dict, description="Slots to change, each with an expression: `score: score + 1`."
    )
    go: Target = Field("next", description="Where to.")


def _as_ways(given: Any) -> Any:
    if isinstance(given, str):
        return ({"go": given},)
    return (given,) if isinstance(given, dict) else given


class Answer(Part):
    """One answer to a step's question. `yes: next_step` is short for `yes: {go: next_step}`."""

    says: Annotated[tuple[Text, ...], OneOrMore] = Field((), description="Other ways to say it.")
    say: Lines_ = Field((), description="Said to it.")
    set: dict[Name, Condition] = Field(default_factory=dict, description="Slots to change.")
    go: Target = Field(
        "next", description="Where to. Default: the step's `then`; without one, the step below."
    )

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        return {"go": given} if isinstance(given, str) else given


class Response(Part):
    """What to do instead of the usual. `human: desk` is short for `human: {go: desk}`."""

    say: Lines_ = Field((), description="What to say.")
    go: Target | None = Field(None, description="Where to; without it, back to the question.")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        return {"go": given} if isinstance(given, str) else given


class Patterns(Part):
    """What to do when callers do what callers do; each has a default."""

    human: Response | None = Field(None, description="They want a person. Default: the call is handed over.")
    cancel: Response | None = Field(None, description="They want to stop. Default: the call ends, cancelled.")
    repeat: Response | None = Field(None, description="They ask to hear it again. Default: it is said again.")
    wait: Response | None = Field(None, description="`Hold on`. Default: they are left in peace for a while.")
    dont_know: Response | None = Field(
        None, description="They do not know. Default: optional slots are skipped."
    )
    refuse: Response | None = Field(
        None, description="They will not say. Default: optional slots are skipped."
    )
    skip: Response | None = Field(None, description="`Next question`. Default: optional slots are skipped.")
    silence: Response | None = Field(None, description="They say nothing. Default: they are asked once more.")
    not_understood: Response | None = Field(None, description="Default: an apology, and the question again.")
    question: Response | None = Field(None, description="They ask. Default: the knowledge answers.")


class Knowledge(Part):
    """What may be looked up during a step. `knowledge: [fees]` is short for `knowledge: {pages: [fees]}`."""

    pages: Annotated[tuple[str, ...], OneOrMore] = Field(
        (), description="Names under the flow's `knowledge`."
    )
    passages: int = Field(3, ge=1, le=10, description="At most so many are put before the model.")
    within_ms: int = Field(300, ge=10, le=5000, description="How long a lookup may take.")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        return {"pages": given} if isinstance(given, str | list | tuple) else given


class Call(Part):
    """Another flow, gone through as part of this one. `call: identity` is short for `call: {flow: identity}`."""

    flow: Text = Field(description="A name under `imports`.")
    with_: dict[Name, Condition] = Field(
        default_factory=dict, alias="with", description="Its inputs, each an expression over slots here."
    )
    gives: dict[Name, Name] = Field(
        default_factory=dict, description="Slots here that take over its outputs: `ours: theirs`."
    )
    first: str = Field(
        "", exclude=True, description="Its first step, once written out; not written in files."
    )

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        return {"flow": given} if isinstance(given, str) else given


class Step(Part):
    """A part of the script. What it does comes in this order: needs, say, ask (or question), do, call, set, then."""

    about: str = Field("", description="What it is for, for the model and for the drawing.")
    if_: Condition | None = Field(None, alias="if", description="Only done where this holds; else passed by.")
    needs: Annotated[tuple[Name, ...], OneOrMore] = Field(
        (), description="Gates and disclosures. Those not yet passed or spoken come first, by themselves."
    )
    say: Lines_ = Field((), description="Said when the step begins.")
    ask: Annotated[tuple[Name, ...], OneOrMore] = Field(
        (), description="Slots to fill, in this order, though callers may give them in any."
    )
    question: str = Field("", description="A question whose answer decides where to go.")
    answers: dict[str, Answer] = Field(
        default_factory=dict,
        description="The answers to `question`; `yes` and `no` are understood by themselves, `else` is any other.",
    )
    done_when: Condition | None = Field(
        None, description="What is still to be asked is left once this holds."
    )
    do: Name | None = Field(None, description="An action.")
    call: Call | None = Field(None, description="Another flow to go through here.")
    set: dict[Name, Condition] = Field(default_factory=dict, description="Slots to change at the end.")
    then: Annotated[tuple[Way, ...], Field(description="Where to go. Default: the step below.")] = ()
    knowledge: Knowledge | None = Field(
        None, description="What may be looked up meanwhile; default: everything."
    )
    at_most: int | None = Field(None, ge=1, le=100, description="How often it may be gone through in a call.")
    or_else: Target = Field("handed_over", description="Where to when it would be once more than `at_most`.")
    turns: int | None = Field(None, ge=1, le=200, description="How many turns it may take; then `or_else`.")
    on: Patterns = Field(
        Patterns(), description="What to do otherwise than the flow does while in this step."
    )
    below: str = Field(
        "", exclude=True, description="Where to when passed by, once written out; not in files."
    )

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        if isinstance(given, dict) and "then" in given:
            return given | {"then": _as_ways(given["then"])}
        return given
