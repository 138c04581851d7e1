"""Keys, audit log and versions of flows in a Redis that several servers share.

Every change is one script. Redis itself keeps nobody with access to it from deleting the log: give servers a user that
may not (ACL: -xdel -xtrim -del on those keys) where that matters.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Self

from memory.admin import ApiKey, AuditEntry, FlowVersion
from memory.errors import NotFound
from memory.paging import check_page, stamp
from memory.redis_link import RedisLink, Script, key_of

_ADD_KEY = Script("""
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 or redis.call('HEXISTS', KEYS[2], ARGV[2]) == 1 then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
redis.call('HSET', KEYS[2], ARGV[2], ARGV[1])
return 1
""")
_CHANGE_KEY = Script("""
local hash = redis.call('HGET', KEYS[2], ARGV[1])
if not hash then return false end
local key = cjson.decode(redis.call('HGET', KEYS[1], hash))
if key.tenant ~= ARGV[2] then return false end
if ARGV[3] ~= '' and (not key.expires_at or ARGV[3] < key.expires_at) then key.expires_at = ARGV[3] end
if ARGV[4] ~= '' and not key.revoked_at then key.revoked_at = ARGV[4] end
local changed = cjson.encode(key)
redis.call('HSET', KEYS[1], hash, changed)
return changed
""")
_APPEND = Script("""
local place = redis.call('INCR', KEYS[2])
redis.call('XADD', KEYS[1], place .. '-0', 'entry', ARGV[1])
return place
""")
_ADD_VERSION = Script("""
local last = tonumber(redis.call('HGET', KEYS[2], ARGV[1]) or '0')
if last > 0 then
    local newest = redis.call('HGET', KEYS[1], ARGV[1] .. '/' .. last)
    if cjson.decode(newest).content == ARGV[3] then return last end
end
redis.call('HSET', KEYS[1], ARGV[1] .. '/' .. (last + 1), ARGV[2])
redis.call('HSET', KEYS[2], ARGV[1], last + 1)
return last + 1
""")
_ACTIVATE = Script("""
if ARGV[2] == '' then
    if redis.call('HEXISTS', KEYS[2], ARGV[1]) == 0 then return 0 end
    redis.call('HDEL', KEYS[3], ARGV[1])
else
    if redis.call('HEXISTS', KEYS[1], ARGV[1] .. '/' .. ARGV[2]) == 0 then return 0 end
    redis.call('HSET', KEYS[3], ARGV[1], ARGV[2])
