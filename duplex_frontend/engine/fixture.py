"""A tiny complete checkpoint with random weights, so that the whole path runs on a laptop and in tests.

It is of PersonaPlex's form: Mimi with the real hop and the real 2,048 bins (so the prompt's constants are valid
codes), a language model, a SentencePiece tokenizer and two voices. It says nothing that makes sense.
"""

from __future__ import annotations

import io
import json
import string
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
from duplex_frontend.engine.tokens import CODEBOOKS, DELAYS, PAD, RATE_HZ, TEXT, K

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

TINY_STT: Final[dict[str, Any]] = {
    "dim": 64,
    "existing_text_padding_id": 3,
    "n_q": 32,
    "dep_q": 0,
    "card": 2048,
    "num_heads": 4,
    "num_layers": 2,
    "hidden_scale": 2.0,
    "causal": True,
    "layer_scale": None,
    "max_period": 100_000,
    "gating": "silu",
    "norm": "rms_norm_f32",
    "positional_embedding": "rope",
    "depformer_dim": 1,
    "depformer_num_heads": 1,
    "depformer_num_layers": 1,
    "depformer_dim_feedforward": 1,
    "depformer_multi_linear": True,
    "extra_heads_num_heads": 4,
    "extra_heads_dim": 6,
    "delays": [0] * 33,
}
_KNOWS_SILENCE = 20.0  # how far a frame of silence goes in the planted direction

_LETTERS = string.ascii_letters + string.digits + ".,?!'-:"  # so that any English line can be said
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


def write_recogniser(
    folder: Path, *, seed: int = 0, context: int = 750, delay_s: float = 0.0, prefix_s: float = 0.0
) -> None:
    """Write a recogniser of the form of `kyutai/stt-1b-en_fr`, over the Mimi of `write_fixture` with the same seed.

    Its words are noise. One thing is planted in it, so that a call has turns: where Mimi hears digital silence it
    says PAD and that there is a pause; where it hears sound it says pieces of words.

    Args:
        folder: made where it is not there.
        context: positions that it attends to.
        delay_s: that it says it has; its pieces come with the sound.
        prefix_s: of silence that it is to hear before a call.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(seed)
        text_card = _write_tokenizer(folder / "tokenizer.model")
        mimi = _write_mimi(folder)
        shape = {**TINY_STT, "text_card": text_card, "context": context}
        lm = loaders.get_moshi_lm(None, shape, dtype=torch.float32)
        for parameter in lm.parameters():
            if parameter.dim() == 2:
                nn.init.normal_(parameter, std=1.5 * parameter.shape[-1] ** -0.5)
        _plant_silence(lm, mimi)
        save_file(_plain(lm.state_dict()), folder / "model.safetensors")
    config = {
        **shape,
        "moshi_name": "model.safetensors",
        "mimi_name": "mimi.safetensors",
        "mimi_config_name": "mimi.json",
        "tokenizer_name": "tokenizer.model",
        "model_type": "stt",
        "lm_gen_config": {"temp": 0.0, "temp_text": 0.0},
        "stt_config": {"audio_delay_seconds": delay_s, "audio_silence_prefix_seconds": prefix_s},
    }
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")


def _plant_silence(lm: Any, mimi: Any) -> None:
    """Let the codes of silence point one way, and PAD and the pause heads listen that way."""
    mimi.set_num_codebooks(TINY_STT["n_q"])
    with mimi.streaming(1):
        codes = [mimi.encode(torch.zeros(1, 1, 1920))[0, :, 0] for _ in range(300)]
    way = nn.functional.normalize(torch.randn(TINY_STT["dim"]), dim=0)
    lift = _KNOWS_SILENCE / TINY_STT["n_q"] * way
    for k in range(TINY_STT["n_q"]):
        # Sound has some codes of silence in it too, so three quarters of them have to agree.
        lm.emb[k].weight -= 3 * lift
        for code in {int(frame[k]) for frame in codes}:
            lm.emb[k].weight[code] += 4 * lift
    lm.text_linear.weight[PAD] = 4 * way
    for head in lm.extra_heads:
        head.weight[0] = 4 * way


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
        vocab_size=160,
        required_chars=_LETTERS,
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


def _write_mimi(folder: Path) -> Any:
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
    return mimi


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
