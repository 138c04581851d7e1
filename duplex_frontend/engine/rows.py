"""Who sits where: rows are reused, epochs never. And what each call has said and heard, frame by frame."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from duplex_frontend.engine.errors import UnknownSeat
from duplex_frontend.engine.prompt import Prompt
from duplex_frontend.engine.sampling import Sampling
from duplex_frontend.engine.script import Guide
from duplex_frontend.engine.tokens import K
from duplex_frontend.errors import NoSeat

Tokens = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Seat:
    """A call's place in the batch. `row` is used again after it, `epoch` never."""

    row: int
    epoch: int


class FrameLog:
    """The last complete frames of a call, int32 [17] each, counted from its first. Drops the oldest.

    Args:
        capacity: most frames kept.
    """

    def __init__(self, capacity: int) -> None:
        self._frames = np.zeros((capacity, K), dtype=np.int32)
        self._count = 0

    @property
    def count(self) -> int:
        """Frames ever put in."""
        return self._count

    @property
    def oldest(self) -> int:
        """Number of the first frame that is still here."""
        return max(0, self._count - len(self._frames))

    def add(self, frame: Tokens) -> None:
        self._frames[self._count % len(self._frames)] = frame
        self._count += 1

    def since(self, start: int) -> Tokens:
        """Frames `start` to the newest, int32 [M, 17].

        Raises:
            LookupError: some of them have been dropped.
        """
        if start < self.oldest:
            raise LookupError(f"frame {start} is gone; the oldest kept is {self.oldest}")
        frames: Tokens = self._frames[np.arange(start, self._count) % len(self._frames)]
        return frames


@dataclass(slots=True)
class Row:
    """The host's side of a seated call.

    Attributes:
        position: the next position that the model reads.
        joined: whether it takes part in ticks (its prompt is in).
        prompt, revision: in force.
        guide: of its text stream, or None.
    """

    seat: Seat
    log: FrameLog
    sampling: Sampling
    prompt: Prompt
    revision: int = 0
    position: int = 0
    joined: bool = False
    guide: Guide | None = None


@dataclass(slots=True)
class Rows:
    """B rows, and which call sits on which."""

    size: int
    log_frames: int
    _taken: dict[int, Row] = field(default_factory=dict)
    _epochs: int = 0

    def take(self, sampling: Sampling, prompt: Prompt, revision: int) -> Row:
        """Seat a call on the lowest free row.

        Raises:
            NoSeat: full; said at once.
        """
        free = next((row for row in range(self.size) if row not in self._taken), None)
        if free is None:
            raise NoSeat(self.size)
        self._epochs += 1
        row = Row(Seat(free, self._epochs), FrameLog(self.log_frames), sampling, prompt, revision)
        self._taken[free] = row
        return row

    def free(self, seat: Seat) -> None:
        del self._taken[self.at(seat).seat.row]

    def has(self, seat: Seat) -> bool:
        row = self._taken.get(seat.row)
        return row is not None and row.seat == seat

    def at(self, seat: Seat) -> Row:
        """The row of a seat.

        Raises:
            UnknownSeat: nobody sits there, or somebody else by now.
        """
        if not self.has(seat):
            raise UnknownSeat(
                f"seat {seat.row}/{seat.epoch} is not taken; the call has hung up or was never seated"
            )
        return self._taken[seat.row]

    def all(self) -> list[Row]:
        return list(self._taken.values())