end
return 1
""")


class RedisKeys:
    """A `KeyStore`. All keys lie together, for they are found before their tenant is known."""

    def __init__(self, link: RedisLink) -> None:
        self._link = link
        self._places = [key_of(("keys",), "by_hash"), key_of(("keys",), "by_id")]

    @classmethod
    async def open(cls, url: str, *, budget_s: float = 2.0) -> Self:
        """Raises what `RedisLink.open` does."""
        return cls(await RedisLink.open(url, budget_s=budget_s))

    async def add(self, key: ApiKey) -> None:
        """See `KeyStore.add`."""
        data = json.dumps(_plain(asdict(key)))
        if not await self._link.run(_ADD_KEY, self._places, key.hash, key.id, data):
            raise ValueError(f"there is a key {key.id} already, or one with its hash; make another")

    async def find(self, hash: str) -> ApiKey | None:
        """See `KeyStore.find`."""
        found = await self._link.command("HGET", self._places[0], hash)
        return _key(found) if found is not None else None

    async def list(self, tenant: str | None = None) -> Sequence[ApiKey]:
        """See `KeyStore.list`."""
        found = [_key(data) for data in await self._link.command("HVALS", self._places[0])]
        kept = [key for key in found if tenant is None or key.tenant == tenant]
        return sorted(sorted(kept, key=lambda key: key.id), key=lambda key: key.created_at, reverse=True)

    async def change(
        self, tenant: str, id: str, *, expires_at: datetime | None = None, revoked_at: datetime | None = None
    ) -> ApiKey:
        """See `KeyStore.change`."""
        given = [stamp(time) if time else "" for time in (expires_at, revoked_at)]
        changed = await self._link.run(_CHANGE_KEY, self._places, id, tenant, *given)
        if not changed:
            raise NotFound(f"there is no key {id} of tenant {tenant}; see `souffleur keys list`")
        return _key(changed)

    async def aclose(self) -> None:
        await self._link.aclose()


class RedisAudit:
    """An `AuditLog`: a stream for each tenant, whose ids only grow."""

    def __init__(self, link: RedisLink) -> None:
        self._link = link

    @classmethod
    async def open(cls, url: str, *, budget_s: float = 2.0) -> Self:
        """Raises what `RedisLink.open` does."""
        return cls(await RedisLink.open(url, budget_s=budget_s))

    async def append(self, entry: AuditEntry) -> None:
        """See `AuditLog.append`."""
        data = _plain(asdict(entry))
        del data["place"]
        await self._link.run(_APPEND, self._places(entry.tenant), json.dumps(data))

    async def list(self, tenant: str, *, limit: int = 50, before: int | None = None) -> Sequence[AuditEntry]:
        """See `AuditLog.list`."""
        check_page(limit, "entries")
        newest = "+" if before is None else f"({before}-0"
        found = await self._link.command("XREVRANGE", self._places(tenant)[0], newest, "-", "COUNT", limit)
        return [_entry(id, fields) for id, fields in found]

    async def aclose(self) -> None:
        await self._link.aclose()

    def _places(self, tenant: str) -> Sequence[str]:
        return [key_of(("audit", tenant), "log"), key_of(("audit", tenant), "places")]


class RedisFlows:
    """A `FlowStore`."""

    def __init__(self, link: RedisLink) -> None:
        self._link = link

    @classmethod
    async def open(cls, url: str, *, budget_s: float = 2.0) -> Self:
        """Raises what `RedisLink.open` does."""
        return cls(await RedisLink.open(url, budget_s=budget_s))

    async def add(self, version: FlowVersion) -> FlowVersion:
        """See `FlowStore.add`."""
        data = _plain(asdict(version))
        for worked_out in ("number", "active"):
            del data[worked_out]
        places = self._places(version.tenant)[:2]
        number = await self._link.run(_ADD_VERSION, places, version.name, json.dumps(data), version.content)
        return await self.load(version.tenant, version.name, int(number))

    async def load(self, tenant: str, name: str, number: int) -> FlowVersion:
        """See `FlowStore.load`."""
        versions, _last, active = self._places(tenant)
        found, now = await self._link.each([("HGET", versions, f"{name}/{number}"), ("HGET", active, name)])
        if found is None:
            raise NotFound(f"there is no version {number} of a flow {name}")
        return _version(found, number, int(now or 0))

    async def find(self, tenant: str, name: str, content_hash: str) -> FlowVersion | None:
        """See `FlowStore.find`."""
        found = (v for v in await self.versions(tenant, name) if v.content_hash == content_hash)
        return next(found, None)

    async def versions(self, tenant: str, name: str) -> Sequence[FlowVersion]:
        """See `FlowStore.versions`."""
        versions, last, active = self._places(tenant)
        newest, now = await self._link.each([("HGET", last, name), ("HGET", active, name)])
        if newest is None:
            return []
        numbers = range(int(newest), 0, -1)
        found = await self._link.command("HMGET", versions, *(f"{name}/{number}" for number in numbers))
        return [_version(data, n, int(now or 0)) for n, data in zip(numbers, found, strict=True)]

    async def activate(self, tenant: str, name: str, number: int | None) -> None:
        """See `FlowStore.activate`."""
        given = "" if number is None else str(number)
        if not await self._link.run(_ACTIVATE, self._places(tenant), name, given):
            which = "versions" if number is None else f"version {number}"
            raise NotFound(f"there are no {which} of a flow {name}")

    async def active(self, tenant: str) -> Sequence[FlowVersion]:
        """See `FlowStore.active`."""
        versions, _last, active = self._places(tenant)
        flat = await self._link.command("HGETALL", active)
        pairs = dict(flat.items() if isinstance(flat, Mapping) else zip(flat[::2], flat[1::2], strict=True))
        if not pairs:
            return []
        named = sorted((name.decode(), int(number)) for name, number in pairs.items())
        found = await self._link.command("HMGET", versions, *(f"{name}/{n}" for name, n in named))
        return [_version(data, n, n) for (_name, n), data in zip(named, found, strict=True)]

    async def names(self, tenant: str) -> Sequence[str]:
        """See `FlowStore.names`."""
        return sorted(name.decode() for name in await self._link.command("HKEYS", self._places(tenant)[1]))

    async def aclose(self) -> None:
        await self._link.aclose()

    def _places(self, tenant: str) -> Sequence[str]:
        return [key_of(("flows", tenant), name) for name in ("versions", "last", "active")]


# --- records ↔ JSON ------------------------------------------------------------------------------------------


def _plain(record: dict[str, Any]) -> dict[str, Any]:
    """Without what is None, and times as texts that sort."""
    return {
        name: stamp(value) if isinstance(value, datetime) else value
        for name, value in record.items()
        if value is not None
    }


def _read(data: bytes) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(data)
    for name in ("at", "created_at", "expires_at", "revoked_at"):
        if name in record:
            record[name] = datetime.fromisoformat(record[name])
    return record


def _key(data: bytes) -> ApiKey:
    return ApiKey(**_read(data))


def _entry(id: bytes, fields: Any) -> AuditEntry:
    data = fields[b"entry"] if isinstance(fields, Mapping) else fields[1]
    return replace(AuditEntry(**_read(data)), place=int(id.split(b"-")[0]))


def _version(data: bytes, number: int, active: int) -> FlowVersion:
    return FlowVersion(**_read(data), number=number, active=number == active)
