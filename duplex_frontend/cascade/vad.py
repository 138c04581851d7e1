"""Silero's voice activity detector (MIT, https://github.com/snakers4/silero-vad) on onnxruntime.

The network hears windows of 512 samples at 16 kHz, each with the 64 samples before it, and carries a state from
window to window. One session serves every call: it runs from several threads at once, and what belongs to a call
is kept here.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

# From 1.29 on, onnxruntime reports to its maker over the network, beginning with its import, unless told not to.
# Nothing of a call may do that.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
import onnxruntime

RATE_HZ = 16_000
WINDOW = 512  # samples; 32 ms
CONTEXT = 64  # samples of the window before

_MODEL = Path(__file__).parent / "silero" / "silero_vad_16k_op15.onnx"
_RATE = np.array(RATE_HZ, np.int64)


@cache
def _session() -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    # A window takes 0.1 ms: to hand it to other threads would cost more than to compute it.
    options.inter_op_num_threads = options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(_MODEL), options, providers=["CPUExecutionProvider"])


class SileroVad:
    """Tells speech from other sound, for one call."""

    def __init__(self) -> None:
        self._session = _session()
        self._state = np.zeros((2, 1, 128), np.float32)
        self._heard = np.zeros(CONTEXT, np.float32)  # context of the next window, and what there is of it

    def feed(self, pcm: NDArray[np.float32]) -> list[float]:
        """Hear more of the call.

        Args:
            pcm: float32 [n] mono at 16 kHz, any n. What is not a number is heard as silence, what is beyond full
                scale as full scale.

        Returns:
            The probability of speech in each window that was completed, 0..1.
        """
        sound = np.clip(np.nan_to_num(pcm, nan=0.0, posinf=0.0, neginf=0.0), -1.0, 1.0)
        self._heard = np.concatenate([self._heard, sound.astype(np.float32, copy=False)])
        found = []
        while len(self._heard) >= CONTEXT + WINDOW:
            found.append(self._hear(self._heard[: CONTEXT + WINDOW]))
            self._heard = self._heard[WINDOW:]
        return found

    def _hear(self, window: NDArray[np.float32]) -> float:
        inputs = {"input": window[None], "state": self._state, "sr": _RATE}
        probability, self._state = self._session.run(None, inputs)
        return float(probability[0, 0])
