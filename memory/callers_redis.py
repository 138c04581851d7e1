"""Callers in a shared Redis, no modules needed.

All keys of a tenant's callers have one hash tag, so that a Cluster keeps them together and each write is one script.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from memory.callers import CallerKey, CallerRecord, MarkTaken
from memory.errors import NotFound, RevisionConflict
from memory.paging import check_page
from memory.redis_link import RedisLink, Script, key_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_TENANTS = key_of(("callers",), "tenants")

# KEYS: the caller, the list of all, any number of marks that nobody else may have.
# ARGV: what all keys of the tenant begin with, id, seen, revision, body, created, updated, marks, id to absorb or "".
_SAVE = Script("""
local stored = tonumber(redis.call('HGET', KEYS[1], 'revision') or '0')
if stored ~= tonumber(ARGV[3]) then return {'conflict', tostring(stored)} end
local place, id, absorb = ARGV[1], ARGV[2], ARGV[9]
if absorb ~= '' and redis.call('EXISTS', place .. 'caller:' .. absorb) == 0 then return {'missing', absorb} end
for at = 3, #KEYS do
  for _, other in ipairs(redis.call('SMEMBERS', KEYS[at])) do
    if other ~= id and other ~= absorb then return {'taken', other} end
  end
end
local function forget(caller)
  local key = place .. 'caller:' .. caller
  local marks = redis.call('HGET', key, 'marks')
  if marks then
    for _, mark in ipairs(cjson.decode(marks)) do redis.call('SREM', place .. 'mark:' .. mark, caller) end
  end
end
if absorb ~= '' then
  forget(absorb)
  redis.call('UNLINK', place .. 'caller:' .. absorb)
  redis.call('ZREM', KEYS[2], absorb)
end
forget(id)
for _, mark in ipairs(cjson.decode(ARGV[8])) do redis.call('SADD', place .. 'mark:' .. mark, id) end
redis.call('HSET', KEYS[1], 'revision', ARGV[4], 'body', ARGV[5], 'created', ARGV[6], 'updated', ARGV[7],
  'marks', ARGV[8])
