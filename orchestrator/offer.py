"""The flows that callers can choose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from flows.errors import FlowError
from flows.loader import load_flow


@dataclass(frozen=True, slots=True)
class OfferedFlow:
    """A flow that clients may choose. `source` is what `Calls.open_call` is given: a name or a file."""

    name: str
    about: str
    company: str
    agent: str
    language: str
    slots: int
    source: str


Offer = Callable[[], Sequence[OfferedFlow]]
"""The flows on offer now. May read files; called in a thread."""


def offer_of(sources: Sequence[str]) -> Offer:
    """Offer flows by file or name in the library. They are read at each look: an edited file counts at once.

    A flow with mistakes stays on offer, so that whoever chooses it is told what they are.
    """

    def look() -> Sequence[OfferedFlow]:
        return tuple(offered(source) for source in sources)

    return look


def offered(source: str) -> OfferedFlow:
    try:
        flow = load_flow(source)
    except FlowError:
        return OfferedFlow(Path(source).stem, "This flow has mistakes", "", "", "", 0, source)
    agent = flow.agent
    return OfferedFlow(
        flow.flow, flow.about, agent.company, agent.name, flow.language, len(flow.slots), source
    )
