"""A checkpoint of Kyutai's streaming recogniser (`kyutai/stt-1b-en_fr` and its like) from a hub id or a folder.

It reads Mimi's codes, all 32 codebooks, and writes text only: no Depformer, no delays between its streams. Its
text comes `delay_s` after the sound. Some have heads that tell how probable a pause is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from duplex_frontend.engine.checkpoint import (
    Files,
    build_lm,
    check_memory,
    hub_files,
    local_files,
    read_tokenizer,
)
from duplex_frontend.engine.errors import CorruptFile, TooLittleMemory, WrongArchitecture
from duplex_frontend.engine.tokens import FRAMES_PER_S
from duplex_frontend.engine.weights import NOT_THE_LM

_CURE: Final = "give a recogniser such as kyutai/stt-1b-en_fr"
_EMPTY: Final = frozenset({"conditioners", "fuser", "demux_second_stream"})  # say that there are none
_CODEBOOK: Final = "quantizer.rvq_first.vq.layers.0._codebook."  # tells one Mimi from another
_NAMES: Final = ("embedding_sum", "embed_sum", "embed_avg")  # of the same tensor, in files of different age


@dataclass(frozen=True, slots=True)
class Recogniser:
    """A loaded recogniser, not yet streaming.

    Attributes:
        lm: moshi's LMModel.
        codebooks: of Mimi that it reads.
        window: positions that it attends to.
        delay_s: from a sound to its text.
        prefix_frames: of silence that it was trained to hear before anything else.
        heads: that tell of pauses; 0 for none.
        codec: [bins, dim], part of the Mimi that it was trained on.
    """

    lm: Any
    tokenizer: Any
    device: torch.device
    codebooks: int
    window: int
    delay_s: float
    prefix_frames: int
    heads: int
    codec: Tensor


def load_recogniser(source: str, *, device: str = "cpu", revision: str | None = None) -> Recogniser:
    """Load a recogniser: bf16 on a GPU, float32 on a CPU.

    Args:
        source: a folder, or a hub id such as `kyutai/stt-1b-en_fr`.
        device: as torch names it.
        revision: of the hub's repository, None for its newest.

    Raises:
        MissingWeights, GatedModel, WrongArchitecture, CorruptFile, TooLittleMemory
    """
    files = local_files(Path(source)) if Path(source).is_dir() else hub_files(source, revision)
    place = torch.device(device)
    dtype = torch.bfloat16 if place.type == "cuda" else torch.float32
    shape = recogniser_shape(files.config, source)
    delay_s, prefix_s = _times(files.config, source)
    check_memory(files.lm, place)
    tokenizer = read_tokenizer(files.tokenizer)
    try:
        lm = build_lm(shape, _read(files.lm, place, dtype), dtype, source)
    except torch.cuda.OutOfMemoryError as error:
        raise TooLittleMemory(
            f"'{source}' does not fit on {device} ({error}); free the GPU, or serve without a recogniser"
        ) from error
    return Recogniser(
        lm=lm,
        tokenizer=tokenizer,
        device=place,
        codebooks=shape["n_q"],
        window=shape["context"],
        delay_s=delay_s,
        prefix_frames=math.ceil(prefix_s * FRAMES_PER_S),
        heads=len(lm.extra_heads),
        codec=_codec(files),
    )


def check_codec(recogniser: Recogniser, mimi: Any) -> None:
    """See that the engine's Mimi is the one that the recogniser was trained on.

    Raises:
        WrongArchitecture
    """
    ours = dict(mimi.named_buffers()).get(_CODEBOOK + _NAMES[0])
    if ours is None or mimi.total_codebooks < recogniser.codebooks:
        raise WrongArchitecture(
            f"the recogniser reads {recogniser.codebooks} codebooks and the duplex model's Mimi does not have them; "
            "take the two from releases of Kyutai or NVIDIA that share one Mimi"
        )
    theirs = recogniser.codec.to(ours.device, ours.dtype)
    if ours.shape != theirs.shape or not torch.allclose(ours, theirs, rtol=1e-2, atol=1e-2):
        raise WrongArchitecture(
            "the recogniser was trained on another Mimi than the duplex model, so it would hear nonsense; take the "
            "two from releases that share one Mimi (kyutai/stt-1b-en_fr with Moshi or PersonaPlex)"
        )


def recogniser_shape(config: dict[str, Any], where: str) -> dict[str, Any]:
    """The arguments of moshi's LMModel, for the recogniser that a config.json describes.

    Raises:
        WrongArchitecture
    """

    def refuse(what: str, cure: str = _CURE) -> WrongArchitecture:
        return WrongArchitecture(f"'{where}': {what}; {cure}")

    if not config:
        raise refuse("there is no config.json, and a recogniser says its shape and delay there")
    if config.get("model_type", "stt") != "stt" or config.get("dep_q", 8) != 0:
        raise refuse("this is no recogniser (its config.json says so, or it has a Depformer)")
    if config.get("quantize"):
        raise refuse("the weights are quantized", "take the release without a suffix such as -mlx or -candle")
    if config.get("lora") or config.get("lora_name"):
        raise refuse("the weights are a LoRA", "merge it into its base model and save that")
    if config.get("conditioners"):
        raise refuse("the model takes conditions (Hibiki, a TTS)")
    if config.get("demux_second_stream"):
        raise refuse("its text stream is two in one")
    if any(config.get("delays", [0])):
        raise refuse("it delays its audio streams, which none of Kyutai's does")
    for name in ("n_q", "context", "dim", "text_card", "card"):
        if not isinstance(config.get(name), int) or config[name] < 1:
            raise refuse(f"config.json has no '{name}'", "fetch the repository again")
    kept = {key: value for key, value in config.items() if key not in NOT_THE_LM | _EMPTY}
    return kept | {"dep_q": 0, "context": config["context"]}


def _times(config: dict[str, Any], where: str) -> tuple[float, float]:
    """Delay of the text and length of the silent prefix, seconds."""
    stt = config.get("stt_config", {})
    delay_s, prefix_s = stt.get("audio_delay_seconds"), stt.get("audio_silence_prefix_seconds", 0.0)
    for name, value in (("audio_delay_seconds", delay_s), ("audio_silence_prefix_seconds", prefix_s)):
        if not isinstance(value, int | float) or not 0 <= value <= 30:
            raise WrongArchitecture(
                f"'{where}': stt_config.{name} in config.json is {value!r}, not 0 to 30 seconds; fetch it again"
            )
    return float(delay_s), float(prefix_s)


def _read(path: Path, device: torch.device, dtype: torch.dtype) -> dict[str, Tensor]:
    try:
        reader: Any = safe_open  # typed in some versions, untyped in others
        with reader(path, framework="pt", device=str(device)) as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise CorruptFile(
            f"'{path}' cannot be read ({error}); it is cut off or damaged: delete it and fetch it again"
        ) from error
    return {name: t.to(dtype) if t.is_floating_point() else t for name, t in tensors.items()}


def _codec(files: Files) -> Tensor:
    try:
        reader: Any = safe_open
        with reader(files.mimi, framework="pt") as file:
            kept = set(file.keys())
            name = next((_CODEBOOK + name for name in _NAMES if _CODEBOOK + name in kept), None)
            if name is None:
                raise CorruptFile(f"'{files.mimi}' holds no Mimi; fetch it again")
            found: Tensor = file.get_tensor(name)
    except (SafetensorError, OSError) as error:
        raise CorruptFile(f"'{files.mimi}' cannot be read ({error}); fetch it again") from error
    return found
