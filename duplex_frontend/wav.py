"""Recordings on disk: read one as the sound of a call, write one of both sides of a call."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import soundfile
import structlog

from duplex_frontend.audio import NOTHING, Pcm, Resampler, to_int16
from duplex_frontend.errors import BadAudio, RecordingLost

SILENT_PEAK = 0.001  # -60 dBFS: a channel that stays below it has nothing on it
_BLOCK = 65_536  # samples read at a time, so that hours of audio need little memory

_log = structlog.get_logger()


# --- reading -------------------------------------------------------------------------------------------------


def _logged(remark: str) -> None:
    _log.warning("recording_read", remark=remark)


def read_recording(
    path: str | Path,
    rate_hz: int,
    *,
    channel: int | None = None,
    remark: Callable[[str], None] = _logged,
) -> Pcm:
    """Read a recording as the sound of one party: WAV of any rate and encoding, FLAC, Ogg or MP3.

    Of several channels one is taken: `channel`, or else the first that is not silent. Channels are never mixed,
    because in a recorded call they are two people; by custom, and in what we write, the caller is on the left.

    Args:
        path: the file.
        rate_hz: of what comes back.
        channel: 0 is the left one; None for the rule above.
        remark: told in a sentence whatever a person would like to know: which channel was taken, that the file
            is cut off, that it was too loud. Goes to the log where nothing is given.

    Returns:
        float32 [samples], mono, within -1..1. A silent recording is a recording.

    Raises:
        BadAudio: nothing can be heard in it; the text says why and what to do.
    """
    path = Path(path)
    _check_readable(path)
    peaks = _peaks(path)
    chosen = _choose_channel(path, peaks, channel, remark)
    heard, pieces = 0, [NOTHING]
    with _open(path) as file:
        source_hz, promised = file.samplerate, file.frames
        resampler = Resampler(source_hz, rate_hz)
        for block in _blocks(file):
            heard += len(block)
            pieces.append(resampler.feed(np.ascontiguousarray(block[:, chosen])))
        pieces.append(resampler.flush())
    if not heard:
        raise BadAudio(
            f"'{path}' holds no sound (0 samples); record it again. If its recorder was killed, the sound may be "
            f"there and only the header wrong: `sox --ignore-length {path.name} mended.wav`"
        )
    missing = max(promised - heard, _missing_share(path) * heard)
    if missing >= 1:
        remark(
            f"'{path}' is cut off: it promises {(heard + missing) / source_hz:.1f} s and {heard / source_hz:.1f} s "
            "are there; using those"
        )
    return _within_scale(path, np.concatenate(pieces), remark)


def _check_readable(path: Path) -> None:
    try:
        with path.open("rb") as file:
            begins = file.read(1)
    except FileNotFoundError:
        raise BadAudio(f"there is no file '{path}'; check the name and the folder") from None
    except IsADirectoryError:
        raise BadAudio(f"'{path}' is a folder; name a recording in it") from None
    except OSError as error:
        raise BadAudio(f"'{path}' cannot be read: {error.strerror}") from error
    if not begins:
        raise BadAudio(f"'{path}' is empty (0 bytes); record it again")


def _open(path: Path) -> soundfile.SoundFile:
    try:
        return soundfile.SoundFile(path)
    except soundfile.LibsndfileError as error:
        raise BadAudio(
            f"'{path}' is not a recording that can be read ({error.error_string.rstrip('.')}); "
            f"convert it: `ffmpeg -i {path.name} -ar 16000 -ac 1 converted.wav`"
        ) from error


def _blocks(file: soundfile.SoundFile) -> Iterator[Pcm]:
    """[n, channels] until the file ends or breaks off."""
    while True:
        try:
            block: Pcm = file.read(_BLOCK, dtype="float32", always_2d=True)
        except soundfile.LibsndfileError:
            return  # a compressed file that is cut off; what came before it is good
        if not len(block):
            return
        yield np.nan_to_num(block, nan=0.0, posinf=1.0, neginf=-1.0)


def _peaks(path: Path) -> list[float]:
    """The loudest sample of each channel."""
    with _open(path) as file:
        peaks = np.zeros(file.channels, dtype=np.float32)
        for block in _blocks(file):
            peaks = np.maximum(peaks, np.abs(block).max(axis=0))
    return [float(peak) for peak in peaks]


def _choose_channel(path: Path, peaks: list[float], wanted: int | None, remark: Callable[[str], None]) -> int:
    if wanted is not None:
        if not 0 <= wanted < len(peaks):
            raise BadAudio(
                f"'{path}' has {len(peaks)} channels, counted from 0; there is no channel {wanted}"
            )
        return wanted
    chosen = next((n for n, peak in enumerate(peaks) if peak > SILENT_PEAK), 0)
    if len(peaks) > 1:
        why = "the first one" if chosen == 0 else "the first that is not silent"
        remark(f"'{path}' has {len(peaks)} channels; using channel {chosen}, {why}")
    return chosen


def _missing_share(path: Path) -> float:
    """How much more a WAV's header promises than there is, as a share of what is there.

    libsndfile quietly takes what is there.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(12)
        if head[:4] != b"RIFF" or head[8:] != b"WAVE":
            return 0.0
        while len(chunk := file.read(8)) == 8:
            name, promised = struct.unpack("<4sI", chunk)
            if name == b"data":
                there = size - file.tell()
                streamed = promised >= 0xFFFF_FF00  # a length that was never known
                return 0.0 if streamed or not there else max(0.0, (promised - there) / there)
            file.seek(promised + promised % 2, os.SEEK_CUR)
    return 0.0


