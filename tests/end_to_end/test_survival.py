"""A call survives its process, its store and its line: with real processes, signals and time."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import anyio
import pytest

from memory.errors import NotFound
from memory.redis import RedisSessions
from memory.types import SessionKey, SessionRecord, StoredEvent
from reasoner.events import load_event
from reasoner.state import GoalState, load_state
from reasoner.types import SlotStatus
from tests.end_to_end.bookings import bookings_in
from tests.end_to_end.survivors import Caller, Orchestrator
from tests.engine_process import HERE as HERE_IS_AN_ENGINE
from tests.engine_process import WHY_NOT, EngineProcess, start_engine
from tests.redis_server import RedisServer

SOON_S = 2.0
QUICK = "[server]\ngrace_s = 2\n"


class Store:
    """Where the orchestrators of a test keep their calls, and how they are told."""

    def __init__(self, folder: Path, redis: RedisServer | None) -> None:
        self.folder, self.redis = folder, redis
        url = f'store = "redis"\nredis_url = "{redis.url}"\n' if redis else ""
        self.settings = f"[data]\nlease_s = 2\n{url}"

    def read(self, call: str) -> tuple[SessionRecord, GoalState, list[StoredEvent]]:
        """What is stored of a call. In SQLite as somebody who only looks, and so keeps nobody waiting."""
        key = SessionKey("default", call)
        if self.redis is None:
            record, events = _look(self.folder / "data" / "souffleur.db", key)
            return record, load_state(record.state), events
        url = self.redis.url

        async def reading() -> tuple[SessionRecord, list[StoredEvent]]:
            store = await RedisSessions.open(url)
            try:
                return await store.load(key), list(await store.events(key))
            finally:
                await store.aclose()

        record, events = anyio.run(reading)
        return record, load_state(record.state), events

    def await_save(self, caller: Caller) -> None:
        """Wait until what led to the newest reply is stored. (Saving goes on beside speaking: some milliseconds.)"""
        until = time.monotonic() + 10
        while True:
            try:
                if self.read(caller.call)[0].revision >= caller.revision:
                    return
            except NotFound:
                pass
            assert time.monotonic() < until, "what was established is not saved"
            time.sleep(0.02)


def _look(file: Path, key: SessionKey) -> tuple[SessionRecord, list[StoredEvent]]:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as looking:
        looking.execute("BEGIN")
        row = looking.execute(
            "SELECT revision, flow, flow_hash, state, outcome, started_at, updated_at, record FROM sessions"
            " WHERE call = ?",
            (key.call,),
        ).fetchone()
        if row is None:
            raise NotFound(key.call)
        *facts, began, updated, record = row
        times = (datetime.fromisoformat(began), datetime.fromisoformat(updated))
        events = looking.execute(
            "SELECT revision, at_s, event FROM events WHERE call = ? ORDER BY place", (key.call,)
        )
        return SessionRecord(key, *facts, *times, record=record), [StoredEvent(*event) for event in events]


@pytest.fixture(params=["sqlite", "redis"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    redis = RedisServer(tmp_path / "redis").start() if request.param == "redis" else None
    yield Store(tmp_path, redis)
    if redis is not None:
        redis.stop()


@pytest.fixture
def redis_store(tmp_path: Path) -> Iterator[Store]:
    redis = RedisServer(tmp_path / "redis").start()
    yield Store(tmp_path, redis)
    redis.stop()


class Cluster:
    """Orchestrators over one store, stopped with the test. What they logged must hold no traceback."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._all: list[Orchestrator] = []

    def start(self, count: int, settings: str = "", **environment: str) -> list[Orchestrator]:
        started = [
            Orchestrator(self._store.folder, settings + self._store.settings, **environment)
            for _ in range(count)
        ]
        self._all += started
        return [each.ready() for each in started]

    def stop(self) -> None:
        logs = [each.stop() for each in self._all]
        assert not any("Traceback" in log for log in logs), next(log for log in logs if "Traceback" in log)[
            -3000:
        ]


@pytest.fixture
def servers(store: Store) -> Iterator[Cluster]:
    made = Cluster(store)
    yield made
    made.stop()


@pytest.fixture
def redis_servers(redis_store: Store) -> Iterator[Cluster]:
    made = Cluster(redis_store)
    yield made
    made.stop()


