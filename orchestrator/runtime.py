"""Builds everything that calls need, and opens them. The only place that names adapters."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import anyio
from anyio.abc import TaskGroup

from duplex_frontend.cascade.frontend import Cascade, DrivenCall
from duplex_frontend.cascade.tuning import Tuning
from duplex_frontend.engine.call import Speech
from duplex_frontend.engine.client import at
from duplex_frontend.engine.frontend import PersonaPlex
from duplex_frontend.engine.frontend import Tuning as EngineTuning
from duplex_frontend.ports import DuplexCall, DuplexFrontend
from duplex_frontend.types import Capabilities, Persona
from duplex_frontend.wav import StereoRecording
from flows.errors import FlowError
from flows.loader import LoadedFlow, open_flow
from flows.schema import Flow, Listening
from memory.admin_ports import Bus
from memory.bus import InProcessBus
from memory.errors import MemoryFailure, NotFound, WrongToken
from memory.leases import hash_of, new_token
from memory.ports import KnowledgeStore, Leases, SessionStore
from memory.types import Lease, SessionKey
from orchestrator.acquaintance import Acquaintance, Register
from orchestrator.actions.run import Actions, open_actions
from orchestrator.callfile import cannot_write
from orchestrator.calls import SourceOf
from orchestrator.errors import BadSettings
from orchestrator.knowledge import ADDED, learn, open_knowledge, recall_of
from orchestrator.orders import serving
from orchestrator.orphans import Orphans, ending_orphans
from orchestrator.saver import Saver
from orchestrator.session import Session
from orchestrator.settings import Settings
from orchestrator.stores import open_bus, open_callers, open_leases, open_sessions
from orchestrator.story import Story
from orchestrator.sweeping import sweeping
from orchestrator.taken_up import LaterCall, TakenUp, take_up
from orchestrator.telemetry import Happened, about, log
from orchestrator.telemetry_calls import Telemetry
from orchestrator.telemetry_metrics import Pulse
from orchestrator.telemetry_store import TimedSessions
from orchestrator.telling import Teller
from orchestrator.tenure import Tenure
from reasoner import machine
from reasoner.events import CallStarted, load_event
from reasoner.graph import think
from reasoner.hand import Remembered
from reasoner.ports import Ports, Understander
from reasoner.types import PromptShape, Reading, Utterance
from reasoner.understand import ParserUnderstander, anticipate
from reasoner.understand.llm import ModelUnderstander, Pace
from reasoner.understand.llm_chat import Endpoint, OpenAiChat

HANG_UP_WITHIN_S = 10.0
WRITTEN_WITHIN_S = 600.0  # a call that ended while the store was away
LOOK_EVERY_S = 5.0  # for calls that nobody leads
MOST_ID_CHARS = 100
MOST_LOOKUPS = 512  # remembered across calls
MOST_FLOWS = 64  # versions kept ready; calls in progress keep theirs anyway


class Runtime:
    """Front-end, memory and reasoner of one process; `Calls` for whoever brings callers."""

    def __init__(
        self,
        settings: Settings,
        frontend: Cascade | PersonaPlex,
        sessions: SessionStore,
        leases: Leases,
        knowledge: KnowledgeStore,
        actions: Actions,
        understander: Understander,
        tasks: TaskGroup,
        telemetry: Telemetry,
        register: Register,
    ) -> None:
        self.sessions = sessions
        self.register = register
        self.name = uuid.uuid4().hex[:12]  # as an owner of leases
        self._leases = leases
        self._stopping = False
        self._late_writes: set[anyio.CancelScope] = set()
        self._telemetry = telemetry
        self.knowledge = knowledge
        self._settings = settings
        self._frontend = frontend
        self._actions = actions
        self._understander = understander
        self._tasks = tasks
        self._live: dict[str, Session] = {}
        self.bus: Bus = InProcessBus()  # where calls are listed and take orders
        self._remembered = Remembered(most=MOST_LOOKUPS)  # of knowledge that everybody may hear
        self._flows: dict[
            tuple[Path, str], LoadedFlow
        ] = {}  # by file and content, warm; shared by their calls

    def knowledge_changed(self, tenant: str, flow: str) -> None:
        """What was added for a flow is another now: what calls remember of it is forgotten."""
        self._remembered.forget(tenant, flow + ADDED)

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

    async def open_call(self, flow: str, *, number: str = "") -> Session:
        """See `Calls`."""
        loaded = await self._load(flow)
        call = await self._open_line(loaded)
        key = self._new_key()
        return await self._begin(loaded, call, key, await self._new_tenure(key), number=number)

    async def resume(self, call: str, token: str, source_of: SourceOf) -> Session:
        """See `Calls`."""
        live = self._live.get(call)
        if live is not None and not live.over:
            if not live.admits(token):
                raise WrongToken(_NO_SUCH_CALL)
            return live
        if live is not None:
            await live.ended()
        key = SessionKey(self._settings.tenant, call)
        tenure = await self._take(key, token)
        try:
            taken_up = await take_up(self.sessions, key)
            loaded = await self._load(await source_of(taken_up.flow))
            line = LaterCall(await self._open_line(loaded), taken_up.offset_s)
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
        loaded = await self._load(flow)
        driven = await self._frontend.open_driven(_persona(loaded), self._tuning(loaded.flow.listening))
        return await self._begin(loaded, driven.call, self._new_key(), number=number), driven

    async def hang_up_all(self) -> None:
        """End every call and wait until it is saved."""
        self._stopping = True
        with anyio.move_on_after(HANG_UP_WITHIN_S):
            async with anyio.create_task_group() as tasks:
                for session in tuple(self._live.values()):
                    tasks.start_soon(session.hang_up, "stopped")
        for late in tuple(self._late_writes):
            late.cancel()

    async def _open_line(self, loaded: LoadedFlow) -> DuplexCall:
        persona, listening = _persona(loaded), loaded.flow.listening
        if isinstance(self._frontend, Cascade):
            return await self._frontend.open(persona, self._tuning(listening))
        return await self._frontend.open(persona, _engine_tuning(self._settings, listening))

    def _new_key(self) -> SessionKey:
        return SessionKey(self._settings.tenant, uuid.uuid4().hex[:12])

    async def _new_tenure(self, key: SessionKey) -> Tenure:
        """The right to lead a new call. Where the store is away it is written once that is back: nobody else has it."""
        token = new_token()
        try:
            lease = await self._leases.begin(key, self.name, token)
        except MemoryFailure:
            lease = Lease(key, self.name, 1, hash_of(token), self._leases.ttl_s)
        return Tenure(self._leases, lease, token)

    async def _take(self, key: SessionKey, token: str) -> Tenure:
        if len(key.call) > MOST_ID_CHARS:
            raise WrongToken(_NO_SUCH_CALL)
        try:
            return Tenure(self._leases, await self._leases.take(key, self.name, token), token)
        except (NotFound, WrongToken):
            raise WrongToken(_NO_SUCH_CALL) from None

    async def _begin(
        self,
        loaded: LoadedFlow,
        call: DuplexCall,
        key: SessionKey,
        tenure: Tenure | None = None,
        taken_up: TakenUp | None = None,
        number: str = "",
    ) -> Session:
        teller = Teller(loaded.flow, Story(), missing=missing_from(self._frontend.capabilities))
        flow = loaded.flow
        recall = recall_of(self.knowledge, key.tenant, loaded, teller.looked_up, shared=self._remembered)
        opening = (
            _opening(taken_up) if taken_up else CallStarted(today=date.today().isoformat(), number=number)
        )
        acquaintance = Acquaintance(
            self.register,
            key.tenant,
            flow,
            opening.number,
            lambda what: teller.trouble("callers", what),
            recall.admit,
        )
        if taken_up:
            await acquaintance.go_on(opening)
        else:
            opening = replace(opening, given=await acquaintance.at_start())
        able = self._frontend.capabilities
        session = Session(
            key=key,
            call=call,
            rate_hz=self.rate_hz,
            ports=Ports(
                flow,
                self._understander,
                recall,
                count_tokens=able.count_tokens,
                shape=PromptShape.INSTRUCTIONS if able.reads_instructions else PromptShape.ROLE,
                ahead=recall,
            ),
            act=lambda effect: self._actions.run(flow, effect),
            saver=Saver(
                self.sessions,
                lambda what, recovered: teller.trouble("memory", what, recovered=recovered),
                tenure=tenure,
                seen=taken_up.state.revision if taken_up else 0,
                events=taken_up.events if taken_up else (),
                moments=taken_up.moments if taken_up else (),
            ),
            teller=teller,
            tenure=tenure,
            taken_up=taken_up,
            grace_s=self._settings.server.grace_s,
            recording=self._recording(key),
            capabilities=self._frontend.capabilities,
            opening=opening,
            acquaintance=acquaintance,
            level=self._settings.privacy.redact,
        )
        self._live[key.call] = session
        self._tasks.start_soon(self._serve, session)
        return session

    async def _load(self, flow: str) -> LoadedFlow:
        """Read a flow, have its pages searched, and think once about it, before anybody waits for an answer."""
        read = await anyio.to_thread.run_sync(open_flow, flow)
        place = (read.path, read.flow.content_hash)
        # What is made of a flow (forms, grammars, conditions) is kept for the object: all its calls share one.
        loaded = self._flows.get(place, read)
        await self.learn(loaded)
        if place not in self._flows:
            await anyio.to_thread.run_sync(_think_once, loaded.flow)
            loaded = self._flows.setdefault(place, loaded)
            if len(self._flows) > MOST_FLOWS:
                self._flows.pop(next(iter(self._flows)))
        return loaded

    def warm(self, sources: Sequence[str]) -> None:
        """Have flows ready before a caller waits for them: one after another, while nobody calls."""
        self._tasks.start_soon(self._warm, sources)

    async def _warm(self, sources: Sequence[str]) -> None:
        for source in sources:
            while True:
                if self._stopping:
                    return
                if not self._live:
                    break
                await anyio.sleep(1.0)
            try:
                await self._load(source)
            except (FlowError, MemoryFailure):
                continue  # whoever asks for it is told

    async def learn(self, loaded: LoadedFlow) -> None:
        """Have the flow's pages ready to be searched. Does nothing where they have not changed."""
        await learn(self.knowledge, self._settings.tenant, loaded, self._remembered)

    async def _serve(self, session: Session) -> None:
        try:
            with about(call=session.id, flow=session.state.flow):
                async with anyio.create_task_group() as observing:
                    observing.start_soon(self._telemetry.follow, session)
                    async with serving(self.bus, session):
                        await session.run()
                with anyio.move_on_after(WRITTEN_WITHIN_S) as late:
                    self._late_writes.add(late)
                    await session.persist()
                self._late_writes.discard(late)
        finally:
            self._live.pop(session.id, None)

    def _recording(self, key: SessionKey) -> StereoRecording | None:
        if not self._settings.data.record_audio:
            return None
        folder = self._settings.data.recordings
        folder.mkdir(parents=True, exist_ok=True)
        # A call that was taken up has several: nobody may write over what another process recorded.
        names = (f"{key.call}.{leg}.wav" if leg > 1 else f"{key.call}.wav" for leg in itertools.count(1))
        return StereoRecording(
            next(folder / name for name in names if not (folder / name).exists()), self.rate_hz
        )

    def _tuning(self, listening: Listening) -> Tuning:
        """The deployment's thresholds, with what the flow wants otherwise."""
        tuning = self._settings.cascade
        endpoint = {k: v for k in _SILENCES if (v := getattr(listening, k))}
        tuning = replace(tuning, endpoint=replace(tuning.endpoint, **endpoint))
        if listening.silence_s is not None:
            tuning = replace(tuning, silence_step_s=listening.silence_s)
        if listening.barge_in is not None:
            tuning = replace(tuning, barge_in=replace(tuning.barge_in, enabled=listening.barge_in))
        return tuning


