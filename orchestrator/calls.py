"""A live call, as gateways, the terminal and the CLI see it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Literal, Protocol

from duplex_frontend.types import Block, Exchange
from orchestrator.recording import Moment
from reasoner.events import ActionDone, ActionFailed, RunAction

Why = Literal["caller_hung_up", "stopped", "line_lost"]


DoAction = Callable[[RunAction], Awaitable[ActionDone | ActionFailed | None]]
"""Carries an action out. None: its result comes later, as an event."""


async def leave_it(effect: RunAction) -> None:
    """Nobody carries actions out here: somebody else says what came of them."""


class LiveCall(Protocol):
    """One call in progress."""

    @property
    def id(self) -> str: ...

    @property
    def rate_hz(self) -> int:
        """Of the blocks that go both ways."""
        ...

    def feed(self, block: Block) -> None:
        """20 ms of the caller's audio, float32 mono at `rate_hz`. Never blocks.

        Raises:
            ValueError: wrong shape or type.
        """
        ...

    def audio(self) -> AsyncIterator[Exchange]:
        """Each 20 ms as it happens, from the first. One reader. Ends with the call."""
        ...

    def moments(self) -> AsyncIterator[Moment]:
        """The story of the call from its first moment. Any number of readers, each from the beginning."""
        ...

    def type(self, text: str) -> None:
        """What the caller typed instead of saying it."""
        ...

    async def hang_up(self, why: Why = "caller_hung_up") -> None:
        """End the call and save it. Returns when it is saved. Safe to call twice."""
        ...


class Calls(Protocol):
    """Where calls are opened."""

    async def open_call(self, flow: str) -> LiveCall:
        """Begin a call that follows `flow` (a file, or a name in the library).

        Raises:
            FlowError: no such flow, or it has mistakes.
            FrontendError: no seat, no voice.
        """
        ...
