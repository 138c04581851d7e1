"""What is costly to make from a flow and cheap to use: made once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from flows.schema import Flow

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")

_MOST_KEPT = 256


@dataclass(slots=True)
class PerFlow(Generic[K, T]):
    """What `make` makes of a flow and a key, kept. What was not used for longest goes first.

    Flows are frozen and shared, but hold mappings and cannot be hashed: they are told apart by identity, and kept
    alive with what was made of them.
    """

    make: Callable[[Flow, K], T]
    _kept: OrderedDict[tuple[int, K], tuple[Flow, T]] = field(default_factory=OrderedDict)

    def __call__(self, flow: Flow, key: K) -> T:
        place = (id(flow), key)
        found = self._kept.get(place)
        if found is None:
            found = self._kept[place] = (flow, self.make(flow, key))
            if len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(place)
        return found[1]