def _opening(taken_up: TakenUp) -> CallStarted:
    """How a call began that another process has led."""
    first = load_event(taken_up.events[0].event) if taken_up.events else None
    return first if isinstance(first, CallStarted) else CallStarted()


_NO_SUCH_CALL = "there is no call to go on with by this token; begin a new one"

_SILENCES = ("complete_ms", "open_ms", "middle_ms", "spelling_ms")
"""Of a flow's listening, what overrides the deployment's endpoint tuning."""


def _engine_tuning(settings: Settings, listening: Listening) -> EngineTuning:
    """The deployment's thresholds of the engine's turns, with what the flow wants otherwise."""
    tuning = EngineTuning(settings.engine.turns, settings.engine.barge_in)
    told = {name: getattr(listening, f"{name[:-2]}_ms") for name in ("complete_s", "open_s", "middle_s")}
    caller = replace(tuning.turns.caller, **{name: ms / 1000 for name, ms in told.items() if ms})
    turns = replace(tuning.turns, caller=caller)
    if listening.silence_s is not None:
        turns = replace(turns, silence_step_s=listening.silence_s)
    barge_in = tuning.barge_in
    if listening.barge_in is not None:
        barge_in = replace(barge_in, enabled=listening.barge_in)
    return EngineTuning(turns, barge_in)


