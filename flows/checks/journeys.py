"""What callers can run into: steps that nobody reaches, rings without an end, goals reached with half of it done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flows.checks.paths import RETURNED, Paths
from flows.checks.written import Path_, Written
from flows.errors import Mistake
from flows.graph import EdgeKind
from flows.places import BACK
from flows.schema import Kind

Certain = Mapping[str, frozenset[str]]


def check(written: Written, paths: Paths) -> Iterator[Mistake]:
    """Every mistake along the paths of a flow whose names are all in order."""
    yield from _unreachable(written, paths)
    yield from _without_end(written, paths)
    yield from _visits(written, paths)
    yield from _unbounded(written, paths)
    certain = paths.certain()
    yield from _disclosures(written, paths, certain)
    yield from _required(written, paths, certain)


def _own(name: str) -> bool:
    """Whether it is not of a flow that is called: those steps were checked in their own file."""
    return "." not in name and not name.endswith(RETURNED)


def _unreachable(written: Written, paths: Paths) -> Iterator[Mistake]:
    reached = paths.reached(paths.starts())
    for name in paths.graph.steps:
        if _own(name) and name not in reached and name not in paths.flow.gates:
            rule = f"no way leads to the step `{name}`"
            cure = "Lead to it with `go:` from another step, or take it out."
            yield written.mistake(("steps", name), rule, cure, key=True)


def _without_end(written: Written, paths: Paths) -> Iterator[Mistake]:
    """Steps from which the script itself, without failures or limits, comes to no end."""
    aside = frozenset({EdgeKind.FAILED, EdgeKind.LIMIT, EdgeKind.GIVE_UP, EdgeKind.LOCKED, EdgeKind.PATTERN})
    ends = {*paths.graph.outcomes, BACK}
    for name in paths.graph.steps:
        if _own(name) and name not in paths.flow.gates and not ends & paths.reached([name], aside):
            rule = f"from the step `{name}` no way leads to an outcome"
            yield written.mistake(("steps", name), rule, "Add a way out: `go: complete`.", key=True)


def _visits(written: Written, paths: Paths) -> Iterator[Mistake]:
    """A step that is visited comes back; one that comes back is visited."""
    visited: set[str] = set()
    for name, topic in written.flow.topics.items():
        if topic.visit is None:
            continue
        within = paths.reached([topic.visit])
        visited |= within
        if BACK not in within:
            rule = f"the visit to `{topic.visit}` never comes back"
            cure = "End it with `go: back`, or write `go:` instead of `visit:`."
            yield written.mistake(("topics", name, "visit"), rule, cure)
    for name, step in written.flow.steps.items():
        for n, way in enumerate(step.then):
            if way.go == BACK and name not in visited:
                rule = f"`back` leads nowhere: no topic visits `{name}`"
                cure = "Name a step or an outcome, or let a topic `visit:` it."
                yield written.mistake(("steps", name, "then", n, "go"), rule, cure)
        for label, answer in step.answers.items():
            if answer.go == BACK and name not in visited:
                rule = f"`back` leads nowhere: no topic visits `{name}`"
                cure = "Name a step or an outcome, or let a topic `visit:` it."
                yield written.mistake(("steps", name, "answers", label, "go"), rule, cure)


def _unbounded(written: Written, paths: Paths) -> Iterator[Mistake]:
    for ring in paths.loops():
        names = list(dict.fromkeys(name.removesuffix(RETURNED) for name in ring))
        own = [name for name in names if _own(name)]
        if own:
            rule = f"a call can go round and round: {' → '.join(f'`{name}`' for name in (*own, own[0]))}"
            yield written.mistake(("steps", own[0]), rule, "Give one of them `at_most:`.", key=True)


def _disclosures(written: Written, paths: Paths, certain: Certain) -> Iterator[Mistake]:
    for name, disclosure in written.flow.disclosures.items():
        for outcome in _completed(paths):
            if disclosure.required and f"need:{name}" not in certain.get(outcome, {f"need:{name}"}):
                rule = f"a call can come to `{outcome}` before `{name}` was spoken, which is said only then"
                cure = "Put it under `needs:` of a step that every such call goes through."
                yield written.mistake(("disclosures", name), rule, cure, key=True, warning=True)
                break


def _required(written: Written, paths: Paths, certain: Certain) -> Iterator[Mistake]:
    """Slots of which the file itself says that they are required; of the others, branches may leave some out."""
    for name, slot in written.flow.slots.items():
        insisted = slot.required and slot.asked_for and written.has("slots", name, "required")
        for outcome in _completed(paths):
            if insisted and f"slot:{name}" not in certain.get(outcome, {f"slot:{name}"}):
                rule = f"a call can end as `{outcome}` without `{name}`, which is required"
                cure = "Ask for it in a step that every such call goes through, or use `required_if`."
                path: Path_ = ("slots", name, "required")
                yield written.mistake(path, rule, cure, key=True)
                break


def _completed(paths: Paths) -> list[str]:
    return [name for name, kind in paths.graph.outcomes.items() if kind is Kind.COMPLETE]
