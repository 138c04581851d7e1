"""The caller's sound on its way to the clock: a ring that one thread fills and another empties, without a lock.

What comes too early waits, up to a second; of more the oldest goes. What comes too late is heard as silence. Both
are counted.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from duplex_frontend.engine.tokens import FRAME_SAMPLES, RATE_HZ

Pcm = NDArray[np.float32]

MOST_WAITING = RATE_HZ  # samples
_RING = 4 * RATE_HZ  # so much larger that the writer never comes round to what is being read
_LOOK_BACK = 50  # frames: 4 s
_SPARE = FRAME_SAMPLES // 4  # 20 ms may always wait


class Inbox:
    """Of one call. `give` is called by one thread, `take` by another.

    Attributes:
        given: samples ever given.
        taken: of them, those that were listened to or skipped.
        starved: frames heard as silence, in whole or in part, because nothing was there.
        skipped: samples left out because too much had piled up.
    """

    def __init__(self) -> None:
        self._ring = np.zeros(_RING, np.float32)
        self.given = self.taken = self.starved = self.skipped = 0
        self._least = _RING  # that still waited after a frame was taken, in the last while
        self._looked = 0

    def give(self, sound: Pcm) -> None:
        """Put sound in: float32 [samples], at most a second."""
        assert sound.ndim == 1 and len(sound) <= MOST_WAITING, sound.shape
        at = self.given % _RING
        first = min(len(sound), _RING - at)
        self._ring[at : at + first] = sound[:first]
        self._ring[: len(sound) - first] = sound[first:]
        self.given += len(sound)

    def take(self, into: Pcm, *, fresh: bool = False) -> tuple[int, int]:
        """The next frame into `into`, float32 [1920]; silence where nothing is there.

        Args:
            fresh: the call begins: what waited longer than a frame is old.

        Returns:
            which samples, counted from the call's first: (from, how many).
        """
        given = self.given
        most = FRAME_SAMPLES if fresh else MOST_WAITING
        self._skip(given - self.taken - most)
        self._drift(given)
        start, count = self.taken, min(FRAME_SAMPLES, given - self.taken)
        at = start % _RING
        first = min(count, _RING - at)
        into[:first] = self._ring[at : at + first]
        into[first:count] = self._ring[: count - first]
        into[count:] = 0
        self.taken += count
        self.starved += count < FRAME_SAMPLES
        return start, count

    def _drift(self, given: int) -> None:
        """Where more has waited all the time than ever was needed, the call lags behind its caller: catch up."""
        self._least = min(self._least, given - self.taken - FRAME_SAMPLES)
        self._looked += 1
        if self._looked < _LOOK_BACK:
            return
        self._skip(self._least - _SPARE)
        self._least, self._looked = _RING, 0

    def _skip(self, samples: int) -> None:
        if samples > 0:
            self.taken += samples
            self.skipped += samples
