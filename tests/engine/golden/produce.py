"""Runs NVIDIA's own code on the recipe and writes what it said. See README.md beside it; nothing of that code is here.

PYTHONPATH=PERSONAPLEX/moshi python produce.py OUT
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import recipe
import torch
from moshi.models.lm import LMGen, LMModel  # upstream's, by PYTHONPATH


class Codes:
    """Stands for Mimi, which is not what is compared: a recording's frames are the recipe's codes."""

    def __init__(self) -> None:
        self._codes = iter(recipe.voice_codes())
        self._weight = torch.nn.Parameter(torch.zeros(1))

    def parameters(self) -> Any:
        return iter([self._weight])

    def encode(self, sound: torch.Tensor) -> torch.Tensor:
        assert sound.shape == (1, 1, 1920), sound.shape
        return torch.from_numpy(next(self._codes)).view(1, 8, 1)


def model(context: int) -> tuple[LMModel, dict[str, list[int]]]:
    lm = LMModel(
        dep_q=recipe.DEPTH, context=context, dtype=torch.float32, depformer_causal=True, **recipe.SHAPE
    )
    shapes = {name: list(tensor.shape) for name, tensor in lm.state_dict().items()}
    lm.load_state_dict({name: torch.from_numpy(made) for name, made in recipe.weights(shapes).items()})
    return lm.eval(), shapes


def play(case: recipe.Case) -> tuple[list[list[int]], dict[str, list[int]]]:
    lm, shapes = model(case.context)
    gen = LMGen(
        lm,
        device="cpu",
        use_sampling=False,
        audio_silence_frame_cnt=6,
        text_prompt_tokens=recipe.role(),
        sample_rate=24000,
        check=True,
    )
    if case.stored_voice:
        embeddings, cache = recipe.stored_voice()
        with tempfile.TemporaryDirectory() as folder:
            path = f"{folder}/voice.pt"
            torch.save({"embeddings": torch.from_numpy(embeddings), "cache": torch.from_numpy(cache)}, path)
            gen.load_voice_prompt_embeddings(path)
    else:
        gen.voice_prompt_audio = torch.zeros(1, 1920 * len(recipe.voice_codes())).numpy()
    said = []
    with torch.no_grad(), gen.streaming(1):
        gen.step_system_prompts(Codes())
        for codes in recipe.caller(case):
            out = gen.step(torch.from_numpy(codes).view(1, 8, 1))
            said.append(out[0, :9, 0].tolist())
    return said, shapes


if __name__ == "__main__":
    torch.set_num_threads(1)
    for case in recipe.CASES:
        said, shapes = play(case)
        for name, made in ((case.name, said), ("shapes", shapes)):
            text = json.dumps(made, separators=(",", ":")).replace("],", "],\n")
            (Path(sys.argv[1]) / f"{name}.json").write_text(text + "\n")
        print(case.name, len(said), "frames,", len({tuple(f) for f in said}), "different")
