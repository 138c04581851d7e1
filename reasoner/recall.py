"""Knowledge for a caller's question, looked up while they still speak and used again when the words settle.

A look-up brings many candidates; `memory.ranking` puts them in order for the final words without asking again. What it
finds for almost any words has to be about what was asked before it is read out.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import anyio
import numpy as np
from numpy.typing import NDArray

from memory.edge_terms import Terms
from memory.errors import MemoryFailure
from memory.ports import KnowledgeStore
from memory.ranking import rank
from memory.types import Candidate, Passage, Query
from reasoner.hand import Hand, Remembered, Wanted
from reasoner.lookahead import LookAhead, Pace, meanings
from reasoner.relevance import WEIGHED, relevant
from reasoner.terms import terms

BUDGET_S = 0.3
LIMIT = 3
CANDIDATES = 200
"""By words, and by meaning. With half as many, early look-ups missed what late words asked for once in fifty turns of a
bank's callers; a store of 20,000 passages gives them in a few milliseconds."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """One look-up, for those who watch the call.

    Attributes:
        took_ms: until the passages were there; next to nothing from what is in hand.
        speculative: made while the caller was still speaking.
        from_cache: candidates of an earlier look-up served, finished or under way.
        lost: the store failed or was too slow; the call goes on without knowledge.
    """

    query: str
    titles: tuple[str, ...]
    took_ms: float
    speculative: bool
    from_cache: bool = False
    lost: bool = False


def _unwatched(_lookup: Lookup) -> None:
    return None


class Recall:
    """The look-ups of one call. Serves the ports `Search` and `LooksAhead`.

    Args:
        store: where the passages are.
        tenant: whose they are.
        scope: what to stay within; empty for all of the tenant's.
        pages: the scope of each of the flow's folders of pages, by its name.
        language: BCP 47, of the questions and the passages.
        on_lookup: told of each look-up, from the cache as well.
        budget_s: after this a look-up is given up.
        access: the labels that the caller holds.
        shared: what other calls found. Not used for a caller with labels: what is theirs is remembered for this
            call alone.
        pace: how eagerly to look ahead.
        called: whom the caller rang, in words: "Riverside Family Clinic". They do not say what is asked.
    """

    def __init__(
        self,
        store: KnowledgeStore,
        tenant: str,
        scope: tuple[str, ...],
        *,
        language: str,
        on_lookup: Callable[[Lookup], None] = _unwatched,
        pages: Mapping[str, str] | None = None,
        budget_s: float = BUDGET_S,
        access: tuple[str, ...] = (),
        shared: Remembered | None = None,
        pace: Pace | None = None,
        called: str = "",
    ) -> None:
        self._store = store
        self._tenant = tenant
        self._scope = scope
        self._pages = pages or {}
        self._language = language
        self.on_lookup = on_lookup
        self._budget_s = budget_s
        self._access = access
        self._remembered = Remembered() if access or shared is None else shared
        self._numbers = Terms(language)
        self._called = frozenset(terms(called, language))
        self._ahead = LookAhead(language, pace or Pace())
        self._hands: dict[tuple[str, ...], Hand] = {}
        self._under_way: dict[tuple[str, ...], anyio.Event] = {}
        self._turn = 0
        self._said = ""  # by the newest partial
        self._loaded: set[tuple[str, tuple[str, ...]]] = set()

    async def __call__(
        self, question: str, *, speculative: bool, within: tuple[str, ...] = ()
    ) -> Sequence[Passage]:
        """Best first, empty where nothing is about the question, or the store is lost.

        What is in hand is used where it serves. Asked for real, the turn is over with it.
        """
        began = time.perf_counter()
        scope, wanted = self._scope_of(within), frozenset(terms(question, self._language))
        found: list[Passage] | None = None
        asked_store = [False]
        try:
            with anyio.move_on_after(self._budget_s):
                found = await self._answer(question, wanted, scope, asked_store)
        finally:  # whoever asks may have less time than that
            if not speculative:
                self.turn_over()
        took_ms = (time.perf_counter() - began) * 1000
        titles = tuple(passage.title for passage in found or ())
        from_cache = bool(wanted) and not asked_store[0]
        self.on_lookup(Lookup(question, titles, took_ms, speculative, from_cache, lost=found is None))
        return tuple(found or ())

    def admit(self, access: tuple[str, ...]) -> None:
        """From now on the caller holds these labels. What is in hand is looked up anew, for this call alone."""
        if access != self._access:
            self._access, self._remembered = access, Remembered()
            self._hands.clear()
            self._loaded.clear()

    # --- looking ahead -------------------------------------------------------------------------------------

    def heard(self, words: str, within: tuple[str, ...] = ()) -> str:
        """See `LooksAhead.heard`."""
        self._said = words
        scope = self._scope_of(within)
        if self._hand(scope).whole:
            return ""
        return self._ahead.heard(words, busy=scope in self._under_way)

    async def fetch(self, question: str, within: tuple[str, ...] = ()) -> None:
        """See `LooksAhead.fetch`."""
        scope, began = self._scope_of(within), time.perf_counter()
        came = False
        with anyio.move_on_after(self._budget_s):
            came = await self._fetch(question, frozenset(terms(question, self._language)), scope)
        took_ms = (time.perf_counter() - began) * 1000
        self.on_lookup(Lookup(question, (), took_ms, True, lost=not came))

    async def load(self, about: str, within: tuple[str, ...] = ()) -> None:
        """See `LooksAhead.load`. A scope of fewer passages than a look-up brings is loaded whole."""
        scope = self._scope_of(within)
        for text in ("", about):
            hand = self._hand(scope)
            if hand.whole or (text, scope) in self._loaded or not (scope and (about or not text)):
                continue
            self._loaded.add((text, scope))
            with anyio.move_on_after(self._budget_s):
                found = await self._ask(text, frozenset(terms(text, self._language)), scope)
                if found is not None and (text or len(found) < CANDIDATES):
                    hand.load(found, whole=not text)

    def turn_over(self) -> None:
        """See `LooksAhead.turn_over`."""
        self._turn += 1
        self._said = ""
        self._ahead.turn_over()
        for hand in self._hands.values():
            hand.discard()

    # --- inside --------------------------------------------------------------------------------------------

    def _scope_of(self, within: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(self._pages[name] for name in within if name in self._pages) or self._scope

    def _hand(self, scope: tuple[str, ...]) -> Hand:
        return self._hands.setdefault(scope, Hand(self._language))

    async def _answer(
        self, question: str, wanted: frozenset[str], scope: tuple[str, ...], asked_store: list[bool]
    ) -> list[Passage] | None:
        """The passages, None where the store is lost."""
        if not wanted:
            return []
        hand, subject = self._hand(scope), frozenset(meanings(question, self._language)) or wanted
        if self._said:
            hand.revise(wanted | frozenset(terms(self._said, self._language)))
        while not hand.serves(subject):
            if scope in self._under_way:  # perhaps it brings what is wanted
                await self._under_way[scope].wait()
                if hand.serves(subject):
                    break
                continue
            hand.discard()
            asked_store[0] = self._known(wanted, scope) is None
            if not await self._fetch(question, wanted, scope):
                return None
            break
        return await self._best(question, wanted, hand.candidates)

    async def _fetch(self, question: str, wanted: frozenset[str], scope: tuple[str, ...]) -> bool:
        """Have the candidates for a question in hand. False where the store is lost."""
        turn = self._turn
        found: Sequence[Candidate] | None = self._known(wanted, scope)
        if found is None:
            done = self._under_way[scope] = anyio.Event()
            try:
                found = await self._ask(question, wanted, scope)
            finally:
                if self._under_way.get(scope) is done:
                    del self._under_way[scope]
                if found is not None and turn == self._turn:  # else it is remembered, and no more
                    self._hand(scope).add(wanted, found)
                done.set()
            return found is not None
        self._hand(scope).add(wanted, found)
        return True

    def _known(self, wanted: frozenset[str], scope: tuple[str, ...]) -> tuple[Candidate, ...] | None:
        return self._remembered.get(Wanted(self._tenant, wanted, scope))

    async def _ask(
        self, question: str, wanted: frozenset[str], scope: tuple[str, ...]
    ) -> Sequence[Candidate] | None:
        """Ask the store, or what others found; None where it is lost."""
        if (known := self._known(wanted, scope)) is not None:
            return known
        meaning = await self._meaning(question) if question else None
        query = Query(question, self._tenant, scope, meaning, self._access)
        try:
            found = await self._store.candidates(query, CANDIDATES)
        except MemoryFailure:
            return None
        self._remembered.keep(Wanted(self._tenant, wanted, scope), found)
        return found

    async def _meaning(self, question: str) -> NDArray[np.float32] | None:
        """None where there is no embedder, or it fails: then words alone have to do."""
        if self._store.embedder is None:
            return None
        try:
            return np.asarray((await self._store.embedder.embed([question]))[0], np.float32)
        except MemoryFailure:
            return None

    async def _best(
        self, question: str, wanted: frozenset[str], candidates: Sequence[Candidate]
    ) -> list[Passage]:
        if not candidates:
            return []
        meaning = await self._meaning(question)
        best = rank(self._numbers.asked_for(question), meaning, candidates, WEIGHED)
        by_meaning = meaning is not None
        return relevant(wanted, best, self._language, by_meaning=by_meaning, called=self._called)[:LIMIT]
