"""The lists that pages of sessions are read from, newest first, by flow and by outcome.

A session and a tenant's lists lie apart in a Cluster and cannot be written together. So a session is put into its
new lists before it is written, and taken out of its old ones after that: it is always in those that it belongs to,
and whoever reads a list looks at the session itself and passes over what does not belong there.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from memory.redis_link import Argument, RedisLink, key_of
from memory.types import SessionKey, SessionRecord

Place = tuple[str, bytes]
"""A list's key, and what stands in it for the session. Lists are sorted sets without scores, in the order of bytes."""


def listing(record: SessionRecord, started_at: str) -> str:
    """What decides which lists a session is in, and where; kept beside it. `started_at`: of equal length for all."""
    return json.dumps([started_at, record.flow, record.outcome or ""], ensure_ascii=False)


def places(key: SessionKey, listed: str) -> set[Place]:
    """The lists that a session is in. `listed`: see `listing`, "" where it is in none."""
    if not listed:
        return set()
    started_at, flow, outcome = json.loads(listed)
    member = _member(started_at, key.call)
    filters = [(None, None), (flow, None)]
    if outcome:
        filters += [(None, outcome), (flow, outcome)]
    return {(_list(key.tenant, *each), member) for each in filters}


async def put_in(link: RedisLink, wanted: set[Place]) -> None:
    await link.each([("ZADD", place, 0, member) for place, member in sorted(wanted)])


async def take_out(link: RedisLink, stale: set[Place]) -> None:
    await link.each([("ZREM", place, member) for place, member in sorted(stale)])


async def page(
    link: RedisLink, tenant: str, flow: str | None, outcome: str | None, after: bytes | None, count: int
) -> Sequence[bytes]:
    """The next members of a list, newest first. `after`: a member to go on from."""
    start: Argument = b"(" + after if after is not None else "+"
    command = ("ZREVRANGEBYLEX", _list(tenant, flow, outcome), start, "-", "LIMIT", 0, count)
    found: Sequence[bytes] = await link.command(*command)
    return found


def member_of(key: SessionKey, listed: str) -> bytes:
    """What stands in the lists for a session. `listed`: see `listing`."""
    return _member(json.loads(listed)[0], key.call)


def call_of(member: bytes) -> str:
    return member.split(b"|", 1)[1].decode()


def _member(started_at: str, call: str) -> bytes:
    return f"{started_at}|{call}".encode()


def _list(tenant: str, flow: str | None, outcome: str | None) -> str:
    return key_of((tenant,), f"sessions:{json.dumps([flow, outcome], ensure_ascii=False)}")
