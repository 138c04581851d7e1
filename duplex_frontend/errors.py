"""What can go wrong on the speech side. One root."""

from __future__ import annotations

from pathlib import Path


class FrontendError(Exception):
    """A front-end cannot do what was asked. The text says where, what, and how to mend it."""


class NoSeat(FrontendError):
    """All places are taken. Expected under load; the caller hears 'busy', nobody else is slowed."""

    def __init__(self, seats: int) -> None:
        self.seats = seats
        super().__init__(f"all {seats} seats are taken; retry shortly, raise the limit or add a worker")


class EngineLost(FrontendError):
    """The speech system behind a call is gone. The session can open the call again elsewhere."""


class NoVoice(FrontendError):
    """No speech synthesizer was found on this machine."""


class BadAudio(FrontendError):
    """A recording cannot be used as the sound of a call."""


class RecordingLost(FrontendError):
    """A call is no longer recorded. The call goes on; what was recorded so far can be played."""

    def __init__(self, path: Path, why: str) -> None:
        self.path = path
        super().__init__(
            f"the recording '{path}' cannot be written ({why}); make room or choose another folder"
        )
