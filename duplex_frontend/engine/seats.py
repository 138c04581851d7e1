"""One call on the stage: what is asked of it, what it tells, and what was counted. Used from two threads.

The socket's side calls `sound`, `whisper`, `say` and the rest, which only put an order in a queue; the clock's
side carries orders out between ticks and leaves what happened in `news`.
"""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from duplex_frontend.engine.director import Director, Ended
from duplex_frontend.engine.inbox import Inbox
from duplex_frontend.engine.prompt import Prompt
from duplex_frontend.engine.prompter import Outcome
from duplex_frontend.engine.rows import Seat
from duplex_frontend.engine.sampling import Sampling
from duplex_frontend.engine.tokens import FRAME_SAMPLES
from duplex_frontend.engine.words import Heard

Pcm = NDArray[np.float32]

MOST_ORDERS = 64  # waiting, of one call
MOST_NEWS = 250  # unread: 20 s of frames


# --- orders ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Seating:
    """Take a seat. quiet: nothing is said but lines."""

    sampling: Sampling
    prompt: Prompt
    revision: int = 0
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Role:
    """Another prompt; `expires_s` in the call's time."""

    prompt: Prompt
    revision: int
    expires_s: float | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """Words to be said, as tokens."""

    line: int
    words: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Holding:
    frames: int


@dataclass(frozen=True, slots=True)
class Hushing:
    frames: int


@dataclass(frozen=True, slots=True)
class Leaving:
    why: str


Order = Seating | Role | Words | Holding | Hushing | Leaving


# --- news --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Seated:
    """The prompt is being read; frames follow as soon as it is in."""


@dataclass(frozen=True, slots=True)
class Unseated:
    """No seat after all: the prompt leaves no room."""

    frames: int
    window: int
    room: int
    text: str


@dataclass(frozen=True, slots=True)
class Played:
    """A frame of the call. See `wire.Frame`.

    Attributes:
        sound: float32 [1920], the agent's.
        token: of its text.
    """

    number: int
    sound: Pcm
    token: int
    heard: Heard | None
    sound_from: int
    sound_taken: int
    late_ms: float
    line: int | None
    spoken: tuple[int, ...]
    skipped: int


@dataclass(frozen=True, slots=True)
class LineDone:
    ended: Ended
    frame: int


@dataclass(frozen=True, slots=True)
class RoleDone:
    """`why` is given where the prompt was refused."""

    revision: int
    outcome: Outcome | None
    frame: int | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Left:
    why: str
    frames: int
    late: int
    starved: int


News = Seated | Unseated | Played | LineDone | RoleDone | Left


@dataclass(slots=True, eq=False)
class StageCall:
    """A call on the stage.

    Attributes:
        orders: to be carried out by the clock, oldest first.
        news: what happened; of more than 250 unread the oldest goes, and is counted in `lost`.
        frames, late: made, and made more than a frame late.
        over: it has left, or was never seated.
    """

    orders: deque[Order] = field(default_factory=deque)
    news: deque[News] = field(default_factory=deque)
    inbox: Inbox = field(default_factory=Inbox)
    director: Director = field(default_factory=Director)
    seat: Seat | None = None
    frames: int = 0
    late: int = 0
    lost: int = 0
    over: bool = False
    frame_in: Pcm = field(default_factory=lambda: np.zeros(FRAME_SAMPLES, np.float32))

    def order(self, order: Order) -> bool:
        """Ask for something. False where too much is waiting already; leaving is always taken."""
        if len(self.orders) >= MOST_ORDERS and not isinstance(order, Leaving):
            return False
        self.orders.append(order)
        return True

    def tell(self, news: News) -> None:
        """Called by the clock."""
        while len(self.news) >= MOST_NEWS:
            with suppress(IndexError):  # the reader was quicker
                self.news.popleft()
                self.lost += 1
        self.news.append(news)
