"""Drawing tokens, each row with its own temperature, top-k and dice.

The dice are a hash of (seed, step of the row, stream, token), so a row's draws do not depend on its
neighbours, on the batch size or on what else ran; nothing is kept but a counter, and the whole is a handful of
tensor operations that a CUDA graph can hold.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

MAX_TOP_K = 250
_MASK = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a row draws. Temperature 0 takes the likeliest token.

    Attributes:
        text_temperature, audio_temperature: 0 and up.
        text_top_k, audio_top_k: 1 to 250 candidates.
        seed: two rows with one seed and one input say the same.
    """

    text_temperature: float = 0.7
    text_top_k: int = 25
    audio_temperature: float = 0.8
    audio_top_k: int = 250
    seed: int = 0

    def __post_init__(self) -> None:
        for name, value in (("text", self.text_temperature), ("audio", self.audio_temperature)):
            if not 0.0 <= value < float("inf"):
                raise ValueError(f"sampling: {name}_temperature is {value}; it is 0 (greedy) or more")
        for name, count in (("text", self.text_top_k), ("audio", self.audio_top_k)):
            if not 1 <= count <= MAX_TOP_K:
                raise ValueError(f"sampling: {name}_top_k is {count}; it is 1 to {MAX_TOP_K}")


GREEDY = Sampling(text_temperature=0.0, audio_temperature=0.0)


def _mixed(x: Tensor) -> Tensor:
    """A 32-bit integer hash on int64 tensors: every bit of the input moves half the bits of the output."""
    x = ((x ^ (x >> 16)) * 0x7FEB352D) & _MASK
    x = ((x ^ (x >> 15)) * 0x846CA68B) & _MASK
    return x ^ (x >> 16)


class Dice:
    """The sampling state of B rows: static buffers on the device.

    Attributes:
        step: int64 [B], draws of whole frames so far; the owner advances it.
    """

    def __init__(self, rows: int, device: torch.device) -> None:
        self._temperature = torch.zeros(2, rows, device=device)
        self._top_k = torch.ones(2, rows, device=device, dtype=torch.long)
        self._seed = torch.zeros(rows, device=device, dtype=torch.long)
        self.step = torch.zeros(rows, device=device, dtype=torch.long)

    @property
    def buffers(self) -> list[Tensor]:
        """All of it, at addresses that never change."""
        return [self._temperature, self._top_k, self._seed, self.step]

    def seat(self, row: int, sampling: Sampling, step: int = 0) -> None:
        """Give a row its settings and put its counter at `step`."""
        self._temperature[0, row] = sampling.text_temperature
        self._temperature[1, row] = sampling.audio_temperature
        self._top_k[0, row] = sampling.text_top_k
        self._top_k[1, row] = sampling.audio_top_k
        self._seed[row] = (sampling.seed ^ (sampling.seed >> 32)) & _MASK
        self.step[row] = step

    def draw(self, logits: Tensor, stream: int) -> Tensor:
        """Draw a token a row.

        Args:
            logits: [B, V], -inf where a token must not come.
            stream: 0 text, 1 to 8 agent audio.

        Returns:
            int64 [B].
        """
        rows, card = logits.shape
        assert self.step.shape == (rows,), (logits.shape, self.step.shape)
        kind = 0 if stream == 0 else 1
        temperature = self._temperature[kind]
        values, ids = logits.topk(min(MAX_TOP_K, card), dim=-1)
        rank = torch.arange(values.shape[1], device=logits.device)
        outside = rank[None] >= self._top_k[kind][:, None]
        scores = (values / temperature.clamp(min=1e-6)[:, None]).masked_fill(outside, float("-inf"))
        best = (scores + self._gumbel(stream, ids)).argmax(-1, keepdim=True)
        chosen = ids.gather(1, best)[:, 0]
        return torch.where(temperature > 0, chosen, logits.argmax(-1))

    def _gumbel(self, stream: int, ids: Tensor) -> Tensor:
        """Gumbel noise [B, N] for the candidates `ids` [B, N]; argmax(score + noise) draws from softmax(score)."""
        h = _mixed(self._seed + 0x9E3779B9 & _MASK)
        h = _mixed((h + self.step) & _MASK)
        h = _mixed((h + 0x85EBCA6B * (stream + 1)) & _MASK)
        h = _mixed(h[:, None] ^ _mixed(ids + 1))
        uniform = (h.double() + 0.5) / 2**32
        return -torch.log(-torch.log(uniform)).float()


def guided(logits: Tensor, allowed: Tensor) -> Tensor:
    """Rule out what a row's guide does not allow.

    Args:
        logits: [B, V].
        allowed: int64 [B, A], token ids, -1 for unused; a row of only -1 is free.

    Returns:
        [B, V], -inf where ruled out.
    """
    rows, card = logits.shape
    assert allowed.shape[0] == rows
    ids = torch.where(allowed < 0, card, allowed)
    open_ = torch.zeros(rows, card + 1, dtype=torch.bool, device=logits.device).scatter_(1, ids, True)[
        :, :card
    ]
    open_ = open_ | (allowed < 0).all(1, keepdim=True)
    return logits.masked_fill(~open_, float("-inf"))
