"""Builds everything that calls need, and opens them. The only place that names adapters."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
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
from duplex_frontend.types import Persona
from duplex_frontend.wav import StereoRecording
from flows.loader import LoadedFlow, open_flow
from flows.schema import Flow, Listening
from memory.edge import EdgeKnowledge
from memory.sqlite import SqliteSessions
from memory.types import SessionKey
from orchestrator.actions.run import Actions, open_actions
from orchestrator.callfile import cannot_write
from orchestrator.errors import BadSettings
from orchestrator.knowledge import learn, open_knowledge, recall_of
from orchestrator.saver import Saver
from orchestrator.session import Session
from orchestrator.settings import Settings
from orchestrator.story import Story
from orchestrator.telemetry import Happened, log
from orchestrator.telling import Teller
from reasoner import machine
from reasoner.events import CallStarted
from reasoner.graph import think
from reasoner.hand import Remembered
from reasoner.ports import Ports, Understander
from reasoner.types import Reading, Utterance
from reasoner.understand import ParserUnderstander, anticipate
from reasoner.understand.llm import ModelUnderstander, Pace
from reasoner.understand.llm_chat import Endpoint, OpenAiChat

HANG_UP_WITHIN_S = 10.0
MOST_LOOKUPS = 512  # remembered across calls
MOST_FLOWS = 64  # versions kept ready; calls in progress keep theirs anyway


class Runtime:
    """Front-end, memory and reasoner of one process; `Calls` for whoever brings callers."""

    def __init__(
        self,
        settings: Settings,
        frontend: Cascade | PersonaPlex,
        sessions: SqliteSessions,
        knowledge: EdgeKnowledge,
        actions: Actions,
        understander: Understander,
        tasks: TaskGroup,
    ) -> None:
        self.sessions = sessions
        self.knowledge = knowledge
        self._settings = settings
        self._frontend = frontend
        self._actions = actions
        self._understander = understander
        self._tasks = tasks
        self._live: dict[str, Session] = {}
        self._remembered = Remembered(most=MOST_LOOKUPS)  # of knowledge that everybody may hear
        self._flows: dict[
            tuple[Path, str], LoadedFlow
        ] = {}  # by file and content, warm; shared by their calls

    @property
    def rate_hz(self) -> int:
        """Of the blocks that calls take and give."""
        return self._frontend.capabilities.rate_hz

    @property
    def frontend(self) -> DuplexFrontend:
        """For calls that no flow leads."""
        return self._frontend

    async def open_call(self, flow: str) -> Session:
        """See `Calls`."""
        loaded = await self._load(flow)
        persona, listening = _persona(loaded), loaded.flow.listening
        call: DuplexCall
        if isinstance(self._frontend, Cascade):
            call = await self._frontend.open(persona, self._tuning(listening))
        else:
            call = await self._frontend.open(persona, _engine_tuning(listening))
        return await self._begin(loaded, call)

    async def open_driven(self, flow: str) -> tuple[Session, DrivenCall]:
        """A call whose clock the caller of this turns, faster than real time.

        Raises:
            BadSettings: the front-end's clock is its own.
        """
        if not isinstance(self._frontend, Cascade):
            raise BadSettings("front_end: only the cascade goes faster than real time; add --realtime")
        loaded = await self._load(flow)
        driven = await self._frontend.open_driven(_persona(loaded), self._tuning(loaded.flow.listening))
        return await self._begin(loaded, driven.call), driven

    async def hang_up_all(self) -> None:
        """End every call and wait until it is saved."""
        with anyio.move_on_after(HANG_UP_WITHIN_S):
            async with anyio.create_task_group() as tasks:
                for session in tuple(self._live.values()):
                    tasks.start_soon(session.hang_up, "stopped")

    async def _begin(self, loaded: LoadedFlow, call: DuplexCall) -> Session:
        key = SessionKey(self._settings.tenant, uuid.uuid4().hex[:12])
        teller = Teller(loaded.flow, Story())
        flow = loaded.flow
        recall = recall_of(self.knowledge, key.tenant, loaded, teller.looked_up, shared=self._remembered)
        session = Session(
            key=key,
            call=call,
            rate_hz=self.rate_hz,
            ports=Ports(
                flow,
                self._understander,
                recall,
                count_tokens=self._frontend.capabilities.count_tokens,
                ahead=recall,
            ),
            act=lambda effect: self._actions.run(flow, effect),
            saver=Saver(
                self.sessions, lambda what, recovered: teller.trouble("memory", what, recovered=recovered)
            ),
            teller=teller,
            recording=self._recording(key),
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

    async def learn(self, loaded: LoadedFlow) -> None:
        """Have the flow's pages ready to be searched. Does nothing where they have not changed."""
        await learn(self.knowledge, self._settings.tenant, loaded, self._remembered)

    async def _serve(self, session: Session) -> None:
        try:
            await session.run()
        finally:
            self._live.pop(session.id, None)

    def _recording(self, key: SessionKey) -> StereoRecording | None:
        if not self._settings.data.record_audio:
            return None
        folder = self._settings.data.recordings
        folder.mkdir(parents=True, exist_ok=True)
        return StereoRecording(folder / f"{key.call}.wav", self.rate_hz)

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


_SILENCES = ("complete_ms", "open_ms", "middle_ms", "spelling_ms")
"""Of a flow's listening, what overrides the deployment's endpoint tuning."""


def _engine_tuning(listening: Listening) -> EngineTuning:
    """The thresholds of the engine's turns, with what the flow wants otherwise."""
    tuning = EngineTuning()
    told = {name: getattr(listening, f"{name[:-2]}_ms") for name in ("complete_s", "open_s", "middle_s")}
    caller = replace(tuning.turns.caller, **{name: ms / 1000 for name, ms in told.items() if ms})
    turns = replace(tuning.turns, caller=caller)
    if listening.silence_s is not None:
        turns = replace(turns, silence_step_s=listening.silence_s)
    barge_in = tuning.barge_in
    if listening.barge_in is not None:
        barge_in = replace(barge_in, enabled=listening.barge_in)
    return EngineTuning(turns, barge_in)


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
async def open_runtime(settings: Settings, *, spares: int = 0) -> AsyncIterator[Runtime]:
    """Everything that calls need, until the block is left; calls that still run are then ended and saved.

    Args:
        spares: recognisers kept ready for calls to come.

    Raises:
        NoVoice: nothing on this machine can speak.
        EngineLost, EngineError: the duplex engine does not answer, or lets us not in.
        MemoryFailure: the database or the knowledge cannot be opened.
        CannotWrite: the data folder cannot be made.
    """
    _make_folder(settings.data.folder)
    async with AsyncExitStack() as opened:
        sessions = await SqliteSessions.open(settings.data.database)
        opened.push_async_callback(_shielded, sessions.aclose)
        knowledge = await open_knowledge(settings)
        opened.push_async_callback(_shielded, knowledge.aclose)
        frontend = await _front_end(settings, spares)
        opened.push_async_callback(_shielded, frontend.aclose)
        actions = await opened.enter_async_context(open_actions(settings.actions))
        understander = _understander(settings, opened)
        async with anyio.create_task_group() as tasks:
            runtime = Runtime(settings, frontend, sessions, knowledge, actions, understander, tasks)
            try:
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
