"""Knowledge that was added beside the pages of flows: kept in the data folder, under the flow's name.

Servers begin with a copy of it, so it is theirs from their next start on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import anyio.to_thread

from memory.documents import documents_in, read_document
from memory.edge import EdgeKnowledge
from memory.errors import MemoryFailure, NotFound
from memory.types import Passage, Query
from orchestrator.knowledge import ADDED, embedder_of
from orchestrator.settings import Settings

SEARCH_WITHIN_S = 10.0


@dataclass(frozen=True, slots=True)
class Added:
    """What adding came to: passages given, and how many of the scope were added, changed or removed by it."""

    files: int
    passages: int
    changed: int


@dataclass(frozen=True, slots=True)
class Shelf:
    """The kept knowledge of one tenant, open. One process at a time."""

    store: EdgeKnowledge
    tenant: str

    async def add(self, scope: str, places: Sequence[Path], access: str = "") -> Added:
        """Take files in. Of a file that was there before only what changed is written, or embedded again.

        Raises:
            MemoryFailure: a file cannot be read; two of them have the same name; the index cannot be written.
        """
        given: dict[str, list[Passage]] = {}
        for place in places:
            for file, source in await anyio.to_thread.run_sync(_files, place):
                if source in given:
                    raise MemoryFailure(
                        f"{file}: another file is called {source} too; add their folder, or rename one"
                    )
                read = await anyio.to_thread.run_sync(read_document, file, source)
                given[source] = [replace(passage, access=access) for passage in read]
        new = [passage for passages in given.values() for passage in passages]
        if not new:
            raise MemoryFailure(f"{', '.join(map(str, places))}: no text in it")
        others = [p for p in await self.store.passages(self.tenant, scope + ADDED) if p.source not in given]
        changed = await self.store.put(self.tenant, scope + ADDED, [*others, *new])
        return Added(len(given), len(new), changed)

    async def remove(self, scope: str, sources: Collection[str] = ()) -> int:
        """Remove files from a scope, all of them where none is named; how many passages went.

        Raises:
            NotFound: there is no such scope or file.
        """
        there = await self.store.passages(self.tenant, scope + ADDED)
        known = {passage.source for passage in there}
        if not there:
            raise NotFound(f"{scope}: nothing was added under that name; see `souffleur knowledge list`")
        if missing := sorted(set(sources) - known):
            raise NotFound(f"{scope}: no file {', '.join(missing)}; there are {', '.join(sorted(known))}")
        kept = [passage for passage in there if sources and passage.source not in sources]
        return await self.store.put(self.tenant, scope + ADDED, kept)

    async def sources(self) -> dict[str, Counter[str]]:
        """How many passages each file of each scope has."""
        found = {}
        for scope in sorted(await self.store.scopes(self.tenant)):
            passages = await self.store.passages(self.tenant, scope)
            found[scope.removesuffix(ADDED)] = Counter(passage.source for passage in passages)
        return found

    async def search(
        self, scope: str, words: str, limit: int, access: Sequence[str] = ()
    ) -> Sequence[Passage]:
        """What a caller who holds `access` would be told from, best first."""
        embedder = self.store.embedder
        meaning = (await embedder.embed([words]))[0] if embedder is not None else None
        return await self.store.search(
            Query(words, self.tenant, (scope + ADDED,), meaning, tuple(access)), limit
        )


def _files(place: Path) -> list[tuple[Path, str]]:
    return list(documents_in(place))


@asynccontextmanager
async def open_shelf(settings: Settings) -> AsyncIterator[Shelf]:
    """Raises MemoryFailure where another process has it open, or it was built with another model."""
    embedder = await embedder_of(settings.knowledge)
    store = await EdgeKnowledge.open(settings.data.knowledge, embedder=embedder, budget_s=SEARCH_WITHIN_S)
    try:
        yield Shelf(store, settings.tenant)
    finally:
        await store.aclose()
