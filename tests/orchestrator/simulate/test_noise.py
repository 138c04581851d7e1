"""Misheard words."""

from __future__ import annotations

import random

import pytest

from orchestrator.simulate.noise import Noise, alike, spelled

TALK = (
    "my phone number is five five five two one two",
    "yes that's right thanks a lot",
    "it's maria gonzalez i have a headache",
    "what do you mean could you say that again please",
)


def heard(rate: float, seed: int, times: int = 400) -> Noise:
    noise = Noise(rate, random.Random(seed), ("Maria Gonzalez",))
    for _ in range(times):
        for line in TALK:
            noise.heard(line)
    return noise


def test_without_errors_every_word_stands() -> None:
    noise = Noise(0.0, random.Random(1))
    assert [noise.heard(line) for line in TALK] == [(line, 1.0) for line in TALK]


@pytest.mark.parametrize("rate", [0.1, 0.2, 0.3])
def test_about_as_many_words_are_misheard_as_were_asked_for(rate: float) -> None:
    noise = heard(rate, 1)
    assert noise.errors / noise.spoken == pytest.approx(rate, rel=0.2)


def test_digits_and_names_suffer_about_twice_as_much() -> None:
    frail, firm = (Noise(0.1, random.Random(1), ("Maria Gonzalez",)) for _ in range(2))
    for _ in range(1500):
        frail.heard("five two one nine maria gonzalez k b")
        firm.heard("what do you mean could you please")
    ratio = (frail.errors / frail.spoken) / (firm.errors / firm.spoken)
    assert 1.6 < ratio < 2.4


def test_the_same_seed_mishears_the_same() -> None:
    one, other = (Noise(0.3, random.Random(5)) for _ in range(2))
    assert [one.heard(line) for line in TALK * 5] == [other.heard(line) for line in TALK * 5]


def test_confidence_falls_with_errors_without_giving_them_away() -> None:
    noise = Noise(0.2, random.Random(2))
    right, wrong = [], []
    for _ in range(600):
        for line in TALK:
            text, confidence = noise.heard(line)
            (right if text == line else wrong).append(confidence)
    assert sum(right) / len(right) > sum(wrong) / len(wrong) + 0.1
    assert min(right) < max(wrong)


def test_a_misheard_word_is_another_word() -> None:
    rng = random.Random(3)
    for word in ("five", "k", "maria", "june", "headache", "no", "4155551234"):
        assert alike(word, rng) != word


def test_a_rate_beyond_what_is_simulated_is_refused() -> None:
    with pytest.raises(ValueError, match=r"0 to 0\.3"):
        Noise(0.5, random.Random(1))


@pytest.mark.parametrize(
    ("words", "letters"),
    [
        ("i was at a hotel", ""),
        ("then i asked a guest", ""),
        ("k a i l", "kail"),
        ("a for alpha", "a"),
        ("i as in india", "i"),
        ("my code is k five a i", "kai"),
        ("5 a day", ""),
    ],
)
def test_i_and_a_are_letters_only_where_letters_are_spelled(words: str, letters: str) -> None:
    cut = words.split()
    assert "".join(word for word, is_letter in zip(cut, spelled(cut), strict=True) if is_letter) == letters


def test_nobody_hears_a_pronoun_as_another_letter() -> None:
    rng = random.Random(7)
    heard = {alike("i", rng, letter=False) for _ in range(50)} | {
        alike("a", rng, letter=False) for _ in range(50)
    }
    assert not {word for word in heard if len(word) == 1}
