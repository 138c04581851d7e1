"""Ogg-Opus streams piece by piece, and the 20 ms blocks that calls take and give.

The codec is `sphn`, as in upstream's servers and clients; it is an extra, for it weighs 80 MB.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from duplex_frontend.audio import NOTHING, Pcm, Resampler
from duplex_frontend.types import BLOCK_MS, Block
from orchestrator.errors import OrchestratorError

RATE_HZ = 24_000
_PIECE_BYTES = 512  # read at once; holds 10 s of sound at most, whatever was sent
_MOST_BYTES_WITHOUT_SOUND = 64 * 1024  # a whole page; headers are far smaller


class NoOpus(OrchestratorError):
    """The codec is not installed."""


class BadOpus(OrchestratorError):
    """What came is no Ogg-Opus stream."""


class OpusIn:
    """A stream of Ogg-Opus, mono or stereo, to blocks at `rate_hz`.

    Raises:
        NoOpus
    """

    def __init__(self, rate_hz: int) -> None:
        self._reader = _codec().OpusStreamReader(RATE_HZ)
        self._resampler = Resampler(RATE_HZ, rate_hz)
        self._samples = rate_hz * BLOCK_MS // 1000
        self._rest: Pcm = NOTHING
        self._silent_bytes = 0
        self.seconds = 0.0  # of sound so far

    def feed(self, data: bytes) -> Iterator[Block]:
        """The next bytes of the stream, of any size; yields float32 [rate_hz / 50] as blocks become whole.

        Raises:
            BadOpus: the stream is broken, for good.
        """
        for start in range(0, len(data), _PIECE_BYTES):
            piece = data[start : start + _PIECE_BYTES]
            try:
                sound: Pcm = self._reader.append_bytes(piece)
            except ValueError as broken:
                raise BadOpus(
                    f"the sound is no Ogg-Opus stream ({broken}); send all its pages in order, headers first"
                ) from None
            self._silent_bytes = 0 if len(sound) else self._silent_bytes + len(piece)
            if self._silent_bytes > _MOST_BYTES_WITHOUT_SOUND:
                raise BadOpus("the sound is no Ogg-Opus stream (no page ends); send small pages")
            self.seconds += len(sound) / RATE_HZ
            yield from self._blocks(sound)

    def _blocks(self, sound: Pcm) -> Iterator[Block]:
        if not len(sound):
            return
        whole = np.concatenate([self._rest, self._resampler.feed(sound)])
        ends = len(whole) // self._samples * self._samples
        self._rest = whole[ends:]
        yield from whole[:ends].reshape(-1, self._samples)


class OpusOut:
    """Blocks at `rate_hz` to a stream of Ogg-Opus, 24 kHz mono, in pages of 40 ms as upstream's servers write them.

    Raises:
        NoOpus
    """

    def __init__(self, rate_hz: int) -> None:
        self._writer = _codec().OpusStreamWriter(RATE_HZ)
        self._resampler = Resampler(rate_hz, RATE_HZ)
        self._samples = RATE_HZ * BLOCK_MS // 1000
        self._rest: Pcm = NOTHING

    def feed(self, block: Block) -> bytes:
        """Returns the pages that are whole by now; often none."""
        whole = np.concatenate([self._rest, self._resampler.feed(block)])
        ends = len(whole) // self._samples * self._samples
        self._rest = whole[ends:]
        frames = np.clip(np.nan_to_num(whole[:ends]), -1, 1).reshape(-1, self._samples)
        return b"".join(self._writer.append_pcm(np.ascontiguousarray(frame)) for frame in frames)


def _codec() -> Any:
    try:
        import sphn
    except ImportError:
        raise NoOpus(
            "this server has no Opus codec, so Moshi's clients cannot be served; install it: pip install 'souffleur[opus]'"
        ) from None
    return sphn
