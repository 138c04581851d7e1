"""espeak-ng through ctypes, streaming. GPL-3: loaded in a voice process only (`voice_child.py`), never in ours.

Functions and constants are those of `speak_lib.h`.
"""

from __future__ import annotations

import ctypes
import math
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from duplex_frontend.cascade.voices import Library

Sink = Callable[[int, bytes], bool]
"""(rate in Hz, little-endian int16) -> whether to stop."""

BUFFER_MS = 20
WORDS_A_MINUTE = 175  # espeak's own, at rate 1.0
_SYNCHRONOUS = 2  # audio goes to the callback, within the call
_DO_NOT_EXIT = 0x8000
_UTF8 = 1
_POS_CHARACTER = 1
_PARAMETER_RATE, _PARAMETER_PITCH = 1, 3
_GO_ON, _STOP = 0, 1


class _Voice(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_void_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("xx1", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)


def installed(library: Library) -> tuple[list[str], list[str]]:
    """Languages and variants that it has; both empty where it is not installed."""
    try:
        espeak, _ = _start(library)
    except OSError:
        return [], []
    return sorted(_identifiers(espeak)), sorted(_variants(espeak))


def _start(library: Library) -> tuple[Any, int]:
    """The library, initialized, and the rate of its audio in Hz.

    Raises:
        OSError: it is not there, or its data is not.
    """
    data: bytes | None = None
    if library is Library.PIP:
        import espeakng_loader

        espeak = ctypes.CDLL(espeakng_loader.get_library_path())
        # espeak keeps its data's path in 160 characters; a virtual environment can lie deeper than that.
        os.chdir(Path(espeakng_loader.get_data_path()).parent)
        data = b"."
    else:
        espeak = ctypes.CDLL("libespeak-ng.so.1")
    rate_hz = espeak.espeak_Initialize(_SYNCHRONOUS, BUFFER_MS, data, _DO_NOT_EXIT)
    if rate_hz <= 0:
        raise OSError("espeak-ng does not find its data")
    return espeak, rate_hz


def _listed(espeak: Any, of: Any = None) -> Iterator[_Voice]:
    espeak.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_Voice))
    voices = espeak.espeak_ListVoices(of)
    n = 0
    while voices[n]:
        yield voices[n].contents
        n += 1


def _identifiers(espeak: Any) -> dict[str, str]:
    """Language tag -> the voice file that espeak likes best for it. A tag alone is not always taken as a name."""
    best: dict[str, tuple[int, str]] = {}
    for voice in _listed(espeak):
        identifier = voice.identifier.decode()
        if identifier.startswith("mb/"):  # needs another program and its data
            continue
        for priority, tag in _languages(voice.languages):
            best[tag] = min(best.get(tag, (256, "")), (priority, identifier))
    return {tag: identifier for tag, (_, identifier) in best.items()}


def _languages(at: int) -> Iterator[tuple[int, str]]:
    """Pairs of a priority byte and a zero-ended tag, up to a priority of 0."""
    while priority := ctypes.string_at(at, 1)[0]:
        tag = ctypes.string_at(at + 1)
        yield priority, tag.decode().lower()
        at += len(tag) + 2


def _variants(espeak: Any) -> list[str]:
    of = _Voice(languages=ctypes.cast(ctypes.c_char_p(b"variant"), ctypes.c_void_p).value)
    return [voice.identifier.decode().removeprefix("!v/") for voice in _listed(espeak, ctypes.byref(of))]


class Espeak:
    """One voice of espeak-ng.

    Args:
        name: a language, with a variant or without: "en-us", "en-gb+f3".
        rate, pitch: factors on the voice's own.

    Raises:
        OSError: the library, its data or the voice cannot be loaded.
    """

    def __init__(self, library: Library, name: str, rate: float, pitch: float) -> None:
        self._espeak, self._rate_hz = _start(library)
        language, plus, variant = name.partition("+")
        identifier = _identifiers(self._espeak).get(language)
        if identifier is None or self._espeak.espeak_SetVoiceByName(f"{identifier}{plus}{variant}".encode()):
            raise OSError(f"espeak-ng has no voice '{name}'")
        self._espeak.espeak_SetParameter(_PARAMETER_RATE, round(WORDS_A_MINUTE * rate), 0)
        # 0 to 99, 50 in the middle; an octave is about 65 steps.
        self._espeak.espeak_SetParameter(
            _PARAMETER_PITCH, min(99, max(0, round(50 + 65 * math.log2(pitch)))), 0
        )
        self._sink: Sink = _deaf
        self._callback = _Callback(self._on_audio)  # held here: espeak does not keep it alive
        self._espeak.espeak_SetSynthCallback(self._callback)
        self._espeak.espeak_Synth.argtypes = [
            ctypes.c_char_p,
            ctypes.c_size_t,
            ctypes.c_uint,
            ctypes.c_int,
            ctypes.c_uint,
            ctypes.c_uint,
            ctypes.c_void_p,
            ctypes.c_void_p,
        ]

    def speak(self, text: str, sink: Sink) -> None:
        """Speak one clause into `sink`.

        Raises:
            RuntimeError: espeak refused it.
        """
        self._sink = sink
        words = text.replace("\0", " ").encode()
        error = self._espeak.espeak_Synth(words, len(words) + 1, 0, _POS_CHARACTER, 0, _UTF8, None, None)
        self._sink = _deaf
        if error:
            raise RuntimeError(f"espeak-ng refused a clause with error {error}")

    def _on_audio(self, samples: int | None, count: int, _events: int | None) -> int:
        if not samples or count <= 0:
            return _GO_ON
        return _STOP if self._sink(self._rate_hz, ctypes.string_at(samples, 2 * count)) else _GO_ON


def _deaf(_rate_hz: int, _samples: bytes) -> bool:
    return True
