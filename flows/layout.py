"""Where the boxes of a directed graph go: in layers, first things first, with few crossings.

Sugiyama's method in small: turn edges that lead back round, layers by the longest path, order within layers by
barycentres (Eades and Wormald), then coordinates that pull neighbours together. Units are pixels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

GAP_X, GAP_Y = 36.0, 64.0
_BEND = 14.0  # width kept free for an edge that passes a layer
_SWEEPS = 12
_LANE = 26.0  # between edges that lead back

Name = str
Pair = tuple[Name, Name]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Layout:
    """Upper left corners of the boxes, the points that each edge goes through, and the size of the whole."""

    corners: Mapping[Name, Point]
    routes: Mapping[Pair, tuple[Point, ...]]
    width: float
    height: float


def lay_out(sizes: Mapping[Name, Point], edges: Sequence[Pair]) -> Layout:
    """Find a place for everything.

    Args:
        sizes: width and height of each box, in the order in which they should stand if nothing else decides.
        edges: each pair once; a box may lead to itself.
    """
    forward, backward = _turned(list(sizes), edges)
    layer = _layers(list(sizes), forward)
    rows, chains = _rows(sizes, forward, layer)
    _order(rows, chains)
    widths = {name: sizes[name][0] if name in sizes else _BEND for row in rows for name in row}
    x = _columns(rows, chains, widths)
    y, height = _heights(rows, sizes)
    corners = {name: (x[name] - sizes[name][0] / 2, y[layer[name]]) for name in sizes}
    routes = {edge: _route(edge, chain, corners, sizes, x, y, layer) for edge, chain in chains.items()}
    right = max((left + sizes[name][0] for name, (left, _top) in corners.items()), default=0.0)
    for lane, edge in enumerate(sorted(backward, key=lambda e: abs(layer[e[0]] - layer[e[1]])), start=1):
        routes[edge] = _around(edge, corners, sizes, right + lane * _LANE)
    ends = [point[0] for route in routes.values() for point in route]
    return Layout(corners, routes, max([right, *ends]), height)


def _turned(names: list[Name], edges: Sequence[Pair]) -> tuple[list[Pair], list[Pair]]:
    """The edges that lead on, and those that lead back to where one came from, seen in depth first order."""
    leading: dict[Name, list[Name]] = {name: [] for name in names}
    for edge in edges:
        leading[edge[0]].append(edge[1])
    open_: set[Name] = set()
    done: set[Name] = set()
    backward: set[Pair] = set()
    for root in names:
        stack = [(root, iter(leading[root]))] if root not in done else []
        open_ |= {root} if stack else set()
        while stack:
            name, targets = stack[-1]
            target = next(targets, None)
            if target is None:
                stack.pop()
                open_.discard(name)
                done.add(name)
            elif target in open_:
                backward.add((name, target))
            elif target not in done:
                open_.add(target)
                stack.append((target, iter(leading[target])))
    return [edge for edge in edges if edge not in backward], [edge for edge in edges if edge in backward]


def _layers(names: list[Name], edges: list[Pair]) -> dict[Name, int]:
    before: dict[Name, list[Name]] = {name: [] for name in names}
    waiting = dict.fromkeys(names, 0)
    after: dict[Name, list[Name]] = {name: [] for name in names}
    for source, target in edges:
        before[target].append(source)
        after[source].append(target)
        waiting[target] += 1
    layer: dict[Name, int] = {}
    ready = [name for name in names if not waiting[name]]
    while ready:
        name = ready.pop(0)
        layer[name] = max((layer[source] + 1 for source in before[name]), default=0)
        for target in after[name]:
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    # What nothing leads to stands just above what it leads to.
    for name in names:
        if not before[name] and after[name] and name != names[0]:
            layer[name] = max(0, min(layer[target] for target in after[name]) - 1)
    return layer


def _rows(
    sizes: Mapping[Name, Point], edges: list[Pair], layer: Mapping[Name, int]
) -> tuple[list[list[Name]], dict[Pair, list[Name]]]:
    """The layers, and each edge as a chain of boxes and of bends in the layers that it passes."""
    rows: list[list[Name]] = [[] for _ in range(max(layer.values(), default=0) + 1)]
    for name in sizes:
        rows[layer[name]].append(name)
    chains: dict[Pair, list[Name]] = {}
    for source, target in edges:
        bends = [f"\0{source}\0{target}\0{at}" for at in range(layer[source] + 1, layer[target])]
        for at, bend in enumerate(bends, start=layer[source] + 1):
            rows[at].append(bend)
        chains[source, target] = [source, *bends, target]
    return rows, chains


def _neighbours(chains: Mapping[Pair, list[Name]]) -> tuple[dict[Name, list[Name]], dict[Name, list[Name]]]:
    above: dict[Name, list[Name]] = {}
    below: dict[Name, list[Name]] = {}
    for chain in chains.values():
        for upper, lower in pairwise(chain):
            above.setdefault(lower, []).append(upper)
            below.setdefault(upper, []).append(lower)
    return above, below


def _order(rows: list[list[Name]], chains: Mapping[Pair, list[Name]]) -> None:
    above, below = _neighbours(chains)
    for sweep in range(_SWEEPS):
        near = above if sweep % 2 == 0 else below
        for row in rows if sweep % 2 == 0 else reversed(rows):
            place = {name: at for other in rows for at, name in enumerate(other)}
            middle = {
                name: sum(place[other] for other in near[name]) / len(near[name])
                if near.get(name)
                else place[name]
                for name in row
            }
            row.sort(key=middle.__getitem__)


def _columns(
    rows: list[list[Name]], chains: Mapping[Pair, list[Name]], widths: Mapping[Name, float]
) -> dict[Name, float]:
    """The middle of everything: near the neighbours, in order, and never closer than the gap."""
    above, below = _neighbours(chains)
    x: dict[Name, float] = {}
    for row in rows:
        at = 0.0
        for name in row:
            x[name] = at + widths[name] / 2
            at += widths[name] + GAP_X
    for sweep in range(_SWEEPS):
        for row in rows if sweep % 2 == 0 else reversed(rows):
            near = above if sweep % 2 == 0 else below
            wanted = [
                sum(x[other] for other in near[name]) / len(near[name]) if near.get(name) else x[name]
                for name in row
            ]
            x |= dict(zip(row, _apart(row, wanted, widths), strict=True))
    least = min((x[name] - widths[name] / 2 for name in x), default=0.0)
    return {name: at - least for name, at in x.items()}


def _apart(row: list[Name], wanted: list[float], widths: Mapping[Name, float]) -> list[float]:
    """Places as near to what is wanted as the order and the gaps allow: pool those that push each other."""
    gaps = [0.0, *(widths[left] / 2 + widths[right] / 2 + GAP_X for left, right in pairwise(row))]
    offsets: list[float] = []
    for gap in gaps:
        offsets.append((offsets[-1] if offsets else 0.0) + gap)
    pools: list[tuple[float, int]] = []  # mean of what is wanted less the offset, and how many
    for want, offset in zip(wanted, offsets, strict=True):
        mean, many = want - offset, 1
        while pools and pools[-1][0] > mean:
            other, count = pools.pop()
            mean, many = (mean * many + other * count) / (many + count), many + count
        pools.append((mean, many))
    means = [mean for mean, many in pools for _ in range(many)]
    return [mean + offset for mean, offset in zip(means, offsets, strict=True)]


def _heights(rows: list[list[Name]], sizes: Mapping[Name, Point]) -> tuple[list[float], float]:
    y: list[float] = []
    at = 0.0
    for row in rows:
        y.append(at)
        at += max((sizes[name][1] for name in row if name in sizes), default=0.0) + GAP_Y
    return y, max(0.0, at - GAP_Y)


def _route(
    edge: Pair,
    chain: list[Name],
    corners: Mapping[Name, Point],
    sizes: Mapping[Name, Point],
    x: Mapping[Name, float],
    y: list[float],
    layer: Mapping[Name, int],
) -> tuple[Point, ...]:
    source, target = edge
    start = (x[source], corners[source][1] + sizes[source][1])
    bends = [(x[bend], y[layer[source] + at]) for at, bend in enumerate(chain[1:-1], start=1)]
    return (start, *bends, (x[target], corners[target][1]))


def _around(
    edge: Pair, corners: Mapping[Name, Point], sizes: Mapping[Name, Point], lane: float
) -> tuple[Point, ...]:
    """Out of the right side, along a lane beside everything, and in from the right."""
    source, target = edge
    out = (corners[source][0] + sizes[source][0], corners[source][1] + sizes[source][1] * 0.7)
    into = (corners[target][0] + sizes[target][0], corners[target][1] + sizes[target][1] * 0.3)
    return (out, (lane, out[1]), (lane, into[1]), into)
