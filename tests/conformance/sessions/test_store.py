"""What every SessionStore promises of what it keeps."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import anyio
import anyio.lowlevel
import pytest

from memory.errors import Fenced, NotFound, RevisionConflict, StoreFull, StoreLost
from memory.ports import SessionStore
from memory.session_filter import SessionFilter
from memory.types import SessionKey
from tests.conformance.sessions.places import BUDGET_S, NOON, Place, a_record, some_events

pytestmark = pytest.mark.anyio


async def test_gives_back_what_was_saved_to_the_last_bit(store: SessionStore) -> None:
    record = replace(a_record(), outcome="complete")
    await store.save(record, some_events(1), seen=0)
    assert await store.load(record.key) == record
    assert await store.events(record.key) == some_events(1)


async def test_knows_times_in_utc_wherever_they_came_from(store: SessionStore) -> None:
    there = a_record().started_at.astimezone(timezone(timedelta(hours=-7)))
    await store.save(replace(a_record(), started_at=there), [], seen=0)
    loaded = await store.load(a_record().key)
    assert loaded.started_at == NOON
    assert loaded.started_at.utcoffset() == timedelta(0)


async def test_refuses_a_time_without_a_zone(store: SessionStore) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        await store.save(replace(a_record(), started_at=datetime(2026, 11, 2)), [], seen=0)


async def test_a_later_revision_takes_the_place_of_an_earlier_and_its_events_come_after(
    store: SessionStore,
) -> None:
    await store.save(a_record(revision=2), some_events(1, 2), seen=0)
    await store.save(a_record(revision=5), some_events(3, 3, 5), seen=2)
    assert (await store.load(a_record().key)).revision == 5
    assert [event.revision for event in await store.events(a_record().key)] == [1, 2, 3, 3, 5]


async def test_a_writer_that_has_not_seen_the_newest_revision_is_refused_and_changes_nothing(
    store: SessionStore,
) -> None:
    newest = a_record(revision=4)
    await store.save(newest, some_events(1, 4), seen=0)
    for seen in (0, 3, 5):
        with pytest.raises(RevisionConflict) as refused:
            await store.save(replace(a_record(revision=9), state=b"other"), some_events(9), seen=seen)
        assert (refused.value.ours, refused.value.stored) == (seen, 4)
    assert await store.load(newest.key) == newest
    assert await store.events(newest.key) == some_events(1, 4)


async def test_a_session_that_was_never_stored_has_no_second_revision(store: SessionStore) -> None:
    with pytest.raises(RevisionConflict):
        await store.save(a_record(revision=2), some_events(2), seen=1)
    assert await store.events(a_record().key) == []


async def test_a_revision_has_to_grow(store: SessionStore) -> None:
    await store.save(a_record(revision=2), [], seen=0)
    with pytest.raises(ValueError, match="does not come after"):
        await store.save(a_record(revision=2), [], seen=2)


async def test_what_was_told_of_a_call_is_kept_in_order_and_up_to_its_revision(store: SessionStore) -> None:
    await store.save(a_record(revision=1), some_events(1), seen=0, moments=some_events(1, 1))
    await store.save(a_record(revision=3), some_events(2, 3), seen=1, moments=some_events(3))
    assert await store.moments(a_record().key) == some_events(1, 1, 3)
    with pytest.raises(RevisionConflict):
        await store.save(a_record(revision=4), [], seen=1, moments=some_events(4))
    assert await store.moments(a_record().key) == some_events(1, 1, 3)
    await store.delete(a_record().key)
    assert await store.moments(a_record().key) == []


async def test_a_session_leaves_the_lists_that_it_no_longer_belongs_to(store: SessionStore) -> None:
    await store.save(replace(a_record(), outcome="complete"), [], seen=0)
    moved = replace(a_record(revision=2, minute=-5), outcome="hung_up", flow="support")
    await store.save(a_record("other", minute=-1), [], seen=0)
    await store.save(moved, [], seen=1)
    assert [r.key.call for r in await store.list("clinic")] == ["other", "c1"]
    assert await store.list("clinic", SessionFilter(outcome="complete")) == []
    assert [r.key.call for r in await store.list("clinic", SessionFilter(flow="medical_intake"))] == ["other"]
    assert [
        r.key.call for r in await store.list("clinic", SessionFilter(flow="support", outcome="hung_up"))
    ] == ["c1"]


# --- fences ------------------------------------------------------------------------------------------------


async def test_a_save_with_a_lower_fence_is_refused_and_changes_nothing(
    place: Place, store: SessionStore
) -> None:
    leases, key = await place.leases(), a_record().key
    old = await leases.begin(key, "one", "token")
    await store.save(a_record(), some_events(1), seen=0, fence=old.fence)
    new = await leases.take(key, "two", "token")
    for _ in range(2):
        with pytest.raises(Fenced) as refused:
            await store.save(a_record(revision=2), some_events(2), seen=1, fence=old.fence)
    assert (refused.value.ours, refused.value.stored) == (old.fence, new.fence)
    with pytest.raises(Fenced):
        await store.attach(key, b"{}", fence=old.fence)
    assert await store.load(key) == a_record()
    await store.save(a_record(revision=2), some_events(2), seen=1, fence=new.fence)
    assert await store.events(key) == some_events(1, 2)
    await leases.aclose()


async def test_who_has_no_lease_writes_only_what_nobody_holds(place: Place, store: SessionStore) -> None:
    leases, key = await place.leases(), a_record().key
    lease = await leases.begin(key, "one", "token")
    await store.save(a_record(), [], seen=0, fence=lease.fence)
    with pytest.raises(Fenced):
        await store.save(a_record(revision=2), [], seen=1)
    await leases.release(lease, over=True)
    await store.save(a_record(revision=2), [], seen=1)
    await leases.aclose()


async def test_a_deleted_session_leaves_no_lease(place: Place, store: SessionStore) -> None:
    leases, key = await place.leases(), a_record().key
    lease = await leases.begin(key, "one", "token")
    await store.save(a_record(), [], seen=0, fence=lease.fence)
    await store.delete(key)
    assert await leases.holder(key) is None
    with pytest.raises(NotFound):
        await leases.take(key, "two", "token")
    await leases.aclose()


async def test_the_story_of_a_call_is_kept_beside_its_newest_state(store: SessionStore) -> None:
    await store.save(a_record("one"), [], seen=0)
    await store.attach(a_record("one").key, b'{"version": 1}')
    loaded = await store.load(a_record("one").key)
    assert loaded.record == b'{"version": 1}' and loaded.revision == 1


async def test_a_story_without_its_session_is_refused(store: SessionStore) -> None:
    with pytest.raises(NotFound):
        await store.attach(a_record("nobody").key, b"{}")


async def test_of_two_writers_of_one_revision_exactly_one_wins(place: Place, store: SessionStore) -> None:
    other = await place.open()
    outcomes: list[str] = []

    async def write(through: SessionStore, who: str) -> None:
        try:
            await through.save(replace(a_record(revision=2), flow_hash=who), some_events(2), seen=1)
            outcomes.append(who)
        except RevisionConflict:
            outcomes.append("refused")

    await store.save(a_record(), [], seen=0)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(write, store, "one")
        tasks.start_soon(write, other, "two")
    assert outcomes.count("refused") == 1
    winner = next(outcome for outcome in outcomes if outcome != "refused")
    assert (await store.load(a_record().key)).flow_hash == winner
    assert await store.events(a_record().key) == some_events(2)
    await other.aclose()


async def test_another_client_sees_what_was_saved(place: Place, store: SessionStore) -> None:
    other = await place.open()
    await store.save(a_record(), some_events(1), seen=0)
    assert await other.load(a_record().key) == a_record()
    await other.aclose()


async def test_what_was_saved_outlives_the_client(place: Place) -> None:
    first = await place.open()
    await first.save(a_record(), some_events(1), seen=0)
    await first.aclose()
    second = await place.open()
    assert await second.load(a_record().key) == a_record()
    await second.aclose()


async def test_no_tenant_sees_the_sessions_of_another(store: SessionStore) -> None:
    await store.save(a_record(), some_events(1), seen=0)
    elsewhere = SessionKey("bank", "c1")
    with pytest.raises(NotFound):
        await store.load(elsewhere)
    assert await store.events(elsewhere) == []
    assert await store.list("bank") == []
    assert not await store.delete(elsewhere)
    await store.save(a_record(tenant="bank"), [], seen=0)
    assert await store.events(a_record().key) == some_events(1)


async def test_a_deleted_session_is_gone_with_its_events_and_can_begin_anew(store: SessionStore) -> None:
    await store.save(a_record(revision=3), some_events(1, 3), seen=0)
    assert await store.delete(a_record().key)
    assert not await store.delete(a_record().key)
    with pytest.raises(NotFound):
        await store.load(a_record().key)
    assert await store.events(a_record().key) == []
    await store.save(a_record(), some_events(1), seen=0)
    assert await store.events(a_record().key) == some_events(1)


async def test_a_place_that_does_not_answer_is_lost_within_the_budget_and_the_save_can_be_tried_again(
    place: Place, store: SessionStore
) -> None:
    await store.save(a_record(), some_events(1), seen=0)
    with place.silent(), anyio.fail_after(2 * BUDGET_S), pytest.raises(StoreLost):
        await store.save(a_record(revision=2), some_events(2), seen=1)
    await store.save(a_record(revision=2), some_events(2), seen=1)
    assert await store.events(a_record().key) == some_events(1, 2)


async def test_those_who_wait_behind_a_lost_save_are_told_within_the_budget_too(
    place: Place, store: SessionStore
) -> None:
    lost: list[str] = []

    async def write(call: str) -> None:
        with pytest.raises(StoreLost):
            await store.save(a_record(call), [], seen=0)
        lost.append(call)

    with place.silent(), anyio.fail_after(3 * BUDGET_S):
        async with anyio.create_task_group() as tasks:
            for number in range(5):
                tasks.start_soon(write, f"c{number}")
    assert len(lost) == 5
    await store.save(a_record("after"), [], seen=0)


async def test_a_full_place_takes_nothing_in_part_and_takes_the_same_again_once_there_is_room(
    place: Place,
) -> None:
    store = await place.open_small()
    await store.save(a_record("old"), some_events(1), seen=0)
    await store.save(replace(a_record("large"), record=bytes(600_000)), [], seen=0)
    heavy = replace(a_record("old", revision=2), record=bytes(500_000))
    with pytest.raises(StoreFull):
        await store.save(heavy, some_events(2), seen=1)
    assert await store.load(heavy.key) == a_record("old")
    assert await store.events(heavy.key) == some_events(1)
    await store.delete(SessionKey("clinic", "large"))
    await store.save(heavy, some_events(2), seen=1)
    assert await store.load(heavy.key) == heavy
    await store.aclose()


async def test_a_cancelled_save_has_either_happened_and_returned_or_not_happened(store: SessionStore) -> None:
    """Cancelled at ever later moments; what the writer believes and what is stored never differ."""
    began = time.perf_counter()
    await store.save(a_record("measure"), some_events(1), seen=0)
    one_save_s = time.perf_counter() - began
    seen = 0
    for step in range(60):
        revision = step + 1
        with anyio.move_on_after(step / 40 * one_save_s):
            await store.save(a_record(revision=revision), some_events(revision), seen=seen)
            seen = revision
        if seen:
            assert (await store.load(a_record().key)).revision == seen
    await store.save(a_record(revision=100), some_events(100), seen=seen)
    events = [event.revision for event in await store.events(a_record().key)]
    assert events == sorted(set(events))
    assert events[-1] == 100


async def test_many_calls_save_side_by_side(store: SessionStore) -> None:
    async def call(name: str) -> None:
        for revision in range(1, 6):
            await store.save(a_record(name, revision), some_events(revision), seen=revision - 1)

    async with anyio.create_task_group() as tasks:
        for number in range(8):
            tasks.start_soon(call, f"c{number}")
    for number in range(8):
        assert await store.events(SessionKey("clinic", f"c{number}")) == some_events(1, 2, 3, 4, 5)


async def test_closing_twice_is_well_and_a_closed_store_says_so(place: Place) -> None:
    store = await place.open()
    await store.aclose()
    await store.aclose()
    with pytest.raises(StoreLost, match="closed"):
        await store.load(a_record().key)


async def test_a_save_that_meets_the_end_of_the_store_is_done_or_told(place: Place) -> None:
    store = await place.open()
    done: list[str] = []

    async def write(call: str) -> None:
        try:
            await store.save(a_record(call), [], seen=0)
            done.append(call)
        except StoreLost:
            pass

    async with anyio.create_task_group() as tasks:
        for number in range(6):
            tasks.start_soon(write, f"c{number}")
        await anyio.lowlevel.checkpoint()
        tasks.start_soon(store.aclose)
    again = await place.open()
    assert {record.key.call for record in await again.list("clinic")} == set(done)
    await again.aclose()


# --- the same in other bytes -----------------------------------------------------------------------------------


async def test_a_session_is_rewritten_as_a_whole_and_nothing_else_of_it_changes(store: SessionStore) -> None:
    record = a_record(revision=4)
    await store.save(record, some_events(1, 4), seen=0, moments=some_events(2))
    other = replace(record, state=b"other state", record=b"other story")
    events = [replace(event, event=b"other %d" % n) for n, event in enumerate(some_events(1, 4))]
    moments = [replace(moment, event=b"told") for moment in some_events(2)]
    await store.rewrite(replace(other, flow="not looked at", outcome="nor this"), events, moments)
    assert await store.load(record.key) == other
    assert (await store.events(record.key), await store.moments(record.key)) == (events, moments)
    await store.save(replace(other, revision=5), some_events(5), seen=4)
    assert await store.events(record.key) == [*events, *some_events(5)]


async def test_a_rewrite_of_what_has_changed_meanwhile_is_refused_and_changes_nothing(
    store: SessionStore,
) -> None:
    record = replace(a_record(revision=4), record=b"")
    await store.save(record, some_events(1, 4), seen=0)
    for stale, events in ((replace(record, revision=3), (1, 4)), (record, (1,)), (record, (1, 4, 4))):
        with pytest.raises(RevisionConflict):
            await store.rewrite(stale, some_events(*events), [])
    await store.attach(record.key, b"the story")
    with pytest.raises(RevisionConflict):
        await store.rewrite(record, some_events(1, 4), [])
    assert await store.load(record.key) == replace(record, record=b"the story")
    with pytest.raises(NotFound):
        await store.rewrite(a_record("other"), [], [])
