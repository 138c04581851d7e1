"""flite 2.2 through ctypes, streaming. Loaded in a voice process only (`voice_child.py`).

The library hands audio to a callback while it still works on the rest of the clause. Functions and structures
are those of `cst_wave.h`, `cst_audio.h` and `flite.h`.
"""

from __future__ import annotations

import ctypes
import unicodedata
from collections.abc import Callable
from typing import Any

Sink = Callable[[int, bytes], bool]
"""(rate in Hz, little-endian int16) -> whether to stop."""

NAMES = ("slt", "rms", "awb", "kal16", "kal")
"""The voices that Debian's libflite1 brings, best first."""

LEAST_SAMPLES = 256  # in one callback: 16 ms at 16 kHz
_GO_ON, _STOP = 0, -1

_TYPOGRAPHY = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": ",", "—": ",", "…": "."})


class _Wave(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_char_p),
        ("sample_rate", ctypes.c_int),
        ("num_samples", ctypes.c_int),
        ("num_channels", ctypes.c_int),
        ("samples", ctypes.POINTER(ctypes.c_short)),
    )


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(_Wave), ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_void_p
)


class _StreamingInfo(ctypes.Structure):
    _fields_ = (
        ("min_buffsize", ctypes.c_int),
        ("callback", _Callback),
        ("utterance", ctypes.c_void_p),
        ("item", ctypes.c_void_p),
        ("userdata", ctypes.c_void_p),
    )


class _Voice(ctypes.Structure):
    _fields_ = (("name", ctypes.c_char_p), ("features", ctypes.c_void_p))


def installed() -> tuple[list[str], list[str]]:
    """Names and variants that load; both empty where flite is not installed."""
    return [name for name in NAMES if _loads(name)], []


def _loads(name: str) -> bool:
    try:
        _libraries(name)
    except OSError:
        return False
    return True


def _libraries(name: str) -> tuple[Any, Any]:
    """flite and one voice of it. The voice's library finds the lexicon's symbols among the global ones."""
    flite = ctypes.CDLL("libflite.so.1", mode=ctypes.RTLD_GLOBAL)
    for lexicon in ("libflite_usenglish.so.1", "libflite_cmulex.so.1"):
        ctypes.CDLL(lexicon, mode=ctypes.RTLD_GLOBAL)
    return flite, ctypes.CDLL(f"libflite_cmu_us_{name}.so.1", mode=ctypes.RTLD_GLOBAL)


class Flite:
    """One voice of flite.

    Args:
        name: one of `NAMES`.
        rate, pitch: factors on the voice's own.

    Raises:
        OSError: the library or the voice cannot be loaded.
    """

    def __init__(self, name: str, rate: float, pitch: float) -> None:
        self._flite, voice_library = _libraries(name)
        self._declare()
        self._flite.flite_init()
        register = getattr(voice_library, f"register_cmu_us_{name}")
        register.restype, register.argtypes = ctypes.POINTER(_Voice), [ctypes.c_char_p]
        self._voice = register(None)
        self._set(b"duration_stretch", 1 / rate)
        self._set(b"f0_shift", pitch)  # the statistical voices
        if name.startswith("kal"):  # the diphone ones have a mean instead; 95 Hz as they come
            self._set(b"int_f0_target_mean", 95.0 * pitch)
        self._sink: Sink = _deaf
        self._callback = _Callback(self._on_audio)  # held here: flite does not keep it alive
        self._stream()

    def speak(self, text: str, sink: Sink) -> None:
        """Speak one clause into `sink`.

        Raises:
            RuntimeError: flite gave nothing back.
        """
        self._sink = sink
        wave = self._flite.flite_text_to_wave(_ascii(text), self._voice)
        self._sink = _deaf
        if not wave:
            raise RuntimeError("flite made no audio of a clause")
        self._flite.delete_wave(wave)

    def _declare(self) -> None:
        f = self._flite
        f.flite_text_to_wave.restype = ctypes.POINTER(_Wave)
        f.flite_text_to_wave.argtypes = [ctypes.c_char_p, ctypes.POINTER(_Voice)]
        f.delete_wave.argtypes = [ctypes.POINTER(_Wave)]
        f.new_audio_streaming_info.restype = ctypes.POINTER(_StreamingInfo)
        f.audio_streaming_info_val.restype = ctypes.c_void_p
        f.audio_streaming_info_val.argtypes = [ctypes.POINTER(_StreamingInfo)]
        f.feat_set.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
        f.feat_set_float.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_float]

    def _set(self, feature: bytes, value: float) -> None:
        self._flite.feat_set_float(self._voice.contents.features, feature, value)

    def _stream(self) -> None:
        info = self._flite.new_audio_streaming_info()
        info.contents.min_buffsize = LEAST_SAMPLES
        info.contents.callback = self._callback
        value = self._flite.audio_streaming_info_val(info)
        self._flite.feat_set(self._voice.contents.features, b"streaming_info", value)

    def _on_audio(self, wave: Any, start: int, size: int, _last: int, _info: int | None) -> int:
        if size <= 0:
            return _GO_ON
        first = ctypes.addressof(wave.contents.samples.contents) + 2 * start
        stop = self._sink(wave.contents.sample_rate, ctypes.string_at(first, 2 * size))
        return _STOP if stop else _GO_ON


def _deaf(_rate_hz: int, _samples: bytes) -> bool:
    return True


def _ascii(text: str) -> bytes:
    """flite reads ASCII: accents go, typographic quotes and dashes become plain ones."""
    plain = unicodedata.normalize("NFKD", text.translate(_TYPOGRAPHY))
    return plain.encode("ascii", "ignore").replace(b"\0", b" ")
