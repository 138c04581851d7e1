"""Sound as numbers: rates, codecs, levels and silences.

Audio is float32, mono, -1..1 unless a name says otherwise. The functions are pure; the two classes keep
what a stream needs between one piece and the next, and nothing else.
"""

from __future__ import annotations

import math

import numpy as np
import samplerate
from numpy.typing import NDArray

Pcm = NDArray[np.float32]
"""[samples], float32, mono, -1..1."""

NOTHING: Pcm = np.zeros(0, dtype=np.float32)
NOTHING.flags.writeable = False

SILENT_LUFS = -70.0  # the absolute gate of BS.1770: below it nothing counts as sound


# --- int16 ---------------------------------------------------------------------------------------------------


def to_int16(pcm: Pcm) -> NDArray[np.int16]:
    """Round to int16. What is beyond full scale is clipped; NaN becomes silence."""
    scaled = np.nan_to_num(pcm, nan=0.0, posinf=1.0, neginf=-1.0) * 32768.0
    samples: NDArray[np.int16] = np.clip(np.rint(scaled), -32768, 32767).astype(np.int16)
    return samples


def from_int16(samples: NDArray[np.int16]) -> Pcm:
    return samples.astype(np.float32) / np.float32(32768.0)


def to_bytes(pcm: Pcm) -> bytes:
    """Little-endian int16, as recognisers, voices and WAV files take it."""
    return to_int16(pcm).astype("<i2", copy=False).tobytes()


def from_bytes(raw: bytes) -> Pcm:
    """Little-endian int16 to float32.

    Raises:
        ValueError: an odd number of bytes.
    """
    return from_int16(np.frombuffer(raw, dtype="<i2"))


# --- mu-law --------------------------------------------------------------------------------------------------

_MULAW_BIAS = 132  # 33 in the 14 bits of G.711, here in 16
_MULAW_CLIP = 32635


def _mulaw_decode_table() -> Pcm:
    """[256]: what each byte of G.711 mu-law stands for."""
    code = ~np.arange(256, dtype=np.uint8)
    exponent = (code >> 4) & 7
    mantissa = (code & 15).astype(np.int32)
    magnitude = (((mantissa << 3) + _MULAW_BIAS) << exponent) - _MULAW_BIAS
    return from_int16(np.where(code & 0x80, -magnitude, magnitude).astype(np.int16))


def _mulaw_encode_table() -> NDArray[np.uint8]:
    """[65536]: the byte for each int16, indexed by its bits read as uint16."""
    sample = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32)
    sign = np.where(sample < 0, 0x80, 0)
    magnitude = np.minimum(np.abs(sample), _MULAW_CLIP) + _MULAW_BIAS
    exponent = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    mantissa = (magnitude >> (exponent + 3)) & 15
    code: NDArray[np.uint8] = (~(sign | (exponent << 4) | mantissa) & 0xFF).astype(np.uint8)
    return code


_DECODE = _mulaw_decode_table()
_ENCODE = _mulaw_encode_table()


def mulaw_encode(pcm: Pcm) -> bytes:
    """One byte for each sample, ITU-T G.711 mu-law."""
    return _ENCODE[to_int16(pcm).view(np.uint16)].tobytes()


def mulaw_decode(raw: bytes) -> Pcm:
    """One sample for each byte, ITU-T G.711 mu-law."""
    return _DECODE[np.frombuffer(raw, dtype=np.uint8)]


# --- rates ---------------------------------------------------------------------------------------------------


