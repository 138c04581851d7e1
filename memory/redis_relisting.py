"""Sessions that older versions have saved, put into the lists that there are by now."""

from __future__ import annotations

import json
from collections.abc import Sequence

from memory.redis_link import RedisLink, key_of
from memory.redis_pages import Place, call_of, is_old, page, places, put_in, take_out
from memory.redis_scripts import RELIST
from memory.session_filter import ANY, marks_in
from memory.types import SessionKey

_AT_ONCE = 500


async def list_anew(link: RedisLink, tenant: str) -> None:
    """Once for a tenant, before the newer lists are read. Cut off, it is done by the next one who reads them.

    Raises:
        StoreLost, StoreFull.
    """
    done = key_of((tenant,), "sessions:listed_anew")
    if await link.command("GET", done):
        return
    after: bytes | None = None
    while members := await page(link, tenant, ANY, after, _AT_ONCE):
        await _list_anew(link, [SessionKey(tenant, call_of(member)) for member in members])
        after = members[-1]
    await link.command("SET", done, 1)


async def _list_anew(link: RedisLink, keys: Sequence[SessionKey]) -> None:
    read = await link.each([("HMGET", _session(key), "listed", "summary") for key in keys])
    old = {
        key: (listed.decode(), _with_marks(listed.decode(), json.loads(summary)))
        for key, (listed, summary) in zip(keys, read, strict=True)
        if listed and is_old(listed.decode())
    }
    await put_in(link, _all_places({key: new for key, (_, new) in old.items()}))
    stale: set[Place] = set()
    answers = await link.each([("EVAL", RELIST.text, 1, _session(key), *both) for key, both in old.items()])
    for (key, (_, new)), now in zip(old.items(), answers, strict=True):
        # It was deleted meanwhile, or saved by one who knows the lists.
        stale |= places(key, new) - places(key, now.decode())
    await take_out(link, stale)


def _with_marks(listed: str, summary: dict[str, object]) -> str:
    return json.dumps([*json.loads(listed), sorted(marks_in(summary))], ensure_ascii=False)


def _all_places(listed: dict[SessionKey, str]) -> set[Place]:
    return {place for key, each in listed.items() for place in places(key, each)}


def _session(key: SessionKey) -> str:
    return key_of((key.tenant, key.call), "session")
