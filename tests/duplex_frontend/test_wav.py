"""Recordings: any that a person may bring, and the one that we write."""

import resource
import signal
import subprocess
import sys
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import soundfile

from duplex_frontend.audio import Pcm
from duplex_frontend.errors import BadAudio, RecordingLost
from duplex_frontend.wav import StereoRecording, read_recording

RATE_HZ = 16_000
BLOCK = np.full(320, 0.25, np.float32)


def tone(hz: float, rate_hz: int, seconds: float = 1.0, peak: float = 0.5) -> Pcm:
    return (peak * np.sin(2 * np.pi * hz * np.arange(int(seconds * rate_hz)) / rate_hz)).astype(np.float32)


def pitch_hz(pcm: Pcm, rate_hz: int) -> float:
    spectrum = np.abs(np.fft.rfft(pcm * np.hanning(len(pcm))))
    return float(spectrum.argmax() * rate_hz / len(pcm))


def read(path: Path, channel: int | None = None) -> tuple[Pcm, list[str]]:
    remarks: list[str] = []
    return read_recording(path, RATE_HZ, channel=channel, remark=remarks.append), remarks


# --- reading ---


@pytest.mark.parametrize(
    ("rate_hz", "subtype", "ending"),
    [
        (8_000, "ULAW", "wav"),
        (8_000, "ALAW", "wav"),
        (8_000, "PCM_U8", "wav"),
        (11_025, "PCM_16", "wav"),
        (16_000, "PCM_16", "wav"),
        (22_050, "FLOAT", "wav"),
        (44_100, "PCM_24", "wav"),
        (48_000, "DOUBLE", "wav"),
        (44_100, "PCM_16", "flac"),
    ],
)
def test_a_recording_of_any_rate_and_encoding_is_heard_as_it_was(
    tmp_path: Path, rate_hz: int, subtype: str, ending: str
) -> None:
    path = tmp_path / f"caller.{ending}"
    soundfile.write(path, tone(440, rate_hz, 2.0), rate_hz, subtype=subtype)
    pcm, remarks = read(path)
    assert (pcm.dtype, pcm.ndim, remarks) == (np.float32, 1, [])
    assert len(pcm) == pytest.approx(2 * RATE_HZ, abs=RATE_HZ // 100)
    assert pitch_hz(pcm, RATE_HZ) == pytest.approx(440, abs=1)
    assert np.abs(pcm).max() == pytest.approx(0.5, abs=0.02)


def test_of_two_channels_the_first_is_heard_and_the_second_is_not_mixed_in(tmp_path: Path) -> None:
    path = tmp_path / "stereo.wav"
    soundfile.write(path, np.stack([tone(440, RATE_HZ), tone(1000, RATE_HZ)], axis=1), RATE_HZ)
    pcm, remarks = read(path)
    spectrum = np.abs(np.fft.rfft(pcm))
    assert pitch_hz(pcm, RATE_HZ) == pytest.approx(440, abs=1)
    assert spectrum[1000] < spectrum[440] / 1000
    assert "2 channels" in remarks[0] and "channel 0" in remarks[0]


def test_a_silent_first_channel_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "stereo.wav"
    soundfile.write(path, np.stack([np.zeros(RATE_HZ), tone(1000, RATE_HZ)], axis=1), RATE_HZ)
    pcm, remarks = read(path)
    assert pitch_hz(pcm, RATE_HZ) == pytest.approx(1000, abs=1)
    assert "channel 1" in remarks[0]


def test_a_channel_that_is_asked_for_is_taken_and_one_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "stereo.wav"
    soundfile.write(path, np.stack([tone(440, RATE_HZ), tone(1000, RATE_HZ)], axis=1), RATE_HZ)
    assert pitch_hz(read(path, channel=1)[0], RATE_HZ) == pytest.approx(1000, abs=1)
    with pytest.raises(BadAudio, match="2 channels"):
        read(path, channel=2)


def test_a_recording_that_breaks_off_is_used_as_far_as_it_goes_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "cut.wav"
    soundfile.write(path, tone(440, RATE_HZ, 4.0), RATE_HZ, subtype="PCM_16")
    path.write_bytes(path.read_bytes()[: 44 + 2 * RATE_HZ + 1])  # one second, and half a sample
    pcm, remarks = read(path)
    assert len(pcm) == RATE_HZ
    assert "promises 4.0 s and 1.0 s are there" in remarks[0]


def test_a_streamed_header_that_never_knew_its_length_is_no_reason_for_a_remark(tmp_path: Path) -> None:
    path = tmp_path / "streamed.wav"
    soundfile.write(path, tone(440, RATE_HZ), RATE_HZ, subtype="PCM_16")
    raw = bytearray(path.read_bytes())
    raw[40:44] = raw[4:8] = b"\xff\xff\xff\xff"
    path.write_bytes(raw)
    pcm, remarks = read(path)
    assert (len(pcm), remarks) == (RATE_HZ, [])


def test_a_silent_recording_is_a_recording(tmp_path: Path) -> None:
    path = tmp_path / "silent.wav"
    soundfile.write(path, np.zeros(RATE_HZ), RATE_HZ)
    pcm, remarks = read(path)
    assert len(pcm) == RATE_HZ and not pcm.any() and not remarks


def test_what_is_no_number_is_silence_and_what_is_too_loud_is_turned_down(tmp_path: Path) -> None:
    path = tmp_path / "wild.wav"
    wild = tone(440, RATE_HZ, peak=8.0)
    wild[100] = np.nan
    soundfile.write(path, wild, RATE_HZ, subtype="FLOAT")
    pcm, remarks = read(path)
    assert np.isfinite(pcm).all() and np.abs(pcm).max() == pytest.approx(1.0, abs=0.01)
    assert "too loud" in remarks[0]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"Dear clinic,\n" * 100, "ffmpeg"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00", "ffmpeg"),
        ("header", "0 samples"),
        ("half a header", "ffmpeg"),
    ],
    ids=["empty", "text", "broken header", "no samples", "header cut off"],
)
def test_what_cannot_be_heard_is_refused_with_a_cure(tmp_path: Path, content: bytes | str, says: str) -> None:
    path = tmp_path / "bad.wav"
    if isinstance(content, str):
        soundfile.write(path, tone(440, RATE_HZ), RATE_HZ)
        content = path.read_bytes()[: 44 if content == "header" else 30]
    path.write_bytes(content)
    with pytest.raises(BadAudio, match=says) as raised:
        read(path)
    assert str(path) in str(raised.value)


