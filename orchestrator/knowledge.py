"""Knowledge: the pages of flows and what was added beside them, kept where they can be searched, and searched."""

from __future__ import annotations

from collections.abc import Callable

import anyio

from flows.loader import LoadedFlow
from memory.edge import EdgeKnowledge
from memory.pages import read_pages
from memory.ports import Embedder, KnowledgeStore
from orchestrator.sections import KnowledgeSettings
from orchestrator.settings import Settings
from reasoner.hand import Remembered
from reasoner.recall import Lookup, Recall

ADDED = "+"
"""Behind the scope of a flow's pages: what `souffleur knowledge add` put beside them."""


async def open_knowledge(settings: Settings) -> EdgeKnowledge:
    """The index of this process: what `souffleur knowledge add` kept, copied, and room for the pages of flows.

    Raises:
        MemoryFailure, StoreFull: see `EdgeKnowledge.open`; the embedding model cannot be loaded.
    """
    embedder = await embedder_of(settings.knowledge)
    return await EdgeKnowledge.open(embedder=embedder, begin_with=settings.data.knowledge)


async def embedder_of(settings: KnowledgeSettings) -> Embedder | None:
    """Raises MemoryFailure where the model, or the extra for it, is not there."""
    if not settings.embeddings:
        return None
    from memory.embedding import SMALL_MODEL, SentenceEmbedder

    return await SentenceEmbedder.open(SMALL_MODEL if settings.embeddings == "small" else settings.embeddings)


def scopes_of(loaded: LoadedFlow) -> dict[str, str]:
    """The scope of each folder of pages, by its name in the flow."""
    flow = loaded.flow.flow
    return {name: f"{flow}.{name}" if name else flow for name in loaded.knowledge_dirs}


async def learn(
    knowledge: KnowledgeStore, tenant: str, loaded: LoadedFlow, shared: Remembered | None = None
) -> None:
    """Have the flow's pages ready to be searched. Does nothing where they have not changed.

    Args:
        shared: what calls remember of look-ups; of pages that have changed it is forgotten.

    Raises:
        MemoryFailure: they cannot be read or kept.
    """
    scopes = scopes_of(loaded)
    for name, folder in loaded.knowledge_dirs.items():
        passages = await anyio.to_thread.run_sync(read_pages, folder)
        if await knowledge.put(tenant, scopes[name], passages) and shared is not None:
            shared.forget(tenant, scopes[name])


def recall_of(
    knowledge: KnowledgeStore,
    tenant: str,
    loaded: LoadedFlow,
    on_lookup: Callable[[Lookup], None] | None = None,
    *,
    shared: Remembered | None = None,
    access: tuple[str, ...] = (),
) -> Recall:
    """The look-ups of one call. `shared`, `access`: see `Recall`."""
    scopes = scopes_of(loaded)
    whole = tuple(scopes.values()) or (loaded.flow.flow,)
    recall = Recall(
        knowledge,
        tenant,
        (*whole, loaded.flow.flow + ADDED),
        language=loaded.flow.language,
        pages=scopes,
        shared=shared,
        access=access,
    )
    if on_lookup is not None:
        recall.on_lookup = on_lookup
    return recall
