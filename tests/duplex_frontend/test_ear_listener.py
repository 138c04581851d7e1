"""One decoder, in our own process: what it makes of callers of whom it knows nothing yet, and of odd sounds."""

import math
from itertools import pairwise

import numpy as np
import pytest

from duplex_frontend.cascade.caller_mean import USUAL_MEAN, CallerMean
from duplex_frontend.cascade.ear_listener import Listener
from duplex_frontend.cascade.ear_wire import EarKind, Phrases, Reading
from tests.duplex_frontend.speech import as_pcm, hiss, pieces, quiet, utterance

NUMBER = (
    "#JSGF V1.0;\ngrammar n;\n<d> = zero | one | two | three | four | five | six | seven | eight | nine;\n"
)
PHONE = Phrases("phone", NUMBER + "public <said> = [my number is] <d>+;\n")
ORDER = Phrases("order", "#JSGF V1.0;\ngrammar o;\npublic <said> = [yes | no];\n")


@pytest.fixture(scope="module")
def decoder() -> Listener:
    return Listener(EarKind.GRAMMAR)


@pytest.fixture
def listener(decoder: Listener) -> Listener:
    """A new caller: nothing is known of the voice."""
    decoder.cancel()
    decoder._mean = CallerMean(decoder._decoder)
    return decoder


def hear(listener: Listener, pcm: bytes, phrases: Phrases = PHONE, ms: int = 60) -> Reading:
    assert list(listener.expect(phrases)) == []
    listener.begin()
    for piece in pieces(pcm, ms):
        listener.feed(piece)
    return listener.end()


@pytest.mark.parametrize("voice", ["slt", "rms", "awb"])
def test_the_first_words_of_a_caller_are_understood(listener: Listener, voice: str) -> None:
    text = "my number is five eight one two nine three four seven six two"
    assert hear(listener, utterance(text, voice)).text == text


@pytest.mark.parametrize("gain", [0.1, 0.3, 1.0])
def test_a_quiet_caller_is_understood_after_the_first_sentence(listener: Listener, gain: float) -> None:
    hear(listener, scaled(utterance("my number is five five one two three four"), gain))
    text = "eight one two nine three four"
    assert hear(listener, scaled(utterance(text), gain)).text == text


def test_what_is_known_of_a_caller_comes_near_the_sound_of_him(listener: Listener) -> None:
    assert list(listener.expect(PHONE)) == []
    first = cepstral_mean(listener)
    assert first == pytest.approx(USUAL_MEAN, abs=0.01)
    pcm = utterance("my number is five eight one two nine three four seven six two", "rms")
    hear(listener, pcm)
    once = cepstral_mean(listener)
    hear(listener, pcm)
    twice = cepstral_mean(listener)
    assert math.dist(once, first) > 5
    # The same sound again teaches nothing new, however the utterances lie in what the decoder counts.
    assert math.dist(once, twice) < 0.1 * math.dist(once, first)


@pytest.mark.parametrize("pcm", [b"", as_pcm(quiet(3.0)), b"\xff\x7f" * 48000, b"\x00\x80\xff\x7f" * 24000])
def test_odd_sounds_spoil_nothing(listener: Listener, pcm: bytes) -> None:
    hear(listener, pcm)
    assert all(map(math.isfinite, cepstral_mean(listener)))
    text = "my number is five eight one two nine three four"
    hear(listener, utterance(text))
    assert hear(listener, utterance(text)).text == text


def test_noise_is_an_utterance_without_words_where_the_grammar_allows_it(listener: Listener) -> None:
    reading = hear(listener, as_pcm(hiss(1.5, 0.02)), ORDER)
    assert reading.text == "" and reading.score is not None


def test_the_score_does_not_depend_on_how_long_the_silence_around_the_words_is(listener: Listener) -> None:
    short = utterance("no")
    long = as_pcm(hiss(0.5, 0.0003)) + short + as_pcm(hiss(0.5, 0.0003, seed=2))
    one, other = hear(listener, short, ORDER), hear(listener, long, ORDER)
    assert one.text == other.text == "no"
    assert abs(one.frames - other.frames) <= 6


def test_partial_readings_come_only_when_the_words_have_changed(listener: Listener) -> None:
    assert list(listener.expect(PHONE)) == []
    listener.begin()
    texts = [r.text for piece in pieces(utterance("five eight one two")) if (r := listener.feed(piece))]
    listener.end()
    assert len(texts) >= 3
    assert all(one != other for one, other in pairwise(texts))


def scaled(pcm: bytes, gain: float) -> bytes:
    return (np.frombuffer(pcm, "<i2") * gain).astype("<i2").tobytes()


def cepstral_mean(listener: Listener) -> list[float]:
    """What the next utterance begins with."""
    listener.begin()
    listener.cancel()
    return [float(number) for number in listener._decoder.get_cmn(False).split(",")]
