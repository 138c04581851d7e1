"""The parts of a call over the engine that need no engine: sound both ways, lines, barge-in, guiding the text."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from duplex_frontend.engine.barge_in import BargeIn, BargeInTuning
from duplex_frontend.engine.caller_sound import CallerSound
from duplex_frontend.engine.clock import FrameClock
from duplex_frontend.engine.director import Director
from duplex_frontend.engine.inbox import Inbox
from duplex_frontend.engine.reply import Replies
from duplex_frontend.engine.spelling import spelled
from duplex_frontend.engine.tokens import EPAD, PAD
from duplex_frontend.engine.turn_tuning import BackchannelTuning
from duplex_frontend.engine.words import Heard, HeardWord
from duplex_frontend.types import Line

FRAME, BLOCK = 1920, 480


def blocks(first: int, count: int) -> np.ndarray:
    """`count` blocks, each full of its own number."""
    return np.repeat(np.arange(first, first + count, dtype=np.float32), BLOCK)


# --- the caller's sound, at the engine -----------------------------------------------------------------------


def test_sound_comes_out_in_order_and_what_is_missing_is_silence() -> None:
    inbox, frame = Inbox(), np.empty(FRAME, np.float32)
    inbox.give(blocks(1, 3))
    assert inbox.take(frame) == (0, 3 * BLOCK)
    assert np.array_equal(frame[: 3 * BLOCK], blocks(1, 3)) and not frame[3 * BLOCK :].any()
    assert inbox.starved == 1
    inbox.give(blocks(4, 5))
    assert inbox.take(frame) == (3 * BLOCK, FRAME) and np.array_equal(frame, blocks(4, 4))
    assert inbox.starved == 1


def test_of_more_than_a_second_the_oldest_goes_and_is_counted() -> None:
    inbox, frame = Inbox(), np.empty(FRAME, np.float32)
    for first in range(1, 201, 10):
        inbox.give(blocks(first, 10))
    start, count = inbox.take(frame)
    assert (start, count, inbox.skipped) == (150 * BLOCK, FRAME, 150 * BLOCK)
    assert np.array_equal(frame, blocks(151, 4))


def test_a_call_that_lags_behind_its_caller_catches_up() -> None:
    inbox, frame = Inbox(), np.empty(FRAME, np.float32)
    inbox.give(blocks(0, 12))  # a hiccup left 12 blocks behind
    for n in range(120):
        inbox.give(blocks(12 + 4 * n, 4))
        inbox.take(frame)
    assert inbox.given - inbox.taken == BLOCK and inbox.skipped == 11 * BLOCK and inbox.starved == 0


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 3)), max_size=80))
def test_a_ring_gives_back_what_was_put_in_whatever_the_pace(pace: list[tuple[int, int]]) -> None:
    inbox, given, frame = Inbox(), 0, np.empty(FRAME, np.float32)
    for gives, takes in pace:
        if gives:
            inbox.give(blocks(given, gives))
            given += gives
        for _ in range(takes):
            start, count = inbox.take(frame)
            assert start % BLOCK == count % BLOCK == 0 and start + count <= given * BLOCK
            assert np.array_equal(frame[:count], blocks(start // BLOCK, count // BLOCK))


# --- and at the client -------------------------------------------------------------------------------------------


def test_what_was_heard_lies_beside_what_was_said() -> None:
    sound = CallerSound()
    for n in range(10):
        sound.sent(np.full(BLOCK, n, np.float32))
    assert np.array_equal(sound.heard(0, 2 * BLOCK)[: 2 * BLOCK], blocks(0, 2))
    assert np.array_equal(sound.heard(4 * BLOCK, FRAME), blocks(4, 4))  # two were skipped
    sound.resume(9 * BLOCK)  # the tenth got lost with the connection
    sound.sent(np.full(BLOCK, 77, np.float32))
    assert np.array_equal(sound.heard(8 * BLOCK, 2 * BLOCK)[:960], np.repeat(np.float32([8, 77]), BLOCK))


# --- lines -------------------------------------------------------------------------------------------------------


def test_a_reply_is_cut_only_where_it_may_be() -> None:
    replies = Replies()
    assert replies.give((Line("  "),)) is None
    given = replies.give((Line("This call is recorded.", interruptible=False), Line("Shall we begin?")))
    assert given == (0, ("This", "call", "is", "recorded.", "Shall", "we", "begin?"))
    assert replies.must_finish and not replies.interruptible
    replies.spoken(0, (0, 1, 2))
    assert replies.must_finish
    replies.spoken(0, (3,))
    assert not replies.must_finish and replies.interruptible
    assert not replies.over(7) and replies.over(0)


def test_a_word_longer_than_the_wire_takes_is_split() -> None:
    given = Replies().give((Line("x" * 200),))
    assert given is not None and [len(word) for word in given[1]] == [80, 80, 40]


def speak(
    barge_in: BargeIn, frames: int, *words: str, saying: bool = True, speech: float = 0.9
) -> int | None:
    """Frames until it says so."""
    for n in range(frames):
        heard = Heard(tuple(HeardWord(w, 0, 0) for w in words)) if n == 0 else Heard()
        if barge_in.feed(speech, heard, saying=saying):
            return n + 1
    return None


def test_a_caller_who_insists_gets_the_floor_and_a_backchannel_does_not() -> None:
    def fresh(*, enabled: bool = True) -> BargeIn:
        return BargeIn(BargeInTuning(enabled=enabled), BackchannelTuning())

    assert speak(fresh(), 20) == 9  # 0.72 s
    assert speak(fresh(), 8) is None
    assert speak(fresh(), 3, "wait", "please") == 1
    assert speak(fresh(), 6, "mm-hm") is None
    assert speak(fresh(), 20, saying=False) is None
    assert speak(fresh(enabled=False), 20) is None
    one = fresh()
    assert speak(one, 6) is None and speak(one, 6, speech=0.0) is None and speak(one, 8) is None


# --- guiding the text ---------------------------------------------------------------------------------------------

HELLO = ((10, 11), (12,))


def run(director: Director, frames: int, free: int = 50) -> tuple[list[int], list[int | None], list[int]]:
    """Draw what comes first; returns the tokens drawn, the lines of the frames, and the words confirmed."""
    drawn, lines, words = [], [], []
    for _ in range(frames):
        allowed = director.allowed()
        token = allowed[0] if allowed else free
        words += director.drew(token)
        drawn.append(token)
        lines.append(director.line)
    return drawn, lines, words


def test_a_line_is_said_and_its_frames_are_those_in_which_it_sounds() -> None:
    director = Director()
    director.say(4, HELLO)
    drawn, lines, words = run(director, 12)
    assert [t for t in drawn if t not in (EPAD, PAD)][:3] == [10, 11, 12] and words == [0, 1]
    first = drawn.index(10)
    assert lines[first + 1] == 4 and lines[0] is None  # the text of a frame is drawn in the tick before
    (ended,) = director.ended()
    assert (ended.line, ended.spoken, ended.started, ended.stopped) == (4, 2, 2, False)
    assert director.allowed() == () and director.ended() == []


def test_a_hush_breaks_a_line_off_and_the_word_that_was_out_still_counts() -> None:
    director = Director()
    director.say(1, HELLO)
    run(director, 3)  # EPAD, 10, 11: the first word is drawn, its sound is not out
    director.hush(4)
    drawn, lines, words = run(director, 5)
    assert drawn == [PAD] * 4 + [50] and words == [0] and lines[:2] == [1, None]
    (ended,) = director.ended()
    assert (ended.spoken, ended.started, ended.stopped) == (1, 1, True)


def test_a_newer_line_takes_the_place_of_one_that_is_said_or_waits() -> None:
    director = Director(quiet=True)
    director.say(1, HELLO)
    run(director, 3)
    director.say(2, HELLO)
    director.say(3, ((20,),))
    drawn, _, _ = run(director, 12)
    assert [t for t in drawn if t not in (EPAD, PAD)] == [20]
    assert [(e.line, e.stopped) for e in director.ended()] == [(2, True), (1, True), (3, False)]
    assert director.allowed() == (PAD,)  # quiet


def test_a_hold_lets_go_by_itself_and_leaves_alone_what_has_begun() -> None:
    director = Director()
    director.hold(99)
    assert run(director, 6)[0] == [PAD] * 5 + [50]
    director.hold(5)  # the agent is speaking
    assert run(director, 1)[0] == [50]
    quiet = Director()
    quiet.hold(5)
    quiet.hold(0)
    assert quiet.allowed() == ()


def test_a_word_is_spelled_plainer_until_the_vocabulary_can_write_it() -> None:
    known = {"a": 5, "e": 6, "o": 7, "-": 8}

    def encode(text: str) -> list[int]:
        return [known.get(letter, EPAD) for letter in text]

    assert spelled("ae", encode) == (5, 6)
    assert spelled("AÉ!", encode) == (5, 6)
    assert spelled("a—e", encode) == (5, 8, 6)
    assert spelled("axe", encode) == ()  # never another word


# --- the clock -----------------------------------------------------------------------------------------------------


def test_a_late_clock_skips_and_does_not_burst() -> None:
    at: list[float] = []

    def tick(late_ms: float) -> None:
        at.append(time.monotonic())
        if len(at) == 2:
            time.sleep(0.35)

    clock = FrameClock(tick)
    clock.start()
    time.sleep(1.2)
    clock.stop()
    steps = np.diff(at)
    assert clock.skipped >= 3
    assert 8 <= len(at) <= (at[-1] - at[0]) / 0.08 + 2 - clock.skipped
    assert (np.diff(at[3:]) > 0.03).all() and steps.max() < 0.6


def test_a_tick_that_fails_stops_the_clock_and_is_told() -> None:
    failed: list[BaseException] = []

    def tick(late_ms: float) -> None:
        raise RuntimeError("the device is gone")

    clock = FrameClock(tick, failed=failed.append)
    clock.start()
    time.sleep(0.3)
    clock.stop()
    assert [str(error) for error in failed] == ["the device is gone"]


@pytest.mark.parametrize("seconds", [0.5])
def test_the_clock_keeps_its_own_time(seconds: float) -> None:
    count: list[float] = []
    clock = FrameClock(count.append)
    clock.start()
    time.sleep(seconds)
    clock.stop()
    assert abs(len(count) - seconds / 0.08) <= 2
