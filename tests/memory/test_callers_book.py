"""Callers across calls: recognised, written, merged, and sealed anew when keys rotate."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.callers import (
    Caller,
    CallerKey,
    MarkTaken,
    OpenMatter,
    PastCall,
    Remembered,
    Sign,
    SignKind,
    dump_caller,
    identity_sign,
    load_caller,
    merged,
    phone_sign,
    with_call,
    with_sign,
)
from memory.callers_book import CallerBook, newcomer
from memory.callers_sqlite import SqliteCallers
from memory.errors import NotFound, RevisionConflict
from memory.sealed import Key, KeyMissing, Keyring

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
PHONE = Sign(SignKind.PHONE, "5552138841")
OTHER_PHONE = Sign(SignKind.PHONE, "5550001111")
ANN = Sign(SignKind.IDENTITY, "customer_number=12345678", "identity")
OLD, NEW = Key("2025", b"o" * 32), Key("2026", b"n" * 32)

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteCallers]:
    opened = await SqliteCallers.open(tmp_path / "callers.db")
    yield opened
    await opened.aclose()


@pytest.fixture
def book(store: SqliteCallers) -> CallerBook:
    return CallerBook(store, Keyring([OLD]))


def value(told: str, *, minutes: int = 0) -> Remembered:
    at = NOON + timedelta(minutes=minutes)
    return Remembered(told, "text", "personal", SignKind.PHONE, at, "intake", "c1")


def somebody(*signs: Sign, tenant: str = "clinic") -> Caller:
    return replace(newcomer(tenant, signs, NOON), values={"name": value("Ann Lee")})


async def test_a_caller_is_found_by_each_of_their_signs_and_in_their_tenant_only(book: CallerBook) -> None:
    ann = await book.write(somebody(PHONE, ANN), NOON)
    assert await book.find("clinic", PHONE) == await book.find("clinic", ANN) == (ann,)
    assert await book.find("bank", PHONE) == await book.find("clinic", OTHER_PHONE) == ()
    assert (await book.load(ann.key)).values == ann.values


async def test_an_identity_is_never_two_callers_and_a_number_only_where_that_is_allowed(
    book: CallerBook,
) -> None:
    await book.write(somebody(PHONE, ANN), NOON)
    with pytest.raises(MarkTaken):
        await book.write(somebody(ANN), NOON)
    with pytest.raises(MarkTaken):
        await book.write(somebody(PHONE), NOON, alone=[PHONE])
    await book.write(somebody(PHONE), NOON)
    assert len(await book.find("clinic", PHONE)) == 2


async def test_a_change_is_made_again_on_what_somebody_else_has_written(book: CallerBook) -> None:
    ann = await book.write(somebody(PHONE), NOON)
    await book.write(replace(ann, preferences={"language": "es"}), NOON)
    with pytest.raises(RevisionConflict):
        await book.write(ann, NOON)
    later = await book.change(ann.key, lambda now: with_sign(now, ANN), NOON)
    assert (later.preferences, later.signs) == ({"language": "es"}, (PHONE, ANN))


async def test_merging_keeps_of_each_value_the_one_confirmed_last_and_leaves_one_caller(
    book: CallerBook,
) -> None:
    old = replace(somebody(PHONE), values={"name": value("Ann Lee"), "city": value("Rome")})
    new = replace(somebody(ANN), values={"name": value("Anne Lee", minutes=5)})
    one, other = await book.write(old, NOON), await book.write(new, NOON)
    kept = await book.merge(one.key, other.key, NOON)
    assert {name: known.value for name, known in kept.values.items()} == {"name": "Anne Lee", "city": "Rome"}
    assert await book.find("clinic", ANN) == await book.find("clinic", PHONE) == (kept,)
    with pytest.raises(NotFound):
        await book.load(other.key)
    with pytest.raises(NotFound):
        await book.merge(one.key, other.key, NOON)
    for wrong in (one.key, replace(other.key, tenant="bank")):
        with pytest.raises(ValueError, match="two callers of one tenant"):
            await book.merge(one.key, wrong, NOON)


async def test_with_a_new_key_callers_are_found_before_and_after_rekeying_and_then_without_the_old_one(
    store: SqliteCallers, book: CallerBook
) -> None:
    ann = await book.write(somebody(PHONE), NOON)
    rotated = CallerBook(store, Keyring([NEW, OLD]))
    assert [found.key for found in await rotated.find("clinic", PHONE)] == [ann.key]
    assert await rotated.rekey("clinic") == (1, 1)
    assert await rotated.rekey("clinic") == (1, 0)
    alone = CallerBook(store, Keyring([NEW]))
    (found,) = await alone.find("clinic", PHONE)
    assert (found.values, found.updated_at) == (ann.values, ann.updated_at)
    with pytest.raises(KeyMissing):
        await book.load(ann.key)


async def test_what_was_kept_before_there_were_keys_is_found_and_sealed_by_rekeying(
    store: SqliteCallers, tmp_path: Path
) -> None:
    plain = CallerBook(store, Keyring())
    await plain.write(somebody(PHONE), NOON)
    sealed = CallerBook(store, Keyring([NEW]))
    assert len(await sealed.find("clinic", PHONE)) == 1
    assert await sealed.rekey("clinic") == (1, 1)
    await store.scrub()
    written = _written(tmp_path)
    assert b"Ann Lee" not in written and b"5552138841" not in written


def _written(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


async def test_all_callers_are_gone_through_though_they_are_deleted_meanwhile(book: CallerBook) -> None:
    for _ in range(7):
        await book.write(newcomer("clinic", (), NOON), NOON)
    seen = set()
    async for caller in book.every("clinic"):
        seen.add(caller.key)
        await book.delete(caller.key)
    assert len(seen) == 7


# --- signs, and what changes of a caller --------------------------------------------------------------------


@pytest.mark.parametrize(
    "number", ["5552138841", "+1 (555) 213-8841", "15552138841", "001 555 213 8841", "555.213.8841"]
)
def test_a_number_is_the_same_however_the_line_writes_it(number: str) -> None:
    assert phone_sign(number) == PHONE


@pytest.mark.parametrize("number", ["", "anonymous", "unavailable", "12"])
def test_a_number_that_is_withheld_is_no_sign(number: str) -> None:
    assert phone_sign(number) is None


def test_an_identity_does_not_depend_on_order_case_or_spaces_and_takes_something_to_tell() -> None:
    one = identity_sign("gate", {"id": "AB 12", "name": "Ann  Lee"})
    assert one == identity_sign("gate", {"name": "ann lee", "id": "ab 12"})
    assert one != identity_sign("other", {"id": "AB 12", "name": "Ann Lee"})
    assert identity_sign("gate", {}) is None


def test_a_call_of_a_flow_closes_what_an_earlier_one_of_it_left_open() -> None:
    def past(call: str, flow: str) -> PastCall:
        return PastCall(call, flow, NOON, "hung_up", "")

    left = OpenMatter("intake", "c1", NOON, "not finished")
    caller = with_call(somebody(), past("c1", "intake"), left)
    caller = with_call(caller, past("c2", "billing"), OpenMatter("billing", "c2", NOON, ""))
    done = with_call(caller, past("c3", "intake"), None)
    assert [matter.flow for matter in done.open_matters] == ["billing"]
    assert [call.call for call in done.calls] == ["c1", "c2", "c3"]
    assert with_call(done, past("c3", "intake"), None) == done


JSON = st.one_of(st.text(max_size=20), st.booleans(), st.integers(-99, 99), st.lists(st.text(max_size=5)))
VALUES = st.dictionaries(
    st.text("abc", min_size=1, max_size=3),
    st.builds(
        Remembered,
        value=JSON,
        type=st.just("text"),
        pii=st.sampled_from(["none", "personal", "sensitive"]),
        known_by=st.sampled_from(SignKind),
        confirmed_at=st.datetimes(timezones=st.just(UTC)),
        flow=st.just("f"),
        call=st.just("c"),
    ),
    max_size=4,
)
CALLERS = st.builds(
    Caller,
    key=st.builds(CallerKey, st.just("clinic"), st.text("0123456789abcdef", min_size=4, max_size=4)),
    revision=st.integers(1, 9),
    created_at=st.datetimes(timezones=st.just(UTC)),
    updated_at=st.datetimes(timezones=st.just(UTC)),
    signs=st.lists(st.sampled_from([PHONE, OTHER_PHONE, ANN]), unique=True).map(tuple),
    values=VALUES,
)


@given(CALLERS)
def test_a_caller_reads_back_as_it_was_written(caller: Caller) -> None:
    assert load_caller(dump_caller(caller)) == caller


@given(CALLERS, CALLERS)
def test_merging_loses_no_sign_and_no_value_and_is_the_same_either_way(a: Caller, b: Caller) -> None:
    one, other = merged(a, b), merged(b, a)
    assert set(one.signs) == set(other.signs) == {*a.signs, *b.signs}
    assert set(one.values) == {*a.values, *b.values}
    for name, known in one.values.items():
        assert known.confirmed_at == other.values[name].confirmed_at
        assert known in (a.values.get(name), b.values.get(name))