def assert_whole(store: Store, caller: Caller, colour: str, size: str, within_s: float = 10.0) -> None:
    """The call is complete with these values, and its events lead to its state without a gap."""
    until = time.monotonic() + within_s
    while not store.read(caller.call)[0].record:
        assert time.monotonic() < until, "the story of the call is not kept"
        time.sleep(0.1)
    record, state, events = store.read(caller.call)
    assert record.outcome == "complete"
    assert (state.slots["colour"].value, state.slots["sizing"].value) == (colour, size)
    assert all(state.slots[name].status is SlotStatus.CONFIRMED for name in ("colour", "sizing"))
    assert [event.revision for event in events] == list(range(1, record.revision + 1))
    kinds = [load_event(event.event).kind for event in events]
    assert kinds[0] == "call_started" and kinds.count("call_started") == 1
    assert kinds.count("call_resumed") == caller.returns


def test_a_call_whose_orchestrator_is_killed_goes_on_at_another_one(
    store: Store, servers: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = servers.start(2)
    caller = Caller(first).ring()
    caller.wait_for("Which colour")
    caller.answer("red", "Is that right?")
    assert "Which size" in caller.answer("yes", "Which size")
    store.await_save(caller)
    first.kill()
    killed_at = time.monotonic()
    said = caller.come_back(second)
    led_again_s = time.monotonic() - killed_at
    caller.listen()
    heard_again_s = caller.heard_at - killed_at
    with capsys.disabled():
        print(
            f"\nkill -9, {'SQLite' if store.redis is None else 'Redis'}: "
            f"led again after {led_again_s:.2f} s, heard again after {heard_again_s:.2f} s"
        )
    assert said.startswith("I am sorry, we were cut off.") and said.endswith("Which size do you need?")
    assert heard_again_s < SOON_S
    caller.answer("large", "Is that right?")
    caller.answer("yes", "Shall I order it now?")
    caller.answer("yes", "Goodbye")
    assert caller.close_code() == 1000 and caller.outcome == "complete"
    asked = " ".join(caller.replies)
    assert "Which colour" not in asked and asked.count("Which size") == 1
    assert_whole(store, caller, "red", "large")
    (booking,) = bookings_in(second.bookings)
    assert (booking.colour, booking.size, booking.process) == ("red", "large", second.process.pid)


def test_a_call_survives_being_killed_again_and_again(store: Store, servers: Cluster) -> None:
    caller = Caller(*servers.start(1)).ring()
    caller.wait_for("Which colour")
    for text, then in (("red", "Is that right?"), ("yes", "Which size"), ("small", "Is that right?")):
        caller.answer(text, then)
        store.await_save(caller)
        caller.server.kill()
        assert then in caller.come_back(*servers.start(1))
    caller.answer("yes", "Shall I order")
    caller.answer("yes", "Goodbye")
    caller.close_code()
    assert_whole(store, caller, "red", "small")


def ordering_at(server: Orchestrator) -> Caller:
    """A caller who has answered everything, and whose order is under way in the other system."""
    caller = Caller(server).ring()
    caller.wait_for("Which colour")
    for text, then in (("red", "right?"), ("yes", "Which size"), ("small", "right?"), ("yes", "Shall I")):
        caller.answer(text, then)
    caller.answer("yes", "One moment")
    until = time.monotonic() + 10
    while not bookings_in(server.bookings):
        assert time.monotonic() < until
        time.sleep(0.02)
    return caller


def test_an_order_that_was_under_way_is_taken_up_again_by_the_same_key(
    store: Store, servers: Cluster
) -> None:
    first, second = servers.start(2, BOOKING_S="2")
    caller = ordering_at(first)
    first.kill()
    assert "One moment, I am ordering it." in caller.come_back(second)
    caller.wait_for("Goodbye")
    caller.close_code()
    assert_whole(store, caller, "red", "small")
    asked = bookings_in(second.bookings)
    assert [each.process for each in asked] == [first.process.pid, second.process.pid]
    assert len({each.key for each in asked}) == 1, "the other system can tell that it is the same order"


def test_an_owner_that_wakes_up_after_its_call_was_taken_neither_acts_nor_writes(
    store: Store, servers: Cluster
) -> None:
    first, second = servers.start(2)
    caller = Caller(first).ring()
    caller.wait_for("Which colour")
    for text, then in (("red", "right?"), ("yes", "Which size"), ("small", "right?"), ("yes", "Shall I")):
        caller.answer(text, then)
    store.await_save(caller)
    first.pause()
    caller.say("yes")  # lies in the buffer of the one that stands still
    said = caller.come_back(second)
    assert said.endswith("Shall I order it now?")
    first.go_on()
    time.sleep(3)  # it reads the yes and wants to order
    assert bookings_in(first.bookings) == []
    caller.answer("yes", "Goodbye")
    caller.close_code()
    (booking,) = bookings_in(first.bookings)
    assert booking.process == second.process.pid
    assert_whole(store, caller, "red", "small")


def test_a_replica_that_is_restarted_hands_its_call_to_another_one(
    store: Store, servers: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = servers.start(2)
    caller = Caller(first).ring()
    caller.wait_for("Which colour")
    caller.answer("red", "Is that right?")
    caller.answer("yes", "Which size")
    first.leave()
    told_at = time.monotonic()
    assert caller.close_code() == 1012
    closed_s = time.monotonic() - told_at
    record, state, _events = store.read(caller.call)
    assert record.outcome is None and record.revision >= caller.revision, "saved before the caller is told"
    assert state.slots["colour"].value == "red"
    said = caller.come_back(second)
    with capsys.disabled():
        where = "SQLite" if store.redis is None else "Redis"
        again_s = time.monotonic() - told_at
        print(
            f"\nSIGTERM, {where}: the caller is told after {closed_s:.2f} s, led again after {again_s:.2f} s"
        )
    assert said.startswith("I am sorry, we were cut off.") and said.endswith("Which size do you need?")
    assert first.left() == 0
    for text, then in (("large", "Is that right?"), ("yes", "Shall I order"), ("yes", "Goodbye")):
        caller.answer(text, then)
    assert caller.close_code() == 1000 and caller.outcome == "complete"
    assert_whole(store, caller, "red", "large")
    (booking,) = bookings_in(second.bookings)
    assert booking.process == second.process.pid


def test_a_server_that_is_restarted_with_nobody_beside_it_goes_on_with_its_call(
    store: Store, servers: Cluster
) -> None:
    (server,) = servers.start(1)
    caller = Caller(server).ring()
    caller.wait_for("Which colour")
    caller.answer("red", "Is that right?")
    server.leave()
    assert caller.close_code() == 1012
    assert server.left() == 0
    assert store.read(caller.call)[0].outcome is None
    assert "Is that right?" in caller.come_back(*servers.start(1))
    for text, then in (("yes", "Which size"), ("small", "right?"), ("yes", "Shall I"), ("yes", "Goodbye")):
        caller.answer(text, then)
    caller.close_code()
    assert_whole(store, caller, "red", "small")


def test_an_order_that_is_under_way_is_finished_and_told_before_a_server_leaves(
    redis_store: Store, redis_servers: Cluster
) -> None:
    (first,) = redis_servers.start(1, BOOKING_S="1")
    caller = ordering_at(first)
    first.leave()
    caller.wait_for("Goodbye")
    assert caller.close_code() == 1000 and caller.outcome == "complete", "there was nothing left to hand over"
    assert first.left() == 0
    assert_whole(redis_store, caller, "red", "small")
    assert len(bookings_in(first.bookings)) == 1, "nobody orders it again"


def test_a_line_that_is_lost_comes_back_to_its_running_call(store: Store, servers: Cluster) -> None:
    (server,) = servers.start(1)
    caller = Caller(server).ring()
    caller.wait_for("Which colour")
    caller.answer("red", "Is that right?")
    caller.lose_line()
    said = caller.come_back()
    assert said.startswith("I am sorry, we were cut off.") and "Is that right?" in said
    caller.answer("yes", "Which size")
    caller.answer("small", "Is that right?")
    caller.answer("yes", "Shall I order")
    caller.answer("yes", "Goodbye")
    caller.close_code()
    assert_whole(store, caller, "red", "small")
    _record, _state, events = store.read(caller.call)
    resumed = [load_event(e.event) for e in events if b"call_resumed" in e.event]
    assert not any(getattr(event, "elsewhere", True) for event in resumed)


def test_a_call_whose_caller_does_not_come_back_ends_after_the_grace_time(
    store: Store, servers: Cluster
) -> None:
    (server,) = servers.start(1, QUICK)
    caller = Caller(server).ring()
    caller.wait_for("Which colour")
    caller.answer("red", "Is that right?")
    store.await_save(caller)
    caller.lose_line()
    assert await_outcome(store, caller, within_s=10) == "hung_up"


def test_a_call_that_nobody_leads_any_more_is_ended_by_another_orchestrator(
    store: Store, servers: Cluster
) -> None:
    first, _second = servers.start(2, QUICK)
    caller = Caller(first).ring()
    caller.wait_for("Which colour")
    caller.answer("red", "Is that right?")
    store.await_save(caller)
    first.kill()
    assert await_outcome(store, caller, within_s=20) == "hung_up"
    record, state, _events = store.read(caller.call)
    assert state.slots["colour"].value == "red" and record.record


def await_outcome(store: Store, caller: Caller, within_s: float) -> str:
    until = time.monotonic() + within_s
    while (outcome := store.read(caller.call)[0].outcome) is None:
        assert time.monotonic() < until, "the call has not ended"
        time.sleep(0.2)
    return outcome


@pytest.mark.parametrize("forgets", [False, True], ids=["keeps its data", "comes back empty"])
def test_while_redis_is_away_the_call_goes_on_and_is_written_whole_when_it_is_back(
    tmp_path: Path, forgets: bool
) -> None:
    redis = RedisServer(tmp_path / "redis", *(("--appendonly", "no") if forgets else ())).start()
    store = Store(tmp_path, redis)
    servers = Cluster(store)
    try:
        (server,) = servers.start(1)
        caller = Caller(server).ring()
        caller.wait_for("Which colour")
        caller.answer("red", "Is that right?")
        store.await_save(caller)
        redis.kill()
        away_since = time.monotonic()
        caller.answer("yes", "Which size")
        caller.answer("large", "Is that right?")
        time.sleep(max(0.0, 10 - (time.monotonic() - away_since)))
        redis.start()
        until = time.monotonic() + 10
        while not _has(store, caller, "sizing"):
            assert time.monotonic() < until, "what was established while Redis was away is not written"
            time.sleep(0.2)
        caller.answer("yes", "Shall I order")
        caller.answer("yes", "Goodbye")
        caller.close_code()
        assert_whole(store, caller, "red", "large")
        assert len(bookings_in(server.bookings)) == 1
    finally:
        servers.stop()
        redis.stop()


def _has(store: Store, caller: Caller, slot: str) -> bool:
    try:
        return store.read(caller.call)[1].slots[slot].value is not None
    except Exception:
        return False


def test_an_order_waits_for_the_store_rather_than_being_made_unknown_to_it(
    redis_store: Store, redis_servers: Cluster
) -> None:
    assert redis_store.redis is not None
    (server,) = redis_servers.start(1)
    caller = Caller(server).ring()
    caller.wait_for("Which colour")
    for text, then in (("red", "right?"), ("yes", "Which size"), ("small", "right?"), ("yes", "Shall I")):
        caller.answer(text, then)
    redis_store.redis.pause()
    caller.answer("yes", "One moment")
    time.sleep(3)
    assert bookings_in(server.bookings) == []
    redis_store.redis.go_on()
    caller.wait_for("Goodbye")
    assert len(bookings_in(server.bookings)) == 1


@pytest.mark.skipif(not HERE_IS_AN_ENGINE, reason=WHY_NOT)
def test_a_call_whose_engine_dies_goes_on_with_another_one(
    redis_store: Store, redis_servers: Cluster
) -> None:
    engines = [start_engine(2, stt=False) for _ in range(2)]
    try:
        first, second = (redis_servers.start(1, **on(engine))[0] for engine in engines)
        caller = Caller(first).ring()
        caller.wait_for("Which colour")
        caller.answer("red", "Is that right?")
        engines[0].kill()
        assert caller.close_code() == 4000
        said = caller.come_back(second)
        assert said.startswith("I am sorry, we were cut off.") and "Is that right?" in said
        for text, then in (
            ("yes", "Which size"),
            ("small", "right?"),
            ("yes", "Shall I"),
            ("yes", "Goodbye"),
        ):
            caller.answer(text, then)
        assert_whole(redis_store, caller, "red", "small", within_s=40)
    finally:
        for engine in engines:
            engine.stop()


def on(engine: EngineProcess) -> dict[str, str]:
    return {
        "SOUFFLEUR_FRONT_END": "personaplex",
        "SOUFFLEUR_ENGINE__ADDRESS": engine.address,
        "SOUFFLEUR_ENGINE__SPEECH": "lines",
    }
