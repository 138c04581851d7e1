"""What the voice of one call is told to say: composed, given again where it failed, and known to be spoken or not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio

from duplex_frontend.ports import DuplexCall
from duplex_frontend.types import Fate, WhisperReceipt
from orchestrator.telling import Teller
from orchestrator.translate import prompt_of
from reasoner.events import AgentSpoke
from reasoner.ports import Ports
from reasoner.state import GoalState
from reasoner.types import Whisper
from reasoner.whisper import compose

LAST_WORDS_WITHIN_S = 30.0  # a reply that ends the call, or that an action's result waits for, has this long
MOST_TRIES = 3  # to have a whisper applied that fails


class Whispers:
    """Of one call. The newest wins: one that is given cuts off the one before it.

    Args:
        call: who is to say it.
    """

    def __init__(self, call: DuplexCall, ports: Ports, teller: Teller) -> None:
        self._call = call
        self._ports = ports
        self._teller = teller
        self._newest = 0  # its revision
        self._tries = 0
        self._spoken = asyncio.Event()  # the newest reply, or it was given up
        self._spoken.set()

    def give(self, state: GoalState, made: Whisper | None = None, *, ahead: bool = False) -> Whisper:
        """Have the newest state said; what was given.

        Args:
            made: what thinking has made of it, taken where it is of this state.
            ahead: it was thought out before the turn had ended.
        """
        whisper = made
        if whisper is None or whisper.revision != state.revision:
            whisper = self._composed(state)
        self._newest, self._tries = whisper.revision, 1
        self._call.whisper(prompt_of(whisper, self._ports.flow))
        if whisper.reply:
            self._spoken.clear()
        self._teller.whispered(whisper, ahead=ahead)
        return whisper

    def receipt(self, receipt: WhisperReceipt, state: GoalState) -> None:
        """What became of one. One that failed is given again: at first as it is, then as short as it can be."""
        self._teller.receipt(receipt)
        newest = receipt.revision == self._newest == state.acts_revision
        if receipt.fate is Fate.FAILED and newest and self._tries < MOST_TRIES:
            self._tries += 1
            self._call.whisper(prompt_of(self._composed(state, self._tries), self._ports.flow))

    def heard(self, spoke: AgentSpoke) -> None:
        """The agent was heard to say this."""
        if spoke.over and spoke.revision >= self._newest:
            self._spoken.set()

    def given_up(self) -> None:
        """The newest is not waited for any more."""
        self._spoken.set()

    @asynccontextmanager
    async def all_spoken(self, one_at_a_time: anyio.Lock) -> AsyncIterator[None]:
        """Hold the lock, once nothing is left to say.

        The newest reply wins, so one that comes before would cut off the one that is being spoken. A reply that is
        not spoken in time is not waited for any longer.
        """
        patient_until_s = anyio.current_time() + LAST_WORDS_WITHIN_S
        while True:
            with anyio.move_on_after(patient_until_s - anyio.current_time()):
                await self._spoken.wait()
            async with one_at_a_time:
                if self._spoken.is_set() or anyio.current_time() >= patient_until_s:
                    yield
                    return

    def _composed(self, state: GoalState, shorter: int = 1) -> Whisper:
        """What the state is to the front-end; in a part of the budget where that was too much."""
        ports = self._ports
        return compose(ports.flow, state, ports.count_tokens, ports.token_budget // shorter, ports.shape)
