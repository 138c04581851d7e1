"""What can go wrong with memory. One root."""

from __future__ import annotations


class MemoryFailure(Exception):
    """A store cannot do what was asked. The text says where, what, and how to mend it."""


class StoreLost(MemoryFailure):
    """The store did not answer within its budget. The call goes on without it."""


class StoreFull(MemoryFailure):
    """There is no room to write. What was established stays in the session and is written when there is."""


class RevisionConflict(MemoryFailure):
    """Somebody else has written a newer revision of this session."""

    def __init__(self, call: str, ours: int, stored: int) -> None:
        self.ours, self.stored = ours, stored
        super().__init__(f"session {call} is at revision {stored}, newer than ours ({ours}); read it again")


class NotFound(MemoryFailure):
    """There is no such record for this tenant."""
