"""A SQLite file of ours: opening it, bringing it up to date, and telling what goes wrong with it."""

from __future__ import annotations

import errno
import os
import random
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiosqlite
import anyio
import anyio.to_thread

from memory.errors import MemoryFailure, StoreFull, StoreLost

APPLICATION_ID = 0x534F5546
"""In the header of our files ("SOUF"), so that we never write into another program's database."""

_MARK_NEW = """INSERT OR IGNORE INTO session_marks
    SELECT new.tenant, each.value, new.started_at, new.call FROM json_each(new.summary, '$.marks') AS each
    WHERE json_type(new.summary, '$.marks') = 'array' AND each.type = 'text'"""
_UNMARK_OLD = "DELETE FROM session_marks WHERE tenant = old.tenant AND call = old.call"

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE sessions (
            tenant TEXT NOT NULL,
            call TEXT NOT NULL,
            revision INTEGER NOT NULL CHECK (revision > 0),
            flow TEXT NOT NULL,
            flow_hash TEXT NOT NULL,
            state BLOB NOT NULL,
            outcome TEXT,
            started_at TEXT NOT NULL,  -- UTC, ISO 8601 with microseconds: sorts as it stands
            updated_at TEXT NOT NULL,
            summary TEXT NOT NULL,  -- JSON
            record BLOB NOT NULL,
            PRIMARY KEY (tenant, call)
        )""",
        "CREATE INDEX sessions_newest ON sessions (tenant, started_at DESC, call DESC)",
        """CREATE TABLE events (
            tenant TEXT NOT NULL,
            call TEXT NOT NULL,
            place INTEGER NOT NULL,  -- 1, 2, 3 ... within the call
            revision INTEGER NOT NULL,
            at_s REAL NOT NULL,
            event BLOB NOT NULL,
            PRIMARY KEY (tenant, call, place)
        )""",
        """CREATE TRIGGER events_never_change BEFORE UPDATE ON events
            BEGIN SELECT RAISE(ABORT, 'events are only ever appended'); END""",
    ),
    (
        """CREATE TABLE moments (
            tenant TEXT NOT NULL,
            call TEXT NOT NULL,
            place INTEGER NOT NULL,  -- 1, 2, 3 ... within the call
            revision INTEGER NOT NULL,
            at_s REAL NOT NULL,
            moment BLOB NOT NULL,
            PRIMARY KEY (tenant, call, place)
        )""",
        """CREATE TABLE leases (
            tenant TEXT NOT NULL,
            call TEXT NOT NULL,
            owner TEXT NOT NULL,  -- '' once it was given back
            fence INTEGER NOT NULL CHECK (fence > 0),
            token_hash TEXT NOT NULL,  -- of the resume token; '' once the call is over
            expires_at REAL NOT NULL,  -- seconds since the epoch
            PRIMARY KEY (tenant, call)
        )""",
        "CREATE INDEX leases_abandoned ON leases (tenant, expires_at) WHERE token_hash <> ''",
    ),
    (
        """CREATE TABLE callers (
            tenant TEXT NOT NULL,
            caller TEXT NOT NULL,
            revision INTEGER NOT NULL CHECK (revision > 0),
            body BLOB NOT NULL,
            created_at TEXT NOT NULL,
            updated_at TEXT NOT NULL,
            PRIMARY KEY (tenant, caller)
        )""",
        "CREATE INDEX callers_newest ON callers (tenant, created_at DESC, caller DESC)",
        """CREATE TABLE caller_marks (
            tenant TEXT NOT NULL,
            mark TEXT NOT NULL,  -- a keyed hash of a number or an identity
            caller TEXT NOT NULL,
            PRIMARY KEY (tenant, mark, caller)
        ) WITHOUT ROWID""",
        "CREATE INDEX marks_of_caller ON caller_marks (tenant, caller)",
    ),
    (
        """CREATE TABLE api_keys (
            id TEXT PRIMARY KEY,
            tenant TEXT NOT NULL,
            hash TEXT NOT NULL UNIQUE,  -- of the key, which is kept nowhere
            role TEXT NOT NULL,
            note TEXT NOT NULL,
            created_at TEXT NOT NULL,
            expires_at TEXT,
            revoked_at TEXT
        )""",
        """CREATE TABLE audit (
            place INTEGER PRIMARY KEY AUTOINCREMENT,
            tenant TEXT NOT NULL,
            at TEXT NOT NULL,
            who TEXT NOT NULL,
            role TEXT NOT NULL,
            action TEXT NOT NULL,
            target TEXT NOT NULL,
            allowed INTEGER NOT NULL
        )""",
        "CREATE INDEX audit_of_tenant ON audit (tenant, place DESC)",
        """CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit
            BEGIN SELECT RAISE(ABORT, 'the audit log is only ever appended'); END""",
        """CREATE TRIGGER audit_never_shrinks BEFORE DELETE ON audit
            BEGIN SELECT RAISE(ABORT, 'the audit log is only ever appended'); END""",
        """CREATE TABLE flow_versions (
            tenant TEXT NOT NULL,
            name TEXT NOT NULL,
            number INTEGER NOT NULL,  -- 1, 2, 3 ... within the name
            content TEXT NOT NULL,
            content_hash TEXT NOT NULL,
            created_at TEXT NOT NULL,
            by TEXT NOT NULL,
            PRIMARY KEY (tenant, name, number)
        )""",
        """CREATE TABLE flows_active (
            tenant TEXT NOT NULL,
            name TEXT NOT NULL,
            number INTEGER NOT NULL,
            PRIMARY KEY (tenant, name)
        )""",
        "CREATE INDEX sessions_of_flow ON sessions (tenant, flow, started_at DESC, call DESC)",
        "CREATE INDEX sessions_of_outcome ON sessions (tenant, outcome, started_at DESC, call DESC)",
        "CREATE INDEX sessions_of_both ON sessions (tenant, flow, outcome, started_at DESC, call DESC)",
    ),
    (
        """CREATE TABLE session_marks (
            tenant TEXT NOT NULL,
            mark TEXT NOT NULL,  -- a keyed hash, out of the session's summary
            started_at TEXT NOT NULL,
            call TEXT NOT NULL,
            PRIMARY KEY (tenant, mark, started_at, call)
        ) WITHOUT ROWID""",
        "CREATE INDEX marks_of_session ON session_marks (tenant, call)",
        f"""CREATE TRIGGER session_marks_begin AFTER INSERT ON sessions
            BEGIN {_MARK_NEW}; END""",
        f"""CREATE TRIGGER session_marks_change AFTER UPDATE ON sessions
            WHEN json_extract(old.summary, '$.marks') IS NOT json_extract(new.summary, '$.marks')
                OR old.started_at IS NOT new.started_at
            BEGIN {_UNMARK_OLD}; {_MARK_NEW}; END""",
        f"""CREATE TRIGGER session_marks_end AFTER DELETE ON sessions
            BEGIN {_UNMARK_OLD}; END""",
        """INSERT OR IGNORE INTO session_marks
            SELECT tenant, each.value, started_at, call FROM sessions, json_each(summary, '$.marks') AS each
            WHERE json_type(summary, '$.marks') = 'array' AND each.type = 'text'""",
    ),
)
"""Each brings the schema (`user_version`) one up. Never edit one that was released; append."""

# A write that fails for another reason than ENOSPC (a quota, a limit of size) is an I/O error to SQLite.
_NO_ROOM = (sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_TRUNCATE, sqlite3.SQLITE_IOERR_SHMSIZE)

_IN_THE_WAY = (
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
)  # what another process, or a connection of ours, keeps


OPENS_WITHIN_S = 10.0


async def open_file(path: Path, *, budget_s: float, most_mib: int | None = None) -> aiosqlite.Connection:
    """Open a file, create it where there is none (readable by its owner only), and bring it up to date.

    The connection commits for itself outside of BEGIN ... COMMIT.

    Args:
        path: its folder has to exist.
        budget_s: of a piece of work later. The connection waits a little less than this for other processes. Opening
            may take longer (`OPENS_WITHIN_S`): servers that start at once bring a new file up to date one by one.
        most_mib: what the file may grow to, None for no limit of its own.

    Raises:
        MemoryFailure: the folder is missing or cannot be written, the file is no database of ours or was
            written by a newer version.
        StoreLost: another process kept the file locked.
        StoreFull: there is no room to create it.
    """
    await anyio.to_thread.run_sync(_create_private, path)
    opens_within_s = max(OPENS_WITHIN_S, budget_s)
    until = anyio.current_time() + 0.8 * opens_within_s
    with told(path, opens_within_s):
        connection = await aiosqlite.connect(path, timeout=0.1 * opens_within_s, isolation_level=None)
        try:
            with anyio.fail_after(opens_within_s):
                await _prepare_among_others(connection, path, most_mib, until)
                # Less than the budget, so that it is SQLite that ends the wait and nothing is left running.
                await connection.execute_fetchall(f"PRAGMA busy_timeout = {round(800 * budget_s)}")
        except BaseException:
            with anyio.CancelScope(shield=True):
                await connection.close()
            raise
    return connection


def _create_private(path: Path) -> None:
    """An empty file that only its owner can read, where there is none. SQLite gives its side files the same mode.

    A file that exists is not opened here: to close it again would drop every lock that connections of this process
    hold on it (POSIX), and the next process to end would take the write-ahead log away from under them
    (https://www.sqlite.org/howtocorrupt.html, 2.2).
    """
    try:
        os.close(os.open(path.resolve(), os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        if path.is_dir():
            raise MemoryFailure(
                f"{path}: is a folder; name a file in it, such as {path / 'sessions.db'}"
            ) from None
        if not os.access(path, os.R_OK | os.W_OK):
            raise MemoryFailure(
                f"{path}: cannot be written ({os.strerror(errno.EACCES)}); see to its permissions or choose another "
                "place"
            ) from None
    except FileNotFoundError as trouble:
        raise MemoryFailure(
            f"{path}: there is no folder {path.parent}; create it or choose another place"
        ) from trouble
    except OSError as trouble:
        if trouble.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _full(path) from trouble
        raise MemoryFailure(
            f"{path}: cannot be written ({trouble.strerror}); see to its permissions or choose another place"
        ) from trouble


async def _prepare_among_others(
    connection: aiosqlite.Connection, path: Path, most_mib: int | None, until: float
) -> None:
    """Prepare, and again until then while another process is in the way: SQLite does not wait by itself where waiting
    could be for ever, as when two processes turn a new file's write-ahead log on."""
    while True:
        try:
            return await _prepare(connection, path, most_mib)
        except sqlite3.OperationalError as trouble:
            if _code(trouble) & 0xFF not in _IN_THE_WAY or anyio.current_time() > until:
                raise
            if connection.in_transaction:
                await connection.rollback()
        await anyio.sleep(random.uniform(0.005, 0.05))  # unlike the others, or they meet again


async def _prepare(connection: aiosqlite.Connection, path: Path, most_mib: int | None) -> None:
    """Settings of the connection, and the newest schema."""
    if most_mib is not None:
        [(page_bytes,)] = await connection.execute_fetchall("PRAGMA page_size")
        await connection.execute_fetchall(f"PRAGMA max_page_count = {most_mib * 2**20 // page_bytes}")
    await _be_ours(connection, path)
    await _write_ahead(connection, path)
    await connection.execute_fetchall("PRAGMA synchronous = FULL")
    await connection.execute_fetchall("PRAGMA secure_delete = ON")  # what is deleted is overwritten
    [(version,)] = await connection.execute_fetchall("PRAGMA user_version")
    if version == len(MIGRATIONS):
        return  # nobody has to be waited for
    await connection.execute_fetchall("BEGIN IMMEDIATE")
    [(version,)] = await connection.execute_fetchall("PRAGMA user_version")
    if version > len(MIGRATIONS):
        raise MemoryFailure(
            f"{path}: written by a newer Souffleur (schema {version}, this one knows {len(MIGRATIONS)});"
            " upgrade, or choose another file"
        )
    for steps in MIGRATIONS[version:]:
        for step in steps:
            await connection.execute_fetchall(step)
    await connection.execute_fetchall(f"PRAGMA application_id = {APPLICATION_ID}")
    await connection.execute_fetchall(f"PRAGMA user_version = {len(MIGRATIONS)}")
    await connection.commit()


async def _be_ours(connection: aiosqlite.Connection, path: Path) -> None:
    # In one statement: another process may be creating the tables at this moment.
    [(application, tables)] = await connection.execute_fetchall(
        "SELECT application_id, (SELECT count(*) FROM sqlite_master) FROM pragma_application_id"
    )
    if tables and application != APPLICATION_ID:
        raise MemoryFailure(f"{path}: is the database of another program; choose another file")


async def _write_ahead(connection: aiosqlite.Connection, path: Path) -> None:
    [(mode,)] = await connection.execute_fetchall("PRAGMA journal_mode = WAL")
    if mode != "wal":
        raise MemoryFailure(f"{path}: no write-ahead log on this file system; choose a place on a local disk")


@contextmanager
def told(path: Path, budget_s: float) -> Iterator[None]:
    """What SQLite raises within the block, and its running over the budget, as our errors with place and cure."""
    try:
        yield
    except TimeoutError as late:
        raise StoreLost(f"{path}: no answer within {budget_s:g} s; see whether the disk hangs") from late
    except (
        sqlite3.IntegrityError,
        sqlite3.ProgrammingError,
    ):  # a mistake of ours, and no trouble of the store
        raise
    except sqlite3.Error as trouble:
        raise _failure(trouble, path) from trouble


def _failure(trouble: sqlite3.Error, path: Path) -> MemoryFailure:
    code = _code(trouble)
    match code & 0xFF:
        case sqlite3.SQLITE_FULL:
            return _full(path)
        case sqlite3.SQLITE_IOERR if code in _NO_ROOM:
            return _full(path)
        case other if other in _IN_THE_WAY:
            return StoreLost(f"{path}: another process keeps it locked; end that process, or wait")
        case sqlite3.SQLITE_NOTADB:
            return MemoryFailure(f"{path}: is no SQLite database; move it away or choose another file")
        case sqlite3.SQLITE_CORRUPT:
            return MemoryFailure(
                f"{path}: is damaged ({trouble}); restore a copy, or rescue it with `sqlite3 .recover`"
            )
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return MemoryFailure(
                f"{path}: cannot be written ({trouble}); see to the permissions of it and its folder"
            )
        case _:
            return StoreLost(f"{path}: {trouble}; see to the disk")


def _full(path: Path) -> StoreFull:
    return StoreFull(f"{path}: no room to write (disk, quota or limit of size); free some, it is tried again")


def _code(trouble: sqlite3.Error) -> int:
    """SQLite's extended code; 0 for what Python's module itself raised."""
    return getattr(trouble, "sqlite_errorcode", 0)
