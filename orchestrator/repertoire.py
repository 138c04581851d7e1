"""The flows that are ready: read, warm, and their pages searched. All calls that follow a flow share one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import anyio

from flows.errors import FlowError
from flows.loader import LoadedFlow, open_flow
from flows.schema import Flow
from memory.errors import MemoryFailure
from memory.ports import KnowledgeStore
from orchestrator.knowledge import ADDED, learn, recall_of
from reasoner import machine
from reasoner.events import CallStarted
from reasoner.graph import think
from reasoner.hand import Remembered
from reasoner.ports import Ports
from reasoner.recall import Lookup, Recall
from reasoner.types import Reading, Utterance
from reasoner.understand import ParserUnderstander, anticipate

MOST_LOOKUPS = 512  # remembered across calls
MOST_FLOWS = 64  # versions kept ready; calls in progress keep theirs anyway


class Repertoire:
    """Of one process and tenant.

    Args:
        knowledge: where the flows' pages are searched.
    """

    def __init__(self, knowledge: KnowledgeStore, tenant: str) -> None:
        self._knowledge = knowledge
        self._tenant = tenant
        self._remembered = Remembered(most=MOST_LOOKUPS)  # of knowledge that everybody may hear
        self._ready: dict[tuple[Path, str], LoadedFlow] = {}  # by file and content

    async def load(self, flow: str) -> LoadedFlow:
        """Read a flow, have its pages searched, and think once about it, before anybody waits for an answer.

        Raises:
            FlowError: there is none, or it has mistakes.
            MemoryFailure: its pages cannot be searched.
        """
        read = await anyio.to_thread.run_sync(open_flow, flow)
        place = (read.path, read.flow.content_hash)
        # What is made of a flow (forms, grammars, conditions) is kept for the object: all its calls share one.
        loaded = self._ready.get(place, read)
        await learn(self._knowledge, self._tenant, loaded, self._remembered)
        if place not in self._ready:
            await anyio.to_thread.run_sync(_think_once, loaded.flow)
            loaded = self._ready.setdefault(place, loaded)
            if len(self._ready) > MOST_FLOWS:
                self._ready.pop(next(iter(self._ready)))
        return loaded

    async def warm(self, flows: Sequence[str], nobody_calls: Callable[[], Awaitable[bool]]) -> None:
        """Have flows ready before a caller waits for them, one after another.

        Args:
            nobody_calls: waits until then; False where the process is about to end.
        """
        for flow in flows:
            if not await nobody_calls():
                return
            try:
                await self.load(flow)
            except (FlowError, MemoryFailure):
                continue  # whoever asks for it is told

    def recall(self, loaded: LoadedFlow, looked_up: Callable[[Lookup], None]) -> Recall:
        """What a call that follows a flow looks up in its knowledge. `looked_up`: told of each."""
        return recall_of(self._knowledge, self._tenant, loaded, looked_up, shared=self._remembered)

    def knowledge_changed(self, tenant: str, flow: str) -> None:
        """What was added for a flow is another now: what calls remember of it is forgotten."""
        self._remembered.forget(tenant, flow + ADDED)


def _think_once(flow: Flow) -> None:
    """The first thought of a process takes a third of a second: tables are read, graphs compiled."""

    async def nothing(question: str, *, speculative: bool, within: tuple[str, ...] = ()) -> tuple[()]:
        return ()

    state, _ = machine.advance(flow, machine.start(flow, "warm"), CallStarted())
    anticipate(flow, state)
    heard = Utterance((Reading("yes", 1.0), Reading("where are you", 1.0)), 0.0, 1.0)
    anyio.run(think, state, heard, Ports(flow, ParserUnderstander(), nothing), True)
