"""Builds everything that calls need, and opens them."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import anyio
from anyio.abc import TaskGroup

from duplex_frontend.cascade.frontend import Cascade, DrivenCall
from duplex_frontend.engine.frontend import PersonaPlex
from duplex_frontend.ports import DuplexCall, DuplexFrontend
from flows.loader import LoadedFlow
from flows.schema import Flow
from memory.admin_ports import Bus
from memory.errors import WrongToken
from memory.ports import KnowledgeStore, Leases
from memory.types import SessionKey
from orchestrator.acquaintance import Register
from orchestrator.actions.run import open_actions
from orchestrator.adapters import open_understander, shielded, start_front_end
from orchestrator.callfile import cannot_write
from orchestrator.calls import SourceOf
from orchestrator.equipment import Equipment
from orchestrator.errors import BadSettings, ServerLeaves
from orchestrator.knowledge import open_knowledge
from orchestrator.orders import serving
from orchestrator.orphans import Orphans, ending_orphans
from orchestrator.repertoire import Repertoire
from orchestrator.session import Session
from orchestrator.settings import Settings
from orchestrator.stores import open_bus, open_callers, open_leases, open_sessions
from orchestrator.sweeping import sweeping
from orchestrator.taken_up import LaterCall, TakenUp, take_up
from orchestrator.telemetry import Happened, about, log
from orchestrator.telemetry_calls import Telemetry
from orchestrator.telemetry_metrics import Pulse
from orchestrator.telemetry_store import TimedSessions
from orchestrator.tenure import NO_SUCH_CALL, Tenure, new_tenure, take_tenure
from orchestrator.tunings import cascade_tuning, engine_tuning, persona_of

HANG_UP_WITHIN_S = 10.0
WRITTEN_WITHIN_S = 600.0  # a call that ended while the store was away
LOOK_EVERY_S = 5.0  # for calls that nobody leads


class Runtime:
    """Front-end, memory and reasoner of one process; `Calls` for whoever brings callers."""

    def __init__(
        self,
        shared: Equipment,
        frontend: Cascade | PersonaPlex,
        leases: Leases,
        knowledge: KnowledgeStore,
        bus: Bus,
        tasks: TaskGroup,
        telemetry: Telemetry,
    ) -> None:
        self.sessions = shared.sessions
        self.register = shared.register
        self.knowledge = knowledge
        self.bus = bus  # where calls are listed and take orders
        self.name = uuid.uuid4().hex[:12]  # as an owner of leases
        self._shared = shared
        self._settings = shared.settings
        self._repertoire = shared.repertoire
        self._frontend = frontend
        self._leases = leases
        self._telemetry = telemetry
        self._tasks = tasks
        self._stopping = False
        self._late_writes: set[anyio.CancelScope] = set()
        self._live: dict[str, Session] = {}

    def knowledge_changed(self, tenant: str, flow: str) -> None:
        """What was added for a flow is another now: what calls remember of it is forgotten."""
        self._repertoire.knowledge_changed(tenant, flow)

    def pulse(self) -> Pulse:
        """The seats of the front-end, and how late its calls are."""
        return self._telemetry.pulse()

    @property
    def live(self) -> Mapping[str, Session]:
        """The calls of this process, by id."""
        return self._live

    @property
    def rate_hz(self) -> int:
        """Of the blocks that calls take and give."""
        return self._frontend.capabilities.rate_hz

    @property
    def frontend(self) -> DuplexFrontend:
        """For calls that no flow leads."""
        return self._frontend

    async def open_call(self, flow: str, *, number: str = "", resumable: bool = True) -> Session:
        """See `Calls`."""
        self._check_staying()
        loaded = await self._repertoire.load(flow)
        call = await self._open_line(loaded.flow)
        key = self._new_key()
        try:
            tenure = await new_tenure(self._leases, key, self.name, resumable=resumable)
        except BaseException:
            await shielded(call.aclose)  # its seat is for somebody else
            raise
        return await self._begin(loaded, call, key, tenure, number=number)

    async def resume(self, call: str, token: str, source_of: SourceOf) -> Session:
        """See `Calls`."""
        self._check_staying()
        live = self._live.get(call)
        if live is not None and not live.over:
            if not live.admits(token):
                raise WrongToken(NO_SUCH_CALL)
            return live
        if live is not None:
            await live.ended()
        key = SessionKey(self._settings.tenant, call)
        tenure = await take_tenure(self._leases, key, self.name, token)
        try:
            taken_up = await take_up(self.sessions, key)
            loaded = await self._repertoire.load(await source_of(taken_up.flow))
            line = LaterCall(await self._open_line(loaded.flow), taken_up.offset_s)
        except BaseException:
            with anyio.CancelScope(shield=True):
                await tenure.give_back(over=False)  # for another try, here or elsewhere
            raise
        return await self._begin(loaded, line, key, tenure, taken_up)

    async def open_driven(self, flow: str, *, number: str = "") -> tuple[Session, DrivenCall]:
        """A call whose clock the caller of this turns, faster than real time. `number`: see `Calls.open_call`.

        Raises:
            BadSettings: the front-end's clock is its own.
        """
        if not isinstance(self._frontend, Cascade):
            raise BadSettings("front_end: only the cascade goes faster than real time; add --realtime")
        loaded = await self._repertoire.load(flow)
        driven = await self._frontend.open_driven(
            persona_of(loaded.flow), cascade_tuning(self._settings.cascade, loaded.flow.listening)
        )
        return await self._begin(loaded, driven.call, self._new_key(), number=number), driven

    async def hand_over_all(self) -> None:
        """Take no calls any more, and leave those that there are to whoever their callers come back to.

        Returns once they are saved. Those that nobody can come back to, or that are at their end, go on.
        """
        self._stopping = True
        async with anyio.create_task_group() as tasks:
            for session in tuple(self._live.values()):
                tasks.start_soon(session.hand_over)

    def _check_staying(self) -> None:
        if self._stopping:
            raise ServerLeaves

    async def hang_up_all(self) -> None:
        """End every call and wait until it is saved."""
        self._stopping = True
        with anyio.move_on_after(HANG_UP_WITHIN_S):
            async with anyio.create_task_group() as tasks:
                for session in tuple(self._live.values()):
                    tasks.start_soon(session.hang_up, "stopped")
        for late in tuple(self._late_writes):
            late.cancel()

    async def _open_line(self, flow: Flow) -> DuplexCall:
        persona, listening = persona_of(flow), flow.listening
        if isinstance(self._frontend, Cascade):
            return await self._frontend.open(persona, cascade_tuning(self._settings.cascade, listening))
        return await self._frontend.open(persona, engine_tuning(self._settings.engine, listening))

    def _new_key(self) -> SessionKey:
        return SessionKey(self._settings.tenant, uuid.uuid4().hex[:12])

    async def _begin(
        self,
        loaded: LoadedFlow,
        call: DuplexCall,
        key: SessionKey,
        tenure: Tenure | None = None,
        taken_up: TakenUp | None = None,
        number: str = "",
    ) -> Session:
        """Serve a call whose line is open. Where that cannot be, the line and the right to lead it are given back."""
        try:
            session = await self._shared.session(loaded, call, key, tenure, taken_up, number)
            self._check_staying()
        except BaseException:
            with anyio.CancelScope(shield=True):
                await call.aclose()
                if tenure is not None:
                    await tenure.give_back(over=taken_up is None)
            raise
        self._live[key.call] = session
        self._tasks.start_soon(self._serve, session)
        return session

    def warm(self, sources: Sequence[str]) -> None:
        """Have flows ready before a caller waits for them: one after another, while nobody calls."""
        self._tasks.start_soon(self._repertoire.warm, sources, self._nobody_calls)

    async def _nobody_calls(self) -> bool:
        """Wait until then. False: no calls will come any more either."""
        while True:
            if self._stopping or not self._live:
                return not self._stopping
            await anyio.sleep(1.0)

    async def _serve(self, session: Session) -> None:
        try:
            with about(call=session.id, flow=session.state.flow):
                try:
                    async with anyio.create_task_group() as observing:
                        observing.start_soon(self._telemetry.follow, session)
                        async with serving(self.bus, session):
                            await session.run()
                except Exception:  # a fault of ours in one call ends no other
                    log(Happened.ACCIDENT, exc_info=True)
                with anyio.move_on_after(WRITTEN_WITHIN_S) as late:
                    self._late_writes.add(late)
                    await session.persist()
                self._late_writes.discard(late)
        finally:
            self._live.pop(session.id, None)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as refused:
        raise cannot_write(folder, refused) from refused


@asynccontextmanager
async def open_runtime(
    settings: Settings, *, spares: int = 0, telemetry: Telemetry | None = None
) -> AsyncIterator[Runtime]:
    """Everything that calls need, until the block is left; calls that still run are then ended and saved.

    Args:
        spares: recognisers kept ready for calls to come.
        telemetry: what observes the calls; nobody sees it where there is none.

    Raises:
        NoVoice: nothing on this machine can speak.
        EngineLost, EngineError: the duplex engine does not answer, or lets us not in.
        MemoryFailure: the database or the knowledge cannot be opened.
        CannotWrite: the data folder cannot be made.
    """
    _make_folder(settings.data.folder)
    async with AsyncExitStack() as opened:
        telemetry = telemetry or Telemetry()
        sessions = TimedSessions(await open_sessions(settings), telemetry.metrics)
        opened.push_async_callback(shielded, sessions.aclose)
        leases = await open_leases(settings)
        opened.push_async_callback(shielded, leases.aclose)
        book, callers = await open_callers(settings)
        opened.push_async_callback(shielded, callers.aclose)
        register = Register(book, settings.privacy.retention, settings.privacy.budget_ms / 1000)
        knowledge = await open_knowledge(settings)
        opened.push_async_callback(shielded, knowledge.aclose)
        frontend = await start_front_end(settings, spares)
        opened.push_async_callback(shielded, frontend.aclose)
        actions = await opened.enter_async_context(open_actions(settings.actions))
        understander = await opened.enter_async_context(open_understander(settings))
        bus = await opened.enter_async_context(open_bus(settings))
        async with anyio.create_task_group() as tasks:
            telemetry.observe(frontend)
            shared = Equipment(
                settings,
                frontend,
                sessions,
                register,
                Repertoire(knowledge, settings.tenant),
                actions,
                understander,
            )
            runtime = Runtime(shared, frontend, leases, knowledge, bus, tasks, telemetry)
            orphans = Orphans(sessions, leases, settings.tenant, runtime.name, settings.server.grace_s)
            try:
                async with (
                    ending_orphans(orphans, every_s=max(LOOK_EVERY_S, leases.ttl_s / 3)),
                    sweeping(settings, sessions),
                ):
                    yield runtime
            finally:
                await shielded(runtime.hang_up_all)
