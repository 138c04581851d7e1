"""The keys and values of the last C positions of B rows in all layers; position p stands in slot p % C.

Kept as the model works with them, or in 8 bits: a byte a number and a scale for each head and position, half the
memory, and half of what a tick has to read.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.nn import functional


class Kind(StrEnum):
    """How keys and values are kept."""

    WHOLE = "whole"
    BY_ROW = "by-row"  # whole, and on a GPU each row is read as far as it is filled and no further
    INT8 = "int8"  # in 8 bits, read in the same way


@dataclass(frozen=True, slots=True)
class Shape:
    """layers L, rows B, heads H, capacity C, dim D."""

    layers: int
    rows: int
    heads: int
    capacity: int
    dim: int


@dataclass(frozen=True, slots=True)
class Places:
    """What all layers of a forward over T positions a row need.

    Attributes:
        bias: [B, 1, T, reach], 0 where a position may look and -inf elsewhere; None for a ring that works it out.
        slots: int64 [B, 1, T, 1], where keys and values go.
        position: int64 [B], of the first of the T.
        filled: int64 [B], slots of a row that hold anything once these are in; 1 for a row that stands still.
    """

    bias: Tensor | None
    slots: Tensor
    position: Tensor
    filled: Tensor
    reach: int
    window: int


class Ring(Protocol):
    @property
    def buffers(self) -> list[Tensor]:
        """All that it keeps, at addresses that never change; [L, 2, B, H, C, ...]."""
        ...

    def biased(self, steps: int) -> bool:
        """Whether it wants `Places.bias` for so many positions at once."""
        ...

    def attend(self, layer: int, queries: Tensor, keys: Tensor, values: Tensor, places: Places) -> Tensor:
        """Put keys and values in and attend: each [B, H, T, D], and so is what comes back."""
        ...


class WholeRing:
    """In the model's own type.

    Args:
        by_row: attention by our own kernel, where one position a row is read on a GPU.
    """

    def __init__(
        self, shape: Shape, dtype: torch.dtype, device: torch.device, *, by_row: bool = False
    ) -> None:
        self.kept = torch.zeros(
            shape.layers, 2, shape.rows, shape.heads, shape.capacity, shape.dim, dtype=dtype, device=device
        )
        self._by_row = by_row and device.type == "cuda"

    @property
    def buffers(self) -> list[Tensor]:
        return [self.kept]

    def biased(self, steps: int) -> bool:
        return not (self._by_row and steps == 1)

    def attend(self, layer: int, queries: Tensor, keys: Tensor, values: Tensor, places: Places) -> Tensor:
        kept_keys, kept_values = self.kept[layer]
        slots = places.slots.expand_as(keys)
        kept_keys.scatter_(2, slots, keys)
        kept_values.scatter_(2, slots, values)
        if places.bias is None:
            return _kernels().attend(
                queries.contiguous(),
                kept_keys,
                kept_values,
                places.position,
                places.filled,
                places.window,
                places.reach,
            )
        reach = places.reach
        return functional.scaled_dot_product_attention(
            queries, kept_keys[:, :, :reach], kept_values[:, :, :reach], places.bias
        )


class EightBitRing:
    """A byte a number: the largest of a head's D numbers is 127 of its scale, the rest is rounded.

    Args:
        kernel: read by our own kernel where one position a row is read; None for wherever there is a GPU.
    """

    def __init__(self, shape: Shape, device: torch.device, *, kernel: bool | None = None) -> None:
        size = (shape.layers, 2, shape.rows, shape.heads, shape.capacity)
        self.kept = torch.zeros(*size, shape.dim, dtype=torch.int8, device=device)
        self.scales = torch.zeros(*size, dtype=torch.float32, device=device)
        self._kernel = device.type == "cuda" if kernel is None else kernel

    @property
    def buffers(self) -> list[Tensor]:
        return [self.kept, self.scales]

    def biased(self, steps: int) -> bool:
        return not (self._kernel and steps == 1)

    def attend(self, layer: int, queries: Tensor, keys: Tensor, values: Tensor, places: Places) -> Tensor:
        kept, scales = self.kept[layer], self.scales[layer]
        for which, given in enumerate((keys, values)):
            small, scale = eight_bits(given)
            kept[which].scatter_(2, places.slots.expand_as(small), small)
            scales[which].scatter_(2, places.slots[..., 0].expand_as(scale), scale)
        if places.bias is None:
            return _kernels().attend(
                queries.contiguous(), kept[0], kept[1], places.position, places.filled, places.window, places.reach,
                (scales[0], scales[1]),
            )  # fmt: skip
        reach, dtype = places.reach, queries.dtype
        read = [(kept[i, :, :, :reach] * scales[i, :, :, :reach, None]).to(dtype) for i in range(2)]
        return functional.scaled_dot_product_attention(queries, read[0], read[1], places.bias)


def eight_bits(whole: Tensor) -> tuple[Tensor, Tensor]:
    """[..., D] as int8 and a scale, float32 [...]; their product is what it was, to half a step."""
    whole = whole.float()
    scale = whole.abs().amax(-1).clamp_min(1e-12) / 127
    return (whole / scale[..., None]).round().to(torch.int8), scale


def ring_of(kind: Kind, shape: Shape, dtype: torch.dtype, device: torch.device) -> WholeRing | EightBitRing:
    if kind is Kind.INT8:
        return EightBitRing(shape, device)
    return WholeRing(shape, dtype, device, by_row=kind is Kind.BY_ROW)


def _kernels() -> Any:
    """Triton comes with torch for GPUs, and is not there without."""
    from duplex_frontend.engine import kernels

    return kernels
