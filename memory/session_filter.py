"""Which sessions of a tenant are listed. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from memory.types import SessionRecord

MARKS = "marks"
"""In the summary of a session: what its caller is recognised by, hashed with a key (`memory.sealed.Keyring.mark`)."""


@dataclass(frozen=True, slots=True)
class SessionFilter:
    """What sessions have to be to be listed; None: whatever they are.

    Attributes:
        over: True for those with an outcome, False for those without one: they go on, or were cut off by force.
        since: begun then or later. until: begun before that.
        marks: of their caller, any of them. Without any there is no such session.
    """

    flow: str | None = None
    outcome: str | None = None
    over: bool | None = None
    since: datetime | None = None
    until: datetime | None = None
    marks: frozenset[str] | None = None

    @property
    def takes_none(self) -> bool:
        """Whether no session at all can be meant."""
        return self.marks == frozenset() or (self.over is False and self.outcome is not None)

    def takes(self, session: SessionRecord) -> bool:
        return (
            self.flow in (None, session.flow)
            and self.outcome in (None, session.outcome)
            and self.over in (None, session.outcome is not None)
            and (self.since is None or session.started_at >= self.since)
            and (self.until is None or session.started_at < self.until)
            and (self.marks is None or not self.marks.isdisjoint(marks_of(session)))
        )


ANY = SessionFilter()


def marks_of(session: SessionRecord) -> frozenset[str]:
    """What the caller of a session is recognised by, hashed."""
    return marks_in(session.summary)


def marks_in(summary: Mapping[str, Any]) -> frozenset[str]:
    marks = summary.get(MARKS, ())
    return (
        frozenset(mark for mark in marks if isinstance(mark, str)) if isinstance(marks, list) else frozenset()
    )
