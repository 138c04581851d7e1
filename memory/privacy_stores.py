"""Everywhere that something of a caller is kept, for those who erase and those who sweep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import anyio.to_thread

from memory.admin import AuditEntry
from memory.admin_ports import AuditLog
from memory.callers import Pii
from memory.callers_book import CallerBook
from memory.errors import MemoryFailure
from memory.ports import KnowledgeStore, SessionStore
from memory.session_filter import MARKS as MARKS
from memory.session_filter import marks_of as marks_of
from memory.types import SessionRecord

CLASSES, NEVER = "pii", "never"
"""In the summary of a session: of each slot with a value its class, `never` for one that may not be kept beyond the
call. Beside it `MARKS`: what its caller is recognised by, hashed."""


@dataclass(frozen=True, slots=True)
class Stores:
    """Attributes:
    knowledge: all indexes that passages for single callers may be in.
    recordings: the folder with the sound of calls, named after them; it need not exist.
    """

    callers: CallerBook
    sessions: SessionStore
    knowledge: Sequence[KnowledgeStore]
    recordings: Path
    audit: AuditLog


@dataclass(frozen=True, slots=True)
class Actor:
    """Who has something done, as the audit log names them: `cli`, `key:ID`, and their role."""

    who: str
    role: str


def class_of(session: SessionRecord) -> Pii:
    """How private a session is: as its most private value. One that does not say so counts as personal."""
    classes = session.summary.get(CLASSES)
    if not isinstance(classes, dict):
        return "personal"
    told = set(classes.values())
    if told & {"sensitive", NEVER}:
        return "sensitive"
    return "personal" if "personal" in told else "none"


async def remove_recordings(folder: Path, call: str) -> int:
    """Remove the sound of a call, and what lies beside it under the same name. How many files went.

    Raises:
        MemoryFailure: one cannot be removed.
    """
    return await anyio.to_thread.run_sync(_remove_recordings, folder, call)


def _remove_recordings(folder: Path, call: str) -> int:
    gone = 0
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.name.partition(".")[0] == call and path.is_file():
            try:
                path.unlink(missing_ok=True)
            except OSError as refused:
                raise MemoryFailure(
                    f"{path}: cannot be removed ({refused.strerror}); see to the permissions of its folder"
                ) from refused
            gone += 1
    return gone


async def note(stores: Stores, actor: Actor, tenant: str, action: str, target: str, at: datetime) -> None:
    """Leave an entry in the audit log. `target`: an id, never a name or a number."""
    await stores.audit.append(AuditEntry(tenant, at, actor.who, actor.role, action, target, allowed=True))
