"""Records as the stores keep them. Every key carries a tenant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

DEFAULT_TENANT = "default"


@dataclass(frozen=True, slots=True)
class SessionKey:
    tenant: str
    call: str


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """One call at one revision.

    Attributes:
        revision: grows by at least one with each save.
        state: the goal state as JSON, opaque to the store.
        summary: small facts to list and filter by: flow, outcome, caller's slots as the session chose them.
        record: the whole story of the call as JSON (see docs/call-json.md), b"" until there is one.
    """

    key: SessionKey
    revision: int
    flow: str
    flow_hash: str
    state: bytes
    outcome: str | None
    started_at: datetime
    updated_at: datetime
    summary: Mapping[str, Any] = field(default_factory=dict)
    record: bytes = b""


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One event of a call in the order in which it was applied, or one moment of its story; opaque JSON."""

    revision: int
    at_s: float
    event: bytes


@dataclass(frozen=True, slots=True)
class Lease:
    """Who may act for a call and write it, until it expires or somebody shows the call's resume token.

    Attributes:
        owner: the process that holds it, by a name of its own choice; "" once it was given back.
        fence: grows with every take. A save that carries a lower one is refused.
        token_hash: of the resume token, see `memory.leases.hash_of`; "" once the call is over.
        left_s: how long it held, by the store's clock, when it was read; 0 where it has expired.
    """

    key: SessionKey
    owner: str
    fence: int
    token_hash: str
    left_s: float


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of knowledge, with its source.

    Attributes:
        source: the file or page that it was taken from.
        title: the headings above it, from the page's own down to the section's: "Visiting us: Parking".
        section: the last of them, or what a row of a table is called.
        access: who may hear it: "" everybody, else a label that a caller has to hold (see `Query.access`).
    """

    id: str
    text: str
    source: str
    title: str
    score: float = 0.0
    section: str = ""
    access: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage with what it takes to put it in order again, for other words, without asking the store.

    Attributes:
        words: the weight of each of its words, by the word's number (see `memory.edge_terms.Terms`).
        meaning: its embedding, float32 [dim], unit length; None where the store keeps none.
    """

    passage: Passage
    words: Mapping[int, float]
    meaning: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for, and the scope to stay within.

    Attributes:
        embedding: float32 [dim], unit length, or None for words alone.
        access: the labels that the caller holds; passages with another one are not there for this query.
    """

    text: str
    tenant: str = DEFAULT_TENANT
    scope: tuple[str, ...] = ()
    embedding: NDArray[np.float32] | None = None
    access: tuple[str, ...] = ()
