"""Speech for tests, made by the synthesizers of this machine, once for each sentence and voice."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache

import numpy as np
import samplerate
import soundfile
from numpy.typing import NDArray

RATE_HZ = 16_000
BLOCK = 320  # samples; 20 ms
FLITE_VOICES = ("slt", "rms", "awb", "kal16")
ESPEAK_VOICES = ("en-us", "en-gb", "en-us+f3", "en-us+m3")

Speech = NDArray[np.float32]
"""[n], float32, mono, 16 kHz, -1..1."""


@cache
def said(text: str, voice: str = "slt") -> Speech:
    """A sentence, without silence around it.

    Args:
        voice: a name of flite's or espeak-ng's; phones of flite's instead of words are given as "[m hh m]".
    """
    wav = _flite(text, voice) if voice in FLITE_VOICES else _run("espeak-ng", "-v", voice, "--stdout", text)
    pcm, rate_hz = soundfile.read(io.BytesIO(wav), dtype="float32")
    if rate_hz != RATE_HZ:
        pcm = samplerate.resample(pcm, RATE_HZ / rate_hz, "sinc_medium").astype(np.float32)
    loud = np.flatnonzero(np.abs(pcm) > 0.005)
    speech: Speech = pcm[loud[0] : loud[-1] + 1]
    speech.flags.writeable = False  # it is handed out again
    return speech


def utterance(text: str, voice: str = "slt") -> bytes:
    """A sentence as a call gives it to a transcriber: int16, with what came before and after it."""
    speech = np.concatenate([quiet(0.3), said(text, voice), quiet(0.35)])
    return as_pcm(speech + hiss(len(speech) / RATE_HZ, 0.0003))


def quiet(seconds: float) -> Speech:
    return np.zeros(round(seconds * RATE_HZ), np.float32)


def hiss(seconds: float, level: float, seed: int = 1) -> Speech:
    """White noise of a level, 0..1."""
    rng = np.random.default_rng(seed)
    return (level * rng.standard_normal(round(seconds * RATE_HZ))).astype(np.float32)


def pink(samples: int, level: float, seed: int = 1) -> Speech:
    """Noise of a level with equal power in each octave, as rooms and streets have it."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(samples))
    spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
    noise = np.fft.irfft(spectrum, samples)
    scaled: Speech = (level * noise / noise.std()).astype(np.float32)
    return scaled


def as_pcm(speech: Speech) -> bytes:
    return (np.clip(speech, -1, 1) * 32767).astype("<i2").tobytes()


def pieces(pcm: bytes, ms: int = 20) -> Iterator[bytes]:
    size = 2 * RATE_HZ * ms // 1000
    return (pcm[at : at + size] for at in range(0, len(pcm), size))


def _flite(text: str, voice: str) -> bytes:
    phones = text.startswith("[")
    what = ("-p", f"pau {text.strip('[]')} pau") if phones else ("-t", text)
    return _run("flite", "-voice", voice, *what, "-o", "/dev/stdout")


def _run(program: str, *arguments: str) -> bytes:
    assert shutil.which(program), f"tests need {program}; `make test` installs it"
    return subprocess.run([program, *arguments], check=True, capture_output=True).stdout
