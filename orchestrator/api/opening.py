"""Opens what the API works with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime

import anyio

from memory.admin import ApiKey
from memory.admin_ports import AuditLog, FlowStore, KeyStore
from orchestrator.api.desk import Carrier, Desk
from orchestrator.callers_desk import open_stores
from orchestrator.flow_shelf import FlowShelf
from orchestrator.offer import offer_of
from orchestrator.settings import Settings
from orchestrator.stores import open_admin
from orchestrator.tickets import Tickets

_CLOSE_WITHIN_S = 5.0


@asynccontextmanager
async def open_desk(settings: Settings, carrier: Carrier, sources: Sequence[str]) -> AsyncIterator[Desk]:
    """Everything that the API reads and changes, until the block is left.

    Args:
        carrier: what carries calls here.
        sources: the flows that come with the server, by name in the library or file.

    Raises:
        MemoryFailure: a store cannot be opened. BadSettings: the key of tickets is wanted and missing.
    """
    tickets = Tickets(settings.api.ticket_key, settings.tenant)
    async with AsyncExitStack() as opened:
        keys, audit, flows = await open_admin(settings)
        for store in (keys, audit, flows):
            opened.push_async_callback(_close, store)
        people = await opened.enter_async_context(
            open_stores(settings, carrier.sessions, [carrier.knowledge], with_shelf=False)
        )
        yield Desk(
            settings=settings,
            carrier=carrier,
            keys=keys,
            audit=audit,
            flows=flows,
            shelf=FlowShelf(flows, settings.data.folder / "flows", tuple(sources)),
            tickets=tickets,
            offer=offer_of(sources),
            people=people,
        )


async def _close(store: KeyStore | AuditLog | FlowStore) -> None:
    with anyio.move_on_after(_CLOSE_WITHIN_S, shield=True):
        await store.aclose()


async def good_keys(store: KeyStore, tenant: str) -> int:
    """How many keys of a tenant open anything."""
    return sum(is_good(key) for key in await store.list(tenant))


def is_good(key: ApiKey) -> bool:
    return key.revoked_at is None and (key.expires_at is None or key.expires_at > datetime.now(UTC))
