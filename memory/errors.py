"""What can go wrong with memory. One root."""

from __future__ import annotations


class MemoryFailure(Exception):
    """A store cannot do what was asked. The text says where, what, and how to mend it."""


class StoreLost(MemoryFailure):
    """The store did not answer within its budget. The call goes on without it."""


class StoreFull(MemoryFailure):
    """There is no room to write. What was established stays in the session and is written when there is."""


class RevisionConflict(MemoryFailure):
    """The stored revision is not the one that the writer has seen."""

    def __init__(self, call: str, ours: int, stored: int) -> None:
        self.ours, self.stored = ours, stored
        super().__init__(f"{call} is at revision {stored}, and ours is {ours}; read it again")


class Fenced(MemoryFailure):
    """Another process has taken the call over. Whoever is told this stops acting for it and writes nothing more."""

    def __init__(self, call: str, ours: int | None, stored: int) -> None:
        self.ours, self.stored = ours, stored
        with_ours = "no lease" if ours is None else f"the lease {ours}"
        super().__init__(
            f"call {call} is held by the lease {stored}, and we have {with_ours}; leave it alone"
        )


class LeaseHeld(MemoryFailure):
    """Another process acts for the call."""

    def __init__(self, call: str, owner: str, left_s: float) -> None:
        self.owner, self.left_s = owner, left_s
        super().__init__(
            f"call {call} is held by {owner or 'nobody'} for {left_s:.1f} s more; wait, or show its resume token"
        )


class WrongToken(MemoryFailure):
    """The resume token is not the one of this call, or the call is over."""


class NotFound(MemoryFailure):
    """There is no such record for this tenant."""


class NobodyThere(MemoryFailure):
    """No process serves this call now."""


class AnswerLate(MemoryFailure):
    """A command was sent to the process that serves a call, and no answer came in time: it may have been carried out."""
