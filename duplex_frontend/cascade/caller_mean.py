"""The cepstral mean of one caller, as far as it is known.

The decoder subtracts it from all that it hears: it stands for the microphone, the line and the voice. The
decoder's own running mean begins at a value that fits nobody and gives it the weight of 5 s of speech: a caller's
first answers are understood worst. Here the mean begins where voices usually are, and is the caller's own from the
second second on.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pocketsphinx import Decoder

BYTES_PER_FRAME = 320  # 10 ms

FIRST_AFTER = 120  # frames of a caller: the mean of fewer is more of the words than of the voice
NEXT_AFTER = 200
FEWEST = 30
MEMORY = 1500  # frames that what was heard before counts for, at most: callers move and lines change

USUAL_MEAN = (57.2, -1.4, 0.6, 10.3, -5.6, 0.7, -4.0, -6.0, -2.1, -0.9, 1.1, 0.1, 0.3)
"""Of a caller of whom nothing was heard yet: the average of people (14 clips), flite's and espeak-ng's voices (four
each). From here instead of from the decoder's own beginning, a first answer of a flite voice was understood in 91 %
of cases instead of 79 %, of an espeak-ng voice in 72 % instead of 52 %."""

_PRIOR = 500  # frames that the decoder takes a mean for that it is given (CMN_WIN in its cmn.h)


class CallerMean:
    """Keeps the mean of a decoder. What was heard until now is measured while an utterance goes on."""

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder
        self._mean = list(USUAL_MEAN)
        self._known_frames = 0.0
        self._new_frames = 0.0  # since the decoder was given the mean

    def begin(self) -> None:
        """An utterance begins: go by those before it."""
        self._give()

    def hear(self, pcm_bytes: int) -> None:
        """The decoder has heard more."""
        self._new_frames += pcm_bytes / BYTES_PER_FRAME
        if self._new_frames >= (NEXT_AFTER if self._known_frames else FIRST_AFTER):
            self._learn()

    def end(self) -> None:
        """An utterance is over."""
        if self._new_frames >= FEWEST:
            self._learn()

    def _learn(self) -> None:
        # The decoder's mean is that of what it was given, for so many frames, and of what it has heard since.
        together = [float(number) for number in self._decoder.get_cmn(True).split(",")]
        weight = (_PRIOR + self._new_frames) / self._new_frames
        heard = [mean + (both - mean) * weight for mean, both in zip(self._mean, together, strict=True)]
        if all(map(math.isfinite, heard)):
            share = self._new_frames / (self._new_frames + self._known_frames)
            self._mean = [mean + (new - mean) * share for mean, new in zip(self._mean, heard, strict=True)]
            self._known_frames = min(self._known_frames + self._new_frames, MEMORY)
        self._give()

    def _give(self) -> None:
        self._decoder.set_cmn(",".join(f"{number:g}" for number in self._mean))
        self._new_frames = 0.0
