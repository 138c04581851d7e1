"""The two kinds of call that Moshi's protocol carries: a front-end by itself, and one that a flow leads."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from duplex_frontend.ports import DuplexCall
from duplex_frontend.types import AgentStopped, AgentWords, Block, Exchange
from orchestrator.calls import LiveCall, Why
from orchestrator.recording import AgentCeased, AgentSaid


@dataclass(frozen=True, slots=True)
class GaveWay:
    """The agent was interrupted: what waits to go out is not said late."""


class Carried(Protocol):
    """What a line needs of a call."""

    @property
    def id(self) -> str: ...

    def feed(self, block: Block) -> None: ...

    def audio(self) -> AsyncIterator[Exchange]: ...

    def said(self) -> AsyncIterator[str | GaveWay]:
        """The agent's words as they go out. Ends with the call.

        Raises:
            EngineLost: the speech system behind the call is gone.
        """
        ...

    async def end(self, why: Why) -> None: ...


class BareCall:
    """A speech model that nobody leads. Nothing of it is kept."""

    def __init__(self, call_id: str, call: DuplexCall) -> None:
        self.id = call_id
        self._call = call

    def feed(self, block: Block) -> None:
        self._call.feed(block)

    def audio(self) -> AsyncIterator[Exchange]:
        return self._call.audio()

    async def said(self) -> AsyncIterator[str | GaveWay]:
        async for event in self._call.events():
            if isinstance(event, AgentWords):
                yield event.text
            elif isinstance(event, AgentStopped) and event.interrupted:
                yield GaveWay()

    async def end(self, why: Why) -> None:
        await self._call.aclose()


class LedCall:
    """A session: led by its flow, recorded and saved."""

    def __init__(self, call: LiveCall) -> None:
        self.id = call.id
        self._call = call

    def feed(self, block: Block) -> None:
        self._call.feed(block)

    def audio(self) -> AsyncIterator[Exchange]:
        return self._call.audio()

    async def said(self) -> AsyncIterator[str | GaveWay]:
        async for moment in self._call.moments():
            if isinstance(moment, AgentSaid):
                yield moment.text
            elif isinstance(moment, AgentCeased) and moment.interrupted:
                yield GaveWay()

    async def end(self, why: Why) -> None:
        await self._call.hang_up(why)
