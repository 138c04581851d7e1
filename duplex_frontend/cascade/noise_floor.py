"""A faint noise under speech that has none, as every room and every microphone adds it.

The recogniser's model was trained on people in rooms. Speech that comes from a synthesizer, through a noise gate or
a noise suppressor has silence between its harmonics, the logarithm of which is far from all that the model knows:
one word in six was misheard, against one in ten with the noise. Where the caller's own noise is louder, this one
changes nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BELOW_SPEECH_DB = 34.0
"""How far the noise stays below the loudest 20 ms of late."""

_FRAME = 320  # samples; 20 ms
_HALF_LIFE_FRAMES = 150  # the level is forgotten in seconds, not in pauses
_FULL_SCALE = 32767.0


def _pink(samples: int) -> NDArray[np.float32]:
    """Noise with equal power in each octave, of level 1, that goes round without a seam. The same every time."""
    rng = np.random.default_rng(0)
    spectrum: NDArray[np.complex128] = rng.normal(size=(samples // 2 + 1, 2)) @ np.array([1, 1j])
    spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
    spectrum[0] = 0
    noise: NDArray[np.float64] = np.fft.irfft(spectrum, samples)
    level = float(noise.std())
    return (noise / level).astype(np.float32)


_NOISE = _pink(1 << 16)


class NoiseFloor:
    """Adds the noise, at a level that follows one caller's voice."""

    def __init__(self) -> None:
        self._level = 0.0  # of the loudest frame of late, decaying; 0..32767
        self._at = 0

    def add(self, pcm: bytes) -> bytes:
        """Args: int16 little-endian mono at 16 kHz, any length. Returns: the same, with its noise."""
        speech = np.frombuffer(pcm, "<i2").astype(np.float32)
        self._follow(speech)
        places = np.arange(self._at, self._at + len(speech)) % len(_NOISE)
        self._at = (self._at + len(speech)) % len(_NOISE)
        noise = _NOISE[places] * np.float32(self._level * 10 ** (-BELOW_SPEECH_DB / 20))
        return np.clip(speech + noise, -_FULL_SCALE, _FULL_SCALE).astype("<i2").tobytes()

    def _follow(self, speech: NDArray[np.float32]) -> None:
        whole = len(speech) // _FRAME * _FRAME
        frames = speech[:whole].reshape(-1, _FRAME) if whole else speech[None]
        if not len(speech):
            return
        self._level *= 0.5 ** (len(frames) / _HALF_LIFE_FRAMES)
        self._level = max(self._level, float(np.sqrt(np.mean(np.square(frames), axis=1)).max()))
