"""Erasing a caller: every trace in every store, and a word on what went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from memory.callers import Caller, CallerKey
from memory.errors import MemoryFailure, StoreLost
from memory.ports import KnowledgeStore
from memory.privacy_stores import Actor, Stores, marks_of, note, remove_recordings
from memory.sealed_sessions import every_session
from memory.types import SessionKey

ERASED = "callers.erase"
"""In the audit log."""

LIVE_WITHIN = timedelta(minutes=15)
"""A call without an outcome that was written so recently is taken to be going on."""


class CallGoesOn(MemoryFailure):
    """A call of the caller is going on, and would write again what is erased."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What went.

    Attributes:
        values: that were remembered.
        calls: sessions with their events and stories.
        passages: of knowledge that only this caller might hear.
        left: what could not be seen to, in a sentence each; "" nowhere.
    """

    caller: str
    values: int
    calls: int
    recordings: int
    passages: int
    left: tuple[str, ...] = ()


async def erase(stores: Stores, key: CallerKey, actor: Actor, at: datetime) -> Erased:
    """Remove a caller with all of their calls. May be repeated where it failed half-way: the caller goes last.

    Raises:
        NotFound: there is no such caller.
        CallGoesOn: hang up first, or wait.
        StoreLost: a store did not answer. MemoryFailure: a file cannot be removed.
    """
    caller = await stores.callers.load(key)
    calls = await _calls_of(stores, caller, at)
    recordings = 0
    for call in calls:
        recordings += await remove_recordings(stores.recordings, call)
    removed = 0
    for call in calls:
        removed += await stores.sessions.delete(SessionKey(key.tenant, call))
    passages = 0
    for index in stores.knowledge:
        passages += await _remove_passages(index, key.tenant, caller.access)
    await stores.callers.delete(key)
    left: tuple[str, ...] = ()
    try:
        await stores.callers.scrub()
    except StoreLost as busy:
        left = (str(busy),)
    await note(stores, actor, key.tenant, ERASED, key.caller, at)
    return Erased(key.caller, len(caller.values), removed, recordings, passages, left)


async def _calls_of(stores: Stores, caller: Caller, at: datetime) -> list[str]:
    """The calls that the caller's record names, and all that bear a mark of theirs: one that broke off names nobody."""
    tenant, marks = caller.key.tenant, stores.callers.marks(caller)
    found = dict.fromkeys(past.call for past in caller.calls)
    async for session in every_session(stores.sessions, tenant):
        if session.key.call in found or marks & marks_of(session):
            found[session.key.call] = None
            if session.outcome is None and at - session.updated_at < LIVE_WITHIN:
                raise CallGoesOn(
                    f"call {session.key.call} of caller {caller.key.caller} is going on; hang up, or wait, then erase"
                )
    return list(found)


async def _remove_passages(index: KnowledgeStore, tenant: str, access: str) -> int:
    gone = 0
    for scope in await index.scopes(tenant):
        passages = await index.passages(tenant, scope)
        kept = [passage for passage in passages if passage.access != access]
        if len(kept) < len(passages):
            await index.put(tenant, scope, kept)
            gone += len(passages) - len(kept)
    return gone