def test_a_missing_file_and_a_folder_are_named_as_what_they_are(tmp_path: Path) -> None:
    with pytest.raises(BadAudio, match="there is no file"):
        read(tmp_path / "nowhere.wav")
    with pytest.raises(BadAudio, match="is a folder"):
        read(tmp_path)


# --- writing ---


def test_both_sides_of_a_call_are_on_their_own_channel(tmp_path: Path) -> None:
    recording = StereoRecording(tmp_path / "call.wav", RATE_HZ)
    for _ in range(75):
        assert recording.append(BLOCK, -BLOCK) is None
    assert recording.close() is None and recording.close() is None
    sound, rate_hz = soundfile.read(tmp_path / "call.wav", dtype="float32")
    assert (rate_hz, sound.shape) == (RATE_HZ, (75 * 320, 2))
    assert np.all(sound[:, 0] == 0.25) and np.all(sound[:, 1] == -0.25)
    assert recording.seconds == pytest.approx(1.5)


def test_a_killed_process_leaves_a_recording_that_plays(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    program = (
        "import numpy as np, sys, time; from duplex_frontend.wav import StereoRecording\n"
        f"r = StereoRecording({str(path)!r}, 16000); b = np.full(320, 0.25, np.float32)\n"
        "for _ in range(180): r.append(b, -b)\n"
        "print('written', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline() == b"written\n"
        process.send_signal(signal.SIGKILL)
    with wave.open(str(path)) as file:  # the strictest reader at hand
        assert file.getnchannels() == 2
        assert 2.6 <= file.getnframes() / RATE_HZ <= 3.6  # 3.6 s were given, the last second may be missing
        assert len(file.readframes(10**9)) == 4 * file.getnframes()


@contextmanager
def files_limited_to(most_bytes: int) -> Iterator[None]:
    """As a full disk: writes stop in the middle (the system says so with EFBIG in place of ENOSPC)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_ends_the_recording_once_and_leaves_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    recording = StereoRecording(path, RATE_HZ)
    with files_limited_to(150_001):
        told = [recording.append(BLOCK, BLOCK) for _ in range(500)]
        assert recording.close() is None
    lost = [answer for answer in told if answer is not None]
    assert len(lost) == 1 and isinstance(lost[0], RecordingLost)
    assert str(path) in str(lost[0]) and "make room" in str(lost[0])
    with wave.open(str(path)) as file:
        assert file.getnframes() == (150_001 - 44) // 4
    assert path.stat().st_size == 44 + 4 * ((150_001 - 44) // 4)


def test_a_disk_that_fills_up_at_the_very_end_is_told_at_the_close(tmp_path: Path) -> None:
    recording = StereoRecording(tmp_path / "call.wav", RATE_HZ)
    with files_limited_to(1_000):
        assert recording.append(BLOCK, BLOCK) is None
        assert isinstance(recording.close(), RecordingLost)
    assert recording.append(BLOCK, BLOCK) is None


def test_a_recording_that_cannot_be_begun_says_why(tmp_path: Path) -> None:
    with pytest.raises(RecordingLost, match="No such file"):
        StereoRecording(tmp_path / "nowhere" / "call.wav", RATE_HZ)
    with pytest.raises(RecordingLost, match="No space left"):
        StereoRecording("/dev/full", RATE_HZ)


def test_sides_of_different_length_are_a_mistake_of_the_caller(tmp_path: Path) -> None:
    recording = StereoRecording(tmp_path / "call.wav", RATE_HZ)
    with pytest.raises(ValueError, match="equally long"):
        recording.append(BLOCK, BLOCK[:-1])
    recording.close()
