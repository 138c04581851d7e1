"""What both sides of the golden test are given: weights, voices, a role and a caller, all from a seed by numpy.

Needs numpy alone, so that it can be imported where upstream's code runs.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SEED = 20261123
TEXT_CARD, CARD = 96, 2048
DELAYS = [0, 0, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1]
DEPTH = 16  # codebooks of the released Depformer: the agent's 8 and the caller's

SHAPE = {
    "dim": 64,
    "text_card": TEXT_CARD,
    "existing_text_padding_id": 3,
    "n_q": 16,
    "card": CARD,
    "num_heads": 4,
    "num_layers": 3,
    "hidden_scale": 2.0,
    "causal": True,
    "layer_scale": None,
    "max_period": 10000,
    "gating": "silu",
    "norm": "rms_norm_f32",
    "positional_embedding": "rope",
    "depformer_dim": 32,
    "depformer_dim_feedforward": 64,
    "depformer_num_heads": 2,
    "depformer_num_layers": 2,
    "depformer_layer_scale": None,
    "depformer_multi_linear": True,
    "depformer_context": 8,
    "depformer_max_period": 10000,
    "depformer_gating": "silu",
    "depformer_pos_emb": "none",
    "depformer_weights_per_step": True,
    "delays": DELAYS,
}


@dataclass(frozen=True)
class Case:
    """One call. `context`: upstream's; its ring leaves out the oldest key once it is full."""

    name: str
    stored_voice: bool
    context: int
    frames: int


CASES = (
    Case("wav_voice", False, 3000, 100),
    Case("wav_voice_past_the_wrap", False, 80, 220),
    Case("stored_voice", True, 3000, 100),
    Case("stored_voice_past_the_wrap", True, 80, 220),
)


def weights(shapes: Mapping[str, Sequence[int]]) -> dict[str, NDArray[np.float32]]:
    """A tensor for each name: norms of 1, else normal with 1.5 / sqrt(last dimension)."""
    made = {}
    for name, shape in shapes.items():
        dice = np.random.default_rng([SEED, zlib.crc32(name.encode())])
        drawn = dice.normal(0, 1.5 * shape[-1] ** -0.5, tuple(shape))
        made[name] = (np.ones_like(drawn) if name.endswith(".alpha") else drawn).astype(np.float32)
    return made


def voice_codes() -> NDArray[np.int64]:
    """[21, 8], what a recording would be in Mimi's codes."""
    return np.random.default_rng([SEED, 1]).integers(0, CARD, (21, 8))


def stored_voice() -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """embeddings [24, 1, 1, D] and cache [1, 17, 4], as a `.pt` voice holds them."""
    dice = np.random.default_rng([SEED, 2])
    cache = dice.integers(0, CARD, (1, 17, 4))
    cache[:, 0] %= TEXT_CARD
    return dice.normal(0, 1, (24, 1, 1, SHAPE["dim"])).astype(np.float32), cache


def role() -> list[int]:
    return [int(token) for token in np.random.default_rng([SEED, 3]).integers(4, TEXT_CARD, 30)]


def caller(case: Case) -> NDArray[np.int64]:
    """[frames, 8], what is heard, in Mimi's codes."""
    return np.random.default_rng([SEED, 4]).integers(0, CARD, (case.frames, 8))
