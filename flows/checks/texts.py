"""What is spoken says nothing that must not be said, and puts in only what there is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from flows.checks.spots import Spot, What, spots
from flows.checks.written import Written
from flows.closest import did_you_mean
from flows.errors import Mistake
from flows.slot import SlotType

_IN_BRACES = re.compile(r"\{([^{}]*)\}")


def check(written: Written) -> Iterator[Mistake]:
    claims = _pattern(written.flow.never_say)
    for spot in spots(written.flow):
        if spot.what is not What.TEXT:
            continue
        yield from _check_braces(written, spot)
        said = claims.search(" ".join(spot.text.split())) if claims is not None else None
        if said is not None:
            rule = f"this says `{said[0].lower()}`, which `never_say` forbids"
            yield written.mistake(spot.path, rule, "Say it otherwise, or take it out of `never_say`.")


def slots_in(text: str) -> list[str]:
    """What stands in braces in a text."""
    return [found.strip() for found in _IN_BRACES.findall(text)]


def named(text: str, written: Written) -> str:
    """The slot that a name in braces stands for: itself, or the record that it is a field of; "" for none."""
    if written.is_slot(text):
        return text
    around, _, field = text.rpartition(".")
    slot = written.slots.get(around)
    has_it = slot is not None and slot.type is SlotType.RECORD and (not slot.fields or field in slot.fields)
    return around if has_it else ""


def _check_braces(written: Written, spot: Spot) -> Iterator[Mistake]:
    for name in slots_in(spot.text):
        if not named(name, written):
            rule = f"`{{{name}}}` stands for a value, and there is no slot `{name}`"
            cure = did_you_mean(name, written.slots, "Define it under `slots`, or take the braces out.")
            yield written.mistake(spot.path, rule, cure)
    rest = _IN_BRACES.sub("", spot.text)
    if "{" in rest or "}" in rest:
        yield written.mistake(spot.path, "a brace without its other half", "Write `{slot}`.", warning=True)


def _pattern(claims: Sequence[str]) -> re.Pattern[str] | None:
    """One pattern for all: a file may have thousands of each."""
    words = "|".join(re.escape(" ".join(claim.split())) for claim in claims)
    return re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE) if claims else None
