"""What the writer of a session promises over a store that fails, forgets, or belongs to somebody else now."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import anyio
import pytest

from memory.errors import Fenced, StoreLost
from memory.leases_sqlite import SqliteLeases
from memory.sqlite import SqliteSessions
from memory.types import SessionKey, SessionRecord, StoredEvent
from orchestrator.saver import Saver
from orchestrator.tenure import Tenure

pytestmark = pytest.mark.anyio

KEY = SessionKey("default", "call1")
NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def record(revision: int) -> SessionRecord:
    return SessionRecord(KEY, revision, "door", "hash", b"{}", None, NOW, NOW)


def event(revision: int) -> StoredEvent:
    return StoredEvent(revision, float(revision), b"{}")


class Faulty(SqliteSessions):
    """A real store that can be made to be away, and to go back to an earlier revision."""

    away = False

    async def save(
        self,
        record: SessionRecord,
        events: Sequence[StoredEvent],
        seen: int,
        *,
        fence: int | None = None,
        moments: Sequence[StoredEvent] = (),
    ) -> None:
        if self.away:
            raise StoreLost("the store did not answer")
        await super().save(record, events, seen, fence=fence, moments=moments)

    async def forget_after(self, revision: int) -> None:
        """As a Redis that was killed: back to what it had at a revision."""
        kept = [each for each in await self.events(KEY) if each.revision <= revision]
        told = [each for each in await self.moments(KEY) if each.revision <= revision]
        await self.delete(KEY)
        if revision:
            await super().save(record(revision), kept, 0, moments=told)


class Rig:
    def __init__(self, store: Faulty, leases: SqliteLeases, tenure: Tenure) -> None:
        self.store, self.leases, self.tenure = store, leases, tenure
        self.troubles: list[tuple[str, bool]] = []
        self.saver = Saver(store, lambda what, better: self.troubles.append((what, better)), tenure=tenure)

    def put(self, revision: int) -> None:
        self.saver.put(record(revision), event(revision), [replace(event(revision), event=b"told")])

    async def revisions(self) -> list[int]:
        return [each.revision for each in await self.store.events(KEY)]


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    store = await Faulty.open(tmp_path / "sessions.db")
    leases = await SqliteLeases.open(tmp_path / "sessions.db", ttl_s=30)
    made = Rig(store, leases, Tenure(leases, await leases.begin(KEY, "one", "token"), "token"))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(made.saver.run)
        yield made
        tasks.cancel_scope.cancel()
    await store.aclose()
    await leases.aclose()


async def test_a_revision_is_secured_once_it_is_stored(rig: Rig) -> None:
    rig.put(1)
    assert await rig.saver.secured(1, within_s=5)
    assert (await rig.store.load(KEY)).revision == 1
    assert not await rig.saver.secured(2, within_s=0.05)


async def test_while_the_store_is_away_nothing_is_secured_and_afterwards_everything_is(rig: Rig) -> None:
    rig.store.away = True
    for revision in (1, 2, 3):
        rig.put(revision)
    assert not await rig.saver.secured(3, within_s=0.3)
    rig.store.away = False
    assert await rig.saver.secured(3, within_s=5)
    assert await rig.revisions() == [1, 2, 3]
    assert [better for _what, better in rig.troubles] == [False, True]


async def test_who_has_lost_the_call_secures_nothing_and_writes_nothing(rig: Rig) -> None:
    rig.put(1)
    assert await rig.saver.secured(1, within_s=5)
    other = await rig.leases.take(KEY, "two", "token")
    rig.put(2)
    assert not await rig.saver.secured(2, within_s=5)
    assert rig.tenure.lost
    await rig.store.save(record(2), [event(2)], 1, fence=other.fence)
    rig.put(3)
    assert await rig.saver.finish(b"story")
    assert await rig.revisions() == [1, 2]
    assert (await rig.store.load(KEY)).record == b""


async def test_without_a_lease_a_newer_revision_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    store = await SqliteSessions.open(tmp_path / "sessions.db")
    await store.save(record(7), [], 0)
    saver = Saver(store, lambda what, better: None)
    saver.put(record(1), event(1))
    assert await saver.finish(b"")
    assert (await store.load(KEY)).revision == 7
    await store.aclose()


@pytest.mark.parametrize("left", [0, 1, 2])
async def test_what_a_store_has_forgotten_is_written_again(rig: Rig, left: int) -> None:
    for revision in (1, 2, 3):
        rig.put(revision)
        assert await rig.saver.secured(revision, within_s=5)
    await rig.store.forget_after(left)
    rig.put(4)
    assert await rig.saver.secured(4, within_s=5)
    assert await rig.revisions() == [1, 2, 3, 4]
    assert [each.revision for each in await rig.store.moments(KEY)] == [1, 2, 3, 4]


async def test_a_lease_that_the_store_has_forgotten_is_written_again(rig: Rig) -> None:
    rig.put(1)
    await rig.saver.secured(1, within_s=5)
    await rig.store.delete(KEY)
    await rig.leases.renew(rig.tenure.lease)
    held = await rig.leases.holder(KEY)
    assert held is not None and held.fence == rig.tenure.fence
    with pytest.raises(Fenced):
        await rig.store.save(record(1), [], 0)


async def test_a_call_that_ended_while_the_store_was_away_is_written_when_it_is_back(rig: Rig) -> None:
    rig.store.away = True
    rig.put(1)
    assert not await rig.saver.finish(b"story")
    writing = asyncio.create_task(rig.saver.persist(b"story"))
    rig.store.away = False
    await asyncio.wait_for(writing, 15)
    assert (await rig.store.load(KEY)).record == b"story"


# --- the tenure --------------------------------------------------------------------------------------------


async def test_a_tenure_is_renewed_while_it_is_kept_and_ends_when_somebody_takes_the_call(
    tmp_path: Path,
) -> None:
    leases = await SqliteLeases.open(tmp_path / "sessions.db", ttl_s=0.3)
    tenure = Tenure(leases, await leases.begin(KEY, "one", "token"), "token")
    keeping = asyncio.create_task(tenure.keep())
    await asyncio.sleep(0.7)
    held = await leases.holder(KEY)
    assert held is not None and held.owner == "one"
    await leases.take(KEY, "two", "token")
    await asyncio.wait_for(keeping, 1)
    assert tenure.lost
    await tenure.give_back(over=True)
    held = await leases.holder(KEY)
    assert held is not None and held.owner == "two"
    await leases.aclose()


async def test_a_tenure_knows_its_token(tmp_path: Path) -> None:
    leases = await SqliteLeases.open(tmp_path / "sessions.db", ttl_s=30)
    tenure = Tenure(leases, await leases.begin(KEY, "one", "token"))
    assert tenure.admits("token") and not tenure.admits("Token") and not tenure.admits("")
    await leases.aclose()
