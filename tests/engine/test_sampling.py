"""Drawing: as the softmax says, each row by its own rules."""

from __future__ import annotations

import pytest

pytest.importorskip("moshi", reason="the engine's tests run in .venv-engine (tools/setup.sh engine)")

import torch

from duplex_frontend.engine.sampling import GREEDY, Dice, Sampling, guided

CPU = torch.device("cpu")


def draws(sampling: Sampling, logits: torch.Tensor, n: int, stream: int = 0) -> torch.Tensor:
    """int64 [n], n steps of one row at once."""
    dice = Dice(n, CPU)
    for row in range(n):
        dice.seat(row, sampling, step=row)
    return dice.draw(logits.expand(n, -1), stream)


def test_tokens_come_as_often_as_the_softmax_says() -> None:
    logits = torch.tensor([2.0, 1.0, 0.0, -1.0, -2.0])
    drawn = draws(Sampling(text_temperature=0.7, seed=3), logits, 20_000)
    seen = torch.bincount(drawn, minlength=5) / len(drawn)
    assert (seen - torch.softmax(logits / 0.7, 0)).abs().max() < 0.015


def test_streams_steps_and_seeds_are_independent_of_each_other() -> None:
    flat = torch.zeros(64)
    a = draws(Sampling(seed=1, text_top_k=64), flat, 4000)
    for other in (
        draws(Sampling(seed=2, text_top_k=64), flat, 4000),
        draws(Sampling(seed=1), flat, 4000, stream=1),
    ):
        assert abs((a == other).float().mean().item() - 1 / 64) < 0.01
    assert abs((a[1:] == a[:-1]).float().mean().item() - 1 / 64) < 0.01


def test_nothing_comes_from_below_the_top_k() -> None:
    logits = torch.linspace(0, 0.1, 300)
    assert draws(Sampling(text_top_k=4), logits, 3000).min() == 296
    assert draws(Sampling(audio_top_k=250), logits, 3000, stream=3).min() >= 50


def test_each_row_draws_by_its_own_rules_and_greedy_takes_the_first_of_equals() -> None:
    logits = torch.zeros(3, 40)
    logits[:, [7, 9]] = 1.0
    dice = Dice(3, CPU)
    dice.seat(0, GREEDY)
    dice.seat(1, Sampling(text_top_k=1))
    dice.seat(2, Sampling(text_temperature=100.0, text_top_k=40, seed=5))
    seen = set()
    for _ in range(50):
        drawn = dice.draw(logits, 0).tolist()
        assert drawn[0] == 7 and drawn[1] in (7, 9)
        seen.add(drawn[2])
        dice.step += 1
    assert len(seen) > 15


@pytest.mark.parametrize("sampling", [GREEDY, Sampling(seed=4)])
def test_what_a_guide_rules_out_is_never_drawn_and_a_free_row_is_not_touched(sampling: Sampling) -> None:
    logits = torch.randn(2, 50)
    allowed = torch.tensor([[3, 17, -1, -1], [-1, -1, -1, -1]])
    ruled = guided(logits, allowed)
    assert torch.equal(ruled[1], logits[1])
    assert torch.isfinite(ruled[0]).nonzero().flatten().tolist() == [3, 17]
    dice = Dice(2, CPU)
    for row in range(2):
        dice.seat(row, sampling)
    for _ in range(40):
        assert dice.draw(ruled, 0)[0] in (3, 17)
        dice.step += 1


@pytest.mark.parametrize(
    "bad",
    [
        {"text_temperature": -1.0},
        {"audio_temperature": float("nan")},
        {"text_top_k": 0},
        {"audio_top_k": 251},
    ],
)
def test_settings_out_of_range_are_refused_by_name(bad: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(bad))):
        Sampling(**bad)  # type: ignore[arg-type]
