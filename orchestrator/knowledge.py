"""Knowledge: the pages of flows and what was added beside them, kept where they can be searched, and searched."""

from __future__ import annotations

from collections.abc import Callable

import anyio

from flows.loader import LoadedFlow
from memory.edge import EdgeKnowledge
from memory.errors import MemoryFailure
from memory.pages import read_pages
from memory.ports import Embedder, KnowledgeStore
from orchestrator.sections import KnowledgeSettings
from orchestrator.settings import Settings
from reasoner.hand import Remembered
from reasoner.recall import Lookup, Recall

SEARCH_WITHIN_S = 0.25
ADDED = "+"
"""Behind the scope of a flow's pages: what `souffleur knowledge add` put beside them."""


async def open_knowledge(settings: Settings) -> KnowledgeStore:
    """What calls search: the index of this process, or the server that all processes share.

    The index of this process begins with a copy of what `souffleur knowledge add` kept; a server has it already.

    Raises:
        MemoryFailure, StoreFull: see `EdgeKnowledge.open` and `QdrantKnowledge.open`; the embedding model cannot be
            loaded.
        BadSettings: the server's key is wanted and missing.
    """
    embedder = await embedder_of(settings.knowledge)
    if settings.knowledge.store == "qdrant":
        return await open_served(settings.knowledge, embedder)
    return await EdgeKnowledge.open(embedder=embedder, begin_with=settings.data.knowledge)


async def open_served(
    settings: KnowledgeSettings, embedder: Embedder | None, budget_s: float = SEARCH_WITHIN_S
) -> KnowledgeStore:
    """The store on a Qdrant server. Raises MemoryFailure, BadSettings: see `open_knowledge`."""
    try:
        from memory.qdrant import QdrantKnowledge
        from memory.qdrant_server import connect
    except ImportError:
        raise MemoryFailure(
            "knowledge.store = qdrant needs the extra `qdrant`; install it (pip install 'souffleur[qdrant]'), or set"
            " it to embedded"
        ) from None
    client = connect(settings.url, settings.api_key)
    return await QdrantKnowledge.open(
        client, collection=settings.collection, budget_s=budget_s, embedder=embedder
    )


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
        called=f"{loaded.flow.agent.company} {loaded.flow.agent.business}",
    )
    if on_lookup is not None:
        recall.on_lookup = on_lookup
    return recall
