"""What is kept of a caller from one call to the next, and how it is written down.

Stores keep `CallerRecord`s: a body that they cannot read and marks that they can compare. What is in the body is a
`Caller`; `memory.callers_book` turns one into the other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import JsonValue, TypeAdapter

from memory.errors import MemoryFailure

Pii = Literal["none", "personal", "sensitive"]
PII: tuple[Pii, ...] = ("none", "personal", "sensitive")
"""From the least private to the most."""

MOST_CALLS = 500
"""Of a caller's calls that are kept in mind, the newest; a call is found by its marks as well."""

MOST_MATTERS = 20


@dataclass(frozen=True, slots=True)
class CallerKey:
    tenant: str
    caller: str


@dataclass(frozen=True, slots=True)
class CallerRecord:
    """One caller at one revision, as a store keeps it.

    Attributes:
        revision: grows by one with each save.
        marks: keyed hashes of what the caller is recognised by; see `memory.sealed.Keyring.mark`.
        body: opaque to the store.
        created_at: never changes; callers are listed by it.
    """

    key: CallerKey
    revision: int
    marks: frozenset[str]
    body: bytes
    created_at: datetime
    updated_at: datetime


class MarkTaken(MemoryFailure):
    """What a caller is recognised by belongs to another one, and only one may have it."""

    def __init__(self, caller: str, other: str) -> None:
        self.caller, self.other = caller, other
        super().__init__(f"caller {other} is recognised by the same as {caller}; merge them, or read again")


class SignKind(StrEnum):
    """What a caller is recognised by."""

    PHONE = "phone"
    IDENTITY = "identity"


@dataclass(frozen=True, slots=True)
class Sign:
    """Something that a caller is recognised by.

    Attributes:
        value: digits for a phone. For an identity what a gate was passed with, as `identity_value` writes it.
        proof: the gate, "" for a phone. Several callers may share a phone, none an identity.
    """

    kind: SignKind
    value: str
    proof: str = ""


def phone_sign(number: str) -> Sign | None:
    """The sign of a number that rings, None where it is withheld or no number."""
    digits = re.sub(r"\D", "", number)
    digits = digits.removeprefix("00")
    if len(digits) == 11 and digits.startswith("1"):  # the North American plan's country code
        digits = digits[1:]
    return Sign(SignKind.PHONE, digits) if 3 <= len(digits) <= 20 else None


def identity_sign(gate: str, proof: Mapping[str, JsonValue]) -> Sign | None:
    """The sign of who passed a gate, None where nothing is known that says who.

    Args:
        proof: what the gate asked for and may be remembered, by slot. Never a PIN.
    """
    if not proof:
        return None
    told = [f"{name}={_plain(value)}" for name, value in sorted(proof.items())]
    return Sign(SignKind.IDENTITY, "\n".join(told), gate)


def _plain(value: JsonValue) -> str:
    return " ".join(str(value).casefold().split())


@dataclass(frozen=True, slots=True)
class Remembered:
    """A slot's value, confirmed in an earlier call.

    Attributes:
        type: of the slot, as the flow language calls it. A value is used only where that is the same.
        known_by: what had to recognise the caller where the value was established; it is never used for less.
    """

    value: JsonValue
    type: str
    pii: Pii
    known_by: SignKind
    confirmed_at: datetime
    flow: str
    call: str


@dataclass(frozen=True, slots=True)
class PastCall:
    """`text`: what came of it, from a template; it names slots and never their values."""

    call: str
    flow: str
    began_at: datetime
    outcome: str
    text: str


@dataclass(frozen=True, slots=True)
class OpenMatter:
    """Something that a call has left undone. `text`: as for `PastCall`."""

    flow: str
    call: str
    since: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Caller:
    """All that is kept of a caller. `calls`: oldest first. `preferences`: by name, such as `language`."""

    key: CallerKey
    revision: int
    created_at: datetime
    updated_at: datetime
    signs: tuple[Sign, ...] = ()
    values: Mapping[str, Remembered] = field(default_factory=dict)
    calls: tuple[PastCall, ...] = ()
    preferences: Mapping[str, str] = field(default_factory=dict)
    open_matters: tuple[OpenMatter, ...] = ()

    @property
    def access(self) -> str:
        """The label of passages that only this caller may hear."""
        return access_label(self.key.caller)


def access_label(caller: str) -> str:
    """See `memory.types.Passage.access`."""
    return f"caller:{caller}"


_caller: TypeAdapter[Caller] = TypeAdapter(Caller)


def dump_caller(caller: Caller) -> bytes:
    return _caller.dump_json(caller)


def load_caller(data: bytes) -> Caller:
    """Raises pydantic.ValidationError where `data` is no caller."""
    return _caller.validate_json(data)


# --- what changes of a caller: pure ------------------------------------------------------------------------


def with_sign(caller: Caller, sign: Sign | None) -> Caller:
    if sign is None or sign in caller.signs:
        return caller
    return replace(caller, signs=(*caller.signs, sign))


def with_call(caller: Caller, past: PastCall, matter: OpenMatter | None) -> Caller:
    """The caller with one more call. It takes the place of the same flow's open matter, with a new one or none."""
    calls = [call for call in caller.calls if call.call != past.call]
    others = [open_ for open_ in caller.open_matters if open_.flow != past.flow]
    matters = [*others, matter] if matter is not None else others
    return replace(
        caller, calls=tuple([*calls, past][-MOST_CALLS:]), open_matters=tuple(matters[-MOST_MATTERS:])
    )


def merged(into: Caller, other: Caller) -> Caller:
    """Both as one: of each value and preference the one confirmed last, of the rest all. Revision and key are `into`'s."""
    values = dict(other.values)
    for name, value in into.values.items():
        if name not in values or values[name].confirmed_at <= value.confirmed_at:
            values[name] = value
    newest = into if into.updated_at >= other.updated_at else other
    oldest = other if newest is into else into
    calls = {call.call: call for call in (*other.calls, *into.calls)}
    matters = {matter.flow: matter for matter in (*oldest.open_matters, *newest.open_matters)}
    return replace(
        into,
        created_at=min(into.created_at, other.created_at),
        signs=tuple(dict.fromkeys((*into.signs, *other.signs))),
        values=values,
        calls=tuple(sorted(calls.values(), key=lambda call: call.began_at)[-MOST_CALLS:]),
        preferences={**oldest.preferences, **newest.preferences},
        open_matters=tuple(sorted(matters.values(), key=lambda matter: matter.since)[-MOST_MATTERS:]),
    )
