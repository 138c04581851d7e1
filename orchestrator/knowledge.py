"""The pages of a flow: kept where they can be searched, and searched."""

from __future__ import annotations

from collections.abc import Callable

import anyio

from flows.loader import LoadedFlow
from memory.pages import read_pages
from memory.ports import KnowledgeStore
from reasoner.recall import Lookup, Recall


def scopes_of(loaded: LoadedFlow) -> dict[str, str]:
    """The scope of each folder of pages, by its name in the flow."""
    flow = loaded.flow.flow
    return {name: f"{flow}.{name}" if name else flow for name in loaded.knowledge_dirs}


async def learn(knowledge: KnowledgeStore, tenant: str, loaded: LoadedFlow) -> None:
    """Have the flow's pages ready to be searched. Does nothing where they have not changed.

    Raises:
        MemoryFailure: they cannot be read or kept.
    """
    scopes = scopes_of(loaded)
    for name, folder in loaded.knowledge_dirs.items():
        passages = await anyio.to_thread.run_sync(read_pages, folder)
        await knowledge.put(tenant, scopes[name], passages)


def recall_of(
    knowledge: KnowledgeStore,
    tenant: str,
    loaded: LoadedFlow,
    on_lookup: Callable[[Lookup], None] | None = None,
) -> Recall:
    """The look-ups of one call."""
    scopes = scopes_of(loaded)
    whole = tuple(scopes.values()) or (loaded.flow.flow,)
    recall = Recall(knowledge, tenant, whole, language=loaded.flow.language, pages=scopes)
    if on_lookup is not None:
        recall.on_lookup = on_lookup
    return recall
