"""The ports of the administration, and of commands to whoever serves a call. Each has one conformance suite."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from memory.admin import ApiKey, AuditEntry, FlowVersion
from memory.types import SessionKey

Answer = Callable[[bytes], Awaitable[bytes]]
"""Carries a command out and answers. Raises nothing but what cancels it."""


class Bus(Protocol):
    """Commands to the process that serves a call, wherever that is. Commands and answers are opaque."""

    def serve(
        self, key: SessionKey, card: Callable[[], bytes], answer: Answer
    ) -> AbstractAsyncContextManager[None]:
        """Within the block, this process serves the call: it is listed, and what is asked of it is answered.

        A bus that is away fails neither the entry nor the block; the call is listed once it is back.

        Args:
            card: what the list shows of the call now; looked at from time to time.
            answer: several commands may be carried out at once.
        """
        ...

    async def ask(self, key: SessionKey, command: bytes, within_s: float) -> bytes:
        """Have a command carried out, once at most.

        Raises:
            NobodyThere: no process serves the call.
            AnswerLate: no answer within `within_s`; it may have been carried out, or not.
            StoreLost: the bus did not take the command.
        """
        ...

    async def calls(self, tenant: str) -> Mapping[str, bytes]:
        """The card of each call that is served anywhere, by its id. Raises StoreLost."""
        ...

    async def ping(self) -> None:
        """Raises StoreLost where the bus does not answer."""
        ...

    async def aclose(self) -> None: ...


class KeyStore(Protocol):
    """API keys, by hash. Every method raises StoreLost."""

    async def add(self, key: ApiKey) -> None:
        """Raises ValueError where the id or hash is there already, StoreFull."""
        ...

    async def find(self, hash: str) -> ApiKey | None:
        """The key with this hash, revoked and expired ones too; None where there is none."""
        ...

    async def list(self, tenant: str | None = None) -> Sequence[ApiKey]:
        """Newest first; of all tenants where none is named."""
        ...

    async def change(
        self, tenant: str, id: str, *, expires_at: datetime | None = None, revoked_at: datetime | None = None
    ) -> ApiKey:
        """Have it expire, or revoke it. What is None stays; neither is ever moved later or taken back.

        Raises:
            NotFound: the tenant has no such key.
        """
        ...

    async def aclose(self) -> None: ...


class AuditLog(Protocol):
    """Entries are only ever appended; the store itself refuses anything else."""

    async def append(self, entry: AuditEntry) -> None:
        """Kept when this returns. Raises StoreLost, StoreFull."""
        ...

    async def list(self, tenant: str, *, limit: int = 50, before: int | None = None) -> Sequence[AuditEntry]:
        """Newest first. `limit`: 1 to 1000. `before`: a place, to page. Raises StoreLost."""
        ...

    async def aclose(self) -> None: ...


class FlowStore(Protocol):
    """Uploaded versions of flows, of which one may be active for each name. Every method raises StoreLost."""

    async def add(self, version: FlowVersion) -> FlowVersion:
        """Keep another version; it comes back with its number. Its own number and `active` are not looked at.

        The same content as the newest one is not kept again: that one comes back. Raises StoreFull.
        """
        ...

    async def load(self, tenant: str, name: str, number: int) -> FlowVersion:
        """Raises NotFound."""
        ...

    async def find(self, tenant: str, name: str, content_hash: str) -> FlowVersion | None:
        """The newest version that has this hash."""
        ...

    async def versions(self, tenant: str, name: str) -> Sequence[FlowVersion]:
        """Newest first. Empty where there is no such flow."""
        ...

    async def activate(self, tenant: str, name: str, number: int | None) -> None:
        """From now on calls follow this version; None: no uploaded one. Raises NotFound."""
        ...

    async def active(self, tenant: str) -> Sequence[FlowVersion]:
        """The active version of each flow, by name."""
        ...

    async def names(self, tenant: str) -> Sequence[str]:
        """The flows that have versions, in order."""
        ...

    async def aclose(self) -> None: ...
