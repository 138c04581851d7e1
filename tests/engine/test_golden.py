"""What NVIDIA's own code said to a recipe of weights, voices and a caller is what this engine says. See golden/README.md."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("moshi", reason="the engine's tests run in .venv-engine (tools/setup.sh engine)")

import torch
from safetensors.torch import save_file

from duplex_frontend.engine.batch import Batch
from duplex_frontend.engine.checkpoint import Family, Model, load
from duplex_frontend.engine.prompt import Prompt, SpokenVoice, Voice
from duplex_frontend.engine.prompter import Prompter
from duplex_frontend.engine.sampling import GREEDY
from duplex_frontend.engine.shadow import Shadow
from duplex_frontend.engine.temporal import twin
from duplex_frontend.engine.tokens import FRAME_SAMPLES
from duplex_frontend.engine.voices import read_voice
from tests.engine.alone import checkpoint
from tests.engine.golden import recipe

GOLDEN = Path(__file__).parent / "golden"


def upstream(name: str) -> np.ndarray:
    """int64 [frames, 9]: text, and the agent's codes."""
    return np.array(json.loads((GOLDEN / f"{name}.json").read_text()))


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The recipe's weights as a release has them, with the fixture's Mimi and tokenizer, which are not used."""
    folder = tmp_path_factory.mktemp("golden") / "model"
    shutil.copytree(checkpoint(), folder)
    shapes = json.loads((GOLDEN / "shapes.json").read_text())
    tensors = {name: torch.from_numpy(made) for name, made in recipe.weights(shapes).items()}
    save_file(tensors, folder / "model.safetensors")
    config = json.loads((folder / "config.json").read_text())
    names = {key: config[key] for key in config if key.endswith("_name")}
    config = {**recipe.SHAPE, **names, "dep_q": recipe.DEPTH, "context": 2999, "model_type": "personaplex"}
    (folder / "config.json").write_text(json.dumps(config))
    embeddings, cache = recipe.stored_voice()
    stored = {"embeddings": torch.from_numpy(embeddings), "cache": torch.from_numpy(cache)}
    torch.save(stored, folder / "voice.pt")
    return folder


@pytest.fixture
def model(released: Path) -> Model:
    loaded = load(str(released))
    assert loaded.family is Family.PERSONAPLEX and loaded.lm.dep_q == 8
    return loaded


def sound_of(codes: np.ndarray) -> np.ndarray:
    """float32 [1920] that carries codes [8]; exact, for a code is less than 2^11."""
    sound = np.zeros(FRAME_SAMPLES, np.float32)
    sound[: len(codes)] = codes / recipe.CARD
    return sound


def hear_codes(batch: Batch) -> None:
    """A double of Mimi's encoder, for it is not what is compared: it reads the codes that `sound_of` wrote."""

    def encode(pcm: torch.Tensor, hearing: torch.Tensor) -> torch.Tensor:
        return (pcm[:, 0, :8] * recipe.CARD).round().long()

    batch._codec.encode = encode  # type: ignore[method-assign]


def ours(case: recipe.Case, model: Model, released: Path, budget: int) -> Iterator[np.ndarray]:
    """Frames int32 [9], of a call among neighbours."""
    window = min(case.context - 1, model.window)
    lm = twin(model.lm)
    batch = Batch(model, 3, window=window)
    hear_codes(batch)
    shadow = Shadow(lm, window, (8, 32))
    prompter = Prompter(batch, shadow, room=4, budget=budget)
    voice: Voice = SpokenVoice("golden", torch.from_numpy(recipe.voice_codes()))
    if case.stored_voice:
        voice = read_voice(released / "voice.pt", None, model.dim)
    # Renewal would put the prompt back into a window that it falls out of upstream: this one is left to the wrap.
    prompter._renewal = lambda: None  # type: ignore[method-assign]
    neighbour = batch.seat(GREEDY)
    seat = prompter.seat(GREEDY, Prompt(voice, tuple(recipe.role())))
    while not batch.rows.at(seat).joined:
        batch.tick({neighbour: sound_of(np.arange(8))})
        prompter.pump(0.0)
    for codes in recipe.caller(case):
        sound = sound_of(codes)
        yield batch.tick({seat: sound, neighbour: sound[::-1].copy()})[seat].frame[: 1 + 8]


@pytest.mark.parametrize("case", recipe.CASES, ids=lambda case: case.name)
@pytest.mark.parametrize("budget", [7, 256])
def test_every_token_is_the_one_that_nvidias_code_says(
    case: recipe.Case, budget: int, model: Model, released: Path
) -> None:
    said = np.stack(list(ours(case, model, released, budget)))
    golden = upstream(case.name)
    assert golden.shape == said.shape == (case.frames, 9)
    assert len(np.unique(golden, axis=0)) > case.frames // 2  # a stuck model would prove nothing
    # Upstream's first frame is the last of the prompt; from then on it says each a step later.
    np.testing.assert_array_equal(said[:-1], golden[1:])
