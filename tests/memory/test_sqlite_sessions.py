"""SQLite itself: several processes on one file, killed writers, full disks, and files that are not ours."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import anyio
import pytest

from memory import sqlite_file
from memory.errors import MemoryFailure, StoreLost
from memory.session_filter import SessionFilter
from memory.sqlite import SqliteSessions
from memory.sqlite_listing import selections
from memory.types import SessionKey, SessionRecord, StoredEvent

pytestmark = pytest.mark.anyio

WRITER = Path(__file__).with_name("session_writer.py")
KNOWN = len(sqlite_file.MIGRATIONS)
BEFORE_MARKS = 4  # migrations, before sessions were found by their callers
NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def a_record(call: str = "c1", revision: int = 1) -> SessionRecord:
    return SessionRecord(SessionKey("clinic", call), revision, "flow", "hash", b"{}", None, NOW, NOW)


def writer(path: Path, calls: str, revisions: int, state_bytes: int = 100) -> subprocess.Popen[str]:
    command = [sys.executable, str(WRITER), str(path), calls, str(revisions), str(state_bytes)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def let_go(processes: Sequence[subprocess.Popen[str]]) -> None:
    """All of them have the file open; then they begin at the same moment."""
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()


def told_by(processes: Sequence[subprocess.Popen[str]]) -> list[list[str]]:
    """The lines of each, once it has ended well."""
    let_go(processes)
    said = [process.communicate(timeout=60)[0].splitlines() for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes)
    return said


async def test_servers_that_open_a_new_file_at_once_all_write_to_it(tmp_path: Path) -> None:
    path = tmp_path / "sessions.db"
    calls = ("one", "two", "three")
    said = told_by([writer(path, call, 40) for call in calls])
    assert said == [[f"{call} {revision}" for revision in range(1, 41)] for call in calls]
    store = await SqliteSessions.open(path)
    for call in calls:
        assert (await store.load(SessionKey("clinic", call))).revision == 40
        assert len(await store.events(SessionKey("clinic", call))) == 40
    await store.aclose()


async def test_a_new_file_that_many_open_at_once_opens_for_all(tmp_path: Path) -> None:
    async def open_it(path: Path) -> None:
        await (await SqliteSessions.open(path)).aclose()

    for attempt in range(40):
        async with anyio.create_task_group() as tasks:
            for _ in range(6):
                tasks.start_soon(open_it, tmp_path / f"{attempt}.db")


async def test_a_server_that_ends_takes_nothing_from_one_that_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "sessions.db"
    store, beside = (
        await SqliteSessions.open(path),
        await SqliteSessions.open(path),
    )  # as a server has several
    told_by([writer(path, "theirs", 1)])  # it closes the file in good order
    await store.save(a_record("mine"), [StoredEvent(1, 0.0, b"{}")], seen=0)
    with closing(sqlite3.connect(path)) as another:
        kept = {call for (call,) in another.execute("SELECT call FROM sessions")}
    assert kept == {"theirs", "mine"}
    await store.aclose()
    await beside.aclose()


async def test_of_two_servers_that_write_the_same_session_exactly_one_wins(tmp_path: Path) -> None:
    path = tmp_path / "sessions.db"
    calls = [f"c{number}" for number in range(60)]
    one, two = told_by([writer(path, ",".join(calls), 1), writer(path, ",".join(calls), 1)])
    for call, of_one, of_two in zip(calls, one, two, strict=True):
        assert {of_one, of_two} == {f"{call} 1", f"{call} conflict"}
    store = await SqliteSessions.open(path)
    for call in calls:
        assert len(await store.events(SessionKey("clinic", call))) == 1
    await store.aclose()


@pytest.mark.parametrize("acknowledged", [1, 7, 40])
async def test_a_killed_server_leaves_every_acknowledged_save(tmp_path: Path, acknowledged: int) -> None:
    path = tmp_path / "sessions.db"
    process = writer(path, "c1", 100_000, state_bytes=20_000)
    let_go([process])
    assert process.stdout is not None
    said = [process.stdout.readline() for _ in range(acknowledged)]
    process.kill()
    said += process.communicate(timeout=10)[0].splitlines(keepends=True)
    last = max(int(line.split()[1]) for line in said if line.endswith("\n"))
    store = await SqliteSessions.open(path)
    stored = await store.load(SessionKey("clinic", "c1"))
    # One more may have been committed and not yet acknowledged.
    assert last <= stored.revision <= last + 1
    assert [e.revision for e in await store.events(stored.key)] == list(range(1, stored.revision + 1))
    await store.save(a_record(revision=stored.revision + 1), [], seen=stored.revision)
    await store.aclose()


FULL_DISK = """
import anyio, resource, sys
from pathlib import Path
from memory.errors import StoreFull
from memory.sqlite import SqliteSessions
sys.path.insert(0, sys.argv[2])
from test_sqlite_sessions import StoredEvent, a_record, replace

