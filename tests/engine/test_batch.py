"""Many calls in one batch do not know of each other."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("moshi", reason="the engine's tests run in .venv-engine (tools/setup.sh engine)")

from hypothesis import given, settings
from hypothesis import strategies as st

from duplex_frontend.engine.batch import Batch, Said
from duplex_frontend.engine.errors import UnknownSeat
from duplex_frontend.engine.sampling import GREEDY, Sampling
from duplex_frontend.engine.tokens import FRAME_SAMPLES
from duplex_frontend.errors import NoSeat
from tests.engine.alone import Alone, model, noise

WINDOW = 24


def same_as_alone(said: list[Said], sound: np.ndarray, window: int = WINDOW) -> None:
    one = Alone(window)
    for i, tick in enumerate(said):
        tokens, heard = one.hear(sound[i])
        if i == 0:
            assert not tick.sound.any()  # frame 0 was never drawn
            continue
        np.testing.assert_array_equal(tick.frame[:9], tokens, err_msg=f"frame {i}")
        np.testing.assert_allclose(tick.sound, heard, atol=1e-4)


def run(schedule: list[list[str]], *, rows: int, sampling: Sampling = GREEDY) -> list[tuple[int, list[Said]]]:
    """Play a schedule: each tick has a letter a row: `.` gap, `f` frame, `n` a new call and a frame, `x` hang-up.

    Returns (seed of its sound, what it said) of every call.
    """
    batch = Batch(model(), rows, window=WINDOW)
    calls: list[tuple[int, list[Said]]] = []
    at: dict[int, tuple[object, int]] = {}
    sounds: dict[int, np.ndarray] = {}
    for letters in schedule:
        frames = {}
        for r, letter in enumerate(letters):
            if letter in "nx" and r in at:
                batch.leave(at.pop(r)[0])
            if letter == "n" and len(at) < rows:
                at[r] = (batch.seat(sampling), len(calls))
                sounds[len(calls)] = noise(len(calls), len(schedule))
                calls.append((len(calls), []))
            if letter in "fn" and r in at:
                seat, call = at[r]
                frames[seat] = sounds[call][len(calls[call][1])]
        for seat, said in batch.tick(frames).items():
            call = next(c for s, c in at.values() if s == seat)
            calls[call][1].append(said)
    return calls


def test_every_call_of_a_busy_batch_is_what_it_would_be_alone_past_the_rings_wrap() -> None:
    lines = [
        "n" + "f" * 59,
        "..n" + "ff.f" * 14,
        "n" + "f" * 20 + "x..n" + "f" * 30,
        "." * 30 + "n" + "f" * 29,
    ]
    schedule = [[line[t] if t < len(line) else "." for line in lines] for t in range(60)]
    calls = run(schedule, rows=4)
    assert len(calls) == 5
    assert max(len(said) for _, said in calls) > 2 * WINDOW
    for seed, said in calls:
        same_as_alone(said, noise(seed, 60))


@settings(max_examples=8, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from("....ffffffffffnx"), min_size=3, max_size=3), min_size=10, max_size=45)
)
def test_no_schedule_makes_a_call_differ_from_itself_alone(schedule: list[list[str]]) -> None:
    for seed, said in run([["n", ".", "n"], *schedule], rows=3):
        same_as_alone(said, noise(seed, len(schedule) + 1))


def test_the_sound_of_a_call_is_the_same_to_the_bit_whatever_its_neighbours_do() -> None:
    quiet = run([["n", ".", "."]] + [["f", ".", "."]] * 39, rows=3)[0][1]
    busy = run(
        [["n", "n", "."]]
        + [["f", "f", "n"], ["f", ".", "f"], ["f", "x", "f"], ["f", "n", "."]] * 9
        + [["f", ".", "."]] * 3,
        rows=3,
    )[0][1]
    assert len(quiet) == len(busy) == 40
    for a, b in zip(quiet, busy, strict=True):
        np.testing.assert_array_equal(a.frame, b.frame)
        np.testing.assert_array_equal(a.sound, b.sound)


def test_a_sampled_call_can_be_had_again_from_its_seed_among_other_neighbours_and_on_another_row() -> None:
    dice = Sampling(seed=7)
    sound = noise(0, 30)

    def play(row: int, others: int) -> np.ndarray:
        batch = Batch(model(), 4, window=WINDOW)
        filler = [batch.seat(GREEDY) for _ in range(row)]
        seat = batch.seat(dice)
        neighbours = [batch.seat(Sampling(seed=100 + i)) for i in range(others)]
        for seat_ in filler:
            batch.leave(seat_)
        return np.stack([batch.tick(dict.fromkeys((seat, *neighbours), x))[seat].frame for x in sound])

    first = play(0, 0)
    np.testing.assert_array_equal(first, play(2, 1))
    np.testing.assert_array_equal(first, play(1, 2))
    dice = Sampling(seed=8)
    assert (play(0, 0) != first).any()


def test_a_full_batch_says_so_at_once_and_a_seat_is_never_given_twice() -> None:
    batch = Batch(model(), 2, window=WINDOW)
    first, second = batch.seat(GREEDY), batch.seat(GREEDY)
    with pytest.raises(NoSeat):
        batch.seat(GREEDY)
    batch.leave(first)
    third = batch.seat(GREEDY)
    assert third.row == first.row and third.epoch not in (first.epoch, second.epoch)
    with pytest.raises(UnknownSeat):
        batch.tick({first: noise(0, 1)[0]})
    with pytest.raises(UnknownSeat):
        batch.leave(first)


@pytest.mark.parametrize("bad", [np.zeros(1919, np.float32), np.zeros((1, 1920), np.float32), np.zeros(1920)])
def test_a_frame_of_the_wrong_size_moves_nobody(bad: np.ndarray) -> None:
    sound = noise(0, 6)
    batch = Batch(model(), 2, window=WINDOW)
    seat, other = batch.seat(GREEDY), batch.seat(GREEDY)
    said = [batch.tick({seat: x})[seat] for x in sound[:3]]
    with pytest.raises(ValueError, match="float32"):
        batch.tick({seat: sound[3], other: bad})
    said += [batch.tick({seat: x})[seat] for x in sound[3:]]
    same_as_alone(said, sound)


def test_not_a_number_is_heard_as_silence_and_a_scream_hurts_nobody() -> None:
    batch = Batch(model(), 2, window=WINDOW)
    broken, fine = batch.seat(GREEDY), batch.seat(GREEDY)
    sound = noise(3, 12)
    said, deaf = [], []
    for i, x in enumerate(sound):
        bad = np.full(FRAME_SAMPLES, [np.nan, np.inf, -np.inf][i % 3], np.float32)
        out = batch.tick({broken: bad, fine: x})
        deaf.append(out[broken])
        said.append(out[fine])
    same_as_alone(said, sound)
    same_as_alone(deaf, np.zeros_like(sound))
    for level in (1e30, -1e30):
        out = batch.tick({broken: np.full(FRAME_SAMPLES, level, np.float32)})
        assert np.isfinite(out[broken].sound).all()


def test_a_tick_replaces_no_buffer() -> None:
    batch = Batch(model(), 2, window=WINDOW)
    seat = batch.seat(GREEDY)

    def addresses() -> list[int]:
        return [buffer.data_ptr() for buffer in batch.buffers]

    before = addresses()
    for x in noise(0, 4):
        batch.tick({seat: x})
    batch.leave(seat)
    batch.seat(Sampling(seed=1))
    assert addresses() == before


def test_the_log_keeps_the_newest_frames_as_they_were_said_and_heard() -> None:
    batch = Batch(model(), 1, window=WINDOW, log_frames=10)
    seat = batch.seat(GREEDY)
    said = [batch.tick({seat: x})[seat].frame for x in noise(0, 25)]
    log = batch.rows.at(seat).log
    assert (log.count, log.oldest) == (25, 15)
    np.testing.assert_array_equal(log.since(15), np.stack(said[15:]))
    with pytest.raises(LookupError):
        log.since(14)
