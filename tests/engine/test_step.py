"""The step of the live batch is moshi's forward, and reads no further than a row has filled its window."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

pytest.importorskip("moshi", reason="the engine's tests run in .venv-engine (tools/setup.sh engine)")

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from duplex_frontend.engine import batch as batches
from duplex_frontend.engine.batch import Batch
from duplex_frontend.engine.depth import Depth
from duplex_frontend.engine.errors import WrongArchitecture
from duplex_frontend.engine.sampling import GREEDY, Dice
from duplex_frontend.engine.temporal import Temporal, embedded, twin
from duplex_frontend.engine.tokens import K
from tests.engine.alone import model, noise


def columns(rows: int, seed: int) -> torch.Tensor:
    return torch.randint(0, 60, (rows, K), generator=torch.Generator().manual_seed(seed))


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.lists(st.booleans(), min_size=3, max_size=3), min_size=1, max_size=70),
    st.sampled_from([16, 32, 48]),
)
def test_a_step_is_moshis_forward_whoever_moves_and_past_the_wrap(
    moves: list[list[bool]], window: int
) -> None:
    ours, theirs = (Temporal(model().lm, 3, window) for _ in range(2))
    with torch.no_grad():
        for t, move in enumerate(moves):
            mask, read = torch.tensor(move), columns(3, t)
            for temporal in (ours, theirs):
                temporal.take(mask)
            hidden, logits = ours.step(read)
            expected, expected_logits = theirs.lm.forward_text(read[:, :, None])
            torch.testing.assert_close(hidden[mask], expected[mask], rtol=0, atol=2e-6)
            torch.testing.assert_close(logits[mask], expected_logits[mask], rtol=0, atol=1e-5)
            assert hidden.isfinite().all()
            assert torch.equal(ours._offsets, theirs._offsets)


def test_steps_and_moshis_forward_go_on_from_each_other() -> None:
    mixed, plain = (Temporal(model().lm, 2, 32) for _ in range(2))
    with torch.no_grad():
        for t in range(50):
            read = columns(2, t)
            hidden = mixed.step(read)[0] if t % 3 else mixed.lm.forward_text(read[:, :, None])[0]
            expected = plain.lm.forward_text(read[:, :, None])[0]
            torch.testing.assert_close(hidden, expected, rtol=0, atol=2e-6)


def test_a_shorter_reach_reads_the_same_to_the_bit() -> None:
    short, whole = (Temporal(model().lm, 2, 1008) for _ in range(2))
    with torch.no_grad():
        for t in range(300):
            read = columns(2, t)
            reach = -(-(t + 1) // 16) * 16 if t % 2 else min(1008, -(-(t + 1) // 256) * 256)
            assert torch.equal(short.step(read, reach)[1], whole.step(read)[1]), t


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, 17), min_size=1, max_size=12), st.sampled_from([16, 40]))
def test_many_positions_at_once_are_moshis_forward_too(widths: list[int], window: int) -> None:
    ours, theirs = (Temporal(model().lm, 2, window, spare=16) for _ in range(2))
    at = 0
    with torch.no_grad():
        for width in widths:
            read = torch.stack([columns(width, at), columns(width, at + 1)])  # [B, T, K]
            reach = min(ours.capacity, -(-(at + width) // 16) * 16)
            hidden, logits = ours.read_off(ours.advance(embedded(ours.lm, read), reach))
            expected, expected_logits = theirs.lm.forward_text(read.transpose(1, 2))
            torch.testing.assert_close(hidden, expected, rtol=0, atol=5e-6)
            torch.testing.assert_close(logits, expected_logits, rtol=0, atol=2e-5)
            at += width


def test_a_row_that_stands_beyond_the_reach_is_not_hurt_by_it() -> None:
    temporal, alone = Temporal(model().lm, 2, 64), Temporal(model().lm, 1, 64)
    with torch.no_grad():
        for t in range(150):  # the second row stops at 70, beyond any reach of 16, and goes on at 100
            move = torch.tensor([t >= 70, t < 70 or t >= 100])
            temporal.take(move)
            reach = 16 if 70 <= t < 86 else 64
            read = columns(2, t)
            hidden = temporal.step(read, reach)[0]
            assert hidden.isfinite().all()
            if move[1]:
                torch.testing.assert_close(hidden[1:], alone.step(read[1:])[0], rtol=0, atol=1e-5)


def test_the_depformer_is_moshis() -> None:
    one = model()
    theirs = twin(one.lm)
    depth, dice = Depth(one.lm, 3), Dice(3, torch.device("cpu"))
    open_ = torch.full((3, 4), -1)
    for seed in range(5):
        generator = torch.Generator().manual_seed(seed)
        hidden = torch.randn(3, 1, one.dim, generator=generator)
        logits = torch.randn(3, 1, 1, one.text_card, generator=generator)
        with torch.no_grad():
            text, audio = depth.draw(dice, hidden, logits, open_)
            assert torch.equal(text, logits[:, 0, 0].argmax(-1))
            token, expected = text, []
            with theirs.depformer.streaming(3):
                for k in range(8):
                    scores = theirs.forward_depformer(k, token[:, None, None], hidden)[:, 0, 0]
                    ours = depth._scores(k, token, hidden)
                    torch.testing.assert_close(ours, scores, rtol=0, atol=1e-5)
                    token = scores.argmax(-1)
                    expected.append(token)
        assert torch.equal(audio, torch.stack(expected, 1))


def test_a_batch_reads_as_far_as_its_longest_call_and_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    sound = noise(2, 130)

    def talk() -> tuple[list[np.ndarray], list[int]]:
        batch = Batch(model(), 2, window=112)
        used: list[int] = []
        for i, run in enumerate(list(batch._runs)):
            batch._runs[i] = lambda run=run, i=i: (used.append(batch._reaches[i]), run())[1]
        first, said = batch.seat(GREEDY), []
        for t, x in enumerate(sound):
            if t == 60:
                second = batch.seat(GREEDY)
            frames = {first: x} if t < 60 else {second: x} if t < 70 else {first: x, second: x}
            said += [(out.frame, out.sound) for out in batch.tick(frames).values()]
        return said, used

    whole, once = talk()
    assert set(once) == {112}
    monkeypatch.setattr(batches, "REACH", 32)
    bucketed, used = talk()
    assert used[:33] == [32] * 32 + [64] and used[60] == 32 and used[70] == 64 and used[-1] == 112
    for (frame, heard), (expected, sounded) in zip(bucketed, whole, strict=True):
        np.testing.assert_array_equal(frame, expected)
        np.testing.assert_array_equal(heard, sounded)


def test_a_shape_that_the_step_cannot_run_is_refused() -> None:
    one = model()
    one.lm.transformer.positional_embedding = "sin"
    with pytest.raises(WrongArchitecture, match="positions are 'sin'"):
        Temporal(one.lm, 1, 32)
    one = dataclasses.replace(one, lm=model().lm)
    one.lm.depformer.positional_embedding = "rope"
    with pytest.raises(WrongArchitecture, match="Depformer"):
        Depth(one.lm, 1)
