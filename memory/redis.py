"""Sessions in a Redis that several servers share. No modules are needed; a Cluster keeps a call's keys together.

What Redis has acknowledged is as safe as its own settings make it: `appendonly yes` loses at most the last second
when it is killed, `appendfsync always` nothing. Whoever owns a call writes again what was lost: see
`orchestrator/saver.py`.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from memory.errors import Fenced, MemoryFailure, NotFound, RevisionConflict, StoreFull
from memory.paging import check_page, stamp
from memory.redis_link import Argument, RedisLink, key_of
from memory.redis_pages import call_of, listing, member_of, page, places, put_in, take_out
from memory.redis_relisting import list_anew
from memory.redis_scripts import ATTACH, DELETE, REWRITE, SAVE
from memory.session_filter import ANY, SessionFilter
from memory.types import SessionKey, SessionRecord, StoredEvent

_MOST_UNSETTLED = 10_000
_MOST_AT_ONCE = 1000
_LISTED = ("revision", "flow", "flow_hash", "outcome", "started_at", "updated_at", "summary")
_ALL = (*_LISTED, "state", "record")


@dataclass(frozen=True, slots=True)
class _Save:
    """What one save is to write."""

    record: SessionRecord
    events: Sequence[StoredEvent]
    moments: Sequence[StoredEvent]
    seen: int
    fence: int | None

    @property
    def listed(self) -> str:
        return listing(self.record)

    def arguments(self, mark: str, unanswered: list[str], ready: bool) -> list[Argument]:
        """Of the script: see `memory.redis_scripts.SAVE`."""
        fields = _fields(self.record)
        return [
            self.seen,
            "" if self.fence is None else self.fence,
            mark,
            json.dumps(unanswered),
            self.listed,
            int(ready),
            len(fields),
            len(self.events),
            *(each for pair in fields.items() for each in pair),
            *(_dump(one) for one in (*self.events, *self.moments)),
        ]


class RedisSessions:
    """A `SessionStore` in a Redis. Open it with `RedisSessions.open`; close it with `aclose`."""

    def __init__(self, link: RedisLink) -> None:
        self._link = link
        self._unsettled: dict[SessionKey, list[str]] = {}  # marks of saves that went unanswered
        self._listed_anew: set[str] = set()  # tenants

    @classmethod
    async def open(cls, url: str, *, budget_s: float = 2.0) -> Self:
        """See `RedisLink.open`."""
        return cls(await RedisLink.open(url, budget_s=budget_s))

    async def save(
        self,
        record: SessionRecord,
        events: Sequence[StoredEvent],
        seen: int,
        *,
        fence: int | None = None,
        moments: Sequence[StoredEvent] = (),
    ) -> None:
        """See `SessionStore.save`.

        A save that went unanswered may have been carried out, or may be yet. Each has a mark of its own; the next
        one tells the marks of those before it, and takes their place where one of them was carried out.

        Raises:
            ValueError: the revision did not grow, or a time has no time zone.
        """
        if record.revision <= seen:
            raise ValueError(f"revision {record.revision} of {record.key.call} does not come after {seen}")
        save = _Save(record, events, moments, seen, fence)
        async with self._link.as_one():
            ready = seen == 0
            if ready:
                await put_in(self._link, places(record.key, save.listed))
            said, what, before = await self._try(save, ready=ready)
            if said == "list":
                await put_in(self._link, places(record.key, save.listed) - places(record.key, before))
                said, what, before = await self._try(save, ready=True)
            if said == "fenced":
                raise Fenced(record.key.call, fence, int(what))
            if said != "saved":
                raise RevisionConflict(record.key.call, ours=seen, stored=int(what))
            if before not in ("", save.listed):
                await self._tidy(places(record.key, before) - places(record.key, save.listed))

    async def attach(self, key: SessionKey, record: bytes, *, fence: int | None = None) -> None:
        """See `SessionStore.attach`."""
        keys = [_key(key, "session"), _key(key, "lease")]
        said, what = _texts(await self._link.run(ATTACH, keys, "" if fence is None else fence, record))
        if said == "fenced":
            raise Fenced(key.call, fence, int(what))
        if said == "missing":
            raise self._not_found(key)

    async def load(self, key: SessionKey) -> SessionRecord:
        """Raises NotFound, StoreLost."""
        values = await self._link.command("HMGET", _key(key, "session"), *_ALL)
        if values[0] is None:
            raise self._not_found(key)
        return _record(key, dict(zip(_ALL, values, strict=True)))

    async def events(self, key: SessionKey) -> Sequence[StoredEvent]:
        """All events of a session, in order. Empty where there is no such session."""
        return [_event(data) for data in await self._link.command("LRANGE", _key(key, "events"), 0, -1)]

    async def moments(self, key: SessionKey) -> Sequence[StoredEvent]:
        """What was told of a call, in order. Empty where there is no such session."""
        return [_event(data) for data in await self._link.command("LRANGE", _key(key, "moments"), 0, -1)]

    async def list(
        self,
        tenant: str,
        wanted: SessionFilter = ANY,
        *,
        limit: int = 50,
        before: str | None = None,
    ) -> Sequence[SessionRecord]:
        """See `SessionStore.list`."""
        check_page(limit, "sessions")
        after = await self._place_of(SessionKey(tenant, before)) if before is not None else None
        if wanted.takes_none:
            return []
        if (wanted.marks is not None or wanted.over is False) and tenant not in self._listed_anew:
            await list_anew(self._link, tenant)
            self._listed_anew.add(tenant)
        found: list[SessionRecord] = []
        count = limit + (limit // 2 if wanted.over else 0)  # those that go on are in the same list
        while len(found) < limit:
            members = await page(self._link, tenant, wanted, after, count)
            keys = [SessionKey(tenant, call_of(member)) for member in members]
            rows = await self._link.each([("HMGET", _key(key, "session"), *_LISTED) for key in keys])
            for key, member, values in zip(keys, members, rows, strict=True):
                record = _record(key, dict(zip(_LISTED, values, strict=True))) if values[0] else None
                if record is not None and wanted.takes(record) and member == member_of(key, listing(record)):
                    found.append(record)
            if len(members) < count:
                break
            after, count = members[-1], min(2 * count, _MOST_AT_ONCE)
        return found[:limit]

    async def delete(self, key: SessionKey) -> bool:
        """Remove a session, its events, its moments and its lease. True where there was one."""
        async with self._link.as_one():
            listed = (await self._link.run(DELETE, _keys(key))).decode()
            self._unsettled.pop(key, None)
            await self._tidy(places(key, listed))
        return bool(listed)

    async def rewrite(
        self, record: SessionRecord, events: Sequence[StoredEvent], moments: Sequence[StoredEvent]
    ) -> None:
        """See `SessionStore.rewrite`."""
        key = record.key
        said, what = _texts(
            await self._link.run(
                REWRITE,
                _keys(key)[:3],
                record.revision,
                len(events),
                len(moments),
                record.state,
                record.record,
                *(_dump(one) for one in (*events, *moments)),
            )
        )
        if said == "missing":
            raise self._not_found(key)
        if said != "saved":
            raise RevisionConflict(key.call, ours=record.revision, stored=int(what))

    async def aclose(self) -> None:
        """Disconnect. Safe to call twice."""
        await self._link.aclose()

    async def _try(self, save: _Save, *, ready: bool) -> tuple[str, str, str]:
        """Save, unless the session has to be put into other lists first: `saved`, `list`, `conflict` or `fenced`."""
        mark, key = uuid.uuid4().hex, save.record.key
        unanswered = self._unsettled.get(key, [])
        self._unsettled[key] = [*unanswered, mark]
        try:
            answer = await self._link.run(SAVE, _keys(key), *save.arguments(mark, unanswered, ready))
        except StoreFull:
            self._unsettled[key] = unanswered
            raise
        finally:
            while len(self._unsettled) > _MOST_UNSETTLED:
                self._unsettled.pop(next(iter(self._unsettled)))
        said, what, before = _texts(answer)
        if said == "list":
            self._unsettled[key] = unanswered
        else:
            self._unsettled.pop(key, None)
        return said, what, before

    async def _place_of(self, key: SessionKey) -> bytes:
        listed = await self._link.command("HGET", _key(key, "session"), "listed")
        if listed is None:
            raise NotFound(f"{self._link.place}: no session {key.call} of tenant {key.tenant} to go on from")
        return member_of(key, listed.decode())

    async def _tidy(self, stale: set[tuple[str, bytes]]) -> None:
        """Take a session out of lists that it has left. Where that fails they are read past it."""
        try:
            await take_out(self._link, stale)
        except MemoryFailure:
            return

    def _not_found(self, key: SessionKey) -> NotFound:
        return NotFound(f"{self._link.place}: no session {key.call} of tenant {key.tenant}")


def _key(key: SessionKey, name: str) -> str:
    return key_of((key.tenant, key.call), name)


def _keys(key: SessionKey) -> list[str]:
    return [_key(key, name) for name in ("session", "events", "moments", "lease")]


def _texts(answer: Sequence[bytes]) -> tuple[str, ...]:
    return tuple(each.decode() for each in answer)


def _fields(record: SessionRecord) -> dict[str, Argument]:
    return {
        "revision": record.revision,
        "flow": record.flow,
        "flow_hash": record.flow_hash,
        "state": record.state,
        "outcome": record.outcome or "",
        "started_at": stamp(record.started_at),
        "updated_at": stamp(record.updated_at),
        "summary": json.dumps(dict(record.summary), ensure_ascii=False, allow_nan=False),
        "record": record.record,
    }


def _record(key: SessionKey, fields: dict[str, Any]) -> SessionRecord:
    return SessionRecord(
        key=key,
        revision=int(fields["revision"]),
        flow=fields["flow"].decode(),
        flow_hash=fields["flow_hash"].decode(),
        state=fields.get("state", b""),
        outcome=fields["outcome"].decode() or None,
        started_at=datetime.fromisoformat(fields["started_at"].decode()),
        updated_at=datetime.fromisoformat(fields["updated_at"].decode()),
        summary=json.loads(fields["summary"]),
        record=fields.get("record", b""),
    )


def _dump(event: StoredEvent) -> bytes:
    return f"{event.revision} {event.at_s!r} ".encode() + event.event


def _event(data: bytes) -> StoredEvent:
    revision, at_s, event = data.split(b" ", 2)
    return StoredEvent(int(revision), float(at_s), event)
