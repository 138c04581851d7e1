"""A replica of the temporal transformer, one row over the same weights, that reads prompts beside the live batch.

It is fed a plan in chunks of fixed sizes (the last of a piece is filled up, and the filling taken back), so
that each size is one CUDA graph and nothing is captured anew. Its ring has room for a chunk beyond the window.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor

from duplex_frontend.engine.depth import Depth
from duplex_frontend.engine.graphs import Graphs
from duplex_frontend.engine.prompt import LATE, Plan, Voice, columns_of
from duplex_frontend.engine.ring import Kind
from duplex_frontend.engine.sampling import Dice, Sampling
from duplex_frontend.engine.script import MAX_ALLOWED
from duplex_frontend.engine.temporal import Kept, Temporal, embedded
from duplex_frontend.engine.tokens import CALLER_FIRST, K

CHUNKS = (16, 64, 128, 256)
REACH = 512  # positions; attention reads the ring in whole numbers of these
VOICES_KEPT = 8


class Shadow:
    """Reads one plan at a time.

    Args:
        lm: a twin of the batch's LMModel, not streaming.
        window: the batch's.
        chunks: how many positions a forward may take, ascending.
        kind: how keys and values are kept; as the batch does.
        graphs: None for CUDA graphs on a GPU and none elsewhere.
    """

    def __init__(
        self,
        lm: Any,
        window: int,
        chunks: Sequence[int] = CHUNKS,
        graphs: Graphs | None = None,
        kind: Kind = Kind.WHOLE,
    ) -> None:
        if not chunks or list(chunks) != sorted(set(chunks)) or chunks[0] < 1:
            raise ValueError(f"chunk sizes are ascending and at least 1, not {list(chunks)}")
        self._chunks = tuple(chunks)
        with torch.no_grad():
            self.temporal = Temporal(lm, 1, window, spare=self._chunks[-1], kind=kind)
            self._depth = Depth(lm, 1)
        self._device = next(iter(lm.parameters())).device
        self._read = torch.zeros(1, self._chunks[-1], lm.dim, device=self._device, dtype=lm.dtype)
        self._made = torch.zeros_like(self._read)
        self._open(graphs or Graphs.on(self._device))
        self._dice = Dice(1, self._device)
        self._prefixes: OrderedDict[Voice, Kept] = OrderedDict()  # voice and silence, the same for every role
        self._plan: Plan | None = None
        self._voice: Voice | None = None
        self._fed = 0
        self._hidden: Tensor | None = None  # [1, 1, D] of the last position fed
        self._logits: Tensor | None = None  # [1, 1, 1, V]

    def _open(self, graphs: Graphs) -> None:
        """Capture a forward for every size of a chunk and every reach. What the runs leave in the ring is
        overwritten unread."""
        whole = self.temporal.capacity
        self._reaches = [*range(REACH, whole, REACH), whole]
        self._runs = {}
        with torch.no_grad():
            for width in self._chunks:
                for reach in (r for r in self._reaches if r >= width):
                    forward = partial(self._forward, width, reach)
                    self._runs[width, reach] = graphs.of(f"chunk {width} of {reach}", forward)
                    self.temporal.place(0, 0)

    def _forward(self, width: int, reach: int) -> None:
        """The first `width` of what is to be read through the transformer, into `_made`."""
        self._made[:, :width] = self.temporal.advance(self._read[:, :width], reach)

    @property
    def buffers(self) -> list[Tensor]:
        """All that a chunk reads and writes on the device, at addresses that never change."""
        return [self._read, self._made, *self.temporal.buffers]

    @property
    def fed(self) -> int:
        """Positions read of the plan."""
        return self._fed

    @property
    def last(self) -> Tensor:
        """int64 [17], the plan's last frame."""
        assert self._plan is not None
        return self._plan.last

    @property
    def left(self) -> int:
        """Positions still to read."""
        return 0 if self._plan is None else self._plan.length - self._fed

    def begin(self, plan: Plan, voice: Voice | None) -> None:
        """Start a plan from the beginning, or from behind the voice where that was read before."""
        self._plan, self._voice, self._fed = plan, voice, 0
        self._hidden = self._logits = None
        with torch.no_grad():
            self.temporal.reset(torch.ones(1, dtype=torch.bool, device=self._device))
            # A kept prefix must leave a position to read: what follows is drawn from the last one's output.
            if voice is not None and voice in self._prefixes and plan.length > plan.shared:
                self._prefixes.move_to_end(voice)
                self.temporal.restore(0, self._prefixes[voice])
                self._fed = plan.shared

    def extend(self, frames: Tensor) -> None:
        """More was said meanwhile: int64 [M, 17], complete frames."""
        plan = self._plan
        assert plan is not None and len(frames)
        columns = torch.cat([plan.columns, columns_of(frames, plan.last)])
        self._plan = Plan(plan.embeddings, columns, frames[-1], plan.shared)

    def feed(self, budget: int) -> int:
        """Read as far as `budget` positions go. Returns what was spent: positions, filled-up ones counted."""
        spent = 0
        with torch.no_grad():
            while self.left and spent < budget:
                spent += self._feed_piece(budget - spent)
        return spent

    def _feed_piece(self, budget: int) -> int:
        plan = self._plan
        assert plan is not None
        affordable = [chunk for chunk in self._chunks if chunk <= budget] or [self._chunks[0]]
        size = min(self.left, budget, affordable[-1])
        # A piece is of one kind, and ends where the state of a voice is kept.
        for boundary in (plan.stored, plan.shared if self._voice is not None else 0):
            if self._fed < boundary:
                size = min(size, boundary - self._fed)
        width = next(chunk for chunk in affordable if chunk >= size)
        end = self._fed + size
        self._put(plan, size)
        last = self._fed + width - 1
        self._runs[width, self._reaches[min(last // REACH, len(self._reaches) - 1)]]()
        self._hidden, self._logits = self.temporal.read_off(self._made[:, size - 1 : size])
        self.temporal.place(0, end)
        self._fed = end
        if end == plan.shared and self._voice is not None:
            self._keep(self._voice, end)
        return width

    def _put(self, plan: Plan, size: int) -> None:
        """The next `size` positions to where a forward reads them."""
        begin, end = self._fed, self._fed + size
        if begin < plan.stored:
            assert plan.embeddings is not None
            self._read[0, :size].copy_(plan.embeddings[begin:end], non_blocking=True)
        else:
            columns = plan.columns[begin - plan.stored : end - plan.stored]
            there = columns.to(self._device, non_blocking=True)
            self._read[0, :size] = embedded(self.temporal.lm, there)

    def _keep(self, voice: Voice, length: int) -> None:
        self._prefixes[voice] = self.temporal.keep(0, length)
        self._prefixes.move_to_end(voice)
        while len(self._prefixes) > VOICES_KEPT:
            self._prefixes.popitem(last=False)

    def draw(self, sampling: Sampling, allowed: Sequence[int] = ()) -> Tensor:
        """The column that follows the plan, as the row itself would draw it.

        Args:
            sampling: the row's; this is its draw number 0.
            allowed: text tokens that its guide leaves open; empty for any.

        Returns:
            int64 [17], on the CPU; the caller's first codebook is still open and holds what the prompt held.
        """
        assert (
            not self.left and self._plan is not None and self._hidden is not None and self._logits is not None
        )
        self._dice.seat(0, sampling)
        open_ = torch.full((1, MAX_ALLOWED), -1, dtype=torch.long)
        open_[0, : len(allowed)] = torch.tensor(list(allowed), dtype=torch.long)
        with torch.no_grad():
            text, audio = self._depth.draw(self._dice, self._hidden, self._logits, open_.to(self._device))
        drawn = torch.cat([text, audio[0]]).cpu()
        drawn = torch.cat([drawn, self._plan.last[CALLER_FIRST:]])
        assert drawn.shape == (K,)
        return torch.where(LATE, self._plan.last, drawn)

    def logits(self) -> Tensor:
        """[V], the text logits behind the last position read."""
        assert self._logits is not None
        return self._logits[0, 0, 0]
