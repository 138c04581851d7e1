"""The temporal transformer's state, row by row, and its step by one position. Looks into moshi's streaming state.

The ring of the live batch (see `ring`) has C = window, rounded up. A shadow, which is fed many positions at once, has
room for its largest chunk beyond that, while its mask stays at the window: a chunk never overwrites a key that one of
its own queries still needs.

`advance` is moshi's forward, over moshi's modules and rings, written for a CUDA graph: what is the same in all
layers (rotary terms, mask, slots) is computed once, and attention reads the ring only as far as some row has
filled it (`reach`).
"""

from __future__ import annotations

import copy
import math
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import chain
from typing import Any, TypeVar

import torch
from moshi.utils.compile import no_compile
from torch import Tensor, nn
from torch.nn import functional

from duplex_frontend.engine.errors import WrongArchitecture
from duplex_frontend.engine.ring import Kind, Places, Shape, WholeRing, ring_of

Module = TypeVar("Module", bound=nn.Module)
ALIGNED = 16  # slots; what fused attention kernels want of a mask's length


def twin(module: Module) -> Module:
    """A second module over the same weights, with a streaming state of its own. Call before streaming begins."""
    shared: dict[int, Any] = {id(t): t for t in chain(module.parameters(), module.buffers())}
    made = copy.deepcopy(module, shared)
    assert all(a is b for a, b in zip(module.parameters(), made.parameters(), strict=True))
    return made


def looked_up(embedding: Any, tokens: Tensor) -> Tensor:
    """moshi's ScaledEmbedding for tokens that are all in range: [...] to [..., D]."""
    if embedding.norm is not None or embedding.low_rank is not None or embedding.demux_second_stream:
        made: Tensor = embedding(tokens)
        return made
    return functional.embedding(tokens, embedding.weight)


def embedded(lm: Any, columns: Tensor) -> Tensor:
    """What the transformer reads for columns, int64 [..., 1 + n_q] to [..., D]; summed in moshi's order."""
    assert columns.shape[-1] == lm.num_codebooks, (columns.shape, lm.num_codebooks)
    x = looked_up(lm.emb[0], columns[..., 1])
    for k in range(1, lm.num_audio_codebooks):
        x = x + looked_up(lm.emb[k], columns[..., k + 1])
    return looked_up(lm.text_emb, columns[..., 0]) + x


@dataclass(frozen=True, slots=True)
class Kept:
    """The state of one row after `length` positions: of each of the ring's buffers [L, 2, H, T, ...], T = min(length,
    window)."""

    parts: tuple[Tensor, ...]
    length: int


@dataclass(frozen=True, slots=True)
class _Shared:
    """What all layers of a step need. turn: complex64 [B, T, 1, 1, D / 2], the rotary terms of the positions."""

    turn: Tensor
    places: Places