def missing_from(able: Capabilities) -> dict[str, str]:
    """What a call has to do without on this front-end, by part."""
    if able.phrases_itself and able.count_tokens is None:
        return {"tokenizer": "the model's is not there; prompts are cut by a guess on the safe side"}
    return {}


def _persona(loaded: LoadedFlow) -> Persona:
    flow = loaded.flow
    return Persona(flow.agent.name, flow.agent.voice, flow.language)


def _think_once(flow: Flow) -> None:
    """The first thought of a process takes a third of a second: tables are read, graphs compiled."""

    async def nothing(question: str, *, speculative: bool, within: tuple[str, ...] = ()) -> tuple[()]:
        return ()

    state, _ = machine.advance(flow, machine.start(flow, "warm"), CallStarted())
    anticipate(flow, state)
    heard = Utterance((Reading("yes", 1.0), Reading("where are you", 1.0)), 0.0, 1.0)
    anyio.run(think, state, heard, Ports(flow, ParserUnderstander(), nothing), True)


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
        opened.push_async_callback(_shielded, sessions.aclose)
        leases = await open_leases(settings)
        opened.push_async_callback(_shielded, leases.aclose)
        book, callers = await open_callers(settings)
        opened.push_async_callback(_shielded, callers.aclose)
        register = Register(book, settings.privacy.retention, settings.privacy.budget_ms / 1000)
        knowledge = await open_knowledge(settings)
        opened.push_async_callback(_shielded, knowledge.aclose)
        frontend = await _front_end(settings, spares)
        opened.push_async_callback(_shielded, frontend.aclose)
        actions = await opened.enter_async_context(open_actions(settings.actions))
        understander = _understander(settings, opened)
        bus = await opened.enter_async_context(open_bus(settings))
        async with anyio.create_task_group() as tasks:
            telemetry.observe(frontend)
            runtime = Runtime(
                settings,
                frontend,
                sessions,
                leases,
                knowledge,
                actions,
                understander,
                tasks,
                telemetry,
                register,
            )
            runtime.bus = bus
            orphans = Orphans(sessions, leases, settings.tenant, runtime.name, settings.server.grace_s)
            try:
                async with (
                    ending_orphans(orphans, every_s=max(LOOK_EVERY_S, leases.ttl_s / 3)),
                    sweeping(settings, sessions),
                ):
                    yield runtime
            finally:
                await _shielded(runtime.hang_up_all)


async def _front_end(settings: Settings, spares: int) -> Cascade | PersonaPlex:
    if settings.front_end == "personaplex":
        engine = settings.engine
        return await PersonaPlex.start(
            at(engine.address, engine.token), speech=Speech(engine.speech), voice=settings.voice
        )
    return await Cascade.start(
        seats=settings.max_calls, tuning=settings.cascade, voice=settings.voice, spares=spares
    )


def _understander(settings: Settings, opened: AsyncExitStack) -> Understander:
    """The parsers, and where the deployment has one, a model beside them. One for all calls."""
    parsers = ParserUnderstander()
    llm = settings.llm
    if not llm.base_url:
        return parsers
    chat = OpenAiChat(Endpoint(llm.base_url, llm.model, llm.api_key, llm.dialect, llm.max_tokens))
    opened.push_async_callback(_shielded, chat.aclose)
    model = ModelUnderstander(parsers, chat, Pace(llm.budget_ms, llm.always))
    model.on_failure = lambda why: log(Happened.MODEL_LEFT_OUT, why=why.value)
    return model


async def _shielded(close: Callable[[], Awaitable[None]]) -> None:
    """Close even while everything is being cancelled."""
    with anyio.CancelScope(shield=True):
        await close()
