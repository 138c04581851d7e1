"""What was sent of the caller's sound and not yet heard of again, so that both sides of a frame lie side by side."""

from __future__ import annotations

from collections import deque

import numpy as np

from duplex_frontend.engine.wire import BLOCK_SAMPLES, FRAME_SAMPLES
from duplex_frontend.types import Block

MOST_BLOCKS = 1000  # 20 s: what a flood leaves behind


class CallerSound:
    """Blocks of 20 ms, float32 [480], counted from the call's first."""

    def __init__(self) -> None:
        self._blocks: deque[Block] = deque()
        self._first = 0  # number of the oldest that is here

    def sent(self, block: Block) -> None:
        self._blocks.append(block)
        if len(self._blocks) > MOST_BLOCKS:
            self._blocks.popleft()
            self._first += 1

    def heard(self, start: int, count: int) -> Block:
        """The frame that the engine listened to, float32 [1920]: `count` samples from `start`, then silence."""
        frame = np.zeros(FRAME_SAMPLES, np.float32)
        begin, blocks = start // BLOCK_SAMPLES, count // BLOCK_SAMPLES
        while self._blocks and self._first < begin:
            self._blocks.popleft()
            self._first += 1
        for n in range(blocks):
            at = begin + n - self._first
            if 0 <= at < len(self._blocks):
                frame[n * BLOCK_SAMPLES : (n + 1) * BLOCK_SAMPLES] = self._blocks[at]
        return frame

    def resume(self, received: int) -> None:
        """The engine has been given so many samples; what was sent after them got lost on the way."""
        while self._blocks and (self._first + len(self._blocks)) * BLOCK_SAMPLES > received:
            self._blocks.pop()
        if not self._blocks:
            self._first = received // BLOCK_SAMPLES
