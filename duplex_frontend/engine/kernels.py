"""Triton kernels of a tick: attention that reads every row exactly as far as it is filled, and products with weights in 8 bits.

On a CPU they run in Triton's interpreter (`TRITON_INTERPRET=1`, set before this is imported), which is how they are
tested; they have not been run on a GPU yet. Attention in two steps, as in flash-decoding (Dao et al., 2023): pieces of
the ring are read by programs of their own, and put together after.
"""

from __future__ import annotations

from typing import Any, Final

import torch
import triton
import triton.language as tl
from torch import Tensor

PIECE: Final = 512  # slots of the ring that one program reads
_BLOCK: Final = 64  # of them at once
_LEAST: Final = -1.0e30  # stands for no score; minus infinity would make NaN of a piece without any


@triton.jit
def _read_piece(
    queries, keys, values, key_scales, value_scales, position, filled, made,
    heads, capacity, window, pieces, scale,
    size: tl.constexpr, in_piece: tl.constexpr, block: tl.constexpr, least: tl.constexpr, small: tl.constexpr,
):  # fmt: skip
    head = tl.program_id(0).to(tl.int64)  # row * heads + head: rings are larger than 2**31 elements
    piece = tl.program_id(1)
    row = head // heads
    n = tl.load(filled + row)
    p = tl.load(position + row)
    dim = tl.arange(0, size)
    query = tl.load(queries + head * size + dim).to(tl.float32) * scale
    best = least
    total = 0.0
    sums = tl.zeros([size], dtype=tl.float32)
    first = piece * in_piece
    last = tl.minimum(first + in_piece, n)
    for start in range(first, last, block):
        slot = start + tl.arange(0, block)
        seen = (slot < n) & ((p - slot) % capacity < window)
        at = (head * capacity + slot)[:, None] * size + dim[None, :]
        key = tl.load(keys + at, mask=seen[:, None], other=0).to(tl.float32)
        score = tl.sum(key * query[None, :], axis=1)
        if small:
            score = score * tl.load(key_scales + head * capacity + slot, mask=seen, other=0.0)
        score = tl.where(seen, score, least)
        higher = tl.maximum(best, tl.max(score, axis=0))
        weight = tl.where(seen, tl.exp(score - higher), 0.0)
        fade = tl.exp(best - higher)
        total = total * fade + tl.sum(weight, axis=0)
        if small:
            weight = weight * tl.load(value_scales + head * capacity + slot, mask=seen, other=0.0)
        value = tl.load(values + at, mask=seen[:, None], other=0).to(tl.float32)
        sums = sums * fade + tl.sum(value * weight[:, None], axis=0)
        best = higher
    to = made + (head * pieces + piece) * (size + 2)
    tl.store(to + dim, sums)
    tl.store(to + size, best)
    tl.store(to + size + 1, total)


@triton.jit
def _put_together(made, out, pieces, size: tl.constexpr, least: tl.constexpr):
    head = tl.program_id(0).to(tl.int64)
    dim = tl.arange(0, size)
    best = least
    total = 0.0
    sums = tl.zeros([size], dtype=tl.float32)
    for piece in range(0, pieces):
        read = made + (head * pieces + piece) * (size + 2)
        its_best = tl.load(read + size)
        higher = tl.maximum(best, its_best)
        fade = tl.exp(best - higher)
        more = tl.exp(its_best - higher)
        total = total * fade + tl.load(read + size + 1) * more
        sums = sums * fade + tl.load(read + dim) * more
        best = higher
    whole = sums / tl.maximum(total, 1.0e-20)
    tl.store(out + head * size + dim, whole.to(out.dtype.element_ty))


def attend(
    queries: Tensor,
    keys: Tensor,
    values: Tensor,
    position: Tensor,
    filled: Tensor,
    window: int,
    reach: int,
    scales: tuple[Tensor, Tensor] | None = None,
) -> Tensor:
    """Attention of one position a row over its ring.

    Args:
        queries: [B, H, 1, D], contiguous; D a power of two.
        keys, values: [B, H, C, D], contiguous; int8 where there are scales.
        position: int64 [B], of the query; it stands in slot position % C already.
        filled: int64 [B], how many slots of the row hold anything; no more than `reach` of a row that counts.
        scales: of keys and values, float32 [B, H, C].

    Returns:
        [B, H, 1, D], as `queries`.
    """
    rows, heads, steps, dim = queries.shape
    capacity = keys.shape[2]
    assert steps == 1 and keys.shape == values.shape == (rows, heads, capacity, dim), (
        queries.shape,
        keys.shape,
    )
    assert queries.is_contiguous() and keys.is_contiguous() and values.is_contiguous()
    pieces = triton.cdiv(reach, PIECE)
    made = torch.empty(rows * heads, pieces, dim + 2, dtype=torch.float32, device=queries.device)
    out = torch.empty_like(queries)
    key_scales, value_scales = scales if scales is not None else (made, made)
    launch: Any = _read_piece[(rows * heads, pieces)]
    launch(
        queries, keys, values, key_scales, value_scales, position, filled, made,
        heads, capacity, window, pieces, dim**-0.5,
        size=dim, in_piece=PIECE, block=_BLOCK, least=_LEAST, small=scales is not None,
    )  # fmt: skip
    launch = _put_together[(rows * heads,)]
    launch(made, out, pieces, size=dim, least=_LEAST)
    return out


@triton.jit
def _product(
    x, weight, scales, out, rows, outs, ins,
    row_block: tl.constexpr, out_block: tl.constexpr, in_block: tl.constexpr,
):  # fmt: skip
    n = tl.program_id(0) * out_block + tl.arange(0, out_block)
    m = tl.program_id(1) * row_block + tl.arange(0, row_block)
    sums = tl.zeros([row_block, out_block], dtype=tl.float32)
    for start in range(0, ins, in_block):
        k = start + tl.arange(0, in_block)
        read = tl.load(
            x + m[:, None] * ins + k[None, :], mask=(m < rows)[:, None] & (k < ins)[None, :], other=0.0
        )
        part = tl.load(
            weight + n[:, None] * ins + k[None, :], mask=(n < outs)[:, None] & (k < ins)[None, :], other=0
        )
        sums += tl.dot(read, tl.trans(part.to(read.dtype)))
    sums = sums * tl.load(scales + n, mask=n < outs, other=0.0)[None, :]
    kept = (m < rows)[:, None] & (n < outs)[None, :]
    tl.store(out + m[:, None] * outs + n[None, :], sums.to(out.dtype.element_ty), mask=kept)


def product(x: Tensor, weight: Tensor, scales: Tensor) -> Tensor:
    """x times a weight in 8 bits: [M, K] by int8 [N, K] with a scale an output, float32 [N], to [M, N]."""
    (rows, ins), outs = x.shape, weight.shape[0]
    assert weight.shape == (outs, ins) and x.is_contiguous() and weight.is_contiguous(), (
        x.shape,
        weight.shape,
    )
    out = torch.empty(rows, outs, dtype=x.dtype, device=x.device)
    at_once = max(16, min(64, triton.next_power_of_2(rows)))
    launch: Any = _product[(triton.cdiv(outs, 64), triton.cdiv(rows, at_once))]
    launch(x, weight, scales, out, rows, outs, ins, row_block=at_once, out_block=64, in_block=64)
    return out
