"""Who is calling, as one call finds out, and what is kept of them when it is over.

A store that fails, or is slow, costs the call nothing but its memory: the caller is asked as if for the first time.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

import anyio

from flows.schema import Flow
from memory.callers import Caller, MarkTaken, Sign, SignKind, phone_sign, with_sign
from memory.callers_book import CallerBook, newcomer
from memory.errors import MemoryFailure, NotFound, RevisionConflict
from memory.privacy import Retention
from orchestrator.recollection import (
    agreed,
    is_another,
    proof_of,
    ringing,
    same_name,
    told_by_identity,
    told_by_number,
    told_of_earlier,
    with_this_call,
)
from reasoner.events import CallerRecognised, CallStarted
from reasoner.known import by_number
from reasoner.state import GoalState
from reasoner.types import SlotName, Value

KEEP_WITHIN_S = 2.0
_TRIES = 3

T = TypeVar("T")
Complain = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Register:
    """Where callers are kept, and for how long. `budget_s`: how long a call waits to be told who is calling."""

    book: CallerBook
    retention: Retention
    budget_s: float = 0.3


class Acquaintance:
    """One call's.

    Args:
        number: that rings, "" where it is withheld.
        complain: told in a sentence when the callers' store failed.
        admit: given the labels of passages that the caller may hear, once they have proven who they are.
    """

    def __init__(
        self,
        register: Register,
        tenant: str,
        flow: Flow,
        number: str,
        complain: Complain,
        admit: Callable[[tuple[str, ...]], None] | None = None,
    ) -> None:
        self._register = register
        self._book = register.book
        self._tenant = tenant
        self._flow = flow
        self._number = number
        self._phone = phone_sign(number)
        self._complain = complain
        self._admit = admit
        self._by_phone: Caller | None = None
        self._identity: Sign | None = None
        self._proven: Caller | None = None
        self._told: dict[SlotName, Value] = {}  # by the number alone

    def marks(self) -> tuple[str, ...]:
        """Hashes of what the caller is recognised by so far, for the call's record."""
        signs = (self._phone, self._identity)
        return tuple(self._book.mark(self._tenant, sign) for sign in signs if sign is not None)

    async def at_start(self) -> dict[SlotName, Value]:
        """What the call gives: the number, and what may be used of whoever rings from it."""
        given = ringing(self._flow, self._number)
        if self._phone is None:
            return given
        found = await self._asked(lambda: self._find(self._phone))
        if found is not None:
            self._by_phone = found
            self._told = told_by_number(self._flow, found, self._register.retention, datetime.now(UTC))
        return {**self._told, **given}

    async def go_on(self, opening: CallStarted) -> None:
        """The call began elsewhere, and so. Raises nothing."""
        self._told = {
            n: v for n, v in opening.given.items() if n in self._flow.slots and by_number(self._flow, n)
        }
        if self._phone is not None:
            self._by_phone = await self._asked(lambda: self._find(self._phone))

    async def gate_passed(self, state: GoalState) -> CallerRecognised | None:
        """What is remembered of who has passed a gate, the first time that a state shows who; else None."""
        proof = proof_of(self._flow, state)
        if proof is None or proof[1] == self._identity:
            return None
        gate, self._identity = proof
        self._proven = await self._asked(lambda: self._find(self._identity))
        if self._proven is None and self._is_same_person(state):
            return None  # the first time that they prove it
        if self._proven is None:
            return CallerRecognised(gate) if self._told else None
        if self._admit is not None:
            self._admit((self._proven.access,))
        values = told_by_identity(self._flow, self._proven, self._register.retention, datetime.now(UTC))
        return CallerRecognised(gate, values, told_of_earlier(self._proven), state.at_s)

    async def keep(self, state: GoalState, began_at: datetime) -> None:
        """Write down what the call has established of its caller, once it is over."""
        with anyio.move_on_after(KEEP_WITHIN_S) as writing:
            try:
                await self._keep(state, began_at)
            except MemoryFailure as failure:
                self._complain(f"what is to be remembered of the caller was not written: {failure}")
        if writing.cancelled_caught:
            self._complain("what is to be remembered of the caller was not written in time")

    async def _keep(self, state: GoalState, began_at: datetime) -> None:
        """Again where another call of the same caller was faster."""
        for _ in range(_TRIES):
            whose = await self._whose(state)
            if whose is None:
                return
            now = datetime.now(UTC)
            kept = with_this_call(whose, self._flow, state, began_at, now)
            try:
                await self._book.write(kept, now, alone=kept.signs)
                return
            except (RevisionConflict, MarkTaken, NotFound):
                continue
        self._complain("what is to be remembered of the caller was not written: others write it all the time")

    async def _whose(self, state: GoalState) -> Caller | None:
        """Whose record this call belongs into, as it stands now. None: nobody knows, or nobody may."""
        if self._identity is not None:
            proven = await self._find(self._identity)
            if proven is not None:
                return with_sign(proven, await self._free_phone())
            by_phone = await self._find(self._phone)
            if by_phone is not None and self._may_link(by_phone) and same_name(self._flow, by_phone, state):
                return with_sign(by_phone, self._identity)
            return self._newcomer(state, self._identity, await self._free_phone())
        if self._phone is None or is_another(self._flow, self._told, state):
            return None
        return await self._find(self._phone) or self._newcomer(state, self._phone)

    def _newcomer(self, state: GoalState, *signs: Sign | None) -> Caller | None:
        """Somebody new is known only where they have agreed to it, if the flow asks."""
        if not agreed(self._flow, state):
            return None
        return newcomer(self._tenant, [sign for sign in signs if sign is not None], datetime.now(UTC))

    def _is_same_person(self, state: GoalState) -> bool:
        by_phone = self._by_phone
        return by_phone is not None and self._may_link(by_phone) and same_name(self._flow, by_phone, state)

    def _may_link(self, caller: Caller) -> bool:
        """Whether the caller has not proven to be somebody else at the same gate before."""
        identity = self._identity
        return identity is not None and all(
            sign.kind is not SignKind.IDENTITY or sign.proof != identity.proof for sign in caller.signs
        )

    async def _free_phone(self) -> Sign | None:
        """The number that rings, where it is nobody's yet: who proves who they are may ring from a friend's."""
        if self._phone is None or await self._book.find(self._tenant, self._phone):
            return None
        return self._phone

    async def _find(self, sign: Sign | None) -> Caller | None:
        """Who is recognised by it. Nobody where several are: it does not say which."""
        found = await self._book.find(self._tenant, sign) if sign is not None else ()
        return found[0] if len(found) == 1 else None

    async def _asked(self, question: Callable[[], Awaitable[T | None]]) -> T | None:
        """The store's answer, None where it fails or takes too long."""
        answer: T | None = None
        with anyio.move_on_after(self._register.budget_s) as asking:
            try:
                answer = await question()
            except MemoryFailure as failure:
                self._complain(f"who is calling could not be looked up: {failure}")
        if asking.cancelled_caught:
            self._complain(f"who is calling was not looked up within {self._register.budget_s:g} s")
        return answer
