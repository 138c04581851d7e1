"""Every expression can be worked out, and compares what can be equal."""

from __future__ import annotations

import re
from collections.abc import Iterator

from flows.checks.spots import Spot, What, spots
from flows.checks.values import labels
from flows.checks.written import Written
from flows.closest import did_you_mean
from flows.conditions import BadExpression, Expressions, names_in
from flows.errors import Mistake
from flows.slot import Slot, SlotType

_TEXT = r"""(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')"""
_NAME = r"[A-Za-z_][\w.]*"
_COMPARED = re.compile(
    rf"(?P<left>{_NAME})\s*(?:==|!=)\s*(?P<right_text>{_TEXT})"
    rf"|(?P<left_text>{_TEXT})\s*(?:==|!=|\bin\b)\s*(?P<right>{_NAME})"
    rf"|(?P<of>{_NAME})\s+in\s+\[(?P<texts>[^\]]*)\]"
)
_LITERAL = re.compile(_TEXT)
_LABELLED = (SlotType.CHOICE, SlotType.LIST)


def check(written: Written) -> Iterator[Mistake]:
    found = [spot for spot in spots(written.flow) if spot.what is What.EXPRESSION]
    unknown = {name for spot in found for name in names_in(spot.text)} - set(written.slots)
    free = sorted({*written.unreadable, *(name for name in unknown if written.is_slot(name))})
    plain, of_results = Expressions(written.slots, tuple(free)), Expressions(written.slots, (*free, "result"))
    for spot in found:
        trouble = list(_check(written, spot, of_results if spot.result else plain))
        yield from trouble
        if not trouble:
            yield from _check_labels(written, spot)


def _check(written: Written, spot: Spot, expressions: Expressions) -> Iterator[Mistake]:
    target = written.slots.get(spot.into)
    try:
        expressions.check(spot.text, spot.wanted if target is None else target.type)
    except BadExpression as bad:
        yield written.mistake(spot.path, str(bad), _cure(written, spot, bad))


def _cure(written: Written, spot: Spot, bad: BadExpression) -> str:
    if bad.unknown == "result":
        return "`result` is known in `gives` only: fill a slot there, and look at that."
    if bad.unknown:
        return did_you_mean(bad.unknown, written.slots, "Define it under `slots`, or put a text in quotes.")
    truths = [name for name in names_in(spot.text) if _is(written, name, SlotType.YES_NO)]
    if truths and "does not go with" in bad.why:
        return f"A yes or no stands by itself: `{truths[0]}`, or `!{truths[0]}`."
    return ""


def _is(written: Written, name: str, kind: SlotType) -> bool:
    slot = written.slots.get(name)
    return slot is not None and slot.type is kind


def _check_labels(written: Written, spot: Spot) -> Iterator[Mistake]:
    """A choice is only ever one of its values."""
    for name, label in _comparisons(spot, written):
        known = labels(written.slots[name])
        if label not in known:
            rule = f"`{spot.text}`: `{name}` is never `{label}`"
            yield written.mistake(spot.path, rule, did_you_mean(label, known, _listed(known)))


def _comparisons(spot: Spot, written: Written) -> Iterator[tuple[str, str]]:
    """Slots with values, each with a text that it is compared with or set to."""

    def labelled(name: str) -> Slot | None:
        slot = written.slots.get(name)
        return slot if slot is not None and slot.type in _LABELLED and slot.values else None

    if labelled(spot.into) and _LITERAL.fullmatch(spot.text):
        yield spot.into, spot.text[1:-1]
    for match in _COMPARED.finditer(spot.text):
        name = match["left"] or match["right"] or match["of"]
        if not labelled(name):
            continue
        given = match["right_text"] or match["left_text"] or match["texts"] or ""
        for literal in _LITERAL.findall(given):
            yield name, _unquoted(literal)


def _unquoted(literal: str) -> str:
    return re.sub(r"\\(.)", r"\1", literal[1:-1])


def _listed(known: list[str]) -> str:
    return f"Its values are: {', '.join(known[:12])}." if known else ""
