"""Mimi for B rows: sound in, codes out, and back, a frame at a time. Looks into moshi's streaming state."""

from __future__ import annotations

from typing import Any

import torch
from moshi.utils.compile import CUDAGraphed
from torch import Tensor

from duplex_frontend.engine.tokens import FRAME_SAMPLES

_HEARING = ("encoder", "encoder_transformer", "downsample")


class Codec:
    """The streaming state of B rows of one Mimi.

    Args:
        mimi: moshi's MimiModel, not yet streaming.
        rows: B.
        codebooks: that are encoded.
    """

    def __init__(self, mimi: Any, rows: int, codebooks: int) -> None:
        self._mimi, self._rows = mimi, rows
        mimi.set_num_codebooks(codebooks)
        mimi.streaming_forever(rows)
        device = next(iter(mimi.parameters())).device
        # A mask for what hears and one for what speaks, each shared by all its modules.
        self._hearing = torch.ones(rows, dtype=torch.bool, device=device)
        self._speaking = torch.ones(rows, dtype=torch.bool, device=device)
        self._states: list[Any] = []
        for name, state in mimi.get_streaming_state().items():
            hears = name.split(".")[0] in _HEARING
            state.exec_mask = self._hearing if hears else self._speaking
            self._states.append(state)
            for part in vars(state).values():
                if isinstance(part, CUDAGraphed):
                    part.disable = True  # the whole tick is one graph
        # moshi replaces these in each step instead of writing into them; they are put back where they were.
        self._firsts = [(state, state.first) for state in self._states if hasattr(state, "first")]

    @property
    def buffers(self) -> list[Tensor]:
        """All that a step keeps, at addresses that never change."""
        found = [self._hearing, self._speaking]
        for state in self._states:
            for part in vars(state).values():
                found += [part] if isinstance(part, Tensor) else []
                if hasattr(part, "end_offset"):
                    found += [part.cache, part.end_offset]
        return found

    def reset(self, mask: Tensor) -> None:
        """Forget the rows in `mask`, bool [B]."""
        self._mimi.reset_streaming(mask)

    def encode(self, pcm: Tensor, hearing: Tensor) -> Tensor:
        """Sound [B, 1, 1920] to codes int64 [B, codebooks]; only the rows in `hearing`, bool [B], move on."""
        assert pcm.shape == (self._rows, 1, FRAME_SAMPLES), pcm.shape
        self._hearing.copy_(hearing)
        codes: Tensor = self._mimi.encode(pcm)
        for state, first in self._firsts:
            if state.first is not first:
                first.copy_(state.first)
                state.first = first
        return codes[:, :, 0]

    def decode(self, codes: Tensor, speaking: Tensor) -> Tensor:
        """Codes int64 [B, 8], all in range, to sound [B, 1920]; only the rows in `speaking`, bool [B], move on."""
        self._speaking.copy_(speaking)
        sound: Tensor = self._mimi.decode(codes[:, :, None])
        return sound[:, 0]
