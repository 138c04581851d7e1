"""The admin API on a real socket, with real stores, and calls whose line is a double."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import httpx
from anyio.abc import TaskGroup

from flows.loader import load_flow
from memory.admin import ApiKey
from memory.admin_ports import Bus
from memory.bus import InProcessBus
from memory.edge import EdgeKnowledge
from memory.keys import hash_of, new_key
from memory.ports import KnowledgeStore, SessionStore
from memory.sqlite import SqliteSessions
from memory.types import SessionKey, SessionRecord, StoredEvent
from orchestrator.api.desk import Desk
from orchestrator.api.opening import open_desk
from orchestrator.api.settings import ApiSettings
from orchestrator.orders import serving as on_the_bus
from orchestrator.saver import Saver
from orchestrator.sections import DataSettings, ServerSettings
from orchestrator.server import make_app
from orchestrator.session import Session
from orchestrator.settings import Settings
from orchestrator.story import Story
from orchestrator.telemetry_metrics import Pulse
from orchestrator.telling import Teller
from reasoner.events import CallStarted, dump_event
from reasoner.machine import advance, start
from reasoner.ports import Ports
from reasoner.state import dump_state
from reasoner.understand import ParserUnderstander
from tests.orchestrator.double_of_a_duplex_call import DoubleOfADuplexCall
from tests.orchestrator.double_of_calls import DoubleCalls, serving

FLOW = """\
flow: door
version: 1
about: A door with a gate
agent: {name: Ann, company: The Door, business: doorkeeper}
slots:
  colour: {type: choice, label: colour, confirm: read_back, ask: Which colour do you want?, values: {red: [], blue: []}}
  note: {type: text, label: note, ask: What shall I note?}
  agreed: {type: yes_no, label: consent, ask: May we keep that?, yes: you agree, must_be_yes: true, confirm: together}
  pin: {type: digits, length: 4, label: PIN, ask: What is your PIN?}
  secret: {type: text, label: secret, ask: What is the secret?, protected_by: identity}
steps:
  main: {ask: [colour, agreed]}
  inside: {needs: identity, say: You are inside., ask: secret}
  last: {ask: note}
gates:
  identity: {ask: pin, passes: pin == '1234'}
never_say: [We guarantee it]
"""
TENANT = "clinic"
OTHER = "rival"
TODAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


async def no_knowledge(question: str, *, speculative: bool, within: tuple[str, ...] = ()) -> tuple[()]:
    return ()


@dataclass
class Carrier:
    """Carries calls as the runtime does, on lines that tests hold."""

    sessions: SessionStore
    knowledge: KnowledgeStore
    bus: Bus
    live: dict[str, Session] = field(default_factory=dict)
    changed: list[tuple[str, str]] = field(default_factory=list)

    def pulse(self) -> Pulse:
        late = (call.late_ms for call in self.live.values())
        blocks = sum(call.late_blocks for call in self.live.values())
        return Pulse(4, len(self.live), blocks, max(late, default=0.0))

    def knowledge_changed(self, tenant: str, flow: str) -> None:
        self.changed.append((tenant, flow))


@dataclass
class Rig:
    url: str
    desk: Desk
    carrier: Carrier
    flow_file: Path
    tasks: TaskGroup
    lines: dict[str, DoubleOfADuplexCall] = field(default_factory=dict)

    async def key(
        self, role: str = "admin", tenant: str = TENANT, *, expires_at: datetime | None = None
    ) -> str:
        key, id = new_key()
        await self.desk.keys.add(
            ApiKey(id, tenant, hash_of(key), role, "", datetime.now(UTC), expires_at=expires_at)
        )
        return key

    async def client(self, role: str = "admin", tenant: str = TENANT) -> httpx.AsyncClient:
        return self.with_key(await self.key(role, tenant))

    def with_key(self, key: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=f"{self.url}/api/v1", headers={"authorization": f"Bearer {key}"}, timeout=20
        )

    async def call(self, id: str = "call1", tenant: str = TENANT) -> Session:
        """A call that goes on; its line is `lines[id]`."""
        flow = load_flow(str(self.flow_file))
        line, teller = DoubleOfADuplexCall(), Teller(flow, Story())
        self.lines[id] = line
        session = Session(
            key=SessionKey(tenant, id),
            call=line,
            rate_hz=16_000,
            ports=Ports(flow, ParserUnderstander(), no_knowledge),
            saver=Saver(self.carrier.sessions, lambda _what, _recovered: None),
            teller=teller,
        )
        self.carrier.live[id] = session
        self.tasks.start_soon(self._carry, session)
        await self.settle()
        line.speak()
        await self.settle()
        return session

    async def _carry(self, session: Session) -> None:
        try:
            async with on_the_bus(self.carrier.bus, session):
                await session.run()
        finally:
            self.carrier.live.pop(session.id, None)

    async def say(self, id: str, text: str) -> str:
        """The caller says something; what the agent answers."""
        line = self.lines[id]
        line.hear(text)
        await self.settle()
        answer = line.said_last
        line.speak()
        await self.settle()
        return answer

    async def settle(self) -> None:
        for _ in range(15):
            await asyncio.sleep(0.005)

    async def stored(
        self, id: str = "old1", tenant: str = TENANT, *, minute: int = 0, flow: str = "door"
    ) -> SessionRecord:
        """A call of the past, that was cut off after its greeting."""
        led = load_flow(str(self.flow_file))
        event = CallStarted(today="2026-11-23")
        state, _ = advance(led, start(led, id), event)
        record = SessionRecord(
            key=SessionKey(tenant, id),
            revision=state.revision,
            flow=flow,
            flow_hash=led.content_hash,
            state=dump_state(state),
            outcome=None,
            started_at=TODAY + timedelta(minutes=minute),
            updated_at=TODAY + timedelta(minutes=minute),
            summary={"slots": {}, "turns": 0},
        )
        await self.carrier.sessions.save(record, [StoredEvent(state.revision, 0.0, dump_event(event))], 0)
        return record


@asynccontextmanager
async def api(
    folder: Path, *, settings: Mapping[str, object] | None = None, bus: Bus | None = None
) -> AsyncIterator[Rig]:
    flow_file = folder / "door.yaml"
    flow_file.write_text(FLOW)
    chosen: dict[str, object] = {
        "tenant": TENANT,
        "data": DataSettings(folder=folder),
        "api": ApiSettings(requests_per_minute=100_000, burst=10_000),
        "server": ServerSettings(),
        **(settings or {}),
    }
    made = Settings(**chosen)  # type: ignore[arg-type]
    sessions = await SqliteSessions.open(made.data.database)
    knowledge = await EdgeKnowledge.open()
    carrier = Carrier(sessions, knowledge, bus or InProcessBus())
    try:
        async with open_desk(made, carrier, [str(flow_file)]) as desk, anyio.create_task_group() as tasks:
            app = make_app(DoubleCalls(), made, desk.offer, desk=desk)
            async with serving(app) as (_server, address):
                yield Rig(f"http://{address}", desk, carrier, flow_file, tasks)
            tasks.cancel_scope.cancel()
    finally:
        await knowledge.aclose()
        await sessions.aclose()
