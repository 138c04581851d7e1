"""Every name leads to something, and to one thing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from flows.checks.spots import Spot, What, spots
from flows.checks.written import Path_, Written
from flows.closest import did_you_mean
from flows.errors import Mistake
from flows.places import BACK, NEXT, OUTCOMES

_RESERVED = frozenset({*OUTCOMES, NEXT, BACK, "skip", "else"})
_IN_EXPRESSIONS = frozenset({"today", "result"})


def check(written: Written) -> Iterator[Mistake]:
    for spot in spots(written.flow):
        yield from _nothing(written, spot)
    yield from _next_of_nothing(written)
    yield from _twice(written)
    yield from _listed_twice(written)
    yield from _ask_and_steps(written)
    yield from _reserved(written)
    yield from _calls(written)


def _nothing(written: Written, spot: Spot) -> Iterator[Mistake]:
    """A name that leads to nothing."""
    if spot.what not in _WHAT:
        return
    kind, known_of, cure = _WHAT[spot.what]
    known = known_of(written)
    found = written.is_slot(spot.text) if spot.what is What.SLOT else spot.text in known
    if not found and spot.what in _MAY_BE_BROUGHT:
        found = written.may_be_brought(spot.text)
    if found or (spot.what is What.TARGET and spot.text in (NEXT, BACK)):
        return
    rule = f"{_of(spot)} names `{spot.text}`, and there is no such {kind}"
    yield written.mistake(spot.path, rule, did_you_mean(spot.text, known, cure), key=spot.key)


_WHAT: dict[What, tuple[str, Callable[[Written], Collection[str]], str]] = {
    What.SLOT: (
        "slot",
        lambda w: (*w.slots, *w.unreadable),
        "Define it under `slots`, or take it out.",
    ),
    What.TARGET: ("step or outcome", lambda w: w.targets, "Add the step, or define it under `outcomes`."),
    What.STEP: ("step", lambda w: w.names("steps"), "Add it under `steps`."),
    What.NEED: (
        "gate or disclosure",
        lambda w: (*w.known("gates"), *w.known("disclosures")),
        "Define it under `gates` or `disclosures`.",
    ),
    What.GATE: ("gate", lambda w: w.known("gates"), "Define it under `gates`."),
    What.ACTION: ("action", lambda w: w.names("actions"), "Define it under `actions`."),
    What.IMPORT: ("import", lambda w: w.names("imports"), "Name it under `imports`, with its file."),
    What.PAGES: (
        "folder of pages",
        lambda w: w.names("knowledge"),
        "Name it under `knowledge`, with its folder.",
    ),
}


_MAY_BE_BROUGHT = (What.NEED, What.GATE)
"""What of called flows can be named by a step's name and its own: `step.gate`."""


def _of(spot: Spot) -> str:
    key = next(
        (step for step in reversed(spot.path[:-1] if spot.key else spot.path) if isinstance(step, str)), ""
    )
    return f"`{key}`"


def _next_of_nothing(written: Written) -> Iterator[Mistake]:
    """`next` and `back` mean something in a step only."""
    for spot in spots(written.flow):
        if spot.what is What.TARGET and not spot.next and spot.text in (NEXT, BACK):
            rule = f"`{spot.text}` leads nowhere here: this part belongs to no step"
            yield written.mistake(spot.path, rule, "Name a step or an outcome.")


def _twice(written: Written) -> Iterator[Mistake]:
    """Ways name steps and outcomes alike, `needs` gates and disclosures; a gate is written out as a step."""
    for first, second in (
        ("steps", "outcomes"),
        ("steps", "gates"),
        ("gates", "outcomes"),
        ("gates", "disclosures"),
    ):
        for name in written.names(second):
            if name in written.names(first):
                rule = f"`{name}` stands under `{first}` and under `{second}`"
                yield written.mistake((second, name), rule, "Give one of the two another name.", key=True)
    for name, step in written.flow.steps.items():
        if step.question and name in written.names("slots"):
            rule = (
                f"the answer to a step's question is kept under the step's name, and `{name}` is a slot too"
            )
            yield written.mistake(("steps", name), rule, "Give the step another name.", key=True)


