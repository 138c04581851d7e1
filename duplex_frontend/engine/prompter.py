"""Prompts into calls: those of new calls, and new ones for calls that are talking.

A live call's prompt is changed by building, beside it, the state that the call would have had if it had begun
with the new prompt: [new prompt][the last frames of the call], then swapping that in between two ticks. `pump`
does a bounded piece of it and is called between ticks. Nothing that was said or heard is lost, the other calls
do not notice, and since a call is renewed before its window is full, its prompt never falls out.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import torch
from torch import Tensor

from duplex_frontend.engine.batch import Batch
from duplex_frontend.engine.checkpoint import Model
from duplex_frontend.engine.errors import PromptTooLong
from duplex_frontend.engine.graphs import Graphs
from duplex_frontend.engine.prompt import Prompt, initial_column, plan
from duplex_frontend.engine.ring import Kind
from duplex_frontend.engine.rows import Row, Seat
from duplex_frontend.engine.sampling import Sampling
from duplex_frontend.engine.shadow import CHUNKS, Shadow
from duplex_frontend.engine.temporal import twin
from duplex_frontend.engine.tokens import CODEBOOKS

FIRST_FRAMES = 2  # a call without a prompt reads initial tokens at its first two positions


class Outcome(StrEnum):
    LANDED = "landed"
    SUPERSEDED = "superseded"  # a newer revision came before it landed, or was there already
    EXPIRED = "expired"  # its deadline passed before it landed
    GONE = "gone"  # the call hung up


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a prompt.

    Attributes:
        frame: where it landed, the first frame of the call (0 is its first) that was made under it.
    """

    seat: Seat
    revision: int
    outcome: Outcome
    frame: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A prompt on its way into a call. deadline_s is in the clock of `pump`; None for none."""

    seat: Seat
    prompt: Prompt
    revision: int
    deadline_s: float | None = None
    wanted: bool = True  # somebody asked for it and gets a receipt; False for a renewal


class Prompter:
    """All prompts of one batch, one at a time through the shadow.

    Args:
        batch: its rows.
        shadow: over a twin of the batch's model.
        history: most frames of a call that follow a new prompt.
        room: positions kept free behind prompt and history. It has to last while every other call is renewed:
            at least the rows times the ticks that one takes, window / budget.
        budget: most positions read in a pump; they may be of several calls.
    """

    def __init__(
        self, batch: Batch, shadow: Shadow, *, history: int = 750, room: int = 100, budget: int = CHUNKS[-1]
    ) -> None:
        if room < 4 or budget < 2 or history < 0:
            raise ValueError(
                f"room is 4 or more, budget 2 or more, history 0 or more; not {room}, {budget}, {history}"
            )
        self._batch, self._shadow = batch, shadow
        self._history, self._room, self._budget = history, room, budget
        self._initial = initial_column(batch.model.card, batch.model.text_card)
        self._waiting: deque[Change] = deque()
        self._work: Change | None = None
        self._read_to = 0  # frames of the worked call's log that are in the plan
        self._receipts: list[Receipt] = []

    # --- what callers ask for --------------------------------------------------------------------------------

    def seat(self, sampling: Sampling, prompt: Prompt, revision: int = 0) -> Seat:
        """Seat a call. It takes part in ticks as soon as its prompt has been read (at once, without one).

        Raises:
            NoSeat: full.
            PromptTooLong
        """
        self._check(prompt)
        seat = self._batch.seat(sampling, prompt, revision)
        if not prompt.empty:
            self._waiting.append(Change(seat, prompt, revision))
        return seat

    def change(self, change: Change) -> None:
        """Ask for another prompt in a call. A newer revision supersedes what has not landed yet.

        Raises:
            UnknownSeat, PromptTooLong
        """
        row = self._batch.rows.at(change.seat)
        self._check(change.prompt)
        mine = [c for c in (self._work, *self._waiting) if c and c.seat == change.seat]
        if change.revision <= max([row.revision, *(c.revision for c in mine)]):
            self._settle(change, Outcome.SUPERSEDED)
            return
        for old in mine:
            # A new call's first prompt stays: nothing can be changed before it is in.
            if row.joined or old.revision != row.revision:
                self._drop(old, Outcome.SUPERSEDED)
        self._waiting.append(change)

    def _check(self, prompt: Prompt) -> None:
        length = 0 if prompt.empty else plan(prompt, self._initial).length
        if length + self._room > self._batch.window:
            raise PromptTooLong(length, self._batch.window, self._room)

    # --- between ticks ---------------------------------------------------------------------------------------

    def pump(self, now_s: float) -> list[Receipt]:
        """Read a bounded piece, and land what is whole. Call it between ticks, never during one.

        Args:
            now_s: the clock that deadlines are in.

        Returns:
            Receipts since the last pump.
        """
        self._sort_out(now_s)
        left = self._budget
        while left > 0:
            if self._work is None:
                self._begin()
            if self._work is None:
                break
            left -= self._go_on(self._work, left)
        receipts, self._receipts = self._receipts, []
        return receipts

    @property
    def idle(self) -> bool:
        return self._work is None and not self._waiting

    def _sort_out(self, now_s: float) -> None:
        """Drop what no longer applies."""
        for change in [c for c in (self._work, *self._waiting) if c]:
            if not self._batch.rows.has(change.seat):
                self._drop(change, Outcome.GONE)
            elif change.deadline_s is not None and now_s > change.deadline_s:
                self._drop(change, Outcome.EXPIRED)

    def _begin(self) -> None:
        ready = [c for c in self._waiting if self._ready(c)]
        # New calls go first: until the prompt is in, the caller hears nothing at all.
        change = min(ready, key=lambda c: self._batch.rows.at(c.seat).joined, default=None)
        if change is not None:
            self._waiting.remove(change)
        else:
            change = self._renewal()
        if change is None:
            return
        row = self._batch.rows.at(change.seat)
        bare = 0 if change.prompt.empty else plan(change.prompt, self._initial).length
        start = max(
            row.log.oldest, row.log.count - min(self._history, self._batch.window - self._room - bare)
        )
        past = _frames(row, start) if row.joined else None
        self._shadow.begin(plan(change.prompt, self._initial, past), change.prompt.voice)
        self._work, self._read_to = change, row.log.count

    def _ready(self, change: Change) -> bool:
        row = self._batch.rows.at(change.seat)
        return row.position >= FIRST_FRAMES if row.joined else change.revision == row.revision

    def _renewal(self) -> Change | None:
        """A call whose window is nearly full goes on from its own prompt and its recent frames.

        All calls may fill up at once and are renewed one after the other, so the first has to be early enough
        for the last; but none before it has used some of the room that its last renewal made.
        """
        rows = [row for row in self._batch.rows.all() if row.joined and not row.prompt.empty]
        if not rows:
            return None
        row = max(rows, key=lambda r: r.position)
        # To read one, at most; where its voice ends, a chunk is filled up.
        ticks = math.ceil((self._batch.window - self._room) / (self._budget - 1)) + 1
        lead = min(self._room - 1, max(self._room // 2, len(rows) * ticks + 2))
        if row.position < self._batch.window - lead:
            return None
        return Change(row.seat, row.prompt, row.revision, wanted=False)

    def _go_on(self, change: Change, budget: int) -> int:
        """Read as far as `budget` positions go, and land it where that was all. Returns what was spent."""
        row = self._batch.rows.at(change.seat)
        if row.joined and row.log.count > self._read_to:
            if self._read_to < row.log.oldest:  # so late that frames are gone from the log: start again
                self._work = None
                self._waiting.appendleft(change)
                return 0
            self._shadow.extend(_frames(row, self._read_to))
            self._read_to = row.log.count
        spent = self._shadow.feed(budget)
        if not self._shadow.left:
            self._land(change, row)
        return spent

    def _land(self, change: Change, row: Row) -> None:
        length, state = self._shadow.fed, self._shadow.temporal
        if row.joined:
            self._batch.swap(change.seat, state, length, self._shadow.last, change.prompt)
            row.revision = change.revision
        else:
            column = self._shadow.draw(row.sampling, row.guide.allowed() if row.guide else ())
            self._batch.prime(change.seat, state, length, column)
        self._work = None
        self._settle(change, Outcome.LANDED, row.log.count)

    def _drop(self, change: Change, outcome: Outcome) -> None:
        if change is self._work:
            self._work = None
        else:
            self._waiting.remove(change)
        self._settle(change, outcome)

    def _settle(self, change: Change, outcome: Outcome, frame: int | None = None) -> None:
        if change.wanted:
            self._receipts.append(Receipt(change.seat, change.revision, outcome, frame))


def _frames(row: Row, start: int) -> Tensor:
    """int64 [M, 17], frames of the call from `start` to the newest."""
    return torch.from_numpy(row.log.since(start)).long()


def open_stage(
    model: Model,
    rows: int,
    *,
    window: int | None = None,
    log_frames: int = 3000,
    chunks: Sequence[int] = CHUNKS,
    history: int = 750,
    room: int = 100,
    codebooks: int = CODEBOOKS,
    budget: int | None = None,
    kind: Kind = Kind.WHOLE,
    graphs: Graphs | None = None,
) -> tuple[Batch, Prompter]:
    """A batch and its prompter over one set of weights.

    Args:
        model: not streaming; belongs to the batch from now on.
        rows: B.
        window, log_frames, codebooks: see Batch. chunks: see Shadow. history, room: see Prompter.
        budget: see Prompter; None for the largest chunk.
        kind: how keys and values are kept.
        graphs: None for CUDA graphs on a GPU and none elsewhere.
    """
    beside, graphs = twin(model.lm), graphs or Graphs.on(model.device)
    batch = Batch(
        model, rows, window=window, log_frames=log_frames, codebooks=codebooks, kind=kind, graphs=graphs
    )
    shadow = Shadow(beside, batch.window, chunks, graphs, kind)
    return batch, Prompter(batch, shadow, history=history, room=room, budget=budget or chunks[-1])