redis.call('ZADD', KEYS[2], ARGV[6], id)
return {'done', ''}
""")

# KEYS: the caller, the list of all. ARGV: what all keys of the tenant begin with, id.
_DELETE = Script("""
local marks = redis.call('HGET', KEYS[1], 'marks')
if not marks then return 0 end
for _, mark in ipairs(cjson.decode(marks)) do redis.call('SREM', ARGV[1] .. 'mark:' .. mark, ARGV[2]) end
redis.call('UNLINK', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[2])
return 1
""")


class RedisCallers:
    """A `CallerStore` in a Redis. Open it with `RedisCallers.open`; close it with `aclose`."""

    def __init__(self, link: RedisLink) -> None:
        self._link = link

    @classmethod
    async def open(cls, url: str, *, budget_s: float = 2.0) -> Self:
        """See `RedisLink.open`."""
        return cls(await RedisLink.open(url, budget_s=budget_s))

    async def save(
        self,
        record: CallerRecord,
        seen: int,
        *,
        alone: Collection[str] = (),
        absorb: str | None = None,
    ) -> None:
        """See `CallerStore.save`. Where the answer is lost, nobody can tell whether it was written; read again.

        Raises:
            ValueError: the revision did not grow, or a time has no time zone.
        """
        key = record.key
        if record.revision <= seen:
            raise ValueError(f"revision {record.revision} of {key.caller} does not come after {seen}")
        created, updated = _micros(record.created_at), _micros(record.updated_at)
        async with self._link.as_one():
            await self._link.command("SADD", _TENANTS, key.tenant)
            said, what = _texts(
                await self._link.run(
                    _SAVE,
                    [_key(key), _all(key.tenant), *(_mark(key.tenant, mark) for mark in sorted(alone))],
                    _place(key.tenant),
                    key.caller,
                    seen,
                    record.revision,
                    record.body,
                    created,
                    updated,
                    json.dumps(sorted(record.marks)),
                    absorb or "",
                )
            )
        match said:
            case "conflict":
                raise RevisionConflict(key.caller, ours=seen, stored=int(what))
            case "taken":
                raise MarkTaken(key.caller, what)
            case "missing":
                raise self._not_found(CallerKey(key.tenant, what))

    async def load(self, key: CallerKey) -> CallerRecord:
        """Raises NotFound, StoreLost."""
        found = await self._read(key.tenant, [key.caller])
        if not found:
            raise self._not_found(key)
        return found[0]

    async def find(self, tenant: str, mark: str) -> Sequence[CallerRecord]:
        """Those who have this mark, by their ids. Raises StoreLost."""
        ids = await self._link.command("SMEMBERS", _mark(tenant, mark))
        found = await self._read(tenant, sorted(_texts(ids)))
        return [record for record in found if mark in record.marks]

    async def list(
        self, tenant: str, *, limit: int = 50, before: str | None = None
    ) -> Sequence[CallerRecord]:
        """See `CallerStore.list`."""
        check_page(limit, "callers")
        first = 0
        if before is not None:
            place = await self._link.command("ZREVRANK", _all(tenant), before)
            if place is None:
                raise NotFound(f"{self._link.place}: no caller {before} of tenant {tenant} to go on from")
            first = int(place) + 1
        ids = await self._link.command("ZREVRANGE", _all(tenant), first, first + limit - 1)
        return await self._read(tenant, _texts(ids))

    async def delete(self, key: CallerKey) -> bool:
        """Remove a caller and its marks. True where there was one."""
        gone = await self._link.run(_DELETE, [_key(key), _all(key.tenant)], _place(key.tenant), key.caller)
        return bool(gone)

    async def tenants(self) -> Sequence[str]:
        """Whose callers there are, in order."""
        named = sorted(_texts(await self._link.command("SMEMBERS", _TENANTS)))
        counts = await self._link.each([("ZCARD", _all(tenant)) for tenant in named])
        return [tenant for tenant, count in zip(named, counts, strict=True) if count]

    async def scrub(self) -> None:
        """Have append-only files written anew, where there are any; a snapshot is replaced by the next.

        Raises:
            StoreLost: a rewrite is under way, or we may not ask for one.
        """
        # Asked for where there is none, it would make a file that nobody ever renews.
        told = await self._link.everywhere("INFO", "persistence")
        if any(isinstance(each, dict) and each.get("aof_enabled") for each in told):
            await self._link.everywhere("BGREWRITEAOF")

    async def aclose(self) -> None:
        """Disconnect. Safe to call twice."""
        await self._link.aclose()

    async def _read(self, tenant: str, ids: Sequence[str]) -> Sequence[CallerRecord]:
        keys = [CallerKey(tenant, each) for each in ids]
        fields = ("revision", "body", "created", "updated", "marks")
        found = await self._link.each([("HMGET", _key(key), *fields) for key in keys])
        return [_record(key, row) for key, row in zip(keys, found, strict=True) if row[0] is not None]

    def _not_found(self, key: CallerKey) -> NotFound:
        return NotFound(f"{self._link.place}: no caller {key.caller} of tenant {key.tenant}")


def _place(tenant: str) -> str:
    return key_of((tenant,), "")


def _key(key: CallerKey) -> str:
    return f"{_place(key.tenant)}caller:{key.caller}"


def _mark(tenant: str, mark: str) -> str:
    return f"{_place(tenant)}mark:{mark}"


def _all(tenant: str) -> str:
    return f"{_place(tenant)}callers"


def _texts(answer: Collection[bytes]) -> tuple[str, ...]:
    return tuple(each.decode() for each in answer)


def _record(key: CallerKey, row: Sequence[Any]) -> CallerRecord:
    revision, body, created, updated, marks = row
    return CallerRecord(
        key=key,
        revision=int(revision),
        marks=frozenset(json.loads(marks)),
        body=body,
        created_at=_EPOCH + int(created) * _MICROSECOND,
        updated_at=_EPOCH + int(updated) * _MICROSECOND,
    )


def _micros(time: datetime) -> int:
    """Since 1970, in UTC. As a score of a sorted set it is exact until the year 2255."""
    if time.tzinfo is None:
        raise ValueError(f"{time} has no time zone; give the time in UTC")
    return (time - _EPOCH) // _MICROSECOND
