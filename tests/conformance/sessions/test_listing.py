"""What every SessionStore promises of its lists: pages, filters, one tenant's calls."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta, timezone

import pytest

from memory.errors import NotFound
from memory.ports import SessionStore
from memory.session_filter import SessionFilter
from memory.types import SessionKey, SessionRecord
from tests.conformance.sessions.places import NOON, a_record

pytestmark = pytest.mark.anyio


async def test_lists_the_newest_first_and_without_the_heavy_parts(store: SessionStore) -> None:
    for minute, call in enumerate(("first", "second", "third")):
        await store.save(a_record(call, minute=minute), [], seen=0)
    listed = await store.list("clinic")
    assert [record.key.call for record in listed] == ["third", "second", "first"]
    assert listed[0] == replace(a_record("third", minute=2), state=b"", record=b"")


async def test_pages_through_all_sessions_once_even_where_they_began_together(store: SessionStore) -> None:
    for number in range(7):
        await store.save(a_record(f"c{number}", minute=number // 4), [], seen=0)
    seen: list[str] = []
    while page := await store.list("clinic", limit=2, before=seen[-1] if seen else None):
        seen += [record.key.call for record in page]
    assert sorted(seen) == [f"c{number}" for number in range(7)]
    assert set(seen[:3]) == {"c4", "c5", "c6"}


async def test_goes_on_only_from_a_session_that_there_is(store: SessionStore) -> None:
    await store.save(a_record(), [], seen=0)
    with pytest.raises(NotFound):
        await store.list("clinic", before="gone")


async def test_lists_by_flow_and_by_outcome(store: SessionStore) -> None:
    await store.save(replace(a_record("a"), outcome="complete"), [], seen=0)
    await store.save(replace(a_record("b"), flow="support", outcome="complete"), [], seen=0)
    await store.save(a_record("c"), [], seen=0)
    assert {r.key.call for r in await store.list("clinic", SessionFilter(flow="medical_intake"))} == {
        "a",
        "c",
    }
    assert {r.key.call for r in await store.list("clinic", SessionFilter(outcome="complete"))} == {"a", "b"}
    assert {
        r.key.call for r in await store.list("clinic", SessionFilter(flow="support", outcome="complete"))
    } == {"b"}


def by(call: str, *marks: str, minute: int = 0, outcome: str | None = None) -> SessionRecord:
    """A call of somebody who is recognised by these marks."""
    record = a_record(call, minute=minute)
    return replace(record, outcome=outcome, summary=dict(record.summary) | {"marks": list(marks)})


async def calls(store: SessionStore, wanted: SessionFilter, tenant: str = "clinic") -> list[str]:
    return [record.key.call for record in await store.list(tenant, wanted)]


async def test_lists_those_that_go_on_and_those_that_are_over(store: SessionStore) -> None:
    await store.save(replace(a_record("over", minute=1), outcome="complete"), [], seen=0)
    await store.save(replace(a_record("hung up", minute=2), outcome="hung_up"), [], seen=0)
    await store.save(a_record("live", minute=3), [], seen=0)
    await store.save(replace(a_record("elsewhere", minute=4), flow="support"), [], seen=0)
    assert await calls(store, SessionFilter(over=True)) == ["hung up", "over"]
    assert await calls(store, SessionFilter(over=False)) == ["elsewhere", "live"]
    assert await calls(store, SessionFilter(over=False, flow="support")) == ["elsewhere"]
    assert await calls(store, SessionFilter(over=True, outcome="hung_up")) == ["hung up"]
    assert await calls(store, SessionFilter(over=False, outcome="hung_up")) == []
    await store.save(replace(a_record("live", 2, minute=3), outcome="complete"), [], seen=1)
    assert await calls(store, SessionFilter(over=False)) == ["elsewhere"]
    assert await calls(store, SessionFilter(over=True)) == ["live", "hung up", "over"]


async def test_lists_those_that_began_within_a_time(store: SessionStore) -> None:
    for minute in range(5):
        await store.save(replace(a_record(f"c{minute}", minute=minute), outcome="complete"), [], seen=0)
    at = [NOON + timedelta(minutes=minute) for minute in range(5)]
    assert await calls(store, SessionFilter(since=at[3])) == ["c4", "c3"]
    assert await calls(store, SessionFilter(until=at[2])) == ["c1", "c0"]
    assert await calls(store, SessionFilter(since=at[1], until=at[3])) == ["c2", "c1"]
    assert await calls(store, SessionFilter(since=at[3], until=at[3])) == []
    almost = at[3] + timedelta(microseconds=1)
    assert await calls(store, SessionFilter(since=almost, outcome="complete")) == ["c4"]
    elsewhere = at[3].astimezone(timezone(timedelta(hours=-7)))
    assert await calls(store, SessionFilter(since=elsewhere)) == ["c4", "c3"]
    with pytest.raises(ValueError, match="no time zone"):
        await store.list("clinic", SessionFilter(since=at[3].replace(tzinfo=None)))


async def test_lists_the_calls_of_one_caller(store: SessionStore) -> None:
    await store.save(by("a", "phone", minute=1, outcome="complete"), [], seen=0)
    await store.save(by("b", "phone", "identity", minute=2, outcome="hung_up"), [], seen=0)
    await store.save(by("c", "identity", minute=3), [], seen=0)
    await store.save(by("d", "another", minute=4), [], seen=0)
    await store.save(a_record("unknown", minute=5), [], seen=0)
    await store.save(replace(by("a", "phone"), key=SessionKey("bank", "theirs")), [], seen=0)
    both = frozenset({"phone", "identity"})
    assert await calls(store, SessionFilter(marks=frozenset({"phone"}))) == ["b", "a"]
    assert await calls(store, SessionFilter(marks=both)) == ["c", "b", "a"]
    assert await calls(store, SessionFilter(marks=both, over=True)) == ["b", "a"]
    assert await calls(store, SessionFilter(marks=both, outcome="complete")) == ["a"]
    assert await calls(store, SessionFilter(marks=both, flow="support")) == []
    assert await calls(store, SessionFilter(marks=both, since=NOON + timedelta(minutes=2))) == ["c", "b"]
    assert await calls(store, SessionFilter(marks=both, until=NOON + timedelta(minutes=2))) == ["a"]
    assert await calls(store, SessionFilter(marks=frozenset({"nobody"}))) == []
    assert await calls(store, SessionFilter(marks=frozenset())) == []
    assert await calls(store, SessionFilter(marks=frozenset({"phone"})), tenant="bank") == ["theirs"]


async def test_a_call_is_its_callers_from_when_they_are_recognised_until_it_is_deleted(
    store: SessionStore,
) -> None:
    phone, identity = (SessionFilter(marks=frozenset({mark})) for mark in ("phone", "identity"))
    await store.save(by("a", "phone"), [], seen=0)
    assert await calls(store, identity) == []
    await store.save(replace(by("a", "phone", "identity"), revision=2), [], seen=1)
    assert await calls(store, identity) == await calls(store, phone) == ["a"]
    await store.save(replace(by("a", "identity"), revision=3), [], seen=2)
    assert (await calls(store, phone), await calls(store, identity)) == ([], ["a"])
    await store.delete(SessionKey("clinic", "a"))
    assert await calls(store, identity) == []
    await store.save(a_record("a"), [], seen=0)
    assert await calls(store, identity) == []


@pytest.mark.parametrize(
    "wanted",
    [
        SessionFilter(over=True),
        SessionFilter(marks=frozenset({"phone", "identity"})),
        SessionFilter(since=NOON + timedelta(minutes=1), until=NOON + timedelta(minutes=5)),
        SessionFilter(flow="medical_intake", outcome="complete", marks=frozenset({"phone"})),
    ],
)
async def test_pages_of_what_is_wanted_hold_each_once_whatever_is_saved_between_them(
    store: SessionStore, wanted: SessionFilter
) -> None:
    marks = (("phone",), ("identity",), ("phone", "identity"), ("another",))
    stored = [
        by(f"c{n:02}", *marks[n % 4], minute=n // 4, outcome=("complete", None, "hung_up")[n % 3])
        for n in range(24)
    ]
    for record in stored:
        await store.save(record, [], seen=0)
    expected = [r.key.call for r in sorted(stored, key=lambda r: r.key.call, reverse=True) if wanted.takes(r)]
    assert len(expected) > 3
    seen: list[str] = []
    while page := await store.list("clinic", wanted, limit=2, before=seen[-1] if seen else None):
        seen += [record.key.call for record in page]
        ended = next(record for record in stored if record.key.call == seen[-1])
        # The call at which a page ends, and one that begins now, may be anything by then.
        other = replace(ended, revision=2, outcome="gave_up", flow="support", summary={})
        await store.save(other, [], seen=1)
        await store.save(by(f"new{len(seen)}", "phone", "identity", minute=90), [], seen=0)
    assert seen == expected


async def test_a_page_is_full_though_most_of_a_callers_calls_are_not_wanted(store: SessionStore) -> None:
    for n in range(40):
        await store.save(by(f"c{n:02}", "phone", outcome="hung_up" if n % 10 else "complete"), [], seen=0)
    wanted = SessionFilter(outcome="complete", marks=frozenset({"phone"}))
    assert [r.key.call for r in await store.list("clinic", wanted, limit=3)] == ["c30", "c20", "c10"]


@pytest.mark.parametrize("limit", [0, -1, 100_000])
async def test_refuses_a_page_of_senseless_size(store: SessionStore, limit: int) -> None:
    with pytest.raises(ValueError, match="limit"):
        await store.list("clinic", limit=limit)
