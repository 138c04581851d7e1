"""Actions say how they are done, and what they may spoil is guarded; so are topics and gates."""

from __future__ import annotations

from collections.abc import Iterator

from flows.action import Action, Gate
from flows.checks.texts import slots_in
from flows.checks.written import Path_, Written
from flows.closest import did_you_mean
from flows.conditions import BadExpression, names_in
from flows.errors import Mistake
from flows.slot import Confirm

_CHANGING = ("PUT", "PATCH", "DELETE")


def check(written: Written) -> Iterator[Mistake]:
    for name, action in written.flow.actions.items():
        yield from _check_means(written, name, action)
        yield from _check_request(written, name, action)
        yield from _check_effect(written, name, action)
        yield from _check_undo(written, name, action)
    for name, gate in written.flow.gates.items():
        yield from _check_gate(written, name, gate)
    yield from _check_told_too_early(written)
    for name, topic in written.flow.topics.items():
        path: Path_ = ("topics", name)
        if topic.go is not None and topic.visit is not None:
            rule = f"the topic `{name}` has both `go` and `visit`"
            yield written.mistake(
                (*path, "visit"), rule, "Keep `visit` to return afterwards, else `go`.", key=True
            )
        if topic.go is None and topic.visit is None and not topic.say:
            rule = f"nothing follows from the topic `{name}`"
            yield written.mistake(path, rule, "Add `say:`, `go:` or `visit:`.", key=True)


def _check_means(written: Written, name: str, action: Action) -> Iterator[Mistake]:
    path: Path_ = ("actions", name)
    given = [key for key in ("http", "mcp", "python") if written.has(*path, key)]
    if not given:
        rule = f"the action `{name}` does not say how it is done"
        yield written.mistake(path, rule, "Add one of `http:`, `mcp:` and `python:`.", key=True)
    for extra in given[1:]:
        rule = f"the action `{name}` is done in {len(given)} ways: {', '.join(f'`{key}`' for key in given)}"
        yield written.mistake((*path, extra), rule, "Keep one of them.", key=True)
        break


def _check_request(written: Written, name: str, action: Action) -> Iterator[Mistake]:
    """What stands in braces in a request is one of its arguments, not a slot."""
    if action.http is None:
        return
    path: Path_ = ("actions", name, "http")
    headers = {(*path, "headers", header): text for header, text in action.http.headers.items()}
    for place, text in {(*path, "url"): action.http.url, **headers}.items():
        for argument in slots_in(text):
            if argument not in action.with_:
                rule = f"`{{{argument}}}` stands for an argument, and `{name}` has none of that name"
                slot = argument if written.is_slot(argument) else "slot"
                cure = did_you_mean(argument, action.with_, f"Add it: `with: {{{argument}: {slot}}}`.")
                yield written.mistake(place, rule, cure)


def _check_effect(written: Written, name: str, action: Action) -> Iterator[Mistake]:
    path: Path_ = ("actions", name)
    if action.effect == "read":
        if action.http is not None and action.http.method in _CHANGING:
            rule = f"a {action.http.method} changes something, and `{name}` says that it only reads"
            yield written.mistake((*path, "effect"), rule, "Write `effect: write`.")
        return
    for argument, text in action.with_.items():
        for slot_name in names_in(text):
            slot = written.flow.slots.get(slot_name)
            if slot is not None and slot.source == "caller" and slot.confirm is Confirm.NEVER:
                rule = f"`{name}` writes `{slot_name}`, which no caller has confirmed"
                cure = f"Take `confirm: never` out of `{slot_name}`."
                yield written.mistake((*path, "with", argument), rule, cure, warning=True)


def _check_undo(written: Written, name: str, action: Action) -> Iterator[Mistake]:
    if action.undo is None:
        return
    path: Path_ = ("actions", name, "undo")
    other = written.flow.actions.get(action.undo)
    if action.effect == "read":
        rule = f"`{name}` only reads: there is nothing to take back"
        yield written.mistake(path, rule, "Take `undo` out.", key=True)
    elif action.undo == name:
        yield written.mistake(path, f"`{name}` takes itself back", "Name another action.")
    elif other is not None and other.effect == "read":
        rule = f"`{action.undo}` only reads, and so takes nothing back"
        yield written.mistake(path, rule, "Name an action with `effect: write`.")


def _check_told_too_early(written: Written) -> Iterator[Mistake]:
    """A step speaks before it acts: what only its own action finds out cannot be told in its `say`."""
    flow = written.flow
    for name, step in flow.steps.items():
        action = flow.actions.get(step.do or "")
        if action is None or not step.say:
            continue
        for slot_name in (place for line in step.say for place in slots_in(line.text)):
            slot = flow.slots.get(slot_name.partition(".")[0])
            others = (other.gives for other in flow.actions.values() if other is not action)
            only_here = slot_name in action.gives and not any(slot_name in gives for gives in others)
            if slot is not None and only_here and not _is_known_otherwise(written, slot_name):
                rule = f"`{name}` says `{{{slot_name}}}` before its action `{step.do}` has found it"
                cure = "Put the words into `say` of the step that follows, or of a way under `then`."
                yield written.mistake(("steps", name, "say"), rule, cure, warning=True)


def _is_known_otherwise(written: Written, slot_name: str) -> bool:
    flow = written.flow
    asked = any(slot_name in (*step.ask, *step.set) for step in flow.steps.values())
    slot = flow.slots[slot_name]
    return asked or slot_name in flow.ask or slot.source == "call" or slot.start is not None


def _check_gate(written: Written, name: str, gate: Gate) -> Iterator[Mistake]:
    """A gate has to look at what the caller says, else anybody passes."""
    path: Path_ = ("gates", name, "passes")
    looked_at = set(names_in(gate.passes))
    asked = set(gate.ask)
    action = written.flow.actions.get(gate.do or "")
    proof = set(asked)
    if action is not None and any(asked & set(names_in(text)) for text in action.with_.values()):
        proof |= set(action.gives)
    if not looked_at & proof:
        rule = f"the gate `{name}` can be passed by anybody: `{gate.passes}` looks at nothing that the caller said"
        cure = f"Compare what was asked for: {', '.join(f'`{slot}`' for slot in gate.ask)}."
        yield written.mistake(path, rule, cure)
    elif _holds_of_nothing(written, gate.passes):
        rule = f"the gate `{name}` can be passed by anybody: `{gate.passes}` always holds"
        yield written.mistake(path, rule, "Compare what was asked for.")
    for n, slot_name in enumerate(gate.ask):
        slot = written.flow.slots.get(slot_name)
        if slot is not None and not slot.asked_for:
            rule = f"nobody is asked for `{slot_name}`, so it proves nothing"
            yield written.mistake(("gates", name, "ask", n), rule, "Name slots that a caller gives.")
        if slot is not None and slot.protected_by == name:
            rule = f"`{slot_name}` waits behind the gate that it is to open"
            cure = "Take `protected_by` out, or ask for something else."
            yield written.mistake(("slots", slot_name, "protected_by"), rule, cure)


def _holds_of_nothing(written: Written, passes: str) -> bool:
    try:
        return written.expressions.holds(passes, {})
    except BadExpression:
        return False
