"""Records of the administration: keys, what was done with them, versions of flows. Every one carries a tenant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it is kept: without the key.

    Attributes:
        id: the part of it that may be seen, in lists and in the audit log.
        hash: see `memory.keys.hash_of`.
        role: what it may do, by name; the store does not know what that means.
        note: what it is for.
        expires_at: None for never.
        revoked_at: None while it is good.
    """

    id: str
    tenant: str
    hash: str
    role: str
    note: str
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who read or changed what, or was refused. Never what was read: no words, names or values.

    Attributes:
        who: `key:ID`, `subject:ID` of a token, `cli`.
        action: what was asked for, by the name of the operation.
        target: of what: the id of a call, the name of a flow; "" for none.
        place: of the entry, 1, 2, 3 ... within the log; 0 before it is kept.
    """

    tenant: str
    at: datetime
    who: str
    role: str
    action: str
    target: str
    allowed: bool
    place: int = 0


@dataclass(frozen=True, slots=True)
class FlowVersion:
    """One uploaded version of a flow.

    Attributes:
        number: 1, 2, 3 ... within the flow's name.
        content: the file, UTF-8.
        content_hash: as the loader works it out.
        by: who uploaded it, as in `AuditEntry.who`.
    """

    tenant: str
    name: str
    number: int
    content: str
    content_hash: str
    created_at: datetime
    by: str
    active: bool = False
