"""A call that cannot be opened after all leaves no seat taken and no lease held; one that breaks ends no other."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import anyio
import anyio.lowlevel
import pytest
from structlog.testing import capture_logs

from duplex_frontend.cascade.frontend import Cascade
from flows.loader import LoadedFlow, open_flow
from memory.bus import InProcessBus
from memory.errors import WrongToken
from memory.leases_sqlite import SqliteLeases
from memory.sqlite import SqliteSessions
from memory.types import SessionKey
from orchestrator.equipment import Equipment
from orchestrator.errors import ServerLeaves
from orchestrator.runtime import Runtime
from orchestrator.settings import Settings
from orchestrator.telemetry import Happened
from orchestrator.telemetry_calls import Telemetry
from tests.orchestrator.double_of_a_duplex_call import DoubleOfADuplexCall
from tests.orchestrator.shop_flow import shop

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class Lines:
    """A front-end that opens doubles."""

    opened: list[DoubleOfADuplexCall] = field(default_factory=list)

    async def open(self, persona: object, tuning: object) -> DoubleOfADuplexCall:
        self.opened.append(DoubleOfADuplexCall())
        return self.opened[-1]


@dataclass
class Breaks:
    """What calls share, where no session can be made of it. `meanwhile`: happens while one is made."""

    settings: Settings
    sessions: SqliteSessions
    flow: LoadedFlow
    meanwhile: Callable[[], Awaitable[None]] = anyio.lowlevel.checkpoint
    made: Faulty | None = None
    keys: list[SessionKey] = field(default_factory=list)
    register = None

    @property
    def repertoire(self) -> Breaks:
        return self

    async def load(self, flow: str) -> LoadedFlow:
        return self.flow

    async def session(self, loaded: LoadedFlow, call: object, key: SessionKey, *rest: object) -> object:
        self.keys.append(key)
        await self.meanwhile()
        assert self.made is not None
        self.made.key = key
        return self.made


@dataclass
class Place:
    runtime: Runtime
    shared: Breaks
    lines: Lines
    leases: SqliteLeases

    async def assert_nothing_left(self) -> None:
        (line,), (key,) = self.lines.opened, self.shared.keys
        assert line.closed, "the seat is free"
        assert await self.leases.holder(key) is None and not self.runtime.live
        with pytest.raises(WrongToken):
            await self.leases.take(key, "another", "any token")


@asynccontextmanager
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    sessions = await SqliteSessions.open(tmp_path / "calls.db")
    leases = await SqliteLeases.open(tmp_path / "calls.db", ttl_s=30.0)
    lines, shared = Lines(), Breaks(Settings(), sessions, open_flow(str(shop(tmp_path))))
    try:
        async with anyio.create_task_group() as tasks:
            runtime = Runtime(
                cast(Equipment, shared),
                cast(Cascade, lines),
                leases,
                cast(Any, None),
                InProcessBus(),
                tasks,
                Telemetry(),
            )
            yield Place(runtime, shared, lines, leases)
            tasks.cancel_scope.cancel()
    finally:
        await sessions.aclose()
        await leases.aclose()


async def test_a_fault_gives_line_and_lease_back(tmp_path: Path) -> None:
    async def break_down() -> None:
        raise ZeroDivisionError

    async with place(tmp_path) as there:
        there.shared.meanwhile = break_down
        with pytest.raises(ZeroDivisionError):
            await there.runtime.open_call("shop")
        await there.assert_nothing_left()


async def test_where_there_is_no_lease_the_line_is_given_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def break_down(*_given: object) -> None:
        raise ZeroDivisionError

    async with place(tmp_path) as there:
        monkeypatch.setattr(there.leases, "begin", break_down)
        with pytest.raises(ZeroDivisionError):
            await there.runtime.open_call("shop")
        (line,) = there.lines.opened
        assert line.closed, "the seat is free"


async def test_a_call_that_was_being_opened_when_the_server_left_is_not_begun(tmp_path: Path) -> None:
    async with place(tmp_path) as there:
        there.shared.meanwhile, there.shared.made = there.runtime.hand_over_all, Faulty()
        with pytest.raises(ServerLeaves):
            await there.runtime.open_call("shop")
        await there.assert_nothing_left()
        for another in (
            there.runtime.open_call("shop"),
            there.runtime.resume("c-1", "token", cast(Any, None)),
        ):
            with pytest.raises(ServerLeaves):
                await another
        assert len(there.lines.opened) == 1


class Faulty:
    """A session that breaks. `begun`: it was run."""

    key = SessionKey("default", "none yet")
    state = SimpleNamespace(flow="shop")
    begun = persisted = False

    @property
    def id(self) -> str:
        return self.key.call

    async def run(self) -> None:
        self.begun = True
        raise ZeroDivisionError("what the caller said")

    async def persist(self) -> None:
        self.persisted = True


async def test_a_fault_in_one_call_is_logged_and_ends_no_other(tmp_path: Path) -> None:
    async with place(tmp_path) as there:
        first, second = Faulty(), Faulty()
        with capture_logs() as logged:
            for there.shared.made in (first, second):
                await there.runtime.open_call("shop")
                await anyio.wait_all_tasks_blocked()
        assert first.persisted and second.begun, "the second was served after the fault of the first"
        assert not there.runtime.live
        told = [entry for entry in logged if entry["event"] == Happened.ACCIDENT.value]
        assert len(told) == 2 and all(entry["exc_info"] is True for entry in told)
