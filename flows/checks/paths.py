"""What holds along every path that a call can take through a written-out flow.

A step is certain of something (a slot was asked for, a gate passed, a disclosure spoken) where all paths to it
went through a step that makes it so: the greatest solution of `in = and(out of those before)`, as sets of bits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from flows.graph import Edge, EdgeKind, StepGraph, caller_of, step_graph
from flows.places import BACK
from flows.schema import Flow

_EARLY = frozenset({EdgeKind.PASSED_BY, EdgeKind.NEED, EdgeKind.LIMIT, EdgeKind.LOCKED})
"""Edges that leave a step before it has done anything."""
_NEEDS_ONLY = frozenset({EdgeKind.FAILED, EdgeKind.GIVE_UP, EdgeKind.PATTERN})
"""Edges that leave it halfway: what it needs was there."""
RETURNED = ">"
"""What follows a step's name where the flow that it calls has come back."""


@dataclass(slots=True)
class Paths:
    """The paths of a flow. A step that calls another flow counts as two: before the call, and after it."""

    flow: Flow
    graph: StepGraph = field(init=False)
    ways: Mapping[str, list[tuple[str, EdgeKind]]] = field(init=False)
    _facts: dict[str, int] = field(init=False, default_factory=dict)
    _certain: dict[str, frozenset[str]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.graph = step_graph(self.flow)
        self.ways = _split(self.flow, self.graph)

    def reached(self, starts: Iterable[str], without: frozenset[EdgeKind] = frozenset()) -> set[str]:
        """Everything that can be gone to from `starts`, themselves among it."""
        found, open_ = set(starts), list(starts)
        while open_:
            for target, kind in self.ways.get(open_.pop(), ()):
                if target not in found and kind not in without:
                    found.add(target)
                    open_.append(target)
        return found

    def starts(self) -> list[str]:
        """Where a call begins, and where it can come to from anywhere."""
        return [self.graph.first, *(target for target, _kind in self.ways.get("", ()))]

    def certain(self) -> Mapping[str, frozenset[str]]:
        """What is certain on entering each step, and at each outcome: slots, gates, disclosures by their names.

        Only what can be reached is in it.
        """
        if not self._certain:
            self._certain = self._worked_out()
        return self._certain

    def _worked_out(self) -> dict[str, frozenset[str]]:
        starts = self.starts()
        gains = {name: (self._needs(name), self._all(name)) for name in self.ways if name}
        everything = (1 << len(self._facts)) - 1
        known = dict.fromkeys(self.reached(starts), everything)
        known |= dict.fromkeys(starts, 0)
        open_ = [name for name in known if name in gains]
        while open_:
            name = open_.pop()
            needs, all_ = gains[name]
            for target, kind in self.ways[name]:
                gained = 0 if kind in _EARLY else needs if kind in _NEEDS_ONLY else all_
                after = known[target] & (known[name] | gained)
                if after != known[target]:
                    known[target] = after
                    if target in gains:
                        open_.append(target)
        return {name: self._names(bits) for name, bits in known.items()}

    def needed(self, name: str) -> frozenset[str]:
        """What is certain once a step's needs are met, beside what was certain on entering it."""
        return self._names(self._needs(name))

    def gained(self, name: str) -> frozenset[str]:
        """What is certain once a step was gone through, beside what was certain on entering it."""
        return self._names(self._all(name))

    def loops(self) -> list[list[str]]:
        """The rings of steps that nothing bounds, each in the order of the flow."""
        leading = {
            name: [
                target for target, kind in ways if kind is not EdgeKind.PATTERN and self._unbounded(target)
            ]
            for name, ways in self.ways.items()
            if name and self._unbounded(name)
        }
        return [ring for ring in _rings(leading) if len(ring) > 1 or ring[0] in leading[ring[0]]]

    def _unbounded(self, name: str) -> bool:
        step = self.flow.steps.get(name.removesuffix(RETURNED))
        return step is not None and step.at_most is None and step.turns is None

    def _bit(self, kind: str, name: str) -> int:
        return 1 << self._facts.setdefault(f"{kind}:{name}", len(self._facts))

    def _bits(self, kind: str, names: Iterable[str]) -> int:
        bits = 0
        for name in names:
            bits |= self._bit(kind, name)
        return bits

    def _names(self, bits: int) -> frozenset[str]:
        return frozenset(name for name, at in self._facts.items() if bits >> at & 1)

    def _needs(self, name: str) -> int:
        step = self.flow.steps[name.removesuffix(RETURNED)]
        bits = self._bits("need", step.needs)
        for need in step.needs:
            gate = self.flow.gates.get(need)
            if gate is not None:
                bits |= self._bits("slot", gate.ask) | self._given(gate.do)
        return bits

    def _given(self, do: str | None) -> int:
        action = self.flow.actions.get(do or "")
        return self._bits("slot", action.gives) if action is not None else 0

    def _all(self, name: str) -> int:
        step = self.flow.steps[name.removesuffix(RETURNED)]
        bits = self._needs(name) | self._bits("slot", step.ask) | self._given(step.do)
        if step.call is None:
            return bits | self._bits("slot", step.set)
        if name.endswith(RETURNED):
            return bits | self._bits("slot", (*step.set, *step.call.gives))
        return bits | self._bits("slot", step.call.with_)


def _split(flow: Flow, graph: StepGraph) -> dict[str, list[tuple[str, EdgeKind]]]:
    """The edges by their source, with every call cut in two and every return leading to the second half."""
    ways: dict[str, list[tuple[str, EdgeKind]]] = {"": []}
    for name in graph.steps:
        ways[name] = []
        call = flow.steps[name].call
        if call is not None and call.first:
            ways[f"{name}{RETURNED}"] = []
    for edge in graph.edges:
        source = edge.source
        if edge.kind in (EdgeKind.WAY, EdgeKind.PATTERN) and f"{source}{RETURNED}" in ways:
            source = f"{source}{RETURNED}"
        ways[source].append((_returning(flow, edge), edge.kind))
    return ways


def _returning(flow: Flow, edge: Edge) -> str:
    caller = caller_of(edge.source, flow) if edge.target == BACK else ""
    return f"{caller}{RETURNED}" if caller else edge.target


def _rings(leading: Mapping[str, list[str]]) -> list[list[str]]:
    """Strongly connected parts (Tarjan's, without recursion), each in the order of `leading`."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    rings: list[list[str]] = []
    order = {name: n for n, name in enumerate(leading)}
    for root in leading:
        work = [(root, iter(leading[root]))] if root not in index else []
        if work:
            index[root] = low[root] = len(index)
            stack.append(root)
        while work:
            name, targets = work[-1]
            target = next(targets, None)
            if target is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[name])
                if low[name] == index[name]:
                    at = stack.index(name)
                    rings.append(sorted(stack[at:], key=order.__getitem__))
                    for done in stack[at:]:
                        low[done] = len(leading) + len(index)
                    del stack[at:]
            elif target in leading and target not in index:
                index[target] = low[target] = len(index)
                stack.append(target)
                work.append((target, iter(leading[target])))
            elif target in leading and target in stack:
                low[name] = min(low[name], index[target])
    return rings
