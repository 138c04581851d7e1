"""The detector on real audio: speech of synthesizers, noise, and what no microphone gives."""

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from duplex_frontend.cascade.vad import CONTEXT, WINDOW, SileroVad
from tests.duplex_frontend.speech import BLOCK, Speech, hiss, quiet, said

SENTENCE = "my phone number is five five five two one three"
CALL = np.concatenate([quiet(1.0), said(SENTENCE), quiet(1.0)])


def heard(pcm: Speech, piece: int = BLOCK) -> list[float]:
    vad = SileroVad()
    return [p for at in range(0, len(pcm), piece) for p in vad.feed(pcm[at : at + piece])]


@pytest.mark.parametrize("voice", ["slt", "rms", "kal16", "en-us", "en-gb", "en-us+f3"])
def test_speech_of_every_voice_is_told_from_silence(voice: str) -> None:
    speech = said(SENTENCE, voice)
    probabilities = heard(np.concatenate([quiet(1.0), speech, quiet(1.0)]))
    first, last = 16000 // WINDOW, (16000 + len(speech)) // WINDOW
    assert np.mean(np.array(probabilities[first + 3 : last]) > 0.5) > 0.85
    assert max(probabilities[: first - 1]) < 0.35
    assert probabilities[-1] < 0.35


def test_noise_is_no_speech() -> None:
    assert max(heard(hiss(3.0, 0.05))) < 0.5


def test_speech_is_found_in_noise() -> None:
    noisy = CALL + hiss(len(CALL) / 16000, 0.01)
    assert np.mean(np.array(heard(noisy)[34:-34]) > 0.5) > 0.8


def test_one_probability_comes_for_each_completed_window() -> None:
    vad = SileroVad()
    assert vad.feed(quiet(0.0)) == []
    assert len(vad.feed(np.zeros(WINDOW - 1, np.float32))) == 0
    assert len(vad.feed(np.zeros(1, np.float32))) == 1
    assert len(vad.feed(np.zeros(3 * WINDOW + 5, np.float32))) == 3


@pytest.mark.parametrize("piece", [1 + WINDOW // 3, WINDOW, CONTEXT, 16000])
def test_the_size_of_the_pieces_makes_no_difference(piece: int) -> None:
    assert heard(CALL, piece) == heard(CALL)


def test_calls_do_not_hear_each_other() -> None:
    alone = heard(CALL)
    one, other = SileroVad(), SileroVad()
    together = []
    for at in range(0, len(CALL), BLOCK):
        together += one.feed(CALL[at : at + BLOCK])
        other.feed(hiss(0.02, 0.3, seed=at))
    assert together == alone


def test_what_is_not_a_number_is_heard_as_silence() -> None:
    broken = CALL.copy()
    broken[4000:4100] = np.nan
    broken[5000], broken[5001] = np.inf, -np.inf
    silent = CALL.copy()
    silent[4000:4100] = silent[5000:5002] = 0.0
    assert heard(broken) == heard(silent)


def test_what_is_too_loud_is_heard_at_full_scale() -> None:
    assert heard(CALL * 1e6) == heard(np.clip(CALL * 1e6, -1, 1))


def test_the_caller_s_audio_is_left_as_it_is() -> None:
    block = np.full(BLOCK, np.nan, np.float32)
    SileroVad().feed(block)
    assert np.isnan(block).all()


def test_a_window_takes_a_small_part_of_its_time() -> None:
    vad = SileroVad()
    vad.feed(CALL[: 4 * WINDOW])
    begun_s = time.thread_time()
    windows = len(vad.feed(CALL))
    each_ms = (time.thread_time() - begun_s) / windows * 1000
    assert each_ms < 3.2, f"{each_ms:.2f} ms for 32 ms of sound"


def test_the_detector_reports_to_nobody(tmp_path: Path) -> None:
    """onnxruntime keeps its telemetry under the home directory until it has sent it."""
    program = "import numpy; from duplex_frontend.cascade.vad import SileroVad as V; V().feed(numpy.zeros(999, 'f4'))"
    home = {name: str(tmp_path) for name in ("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "TMPDIR")}
    # Where it takes a build machine to be at work, it is silent anyway.
    ours = {name: value for name, value in os.environ.items() if name not in ("CI", "ORT_DISABLE_TELEMETRY")}
    subprocess.run([sys.executable, "-c", program], check=True, env=ours | home)
    assert list(tmp_path.rglob("*")) == []
