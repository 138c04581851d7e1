"""What a seat's text stream is made to do: say a line, hold an answer back, be silent. One guide for a whole call.

Asked and told by the batch within a tick (`allowed`, `drew`); everything else is called between two ticks, by
the same thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from duplex_frontend.engine.script import HOLD_FRAMES, Script
from duplex_frontend.engine.tokens import EPAD, PAD

BEGUN_FRAMES = 5  # of no text, after which the agent is not in the middle of saying something


@dataclass(frozen=True, slots=True)
class Ended:
    """How a line ended: words that went out, words that were begun, and whether it was broken off."""

    line: int
    spoken: int
    started: int
    stopped: bool


class Director:
    """A `Guide`.

    Args:
        quiet: nothing is said but lines.
    """

    done = False  # stays as long as the call

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._script: Script | None = None
        self._line = -1
        self._drawn: int | None = None  # the line that the newest text was drawn for
        self._sounding: int | None = None
        self._stopped = False
        self._next: tuple[int, Script] | None = None
        self._hushed = self._held = 0  # frames left
        self._wordless = BEGUN_FRAMES  # frames since the last text
        self._ended: list[Ended] = []

    @property
    def line(self) -> int | None:
        """The line that the newest frame belongs to. Its text was drawn in the tick before."""
        return self._sounding

    def say(self, line: int, words: Sequence[Sequence[int]]) -> None:
        """Say this instead of what is being said. Ends a hush and a hold: what they waited for is here."""
        self._stop()
        self._hushed = self._held = 0
        self._next = (line, Script(words))
        if self._script is None:
            self._begin()

    def hold(self, frames: int) -> None:
        """Let nothing begin for at most 400 ms; 0 lets go. What has begun, a line or the agent's own, goes on."""
        self._held = min(frames, HOLD_FRAMES) if self._wordless >= BEGUN_FRAMES else 0

    def hush(self, frames: int) -> None:
        """Break off what is being said and be silent for so many frames; 0 lets go."""
        if frames:
            self._stop()
        self._hushed = frames

    def ended(self) -> list[Ended]:
        """Lines that ended since this was asked last."""
        ended, self._ended = self._ended, []
        return ended

    # --- within a tick ---

    def allowed(self) -> tuple[int, ...]:
        if self._script is not None and not self._stopped:
            return self._script.allowed()
        if self._script is not None or self._hushed > 0 or self._held > 0 or self._quiet:
            return (PAD,)
        return ()

    def drew(self, token: int) -> tuple[int, ...]:
        self._wordless = 0 if token not in (PAD, EPAD) else self._wordless + 1
        script = self._script
        going_on = script is not None and not self._stopped
        self._sounding, self._drawn = self._drawn, self._line if going_on else None
        if script is None:
            self._hushed, self._held = max(0, self._hushed - 1), max(0, self._held - 1)
            return ()
        if self._stopped:
            self._hushed = max(0, self._hushed - 1)
        # A line that was broken off has one more tick: the sound of its last word goes out in it.
        confirmed = script.drew(token)
        if script.done:
            came = script.progress
            self._ended.append(Ended(self._line, came.spoken, came.started, self._stopped))
            self._script, self._stopped = None, False
            self._begin()
        return confirmed

    def _stop(self) -> None:
        if self._next is not None:
            self._ended.append(Ended(self._next[0], 0, 0, stopped=True))
            self._next = None
        if self._script is not None and not self._stopped:
            self._stopped = True
            self._script.stop()

    def _begin(self) -> None:
        if self._next is not None:
            (self._line, self._script), self._next = self._next, None
