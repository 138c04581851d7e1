"""Silero's voice activity detector on onnxruntime. Provisional."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

WINDOW, CONTEXT = 512, 64


@cache
def _session() -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.inter_op_num_threads = options.intra_op_num_threads = 1
    model = Path(__file__).parent / "silero" / "silero_vad_16k_op15.onnx"
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


class SileroVad:
    def __init__(self) -> None:
        self._session = _session()
        self._state = np.zeros((2, 1, 128), np.float32)
        self._context = np.zeros((1, CONTEXT), np.float32)
        self._rest = np.zeros(0, np.float32)

    def feed(self, pcm: NDArray[np.float32]) -> list[float]:
        self._rest = np.concatenate([self._rest, np.nan_to_num(pcm)])
        found = []
        while len(self._rest) >= WINDOW:
            window, self._rest = self._rest[:WINDOW], self._rest[WINDOW:]
            audio = np.concatenate([self._context, window[None]], axis=1)
            self._context = audio[:, -CONTEXT:]
            p, self._state = self._session.run(
                None, {"input": audio, "state": self._state, "sr": np.array(16000, np.int64)}
            )
            found.append(float(p[0, 0]))
        return found
