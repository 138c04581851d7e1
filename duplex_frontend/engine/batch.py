"""Many calls in one batch: B fixed rows over one LMModel and one Mimi. `tick` is what the 80 ms clock calls.

Everything that a tick touches on the device is a buffer made once; nothing is replaced, and the host waits for
the device once, at the end, for tokens and sound together. Rows without a frame stand still. On a GPU a tick is
the replay of a CUDA graph (see `graphs`), one for each `reach`: how far some moving row has filled its window.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from duplex_frontend.engine.checkpoint import Model
from duplex_frontend.engine.codec import Codec
from duplex_frontend.engine.depth import Depth
from duplex_frontend.engine.graphs import Graphs
from duplex_frontend.engine.prompt import Prompt, initial_column
from duplex_frontend.engine.ring import Kind
from duplex_frontend.engine.rows import Row, Rows, Seat, Tokens
from duplex_frontend.engine.sampling import Dice, Sampling
from duplex_frontend.engine.script import MAX_ALLOWED, Guide
from duplex_frontend.engine.temporal import Temporal
from duplex_frontend.engine.tokens import (
    AGENT,
    CALLER_FIRST,
    CODEBOOKS,
    DELAYS,
    FRAME_SAMPLES,
    TEXT,
    K,
)

Pcm = NDArray[np.float32]
REACH = 256  # positions; attention reads the window in whole numbers of these
_LOUDEST = 4.0  # of a caller's sound, whose full scale is 1


@dataclass(frozen=True, slots=True)
class Said:
    """What a seat's tick made.

    Attributes:
        frame: int32 [17], the frame that is now complete: what was said and heard in it.
        sound: float32 [1920], its agent's sound; silence in the very first frame of a call without a prompt.
        next_text: the text token drawn for the frame to come.
        confirmed: words of the script, by index, whose sound has now gone out.
    """

    frame: Tokens
    sound: Pcm
    next_text: int
    confirmed: tuple[int, ...] = ()


class Batch:
    """B rows.

    Args:
        model: its `lm` and `mimi` belong to this batch from now on. Make twins before.
        rows: B, fixed.
        window: positions of attention, at most the model's own; None for that.
        log_frames: complete frames kept of each call.
        codebooks: of the caller's sound that are encoded: 8, or 32 where a recogniser listens as well.
        kind: how keys and values are kept.
        graphs: None for CUDA graphs on a GPU and none elsewhere.

    Attributes:
        codes: int64 [B, codebooks], what the rows heard in the last tick; a static buffer.
        listen: called in each tick with `codes` and the rows that moved, bool [B], when the tick's work has been
            given to the device and before the host waits for it; it must not wait itself.
    """

    def __init__(
        self,
        model: Model,
        rows: int,
        *,
        window: int | None = None,
        log_frames: int = 3000,
        codebooks: int = CODEBOOKS,
        kind: Kind = Kind.WHOLE,
        graphs: Graphs | None = None,
    ) -> None:
        if rows < 1:
            raise ValueError(f"a batch has at least one row, not {rows}")
        self.window = model.window if window is None else window
        if not 16 <= self.window <= model.window:
            raise ValueError(f"the window is 16 to {model.window} frames for this model, not {self.window}")
        self.model, self.rows = model, Rows(rows, log_frames)
        size, device = rows, model.device
        self.codes = torch.zeros(size, codebooks, dtype=torch.long, device=device)
        self.listen: Callable[[Tensor, Tensor], None] | None = None
        with torch.no_grad():
            self.temporal = Temporal(model.lm, rows, self.window, kind=kind)
            self._depth = Depth(model.lm, rows)
            self._codec = Codec(model.mimi, rows, codebooks)
        self.dice = Dice(rows, device)
        self._initial = initial_column(model.card, model.text_card).to(device)
        self._delays = torch.tensor(DELAYS, device=device)
        self._pcm = torch.zeros(size, 1, FRAME_SAMPLES, device=device)
        self._moving = torch.zeros(size, dtype=torch.bool, device=device)
        self._allowed = torch.full((size, MAX_ALLOWED), -1, dtype=torch.long, device=device)
        self._made = torch.zeros(size, K + 1 + FRAME_SAMPLES, device=device)
        # The same on the host, pinned, so that putting them in waits for nothing.
        self._inbox = [self._on_host(buffer) for buffer in (self._pcm, self._moving, self._allowed)]
        self._outbox = self._on_host(self._made)
        # [B, 17], what each row reads next; the caller's first codebook is filled in by the tick.
        self._column = self._initial.repeat(size, 1)
        self._position = torch.zeros(size, dtype=torch.long, device=device)
        self._open(graphs or Graphs.on(device))

    def _open(self, graphs: Graphs) -> None:
        """Capture a tick for every reach. Nobody moves in the runs that this takes."""
        whole = self.temporal.capacity
        self._reaches = [*range(REACH, whole, REACH), whole]
        with torch.no_grad():
            self._runs = [graphs.of(f"tick {r}", partial(self._forward, r)) for r in self._reaches]

    @staticmethod
    def _on_host(buffer: Tensor) -> Tensor:
        return torch.zeros_like(buffer, device="cpu", pin_memory=buffer.device.type == "cuda")

    @property
    def buffers(self) -> list[Tensor]:
        """All that a tick keeps on the device, at addresses that never change."""
        own = [part for part in vars(self).values() if isinstance(part, Tensor)]
        return [*own, *self.temporal.buffers, *self._codec.buffers, *self.dice.buffers]

    # --- seats ---------------------------------------------------------------------------------------------

    def seat(self, sampling: Sampling, prompt: Prompt | None = None, revision: int = 0) -> Seat:
        """Seat a call. Without a prompt it takes part from the next tick on; with one, once it is `primed`.

        Raises:
            NoSeat: full.
        """
        prompt = prompt or Prompt()
        row = self.rows.take(sampling, prompt, revision)
        b = row.seat.row
        mask = torch.arange(self.rows.size, device=self._moving.device) == b
        with torch.no_grad():
            self.temporal.reset(mask)
            self._codec.reset(mask)
            self._column[b] = self._initial
            self._position[b] = 0
            self.dice.seat(b, sampling)
        row.joined = prompt.empty
        return row.seat

    def leave(self, seat: Seat) -> None:
        """Hang up. The row is free at once; its state is cleared when the next call sits down.

        Raises:
            UnknownSeat
        """
        self.rows.free(seat)

    def prime(self, seat: Seat, shadow: Temporal, length: int, column: Tensor) -> None:
        """Put a prefilled prompt in: the call begins at position `length`, reading `column` int64 [17]."""
        row = self._placed(seat, shadow, length)
        self._column[row.seat.row] = column.to(self._column.device)
        self.dice.step[row.seat.row] = 1  # the shadow drew the column
        if row.guide is not None:
            row.guide.drew(int(column[TEXT]))
        row.joined = True

    def swap(self, seat: Seat, shadow: Temporal, length: int, last: Tensor, prompt: Prompt) -> None:
        """Go on as if the call had begun with another prompt, `last` int64 [17] being the frame before.

        What was already drawn for the next frame stays: its text and its first audio codebook.
        """
        row = self._placed(seat, shadow, length)
        # The same as before where the last frame is the call's own; another where no history was kept.
        before = self._column[seat.row]
        before.copy_(torch.where(self._delays > 0, last.to(before.device), before))
        row.prompt = prompt

    def _placed(self, seat: Seat, shadow: Temporal, length: int) -> Row:
        row = self.rows.at(seat)
        with torch.no_grad():
            self.temporal.copy_from(shadow, seat.row, 0, length)
        self._position[seat.row] = length
        row.position = length
        return row

    def guide(self, seat: Seat, guide: Guide | None) -> None:
        """Guide the seat's text stream from the next tick on; None sets it free."""
        self.rows.at(seat).guide = guide

    # --- the clock -----------------------------------------------------------------------------------------

    def tick(self, frames: Mapping[Seat, Pcm]) -> dict[Seat, Said]:
        """Move every seat that has a frame on by 80 ms.

        Args:
            frames: float32 [1920] of the caller's sound a seat. NaN is heard as silence. A seat that is not
                here, or whose prompt is not in yet, stands still.

        Raises:
            ValueError: a frame of another size or type. Nobody has moved.
            UnknownSeat: likewise.
        """
        moving = self._taken_in(frames)
        if not moving:
            return {}
        with torch.no_grad():
            self._runs[self._reach_of(moving)]()
            if self.listen is not None:
                self.listen(self.codes, self._moving)
            made = self._brought()
        tokens, sound = made[:, : K + 1].view(np.int32), made[:, K + 1 :]
        return {row.seat: self._said(row, tokens[row.seat.row], sound[row.seat.row]) for row in moving}

    def _reach_of(self, moving: list[Row]) -> int:
        """Which of the reaches holds the position that each of these rows reads next."""
        last = max(row.position for row in moving)
        return min(last // REACH, len(self._reaches) - 1)

    def _brought(self) -> Pcm:
        """What the tick made, on the host. The one place where the host waits for the device."""
        self._outbox.copy_(self._made, non_blocking=True)
        if self._made.device.type == "cuda":
            torch.cuda.current_stream(self._made.device).synchronize()
        made: Pcm = self._outbox.numpy().copy()  # the next tick writes there again
        return made

    def _taken_in(self, frames: Mapping[Seat, Pcm]) -> list[Row]:
        """Check the frames and put them, the masks and the guides where the device finds them."""
        for seat, frame in frames.items():
            self.rows.at(seat)
            if frame.shape != (FRAME_SAMPLES,) or frame.dtype != np.float32:
                raise ValueError(
                    f"seat {seat.row}/{seat.epoch}: a frame is float32 [{FRAME_SAMPLES}], "
                    f"not {frame.dtype} {list(frame.shape)}"
                )
        pcm, going, allowed = (tensor.numpy() for tensor in self._inbox)
        going.fill(False)
        allowed.fill(-1)
        moving = []
        for seat, frame in frames.items():
            row = self.rows.at(seat)
            if not row.joined:
                continue
            moving.append(row)
            going[seat.row] = True
            pcm[seat.row, 0] = frame
            if row.guide is not None:
                choice = row.guide.allowed()
                allowed[seat.row, : len(choice)] = choice
        for buffer, given in zip((self._pcm, self._moving, self._allowed), self._inbox, strict=True):
            buffer.copy_(given, non_blocking=True)
        return moving

    def _forward(self, reach: int) -> None:
        """The device's part, into `_made`: the bits of 18 int32 (the frame, the next text), and the sound. One
        tensor, so that one copy brings all of it to the host."""
        size, moving = self.rows.size, self._moving[:, None]
        pcm = torch.nan_to_num(self._pcm, nan=0.0, posinf=0.0, neginf=0.0).clamp_(-_LOUDEST, _LOUDEST)
        self.codes.copy_(self._codec.encode(pcm, self._moving))
        codes = self.codes[:, :CODEBOOKS]
        column = self._column.clone()
        column[:, CALLER_FIRST] = codes[:, 0]
        # Standing rows read the initial column as well: what they read is thrown away, but must be in range.
        unread = (self._position[:, None] <= self._delays) | ~moving
        column = torch.where(unread, self._initial, column)
        self.temporal.take(self._moving)
        hidden, logits = self.temporal.step(column, reach)
        text, audio = self._depth.draw(self.dice, hidden, logits, self._allowed)

        frame = torch.cat([column[:, : AGENT.start + 1], audio[:, 1:], codes], dim=1)
        assert frame.shape == (size, K), frame.shape
        sound = self._decoded(frame[:, AGENT])
        following = torch.cat([text[:, None], audio, codes], dim=1)
        self._column.copy_(torch.where(moving, following, self._column))
        self._position.add_(self._moving)
        self.dice.step.add_(self._moving)
        tokens = torch.cat([frame, text[:, None]], dim=1).to(torch.int32)
        self._made.copy_(torch.cat([tokens.view(torch.float32), sound.float()], dim=1))

    def _decoded(self, agent: Tensor) -> Tensor:
        """Agent codes int64 [B, 8] to sound [B, 1920]. A call's frame 0 was never drawn: it stays unheard."""
        speaking = self._moving & (self._position > 0)
        codes = torch.where(speaking[:, None], agent, 0)
        return self._codec.decode(codes, speaking) * speaking[:, None]

    def _said(self, row: Row, told: Tokens, sound: Pcm) -> Said:
        frame, text = told[:K], int(told[K])
        row.position += 1
        row.log.add(frame)
        confirmed: tuple[int, ...] = ()
        if row.guide is not None:
            confirmed = row.guide.drew(text)
            if row.guide.done:
                row.guide = None
        return Said(frame, sound, text, confirmed)


def text_of(said: Said) -> int:
    """The text token of the frame that was said."""
    return int(said.frame[TEXT])
