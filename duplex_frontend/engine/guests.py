"""Who is at the engine's door: connections, the calls that they hold, and how fast they are read and told."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from duplex_frontend.engine import wire
from duplex_frontend.engine.desk import Desk
from duplex_frontend.engine.pipe import Pipe
from duplex_frontend.engine.seats import Left, LineDone, Played, RoleDone, Seated, StageCall, Unseated

_UNSENT: Final = 192 << 10  # bytes a call that may wait for a reader: 2 s of its sound
_MESSAGES_PER_S: Final = 400  # of a connection, and half as many again for each of its calls
_LATE_FRAMES: Final = 25  # that wait to be told: 2 s; older ones go out without their sound


@dataclass(slots=True, eq=False)
class Held:
    """A seated call.

    Attributes:
        guest: who it belongs to, None within the grace time.
        number: of the guest's choosing.
        sounds_lost: frames that went out without their sound.
    """

    call: StageCall
    desk: Desk
    ticket: str
    guest: Guest | None
    number: int
    ends: asyncio.TimerHandle | None = None
    sounds_lost: int = 0

    def opened(self) -> wire.Opened:
        inbox = self.call.inbox
        return wire.Opened(call=self.number, ticket=self.ticket, frame=self.call.frames, received=inbox.given)

    def closed(self, why: str) -> wire.Closed:
        call = self.call
        return wire.Closed(
            call=self.number, why=why, frames=call.frames, late=call.late, starved=call.inbox.starved
        )

    def messages(self, *, slow: bool) -> Iterator[tuple[wire.Message, bytes]]:
        """What the ticks have left, for its guest. A refusal says that it got no seat after all.

        Args:
            slow: its frames go out without their sound.
        """
        news = self.call.news
        while news:
            match news.popleft():
                case Played() as one:
                    silent = slow or len(news) > _LATE_FRAMES  # of old sound nobody wants more
                    self.sounds_lost += silent
                    body = b"" if silent else one.sound.astype("<f4").tobytes()
                    yield self.desk.frame(self.number, one), body
                case Seated():
                    yield self.opened(), b""
                case Unseated() as one:
                    counts = (one.frames, one.window, one.room)
                    why = wire.Why.PROMPT_TOO_LONG
                    yield wire.Refused(call=self.number, why=why, text=one.text, counts=counts), b""
                case LineDone() as one:
                    yield self.desk.line_over(self.number, one), b""
                case RoleDone() as one:
                    yield self.desk.receipt(self.number, one), b""
                case Left():
                    pass


@dataclass(slots=True, eq=False)
class Guest:
    """A connection."""

    pipe: Pipe
    calls: dict[int, Held] = field(default_factory=dict)
    faults: int = 0

    @property
    def slow(self) -> float:
        """How full its buffer is; over 1 its frames lose their sound."""
        return self.pipe.unsent / (_UNSENT * (1 + len(self.calls)))


class Pace:
    """A flood is read no faster than this."""

    def __init__(self) -> None:
        self._left, self._at = 2.0 * _MESSAGES_PER_S, time.monotonic()

    async def take(self, calls: int) -> None:
        rate, now = _MESSAGES_PER_S * (1 + calls / 2), time.monotonic()
        self._left = min(2 * rate, self._left + (now - self._at) * rate) - 1
        self._at = now
        if self._left < 0:
            await asyncio.sleep(-self._left / rate)
