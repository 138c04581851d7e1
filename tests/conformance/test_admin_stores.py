"""What every KeyStore, AuditLog and FlowStore promises. An adapter joins in `Place`."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import pytest

from memory.admin import ApiKey, AuditEntry, FlowVersion
from memory.admin_ports import AuditLog, FlowStore, KeyStore
from memory.admin_redis import RedisAudit, RedisFlows, RedisKeys
from memory.audit import SqliteAudit
from memory.errors import NotFound
from memory.flow_versions import SqliteFlows
from memory.keys import SqliteKeys, hash_of, new_key
from tests.conformance.places import AFile, ARedis

pytestmark = pytest.mark.anyio

NOON = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)


class Place:
    """Where keys, audit log and flows are kept. Each call opens another client of it."""

    def __init__(self, where: AFile | ARedis) -> None:
        self.where = where

    async def keys(self) -> KeyStore:
        if isinstance(self.where, AFile):
            return await SqliteKeys.open(self.where.file)
        return await RedisKeys.open(self.where.url)

    async def audit(self) -> AuditLog:
        if isinstance(self.where, AFile):
            return await SqliteAudit.open(self.where.file)
        return await RedisAudit.open(self.where.url)

    async def flows(self) -> FlowStore:
        if isinstance(self.where, AFile):
            return await SqliteFlows.open(self.where.file)
        return await RedisFlows.open(self.where.url)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def place(where: AFile | ARedis) -> Place:
    return Place(where)


@pytest.fixture
async def keys(place: Place) -> AsyncIterator[KeyStore]:
    opened = await place.keys()
    yield opened
    await opened.aclose()


@pytest.fixture
async def audit(place: Place) -> AsyncIterator[AuditLog]:
    opened = await place.audit()
    yield opened
    await opened.aclose()


@pytest.fixture
async def flows(place: Place) -> AsyncIterator[FlowStore]:
    opened = await place.flows()
    yield opened
    await opened.aclose()


# --- keys ----------------------------------------------------------------------------------------------------


def a_key(tenant: str = "clinic", minute: int = 0) -> ApiKey:
    key, id = new_key()
    return ApiKey(id, tenant, hash_of(key), "operator", "nächtlich", NOON + timedelta(minutes=minute))


async def test_a_key_is_found_by_its_hash_and_by_nothing_else(keys: KeyStore) -> None:
    mine = replace(a_key(), expires_at=NOON + timedelta(days=1))
    await keys.add(mine)
    assert await keys.find(mine.hash) == mine
    for other in ("", mine.id, mine.hash[:-1], mine.hash.upper(), "' OR 1=1 --"):
        assert await keys.find(other) is None


async def test_keys_are_listed_newest_first_and_by_tenant(keys: KeyStore) -> None:
    made = [a_key(minute=1), a_key("rival", 2), a_key(minute=3)]
    for key in made:
        await keys.add(key)
    assert await keys.list() == [made[2], made[1], made[0]]
    assert await keys.list("clinic") == [made[2], made[0]]
    assert await keys.list("clin") == []


async def test_a_key_is_added_once(keys: KeyStore) -> None:
    key = a_key()
    await keys.add(key)
    for twin in (key, replace(a_key(), id=key.id), replace(a_key(), hash=key.hash)):
        with pytest.raises(ValueError, match="already"):
            await keys.add(twin)
    assert len(await keys.list()) == 1


async def test_revoking_and_expiring_are_never_taken_back(keys: KeyStore) -> None:
    key = a_key()
    await keys.add(key)
    soon, late = NOON + timedelta(hours=1), NOON + timedelta(days=9)
    assert (await keys.change("clinic", key.id, expires_at=soon)).expires_at == soon
    assert (await keys.change("clinic", key.id, expires_at=late)).expires_at == soon
    assert (await keys.change("clinic", key.id, revoked_at=NOON)).revoked_at == NOON
    after = await keys.change("clinic", key.id, revoked_at=late)
    assert (after.revoked_at, after.expires_at) == (NOON, soon)
    assert await keys.find(key.hash) == after


async def test_another_tenants_key_is_not_there_to_be_changed(keys: KeyStore) -> None:
    key = a_key()
    await keys.add(key)
    for tenant, id in (("rival", key.id), ("clinic", "nothing"), ("", key.id)):
        with pytest.raises(NotFound):
            await keys.change(tenant, id, revoked_at=NOON)
    assert await keys.find(key.hash) == key


# --- the audit log -------------------------------------------------------------------------------------------


def entry(n: int = 0, tenant: str = "clinic") -> AuditEntry:
    at = NOON + timedelta(seconds=n)
    return AuditEntry(tenant, at, "key:1", "viewer", "read_session", f"call{n}", n % 2 == 0)


async def test_entries_come_back_newest_first_in_pages_and_only_to_their_tenant(audit: AuditLog) -> None:
    for n in range(7):
        await audit.append(entry(n))
        await audit.append(entry(n, "rival"))
    first = await audit.list("clinic", limit=3)
    assert [e.target for e in first] == ["call6", "call5", "call4"]
    rest = await audit.list("clinic", limit=10, before=first[-1].place)
    assert [e.target for e in rest] == ["call3", "call2", "call1", "call0"]
    assert replace(rest[0], place=0) == entry(3)
    places = [e.place for e in (*first, *rest)]
    assert places == sorted(places, reverse=True) and len(set(places)) == 7
    assert await audit.list("nobody") == []


async def test_entries_written_at_once_are_all_kept(place: Place) -> None:
    one, other = await place.audit(), await place.audit()
    async with anyio.create_task_group() as tasks:
        for n in range(20):
            tasks.start_soon((one if n % 2 else other).append, entry(n))
    kept = await one.list("clinic", limit=100)
    assert {e.target for e in kept} == {f"call{n}" for n in range(20)}
    assert len({e.place for e in kept}) == 20
    await one.aclose()
    await other.aclose()


async def test_a_page_has_a_size(audit: AuditLog) -> None:
    for limit in (0, 1001, -1):
        with pytest.raises(ValueError, match="1 to 1000"):
            await audit.list("clinic", limit=limit)


async def test_the_file_itself_refuses_to_change_or_forget_an_entry(tmp_path: Path) -> None:
    file = AFile(tmp_path).file
    log = await SqliteAudit.open(file)
    await log.append(entry())
    await log.aclose()
    with sqlite3.connect(file) as other:
        for attempt in (
            "UPDATE audit SET who = 'me'",
            "DELETE FROM audit",
            "DELETE FROM audit WHERE place = 1",
        ):
            with pytest.raises(sqlite3.IntegrityError, match="only ever appended"):
                other.execute(attempt)
        assert other.execute("SELECT count(*) FROM audit").fetchone() == (1,)


# --- flows ---------------------------------------------------------------------------------------------------


def version(content: str = "flow: a\n", name: str = "intake", tenant: str = "clinic") -> FlowVersion:
    return FlowVersion(tenant, name, 0, content, f"hash of {content}", NOON, "key:1")


async def test_versions_are_numbered_within_their_name_and_tenant(flows: FlowStore) -> None:
    numbers = [(await flows.add(version(text))).number for text in ("one", "two", "three")]
    assert numbers == [1, 2, 3]
    assert (await flows.add(version("one", "other"))).number == 1
    assert (await flows.add(version("one", tenant="rival"))).number == 1
    assert [v.number for v in await flows.versions("clinic", "intake")] == [3, 2, 1]
    assert await flows.names("clinic") == ["intake", "other"]
    assert await flows.versions("clinic", "nothing") == []


async def test_the_same_file_again_is_the_same_version(flows: FlowStore) -> None:
    first = await flows.add(version("über"))
    assert await flows.add(version("über")) == first
    await flows.add(version("two"))
    assert (await flows.add(version("über"))).number == 3, (
        "after another one it is new: it may be meant to be active"
    )


async def test_a_version_comes_back_to_the_letter(flows: FlowStore) -> None:
    kept = await flows.add(version("flow: a\r\n# ünïcode \U0001f600\n"))
    assert await flows.load("clinic", "intake", 1) == kept
    assert replace(kept, number=0) == version("flow: a\r\n# ünïcode \U0001f600\n")
    assert await flows.find("clinic", "intake", kept.content_hash) == kept
    assert await flows.find("rival", "intake", kept.content_hash) is None


async def test_one_version_of_each_flow_is_active_at_most(flows: FlowStore) -> None:
    for text in ("one", "two"):
        await flows.add(version(text))
    assert await flows.active("clinic") == []
    for number in (2, 1):
        await flows.activate("clinic", "intake", number)
        (active,) = await flows.active("clinic")
        assert (active.number, active.active) == (number, True)
    assert [v.active for v in await flows.versions("clinic", "intake")] == [False, True]
    await flows.activate("clinic", "intake", None)
    assert await flows.active("clinic") == []


async def test_what_is_not_there_is_not_activated(flows: FlowStore) -> None:
    await flows.add(version())
    for tenant, name, number in (("clinic", "intake", 2), ("rival", "intake", 1), ("clinic", "x", None)):
        with pytest.raises(NotFound):
            await flows.activate(tenant, name, number)
    with pytest.raises(NotFound):
        await flows.load("rival", "intake", 1)
    assert await flows.active("clinic") == []


async def test_uploads_at_once_get_numbers_of_their_own(place: Place) -> None:
    one, other = await place.flows(), await place.flows()
    async with anyio.create_task_group() as tasks:
        for n in range(10):
            tasks.start_soon((one if n % 2 else other).add, version(f"text {n}"))
    assert sorted(v.number for v in await one.versions("clinic", "intake")) == list(range(1, 11))
    await one.aclose()
    await other.aclose()


async def test_what_one_server_keeps_another_one_has(place: Place) -> None:
    first = await place.keys()
    key = a_key()
    await first.add(key)
    await first.aclose()
    second = await place.keys()
    assert await second.find(key.hash) == key
    await second.aclose()
