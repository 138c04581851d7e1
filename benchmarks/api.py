"""How long a filtered page of the session list takes, of 100,000 sessions, over HTTP with a key, the audit log written.

    .venv/bin/python benchmarks/api.py [--redis redis://127.0.0.1:6379/0] [--json benchmarks/results/api.json]

A Redis has to be an empty one of its own: it is filled. The server runs in a process of its own; pages are asked for one
after the other by one client on the same machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import anyio
import httpx2
import numpy as np
import uvicorn

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.machine import keep
from memory.admin import ApiKey
from memory.bus import InProcessBus
from memory.callers import CallerKey, phone_sign
from memory.callers_book import newcomer
from memory.edge import EdgeKnowledge
from memory.keys import hash_of, new_key
from memory.ports import KnowledgeStore, SessionStore
from memory.types import SessionKey, SessionRecord, StoredEvent
from orchestrator.api.app import make_api
from orchestrator.api.opening import open_desk
from orchestrator.api.settings import ApiSettings
from orchestrator.sections import DataSettings
from orchestrator.server import bind
from orchestrator.settings import Settings
from orchestrator.stores import open_callers, open_sessions
from orchestrator.telemetry_metrics import Pulse

SESSIONS = 100_000
ASKED = 300
BUDGET_MS = 50.0
TENANT = "clinic"
FLOWS = ("medical_intake", "table", "survey", "reminder", "billing")
OUTCOMES = ("complete", "complete", "complete", "hung_up", "handed_over", None)
RARE = "rare_flow"  # one call in a thousand
CALLER, SHARED = f"{1:016x}", f"{2:016x}"
CALLERS = 5_000
NUMBERS = {CALLER: "5551234567", SHARED: "5550000000"}
SHARED_BY = 100  # of so many calls one comes from the shared number
QUERIES: dict[str, dict[str, str]] = {
    "newest": {},
    "one flow": {"flow": "table"},
    "one outcome": {"outcome": "hung_up"},
    "flow and outcome": {"flow": "survey", "outcome": "handed_over"},
    "a rare flow": {"flow": RARE},
    "a rare flow and outcome": {"flow": RARE, "outcome": "handed_over"},
    "an outcome nobody had": {"outcome": "gave_up"},
    "live": {"state": "live"},
    "ended, of one flow": {"state": "ended", "flow": "table"},
    "one day": {"since": "2026-01-04T00:00:00Z", "until": "2026-01-05T00:00:00Z"},
    "one day, live, of one flow": {
        "since": "2026-01-04T00:00:00Z",
        "until": "2026-01-05T00:00:00Z",
        "state": "live",
        "flow": "survey",
    },
    "one caller (20 calls)": {"caller": CALLER},
    "a shared number (1,000 calls)": {"caller": SHARED},
    "a shared number, a rare flow": {"caller": SHARED, "flow": RARE},
}


@dataclass
class Carrier:
    """Carries no calls."""

    sessions: SessionStore
    knowledge: KnowledgeStore
    bus: InProcessBus = field(default_factory=InProcessBus)

    def pulse(self) -> Pulse:
        return Pulse(0, 0, 0, 0.0)

    def knowledge_changed(self, tenant: str, flow: str) -> None:
        return None


async def remember_callers(settings: Settings) -> dict[str, str]:
    """Keep two callers; the marks that their calls bear, by their ids."""
    book, store = await open_callers(settings)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    marks = {}
    for id, number in NUMBERS.items():
        sign = phone_sign(number)
        assert sign is not None
        await book.write(replace(newcomer(TENANT, [sign], now), key=CallerKey(TENANT, id)), now)
        marks[id] = book.mark(TENANT, sign)
    await store.aclose()
    return marks


def record(n: int, draw: random.Random, marks: Mapping[str, str]) -> SessionRecord:
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=7 * n)
    flow = RARE if n % 1000 == 3 else draw.choice(FLOWS)
    caller = SHARED if n % SHARED_BY == 3 else CALLER if n % CALLERS == 7 else ""
    mark = marks.get(caller) or sha256(f"{n % CALLERS}".encode()).hexdigest()
    return SessionRecord(
        key=SessionKey(TENANT, f"{n:012x}"),
        revision=20,
        flow=flow,
        flow_hash="0" * 64,
        state=b'{"call": "' + b"x" * 4000 + b'"}',  # about what a call of 20 turns has
        outcome=draw.choice(OUTCOMES),
        started_at=at,
        updated_at=at + timedelta(minutes=3),
        summary={
            "slots": {f"slot{i}": "confirmed" for i in range(7)},
            "turns": 11,
            "marks": [mark],
        },
        record=b"x" * 12_000,
    )


async def fill(settings: Settings, count: int) -> float:
    """Sessions as the store itself keeps them, each saved by the port. How many seconds that took."""
    began = time.perf_counter()
    marks = await remember_callers(settings)
    store = await open_sessions(settings)
    if settings.data.store == "sqlite":
        await store.aclose()
        await _fill_file(settings, count, marks)
    else:
        draw, limit = random.Random(7), anyio.CapacityLimiter(32)

        async def save(one: SessionRecord) -> None:
            async with limit:
                await store.save(one, [StoredEvent(one.revision, 1.0, b"{}")], 0)

        for at in range(0, count, 1000):
            async with anyio.create_task_group() as tasks:
                for n in range(at, min(at + 1000, count)):
                    tasks.start_soon(save, record(n, draw, marks))
        await store.aclose()
    return time.perf_counter() - began


async def _fill_file(settings: Settings, count: int, marks: Mapping[str, str]) -> None:
    """The first by the port, the rest like it in one transaction: a save is safe on the disk, which takes its time."""
    import sqlite3

    draw = random.Random(7)
    store = await open_sessions(settings)
    await store.save(record(0, draw, marks), [], 0)
    await store.aclose()

    def write() -> None:
        with sqlite3.connect(settings.data.database) as db:
            columns = [row[1] for row in db.execute("PRAGMA table_info(sessions)")]
            first = dict(zip(columns, db.execute("SELECT * FROM sessions").fetchone(), strict=True))
            rows = []
            for n in range(1, count):
                one = record(n, draw, marks)
                stamped = {
                    "call": one.key.call,
                    "flow": one.flow,
                    "outcome": one.outcome,
                    "started_at": one.started_at.isoformat(timespec="microseconds"),
                    "updated_at": one.updated_at.isoformat(timespec="microseconds"),
                    "summary": json.dumps(one.summary),
                }
                rows.append(tuple((first | stamped)[column] for column in columns))
                if len(rows) == 5000 or n == count - 1:
                    db.executemany(f"INSERT INTO sessions VALUES ({', '.join('?' * len(columns))})", rows)
                    rows = []

    await anyio.to_thread.run_sync(write)


# --- the server ----------------------------------------------------------------------------------------------


def settings_of(folder: Path, redis: str) -> Settings:
    data = DataSettings(folder=folder, store="redis" if redis else "sqlite", redis_url=redis)
    return Settings(tenant=TENANT, data=data, api=ApiSettings(requests_per_minute=1_000_000, burst=100_000))


async def serve(folder: Path, redis: str) -> None:
    """Serve the API until the process is ended; the first line printed is its port and a key."""
    settings = settings_of(folder, redis)
    async with AsyncExitStack() as opened:
        sessions = await open_sessions(settings)
        opened.push_async_callback(sessions.aclose)
        knowledge = await EdgeKnowledge.open()
        opened.push_async_callback(knowledge.aclose)
        desk = await opened.enter_async_context(open_desk(settings, Carrier(sessions, knowledge), ()))
        key, id = new_key()
        await desk.keys.add(ApiKey(id, TENANT, hash_of(key), "operator", "", datetime.now(UTC)))
        listening = bind("127.0.0.1", 0)
        print(listening.getsockname()[1], key, flush=True)
        config = uvicorn.Config(make_api(desk), lifespan="off", log_config=None, access_log=False)
        await uvicorn.Server(config).serve(sockets=[listening])


# --- asking --------------------------------------------------------------------------------------------------


async def ask(port: int, key: str) -> dict[str, dict[str, float]]:
    """Milliseconds of each kind of page, 50 calls long."""
    found = {}
    headers = {"authorization": f"Bearer {key}"}
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers) as client:
        for name, query in QUERIES.items():
            found[name] = figures(await _timed(client, query))
        for name, query in (("one flow", {"flow": "table"}), ("what ended", {"state": "ended"})):
            found[f"page after page of {name}"] = figures(await _deep(client, query))
    return found


async def _deep(client: httpx2.AsyncClient, query: dict[str, str]) -> list[float]:
    took_ms: list[float] = []
    cursor: str | None = None
    for _ in range(ASKED):
        took, page = await _one(client, query | ({"cursor": cursor} if cursor else {}))
        took_ms.append(took)
        cursor = page["next"]
    return took_ms


async def _timed(client: httpx2.AsyncClient, query: dict[str, str]) -> list[float]:
    await _one(client, query)  # the first opens the connection
    return [(await _one(client, query))[0] for _ in range(ASKED)]


async def _one(client: httpx2.AsyncClient, query: dict[str, str]) -> tuple[float, dict[str, Any]]:
    began = time.perf_counter()
    answer = await client.get("/sessions", params={"limit": "50"} | query)
    took = (time.perf_counter() - began) * 1000
    answer.raise_for_status()
    page: dict[str, Any] = answer.json()
    return took, page


def figures(took_ms: Sequence[float]) -> dict[str, float]:
    p50, p95, p99 = (round(float(np.percentile(took_ms, q)), 2) for q in (50, 95, 99))
    return {"p50_ms": p50, "p95_ms": p95, "p99_ms": p99}


async def measure(redis: str, count: int, filled: bool = False) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="souffleur-bench-") as name:
        folder = Path(name)
        filled_s = 0.0 if filled else await fill(settings_of(folder, redis), count)
        server = await asyncio.create_subprocess_exec(
            sys.executable, __file__, "--serve", name, "--redis", redis, stdout=subprocess.PIPE
        )
        try:
            assert server.stdout is not None
            port, key = (await server.stdout.readline()).decode().split()
            pages = await ask(int(port), key)
        finally:
            server.terminate()
            await server.wait()
    return {"sessions": count, "filled_s": round(filled_s, 1), "pages": pages}


def tell(name: str, result: dict[str, Any]) -> bool:
    print(f"\n{name}: {result['sessions']:,} sessions, filled in {result['filled_s']:g} s")
    print(f"{'a page of 50':<30} {'p50 ms':>8} {'p95 ms':>8} {'p99 ms':>8}")
    for kind, took in result["pages"].items():
        print(f"{kind:<30} {took['p50_ms']:>8.1f} {took['p95_ms']:>8.1f} {took['p99_ms']:>8.1f}")
    good = all(took["p95_ms"] < BUDGET_MS for took in result["pages"].values())
    print(f"p95 under {BUDGET_MS:g} ms: {'yes' if good else 'NO'}")
    return good


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--redis", default="", help="URL of an empty Redis")
    parser.add_argument("--filled", action="store_true", help="the Redis was filled by an earlier run")
    parser.add_argument("--sessions", type=int, default=SESSIONS)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.serve:
        asyncio.run(serve(wanted.serve, wanted.redis))
        return 0
    results = {"sqlite": asyncio.run(measure("", wanted.sessions))}
    if wanted.redis:
        results["redis"] = asyncio.run(measure(wanted.redis, wanted.sessions, wanted.filled))
    good = [tell(name, result) for name, result in results.items()]
    if wanted.json:
        keep(wanted.json, {"asked_each": ASKED, "budget_p95_ms": BUDGET_MS, **results})
    return 0 if all(good) else 1


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    raise SystemExit(main())
