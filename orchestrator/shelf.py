"""Knowledge that was added beside the pages of flows, under the flow's name.

It is kept in the data folder, and servers begin with a copy of it, so it is theirs from their next start on; or on
the Qdrant server, where all have it at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

import anyio.to_thread
import numpy as np
from numpy.typing import NDArray

from memory.documents import documents_in, read_document
from memory.edge import EdgeKnowledge
from memory.errors import MemoryFailure, NotFound
from memory.ports import Embedder, KnowledgeStore
from memory.types import Passage, Query
from orchestrator.knowledge import ADDED, embedder_of, open_served
from orchestrator.settings import Settings

SEARCH_WITHIN_S = 10.0


class Stage(StrEnum):
    READING = "reading"  # files
    INDEXING = "indexing"  # passages


Told = Callable[[Stage, int, int], None]
"""How far a stage is: how many are done, of how many."""


@dataclass(frozen=True, slots=True)
class Added:
    """What adding came to: passages given, and how many of the scope were added, changed or removed by it."""

    files: int
    passages: int
    changed: int


class Watched:
    """An `Embedder` that says how many texts it has done."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.on_done: Callable[[int], None] = _unseen

    @property
    def name(self) -> str:
        return self._embedder.name

    @property
    def dim(self) -> int:
        return self._embedder.dim

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """See `Embedder.embed`."""
        done = await self._embedder.embed(texts)
        self.on_done(len(texts))
        return done


@dataclass(frozen=True, slots=True)
class Shelf:
    """The kept knowledge of one tenant, open. One process at a time, unless a server keeps it."""

    store: KnowledgeStore
    tenant: str
    watched: Watched | None = None

    async def add(
        self, scope: str, places: Sequence[Path], access: str = "", told: Told | None = None
    ) -> Added:
        """Take files in. Of a file that was there before only what changed is written, or embedded again.

        Nothing is written unless all of them can be read.

        Args:
            told: how far it is.

        Raises:
            MemoryFailure: a file cannot be read; two of them have the same name; the index cannot be written.
        """
        told = told or _untold
        given = await self._read(places, access, told)
        new = [passage for passages in given.values() for passage in passages]
        if not new:
            raise MemoryFailure(f"{', '.join(map(str, places))}: no text in it")
        others = [p for p in await self.store.passages(self.tenant, scope + ADDED) if p.source not in given]
        told(Stage.INDEXING, 0, len(new))
        if self.watched is not None:
            self.watched.on_done = _counting(told, len(new))
        changed = await self.store.put(self.tenant, scope + ADDED, [*others, *new])
        told(Stage.INDEXING, len(new), len(new))
        return Added(len(given), len(new), changed)

    async def _read(self, places: Sequence[Path], access: str, told: Told) -> dict[str, list[Passage]]:
        """The passages of each file, by what it is called."""
        files = [found for place in places for found in await anyio.to_thread.run_sync(_files, place)]
        given: dict[str, list[Passage]] = {}
        for done, (file, source) in enumerate(files, start=1):
            if source in given:
                raise MemoryFailure(
                    f"{file}: another file is called {source} too; add their folder, or rename one"
                )
            read = await anyio.to_thread.run_sync(read_document, file, source)
            given[source] = [replace(passage, access=access) for passage in read]
            told(Stage.READING, done, len(files))
        return given

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


def _untold(_stage: Stage, _done: int, _of: int) -> None:
    return None


def _unseen(_texts: int) -> None:
    return None


def _counting(told: Told, of: int) -> Callable[[int], None]:
    done = 0

    def more(texts: int) -> None:
        nonlocal done
        done += texts
        told(Stage.INDEXING, min(done, of), of)

    return more


@asynccontextmanager
async def open_shelf(settings: Settings) -> AsyncIterator[Shelf]:
    """Raises MemoryFailure where another process has it open, or it was built with another model."""
    embedder = await embedder_of(settings.knowledge)
    watched = Watched(embedder) if embedder is not None else None
    store: KnowledgeStore
    if settings.knowledge.store == "qdrant":
        store = await open_served(settings.knowledge, watched, SEARCH_WITHIN_S)
    else:
        store = await EdgeKnowledge.open(settings.data.knowledge, embedder=watched, budget_s=SEARCH_WITHIN_S)
    try:
        yield Shelf(store, settings.tenant, watched)
    finally:
        await store.aclose()
