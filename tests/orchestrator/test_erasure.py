"""Erasing and sweeping, over real stores: nothing of a caller is left in any byte, and the log says that it was done."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import anyio
import pytest

from memory.callers import phone_sign
from memory.edge import EdgeKnowledge
from memory.errors import NotFound
from memory.privacy import Retention
from memory.privacy_erasure import CallGoesOn, erase
from memory.privacy_stores import Actor
from memory.privacy_sweep import Swept, sweep
from memory.sealed import Keyring
from memory.types import Passage, SessionKey
from tests.orchestrator.callers_rig import BANK, CLINIC, FOR_EVER, World, intake, now, world

pytestmark = pytest.mark.anyio

ANN, BOB = "5552138841", "5550001111"
OPERATOR = Actor("key:7", "admin")
TRACES = (b"Ann Lee", b"ann lee", b"Rome", b"Elm Street", b"elm street", b"knee", ANN.encode())


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as made:
        yield made


@pytest.fixture
async def bare(tmp_path: Path) -> AsyncIterator[World]:
    """Without keys: what is there can be seen."""
    async with world(tmp_path, Keyring()) as made:
        yield made


async def test_with_keys_no_byte_of_any_file_tells_what_was_said(here: World) -> None:
    await intake(here, ANN)
    await intake(here, ANN)
    async with here.call(BANK, ANN, results={"check": {"ok": True}}) as rung:
        for words in ("7431", "8620", "Elm Street", "yes", "a statement"):
            await rung.say(words)
    written = here.written()
    assert len(written) > 50_000
    for trace in (*TRACES, b"statement"):
        assert trace not in written, trace
    for digits in (b"7431", b"8620"):  # by chance they are in times and in hashes
        assert not re.search(rb"(?<![0-9a-f.:])" + digits + rb"(?![0-9a-f])", written), digits


async def test_without_keys_they_would_be_found(bare: World) -> None:
    await intake(bare, ANN)
    written = bare.written()
    assert all(trace in written for trace in (b"Ann Lee", b"Rome", b"knee", ANN.encode()))


async def test_an_erased_caller_is_in_no_byte_of_any_file_and_another_is_untouched(bare: World) -> None:
    await intake(bare, ANN)
    async with bare.call(CLINIC, ANN) as rung:  # breaks off
        await rung.say("yes")
    await intake(bare, BOB, name="Peter Smith", city="Oslo")
    recordings = bare.folder / "calls"
    recordings.mkdir()
    for name in ("call1.wav", "call2.wav", "call2.2.wav", "call3.wav"):
        (recordings / name).write_bytes(b"RIFF")
    ann, bob = await bare.known(ANN), await bare.known(BOB)
    assert ann is not None
    index = await EdgeKnowledge.open()
    try:
        mine = Passage("p1", "Ann's contract ends in May.", "ann.md", "Contract", access=ann.access)
        await index.put("default", "clinic+", [mine, Passage("p2", "We open at nine.", "hours.md", "Hours")])
        gone = await erase(
            replace(bare.stores, knowledge=[index]), ann.key, OPERATOR, now() + timedelta(hours=1)
        )
        assert [passage.id for passage in await index.passages("default", "clinic+")] == ["p2"]
    finally:
        await index.aclose()
    assert (gone.calls, gone.recordings, gone.values, gone.passages, gone.left) == (2, 3, 3, 1, ())
    assert await bare.known(ANN) is None and await bare.known(BOB) == bob
    assert sorted(path.name for path in recordings.iterdir()) == ["call3.wav"]
    assert [record.key.call for record in await bare.sessions.list("default")] == ["call3"]
    written = bare.written()
    assert b"Peter Smith" in written
    for trace in (b"Ann Lee", b"Rome", ANN.encode()):
        assert trace not in written, trace


async def test_a_call_that_broke_off_before_it_named_anybody_is_found_by_its_mark(here: World) -> None:
    await intake(here, ANN)
    ann = await here.known(ANN)
    assert ann is not None
    sign = phone_sign(ANN)
    assert sign is not None
    record = await here.sessions.load(SessionKey("default", "call1"))
    orphan = replace(record, key=SessionKey("default", "orphan"), outcome="hung_up")
    assert orphan.summary["marks"] == [here.book.mark("default", sign)]
    await here.sessions.save(orphan, [], 0)
    gone = await erase(here.stores, ann.key, OPERATOR, now() + timedelta(hours=1))
    assert gone.calls == 2
    assert await here.sessions.list("default") == []


async def test_the_log_keeps_who_and_when_and_nothing_of_what_was_there(here: World) -> None:
    await intake(here, ANN)
    ann = await here.known(ANN)
    assert ann is not None
    at = now() + timedelta(hours=1)
    await erase(here.stores, ann.key, OPERATOR, at)
    (entry,) = await here.audit.list("default")
    assert (entry.who, entry.role, entry.action, entry.target) == (
        "key:7",
        "admin",
        "callers.erase",
        ann.key.caller,
    )
    assert entry.at == at
    with pytest.raises(NotFound):
        await erase(here.stores, ann.key, OPERATOR, at)


async def test_a_call_that_goes_on_is_not_erased_from_under_its_caller(here: World) -> None:
    await intake(here, ANN)
    ann = await here.known(ANN)
    assert ann is not None
    async with here.call(CLINIC, ANN):
        with pytest.raises(CallGoesOn, match="call2"):
            await erase(here.stores, ann.key, OPERATOR, now())
    assert await here.known(ANN) is not None
    await erase(here.stores, ann.key, OPERATOR, now())
    assert await here.known(ANN) is None


async def test_another_tenants_caller_and_calls_are_not_touched(here: World) -> None:
    await intake(here, ANN)
    ann = await here.known(ANN)
    assert ann is not None
    record = await here.sessions.load(SessionKey("default", "call1"))
    await here.sessions.save(replace(record, key=SessionKey("bank", "call1")), [], 0)
    with pytest.raises(NotFound):
        await erase(here.stores, replace(ann.key, tenant="bank"), OPERATOR, now())
    await erase(here.stores, ann.key, OPERATOR, now() + timedelta(hours=1))
    assert (await here.sessions.load(SessionKey("bank", "call1"))).state == record.state


# --- sweeping --------------------------------------------------------------------------------------------------


async def test_a_sweep_removes_what_is_too_old_for_its_class_and_nothing_else(here: World) -> None:
    await intake(here, ANN)  # has a sensitive value: the whole call is
    async with here.call(CLINIC, BOB) as rung:
        await rung.say("My name is Peter Smith")
        await rung.say("yes")
    recordings = here.folder / "calls"
    recordings.mkdir()
    for name in ("call1.wav", "call2.wav", "gone.wav"):
        (recordings / name).write_bytes(b"RIFF")
    short = Retention({"none": 900, "personal": 300, "sensitive": 7}, 365)
    assert await sweep(here.stores, ["default"], short, now()) == Swept()
    assert await sweep(here.stores, ["default"], short, now() + timedelta(days=8)) == Swept(
        calls=1, recordings=1
    )
    assert [record.key.call for record in await here.sessions.list("default")] == ["call2"]
    assert await here.known(ANN) is not None, "their name and city are personal, not sensitive"
    last = await sweep(here.stores, ["default"], short, now() + timedelta(days=301))
    assert last == Swept(calls=1, recordings=1, callers=2)
    assert await here.known(ANN) is None
    assert [path.name for path in recordings.iterdir()] == ["gone.wav"]
    assert (await sweep(here.stores, [], short, now() + timedelta(days=400))).recordings == 1
    assert {entry.action for entry in await here.audit.list("default")} == {"callers.sweep"}


async def test_values_go_by_their_own_class_and_their_caller_stays(here: World) -> None:
    await intake(here, ANN)
    ann = await here.known(ANN)
    assert ann is not None
    old = replace(ann.values["city"], pii="sensitive", confirmed_at=now() - timedelta(days=30))
    await here.book.write(replace(ann, values={**ann.values, "city": old}), now())
    short = replace(FOR_EVER, days={**FOR_EVER.days, "sensitive": 7.0})
    swept = await sweep(here.stores, ["default"], short, now())
    assert swept == Swept(calls=0, values=1)
    kept = await here.known(ANN)
    assert kept is not None and sorted(kept.values) == ["name", "street"]


async def test_two_servers_may_sweep_at_once(here: World) -> None:
    for _ in range(3):
        await intake(here, ANN)
    strict = Retention({"none": 1, "personal": 1, "sensitive": 1}, 1)
    gone: list[Swept] = []

    async def one() -> None:
        gone.append(await sweep(here.stores, ["default"], strict, now() + timedelta(days=2)))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(one)
        tasks.start_soon(one)
    total = gone[0] + gone[1]
    assert (total.calls, total.callers) == (3, 1)


# --- keys --------------------------------------------------------------------------------------------------------


async def test_with_the_wrong_key_a_session_says_so_and_with_a_new_one_it_is_sealed_anew(here: World) -> None:
    from memory.sealed import Key, KeyMissing
    from memory.sealed_sessions import SealedSessions

    await intake(here, ANN)
    key = SessionKey("default", "call1")
    state = (await here.sessions.load(key)).state
    with pytest.raises(KeyMissing, match=r"privacy\.keys_env"):
        await SealedSessions(here.sqlite, Keyring()).load(key)
    new = Key("2027", b"n" * 32)
    both = SealedSessions(here.sqlite, Keyring([new, Key("test", b"k" * 32)]))
    events, moments = await both.events(key), await both.moments(key)
    assert await both.rekey("default") == (1, 1)
    assert await both.rekey("default") == (1, 0)
    alone = SealedSessions(here.sqlite, Keyring([new]))
    assert (await alone.load(key)).state == state
    assert (await alone.events(key), await alone.moments(key)) == (events, moments)
    assert len(events) > 5 and len(moments) > 5
