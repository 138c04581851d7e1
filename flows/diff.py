"""What changed between two versions of a flow, in words that a supervisor reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from enum import Enum
from typing import Any

from flows.part import Part
from flows.schema import Flow
from flows.slot import Confirm, Slot
from flows.spoken import Line
from flows.step import Step

_SECTIONS = {
    "slots": "slot",
    "steps": "step",
    "topics": "topic",
    "gates": "gate",
    "disclosures": "disclosure",
    "actions": "action",
    "outcomes": "outcome",
    "imports": "import",
    "tests": "test",
}
_CONFIRMED = {
    Confirm.READ_BACK: "now read back at once",
    Confirm.SPELL_BACK: "now spelled back",
    Confirm.TOGETHER: "now read back together with others",
    Confirm.IMPLICIT: "now said back in passing",
    Confirm.NEVER: "no longer confirmed",
}
_CALLED = {
    "ask": "the question",
    "again": "the question when it was not answered",
    "say": "what is said",
    "then": "where it leads",
    "if_": "the condition",
    "with_": "what is handed over",
    "gives": "what it gives",
    "text": "the text",
    "about": "the description",
    "label": "the name in speech",
    "values": "the values",
}
_LONGEST = 90


def diff_flows(old: Flow, new: Flow) -> list[str]:
    """Sentences, each one change; none where nothing changed.

    Args:
        old, new: both as written, or both written out. What is written out says more: it has the flows that are
            called, and the questions that are made from labels.
    """
    told = list(
        _fields("the flow", old, new, skip={*_SECTIONS, "agent", "lines", "limits", "listening", "on", "ask"})
    )
    for key in ("agent", "lines", "limits", "listening", "on"):
        told += _fields(f"`{key}`", getattr(old, key), getattr(new, key))
    told += _order("`{}` is now asked", old.ask, new.ask)
    for section, kind in _SECTIONS.items():
        told += _section(kind, getattr(old, section), getattr(new, section))
    return told


def _section(kind: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    gone, come = [name for name in old if name not in new], [name for name in new if name not in old]
    renamed = _renamed(old, new, gone, come)
    for before, after in renamed.items():
        yield f"The {kind} `{before}` is now called `{after}`."
    for name in gone:
        if name not in renamed:
            yield f"The {kind} `{name}` is gone."
    for name in come:
        if name not in renamed.values():
            yield f"The {kind} `{name}` is new{_where(kind, name, list(new))}."
    if kind in ("step", "slot"):
        names = [renamed.get(name, name) for name in old]
        yield from _order(f"The {kind} `{{}}` now comes", names, list(new)) if kind == "step" else ()
    for name in old:
        if name in new and old[name] != new[name]:
            yield from _changed(kind, name, old[name], new[name])


def _renamed(
    old: Mapping[str, Any], new: Mapping[str, Any], gone: Sequence[str], come: Sequence[str]
) -> dict[str, str]:
    """What is the same but for its name."""
    found: dict[str, str] = {}
    for before in gone:
        same = [after for after in come if new[after] == old[before] and after not in found.values()]
        if len(same) == 1:
            found[before] = same[0]
    return found


def _where(kind: str, name: str, names: Sequence[str]) -> str:
    at = names.index(name)
    if kind != "step" or len(names) == 1:
        return ""
    return f", before `{names[1]}`" if at == 0 else f", after `{names[at - 1]}`"


def _order(sentence: str, old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    """The fewest that moved: those outside of the longest run that kept its order."""
    before = [name for name in old if name in new]
    after = [name for name in new if name in old]
    kept = _longest_common(before, after)
    for at, name in enumerate(after):
        if name not in kept:
            following = next((other for other in after[at + 1 :] if other in kept), None)
            where = f"before `{following}`" if following else f"after `{after[at - 1]}`"
            yield f"{sentence.format(name)} {where}."


def _longest_common(before: list[str], after: list[str]) -> set[str]:
    """The names of the longest common subsequence; both hold the same names, each once."""
    place = {name: at for at, name in enumerate(before)}
    best: list[tuple[int, int]] = []  # length and the one before, for each place in `after`
    for at, name in enumerate(after):
        earlier = [(best[other][0], other) for other in range(at) if place[after[other]] < place[name]]
        length, other = max(earlier, default=(0, -1))
        best.append((length + 1, other))
    at = max(range(len(best)), key=lambda n: (best[n][0], n), default=-1)
    kept: set[str] = set()
    while at >= 0:
        kept.add(after[at])
        at = best[at][1]
    return kept


# --- one part ------------------------------------------------------------------------------------------------


def _changed(kind: str, name: str, old: Any, new: Any) -> Iterator[str]:
    whole = f"the {kind} `{name}`" if kind != "slot" else f"`{name}`"
    if not isinstance(old, Part) or not isinstance(new, Part):
        yield _from_to(_capital(whole), old, new)
        return
    if isinstance(old, Slot) and isinstance(new, Slot) and old.policy is not new.policy:
        yield f"`{name}` is {_CONFIRMED[new.policy]}."
    if isinstance(old, Step) and isinstance(new, Step):
        yield from _needs(name, old, new)
        yield from _order(f"In the step `{name}`, `{{}}` is now asked", old.ask, new.ask)
        yield from _come_and_gone(f"the step `{name}`", old.ask, new.ask)
    skip = {"confirm"} if isinstance(old, Slot) else {"needs", "ask"} if isinstance(old, Step) else set()
    yield from _fields(whole, old, new, skip)


def _needs(name: str, old: Step, new: Step) -> Iterator[str]:
    for need in new.needs:
        if need not in old.needs:
            yield f"The step `{name}` now needs `{need}`."
    for need in old.needs:
        if need not in new.needs:
            yield f"The step `{name}` no longer needs `{need}`."


def _come_and_gone(whole: str, old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    for slot in new:
        if slot not in old:
            yield f"{_capital(whole)} now asks for `{slot}`."
    for slot in old:
        if slot not in new:
            yield f"{_capital(whole)} no longer asks for `{slot}`."


def _fields(whole: str, old: Part, new: Part, skip: set[str] | None = None) -> Iterator[str]:
    for field in type(old).model_fields:
        before, after = getattr(old, field), getattr(new, field)
        if before == after and not _reordered(before, after):
            continue
        if field in (skip or ()) or field in ("content_hash", "first"):
            continue
        yield from _field(whole, field, before, after)


def _reordered(before: Any, after: Any) -> bool:
    return isinstance(before, dict) and isinstance(after, dict) and list(before) != list(after)


def _field(whole: str, field: str, before: Any, after: Any) -> Iterator[str]:
    key = field.rstrip("_")
    called = f"{_CALLED[field]} of {whole}" if field in _CALLED else f"`{key}` of {whole}"
    match before, after:
        case bool(), bool():
            yield f"{_capital(whole)} {'now has' if after else 'no longer has'} `{key}`."
        case dict(), dict():
            yield from _entries(called, before, after)
        case _ if _empty(before):
            yield f"{_capital(called)} is new: {_shown(after)}."
        case _ if _empty(after):
            yield f"{_capital(called)} is gone; it was {_shown(before)}."
        case Part(), Part() if type(before) is type(after):
            yield from _fields(called, before, after)
        case _:
            yield _from_to(_capital(called), before, after)


def _entries(called: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    come, gone = [name for name in new if name not in old], [name for name in old if name not in new]
    if come:
        yield f"New in {called}: {_shown(come)}."
    if gone:
        yield f"Gone from {called}: {_shown(gone)}."
    for name in old:
        if name in new and old[name] != new[name]:
            yield _from_to(f"`{name}` in {called}", old[name], new[name])
    if not come and not gone and list(old) != list(new):
        yield f"{_capital(called)} stand in another order: {_shown(list(new))}."


def _from_to(called: str, before: Any, after: Any) -> str:
    old, new = _shown(before), _shown(after)
    if len(old) > _LONGEST or len(new) > _LONGEST:
        old, new = _around_the_change(old, new)
    return f"{called} changed from {old} to {new}."


def _around_the_change(old: str, new: str) -> tuple[str, str]:
    """Only the words around what differs, of long texts."""
    first, last = old.split(), new.split()
    blocks = SequenceMatcher(None, first, last, autojunk=False).get_opcodes()
    changed = [block for block in blocks if block[0] != "equal"]
    if not changed:
        return old, new
    start, end = min(b[1] for b in changed), max(b[2] for b in changed)
    begin, stop = min(b[3] for b in changed), max(b[4] for b in changed)

    def cut(words: list[str], at: int, to: int) -> str:
        near = " ".join(words[max(0, at - 3) : to + 3])
        return f"{'… ' if at > 3 else ''}{near}{' …' if to + 3 < len(words) else ''}"

    return cut(first, start, end), cut(last, begin, stop)


def _empty(value: Any) -> bool:
    return value is None or (isinstance(value, str | tuple | Mapping) and not value)


def _shown(value: Any) -> str:
    match value:
        case Enum():
            return f"`{value.value}`"
        case Line():
            return f"“{value.text}”"
        case str():
            return f"“{value}”" if " " in value else f"`{value}`"
        case Part():
            given = {
                key: getattr(value, key) for key in type(value).model_fields if key in value.model_fields_set
            }
            return (
                ", ".join(f"{key.rstrip('_')} {_shown(inner)}" for key, inner in given.items()) or "as usual"
            )
        case float():
            return f"{value:g}"
        case Mapping():
            return ", ".join(f"{key} {_shown(inner)}" for key, inner in value.items()) or "nothing"
        case tuple() | list():
            return ", ".join(map(_shown, value)) or "nothing"
        case None:
            return "nothing"
        case _:
            return f"{value}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
