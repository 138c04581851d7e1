"""Sweeping: what was kept for as long as it may be is removed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import anyio.to_thread

from memory.callers import Caller
from memory.errors import NotFound, RevisionConflict
from memory.privacy import Retention
from memory.privacy_stores import Actor, Stores, class_of, note, remove_recordings
from memory.sealed_sessions import every_session

SWEPT = "callers.sweep"
"""In the audit log, where anything went."""

SWEEPER = Actor("sweep", "")


@dataclass(frozen=True, slots=True)
class Swept:
    """What went. `values`: of callers who stay; `callers`: of whom nothing was left."""

    calls: int = 0
    recordings: int = 0
    values: int = 0
    callers: int = 0

    def __bool__(self) -> bool:
        return bool(self.calls or self.recordings or self.values or self.callers)

    def __add__(self, other: Swept) -> Swept:
        return Swept(
            self.calls + other.calls,
            self.recordings + other.recordings,
            self.values + other.values,
            self.callers + other.callers,
        )


async def sweep(
    stores: Stores, tenants: Collection[str], retention: Retention, now: datetime, actor: Actor = SWEEPER
) -> Swept:
    """Remove what is older than its class may be. A call is as private as its most private value.

    Several may sweep at once. What is in use is not old enough to be swept.

    Args:
        tenants: whose sessions to look at; callers of all tenants are.

    Raises:
        StoreLost: a store did not answer. MemoryFailure: a file cannot be removed, a record not opened.
    """
    swept = Swept()
    for tenant in sorted({*tenants, *await stores.callers.tenants()}):
        ours = await _sweep_sessions(stores, tenant, retention, now)
        ours += await _sweep_callers(stores, tenant, retention, now)
        if ours:
            await note(stores, actor, tenant, SWEPT, "", now)
        swept += ours
    old = await anyio.to_thread.run_sync(_remove_old, stores.recordings, retention, now)
    return swept + Swept(recordings=old)


async def _sweep_sessions(stores: Stores, tenant: str, retention: Retention, now: datetime) -> Swept:
    calls = recordings = 0
    async for session in every_session(stores.sessions, tenant):
        if not retention.keeps(class_of(session), session.updated_at, now):
            recordings += await remove_recordings(stores.recordings, session.key.call)
            calls += await stores.sessions.delete(session.key)
    return Swept(calls=calls, recordings=recordings)


async def _sweep_callers(stores: Stores, tenant: str, retention: Retention, now: datetime) -> Swept:
    values = callers = 0
    async for caller in stores.callers.every(tenant):
        kept = _within(caller, retention, now)
        try:
            if not (kept.values or kept.calls or kept.open_matters):
                callers += await stores.callers.delete(caller.key)
            elif kept != caller:
                await stores.callers.write(kept, now)
                values += len(caller.values) - len(kept.values)
        except (RevisionConflict, NotFound):
            continue  # they are calling just now; the next sweep sees to it
    return Swept(values=values, callers=callers)


def _within(caller: Caller, retention: Retention, now: datetime) -> Caller:
    """The caller without what is too old. That there were calls, and what came of them, is personal."""
    return replace(
        caller,
        values={
            name: value
            for name, value in caller.values.items()
            if retention.keeps(value.pii, value.confirmed_at, now)
        },
        calls=tuple(call for call in caller.calls if retention.keeps("personal", call.began_at, now)),
        open_matters=tuple(
            matter for matter in caller.open_matters if retention.keeps("personal", matter.since, now)
        ),
    )


def _remove_old(folder: Path, retention: Retention, now: datetime) -> int:
    gone = 0
    for path in sorted(folder.glob("*.wav")) if folder.is_dir() else ():
        made_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        if not retention.keeps_recording(made_at, now):
            path.unlink(missing_ok=True)
            gone += 1
    return gone
