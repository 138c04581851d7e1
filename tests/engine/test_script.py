"""Saying exact words, and holding the onset of an answer: pure state machines."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duplex_frontend.engine.errors import Unspeakable
from duplex_frontend.engine.script import HOLD_FRAMES, MAX_ALLOWED, Hold, Progress, Script, words_of
from duplex_frontend.engine.tokens import EPAD, PAD

WORDS = [[10, 11], [12], [13, 14, 15]]


def play(script: Script, choose: random.Random, limit: int = 500) -> tuple[list[int], list[int]]:
    """Draw until it lets go. Returns the tokens and the confirmed words."""
    tokens: list[int] = []
    confirmed: list[int] = []
    while not script.done:
        allowed = script.allowed()
        assert 1 <= len(allowed) <= MAX_ALLOWED
        token = choose.choice(allowed)
        tokens.append(token)
        confirmed += script.drew(token)
        assert len(tokens) < limit
    return tokens, confirmed


WORD = st.lists(st.integers(4, 100), min_size=1, max_size=4)


@given(st.lists(WORD, min_size=1, max_size=8), st.randoms(use_true_random=False), st.integers(0, 5))
def test_whatever_pace_the_model_chooses_the_words_come_out_in_order_and_nothing_else(
    words: list[list[int]], choose: random.Random, max_pad: int
) -> None:
    script = Script(words, max_pad=max_pad)
    tokens, confirmed = play(script, choose)
    assert [t for t in tokens if t not in (PAD, EPAD)] == [t for word in words for t in word]
    assert confirmed == list(range(len(words)))
    assert script.progress == Progress(len(words), len(words), len(words))


@given(st.randoms(use_true_random=False), st.integers(0, 6))
def test_no_pause_between_words_is_longer_than_allowed(choose: random.Random, max_pad: int) -> None:
    tokens, _ = play(Script(WORDS, max_pad=max_pad, tail_pad=0), choose)
    run = longest = 0
    for token in tokens:
        run = run + 1 if token == PAD else 0
        longest = max(longest, run)
    # the one PAD more: a last word's sound needs a frame after it before it is confirmed
    assert longest <= max(max_pad, 1)


def test_a_word_is_confirmed_only_when_its_last_sound_has_gone_out() -> None:
    script = Script([[10, 11], [12]])
    assert script.drew(EPAD) == ()
    assert script.drew(10) == ()
    assert script.drew(11) == ()
    assert script.drew(12) == (0,)
    assert script.drew(PAD) == (1,)


def test_inside_a_word_and_after_its_announcement_nothing_else_may_come() -> None:
    script = Script([[10, 11], [12]])
    assert set(script.allowed()) == {EPAD, PAD}
    script.drew(EPAD)
    assert script.allowed() == (10,)
    script.drew(10)
    assert script.allowed() == (11,)
    script.drew(11)
    assert set(script.allowed()) == {EPAD, 12, PAD}
    with pytest.raises(AssertionError):
        script.drew(77)


def test_a_script_that_is_stopped_lets_go_at_once_and_says_how_far_it_came() -> None:
    script = Script(WORDS)
    for token in (EPAD, 10, 11, 12, EPAD, 13):
        script.drew(token)
    assert script.stop() == Progress(spoken=2, started=3, words=3)
    assert script.done
    assert script.allowed() == ()
    assert Script(WORDS).stop() == Progress(0, 0, 3)


def test_it_waits_before_the_first_word_and_lets_the_last_one_end() -> None:
    script = Script([[10]], lead_pad=2, tail_pad=3)
    for _ in range(2):
        assert script.allowed() == (PAD,)
        script.drew(PAD)
    script.drew(EPAD)
    script.drew(10)
    for _ in range(3):
        assert not script.done
        assert script.allowed() == (PAD,)
        script.drew(PAD)
    assert script.done


@pytest.mark.parametrize("words", [[], [[]], [[10], []], [[PAD]], [[10, EPAD]]])
def test_a_script_without_words_or_with_padding_in_them_is_refused(words: list[list[int]]) -> None:
    with pytest.raises(ValueError, match="word"):
        Script(words)


def test_a_hold_lasts_400_ms_at_most_and_lets_go_by_itself_or_sooner_when_told() -> None:
    hold = Hold()
    for _ in range(HOLD_FRAMES):
        assert hold.allowed() == (PAD,)
        assert not hold.done
        hold.drew(PAD)
    assert hold.done and hold.allowed() == ()
    hold = Hold(3)
    hold.drew(PAD)
    hold.release()
    assert hold.done and hold.allowed() == ()
    for frames in (0, HOLD_FRAMES + 1):
        with pytest.raises(ValueError, match="80 ms"):
            Hold(frames)


def test_a_text_is_split_at_the_pieces_that_begin_a_word() -> None:
    pieces = {5: "▁to", 6: "day", 7: "▁three", 8: "."}
    assert words_of("today three.", lambda _: [5, 6, 7, 8], pieces.__getitem__) == [[5, 6], [7, 8]]
    with pytest.raises(Unspeakable, match="vocabulary"):
        words_of("№", lambda _: [5, 0], lambda _: "▁")
    with pytest.raises(Unspeakable, match="nothing to say"):
        words_of("", lambda _: [], lambda _: "▁")
