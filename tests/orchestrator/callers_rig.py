"""Calls of remembered callers: a double of a front-end, the real reasoner, real stores with real keys."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio

from flows.loader import load_flow
from flows.schema import Flow
from memory.audit import SqliteAudit
from memory.callers import Caller, phone_sign
from memory.callers_book import CallerBook
from memory.callers_sqlite import SqliteCallers
from memory.privacy import Retention
from memory.privacy_stores import Stores
from memory.sealed import Key, Keyring
from memory.sealed_sessions import SealedSessions
from memory.sqlite import SqliteSessions
from memory.types import SessionKey
from orchestrator.acquaintance import Acquaintance, Register
from orchestrator.redaction import Level
from orchestrator.saver import Saver
from orchestrator.session import Session
from orchestrator.story import Story
from orchestrator.telling import Teller
from reasoner.events import ActionDone, CallStarted, RunAction
from reasoner.ports import Ports
from reasoner.understand import ParserUnderstander
from tests.orchestrator.double_of_a_duplex_call import DoubleOfADuplexCall

KEYS = Keyring([Key("test", b"k" * 32)])
FOR_EVER = Retention({"none": 36500, "personal": 36500, "sensitive": 36500}, 36500)

CLINIC = """
flow: clinic
version: 1
about: Intake of a patient
agent: {name: Ann, company: The Clinic, business: clinic}
slots:
  name: {type: person_name, ask: What is your name?, remember: caller, known_by: phone}
  city: {type: text, ask: Which city do you live in?, confirm: read_back, remember: caller, known_by: phone}
  street: {type: text, ask: Which street?, confirm: read_back, remember: caller}
  pain: {type: text, ask: What hurts?, confirm: never, pii: sensitive}
ask: [name, city, street, pain]
"""
BANK = """
flow: bank
version: 1
about: Account questions
agent: {name: Dana, company: The Bank, business: bank}
slots:
  number: {type: digits, length: 4, label: customer number, ask: Your customer number?, confirm: never, remember: caller}
  pin: {type: digits, length: 4, label: PIN, ask: Your PIN?, confirm: never, remember: never, pii: sensitive}
  ok: {type: yes_no, source: action}
  street: {type: text, ask: Which street?, confirm: read_back, remember: caller, protected_by: identity}
  wish: {type: text, ask: What can I do?, confirm: never}
steps:
  greet: {needs: identity, say: Thank you.}
  where: {needs: identity, ask: street}
  what: {ask: wish}
gates:
  identity: {ask: [number, pin], do: check, passes: ok}
actions:
  check: {python: check, effect: read, with: {number: number, pin: pin}, gives: {ok: result.ok}}
"""


@dataclass
class World:
    """The stores of one deployment, and calls that go through them one after the other."""

    folder: Path
    sqlite: SqliteSessions
    callers: SqliteCallers
    audit: SqliteAudit
    keys: Keyring
    calls: int = 0
    troubles: list[str] = field(default_factory=list)

    @property
    def sessions(self) -> SealedSessions:
        return SealedSessions(self.sqlite, self.keys)

    @property
    def book(self) -> CallerBook:
        return CallerBook(self.callers, self.keys)

    @property
    def stores(self) -> Stores:
        return Stores(self.book, self.sessions, (), self.folder / "calls", self.audit)

    def flow(self, text: str) -> Flow:
        path = self.folder / f"{text.split()[1]}.yaml"
        path.write_text(text)
        return load_flow(str(path))

    async def known(self, number: str) -> Caller | None:
        sign = phone_sign(number)
        assert sign is not None
        found = await self.book.find("default", sign)
        return found[0] if found else None

    @asynccontextmanager
    async def call(
        self, text: str, number: str = "", *, level: Level = "never", results: Mapping[str, Any] | None = None
    ) -> AsyncIterator[Rung]:
        """One call, until the block is left: then the caller hangs up. `results`: what actions come to."""
        self.calls += 1
        flow, key = self.flow(text), SessionKey("default", f"call{self.calls}")
        line, teller = DoubleOfADuplexCall(), Teller(flow, Story())
        acquaintance = Acquaintance(
            Register(self.book, FOR_EVER, 2.0), key.tenant, flow, number, self.troubles.append
        )
        opening = CallStarted(today="2026-11-23", given=await acquaintance.at_start(), number=number)

        async def act(effect: RunAction) -> ActionDone:
            return ActionDone(effect.id, (results or {})[effect.action])

        session = Session(
            key=key,
            call=line,
            rate_hz=16_000,
            ports=Ports(flow, ParserUnderstander(), _no_pages),
            act=act,
            saver=Saver(self.sessions, lambda what, recovered: self.troubles.append(what)),
            teller=teller,
            opening=opening,
            acquaintance=acquaintance,
            level=level,
        )
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(session.run)
            rung = Rung(session, line)
            await rung.settle()
            line.speak()
            await rung.settle()
            yield rung
            await session.hang_up()

    def written(self) -> bytes:
        """Every byte of every file of the deployment but the flows."""
        files = (path for path in self.folder.rglob("*") if path.is_file() and path.suffix != ".yaml")
        return b"".join(path.read_bytes() for path in files)


@dataclass
class Rung:
    session: Session
    line: DoubleOfADuplexCall

    @property
    def said(self) -> str:
        """The agent's newest words."""
        return self.line.said_last

    @property
    def prompt(self) -> str:
        return self.line.prompts[-1].role

    async def settle(self) -> None:
        """Until nothing has changed for a while."""
        still, revision = 0, -1
        while still < 8:
            await asyncio.sleep(0.005)
            now = self.session.state.revision
            still, revision = (still + 1 if now == revision else 0), now

    async def say(self, text: str) -> str:
        """The caller says something; what the agent says to it in the end."""
        turns = self.session.state.turns
        self.line.hear(text)
        with anyio.move_on_after(5.0):
            while self.session.state.turns == turns and self.session.state.outcome is None:
                await asyncio.sleep(0.005)
        await self.settle()
        self.line.speak()
        await self.settle()
        return self.said


async def _no_pages(question: str, *, speculative: bool, within: tuple[str, ...] = ()) -> tuple[()]:
    return ()


@asynccontextmanager
async def world(folder: Path, keys: Keyring = KEYS) -> AsyncIterator[World]:
    path = folder / "souffleur.db"
    sqlite, callers = await SqliteSessions.open(path), await SqliteCallers.open(path)
    audit = await SqliteAudit.open(path)
    try:
        yield World(folder, sqlite, callers, audit, keys)
    finally:
        for store in (sqlite, callers, audit):
            await store.aclose()


async def intake(world: World, number: str, name: str = "Ann Lee", city: str = "Rome") -> None:
    """A first call to the clinic: everything is asked."""
    async with world.call(CLINIC, number) as rung:
        for words in (f"My name is {name}", "yes", city, "yes", "Elm Street", "yes", "my knee hurts"):
            await rung.say(words)


def now() -> datetime:
    return datetime.now(UTC)
