"""Whether the caller speaks, frame by frame, where the recogniser cannot say it at once. No torch.

Silero where onnxruntime is installed, else the energy. Both take 80 ms at 24 kHz and give a probability.
"""

from __future__ import annotations

import importlib.util
import math
from collections import deque
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from duplex_frontend.engine.tokens import FRAME_SAMPLES, RATE_HZ

Pcm = NDArray[np.float32]

SILENCE_DB = -120.0  # what digital silence counts as

_SUB_BLOCKS = 4  # of 20 ms in a frame
_FLOOR_S = 3.0  # the quietest 20 ms of so long is the noise floor
_QUIETEST_DB = -70.0  # no noise floor is below it
_LEAST_DB = -50.0  # nothing quieter is speech
_MARGIN_DB = 9.0  # over the noise floor where speech is as likely as not
_SLOPE_DB = 2.0


class Vad(Protocol):
    """Tells speech from other sound, for one call."""

    def feed(self, frame: Pcm) -> float:
        """The probability 0..1 that somebody speaks in a frame, float32 [1920] at 24 kHz."""
        ...


def loudness_db(frame: Pcm) -> float:
    """RMS of a frame in dBFS, -120 for silence. NaN counts as silence."""
    power = float(np.mean(np.square(_clean(frame), dtype=np.float64))) if len(frame) else 0.0
    return max(SILENCE_DB, 10 * math.log10(power)) if power > 0 else SILENCE_DB


class EnergyVad:
    """Loudness over a noise floor that follows the line: speech has gaps, a fan has none.

    A steady sound counts as speech for its first three seconds.
    """

    def __init__(self) -> None:
        blocks = int(_FLOOR_S / 0.08) * _SUB_BLOCKS
        self._levels: deque[float] = deque([_QUIETEST_DB] * blocks, maxlen=blocks)

    def feed(self, frame: Pcm) -> float:
        _check(frame)
        levels = [loudness_db(block) for block in frame.reshape(_SUB_BLOCKS, -1)]
        floor = max(_QUIETEST_DB, min(self._levels))
        self._levels.extend(levels)
        # The second loudest of four: a click of 20 ms is no speech.
        level = sorted(levels)[-2]
        if level < _LEAST_DB:
            return 0.0
        return 1 / (1 + math.exp((floor + _MARGIN_DB - level) / _SLOPE_DB))


class SileroFrames:
    """Silero's network on frames of the engine.

    Raises:
        ImportError: onnxruntime or samplerate is not installed.
    """

    def __init__(self) -> None:
        from duplex_frontend.audio import Resampler
        from duplex_frontend.cascade import vad

        self._vad = vad.SileroVad()
        self._resampler = Resampler(RATE_HZ, vad.RATE_HZ)
        self._last = 0.0

    def feed(self, frame: Pcm) -> float:
        _check(frame)
        windows = self._vad.feed(self._resampler.feed(_clean(frame)))
        if windows:
            self._last = max(windows)
        return self._last


def vad_for_call() -> Vad:
    """The best that is installed here."""
    has_silero = all(importlib.util.find_spec(name) for name in ("onnxruntime", "samplerate"))
    return SileroFrames() if has_silero else EnergyVad()


def _clean(pcm: Pcm) -> Pcm:
    return np.nan_to_num(pcm, nan=0.0, posinf=0.0, neginf=0.0).clip(-1, 1)


def _check(frame: Pcm) -> None:
    if frame.shape != (FRAME_SAMPLES,) or frame.dtype != np.float32:
        raise ValueError(f"a frame is float32 [{FRAME_SAMPLES}], not {frame.dtype} {list(frame.shape)}")