class Resampler:
    """A stream from one rate to another; holds back 1 to 2.5 ms (libsamplerate's `sinc_fastest`).

    Args:
        from_hz, to_hz: the rates; where they are equal the audio passes through untouched.
    """

    def __init__(self, from_hz: int, to_hz: int) -> None:
        if from_hz <= 0 or to_hz <= 0:
            raise ValueError(f"a sampling rate is more than 0 Hz, not {from_hz} to {to_hz}")
        self._from_hz, self._to_hz = from_hz, to_hz
        self._converter = samplerate.Resampler("sinc_fastest", channels=1) if from_hz != to_hz else None
        self._fed = self._given = 0

    def feed(self, pcm: Pcm) -> Pcm:
        """Give [n] samples, take what is ready: [about n * to_hz / from_hz], now and then none."""
        if self._converter is None:
            return pcm
        made: Pcm = self._converter.process(pcm, self._to_hz / self._from_hz)
        self._fed += len(pcm)
        self._given += len(made)
        return made

    def flush(self) -> Pcm:
        """The stream is over: what was held back. The next `feed` begins another stream."""
        if self._converter is None:
            return NOTHING
        missing = round(self._fed * self._to_hz / self._from_hz) - self._given
        # The binding gives no more than the input's worth at a time, so silence pushes the rest out.
        silence = np.zeros(self._from_hz // 50, dtype=np.float32)
        rest: Pcm = self._converter.process(silence, self._to_hz / self._from_hz)[: max(0, missing)]
        self._converter.reset()
        self._fed = self._given = 0
        return rest


# --- levels --------------------------------------------------------------------------------------------------


def _k_weight(hz: NDArray[np.floating]) -> NDArray[np.float64]:
    """Power gain of BS.1770's two filters (a shelf for the head, a high pass) at each frequency.

    Their coefficients are given for 48 kHz; the response is worked out there and laid over the spectrum of
    any other rate, so there is nothing to redesign.
    """
    z = np.exp(-2j * np.pi * hz / 48_000.0)
    shelf = (1.53512485958697 - 2.69169618940638 * z + 1.19839281085285 * z**2) / (
        1 - 1.69065929318241 * z + 0.73248077421585 * z**2
    )
    high_pass = (1 - z) ** 2 / (1 - 1.99004745483398 * z + 0.99007225036621 * z**2)
    gain: NDArray[np.float64] = np.abs(shelf * high_pass) ** 2
    return gain


def loudness_lufs(pcm: Pcm, rate_hz: int) -> float:
    """Integrated loudness after ITU-R BS.1770-4: K-weighted, gated, one channel. -inf for silence.

    The weighting is applied to the spectrum of each 400 ms block instead of by filtering, which agrees with
    the filters to a tenth of a decibel on speech. Audio shorter than a block is taken as one block.
    """
    block = int(rate_hz * 0.4)
    if len(pcm) < block:
        pcm = np.concatenate([pcm, np.zeros(block - len(pcm), dtype=np.float32)])
    # A window keeps the lowest frequencies, which the weighting takes away, from leaking into the rest.
    window = np.hanning(block)
    weight = 2 * _k_weight(np.fft.rfftfreq(block, 1 / rate_hz)) / (block * np.sum(window**2))
    starts = range(0, len(pcm) - block + 1, block // 4)
    power = np.array([np.abs(np.fft.rfft(pcm[i : i + block] * window)) ** 2 @ weight for i in starts])
    power = power[power > _power(SILENT_LUFS)]
    if not len(power):
        return -math.inf
    power = power[power > power.mean() * 0.1]  # the relative gate: 10 LU below the mean
    return float(-0.691 + 10 * np.log10(power.mean()))


def _power(lufs: float) -> float:
    return float(10 ** ((lufs + 0.691) / 10))


def gain_to(target_lufs: float, pcm: Pcm, rate_hz: int, peak: float = 0.89) -> float:
    """What to multiply `pcm` by to make it as loud as `target_lufs` with no sample beyond `peak` (-1 dB)."""
    loud = loudness_lufs(pcm, rate_hz)
    if math.isinf(loud):
        return 1.0
    gain = 10 ** ((target_lufs - loud) / 20)
    return float(min(gain, peak / max(float(np.abs(pcm).max()), 1e-9)))


def normalise(pcm: Pcm, rate_hz: int, target_lufs: float = -23.0) -> Pcm:
    """Bring a whole recording to one loudness (BS.1770-4). Silence stays as it is."""
    return pcm * np.float32(gain_to(target_lufs, pcm, rate_hz))


# --- silences ------------------------------------------------------------------------------------------------


class SilenceTrim:
    """Takes the silence off both ends of a stream; pauses inside it stay.

    Sound begins where 15 ms in a row are louder than the floor, so that a click of the synthesizer is none.

    Args:
        rate_hz: of the audio.
        lead_ms: silence that may stay before the first sound, so that a soft consonant keeps its beginning.
        tail_ms: silence that may stay after the last sound.
        floor_dbfs: RMS over 5 ms up to which it is silence before the first sound. After it the floor is 8 dB
            lower: a "th" at the end of a word dies away softly.
    """

    def __init__(self, rate_hz: int, lead_ms: int = 10, tail_ms: int = 60, floor_dbfs: float = -50.0) -> None:
        self._hop = rate_hz // 200
        self._lead = rate_hz * lead_ms // 1000
        self._tail = rate_hz * tail_ms // 1000
        self._onset_floor, self._floor = 10 ** (floor_dbfs / 10), 10 ** ((floor_dbfs - 8) / 10)
        self._held = NOTHING  # may yet turn out to lie before or between sounds; begins at a whole hop
        self._sounded = False

    def feed(self, pcm: Pcm) -> Pcm:
        """Give [n] samples, take those known to belong to the sound: [0 .. n + what was held back]."""
        held = np.concatenate([self._held, pcm])
        hops = held[: len(held) // self._hop * self._hop].reshape(-1, self._hop)
        power = np.mean(np.square(hops), axis=1)
        begin = 0
        if not self._sounded:
            loud = power > self._onset_floor
            onsets = np.flatnonzero(loud[:-2] & loud[1:-1] & loud[2:])
            if not len(onsets):
                wanted = -(-self._lead // self._hop) + 2
                self._held = held[max(0, len(loud) - wanted) * self._hop :]
                return NOTHING
            self._sounded = True
            begin = max(0, int(onsets[0]) * self._hop - self._lead)
        sounds = np.flatnonzero(power > self._floor)
        end = (int(sounds[-1]) + 1) * self._hop if len(sounds) else 0
        self._held = held[end:]
        return held[begin:end]

    def flush(self) -> Pcm:
        """The stream is over: the silence that may stay at its end. The next `feed` begins another stream."""
        tail = self._held[: self._tail] if self._sounded else NOTHING
        self._held, self._sounded = NOTHING, False
        return tail
