"""What every CallerStore promises. An adapter joins in `Place`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import anyio
import pytest

from memory.callers import CallerKey, CallerRecord, MarkTaken
from memory.callers_redis import RedisCallers
from memory.callers_sqlite import SqliteCallers
from memory.errors import NotFound, RevisionConflict, StoreLost
from memory.ports import CallerStore
from tests.conformance.places import AFile, ARedis

pytestmark = pytest.mark.anyio

BUDGET_S = 1.0
NOON = datetime(2026, 11, 2, 12, 0, 0, 123456, tzinfo=UTC)


class Place:
    """Where callers are kept, and how to make that place fail for real."""

    def __init__(self, where: AFile | ARedis) -> None:
        self._where = where
        self.silent, self.written = where.silent, where.written

    async def open(self) -> CallerStore:
        """A client of the place; each call another one, over the same callers. Its budget is BUDGET_S."""
        if isinstance(self._where, AFile):
            return await SqliteCallers.open(self._where.file, budget_s=BUDGET_S)
        return await RedisCallers.open(self._where.url, budget_s=BUDGET_S)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def place(where: AFile | ARedis) -> Place:
    return Place(where)


@pytest.fixture
async def store(place: Place) -> AsyncIterator[CallerStore]:
    opened = await place.open()
    yield opened
    await opened.aclose()


def a_record(
    caller: str = "a1", revision: int = 1, *marks: str, tenant: str = "clinic", minute: int = 0
) -> CallerRecord:
    return CallerRecord(
        key=CallerKey(tenant, caller),
        revision=revision,
        marks=frozenset(marks),
        body=b"\x00\xffbody of " + caller.encode(),
        created_at=NOON + timedelta(minutes=minute),
        updated_at=NOON + timedelta(minutes=minute, seconds=revision),
    )


async def test_gives_back_what_was_saved_to_the_last_bit(store: CallerStore) -> None:
    record = a_record("a1", 1, "m1", "m2")
    await store.save(record, 0)
    assert await store.load(record.key) == record


async def test_knows_times_in_utc_wherever_they_came_from(store: CallerStore) -> None:
    there = NOON.astimezone(timezone(timedelta(hours=-7)))
    await store.save(replace(a_record(), created_at=there), 0)
    loaded = await store.load(a_record().key)
    assert (loaded.created_at, loaded.created_at.utcoffset()) == (NOON, timedelta(0))


async def test_refuses_a_time_without_a_zone_and_a_revision_that_did_not_grow(store: CallerStore) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        await store.save(replace(a_record(), created_at=datetime(2026, 11, 2)), 0)
    with pytest.raises(ValueError, match="does not come after"):
        await store.save(a_record(revision=2), 2)


async def test_a_writer_that_has_not_seen_the_newest_revision_is_refused_and_changes_nothing(
    store: CallerStore,
) -> None:
    await store.save(a_record("a1", 1, "m1"), 0)
    await store.save(a_record("a1", 2, "m2"), 1)
    with pytest.raises(RevisionConflict) as refused:
        await store.save(a_record("a1", 3, "m3"), 1)
    assert (refused.value.ours, refused.value.stored) == (1, 2)
    assert await store.load(a_record().key) == a_record("a1", 2, "m2")
    assert await store.find("clinic", "m3") == []
    with pytest.raises(RevisionConflict):
        await store.save(a_record("nobody", 5), 4)


async def test_finds_by_mark_all_who_have_it_now_and_nobody_of_another_tenant(store: CallerStore) -> None:
    await store.save(a_record("b", 1, "shared", "own"), 0)
    await store.save(a_record("a", 1, "shared"), 0)
    await store.save(a_record("c", 1, "shared", tenant="bank"), 0)
    assert [found.key.caller for found in await store.find("clinic", "shared")] == ["a", "b"]
    await store.save(a_record("b", 2, "own"), 1)
    assert [found.key.caller for found in await store.find("clinic", "shared")] == ["a"]
    assert [found.key.tenant for found in await store.find("bank", "shared")] == ["bank"]
    assert await store.find("clinic", "none") == []


async def test_a_mark_that_is_to_be_alone_is_refused_where_another_has_it(store: CallerStore) -> None:
    await store.save(a_record("a", 1, "m"), 0, alone=["m"])
    with pytest.raises(MarkTaken) as refused:
        await store.save(a_record("b", 1, "m"), 0, alone=["other", "m"])
    assert refused.value.other == "a"
    with pytest.raises(NotFound):
        await store.load(CallerKey("clinic", "b"))
    await store.save(a_record("a", 2, "m"), 1, alone=["m"])
    await store.save(a_record("b", 1, "m", tenant="bank"), 0, alone=["m"])


async def test_of_many_who_want_the_same_mark_alone_at_once_one_gets_it(place: Place) -> None:
    stores = [await place.open() for _ in range(4)]
    done: list[str] = []

    async def want(number: int) -> None:
        caller = f"c{number}"
        try:
            await stores[number % 4].save(a_record(caller, 1, "m"), 0, alone=["m"])
        except (MarkTaken, StoreLost):
            return
        done.append(caller)

    async with anyio.create_task_group() as tasks:
        for number in range(12):
            tasks.start_soon(want, number)
    assert [found.key.caller for found in await stores[0].find("clinic", "m")] == done
    assert len(done) == 1
    for store in stores:
        await store.aclose()


async def test_one_caller_absorbs_another_with_its_marks_in_one_go(store: CallerStore) -> None:
    await store.save(a_record("a", 1, "m1"), 0)
    await store.save(a_record("b", 1, "m2", "m3"), 0)
    await store.save(a_record("a", 2, "m1", "m2"), 1, alone=["m2"], absorb="b")
    with pytest.raises(NotFound):
        await store.load(CallerKey("clinic", "b"))
    assert [found.key.caller for found in await store.find("clinic", "m2")] == ["a"]
    assert await store.find("clinic", "m3") == []
    with pytest.raises(NotFound):
        await store.save(a_record("a", 3, "m1"), 2, absorb="b")
    assert (await store.load(CallerKey("clinic", "a"))).revision == 2


async def test_lists_the_newest_first_in_pages_each_tenant_for_itself(store: CallerStore) -> None:
    for minute, caller in enumerate("abcde"):
        await store.save(a_record(caller, 1, minute=minute), 0)
    await store.save(a_record("z", 1, tenant="bank", minute=9), 0)
    assert [r.key.caller for r in await store.list("clinic", limit=2)] == ["e", "d"]
    assert [r.key.caller for r in await store.list("clinic", limit=2, before="d")] == ["c", "b"]
    assert [r.key.caller for r in await store.list("clinic", before="a")] == []
    assert await store.tenants() == ["bank", "clinic"]
    with pytest.raises(NotFound):
        await store.list("clinic", before="z")
    for limit in (0, 1001):
        with pytest.raises(ValueError, match="1 to 1000"):
            await store.list("clinic", limit=limit)


async def test_equal_times_have_one_order_across_pages(store: CallerStore) -> None:
    for caller in ("c", "a", "b"):
        await store.save(a_record(caller, 1), 0)
    first = await store.list("clinic", limit=2)
    rest = await store.list("clinic", before=first[-1].key.caller)
    assert [r.key.caller for r in (*first, *rest)] == ["c", "b", "a"]


async def test_what_was_deleted_is_found_nowhere(store: CallerStore) -> None:
    await store.save(a_record("a", 1, "m"), 0)
    assert await store.delete(CallerKey("clinic", "a"))
    assert not await store.delete(CallerKey("clinic", "a"))
    assert (await store.find("clinic", "m"), await store.list("clinic"), await store.tenants()) == (
        [],
        [],
        [],
    )
    await store.save(a_record("a", 1, "m"), 0)


async def test_scrubbed_what_was_deleted_is_in_no_byte_on_the_disk(place: Place, store: CallerStore) -> None:
    await store.save(replace(a_record("a", 1, "m-secret"), body=b"secret-body" * 500), 0)
    await store.save(a_record("b", 1), 0)
    assert b"secret-body" in place.written()
    await store.delete(CallerKey("clinic", "a"))
    await store.scrub()
    left = place.written()
    assert b"body of b" in left
    assert b"secret" not in left


async def test_names_that_mean_something_to_a_store_are_names(store: CallerStore) -> None:
    odd = "a}b{c:*'\"; DROP TABLE callers; -- é"
    record = a_record("x", 1, "m", tenant=odd)
    await store.save(record, 0)
    assert await store.load(record.key) == record
    assert list(await store.tenants()) == [odd]


async def test_a_store_that_does_not_answer_is_lost_within_its_budget_and_works_again(
    place: Place, store: CallerStore
) -> None:
    await store.save(a_record("a", 1, "m"), 0)
    with place.silent(), anyio.fail_after(4 * BUDGET_S), pytest.raises(StoreLost):
        await store.save(a_record("a", 2, "m"), 1)
    loaded = await store.load(CallerKey("clinic", "a"))
    await store.save(a_record("a", loaded.revision + 1, "m"), loaded.revision)


async def test_a_store_that_was_closed_says_so_and_can_be_closed_again(place: Place) -> None:
    store = await place.open()
    await store.aclose()
    await store.aclose()
    with pytest.raises(StoreLost, match="closed"):
        await store.load(a_record().key)