def _within_scale(path: Path, pcm: Pcm, remark: Callable[[str], None]) -> Pcm:
    peak = float(np.abs(pcm).max(initial=0.0))
    if peak > 1.05:  # resampling alone overshoots a little
        remark(f"'{path}' is {peak:.1f} times too loud for its format; turned down")
        pcm = pcm / np.float32(peak)
    return np.clip(pcm, -1.0, 1.0)


# --- writing -------------------------------------------------------------------------------------------------

_FRAME_BYTES = 4  # int16, two channels
_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
_MOST_BYTES = 0xFFFF_FFFF - _HEADER.size


class StereoRecording:
    """Both sides of a call in one WAV file: the caller on the left, the agent on the right, int16.

    It is written once a second, sound first and then the header's lengths, so a process that is killed leaves
    a file that plays and lacks at most its last second. `append` costs microseconds, and once a second a write
    of 64 kB (at 16 kHz) to the page cache.

    A disk that is full ends the recording, never the call: `append` or `close` returns a `RecordingLost` once,
    what was written stays playable, and all later audio is let go.

    Args:
        path: the file; one that is there is replaced.
        rate_hz: of both sides.

    Raises:
        RecordingLost: the file cannot be begun.
    """

    def __init__(self, path: str | Path, rate_hz: int) -> None:
        self._path, self._rate_hz = Path(path), rate_hz
        self._waiting = bytearray()
        self._written = 0  # bytes of sound in the file
        try:
            self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise RecordingLost(self._path, str(error.strerror)) from error
        self._open = True
        try:
            os.write(self._file, self._header())
        except OSError as error:
            os.close(self._file)
            raise RecordingLost(self._path, str(error.strerror)) from error

    @property
    def seconds(self) -> float:
        """How much is in the file or about to be."""
        return (self._written + len(self._waiting)) / (_FRAME_BYTES * self._rate_hz)

    def append(self, left: Pcm, right: Pcm) -> RecordingLost | None:
        """Add a piece of the call.

        Args:
            left, right: float32 [n] each, the same n.

        Returns:
            Why the recording ends here, once; None otherwise.
        """
        if left.shape != right.shape:
            raise ValueError(f"both sides of a call are equally long, not {left.shape} and {right.shape}")
        if not self._open:
            return None
        self._waiting += to_int16(np.stack([left, right], axis=1)).astype("<i2", copy=False).tobytes()
        if len(self._waiting) >= self._rate_hz * _FRAME_BYTES:
            return self._flush()
        return None

    def close(self) -> RecordingLost | None:
        """Write what is left. Safe to call twice. Returns why it could not be, if it could not."""
        if not self._open:
            return None
        lost = self._flush()
        if self._open:
            self._open = False
            os.close(self._file)
        return lost

    def _flush(self) -> RecordingLost | None:
        if self._written + len(self._waiting) > _MOST_BYTES:
            return self._give_up("a WAV file ends at 4 GiB")
        try:
            while self._waiting:
                wrote = os.write(self._file, self._waiting)
                del self._waiting[:wrote]
                self._written += wrote
            os.pwrite(self._file, self._header(), 0)
        except OSError as error:
            return self._give_up(str(error.strerror))
        return None

    def _give_up(self, why: str) -> RecordingLost:
        """Leave what is there as a file that plays."""
        self._waiting.clear()
        self._written -= self._written % _FRAME_BYTES
        # Overwriting and shortening need no space. Where even they fail there is nothing more to save.
        with suppress(OSError):
            os.pwrite(self._file, self._header(), 0)
            os.ftruncate(self._file, _HEADER.size + self._written)
        self._open = False
        with suppress(OSError):
            os.close(self._file)
        return RecordingLost(self._path, why)

    def _header(self) -> bytes:
        bytes_a_second = self._rate_hz * _FRAME_BYTES
        return _HEADER.pack(
            *(b"RIFF", _HEADER.size - 8 + self._written, b"WAVE"),
            *(b"fmt ", 16, 1, 2, self._rate_hz, bytes_a_second, _FRAME_BYTES, 16),
            *(b"data", self._written),
        )
