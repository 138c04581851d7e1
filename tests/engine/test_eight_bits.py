"""Keys, values and weights in 8 bits, and attention row by row: the same as whole but for the rounding.

Triton's kernels run in its interpreter here: right or wrong, never fast or slow.
"""

from __future__ import annotations

import dataclasses

import pytest

pytest.importorskip("moshi", reason="the engine's tests run in .venv-engine (tools/setup.sh engine)")

import torch
from torch import Tensor
from torch.nn import functional

from duplex_frontend.engine import kernels
from duplex_frontend.engine.batch import Batch
from duplex_frontend.engine.eight import EightBitLinear, shrink
from duplex_frontend.engine.prompt import Prompt
from duplex_frontend.engine.prompter import Change, Outcome, open_stage
from duplex_frontend.engine.ring import EightBitRing, Kind, Shape, eight_bits
from duplex_frontend.engine.sampling import GREEDY
from duplex_frontend.engine.temporal import Temporal, twin
from duplex_frontend.engine.tokens import K
from tests.engine.alone import model, noise

CPU = torch.device("cpu")


def columns(rows: int, seed: int) -> Tensor:
    return torch.randint(0, 60, (rows, K), generator=torch.Generator().manual_seed(seed))


def drawn(seed: int, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def seen(position: Tensor, capacity: int, window: int) -> Tensor:
    """bool [B, C]: which slots each row's query may look at, said in another way than the kernel does."""
    mask = torch.zeros(len(position), capacity, dtype=torch.bool)
    for row, last in enumerate(position.tolist()):
        for p in range(max(0, last - window + 1), last + 1):
            mask[row, p % capacity] = True
    return mask


@pytest.mark.parametrize(("capacity", "window"), [(64, 64), (1040, 1030)])
@pytest.mark.parametrize("small", [False, True])
def test_the_kernel_reads_each_row_as_far_as_it_is_filled(capacity: int, window: int, small: bool) -> None:
    position = torch.tensor([0, 5, capacity - 1, capacity + 37, 3 * capacity])
    rows, heads, dim = len(position), 2, 16
    queries, keys, values = drawn(0, rows, heads, 1, dim), *drawn(1, 2, rows, heads, capacity, dim)
    filled = (position + 1).clamp_max(capacity)
    scales, whole = None, (keys, values)
    if small:
        (keys, key_scales), (values, value_scales) = eight_bits(keys), eight_bits(values)
        scales = key_scales, value_scales
        whole = keys * key_scales[..., None], values * value_scales[..., None]
    unread = torch.arange(capacity) >= filled[:, None]
    for one in (keys, values):  # whatever lies beyond is never looked at
        one.masked_fill_(unread[:, None, :, None], 127 if small else float("nan"))
    mask = seen(position, capacity, window)[:, None, None]
    expected = functional.scaled_dot_product_attention(
        queries, *(torch.where(mask.transpose(2, 3), one, 0.0) for one in whole), mask
    )
    made = kernels.attend(queries, keys, values, position, filled, window, capacity, scales)
    torch.testing.assert_close(made, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("rows", "outs", "ins"), [(1, 64, 64), (3, 100, 72), (70, 130, 256)])
def test_a_product_with_eight_bit_weights(rows: int, outs: int, ins: int) -> None:
    x, (weight, scales) = drawn(2, rows, ins), eight_bits(drawn(3, outs, ins))
    expected = x @ (weight * scales[:, None]).T
    torch.testing.assert_close(kernels.product(x, weight, scales), expected, rtol=1e-4, atol=1e-4)


def test_eight_bits_are_off_by_half_a_step_at_most() -> None:
    whole = drawn(4, 50, 32) * torch.logspace(-6, 3, 50)[:, None]
    small, scale = eight_bits(whole)
    assert small.abs().max() <= 127
    assert ((small * scale[:, None] - whole).abs() <= 0.5001 * scale[:, None]).all()
    assert eight_bits(torch.zeros(1, 8))[0].eq(0).all()


def test_a_step_through_the_kernel_is_the_step_without_it_past_the_wrap() -> None:
    plain, by_kernel = (Temporal(model().lm, 2, 32, kind=Kind.INT8) for _ in range(2))
    ring = plain._ring
    assert isinstance(ring, EightBitRing)
    shape = Shape(*(ring.kept.shape[i] for i in (0, 2, 3, 4, 5)))
    by_kernel._ring = EightBitRing(shape, CPU, kernel=True)
    with torch.no_grad():
        for t in range(70):
            move = torch.tensor([True, t % 3 > 0])
            plain.take(move)
            by_kernel.take(move)
            expected, made = plain.step(columns(2, t))[0], by_kernel.step(columns(2, t))[0]
            assert made.isfinite().all()
            torch.testing.assert_close(
                made[move], expected[move], rtol=0, atol=5e-3
            )  # a rounding may fall otherwise


def test_small_keys_and_values_change_little() -> None:
    small, whole = Temporal(model().lm, 1, 64, kind=Kind.INT8), Temporal(model().lm, 1, 64)
    with torch.no_grad():
        for t in range(150):
            logits = [one.step(columns(1, t))[1].flatten() for one in (small, whole)]
            assert functional.cosine_similarity(*logits, dim=0) > 0.999, t


def test_small_weights_change_little_and_are_shared_by_twins() -> None:
    one = model()
    before = Temporal(twin(one.lm), 1, 64)
    lm = one.lm
    shared = sum(p.numel() for p in lm.transformer.parameters())
    kept = [module for module in lm.transformer.modules() if isinstance(module, torch.nn.Linear)]
    counted = sum(linear.weight.numel() for linear in kept)
    assert shrink(lm) == counted > 0.9 * shared
    beside = twin(lm)
    assert not any(isinstance(module, torch.nn.Linear) for module in lm.transformer.modules())
    ours, theirs = (
        [module.weight for module in each.modules() if isinstance(module, EightBitLinear)]
        for each in (lm, beside)
    )
    assert ours and all(a is b for a, b in zip(ours, theirs, strict=True))
    after = Temporal(lm, 1, 64)
    with torch.no_grad():
        for t in range(40):
            logits = [temporal.step(columns(1, t))[1].flatten() for temporal in (before, after)]
            assert functional.cosine_similarity(*logits, dim=0) > 0.995, t


def spoken(neighbours: int, changes_at: int | None = None) -> tuple[list[bytes], list[Outcome]]:
    """A call of 60 frames in eight bits beside others, and what became of the new prompt that it was given."""
    one = dataclasses.replace(model())
    shrink(one.lm)
    batch, prompter = open_stage(one, 3, window=160, history=16, room=8, kind=Kind.INT8)
    first = Prompt(role=tuple(range(5, 12)))
    seats = [prompter.seat(GREEDY, first) for _ in range(1 + neighbours)]
    sounds, said, outcomes = [noise(i, 60) for i in range(3)], [], []
    for t in range(60):
        if t == changes_at:
            prompter.change(Change(seats[0], Prompt(role=tuple(range(20, 30))), 1))
        live = {seat: sounds[i][t] for i, seat in enumerate(seats) if batch.rows.at(seat).joined}
        made = batch.tick(live)
        if seats[0] in made:
            said.append(made[seats[0]].frame.tobytes())
        outcomes += [receipt.outcome for receipt in prompter.pump(0.08 * t) if receipt.revision == 1]
    return said, outcomes


def test_in_eight_bits_a_call_is_what_it_is_alone() -> None:
    alone, beside = spoken(0)[0], spoken(2)[0]
    assert len(alone) >= 55 and alone == beside


def test_in_eight_bits_a_prompt_changes() -> None:
    said, outcomes = spoken(0, changes_at=20)
    assert outcomes == [Outcome.LANDED]
    before = spoken(0)[0]
    assert said[:20] == before[:20] and said != before


def test_a_batch_says_all_that_a_tick_keeps() -> None:
    batch = Batch(model(), 2, window=64, kind=Kind.INT8)
    ring = batch.temporal._ring
    assert isinstance(ring, EightBitRing)
    assert {id(ring.kept), id(ring.scales)} <= {id(buffer) for buffer in batch.buffers}
