"""This process's right to lead one call: a lease, renewed until it is lost or given back."""

from __future__ import annotations

import asyncio
import hmac

import anyio

from memory.errors import Fenced, MemoryFailure, NotFound, WrongToken
from memory.leases import hash_of, new_token
from memory.ports import Leases
from memory.types import Lease, SessionKey

RENEWALS = 3
"""In the time that a lease holds, so that one or two may fail."""
MOST_ID_CHARS = 100
NO_SUCH_CALL = "there is no call to go on with by this token; begin a new one"


class Tenure:
    """One lease in this process's hands.

    A process that was stopped for a while does not know whether it still leads its calls. So nothing that matters
    rests on `lost` alone: every save carries the fence, and no write of another system begins before a save that
    wants it was taken (`Saver.secured`).

    Args:
        lease: as it was taken.
        token: the resume token, for the caller's client; "" where nobody can come back with it.
    """

    def __init__(self, leases: Leases, lease: Lease, token: str = "") -> None:
        self.lease = lease
        self.token = token
        self._leases = leases
        self._lost = asyncio.Event()

    @property
    def fence(self) -> int:
        return self.lease.fence

    @property
    def lost(self) -> bool:
        """Somebody else leads the call now."""
        return self._lost.is_set()

    def admits(self, token: str) -> bool:
        """Whether this is the call's resume token."""
        return hmac.compare_digest(hash_of(token), self.lease.token_hash)

    def lose(self) -> None:
        """A store has refused our fence."""
        self._lost.set()

    async def keep(self) -> None:
        """Renew the lease. Returns once it is lost; cancel to end it before."""
        while not self.lost:
            with anyio.move_on_after(self._leases.ttl_s / RENEWALS):
                await self._lost.wait()
                return
            try:
                await self._leases.renew(self.lease)
            except Fenced:
                self.lose()
            except MemoryFailure:
                continue  # whoever saves the call tells of it

    async def give_back(self, *, over: bool) -> None:
        """Let others have the call at once; `over`: it has ended. Where the store is away, the lease expires."""
        if self.lost:
            return
        try:
            await self._leases.release(self.lease, over=over)
        except MemoryFailure:
            return


async def new_tenure(leases: Leases, key: SessionKey, owner: str, *, resumable: bool = True) -> Tenure:
    """The right to lead a new call. Where the store is away it is written once that is back: nobody else has it.

    Args:
        resumable: its client can come back. Otherwise nobody is ever told the token.
    """
    token = new_token()
    try:
        lease = await leases.begin(key, owner, token)
    except MemoryFailure:
        lease = Lease(key, owner, 1, hash_of(token), leases.ttl_s)
    return Tenure(leases, lease, token if resumable else "")


async def take_tenure(leases: Leases, key: SessionKey, owner: str, token: str) -> Tenure:
    """The right to lead a call that its caller has come back to.

    Raises:
        WrongToken: there is no such call, it is over, or this is not its token.
        StoreLost
    """
    if len(key.call) > MOST_ID_CHARS:
        raise WrongToken(NO_SUCH_CALL)
    try:
        return Tenure(leases, await leases.take(key, owner, token), token)
    except (NotFound, WrongToken):
        raise WrongToken(NO_SUCH_CALL) from None
