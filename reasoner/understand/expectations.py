"""Expectations are costly to make and cheap to use: made once for each flow and state of the talk."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from flows.schema import Flow
from reasoner.types import NamePart, Pending
from reasoner.understand.scan import Expectation, expectation

T = TypeVar("T")

_MOST_KEPT = 256


@dataclass(slots=True)
class PerPending(Generic[T]):
    """What `make` makes of a flow and what is pending in it, kept. The oldest unused goes first.

    Flows are frozen and shared, but hold mappings and cannot be hashed: they are told apart by identity, and kept
    alive with what was made of them.
    """

    make: Callable[[Flow, Pending], T]
    _kept: OrderedDict[tuple[int, Pending], tuple[Flow, T]] = field(default_factory=OrderedDict)

    def __call__(self, flow: Flow, pending: Pending) -> T:
        # Which part of a name is spelled makes no difference to what can be said.
        key = (id(flow), replace(pending, part=NamePart.WHOLE))
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = (flow, self.make(flow, key[1]))
            if len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return found[1]


expectation_of: PerPending[Expectation] = PerPending(expectation)
