"""Hearing the callers: one recogniser for all rows of a batch, on the codes that the batch makes anyway.

Its step is given to the device within the batch's tick and its result fetched by the same wait; on a GPU it is
the replay of a CUDA graph (see `graphs`). A row's state after the silence that begins a transcription is kept,
so that a seat, or a row that starts afresh, is ready with a copy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
from torch import Tensor

from duplex_frontend.engine.batch import REACH
from duplex_frontend.engine.errors import UnknownSeat
from duplex_frontend.engine.graphs import Graphs
from duplex_frontend.engine.recogniser import Recogniser, check_codec
from duplex_frontend.engine.rows import Seat
from duplex_frontend.engine.temporal import Kept, Temporal
from duplex_frontend.engine.tokens import FRAME_SAMPLES
from duplex_frontend.engine.words import FRAME_S, Heard, HeardWord, Word, WordAssembler, piece_of

_MOVED, _TOKEN, _CONFIDENCE, _PAUSES = 0, 1, 2, 3  # columns of what a step gives


@dataclass(frozen=True, slots=True)
class RestartTuning:
    """When a row's transcription starts afresh, so that it cannot stick to an error for long.

    Attributes:
        quiet_s: without a word, and the model says that the caller pauses.
        pause: probability of its third head (2 s) that counts as saying so.
        stuck_s: without a word, whatever the model says.
        apart_s: between two restarts.
    """

    quiet_s: float = 3.0
    pause: float = 0.7
    stuck_s: float = 15.0
    apart_s: float = 10.0


@dataclass(slots=True)
class _Row:
    """Host's side. frames: of the call so far. since: frames since its state began. quiet: since a piece came."""

    seat: Seat
    words: WordAssembler = field(default_factory=WordAssembler)
    frames: int = 0
    since: int = 0
    quiet: int = 0
    last_s: float = 0.0  # end of the last word


