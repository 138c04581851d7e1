"""Sessions in Redis beyond what every store promises: where it is, how it fails, and lists that stay right."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import anyio
import pytest
from redis import Redis
from redis.exceptions import RedisError

from memory import redis_pages, redis_relisting
from memory.errors import MemoryFailure, RevisionConflict, StoreLost
from memory.leases_redis import RedisLeases
from memory.redis import RedisSessions
from memory.redis_link import RedisLink
from memory.redis_place import BadUrl, RedisPlace, read_url
from memory.session_filter import SessionFilter
from memory.types import SessionKey, SessionRecord, StoredEvent
from tests.redis_server import CLUSTER, RedisServer, await_cluster, free_port, one_node_cluster

pytestmark = pytest.mark.anyio

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    started = RedisServer(tmp_path / "redis").start()
    yield started
    started.stop()


def a_record(call: str = "c1", revision: int = 1, outcome: str | None = None) -> SessionRecord:
    return SessionRecord(SessionKey("clinic", call), revision, "flow", "hash", b"{}", outcome, NOON, NOON)


def by_phone(call: str, outcome: str | None) -> SessionRecord:
    return replace(a_record(call, outcome=outcome), summary={"marks": ["phone"]})


def event(revision: int) -> StoredEvent:
    return StoredEvent(revision, 0.0, b"{}")


# --- where it is -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("redis://localhost", RedisPlace("server", (("localhost", 6379),))),
        ("rediss://r.example:7000/3", RedisPlace("server", (("r.example", 7000),), tls=True, database=3)),
        ("redis://[::1]:7000/0", RedisPlace("server", (("::1", 7000),))),
        (
            "redis://joe:p%40ss@r:1/0",
            RedisPlace("server", (("r", 1),), user="joe", password="p@ss"),
        ),
        ("redis://:only@r:1/0", RedisPlace("server", (("r", 1),), password="only")),
        ("unix:///run/redis.sock?db=2", RedisPlace("server", path="/run/redis.sock", database=2)),
        (
            "redis+sentinel://a:1,b/main?db=4",
            RedisPlace("sentinel", (("a", 1), ("b", 26379)), service="main", database=4),
        ),
        ("rediss+cluster://a:1,b:2", RedisPlace("cluster", (("a", 1), ("b", 2)), tls=True)),
    ],
)
def test_a_url_says_where_a_redis_is(url: str, place: RedisPlace) -> None:
    assert read_url(url) == place


@pytest.mark.parametrize(
    "url",
    ["", "localhost:6379", "http://r", "redis://", "redis://r:x", "redis://r/one", "redis+sentinel://r:1"],
)
def test_what_is_no_url_of_a_redis_is_told_what_one_is(url: str) -> None:
    with pytest.raises(BadUrl, match="redis"):
        read_url(url)


def test_a_password_is_never_shown() -> None:
    place = read_url("redis://joe:hunter2@r:1/0")
    assert "hunter2" not in f"{place} {place!r}" and "joe" not in str(place)


async def test_nobody_there_is_told_with_the_place() -> None:
    port = free_port()
    with pytest.raises(StoreLost, match=rf"Redis at 127\.0\.0\.1:{port}: .*see whether it runs"):
        await RedisSessions.open(f"redis://joe:hunter2@127.0.0.1:{port}/0", budget_s=0.5)


async def test_a_wrong_password_is_told(server: RedisServer) -> None:
    server.set("requirepass", "right")
    for login in ("", ":wrong@"):
        with pytest.raises(MemoryFailure, match="lets us not in"):
            await RedisSessions.open(f"redis://{login}127.0.0.1:{server.port}/0", budget_s=1)
    store = await RedisSessions.open(f"redis://:right@127.0.0.1:{server.port}/0", budget_s=1)
    await store.aclose()


async def test_a_redis_that_would_throw_calls_away_is_refused(tmp_path: Path) -> None:
    options = ("--maxmemory", "50mb", "--maxmemory-policy", "allkeys-lru")
    server = RedisServer(tmp_path / "redis", *options).start()
    try:
        with pytest.raises(MemoryFailure, match="set maxmemory-policy to noeviction"):
            await RedisSessions.open(server.url)
    finally:
        server.stop()


# --- faults ------------------------------------------------------------------------------------------------


async def test_a_killed_redis_has_every_acknowledged_save_and_the_same_client_goes_on(
    server: RedisServer,
) -> None:
    store = await RedisSessions.open(server.url, budget_s=0.5)
    for revision in (1, 2, 3):
        await store.save(a_record(revision=revision), [event(revision)], seen=revision - 1)
    server.kill()
    with pytest.raises(StoreLost):
        await store.save(a_record(revision=4), [event(4)], seen=3)
    server.start()
    await store.save(a_record(revision=4), [event(4)], seen=3)
    assert [each.revision for each in await store.events(a_record().key)] == [1, 2, 3, 4]
    await store.aclose()


async def test_a_save_that_was_carried_out_unheard_is_taken_for_done_whatever_came_after(
    server: RedisServer,
) -> None:
    """Redis stands still, gets the save, and carries it out when everybody has given up."""
    store = await RedisSessions.open(server.url, budget_s=0.3)
    await store.save(a_record(), [event(1)], seen=0, moments=[event(1)])
    server.pause()
    with pytest.raises(StoreLost):
        await store.save(a_record(revision=2), [event(2)], seen=1, moments=[event(2)])
    server.go_on()
    until = time.monotonic() + 5
    while (await store.load(a_record().key)).revision != 2:
        assert time.monotonic() < until
    await store.save(
        a_record(revision=4), [event(2), event(3), event(4)], seen=1, moments=[event(2), event(4)]
    )
    assert [each.revision for each in await store.events(a_record().key)] == [1, 2, 3, 4]
    assert [each.revision for each in await store.moments(a_record().key)] == [1, 2, 4]
    other = await RedisSessions.open(server.url, budget_s=0.3)
    with pytest.raises(RevisionConflict):
        await other.save(a_record(revision=5), [event(5)], seen=1)
    await other.aclose()
    await store.aclose()


async def test_a_call_that_was_taken_and_forgotten_does_not_come_back_with_the_same_fence(
    tmp_path: Path,
) -> None:
    """Redis is killed and has lost the last take; the fence that it gave is still below the next one."""
    server = RedisServer(tmp_path / "redis", "--appendonly", "no").start()
    leases = await RedisLeases.open(server.url, ttl_s=30, budget_s=1)
    key = SessionKey("clinic", "c1")
    first = await leases.begin(key, "one", "token")
    with server.client() as client:
        client.save()
    lost = await leases.take(key, "two", "token")
    server.kill()
    server.start()
    await leases.renew(first)
    third = await leases.take(key, "three", "token")
    assert first.fence < lost.fence < third.fence
    await leases.aclose()
    server.stop()


# --- lists -------------------------------------------------------------------------------------------------


async def test_a_list_is_right_even_where_a_writer_was_cut_off_between_list_and_session(
    server: RedisServer,
) -> None:
    store, link = await RedisSessions.open(server.url), await RedisLink.open(server.url)
    await store.save(a_record("kept"), [], seen=0)
    for wanted in (a_record("never written"), replace(a_record("kept"), outcome="complete")):
        await redis_pages.put_in(link, redis_pages.places(wanted.key, redis_pages.listing(wanted)))
    assert [each.key.call for each in await store.list("clinic")] == ["kept"]
    assert await store.list("clinic", SessionFilter(outcome="complete")) == []
    await store.save(a_record("kept", revision=2, outcome="complete"), [], seen=1)
    assert [each.key.call for each in await store.list("clinic", SessionFilter(outcome="complete"))] == [
        "kept"
    ]
    await link.aclose()
    await store.aclose()


async def test_a_page_is_full_though_much_in_the_list_is_stale(server: RedisServer) -> None:
    store = await RedisSessions.open(server.url)
    for number in range(40):
        await store.save(a_record(f"c{number:02}"), [], seen=0)
    with server.client() as client:
        for number in range(5, 35):
            client.delete(f"souffleur:{{clinic:c{number:02}}}:session")
    page = await store.list("clinic", limit=8)
    assert [each.key.call for each in page] == ["c39", "c38", "c37", "c36", "c35", "c04", "c03", "c02"]
    await store.aclose()


async def test_a_deleted_call_leaves_no_key_behind(server: RedisServer) -> None:
    store = await RedisSessions.open(server.url)
    leases = await RedisLeases.open(server.url, ttl_s=0.2)
    lease = await leases.begin(a_record().key, "one", "token")
    record = a_record(outcome="complete")
    await store.save(record, [event(1)], seen=0, fence=lease.fence, moments=[event(1)])
    await store.delete(record.key)
    await anyio.sleep(0.3)
    assert await leases.abandoned("clinic", 0.0) == []
    with server.client() as client:
        assert client.keys("*") == []
    await leases.aclose()
    await store.aclose()


async def saved_by_an_older_version(server: RedisServer, store: RedisSessions, record: SessionRecord) -> None:
    """With what older versions wrote beside a session, and in their lists alone."""
    await store.save(record, [], seen=0)
    old = [NOON.isoformat(timespec="microseconds"), record.flow, record.outcome or ""]
    listed = json.dumps(old)
    member = redis_pages.member_of(record.key, listed)
    with server.client() as client:
        client.hset(f"souffleur:{{clinic:{record.key.call}}}:session", "listed", listed)
        for place in client.keys("souffleur:{clinic}:sessions:*"):
            if b":mark:" in place or place.endswith(b'""]'):
                client.zrem(place, member)


@pytest.mark.parametrize("scheme", ["redis", "redis+cluster"])
async def test_calls_of_an_older_version_are_found_by_their_caller_and_as_live(
    scheme: str, tmp_path: Path
) -> None:
    server = one_node_cluster() if scheme == "redis+cluster" else RedisServer(tmp_path / "redis").start()
    store = await RedisSessions.open(server.url.replace("redis:", f"{scheme}:"))
    try:
        for n in range(3):
            outcome = "complete" if n else None
            await saved_by_an_older_version(server, store, by_phone(f"old{n}", outcome))
        with server.client() as client:
            assert client.zcard("souffleur:{clinic}:sessions:mark:phone") == 0
        await store.save(by_phone("new", None), [], seen=0)
        phone = SessionFilter(marks=frozenset({"phone"}))
        assert [r.key.call for r in await store.list("clinic", phone)] == ["old2", "old1", "old0", "new"]
        live = await store.list("clinic", SessionFilter(over=False))
        assert [r.key.call for r in live] == ["old0", "new"]
        for call in ("old0", "old1", "old2", "new"):
            await store.delete(SessionKey("clinic", call))
        with server.client() as client:
            assert client.keys("*mark*") == [], "what is erased leaves no mark"
    finally:
        await store.aclose()
        server.stop()


async def test_an_older_call_that_is_saved_again_is_listed_as_live_before_anybody_asks(
    server: RedisServer,
) -> None:
    store = await RedisSessions.open(server.url)
    await saved_by_an_older_version(server, store, by_phone("old", None))
    await store.save(replace(by_phone("old", None), revision=2), [], seen=1)
    with server.client() as client:
        assert client.zcard("souffleur:{clinic}:sessions:mark:phone") == 1
    assert [r.key.call for r in await store.list("clinic", SessionFilter(over=False))] == ["old"]
    await store.aclose()


async def test_a_call_that_is_deleted_while_older_ones_are_listed_anew_leaves_no_mark(
    server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await RedisSessions.open(server.url)
    await saved_by_an_older_version(server, store, by_phone("old", "complete"))

    async def and_then_it_is_deleted(link: RedisLink, wanted: set[redis_pages.Place]) -> None:
        await redis_pages.put_in(link, wanted)
        await store.delete(SessionKey("clinic", "old"))

    monkeypatch.setattr(redis_relisting, "put_in", and_then_it_is_deleted)
    assert await store.list("clinic", SessionFilter(marks=frozenset({"phone"}))) == []
    with server.client() as client:
        assert client.keys("*mark*") == []
    await store.aclose()


# --- more than one -----------------------------------------------------------------------------------------


async def test_calls_are_spread_over_the_nodes_of_a_cluster(tmp_path: Path) -> None:
    nodes = [RedisServer(tmp_path / f"node{n}", *CLUSTER).start() for n in range(2)]
    try:
        _join(nodes)
        store = await RedisSessions.open(f"redis+cluster://127.0.0.1:{nodes[0].port}", budget_s=3)
        for number in range(20):
            await store.save(a_record(f"c{number:02}"), [event(1)], seen=0)
        assert len(await store.list("clinic")) == 20
        assert len(await store.list("clinic", SessionFilter(flow="flow"), limit=7, before="c10")) == 7
        for node in nodes:
            with node.client() as client:
                assert client.dbsize() > 10, "both have their share"
        assert await store.delete(SessionKey("clinic", "c03"))
        assert len(await store.list("clinic")) == 19
        await store.aclose()
    finally:
        for node in nodes:
            node.stop()


def _join(nodes: list[RedisServer]) -> None:
    shares = ((0, 8191), (8192, 16383))
    for node, share in zip(nodes, shares, strict=True):
        with node.client() as client:
            client.execute_command("CLUSTER", "ADDSLOTSRANGE", *share)
    with nodes[0].client() as client:
        client.execute_command("CLUSTER", "MEET", "127.0.0.1", nodes[1].port, nodes[1].cluster_port)
    await_cluster(*nodes)


async def test_when_the_master_dies_the_sentinels_lead_to_its_replica(tmp_path: Path) -> None:
    master = RedisServer(tmp_path / "master", "--repl-diskless-sync-delay", "0").start()
    replica = RedisServer(tmp_path / "replica", "--replicaof", "127.0.0.1", str(master.port)).start()
    sentinel = _sentinel(tmp_path, master.port)
    try:
        url = f"redis+sentinel://127.0.0.1:{sentinel.port}/calls"
        store = await RedisSessions.open(url, budget_s=1)
        await store.save(a_record(), [event(1)], seen=0)
        await _until(lambda: _count(replica) == _count(master), "the replica has it")
        await _until(lambda: _replicas(sentinel) == 1, "the Sentinel knows the replica")
        master.kill()
        until = time.monotonic() + 30
        while True:
            try:
                await store.save(a_record(revision=2), [event(2)], seen=1)
                break
            except StoreLost:
                assert time.monotonic() < until, "the replica did not take over"
                await anyio.sleep(0.3)
        assert [each.revision for each in await store.events(a_record().key)] == [1, 2]
        await store.aclose()
    finally:
        sentinel.stop()
        for server in (master, replica):
            server.stop()


async def _until(true: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + 30
    while not true():
        assert time.monotonic() < until, f"it does not come to this: {what}"
        await anyio.sleep(0.1)


def _count(server: RedisServer) -> int:
    with server.client() as client:
        return int(client.dbsize())


def _replicas(sentinel: _Sentinel) -> int:
    with Redis(port=sentinel.port) as client:
        return len(client.sentinel_slaves("calls"))


class _Sentinel:
    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.port = port
        self._process = process

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()


def _sentinel(folder: Path, master: int) -> _Sentinel:
    port, config = free_port(), folder / "sentinel.conf"
    config.write_text(
        f"port {port}\nbind 127.0.0.1\nsentinel monitor calls 127.0.0.1 {master} 1\n"
        "sentinel down-after-milliseconds calls 500\nsentinel failover-timeout calls 3000\n"
    )
    process = subprocess.Popen(["redis-server", str(config), "--sentinel"], stdout=subprocess.DEVNULL)
    until = time.monotonic() + 10
    while True:
        try:
            with Redis(port=port, socket_timeout=1) as client:
                client.ping()
            return _Sentinel(process, port)
        except RedisError:
            assert time.monotonic() < until, "the Sentinel does not answer"
            time.sleep(0.05)
