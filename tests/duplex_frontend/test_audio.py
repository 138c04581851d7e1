"""Rates, codecs, levels and silences."""

import io
import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from duplex_frontend.audio import (
    NOTHING,
    Pcm,
    Resampler,
    SilenceTrim,
    from_bytes,
    loudness_lufs,
    mulaw_decode,
    mulaw_encode,
    normalise,
    to_bytes,
    to_int16,
)

RATE_HZ = 16_000


def tone(hz: float, rate_hz: int, seconds: float = 1.0, peak: float = 0.5) -> Pcm:
    return (peak * np.sin(2 * np.pi * hz * np.arange(int(seconds * rate_hz)) / rate_hz)).astype(np.float32)


def noise(samples: int, rms: float = 0.1, seed: int = 1) -> Pcm:
    return (rms * np.random.default_rng(seed).standard_normal(samples)).astype(np.float32)


def silence(seconds: float) -> Pcm:
    return np.zeros(int(seconds * RATE_HZ), np.float32)


def resampled(pcm: Pcm, from_hz: int, to_hz: int, cuts: list[int]) -> Pcm:
    """All of `pcm` through a stream, in pieces that end at `cuts`."""
    resampler = Resampler(from_hz, to_hz)
    edges = [0, *sorted(cut % len(pcm) for cut in cuts), len(pcm)]
    pieces = [resampler.feed(pcm[a:b]) for a, b in pairwise(edges)]
    return np.concatenate([*pieces, resampler.flush()])


# --- int16 ---


def test_what_is_beyond_full_scale_is_clipped_and_what_is_no_number_is_silence() -> None:
    odd = np.array([2.0, -2.0, np.nan, np.inf, -np.inf, 1.0], np.float32)
    assert to_int16(odd).tolist() == [32767, -32768, 0, 32767, -32768, 32767]


def test_int16_survives_the_way_through_float() -> None:
    every = np.arange(-32768, 32768, dtype="<i2").tobytes()
    assert to_bytes(from_bytes(every)) == every


# --- mu-law ---


def test_mulaw_bytes_mean_what_libsndfile_says_they_mean() -> None:
    every = bytes(range(256))
    theirs, _ = soundfile.read(
        io.BytesIO(every), samplerate=8000, channels=1, format="RAW", subtype="ULAW", dtype="int16"
    )
    assert to_int16(mulaw_decode(every)).tolist() == theirs.tolist()


def test_mulaw_encodes_every_sample_as_libsndfile_does() -> None:
    every = np.arange(-32768, 32768, dtype="<i2")
    theirs = io.BytesIO()
    soundfile.write(theirs, every, 8000, format="RAW", subtype="ULAW")
    ours = mulaw_encode(from_bytes(every.tobytes()))
    np.testing.assert_array_equal(mulaw_decode(ours), mulaw_decode(theirs.getvalue()))


def test_mulaw_through_a_second_gateway_loses_nothing_more() -> None:
    once = mulaw_decode(mulaw_encode(noise(8000)))
    np.testing.assert_array_equal(mulaw_decode(mulaw_encode(once)), once)


# --- rates ---


@settings(max_examples=40, deadline=None)
@given(
    rates=st.sampled_from(
        [(8_000, 16_000), (22_050, 16_000), (24_000, 16_000), (16_000, 8_000), (16_000, 48_000)]
    ),
    cuts=st.lists(st.integers(0, 10_000), max_size=30),
)
def test_a_stream_is_resampled_the_same_in_whatever_pieces_it_comes(
    rates: tuple[int, int], cuts: list[int]
) -> None:
    pcm = noise(3_000)
    whole, pieces = resampled(pcm, *rates, []), resampled(pcm, *rates, cuts)
    assert len(whole) == len(pieces) == round(3_000 * rates[1] / rates[0])
    np.testing.assert_allclose(pieces, whole, atol=1e-6)


