"""The temporal transformer's state, row by row: the only file that looks into moshi's streaming state.

A ring holds the keys and values of the last C positions; position p stands in slot p % C. The live batch has
C = window. A shadow, which is fed many positions at once, has C = window + its largest chunk, while its mask
stays at the window: a chunk never overwrites a key that one of its own queries still needs.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from itertools import chain
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

Module = TypeVar("Module", bound=nn.Module)


def twin(module: Module) -> Module:
    """A second module over the same weights, with a streaming state of its own. Call before streaming begins."""
    shared: dict[int, Any] = {id(t): t for t in chain(module.parameters(), module.buffers())}
    made = copy.deepcopy(module, shared)
    assert all(a is b for a, b in zip(module.parameters(), made.parameters(), strict=True))
    return made


@dataclass(frozen=True, slots=True)
class Kept:
    """The state of one row after `length` positions: keys and values [L, 2, H, T, D], T = min(length, window)."""

    kv: Tensor
    length: int


class Temporal:
    """The streaming state of B rows of one LMModel.

    Args:
        lm: moshi's LMModel, not yet streaming. Its Depformer is made to stream as well.
        rows: B.
        window: positions that attention reaches back.
        spare: slots beyond the window, at least the largest T of a forward but one.
    """

    def __init__(self, lm: Any, rows: int, window: int, spare: int = 0) -> None:
        self.lm, self.rows, self.window, self.capacity = lm, rows, window, window + spare
        self._attentions = [layer.self_attn for layer in lm.transformer.layers]
        for attention in self._attentions:
            attention.context = self.capacity  # what the ring is sized by
        lm.streaming_forever(rows)
        lm.depformer.streaming_forever(rows)  # detached by LMModel: it streams over codebooks, not over time
        for attention in self._attentions:
            attention.context = window  # what the mask is made by

    def reset(self, mask: Tensor) -> None:
        """Forget the rows in `mask`, bool [B]."""
        self.lm.reset_streaming(mask)

    def take(self, mask: Tensor) -> None:
        """Only the rows in `mask`, bool [B], move on in the next forward."""
        self.lm.set_exec_mask(mask)

    def begin_frame(self) -> None:
        """Put the Depformer back to its first codebook, all rows."""
        # Not by `reset_streaming`: the Depformer's ring has one offset for all rows, which that cannot address.
        depth = self.lm.depformer
        depth._streaming_state.offsets.zero_()
        for layer in depth.layers:
            layer._streaming_state.offset_cpu = 0
            state = layer.self_attn._streaming_state
            state.offset_cpu = 0
            state.offset.zero_()
            state.kv_cache.end_offset.zero_()

    def place(self, row: int, length: int) -> None:
        """Say that a row has seen `length` positions (after it was filled, or to take back padding)."""
        for attention in self._attentions:
            state = attention._streaming_state
            state.kv_cache.end_offset[row] = length
            state.offset[row] = length
        self.lm.transformer._streaming_state.offsets[row] = length

    def keep(self, row: int, length: int) -> Kept:
        """A copy of a row that has seen `length` positions."""
        slots = self._slots(length, self.capacity)
        kv = torch.stack(
            [a._streaming_state.kv_cache.cache[:, row].index_select(2, slots) for a in self._attentions]
        )
        return Kept(kv, length)

    def restore(self, row: int, kept: Kept) -> None:
        """Make a row what `kept` was. Other rows are untouched."""
        slots = self._slots(kept.length, self.capacity)
        for attention, kv in zip(self._attentions, kept.kv, strict=True):
            attention._streaming_state.kv_cache.cache[:, row].index_copy_(2, slots, kv)
        self.place(row, kept.length)

    def copy_from(self, other: Temporal, row: int, other_row: int, length: int) -> None:
        """Make `row` what `other_row` of the other is, which has seen `length` positions."""
        assert other.window == self.window, (other.window, self.window)
        here, there = self._slots(length, self.capacity), self._slots(length, other.capacity)
        for mine, its in zip(self._attentions, other._attentions, strict=True):
            kv = its._streaming_state.kv_cache.cache[:, other_row].index_select(2, there)
            mine._streaming_state.kv_cache.cache[:, row].index_copy_(2, here, kv)
        self.place(row, length)

    def _slots(self, length: int, capacity: int) -> Tensor:
        """int64 [T]: where the last T = min(length, window) positions stand in a ring of `capacity`."""
        device = self._attentions[0]._streaming_state.offset.device
        return torch.arange(max(0, length - self.window), length, device=device) % capacity
