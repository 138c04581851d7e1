"""Leaves out a model that keeps failing, so that no turn waits for it in vain."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Breaker:
    """After `after` failures in a row the model is left out for `pause_s`; then one more failure is enough.

    It has no clock: `now_s` is passed in, seconds that only go forward.
    """

    after: int = 5
    pause_s: float = 30.0
    _failures: int = field(default=0, init=False)
    _until_s: float = field(default=float("-inf"), init=False)

    def allows(self, now_s: float) -> bool:
        return now_s >= self._until_s

    def failed(self, now_s: float) -> None:
        self._failures += 1
        if self._failures >= self.after:
            self._until_s = now_s + self.pause_s
            self._failures = self.after - 1

    def worked(self) -> None:
        self._failures = 0
