"""Callers as the API shows them, and what it takes for them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, ConfigDict, Field, StringConstraints

from orchestrator.api.shapes import Given, Wanted
from reasoner.types import Value


class CallerItem(Given):
    """Somebody who has called. `calls`: how many are kept in mind."""

    caller: str
    revision: int
    created_at: AwareDatetime
    updated_at: AwareDatetime
    calls: int
    open_matters: int


class RememberedView(Given):
    """A value of an earlier call. `known_by`: what has to recognise the caller before it is used."""

    value: Any
    type: str
    pii: Literal["none", "personal", "sensitive"]
    known_by: Literal["phone", "identity"]
    confirmed_at: AwareDatetime
    flow: str
    call: str


class PastCallView(Given):
    call: str
    flow: str
    began_at: AwareDatetime
    outcome: str
    text: str


class OpenMatterView(Given):
    flow: str
    call: str
    since: AwareDatetime
    text: str


class CallerView(Given):
    """What is kept of a caller. Its `ETag` is the revision. `phones`: that it rings from."""

    caller: str
    revision: int
    created_at: AwareDatetime
    updated_at: AwareDatetime
    phones: tuple[str, ...]
    values: dict[str, RememberedView]
    preferences: dict[str, str]
    calls: tuple[PastCallView, ...]
    open_matters: tuple[OpenMatterView, ...]


Preference = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class CallerPatch(Wanted):
    """What to change of a caller. `values`: null forgets one; one that is there takes another value of the same kind.
    `preferences`: null forgets one. `settled`: flows whose open matter is seen to."""

    values: dict[Annotated[str, StringConstraints(max_length=120)], Value | None] = Field(
        default_factory=dict, max_length=100
    )
    preferences: dict[Annotated[str, StringConstraints(min_length=1, max_length=60)], Preference | None] = (
        Field(default_factory=dict, max_length=50)
    )
    settled: list[Annotated[str, StringConstraints(max_length=120)]] = Field(
        default_factory=list, max_length=20
    )
    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"example": {"preferences": {"language": "es"}}}
    )


class PhoneWish(Wanted):
    """The number that somebody rings from. In a body, so that it stands in no log of a proxy."""

    phone: Annotated[str, StringConstraints(min_length=3, max_length=40)]
    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"example": {"phone": "+1 555 123 4567"}}
    )


class MergeWish(Wanted):
    """Another caller, who is gone then."""

    other: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"example": {"other": "0123456789abcdef"}}
    )


class CallerExport(Given):
    """All that is kept of a caller and of their calls."""

    version: int
    redacted: str
    caller: dict[str, Any]
    calls: tuple[dict[str, Any], ...]


class ErasedView(Given):
    """What went. `left`: what could not be seen to, in a sentence each."""

    caller: str
    values: int
    calls: int
    recordings: int
    passages: int
    left: tuple[str, ...]
