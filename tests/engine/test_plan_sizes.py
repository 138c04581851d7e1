"""The sizes that `plan` works with are those of moshi's own modules."""

from __future__ import annotations

import pytest

pytest.importorskip("moshi", reason="the engine's tests run in .venv-engine (tools/setup.sh engine)")

import torch
from moshi.models import loaders
from moshi.models.lm import LMModel
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from duplex_frontend.engine import plan, shadow, temporal
from duplex_frontend.engine.admission import ROWS, opening, planned
from duplex_frontend.engine.cards import GIB, card_of
from duplex_frontend.engine.codec import Codec
from duplex_frontend.engine.errors import TooLittleMemory
from duplex_frontend.engine.fixture import TINY_STT
from duplex_frontend.engine.weights import SEVEN_B
from tests.engine.alone import model


def count(*modules: nn.Module) -> int:
    return sum(p.numel() for module in modules for p in module.parameters())


def test_the_language_models() -> None:
    shape = SEVEN_B | {"dep_q": 8, "context": 3000}
    lm = LMModel(device=torch.device("meta"), dtype=torch.bfloat16, **shape)
    assert count(lm) == plan.LM
    assert count(lm.transformer) == plan.TEMPORAL
    assert count(lm.text_linear) == plan.HEAD
    assert count(lm.depformer, lm.depformer_in, lm.linears) == plan.DEPTH
    assert (SEVEN_B["num_layers"], SEVEN_B["dim"]) == (plan.LAYERS, plan.DIM)
    assert (shadow.CHUNKS[-1], shadow.VOICES_KEPT) == (plan.CHUNK, plan.VOICES)
    assert plan.ALIGNED == temporal.ALIGNED


def test_what_goes_into_eight_bits() -> None:
    lm = LMModel(device=torch.device("meta"), dtype=torch.bfloat16, **SEVEN_B | {"dep_q": 8, "context": 3000})
    linears = [module for module in lm.transformer.modules() if isinstance(module, nn.Linear)]
    assert count(*linears) == plan.SMALL
    assert sum(linear.out_features for linear in linears) == plan.SMALL_SCALES
    assert SEVEN_B["num_heads"] == plan.HEADS


def test_the_recogniser() -> None:
    # kyutai/stt-1b-en_fr, by its published configuration
    shape = TINY_STT | {
        "dim": 2048,
        "text_card": 8000,
        "num_heads": 16,
        "num_layers": 16,
        "hidden_scale": 4.125,
        "context": 750,
    }
    lm = LMModel(device=torch.device("meta"), dtype=torch.bfloat16, **shape)
    assert count(lm) == pytest.approx(plan.STT, rel=0.001)
    assert count(lm.transformer, lm.text_linear) == plan.STT_READ
    assert 2 * shape["num_layers"] * shape["dim"] * 2 == plan.STT_KV_FRAME


def test_mimi() -> None:
    mimi = loaders.get_mimi(None, None, num_codebooks=8)
    codec = Codec(mimi, 1, 8)
    on = torch.ones(1, dtype=torch.bool)
    with torch.no_grad(), FlopCounterMode(display=False) as counted:
        codes = codec.encode(torch.zeros(1, 1, 1920), on)
        codec.decode(codes, on)
    assert counted.get_total_flops() == pytest.approx(plan.MIMI_FLOP, rel=0.02)
    mimi.set_num_codebooks(32)
    codec.encode(torch.zeros(1, 1, 1920), on)
    held = [*mimi.parameters(), *mimi.buffers()]
    assert sum(t.numel() * t.element_size() for t in held) == pytest.approx(plan.MIMI, rel=0.002)
    state = {t.data_ptr(): t.numel() * t.element_size() for t in codec.buffers}
    assert sum(state.values()) == pytest.approx(plan.MIMI_ROW, rel=0.001)


def test_an_engine_opens_as_many_rows_as_its_gpu_carries_and_no_more_than_fit() -> None:
    h100 = card_of("NVIDIA H100 80GB HBM3", int(79.2 * GIB))
    load = plan.Load(1500, 750)
    fits = plan.Plan(h100, load)
    assert planned(h100, None, load).rows == fits.rows
    assert planned(h100, None, load).budget == fits.budget > shadow.CHUNKS[-1]
    assert planned(h100, fits.in_memory, load).rows == fits.in_memory
    with pytest.raises(TooLittleMemory, match=f"room for {fits.in_memory}"):
        planned(h100, fits.in_memory + 1, load)
    with pytest.raises(TooLittleMemory, match="1 calls"):
        planned(card_of("Some GPU", 16 * GIB), None, load)
    assert planned(card_of("Some GPU", 100 * GIB), None, load).rows > 90  # of unknown speed: by memory


def test_where_nothing_can_be_planned_it_opens_what_was_asked_for_or_a_few() -> None:
    assert opening(model(), None, plan.Load).rows == ROWS
    assert opening(model(), 9, lambda: plan.Load(200, 750)).rows == 9
