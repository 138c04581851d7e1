"""What is needed is asked for, and what is defined is used."""

from __future__ import annotations

from collections.abc import Iterator

from flows.checks.spots import What, spots
from flows.checks.written import Path_, Written
from flows.errors import Mistake
from flows.graph import is_decided
from flows.places import OUTCOMES
from flows.slot import Slot
from flows.source import scalars

_NO = ("false", "no", "off", "n", "f", "0")
_USED_BY = {
    "gates": (What.NEED, What.GATE),
    "disclosures": (What.NEED,),
    "actions": (What.ACTION,),
    "imports": (What.IMPORT,),
    "outcomes": (What.TARGET,),
}


def check(written: Written) -> Iterator[Mistake]:
    asked, given = _asked(written), _given(written)
    for name in written.names("slots"):
        slot = written.flow.slots.get(name)
        if name in asked or name in given:
            continue
        if slot is not None and slot.source == "action":
            rule = f"no action gives `{name}`"
            cure = "Add it to the `gives:` of an action, or change its `source`."
            yield written.mistake(("slots", name), rule, cure, key=True)
        elif _is_required(written, name, slot):
            rule = f"the slot `{name}` is required and never asked for"
            cure = "Add it to `ask`, or set `required: false`."
            yield written.mistake(("slots", name), rule, cure, key=True)
    yield from _asked_in_vain(written)
    yield from _unused(written)
    yield from _ways_never_taken(written)


def _asked(written: Written) -> set[str]:
    """Tolerates what the schema refuses."""
    lists: list[Path_] = [("ask",)]
    lists += [("steps", name, "ask") for name in written.names("steps")]
    lists += [("gates", name, "ask") for name in written.names("gates")]
    found: set[str] = set()
    for path in lists:
        found |= {name for _index, name in scalars(written.node(path))}
        found |= {written.text(*path) or ""}
    return found


def _given(written: Written) -> set[str]:
    """Slots that something other than a question fills."""
    filled = {spot.text for spot in spots(written.flow) if spot.what is What.SLOT and spot.key}
    return filled | set(written.flow.inputs)


def _is_required(written: Written, name: str, slot: Slot | None) -> bool:
    if slot is None:
        return (written.text("slots", name, "required") or "true").strip().lower() not in _NO
    return slot.asked_for and slot.required


def _asked_in_vain(written: Written) -> Iterator[Mistake]:
    for spot in spots(written.flow):
        slot = written.flow.slots.get(spot.text)
        asks = spot.what is What.SLOT and "ask" in spot.path[-2:] and spot.path[0] != "gates"
        if asks and slot is not None and not slot.asked_for:
            why = (
                "has a `start`"
                if slot.start is not None
                else f"is given by {'an action' if slot.source == 'action' else 'the call'}"
            )
            why = "is a record" if slot.type == "record" else why
            rule = f"`{spot.text}` {why}, so nobody is asked for it"
            yield written.mistake(spot.path, rule, "Take it out of `ask`.")


def _unused(written: Written) -> Iterator[Mistake]:
    named: dict[What, set[str]] = {}
    for spot in spots(written.flow):
        named.setdefault(spot.what, set()).add(spot.text)
    for section, kinds in _USED_BY.items():
        used = set().union(*(named.get(kind, set()) for kind in kinds))
        for name in written.names(section):
            if name not in used and not (section == "outcomes" and name in OUTCOMES):
                rule = f"nothing uses `{name}` of `{section}`"
                yield written.mistake(
                    (section, name), rule, "Use it, or take it out.", key=True, warning=True
                )


def _ways_never_taken(written: Written) -> Iterator[Mistake]:
    steps = list(written.flow.steps.items())
    for name, step in steps:
        path: Path_ = ("steps", name, "then")
        is_open = next((n for n, way in enumerate(step.then) if way.if_ is None), None)
        if is_open is not None and is_open < len(step.then) - 1:
            rule = f"this way of `{name}` is never taken: the one above it is always open"
            yield written.mistake((*path, is_open + 1), rule, "Put it first, or give the one above an `if`.")
        if step.then and is_open is None and name == steps[-1][0] and not is_decided(written.slots, step):
            rule = f"where none of its ways is open, `{name}` ends the call as complete"
            cure = "Add a last way without `if`."
            yield written.mistake(path, rule, cure, key=True, warning=True)
