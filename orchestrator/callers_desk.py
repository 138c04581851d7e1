"""What an operator does with callers: find, show, hand out, merge, erase, sweep, seal anew."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

from pydantic import JsonValue

from memory.callers import Caller, CallerKey, Sign, dump_caller, phone_sign
from memory.errors import NotFound
from memory.ports import KnowledgeStore, SessionStore
from memory.privacy import Hidden, Redactor, Retention
from memory.privacy_erasure import Erased, erase
from memory.privacy_stores import Actor, Stores, marks_of
from memory.privacy_sweep import Swept, sweep
from memory.sealed_sessions import SealedSessions, every_session
from memory.types import SessionKey
from orchestrator.callfile import load_call
from orchestrator.errors import BadCallFile
from orchestrator.redaction import Level, redacted
from orchestrator.settings import Settings
from orchestrator.shelf import open_shelf
from orchestrator.stores import open_audit, open_callers, open_sessions

CLI = Actor("cli", "admin")
EXPORT_VERSION = 1
_ID = re.compile(r"[0-9a-f]{16}")
_HIDES: dict[Level, frozenset[str]] = {
    "never": frozenset(),
    "sensitive": frozenset({"sensitive"}),
    "personal": frozenset({"sensitive", "personal"}),
}


class Desk:
    """One tenant's callers, with all that is kept of them.

    Args:
        stores: open; see `open_stores`.
        actor: who stands at it, for the audit log.
    """

    def __init__(self, stores: Stores, tenant: str, retention: Retention, actor: Actor = CLI) -> None:
        self._stores = stores
        self._tenant = tenant
        self._retention = retention
        self._actor = actor

    async def find(self, named: str) -> Caller:
        """A caller by id, or by a phone number.

        Raises:
            NotFound: there is none, or several ring from that number.
        """
        if _ID.fullmatch(named):
            return await self._stores.callers.load(CallerKey(self._tenant, named))
        sign = phone_sign(named)
        found = await self._stores.callers.find(self._tenant, sign) if sign is not None else ()
        if len(found) != 1:
            many = (
                f"{len(found)} callers ring from it; name one by its id"
                if found
                else "no caller rings from it"
            )
            what = (
                "this number" if sign is not None else f"{named[:40]!r} is no caller's id and no phone number"
            )
            raise NotFound(f"{what}: {many}" if sign is not None else what)
        return found[0]

    async def page(self, limit: int, before: str | None = None) -> Sequence[Caller]:
        """Newest first, by when they were first known. `before`: a caller's id, to page."""
        return await self._stores.callers.list(self._tenant, limit=limit, before=before)

    async def export(self, caller: Caller, level: Level) -> bytes:
        """All that is kept of a caller and of their calls, as JSON.

        Args:
            level: what is taken out of it: what may never be kept, also what is sensitive, or what is personal.

        Raises:
            KeyMissing, WrongKey: something is sealed with a key that is not here.
        """
        told: dict[str, JsonValue] = {
            "version": EXPORT_VERSION,
            "redacted": level,
            "caller": exported(caller, level),
            "calls": [await self._call(call, level) for call in await self._calls(caller)],
        }
        return json.dumps(told, indent=2, ensure_ascii=False).encode() + b"\n"

    async def erase(self, caller: Caller) -> Erased:
        """See `memory.privacy_erasure.erase`."""
        return await erase(self._stores, caller.key, self._actor, _now())

    async def merge(self, into: Caller, other: Caller) -> Caller:
        """See `CallerBook.merge`. Raises NotFound where both are one."""
        if into.key == other.key:
            raise NotFound(f"{into.key.caller} is one caller; name two to merge")
        return await self._stores.callers.merge(into.key, other.key, _now())

    async def sweep(self) -> Swept:
        """See `memory.privacy_sweep.sweep`."""
        return await sweep(self._stores, [self._tenant], self._retention, _now(), self._actor)

    async def rekey(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Seal all callers and all sessions with the newest key: of each, how many there are, and were sealed anew."""
        callers = sessions = (0, 0)
        for tenant in sorted({self._tenant, *await self._stores.callers.tenants()}):
            callers = _sum(callers, await self._stores.callers.rekey(tenant))
            if isinstance(self._stores.sessions, SealedSessions):
                sessions = _sum(sessions, await self._stores.sessions.rekey(tenant))
        await self._stores.callers.scrub()
        return callers, sessions

    async def _calls(self, caller: Caller) -> list[str]:
        marks = self._stores.callers.marks(caller)
        named = dict.fromkeys(past.call for past in caller.calls)
        async for session in every_session(self._stores.sessions, self._tenant):
            if marks & marks_of(session):
                named[session.key.call] = None
        return list(named)

    async def _call(self, call: str, level: Level) -> JsonValue:
        """A call's file; what is there of one that broke off, where nothing may be left in it."""
        try:
            record = await self._stores.sessions.load(SessionKey(self._tenant, call))
        except NotFound:
            return {"call": call, "gone": True}
        try:
            story = redacted(load_call(record.record, f"call {call}"), level)
        except BadCallFile:
            kept: JsonValue = None if level != "never" else json.loads(record.state)
            return {"call": call, "broke_off": True, "state": kept}
        told: JsonValue = story.model_dump(mode="json")
        return told


def exported(caller: Caller, level: Level) -> JsonValue:
    """A caller as JSON, without what the level takes out."""
    hides = _HIDES[level]
    hidden = {name: value for name, value in caller.values.items() if value.pii in hides}
    values = {
        name: replace(value, value=f"[{name}]") if name in hidden else value
        for name, value in caller.values.items()
    }
    signs = tuple(replace(sign, value=f"[{sign.kind.value}]") for sign in caller.signs)
    shown = replace(caller, values=values, signs=signs if "personal" in hides else caller.signs)
    redactor = Redactor(Hidden(name, value.value) for name, value in hidden.items())
    return redactor.tree(json.loads(dump_caller(shown)))


@asynccontextmanager
async def open_desk(settings: Settings) -> AsyncIterator[Desk]:
    """Raises MemoryFailure where a store cannot be opened, BadSettings where the keys are missing."""
    async with open_stores(settings) as stores:
        yield Desk(stores, settings.tenant, settings.privacy.retention)


@asynccontextmanager
async def open_stores(
    settings: Settings,
    sessions: SessionStore | None = None,
    knowledge: Sequence[KnowledgeStore] = (),
    *,
    with_shelf: bool = True,
) -> AsyncIterator[Stores]:
    """Everywhere that something of callers is kept. What is given is open, and left open.

    Args:
        knowledge: indexes beside the one that is kept on disk.
        with_shelf: open that one too; it is one process's at a time.
    """
    async with AsyncExitStack() as opened:
        settings.data.folder.mkdir(parents=True, exist_ok=True)
        if sessions is None:
            sessions = await open_sessions(settings)
            opened.push_async_callback(sessions.aclose)
        book, store = await open_callers(settings)
        opened.push_async_callback(store.aclose)
        audit = await open_audit(settings)
        opened.push_async_callback(audit.aclose)
        indexes = list(knowledge)
        if with_shelf and (settings.knowledge.store == "qdrant" or settings.data.knowledge.exists()):
            indexes.append((await opened.enter_async_context(open_shelf(settings))).store)
        yield Stores(book, sessions, indexes, settings.data.recordings, audit)


def number_of(sign: Sign) -> str:
    """What a sign shows to an operator."""
    return sign.value.replace("\n", ", ")


def _sum(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    return one[0] + other[0], one[1] + other[1]


def _now() -> datetime:
    return datetime.now(UTC)