def _listed_twice(written: Written) -> Iterator[Mistake]:
    lists: list[tuple[Path_, tuple[str, ...]]] = [(("ask",), written.flow.ask)]
    lists += [(("steps", name, "ask"), step.ask) for name, step in written.flow.steps.items()]
    lists += [(("steps", name, "needs"), step.needs) for name, step in written.flow.steps.items()]
    lists += [(("gates", name, "ask"), gate.ask) for name, gate in written.flow.gates.items()]
    for path, names in lists:
        seen: set[str] = set()
        for n, name in enumerate(names):
            if name in seen:
                rule = f"`{path[-1]}` names `{name}` twice"
                yield written.mistake((*path, n), rule, "Keep one of the two.")
            seen.add(name)


def _ask_and_steps(written: Written) -> Iterator[Mistake]:
    if written.flow.ask and written.names("steps"):
        rule = "`ask` is for a flow without steps, and this one has steps"
        yield written.mistake(("ask",), rule, "Move it into the first step, or take `steps` out.", key=True)
    for section in ("ask", "steps"):
        node = written.node((section,))
        if node is not None and not node.value and not written.flow.steps:
            yield written.mistake((section,), f"`{section}` is empty", "Give it a value, or remove the line.")
    if not written.has("ask") and not written.has("steps"):
        rule = "the flow asks nothing: it has neither `ask` nor `steps`"
        yield written.mistake((), rule, "Add `ask:` with the slots to fill, or `steps:`.")


def _reserved(written: Written) -> Iterator[Mistake]:
    for section in ("steps", "gates"):
        for name in written.names(section):
            if name in _RESERVED:
                rule = f"a {section[:-1]} cannot be called `{name}`: the word has a meaning of its own"
                yield written.mistake((section, name), rule, "Give it another name.", key=True)
    for name in written.names("slots"):
        if name in _IN_EXPRESSIONS:
            rule = f"a slot cannot be called `{name}`: expressions mean something else by it"
            yield written.mistake(("slots", name), rule, "Give it another name.", key=True)
    for section in ("slots", "steps", "gates", "disclosures", "actions", "outcomes", "topics", "imports"):
        for name in written.names(section):
            if "." in name:
                rule = f"`{name}` has a dot: those are for the parts of flows that are called"
                yield written.mistake((section, name), rule, "Use `_` instead.", key=True)


def _calls(written: Written) -> Iterator[Mistake]:
    """What is handed to a called flow, and taken from it, has to be there."""
    for name, step in written.flow.steps.items():
        called = written.imported.get(step.call.flow) if step.call else None
        if step.call is None or called is None:
            continue
        at: Path_ = ("steps", name, "call")
        for theirs in step.call.with_:
            if theirs not in called.inputs:
                rule = f"the flow `{step.call.flow}` has no input `{theirs}`"
                cure = did_you_mean(theirs, called.inputs, _listed(called.inputs, "inputs"))
                yield written.mistake((*at, "with", theirs), rule, cure, key=True)
        for ours, theirs in step.call.gives.items():
            if theirs not in called.outputs:
                rule = f"the flow `{step.call.flow}` has no output `{theirs}`"
                cure = did_you_mean(theirs, called.outputs, _listed(called.outputs, "outputs"))
                yield written.mistake((*at, "gives", ours), rule, cure)
                continue
            mine, given = written.slots.get(ours), called.slots[theirs]
            if mine is not None and mine.type is not given.type:
                rule = f"`{ours}` is a {mine.type}, and `{theirs}` of `{step.call.flow}` is a {given.type}"
                yield written.mistake((*at, "gives", ours), rule, "Make them of one type.")


def _listed(names: tuple[str, ...], what: str) -> str:
    return f"Its {what} are: {', '.join(names)}." if names else f"Add `{what}:` to that flow."