def at_most(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

async def main():
    store = await SqliteSessions.open(Path(sys.argv[1]))
    await store.save(a_record(), [StoredEvent(1, 0.0, b"1")], seen=0)
    heavy = replace(a_record(revision=2), record=bytes(3_000_000))
    at_most(400_000)
    for _ in range(3):
        try:
            await store.save(heavy, [StoredEvent(2, 0.0, b"2")], seen=1)
        except StoreFull as full:
            print(full)
    assert await store.load(heavy.key) == a_record()
    at_most(resource.RLIM_INFINITY)
    await store.save(heavy, [StoredEvent(2, 0.0, b"2")], seen=1)
    assert await store.load(heavy.key) == heavy
    await store.aclose()

anyio.run(main)
"""


def test_on_a_disk_without_room_the_store_is_full_and_works_again_once_there_is_some(tmp_path: Path) -> None:
    path = tmp_path / "sessions.db"
    command = [sys.executable, "-c", FULL_DISK, str(path), str(WRITER.parent)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(f"{path}: no room to write") == 3


async def test_tells_which_folder_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "sessions.db"
    with pytest.raises(MemoryFailure, match=rf"{path}: there is no folder {path.parent}; create it"):
        await SqliteSessions.open(path)


async def test_tells_that_a_place_cannot_be_written() -> None:
    # Where not even root may create a file.
    with pytest.raises(MemoryFailure, match=r"/proc/self/sessions.db: .* choose another place"):
        await SqliteSessions.open(Path("/proc/self/sessions.db"))


async def test_tells_that_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(MemoryFailure, match="is a folder"):
        await SqliteSessions.open(tmp_path)


async def test_tells_that_a_file_is_no_database_and_leaves_it_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Call the plumber. " * 100)
    with pytest.raises(MemoryFailure, match=r"notes\.txt: is no SQLite database; move it away"):
        await SqliteSessions.open(path)
    assert path.read_text() == "Call the plumber. " * 100


async def test_never_writes_into_the_database_of_another_program(tmp_path: Path) -> None:
    path = tmp_path / "theirs.db"
    with sqlite3.connect(path) as theirs:
        theirs.execute("CREATE TABLE sessions (id)")
    theirs.close()
    before = path.read_bytes()
    with pytest.raises(MemoryFailure, match="another program"):
        await SqliteSessions.open(path)
    assert path.read_bytes() == before


async def test_tells_that_a_newer_version_wrote_the_file(tmp_path: Path) -> None:
    path = tmp_path / "sessions.db"
    await (await SqliteSessions.open(path)).aclose()
    with sqlite3.connect(path) as later:
        later.execute("PRAGMA user_version = 99")
    later.close()
    with pytest.raises(MemoryFailure, match=rf"newer Souffleur \(schema 99, this one knows {KNOWN}\)"):
        await SqliteSessions.open(path)


async def test_brings_an_older_file_up_to_date_and_keeps_what_is_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "sessions.db"
    old = await SqliteSessions.open(path)
    await old.save(a_record(), [], seen=0)
    await old.aclose()
    step = (
        "ALTER TABLE sessions ADD COLUMN retained_until TEXT",
        "CREATE TABLE of_a_later_version (id TEXT PRIMARY KEY)",
    )
    monkeypatch.setattr(sqlite_file, "MIGRATIONS", (*sqlite_file.MIGRATIONS, step))
    for _ in range(2):  # once, and never again
        new = await SqliteSessions.open(path)
        assert await new.load(a_record().key) == a_record()
        await new.aclose()
    with sqlite3.connect(path) as file:
        assert file.execute("PRAGMA user_version").fetchone() == (KNOWN + 1,)
    file.close()


async def test_calls_of_an_older_version_are_found_by_their_caller(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "sessions.db"
    summaries = {
        "hers": {"marks": ["phone", "identity"]},
        "his": {"marks": ["other"]},
        "none": {},
        "odd": {"marks": "phone"},
        "odder": {"marks": [7, None, {"phone": 1}]},
    }
    with monkeypatch.context() as patched:
        patched.setattr(sqlite_file, "MIGRATIONS", sqlite_file.MIGRATIONS[:BEFORE_MARKS])
        old = await SqliteSessions.open(path)
        for call, summary in summaries.items():
            await old.save(replace(a_record(call), summary=summary), [], seen=0)
        await old.aclose()
    new = await SqliteSessions.open(path)
    for mark in ("phone", "identity"):
        found = await new.list("clinic", SessionFilter(marks=frozenset({mark})))
        assert [record.key.call for record in found] == ["hers"]
    await new.delete(SessionKey("clinic", "hers"))
    await new.aclose()
    with sqlite3.connect(path) as file:
        assert file.execute("SELECT mark FROM session_marks").fetchall() == [("other",)]
    file.close()


@pytest.mark.parametrize(
    "wanted",
    [
        SessionFilter(),
        SessionFilter(over=True),
        SessionFilter(over=False),
        SessionFilter(flow="flow", over=True),
        SessionFilter(flow="flow", over=False),
        SessionFilter(outcome="complete", since=NOW, until=NOW),
        SessionFilter(marks=frozenset({"phone"}), since=NOW, over=True, flow="flow"),
    ],
)
@pytest.mark.parametrize("paged", [False, True])
async def test_a_page_is_read_in_the_order_of_an_index_and_never_sorted(
    tmp_path: Path, wanted: SessionFilter, paged: bool
) -> None:
    path = tmp_path / "sessions.db"
    await (await SqliteSessions.open(path)).aclose()
    values = {"tenant": "clinic", "limit": 50, "began_before": "2026", "before": "c1"}
    with sqlite3.connect(path) as file:
        for statement, more in selections("call", wanted, paged=paged):
            plan = [row[3] for row in file.execute(f"EXPLAIN QUERY PLAN {statement}", values | more)]
            assert not any("TEMP B-TREE" in step or step.startswith("SCAN") for step in plan), plan
    file.close()


async def test_a_migration_that_fails_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "sessions.db"
    await (await SqliteSessions.open(path)).aclose()
    broken = ("CREATE TABLE of_a_later_version (id TEXT)", "CREATE TABLE sessions (id TEXT)")
    with monkeypatch.context() as patched:
        patched.setattr(sqlite_file, "MIGRATIONS", (*sqlite_file.MIGRATIONS, broken))
        with pytest.raises(MemoryFailure):
            await SqliteSessions.open(path)
    store = await SqliteSessions.open(path)
    await store.aclose()
    with sqlite3.connect(path) as file:
        assert file.execute(
            "SELECT count(*) FROM sqlite_master WHERE name = 'of_a_later_version'"
        ).fetchone() == (0,)
    file.close()


async def test_a_file_that_another_process_keeps_locked_opens_and_is_lost_for_writing_within_the_budget(
    tmp_path: Path,
) -> None:
    path = tmp_path / "sessions.db"
    await (await SqliteSessions.open(path)).aclose()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    store = await SqliteSessions.open(path, budget_s=0.2)  # it is up to date: nothing has to be written
    with pytest.raises(StoreLost, match="another process keeps it locked"):
        await store.attach(SessionKey("clinic", "one"), b"story")
    other.close()
    await store.aclose()


async def test_damage_is_told_with_the_file_and_a_cure(tmp_path: Path) -> None:
    path = tmp_path / "sessions.db"
    store = await SqliteSessions.open(path)
    await store.save(replace(a_record(), record=bytes(50_000)), [], seen=0)
    await store.aclose()
    with sqlite3.connect(path) as file:
        [(page,)] = file.execute("SELECT rootpage FROM sqlite_master WHERE name = 'sessions'")
        [(page_bytes,)] = file.execute("PRAGMA page_size")
    file.close()
    whole = bytearray(path.read_bytes())
    whole[(page - 1) * page_bytes : page * page_bytes] = b"\xa5" * page_bytes
    path.write_bytes(whole)
    store = await SqliteSessions.open(path)
    with pytest.raises(MemoryFailure, match=r"sessions\.db: is damaged .* restore a copy"):
        await store.list("clinic")
    await store.aclose()


def modes_in(folder: Path) -> dict[str, int]:
    return {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}


async def test_only_the_owner_can_read_what_callers_said(tmp_path: Path) -> None:
    path = tmp_path / "sessions.db"
    before = os.umask(0)
    try:
        store = await SqliteSessions.open(path)
        await store.save(a_record(), [], seen=0)
        modes = modes_in(tmp_path)
    finally:
        os.umask(before)
    await store.aclose()
    assert modes == {"sessions.db": 0o600, "sessions.db-wal": 0o600, "sessions.db-shm": 0o600}


async def test_events_are_never_changed(tmp_path: Path) -> None:
    path = tmp_path / "sessions.db"
    store = await SqliteSessions.open(path)
    await store.save(a_record(), [StoredEvent(1, 0.0, b"said")], seen=0)
    await store.aclose()
    with sqlite3.connect(path) as file, pytest.raises(sqlite3.IntegrityError, match="only ever appended"):
        file.execute("UPDATE events SET event = 'forged'")
    file.close()
