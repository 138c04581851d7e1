"""The noise that is added follows the voice, and stays out of its way."""

import numpy as np
import pytest

from duplex_frontend.cascade.noise_floor import BELOW_SPEECH_DB, NoiseFloor
from tests.duplex_frontend.speech import as_pcm, pieces, quiet, said, utterance

SENTENCE = "my phone number is five five five two one three"


def added(pcm: bytes, piece_ms: int = 60) -> np.ndarray:
    floor = NoiseFloor()
    noisy = b"".join(floor.add(piece) for piece in pieces(pcm, piece_ms))
    return np.frombuffer(noisy, "<i2").astype(float) - np.frombuffer(pcm, "<i2")


def level(pcm: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(pcm))))


@pytest.mark.parametrize("voice", ["slt", "kal16", "en-us"])
@pytest.mark.parametrize("gain", [0.05, 0.3, 1.0])
def test_it_stays_as_far_below_a_quiet_voice_as_below_a_loud_one(voice: str, gain: float) -> None:
    speech = said(SENTENCE, voice) * gain
    frames = (speech[: len(speech) // 320 * 320] * 32767).reshape(-1, 320)
    loudest = np.sqrt(np.mean(np.square(frames), axis=1)).max()
    below_db = 20 * np.log10(loudest / level(added(as_pcm(speech))[8000:]))
    assert BELOW_SPEECH_DB - 1 < below_db < BELOW_SPEECH_DB + 5


def test_silence_before_the_first_word_stays_silent() -> None:
    assert not added(as_pcm(quiet(1.0))).any()


def test_it_lasts_through_a_pause() -> None:
    noise = added(as_pcm(np.concatenate([said(SENTENCE), quiet(1.0)])))
    assert level(noise[-3200:]) > 0.5 * level(noise[3200:6400])


def test_the_same_speech_gets_the_same_noise() -> None:
    assert (added(utterance(SENTENCE)) == added(utterance(SENTENCE))).all()


def test_full_scale_is_not_exceeded() -> None:
    loud = np.full(32000, 32767, "<i2").tobytes()
    floor = NoiseFloor()
    noisy = np.frombuffer(floor.add(loud), "<i2")
    assert noisy.min() > 30000


@pytest.mark.parametrize("samples", [0, 1, 319, 320, 321, 200_000])
def test_pieces_may_be_of_any_length(samples: int) -> None:
    assert len(NoiseFloor().add(b"\x01\x02" * samples)) == 2 * samples
