"""A server removes what was kept for as long as it may be, now and then."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import anyio

from memory.errors import MemoryFailure
from memory.ports import SessionStore
from memory.privacy_sweep import Swept, sweep
from orchestrator.callers_desk import open_stores
from orchestrator.errors import OrchestratorError
from orchestrator.settings import Settings
from orchestrator.telemetry import Happened, log

FIRST_AFTER_S = 60.0
"""Not while a server starts; its calls come first."""


async def sweep_now_and_then(settings: Settings, sessions: SessionStore) -> None:
    """Sweep for as long as the server runs. Cancel to end. A sweep that fails is told, and tried again with the next.

    Several servers may do so at once.
    """
    await anyio.sleep(min(FIRST_AFTER_S, settings.privacy.sweep_hours * 3600))
    while True:
        try:
            gone = await swept_once(settings, sessions)
            if gone:
                log(Happened.SWEPT, calls=gone.calls)
        except (MemoryFailure, OrchestratorError) as failed:
            log(Happened.PART_IMPAIRED, part="sweep", why=type(failed).__name__)
        await anyio.sleep(settings.privacy.sweep_hours * 3600)


@asynccontextmanager
async def sweeping(settings: Settings, sessions: SessionStore) -> AsyncIterator[None]:
    """Sweep now and then until the block is left."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(sweep_now_and_then, settings, sessions)
        yield
        tasks.cancel_scope.cancel()


async def swept_once(settings: Settings, sessions: SessionStore) -> Swept:
    """One sweep of the settings' tenant, and of all that callers are kept of."""
    async with open_stores(settings, sessions, with_shelf=False) as stores:
        return await sweep(stores, [settings.tenant], settings.privacy.retention, datetime.now(UTC))
