"""The lists that pages of sessions are read from, newest first: by flow, by outcome, and by what a caller bears.

A session and a tenant's lists lie apart in a Cluster and cannot be written together. So a session is put into its
new lists before it is written, and taken out of its old ones after that: it is always in those that it belongs to,
and whoever reads a list looks at the session itself and passes over what does not belong there.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import product

from memory.paging import stamp
from memory.redis_link import Argument, RedisLink, key_of
from memory.session_filter import SessionFilter, marks_of
from memory.types import SessionKey, SessionRecord

Place = tuple[str, bytes]
"""A list's key, and what stands in it for the session. Lists are sorted sets without scores, in the order of bytes."""

_NONE_YET = ""
"""For an outcome: of sessions that have none."""


def listing(record: SessionRecord) -> str:
    """What decides which lists a session is in, and where; kept beside it. Raises ValueError as `stamp`."""
    told = [stamp(record.started_at), record.flow, record.outcome or "", sorted(marks_of(record))]
    return json.dumps(told, ensure_ascii=False)


def places(key: SessionKey, listed: str) -> set[Place]:
    """The lists that a session is in. `listed`: see `listing`, "" where it is in none."""
    if not listed:
        return set()
    started_at, flow, outcome, *marks = json.loads(listed)
    member = _member(started_at, key.call)
    outcomes = [None] if is_old(listed) and not outcome else [None, outcome or _NONE_YET]
    lists = {_list(key.tenant, *each) for each in product((None, flow), outcomes)}
    return {(each, member) for each in lists | {_of_mark(key.tenant, m) for m in (marks[0] if marks else ())}}


def is_old(listed: str) -> bool:
    """Whether a session was listed before there were lists of those without an outcome, and by marks."""
    return len(json.loads(listed)) == 3


async def put_in(link: RedisLink, wanted: set[Place]) -> None:
    await link.each([("ZADD", place, 0, member) for place, member in sorted(wanted)])


async def take_out(link: RedisLink, stale: set[Place]) -> None:
    await link.each([("ZREM", place, member) for place, member in sorted(stale)])


async def page(
    link: RedisLink, tenant: str, wanted: SessionFilter, after: bytes | None, count: int
) -> Sequence[bytes]:
    """The next members of the lists in which what is wanted is, newest first; others are in them too.

    Args:
        after: a member to go on from. count: no more than so many; fewer are the last.

    Raises:
        ValueError: a time has no time zone.
    """
    until = stamp(wanted.until).encode() if wanted.until else None
    since = stamp(wanted.since).encode() if wanted.since else None
    ends = min((each for each in (after, until) if each is not None), default=None)
    newest: Argument = "+" if ends is None else b"(" + ends
    oldest: Argument = "-" if since is None else b"[" + since
    both, lists = _narrowed(tenant, wanted), _lists(tenant, wanted)
    if both is None:
        asked = [("ZREVRANGEBYLEX", each, newest, oldest, "LIMIT", 0, count) for each in lists]
        members = {member for found in await link.each(asked) for member in found}
    else:  # a caller's calls are few; most of them may have another flow
        found = await link.each([("ZINTER", 2, each, both) for each in lists])
        members = {
            member
            for each in found
            for member in each
            if (ends is None or member < ends) and (since is None or member >= since)
        }
    return sorted(members, reverse=True)[:count]


def member_of(key: SessionKey, listed: str) -> bytes:
    """What stands in the lists for a session. `listed`: see `listing`."""
    return _member(json.loads(listed)[0], key.call)


def call_of(member: bytes) -> str:
    return member.split(b"|", 1)[1].decode()


def _lists(tenant: str, wanted: SessionFilter) -> list[str]:
    if wanted.marks is not None:
        return [_of_mark(tenant, mark) for mark in sorted(wanted.marks)]
    return [_list(tenant, wanted.flow, _outcome(wanted))]


def _narrowed(tenant: str, wanted: SessionFilter) -> str | None:
    """Another list in which a caller's calls have to be."""
    named = (wanted.flow, _outcome(wanted))
    return None if wanted.marks is None or named == (None, None) else _list(tenant, *named)


def _outcome(wanted: SessionFilter) -> str | None:
    return _NONE_YET if wanted.over is False and wanted.outcome is None else wanted.outcome


def _member(started_at: str, call: str) -> bytes:
    return f"{started_at}|{call}".encode()


def _list(tenant: str, flow: str | None, outcome: str | None) -> str:
    return key_of((tenant,), f"sessions:{json.dumps([flow, outcome], ensure_ascii=False)}")


def _of_mark(tenant: str, mark: str) -> str:
    return key_of((tenant,), f"sessions:mark:{mark}")
