"""Voices: NVIDIA's stored ones (`.pt`) and anybody's, from a recording of 3 to 30 s."""

from __future__ import annotations

import math
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from duplex_frontend.audio import Pcm, loudness_lufs
from duplex_frontend.engine.errors import BadVoice
from duplex_frontend.engine.prompt import SpokenVoice, StoredVoice, Voice
from duplex_frontend.engine.tokens import CODEBOOKS, FRAME_SAMPLES, RATE_HZ, K
from duplex_frontend.errors import BadAudio
from duplex_frontend.wav import read_recording

TARGET_LUFS = -24.0  # what PersonaPlex was trained with
SHORTEST_S, LONGEST_S = 3.0, 30.0


def read_voice(path: Path, mimi: Any, dim: int) -> Voice:
    """Read a voice from a file.

    Args:
        path: `.pt` as in NVIDIA's `voices.tgz`, or a recording (WAV, FLAC, Ogg, MP3; any rate).
        mimi: a Mimi of one row for this alone (see `temporal.twin`), not streaming.
        dim: D of the temporal transformer.

    Raises:
        BadVoice: the file cannot be used; the text says why.
    """
    if not path.is_file():
        raise BadVoice(f"there is no voice at '{path}'; give a .pt of voices.tgz or a WAV of 3 to 30 s")
    return stored_voice(path, dim) if path.suffix == ".pt" else spoken_voice(path, mimi)


def stored_voice(path: Path, dim: int) -> StoredVoice:
    """Read a `.pt` voice: `embeddings` [N - 1, 1, 1, D] and `cache` [1, 17, 4]. Nothing in it is executed."""
    try:
        found = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError) as error:
        raise BadVoice(
            f"'{path}' is not a voice file that can be read safely ({type(error).__name__}); "
            "take it from NVIDIA's voices.tgz again, or use a WAV"
        ) from error
    embeddings, cache = (
        found.get(key) if isinstance(found, dict) else None for key in ("embeddings", "cache")
    )
    if not isinstance(embeddings, Tensor) or not isinstance(cache, Tensor):
        raise BadVoice(f"'{path}' lacks 'embeddings' or 'cache'; it is no PersonaPlex voice")
    count = len(embeddings) + 1
    if embeddings.numel() != (count - 1) * dim or count < 2:
        raise BadVoice(
            f"'{path}' holds embeddings of shape {list(embeddings.shape)} and this model reads [N, 1, 1, {dim}]; "
            "the voice belongs to a model of another size"
        )
    if cache.shape != (1, K, 4):
        raise BadVoice(f"'{path}' holds a cache of shape {list(cache.shape)}, not [1, {K}, 4]")
    if not bool(torch.isfinite(embeddings.float()).all()):
        raise BadVoice(f"'{path}' holds values that are no numbers; take it from voices.tgz again")
    columns = cache[0].long()
    return StoredVoice(
        path.stem, embeddings.reshape(count - 1, dim), columns[:, (count - 1) % 4], columns[:, count % 4]
    )


def spoken_voice(path: Path, mimi: Any) -> SpokenVoice:
    """Read a recording of one speaker, bring it to -24 LUFS, and put it through Mimi."""
    try:
        pcm = read_recording(path, RATE_HZ)
    except BadAudio as error:
        raise BadVoice(str(error)) from error
    seconds = len(pcm) / RATE_HZ
    if not SHORTEST_S <= seconds <= LONGEST_S:
        raise BadVoice(
            f"the voice '{path}' is {seconds:.1f} s long; cut out {SHORTEST_S:.0f} to {LONGEST_S:.0f} s of one speaker"
        )
    return SpokenVoice(path.stem, encode(levelled(pcm, path), mimi))


def levelled(pcm: Pcm, path: Path) -> Pcm:
    """At -24 LUFS. Peaks beyond full scale are left: Mimi takes any float."""
    loudness = loudness_lufs(pcm, RATE_HZ)
    if not math.isfinite(loudness):
        raise BadVoice(f"the voice '{path}' is silent; record it again")
    return pcm * np.float32(10 ** ((TARGET_LUFS - loudness) / 20))


def encode(pcm: Pcm, mimi: Any) -> Tensor:
    """float32 [samples] to int64 [N, 8], frame after frame as in a call; the last is filled with silence."""
    count = math.ceil(len(pcm) / FRAME_SAMPLES)
    whole = torch.zeros(count * FRAME_SAMPLES)
    whole[: len(pcm)] = torch.from_numpy(pcm)
    device = next(iter(mimi.parameters())).device
    with torch.no_grad(), mimi.streaming(1):
        frames = whole.view(count, 1, 1, FRAME_SAMPLES).to(device)
        codes = [mimi.encode(x)[0, :CODEBOOKS] for x in frames]
    return torch.cat(codes, dim=1).T.cpu()
