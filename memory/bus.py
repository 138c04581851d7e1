"""Commands to whoever serves a call, within one process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import anyio

from memory.admin_ports import Answer
from memory.errors import AnswerLate, NobodyThere, StoreLost
from memory.types import SessionKey


@dataclass(frozen=True, slots=True)
class _Served:
    card: Callable[[], bytes]
    answer: Answer


class InProcessBus:
    """A `Bus` for a server that stands alone."""

    def __init__(self) -> None:
        self._served: dict[SessionKey, _Served] = {}
        self._closed = False

    @asynccontextmanager
    async def serve(self, key: SessionKey, card: Callable[[], bytes], answer: Answer) -> AsyncIterator[None]:
        """See `Bus.serve`."""
        ours = self._served[key] = _Served(card, answer)
        try:
            yield
        finally:
            if self._served.get(key) is ours:
                del self._served[key]

    async def ask(self, key: SessionKey, command: bytes, within_s: float) -> bytes:
        """See `Bus.ask`."""
        await self.ping()
        served = self._served.get(key)
        if served is None:
            raise NobodyThere(f"nobody serves the call {key.call}; it may be over")
        try:
            with anyio.fail_after(within_s):
                return await served.answer(command)
        except TimeoutError:
            raise late(key, within_s) from None

    async def calls(self, tenant: str) -> Mapping[str, bytes]:
        """See `Bus.calls`."""
        await self.ping()
        return {key.call: served.card() for key, served in self._served.items() if key.tenant == tenant}

    async def ping(self) -> None:
        """See `Bus.ping`."""
        if self._closed:
            raise StoreLost("this bus was closed; open it again")

    async def aclose(self) -> None:
        """Safe to call twice."""
        self._closed = True


def late(key: SessionKey, within_s: float) -> AnswerLate:
    return AnswerLate(
        f"no answer within {within_s:g} s from whoever serves the call {key.call}; look at the call before trying again"
    )
