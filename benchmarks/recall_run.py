"""Turns heard word by word in virtual time, through the very `Recall` that a session uses, on a real store."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import anyio
import numpy as np
from numpy.typing import NDArray

from benchmarks.recall_data import CallerTurn, Data, Heard
from benchmarks.virtual import RealLoop, run
from memory.edge import EdgeKnowledge
from memory.ports import Embedder
from memory.types import Candidate, Passage, Query
from reasoner.recall import CANDIDATES, Lookup, Recall
from reasoner.terms import terms

TENANT = "benchmark"
LANGUAGE = "en"


class Bridge:
    """The real store and the real model, asked from virtual time. The same question is worked out once."""

    def __init__(self, real: RealLoop, store: EdgeKnowledge) -> None:
        self._real, self._store = real, store
        self._found: dict[tuple[str, tuple[str, ...]], Sequence[Candidate]] = {}
        self._meanings: dict[str, NDArray[np.float32]] = {}
        self.embed_ms: list[float] = []

    def candidates(self, query: Query) -> Sequence[Candidate]:
        key = (query.text, query.scope)
        if key not in self._found:
            self._found[key] = self._real.wait_for(self._store.candidates(query, CANDIDATES))
        return self._found[key]

    def meaning(self, text: str) -> NDArray[np.float32]:
        assert self._store.embedder is not None
        if text not in self._meanings:
            began = time.perf_counter()
            self._meanings[text] = self._real.wait_for(self._store.embedder.embed([text]))[0]
            self.embed_ms.append((time.perf_counter() - began) * 1000)
        return self._meanings[text]

    @property
    def by_meaning(self) -> bool:
        return self._store.embedder is not None


class Distant:
    """The store as a call sees it: each look-up takes `takes_s` of virtual time. Also the embedder of its queries."""

    name = "as the store's"

    def __init__(self, bridge: Bridge, takes_s: float) -> None:
        self._bridge, self._takes_s = bridge, takes_s
        self.asked = 0

    @property
    def embedder(self) -> Embedder | None:
        return self if self._bridge.by_meaning else None

    @property
    def dim(self) -> int:
        return len(self._bridge.meaning(""))

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.stack([self._bridge.meaning(text) for text in texts])

    async def candidates(self, query: Query, limit: int) -> Sequence[Candidate]:
        self.asked += 1
        await anyio.sleep(self._takes_s)
        return self._bridge.candidates(query)

    async def search(self, query: Query, limit: int) -> Sequence[Passage]:
        raise NotImplementedError("a call asks for candidates")

    async def put(self, tenant: str, scope: str, passages: Sequence[Passage]) -> int:
        raise NotImplementedError("the pages are in the real store")

    async def scopes(self, tenant: str) -> Mapping[str, int]:
        return {}

    async def passages(self, tenant: str, scope: str) -> Sequence[Passage]:
        return []

    async def aclose(self) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Result:
    """One turn.

    Attributes:
        ready: the passages were there at the caller's last sample, nothing had to be waited for.
        exposed_s: from the last sample to the passages, with the recogniser's lag where a look-up waited for the last
            words, and with the time that it took to put candidates in order (measured, not virtual).
        wasted: look-ups whose passages were not used.
        stale: passages given that only look-ups brought whose words the caller did not say in the end (less than
            half of them), or none at all: of another scope, of another turn.
        beyond: passages given that a look-up with the final words would not have brought among its hundred.
    """

    turn: CallerTurn
    ready: bool
    exposed_s: float
    wasted: int
    given: tuple[str, ...]
    stale: int
    beyond: int = 0
    anticipated: bool = False


def ahead(
    data: Data, bridge: Bridge, turn: CallerTurn, words: Heard, takes_s: float, *, load: bool
) -> Result:
    """Looked up while the caller speaks, by the policy of `reasoner.lookahead`, as a session does it."""
    return run(lambda: _ahead(data, bridge, turn, words, takes_s, load))


async def _ahead(
    data: Data, bridge: Bridge, turn: CallerTurn, words: Heard, takes_s: float, load: bool
) -> Result:
    store, told = Distant(bridge, takes_s), list[Lookup]()
    recall = _recall(data, store, told)
    within = (turn.scope,) if turn.scope else ()
    if load:  # the step was begun before the caller spoke
        await recall.load("", within)
    loaded, store.asked = store.asked, 0
    loop, began_s = asyncio.get_running_loop(), asyncio.get_running_loop().time()
    async with anyio.create_task_group() as tasks:
        for partial in words.partials:
            if partial.at_s > words.end_s:
                break
            await anyio.sleep(began_s + partial.at_s - loop.time())
            if question := recall.heard(partial.words, within):
                tasks.start_soon(recall.fetch, question, within)
        await anyio.sleep(began_s + words.end_s - loop.time())
        if not turn.gold:
            tasks.cancel_scope.cancel()
            return Result(turn, True, 0.0, store.asked, (), 0)
        before, at_s, real = store.asked, loop.time(), time.perf_counter()
        found = await recall(words.final, speculative=False, within=within)
        waited_s, worked_s = loop.time() - at_s, time.perf_counter() - real
        tasks.cancel_scope.cancel()
    ready = waited_s < 1e-6
    exposed_s = worked_s if ready else words.lag_s + waited_s
    used = 1 if (store.asked and (ready or store.asked > before or waited_s > 0)) else 0
    return Result(
        turn,
        ready,
        exposed_s,
        store.asked - used,
        tuple(passage.id for passage in found),
        _stale(bridge, words.final, [words.final, "", *(look.query for look in told)], within, found),
        _beyond(bridge, words.final, within, found),
        anticipated=loaded > 0 and store.asked == 0,
    )


def _stale(
    bridge: Bridge, final: str, queries: Sequence[str], scope: tuple[str, ...], found: Sequence[Passage]
) -> int:
    said, fresh = frozenset(terms(final, LANGUAGE)), set[str]()
    for query in queries:
        looked = frozenset(terms(query, LANGUAGE))
        if 2 * len(looked & said) >= len(looked):
            fresh |= _brought(bridge, query, scope)
    return sum(passage.id not in fresh for passage in found)


def _beyond(bridge: Bridge, final: str, scope: tuple[str, ...], found: Sequence[Passage]) -> int:
    fresh = _brought(bridge, final, scope)
    return sum(passage.id not in fresh for passage in found)


def _brought(bridge: Bridge, query: str, scope: tuple[str, ...]) -> set[str]:
    meaning = bridge.meaning(query) if bridge.by_meaning and query else None
    return {c.passage.id for c in bridge.candidates(Query(query, TENANT, scope, meaning))}


def after(data: Data, bridge: Bridge, turn: CallerTurn, words: Heard, takes_s: float) -> Result:
    """Looked up once the words are known, and not before."""
    found = run(lambda: _after(data, bridge, turn, words)) if turn.gold else ()
    return Result(turn, False, words.lag_s + takes_s, 0, tuple(p.id for p in found), 0)


async def _after(data: Data, bridge: Bridge, turn: CallerTurn, words: Heard) -> Sequence[Passage]:
    recall = _recall(data, Distant(bridge, 0.0), [])
    within = (turn.scope,) if turn.scope else ()
    return await recall(words.final, speculative=False, within=within)


def every(turn: CallerTurn, words: Heard, takes_s: float, given: tuple[str, ...]) -> Result:
    """Looked up on every partial whose words mean something new; the answer is the final words' own look-up.

    Nothing is decided here, so it is reckoned without a store. `given`: what the final words bring.
    """
    came: dict[frozenset[str], float] = {}
    for partial in words.partials:
        wanted = frozenset(terms(partial.words, LANGUAGE))
        if wanted and wanted not in came:
            came[wanted] = partial.at_s + takes_s
    if not turn.gold:
        return Result(turn, True, 0.0, len(came), (), 0)
    last = frozenset(terms(words.final, LANGUAGE))
    there_s = came.get(last, words.end_s + words.lag_s + takes_s)
    used = 1 if last in came else 0
    return Result(turn, there_s <= words.end_s, max(0.0, there_s - words.end_s), len(came) - used, given, 0)


def _recall(data: Data, store: Distant, told: list[Lookup]) -> Recall:
    pages = {scope: scope for scope in data.scopes}
    return Recall(store, TENANT, (), language=LANGUAGE, pages=pages, on_lookup=told.append, budget_s=5.0)
