"""What can be heard in the recording of a call: spans of sound on either side, and the times between them.

Nothing here trusts what the system says of itself: the recording is the only source. The caller's side of a demo
call is digital silence between its words, so its last sample is exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

LOUD = 0.004  # of full scale; between words a synthesizer is far below it
JOIN_S = 0.15  # gaps shorter than this are inside speech


@dataclass(frozen=True, slots=True)
class Span:
    """Sound from the first loud sample to the last, in seconds."""

    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Recording:
    """Both sides of a call, mono float32 each."""

    rate_hz: int
    caller: NDArray[np.float32]
    agent: NDArray[np.float32]

    @classmethod
    def read(cls, path: Path) -> Recording:
        audio, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
        return cls(rate_hz, audio[:, 0], audio[:, 1])

    def spans(self, side: NDArray[np.float32]) -> list[Span]:
        loud = np.flatnonzero(np.abs(side) > LOUD)
        if not len(loud):
            return []
        breaks = np.flatnonzero(np.diff(loud) > JOIN_S * self.rate_hz)
        starts, ends = loud[np.r_[0, breaks + 1]], loud[np.r_[breaks, len(loud) - 1]]
        return [Span(s / self.rate_hz, e / self.rate_hz) for s, e in zip(starts, ends, strict=True)]

    def last_sound_before(self, side: NDArray[np.float32], at_s: float) -> float | None:
        loud = np.flatnonzero(np.abs(side[: int(at_s * self.rate_hz)]) > LOUD)
        return float(loud[-1] / self.rate_hz) if len(loud) else None

    def first_sound_after(self, side: NDArray[np.float32], at_s: float) -> float | None:
        start = int(at_s * self.rate_hz)
        loud = np.flatnonzero(np.abs(side[start:]) > LOUD)
        return float((start + loud[0]) / self.rate_hz) if len(loud) else None


def answer_latencies_ms(recording: Recording, decided_s: list[float]) -> list[float]:
    """From the caller's last sample before each decision to the agent's first one after it."""
    found = []
    for decided in decided_s:
        end_s = recording.last_sound_before(recording.caller, decided)
        begin_s = recording.first_sound_after(recording.agent, decided)
        if end_s is not None and begin_s is not None:
            found.append((begin_s - end_s) * 1000)
    return found


def silences_after_barge_in_ms(
    recording: Recording, backchannels_s: list[float], quiet_s: float = 0.3
) -> list[float]:
    """For each time that the caller began to speak over the agent: until the agent had fallen silent.

    Args:
        backchannels_s: when either side only said "mm-hm": those are no barge-ins.
    """
    agent = recording.spans(recording.agent)
    found = []
    for caller in recording.spans(recording.caller):
        if any(caller.start_s - 0.5 <= at_s <= caller.end_s + 0.1 for at_s in backchannels_s):
            continue
        over = [a for a in agent if a.start_s < caller.start_s - 0.05 and a.end_s > caller.start_s]
        if not over or any(abs(a.start_s - at_s) < 0.3 for a in over for at_s in backchannels_s):
            continue
        rest = [a for a in agent if a.end_s > caller.start_s]
        end_s = rest[0].end_s
        for span in rest[1:]:
            if span.start_s - end_s >= quiet_s:
                break
            end_s = span.end_s
        found.append((end_s - caller.start_s) * 1000)
    return found