@pytest.mark.parametrize(("from_hz", "to_hz"), [(8_000, 16_000), (22_050, 16_000), (16_000, 24_000)])
def test_resampling_keeps_a_tone_in_time_and_clean(from_hz: int, to_hz: int) -> None:
    made = resampled(tone(1000, from_hz), from_hz, to_hz, [])
    middle = slice(to_hz // 10, -to_hz // 10)
    error = (made - tone(1000, to_hz))[middle]
    assert 20 * np.log10(0.5 / np.abs(error).max()) > 80


def test_resampling_down_takes_away_what_the_lower_rate_cannot_carry() -> None:
    made = resampled(tone(6_000, 16_000), 16_000, 8_000, [])
    assert np.abs(made[800:-800]).max() < 0.5 * 10 ** (-80 / 20)


@pytest.mark.parametrize(
    ("from_hz", "to_hz"), [(8_000, 16_000), (16_000, 8_000), (24_000, 16_000), (48_000, 16_000)]
)
def test_a_resampler_holds_back_less_than_3_ms(from_hz: int, to_hz: int) -> None:
    resampler = Resampler(from_hz, to_hz)
    given = sum(len(resampler.feed(noise(from_hz // 50))) for _ in range(10))
    assert 0.2 * to_hz - given < 0.003 * to_hz


def test_a_resampler_that_was_flushed_begins_another_stream() -> None:
    resampler, pcm = Resampler(8_000, 16_000), noise(800)
    first = np.concatenate([resampler.feed(pcm), resampler.flush()])
    second = np.concatenate([resampler.feed(pcm), resampler.flush()])
    np.testing.assert_array_equal(first, second)


# --- levels ---


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 48_000])
def test_loudness_of_the_standards_own_tone(rate_hz: int) -> None:
    """BS.1770-4: a 997 Hz sine at full scale in one channel reads -3.01 LKFS."""
    assert loudness_lufs(tone(997, rate_hz, 3.0, peak=1.0), rate_hz) == pytest.approx(-3.01, abs=0.02)


def test_pauses_do_not_make_speech_less_loud() -> None:
    speech = noise(3 * RATE_HZ)
    paused = np.concatenate([speech, silence(20.0)])
    assert loudness_lufs(paused, RATE_HZ) == pytest.approx(loudness_lufs(speech, RATE_HZ), abs=0.5)


def test_a_quiet_room_between_words_does_not_count_as_speech() -> None:
    speech, room = noise(3 * RATE_HZ), noise(20 * RATE_HZ, rms=0.002)
    heard = loudness_lufs(np.concatenate([speech, room]), RATE_HZ)
    assert heard == pytest.approx(loudness_lufs(speech, RATE_HZ), abs=0.5)


def test_a_recording_is_brought_to_the_loudness_asked_for() -> None:
    quiet = noise(2 * RATE_HZ, rms=0.003)
    assert loudness_lufs(normalise(quiet, RATE_HZ, -23.0), RATE_HZ) == pytest.approx(-23.0, abs=0.1)


def test_making_it_louder_never_clips() -> None:
    clicks = noise(RATE_HZ, rms=0.001)
    clicks[::4000] = 0.5
    assert np.abs(normalise(clicks, RATE_HZ, -10.0)).max() <= 0.9


def test_silence_has_no_loudness_and_stays_silence() -> None:
    assert loudness_lufs(silence(1.0), RATE_HZ) == -math.inf
    assert not normalise(silence(1.0), RATE_HZ).any()
    hum = tone(50, RATE_HZ, peak=1e-6)
    np.testing.assert_array_equal(normalise(hum, RATE_HZ), hum)
    assert loudness_lufs(NOTHING, RATE_HZ) == -math.inf


# --- silences ---


def trimmed(pcm: Pcm, cuts: Sequence[int] = ()) -> Pcm:
    trim = SilenceTrim(RATE_HZ, lead_ms=10, tail_ms=60)
    edges = [0, *sorted(cut % len(pcm) for cut in cuts), len(pcm)]
    return np.concatenate([*(trim.feed(pcm[a:b]) for a, b in pairwise(edges)), trim.flush()])


def test_silence_before_and_after_is_taken_off_and_the_pause_inside_stays() -> None:
    spoken = np.concatenate([noise(1600), silence(0.3), noise(1600)])
    made = trimmed(np.concatenate([silence(0.25), spoken, silence(0.4)]))
    assert len(made) == 160 + len(spoken) + 960
    np.testing.assert_array_equal(made[160:-960], spoken)


@settings(max_examples=40, deadline=None)
@given(cuts=st.lists(st.integers(0, 20_000), max_size=30))
def test_silence_is_trimmed_the_same_in_whatever_pieces_it_comes(cuts: list[int]) -> None:
    pcm = np.concatenate([silence(0.2), noise(1111), silence(0.1), noise(999), silence(0.2)])
    np.testing.assert_array_equal(trimmed(pcm, cuts), trimmed(pcm))


def test_a_click_is_not_the_beginning_of_speech() -> None:
    pcm = np.concatenate([silence(0.1), noise(80), silence(0.2), noise(1600)])
    assert len(trimmed(pcm)) == 160 + 1600


def test_nothing_is_made_of_silence() -> None:
    assert not len(trimmed(silence(2.0)))
