"""What a model claims about an utterance, read as strictly as anything that comes from outside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from flows.slot import Slot, SlotType
from reasoner.fits import fits
from reasoner.types import Answer, Value

_LARGEST = 1e15  # a number beyond this is no count and no price
_MOST = 64  # of anything in an answer

Text = Annotated[str, StringConstraints(max_length=2000)]
Raw = bool | int | float | Text | Annotated[list[Text], Field(max_length=_MOST)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class ClaimedValue(_Part):
    words: Text
    slot: Text
    value: Raw


class ClaimedAnswer(_Part):
    words: Text
    answer: Answer
    casual: bool


class ClaimedIntent(_Part):
    words: Text
    intent: Text


class ClaimedTopic(_Part):
    words: Text
    topic: Text


class ClaimedWrong(_Part):
    words: Text
    slot: Text


class Claims(_Part):
    """An answer in the shape of the schema. Names and values in it are still to be checked."""

    values: Annotated[list[ClaimedValue], Field(max_length=_MOST)] = []
    answer: ClaimedAnswer | None
    intents: Annotated[list[ClaimedIntent], Field(max_length=_MOST)]
    topics: Annotated[list[ClaimedTopic], Field(max_length=_MOST)] = []
    question: Text
    spelled: Text
    rejected: Annotated[list[ClaimedWrong], Field(max_length=_MOST)] = []


def read_claims(content: str, schema: Mapping[str, Any]) -> Claims | None:
    """The claims in a model's answer, None where it is not what the schema asked for.

    A name that is on none of the schema's lists does not spoil the rest: whoever uses the claims drops it.
    """
    try:
        claims = Claims.model_validate_json(content)
    except ValidationError:
        return None
    return claims if claims.model_fields_set == set(schema["required"]) else None


def canonical(slot: Slot, raw: Raw) -> Value | None:
    """A claimed value in the form that slots hold, None where it is none that the slot can have."""
    value = _as_held(slot, raw)
    return value if value is not None and fits(slot, value) else None


def _as_held(slot: Slot, raw: Raw) -> Value | None:
    match slot.type:
        case SlotType.YES_NO:
            return raw if isinstance(raw, bool) else None
        case SlotType.NUMBER | SlotType.MONEY:
            return _number(raw)
        case SlotType.LIST:
            return _labels(slot, raw) if isinstance(raw, list) else None
    if not isinstance(raw, str) or not (text := " ".join(raw.split())):
        return None
    match slot.type:
        case SlotType.CHOICE:
            return _label(slot, text)
        case SlotType.PHONE | SlotType.DIGITS:
            return text.translate(_BETWEEN_DIGITS)
        case SlotType.ID:
            return text.translate(_BETWEEN_DIGITS).upper()
        case SlotType.EMAIL:
            return text.lower()
        case _:
            return text


_BETWEEN_DIGITS = str.maketrans("", "", " -().")


def _number(raw: Raw) -> int | float | None:
    if isinstance(raw, bool) or not isinstance(raw, int | float) or abs(raw) > _LARGEST:
        return None
    return int(raw) if raw == int(raw) else raw


def _labels(slot: Slot, said: list[str]) -> tuple[str, ...] | None:
    """Those that there are. Only a list that was claimed to be empty is one."""
    known = tuple(dict.fromkeys(label for one in said if (label := _label(slot, one))))
    return known if known or not said else None


def _label(slot: Slot, said: str) -> str | None:
    """The label that is meant: as it stands, or one of the other ways to say it."""
    wanted = " ".join(said.casefold().split())
    if wanted and wanted == slot.no_preference.casefold():
        return slot.no_preference
    if wanted and wanted == slot.other.casefold():
        return slot.other
    for label, ways in slot.values.items():
        if wanted in (label.casefold(), *(way.casefold() for way in ways)):
            return label
    return None