class Temporal:
    """The streaming state of B rows of one LMModel, or of a recogniser.

    Args:
        lm: moshi's LMModel, not yet streaming.
        rows: B.
        window: positions that attention reaches back.
        spare: slots beyond the window, at least the largest T of a forward but one.
        kind: how keys and values are kept.

    Raises:
        WrongArchitecture: its attention is not Moshi's.
    """

    def __init__(self, lm: Any, rows: int, window: int, spare: int = 0, kind: Kind = Kind.WHOLE) -> None:
        self.lm, self.rows, self.window = lm, rows, window
        self.capacity = math.ceil((window + spare) / ALIGNED) * ALIGNED
        self._layers = list(lm.transformer.layers)
        self._attentions = [layer.self_attn for layer in self._layers]
        _check(lm.transformer, self._attentions)
        for attention in self._attentions:
            attention.context = ALIGNED  # moshi's own rings are never used, so they are made small
        lm.streaming_forever(rows)
        for attention in self._attentions:
            attention.context = window  # what the mask is made by
        first, weight = self._attentions[0], lm.text_linear.weight
        heads, half, device = first.num_heads, first.embed_dim // first.num_heads // 2, weight.device
        # All layers in one, so that a row is copied at once.
        shape = Shape(len(self._layers), rows, heads, self.capacity, 2 * half)
        self._ring = ring_of(kind, shape, weight.dtype, device)
        # moshi keeps an offset in each layer, twice, and a mask in each module. Here all of them are views of one.
        self._offsets = torch.zeros(2 * len(self._layers) + 1, rows, dtype=torch.long, device=device)
        self._mask = torch.ones(rows, dtype=torch.bool, device=device)
        self._share()
        steps = torch.arange(half, device=device, dtype=torch.float32)
        self._frequencies = torch.exp(steps * (-math.log(lm.transformer.rope.max_period) * 2 / (2 * half)))
        self._places = torch.arange(self.capacity, device=device)

    def _share(self) -> None:
        for state in self.lm.get_streaming_state().values():
            state.exec_mask = self._mask
        for i, attention in enumerate(self._attentions):
            state = attention._streaming_state
            state.offset, state.kv_cache.end_offset = self._offsets[2 * i], self._offsets[2 * i + 1]
            if isinstance(self._ring, WholeRing):  # so moshi's own forward goes on from ours
                state.kv_cache.cache, state.kv_cache.capacity = self._ring.kept[i], self.capacity
        self.lm.transformer._streaming_state.offsets = self._offsets[-1]

    @property
    def buffers(self) -> list[Tensor]:
        """All that a step keeps, at addresses that never change."""
        return [*self._ring.buffers, self._offsets, self._mask]

    def reset(self, mask: Tensor) -> None:
        """Forget the rows in `mask`, bool [B]."""
        self._offsets.masked_fill_(mask, 0)

    def take(self, mask: Tensor) -> None:
        """Only the rows in `mask`, bool [B], move on in the next forward."""
        self._mask.copy_(mask)

    # --- a step ----------------------------------------------------------------------------------------------

    def step(self, columns: Tensor, reach: int | None = None) -> tuple[Tensor, Tensor]:
        """Read one position a row; the rows of `take` move on.

        Args:
            columns: int64 [B, 1 + n_q], every token in range.
            reach: slots of the ring that are read, a multiple of 16: beyond the position of every row that moves,
                or all of them (the default).

        Returns:
            The hidden state [B, 1, D] and the text logits [B, 1, 1, V].
        """
        assert columns.shape == (self.rows, self.lm.num_codebooks), columns.shape
        return self.read_off(self.advance(embedded(self.lm, columns)[:, None], reach))

    def advance(self, x: Tensor, reach: int | None = None) -> Tensor:
        """Read T positions a row, which must fit in the ring beside the window. The rows of `take` move on.

        Args:
            x: [B, T, D], as `embedded` gives it.
            reach: see `step`.

        Returns:
            [B, T, D], for `read_off`.
        """
        rows, steps, _ = x.shape
        assert rows == self.rows and steps <= self.capacity - self.window + 1, (x.shape, self.capacity)
        with no_compile() if x.device.type != "cuda" else nullcontext():
            shared = self._shared(steps, self.capacity if reach is None else reach, x.dtype)
            for i, layer in enumerate(self._layers):
                update = self._attend(i, layer.norm1(x), shared)
                x = layer._ff_block(x.to(update) + layer.layer_scale_1(update))
            self._offsets.add_(self._mask, alpha=steps)
        return x

    def read_off(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """From the transformer's output [B, T, D] to the hidden state [B, T, D] and the text logits [B, 1, T, V]."""
        hidden = self.lm.out_norm(x) if self.lm.out_norm else x
        return hidden, self.lm.text_linear(hidden)[:, None]

    def _shared(self, steps: int, reach: int, dtype: torch.dtype) -> _Shared:
        assert 0 < reach <= self.capacity and reach % ALIGNED == 0, (reach, self.capacity)
        ahead, last = self._places[:steps], self._offsets[-1]
        position = last[:, None] + ahead
        angle = self._frequencies * position.float()[:, :, None]
        turn = torch.complex(torch.cos(angle), torch.sin(angle))[:, :, None, None]
        slots = (position % self.capacity)[:, None, :, None]
        filled = torch.where(self._mask, (last + steps).clamp_max(self.capacity), 1)
        bias = self._bias(position, reach, dtype) if self._ring.biased(steps) else None
        return _Shared(turn, Places(bias, slots, last, filled, reach, self.window))

    def _bias(self, position: Tensor, reach: int, dtype: torch.dtype) -> Tensor:
        """[B, 1, T, reach] for positions [B, T]."""
        # A row that stands beyond the reach is thrown away, but must be a number, so some slot has to be open:
        # of 16 in a row one always is, since no more than 15 of a batch's ring are older than the window.
        ago = (position[:, :, None] - self._places[:reach]) % self.capacity
        open_ = (ago <= position[:, :, None]) & (ago < self.window)
        bias = torch.zeros(*open_.shape, dtype=dtype, device=position.device)
        return bias.masked_fill_(~open_, float("-inf"))[:, None]

    def _attend(self, layer: int, x: Tensor, shared: _Shared) -> Tensor:
        """One layer's attention."""
        attention = self._attentions[layer]
        rows, steps, heads = self.rows, x.shape[1], attention.num_heads
        projected = attention.in_projs[0](x).view(rows, steps, 3, heads, -1)
        pairs = torch.view_as_complex(
            projected[:, :, :2].float().unflatten(-1, (-1, 2))
        )  # [B, T, 2, H, D / 2]
        turned = torch.view_as_real(pairs * shared.turn).flatten(-2).to(x.dtype).transpose(1, 3)
        values = projected[:, :, 2].transpose(1, 2)
        read = self._ring.attend(layer, turned[:, :, 0], turned[:, :, 1], values, shared.places)
        out: Tensor = attention.out_projs[0](read.transpose(1, 2).reshape(rows, steps, -1))
        return out

    # --- rows ------------------------------------------------------------------------------------------------

    def place(self, row: int, length: int) -> None:
        """Say that a row has seen `length` positions (after it was filled, or to take back padding)."""
        self._offsets[:, row] = length

    def keep(self, row: int, length: int) -> Kept:
        """A copy of a row that has seen `length` positions."""
        slots = self._slots(length, self.capacity)
        return Kept(tuple(part[:, :, row].index_select(3, slots) for part in self._ring.buffers), length)

    def restore(self, row: int, kept: Kept) -> None:
        """Make a row what `kept` was. Other rows are untouched."""
        slots = self._slots(kept.length, self.capacity)
        for mine, part in zip(self._ring.buffers, kept.parts, strict=True):
            mine[:, :, row].index_copy_(3, slots, part)
        self.place(row, kept.length)

    def copy_from(self, other: Temporal, row: int, other_row: int, length: int) -> None:
        """Make `row` what `other_row` of the other is, which has seen `length` positions and keeps them in the same way."""
        assert other.window == self.window, (other.window, self.window)
        here, there = self._slots(length, self.capacity), self._slots(length, other.capacity)
        for mine, theirs in zip(self._ring.buffers, other._ring.buffers, strict=True):
            mine[:, :, row].index_copy_(3, here, theirs[:, :, other_row].index_select(3, there))
        self.place(row, length)

    def _slots(self, length: int, capacity: int) -> Tensor:
        """int64 [T]: where the last T = min(length, window) positions stand in a ring of `capacity`."""
        return torch.arange(max(0, length - self.window), length, device=self._places.device) % capacity


def _check(transformer: Any, attentions: list[Any]) -> None:
    """What `step` takes for granted of the shape."""
    if transformer.positional_embedding != "rope":
        raise WrongArchitecture(
            f"the model's positions are '{transformer.positional_embedding}', not 'rope' as in Moshi; "
            "this engine serves PersonaPlex, Moshi and fine-tunes of them"
        )
    if any(attention.kv_repeat != 1 or len(attention.in_projs) != 1 for attention in attentions):
        raise WrongArchitecture(
            "the model's attention shares keys between heads, which Moshi's does not; "
            "this engine serves PersonaPlex, Moshi and fine-tunes of them"
        )
