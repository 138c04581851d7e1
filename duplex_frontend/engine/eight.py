"""Weights in 8 bits: half of what a tick has to read of the temporal transformer, and half of its memory.

A scale an output, the largest weight of each at 127. What the loss does to the speech of the real model has not been
measured.
"""

from __future__ import annotations

from typing import Any, Final

import torch
from moshi.utils.quantize import QLinear
from torch import Tensor, nn
from torch.nn import functional

from duplex_frontend.engine.ring import eight_bits

_BY_KERNEL: Final = (
    128  # positions; with more, a product is bound by arithmetic and the weights are made whole first
)


class EightBitLinear(QLinear):  # type: ignore[misc]
    """Takes the place of an nn.Linear without a bias.

    moshi takes no other modules than nn.Linear and its own QLinear for a linear; of the latter only the kind is used,
    for it needs bitsandbytes.
    """

    weight: Tensor
    scale: Tensor

    def __init__(self, linear: nn.Linear) -> None:
        nn.Module.__init__(self)
        assert linear.bias is None
        weight, scale = eight_bits(linear.weight.detach())
        self.register_buffer("weight", weight)
        self.register_buffer("scale", scale)

    def forward(self, x: Tensor) -> Tensor:
        """[..., K] to [..., N]."""
        outs, ins = self.weight.shape
        flat = x.reshape(-1, ins)
        if x.is_cuda and len(flat) <= _BY_KERNEL:
            from duplex_frontend.engine.kernels import product

            return product(flat, self.weight, self.scale).view(*x.shape[:-1], outs)
        whole = self.weight.to(x.dtype)
        return functional.linear(x, whole) * self.scale.to(x.dtype)


def shrink(lm: Any) -> int:
    """Put the weights of the temporal transformer's layers into 8 bits, where they stand.

    Args:
        lm: moshi's LMModel, not streaming, before twins of it are made.

    Returns:
        how many weights there are in 8 bits now.
    """
    shrunk = 0
    with torch.no_grad():
        for module in list(lm.transformer.modules()):
            for name, child in list(module.named_children()):
                if isinstance(child, nn.Linear) and child.bias is None:
                    small = EightBitLinear(child)
                    setattr(module, name, small)
                    shrunk += small.weight.numel()
    return shrunk