class Listener:
    """The recogniser's state for B rows. Its `hear` is the batch's `listen`.

    Args:
        recogniser: its `lm` belongs to this listener from now on.
        rows: B, as many as the batch has.
        mimi: a Mimi of one row for this alone (see `temporal.twin`), not streaming.
        graphs: None for CUDA graphs on a GPU and none elsewhere.

    Raises:
        WrongArchitecture: the recogniser was trained on another Mimi.
    """

    def __init__(
        self,
        recogniser: Recogniser,
        rows: int,
        mimi: Any,
        *,
        restart: RestartTuning | None = None,
        graphs: Graphs | None = None,
    ) -> None:
        check_codec(recogniser, mimi)
        self.recogniser, self.size = recogniser, rows
        self._lm, device = recogniser.lm, recogniser.device
        self._piece = recogniser.tokenizer.id_to_piece
        self._restart = restart or RestartTuning()
        self._rows: dict[int, _Row] = {}
        with torch.no_grad():
            self._temporal = Temporal(self._lm, rows, recogniser.window)
            self._initial = self._lm._get_initial_token()[0, :, 0]  # [1 + codebooks]
            self._text = self._initial[:1].repeat(rows)  # int64 [B], the text that is read next
            self._codes = torch.zeros(rows, self.codebooks, dtype=torch.long, device=device)
            self._moving = torch.zeros(rows, dtype=torch.bool, device=device)
            self._out = torch.zeros(rows, _PAUSES + recogniser.heads, device=device)
            self._told = torch.zeros_like(self._out, device="cpu", pin_memory=device.type == "cuda")
            whole, graphs = self._temporal.capacity, graphs or Graphs.on(device)
            self._reaches = [*range(REACH, whole, REACH), whole]
            self._runs = [graphs.of(f"listen {r}", partial(self._step, r)) for r in self._reaches]
            self._begin = self._begun(mimi)
        self._fresh = False  # a step was taken whose result nobody has read

    @property
    def buffers(self) -> list[Tensor]:
        """All that a step keeps on the device, at addresses that never change."""
        own = [part for part in vars(self).values() if isinstance(part, Tensor)]
        return [*own, *self._temporal.buffers]

    @property
    def delay_s(self) -> float:
        """From a sound to its word."""
        return self.recogniser.delay_s

    @property
    def codebooks(self) -> int:
        """What `Batch` has to be made with."""
        return self.recogniser.codebooks

    # --- seats ---------------------------------------------------------------------------------------------

    def seat(self, seat: Seat) -> None:
        """Listen to a call from its next frame on."""
        self._rows[seat.row] = _Row(seat)
        self._start(seat.row)

    def leave(self, seat: Seat) -> None:
        """Raises UnknownSeat."""
        del self._rows[self._at(seat).seat.row]

    def restart(self, seat: Seat) -> None:
        """Forget what was heard: the row transcribes as at the start of a call. Best at a pause.

        What was said in the last `delay_s` is lost.

        Raises:
            UnknownSeat
        """
        row = self._at(seat)
        row.words.flush()
        row.since = row.quiet = 0
        self._start(seat.row)

    def _at(self, seat: Seat) -> _Row:
        row = self._rows.get(seat.row)
        if row is None or row.seat != seat:
            raise UnknownSeat(f"seat {seat.row}/{seat.epoch} is not listened to; the call has hung up")
        return row

    # --- the clock -----------------------------------------------------------------------------------------

    def hear(self, codes: Tensor, moving: Tensor) -> None:
        """Give the device a step: int64 [B, codebooks] of the rows in `moving`, bool [B]. Waits for nothing.

        What a row hears that nobody sits on is thrown away.
        """
        furthest = max((row.since for row in self._rows.values()), default=0) + self._begin[0].length
        self._take_step(codes, moving, furthest)
        self._told.copy_(self._out, non_blocking=True)
        self._fresh = True

    def _take_step(self, codes: Tensor, moving: Tensor, furthest: int) -> None:
        """`furthest`: a position that no row that moves is beyond."""
        self._codes.copy_(codes)
        self._moving.copy_(moving)
        self._runs[min(furthest // REACH, len(self._runs) - 1)]()

    def heard(self) -> Mapping[Seat, Heard]:
        """What the last tick made known, of the seats that moved in it; once, after the tick."""
        if not self._fresh:
            return {}
        self._fresh = False
        told = self._told.tolist()
        return {
            row.seat: self._heard(row, told[b]) for b, row in tuple(self._rows.items()) if told[b][_MOVED]
        }

    def _step(self, reach: int) -> None:
        """The device's part; all that it reads and writes is a static buffer."""
        moving = self._moving[:, None]
        codes = torch.where(moving, self._codes, self._initial[1:])
        self._temporal.take(self._moving)
        hidden, logits = self._temporal.step(torch.cat([self._text[:, None], codes], 1), reach)
        logits = logits[:, 0, 0].float()
        token = logits.argmax(-1)
        confidence = logits.softmax(-1).gather(1, token[:, None])
        self._text.copy_(torch.where(self._moving, token, self._text))
        pauses = [head(hidden)[:, 0].float().softmax(-1)[:, :1] for head in self._lm.extra_heads]
        # Tokens are far below 2**24: float32 holds them as they are.
        self._out.copy_(torch.cat([moving.float(), token[:, None].float(), confidence, *pauses], 1))

    def _heard(self, row: _Row, told: list[float]) -> Heard:
        piece = piece_of(int(told[_TOKEN]), self._piece)
        row.quiet = 0 if piece else row.quiet + 1
        # Pieces are timed as they come; what they say was heard `delay_s` before.
        word = row.words.feed(piece, row.frames * FRAME_S, told[_CONFIDENCE])
        row.frames, row.since = row.frames + 1, row.since + 1
        pauses = tuple(told[_PAUSES:]) or None
        if self._stale(row, pauses):
            self.restart(row.seat)
        return Heard((self._timed(row, word),) if word else (), pauses)

    def _timed(self, row: _Row, word: Word) -> HeardWord:
        start_s = max(word.start_s - self.delay_s, row.last_s)
        row.last_s = max(word.end_s - self.delay_s, start_s)
        return HeardWord(word.text, start_s, row.last_s, word.confidence)

    def _stale(self, row: _Row, pauses: tuple[float, ...] | None) -> bool:
        rule, quiet_s = self._restart, row.quiet * FRAME_S
        if row.since * FRAME_S < rule.apart_s:
            return False
        paused = pauses is not None and len(pauses) > 2 and pauses[2] >= rule.pause
        # The words of the last `delay_s` are still to come.
        return quiet_s >= rule.stuck_s or (paused and quiet_s >= rule.quiet_s + self.delay_s)

    # --- the beginning -------------------------------------------------------------------------------------

    def _start(self, b: int) -> None:
        kept, text = self._begin
        with torch.no_grad():
            self._temporal.restore(b, kept)
            self._text[b] = text

    def _begun(self, mimi: Any) -> tuple[Kept, Tensor]:
        """The state after the initial column and the silence that follows it, and the text that it drew."""
        first = torch.arange(self.size, device=self._text.device) == 0
        heard = [self._initial[1:], *self._silence(mimi)]
        for position, codes in enumerate(heard):
            self._take_step(codes.expand(self.size, -1), first, position)
        begun = self._temporal.keep(0, len(heard)), self._text[0].clone()
        self._out.zero_()
        return begun

    def _silence(self, mimi: Any) -> list[Tensor]:
        """What Mimi makes of silence, as many frames as the recogniser hears before a call: int64 [codebooks]."""
        frames = self.recogniser.prefix_frames
        if not frames:
            return []
        mimi.set_num_codebooks(self.codebooks)
        silence = torch.zeros(1, 1, FRAME_SAMPLES, device=self._text.device)
        with mimi.streaming(1):
            return [mimi.encode(silence)[0, :, 0] for _ in range(frames)]
