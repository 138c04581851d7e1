"""The shape of a checkpoint, and its tensors as this engine wants them: the Depformer for the agent alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from duplex_frontend.engine.errors import CorruptFile, WrongArchitecture
from duplex_frontend.engine.tokens import CODEBOOKS, DELAYS

# Moshi's 7B, which PersonaPlex shares; its release carries no values of its own that could be read here.
SEVEN_B: Final[dict[str, Any]] = {
    "dim": 4096,
    "text_card": 32000,
    "existing_text_padding_id": 3,
    "n_q": 16,
    "card": 2048,
    "num_heads": 32,
    "num_layers": 32,
    "hidden_scale": 4.125,
    "causal": True,
    "layer_scale": None,
    "max_period": 10000,
    "gating": "silu",
    "norm": "rms_norm_f32",
    "positional_embedding": "rope",
    "depformer_dim": 1024,
    "depformer_dim_feedforward": int(4.125 * 1024),
    "depformer_num_heads": 16,
    "depformer_num_layers": 6,
    "depformer_layer_scale": None,
    "depformer_multi_linear": True,
    "depformer_context": 8,
    "depformer_max_period": 10000,
    "depformer_gating": "silu",
    "depformer_pos_emb": "none",
    "depformer_weights_per_step": True,
    "delays": list(DELAYS),
}

MOSHI_CONTEXT: Final = 3000
PERSONAPLEX_CONTEXT: Final = 2999  # NVIDIA's code leaves out the oldest key of a full ring

# Keys of a config.json that say something about the checkpoint and not about the LM.
NOT_THE_LM: Final = frozenset(
    "moshi_name mimi_name mimi_config_name tokenizer_name lora_name model_type lm_gen_config tts_config stt_config "
    "model_id depformer_causal dep_q context lora lora_rank lora_scaling".split()
)


def read_config(path: Path) -> dict[str, Any]:
    """A config.json as it stands.

    Raises:
        CorruptFile
    """
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CorruptFile(f"'{path}' is not JSON ({error}); fetch the checkpoint again") from error
    if not isinstance(config, dict):
        raise CorruptFile(f"'{path}' holds no object; fetch the checkpoint again")
    return config


def lm_shape(config: dict[str, Any], where: str) -> dict[str, Any]:
    """The arguments of moshi's LMModel, with `dep_q` 8; what the config leaves out is the 7B's.

    Raises:
        WrongArchitecture
    """

    def refuse(what: str, cure: str) -> WrongArchitecture:
        return WrongArchitecture(f"{where}: {what}; {cure}")

    known = "this engine serves PersonaPlex, Moshi (moshiko, moshika) and fine-tunes of them"
    if config.get("quantize"):
        raise refuse("the weights are quantized", "take the bf16 release (a name ending in -pytorch-bf16)")
    if config.get("lora") or config.get("lora_name"):
        raise refuse("the weights are a LoRA", "merge it into its base model and save that")
    if config.get("conditioners") or config.get("fuser"):
        raise refuse("the model takes conditions (Hibiki, a TTS)", known)
    shape = SEVEN_B | {key: value for key, value in config.items() if key not in NOT_THE_LM}
    if shape["n_q"] != 2 * CODEBOOKS or tuple(shape["delays"]) != DELAYS:
        raise refuse(
            f"n_q is {shape['n_q']} with delays {shape['delays']}, not 16 with {list(DELAYS)}", known
        )
    if shape.get("depformer_weights_per_step_schedule") is not None:
        raise refuse("the Depformer shares weights between codebooks", known)
    return shape | {"dep_q": CODEBOOKS}


def stored_depth(names: Iterator[str] | list[str], where: str) -> int:
    """For how many codebooks the stored Depformer was made: 8, or 16 (PersonaPlex).

    Raises:
        WrongArchitecture
    """
    depth = sum(1 for name in names if name.startswith("linears.") and name.endswith(".weight"))
    if depth not in (CODEBOOKS, 2 * CODEBOOKS):
        raise WrongArchitecture(
            f"{where}: the Depformer writes {depth} codebooks, not {CODEBOOKS} or {2 * CODEBOOKS}; "
            "this is no PersonaPlex or Moshi language model (an STT, a TTS or Mimi itself?)"
        )
    return depth


def agents_part(name: str, tensor: Tensor, depth: int) -> Tensor | None:
    """What is left of a stored tensor when the Depformer stops after the agent's codebooks; None for nothing.

    The caller's codebooks come last in the Depformer and never influence the agent's.
    """
    parts = name.split(".")
    if parts[0] in ("depformer_in", "linears"):
        return tensor if int(parts[1]) < CODEBOOKS else None
    if parts[0] == "depformer_emb":  # the last codebook is never read
        return tensor if int(parts[1]) < CODEBOOKS - 1 else None
    if parts[0] != "depformer":
        return tensor
    if parts[-1] == "in_proj_weight" or parts[-2:] in (["in_proj", "weight"], ["out_proj", "weight"]):
        return tensor[: len(tensor) // depth * CODEBOOKS]
    for step in ("gating", "in_projs", "out_projs"):
        if step in parts:
            return tensor if int(parts[parts.index(step) + 1]) < CODEBOOKS else None
    return tensor


def read_lm(path: Path, device: torch.device, dtype: torch.dtype) -> tuple[dict[str, Tensor], int]:
    """The language model's tensors on the device, one after the other, so that no second copy is ever whole.

    Returns:
        The tensors for 8 codebooks, and for how many the file was made.

    Raises:
        CorruptFile, WrongArchitecture
    """
    try:
        reader: Any = safe_open  # typed in some versions, untyped in others
        with reader(path, framework="pt", device=str(device)) as file:
            names = list(file.keys())
            depth = stored_depth(names, f"'{path}'")
            tensors: dict[str, Tensor] = {}
            for name in names:
                kept = agents_part(name, file.get_tensor(name), depth)
                if kept is not None:
                    tensors[name] = kept.to(dtype).contiguous() if kept.is_floating_point() else kept
    except (SafetensorError, OSError) as error:
        raise CorruptFile(
            f"'{path}' cannot be read ({error}); it is cut off or damaged: delete it and fetch it again"
        ) from error
    return tensors, depth
