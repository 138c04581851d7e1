"""A tiny complete checkpoint with random weights, so that the whole path runs on a laptop and in tests.

It is of PersonaPlex's form: Mimi with the real hop and the real 2,048 bins (so the prompt's constants are valid
codes), a language model, a SentencePiece tokenizer and two voices. It says nothing that makes sense.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import sentencepiece
import soundfile
import torch
from moshi.models import loaders
from safetensors.torch import save_file
from torch import Tensor, nn

from duplex_frontend.engine.checkpoint import Family
from duplex_frontend.engine.tokens import CODEBOOKS, DELAYS, RATE_HZ, TEXT, K

_MIMI_DIM = 32

TINY: Final[dict[str, Any]] = {
    "dim": 64,
    "existing_text_padding_id": 3,
    "n_q": 16,
    "card": 2048,
    "num_heads": 4,
    "num_layers": 2,
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
    "depformer_num_layers": 1,
    "depformer_layer_scale": None,
    "depformer_multi_linear": True,
    "depformer_context": 8,
    "depformer_max_period": 10000,
    "depformer_gating": "silu",
    "depformer_pos_emb": "none",
    "depformer_weights_per_step": True,
    "delays": list(DELAYS),
}

_SENTENCES = (
    "the quick brown fox says hello to you on tuesday at three o'clock and your account number is five",
    "<system> You work for the clinic which is a practice and your name is Ada. Information: We open at nine. <system>",
    "your appointment is on Tuesday at three o'clock please confirm your name and number",
    "we will call you back within two days thank you",
)


def write_fixture(
    folder: Path, *, seed: int = 0, family: Family = Family.PERSONAPLEX, context: int = 3000
) -> None:
    """Write a checkpoint into a folder. The same seed writes the same files.

    Args:
        folder: made where it is not there.
        family: PersonaPlex's has a Depformer for 16 codebooks with fused projections, as in its release.
        context: positions that the model attends to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(seed)
        text_card = _write_tokenizer(folder / "tokenizer.model")
        _write_mimi(folder)
        depth = 2 * CODEBOOKS if family is Family.PERSONAPLEX else CODEBOOKS
        shape = {**TINY, "text_card": text_card, "context": context, "dep_q": depth}
        lm = loaders.get_moshi_lm(None, shape, dtype=torch.float32)
        for parameter in lm.parameters():
            if parameter.dim() == 2:
                nn.init.normal_(parameter, std=1.5 * parameter.shape[-1] ** -0.5)
        tensors = lm.state_dict()
        save_file(
            _as_released(tensors, depth) if depth > CODEBOOKS else _plain(tensors),
            folder / "model.safetensors",
        )
        if family is Family.PERSONAPLEX:
            _write_voices(folder / "voices", text_card)
    names = {
        "moshi_name": "model.safetensors",
        "mimi_name": "mimi.safetensors",
        "mimi_config_name": "mimi.json",
    }
    config = {**shape, **names, "tokenizer_name": "tokenizer.model", "model_type": str(family)}
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")


def _plain(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.contiguous() for name, tensor in tensors.items()}


def _as_released(tensors: dict[str, Tensor], depth: int) -> dict[str, Tensor]:
    """moshi keeps one projection a codebook; the release has them in one tensor, codebook after codebook."""
    fused: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        for split, whole in (("in_projs", "in_proj_weight"), ("out_projs", "out_proj.weight")):
            if f".{split}." not in name:
                continue
            stem = name.split(f".{split}.")[0]
            steps = depth if name.startswith("depformer.") else 1
            fused[f"{stem}.{whole}"] = torch.cat(
                [tensors[f"{stem}.{split}.{i}.weight"] for i in range(steps)]
            )
            break
        else:
            fused[name] = tensor
    return _plain(fused)


def _write_tokenizer(path: Path) -> int:
    """ids as in the real one: 0 unknown (EPAD), 1 begin, 2 end, 3 PAD. Returns how many there are."""
    written = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(_SENTENCES * 50),
        model_writer=written,
        vocab_size=120,
        model_type="unigram",
        unk_id=0,
        bos_id=1,
        eos_id=2,
        pad_id=3,
        num_threads=1,
        hard_vocab_limit=False,
        minloglevel=2,
    )
    path.write_bytes(written.getvalue())
    return int(sentencepiece.SentencePieceProcessor(model_proto=written.getvalue()).vocab_size())


def _write_mimi(folder: Path) -> None:
    config = {
        "sample_rate": RATE_HZ,
        "channels": 1,
        "frame_rate": 12.5,
        "seanet": {**loaders._seanet_kwargs, "dimension": _MIMI_DIM, "n_filters": 2},
        "quantizer": {
            "dimension": 8,
            "n_q": 32,
            "bins": 2048,
            "input_dimension": _MIMI_DIM,
            "output_dimension": _MIMI_DIM,
        },
        "transformer": {
            **loaders._transformer_kwargs,
            "d_model": _MIMI_DIM,
            "num_heads": 4,
            "num_layers": 1,
            "dim_feedforward": 64,
            "input_dimension": _MIMI_DIM,
            "output_dimensions": [_MIMI_DIM],
        },
    }
    (folder / "mimi.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
    mimi = loaders.get_mimi(None, config)
    for parameter in mimi.parameters():
        if parameter.dim() >= 2:
            nn.init.normal_(parameter, std=parameter[0].numel() ** -0.5)
    for module in mimi.modules():
        if type(module).__name__ == "EuclideanCodebook":  # not exported by moshi
            codebook: Any = module
            codebook.embedding_sum.normal_(std=0.3)
            codebook.cluster_usage.fill_(1.0)
            codebook._initialized.fill_(1.0)
    save_file(_plain(mimi.state_dict()), folder / "mimi.safetensors")


def _write_voices(folder: Path, text_card: int) -> None:
    """A stored voice of 25 frames and a recording of 4 s, both meaningless."""
    folder.mkdir(exist_ok=True)
    cache = torch.randint(0, 2048, (1, K, 4))
    cache[:, TEXT] %= text_card
    stored = {"embeddings": torch.randn(24, 1, 1, TINY["dim"]), "cache": cache}
    torch.save(stored, folder / "tiny.pt")
    seconds = np.arange(4 * RATE_HZ) / RATE_HZ
    tone = 0.2 * np.sin(2 * np.pi * 180 * seconds) * (1 + np.sin(2 * np.pi * 3 * seconds))
    noise = 0.02 * torch.randn(len(tone)).numpy()
    soundfile.write(folder / "tiny.wav", (tone + noise).astype(np.float32), RATE_HZ, subtype="PCM_16")
