"""A live call, as gateways, the terminal and the CLI see it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Literal, Protocol

from duplex_frontend.types import Block, Exchange
from orchestrator.recording import Moment
from reasoner.events import ActionDone, ActionFailed, RunAction

Why = Literal["caller_hung_up", "stopped", "line_lost", "supervisor"]


End = Literal["over", "failed", "suspended", "restarting", "elsewhere"]
"""How a call leaves a process: it has ended; it has, because of a fault of ours; it waits for its caller to come back,
because what spoke is gone, or because its server is being restarted; another process leads it now."""

FAULT = "the call could not be opened because of a fault of the server, which is in its log; try again in a moment"
FAULT_IN_CALL = (
    "the call was ended by a fault of the server, which is in its log; what was established is kept"
)
"""What clients are told where nothing else is known to be wrong."""

DoAction = Callable[[RunAction], Awaitable[ActionDone | ActionFailed | None]]
"""Carries an action out. None: its result comes later, as an event."""


async def leave_it(effect: RunAction) -> None:
    """Nobody carries actions out here: somebody else says what came of them."""


SourceOf = Callable[[str], Awaitable[str]]
"""The name of a flow that clients may choose → where it is. Raises FlowError."""


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

    def press(self, keys: str) -> None:
        """Keys that the caller pressed, in order: `0` to `9`, `*` and `#`. One or several of an entry. Never blocks."""
        ...

    @property
    def token(self) -> str:
        """What the caller's client can resume the call with, "" where it cannot be."""
        ...

    @property
    def end(self) -> End:
        """How it leaves this process. Settled once its moments have ended."""
        ...

    def line_lost(self) -> None:
        """The caller's line is gone. The call waits for it a while, then ends as lost."""
        ...

    async def line_back(self) -> None:
        """There is a line again, and `audio` is to be read anew. Does nothing where none was lost."""
        ...

    async def hang_up(self, why: Why = "caller_hung_up") -> None:
        """End the call and save it. Returns when it is saved. Safe to call twice."""
        ...


class Calls(Protocol):
    """Where calls are opened."""

    async def open_call(self, flow: str, *, number: str = "", resumable: bool = True) -> LiveCall:
        """Begin a call that follows `flow` (a file, or a name in the library).

        Args:
            number: that rings, as the gateway's own line gives it; "" where it is withheld. Never what a client says
                of itself: whoever rings from a number is told what its caller is remembered by.
            resumable: its client can come back with a token.

        Raises:
            FlowError: no such flow, or it has mistakes.
            FrontendError: no seat, no voice.
            ServerLeaves: no calls are taken here any more.
        """
        ...

    async def resume(self, call: str, token: str, source_of: SourceOf) -> LiveCall:
        """Go on with a call whose line was lost, here or in another process.

        Args:
            call: its id.
            token: see `LiveCall.token`.
            source_of: the name of the call's flow → what `open_call` is given.

        Raises:
            WrongToken: there is no such call, it is over, or this is not its token.
            FlowError: its flow is not on offer any more, or has mistakes.
            FrontendError: no seat, no voice. The call is kept for another try.
            ServerLeaves: no calls are taken here any more. So is it then.
            StoreLost
        """
        ...
