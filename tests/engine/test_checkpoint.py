"""A checkpoint loads whole, or says what is wrong with it and what to do."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from unittest import mock

import pytest

pytest.importorskip("moshi", reason="the engine's tests run in .venv-engine (tools/setup.sh engine)")

import torch
from huggingface_hub.errors import (
    EntryNotFoundError,
    GatedRepoError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
)
from moshi.models import loaders
from safetensors.torch import load_file, save_file

from duplex_frontend.engine import checkpoint as checkpoints
from duplex_frontend.engine.checkpoint import Family, check_memory, load
from duplex_frontend.engine.errors import (
    CorruptFile,
    GatedModel,
    MissingWeights,
    TooLittleMemory,
    WrongArchitecture,
)
from duplex_frontend.engine.fixture import write_fixture
from duplex_frontend.engine.weights import MOSHI_CONTEXT, PERSONAPLEX_CONTEXT, SEVEN_B, lm_shape
from tests.engine.alone import checkpoint


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(checkpoint(), tmp_path / "model")
    return tmp_path / "model"


def edit(folder: Path, **changes: object) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_the_same_seed_writes_the_same_checkpoint(tmp_path: Path) -> None:
    write_fixture(tmp_path / "a", seed=5)
    write_fixture(tmp_path / "b", seed=5)
    write_fixture(tmp_path / "c", seed=6)
    for name in (
        "model.safetensors",
        "mimi.safetensors",
        "tokenizer.model",
        "config.json",
        "voices/tiny.wav",
    ):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name
    assert (tmp_path / "a/model.safetensors").read_bytes() != (tmp_path / "c/model.safetensors").read_bytes()


def test_a_release_for_sixteen_codebooks_loads_as_the_agents_eight() -> None:
    loaded = load(str(checkpoint()))
    assert loaded.family is Family.PERSONAPLEX
    assert loaded.lm.dep_q == 8 and loaded.lm.dtype == torch.float32
    stored = load_file(checkpoint() / "model.safetensors")
    assert sum(name.startswith("linears.") for name in stored) == 16
    fused = stored["depformer.layers.0.self_attn.in_proj_weight"]
    dim = loaded.lm.depformer.layers[0].self_attn.embed_dim
    for step in range(8):
        mine = loaded.lm.depformer.layers[0].self_attn.in_projs[step].weight
        assert torch.equal(mine, fused[step * 3 * dim : (step + 1) * 3 * dim])


def test_what_the_slice_draws_for_the_agent_is_what_all_sixteen_codebooks_would() -> None:
    """Against moshi's own model for 16, whose first eight are the agent's."""
    config = json.loads((checkpoint() / "config.json").read_text())
    shape = {k: v for k, v in config.items() if not k.endswith("_name") and k != "model_type"}
    whole = loaders.get_moshi_lm(checkpoint() / "model.safetensors", shape, dtype=torch.float32)
    sliced = load(str(checkpoint())).lm
    codes = torch.randint(0, 60, (1, 17, 12), generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        a, b = whole(codes), sliced(codes)
    late = a.mask[:, :8].unsqueeze(-1)
    assert torch.allclose(a.logits[:, :8].masked_fill(~late, 0), b.logits.masked_fill(~late, 0), atol=1e-5)
    assert torch.equal(a.text_logits, b.text_logits)


def test_moshi_loads_too(tmp_path: Path) -> None:
    write_fixture(tmp_path, family=Family.MOSHI, context=50)
    loaded = load(str(tmp_path))
    assert (loaded.family, loaded.window) == (Family.MOSHI, 50)


def test_a_release_without_a_config_is_the_seven_billion_model() -> None:
    shape = lm_shape({}, "x")
    assert shape == {**SEVEN_B, "dep_q": 8} and shape["dim"] == 4096
    assert (MOSHI_CONTEXT, PERSONAPLEX_CONTEXT) == (3000, 2999)


def test_weights_of_another_size_than_said_are_refused(copy: Path) -> None:
    (copy / "config.json").unlink()
    for old, new in (
        ("tokenizer.model", loaders.TEXT_TOKENIZER_NAME),
        ("mimi.safetensors", loaders.MIMI_NAME),
    ):
        (copy / old).rename(copy / new)
    with pytest.raises(CorruptFile, match="no Mimi"):
        load(str(copy))
    with pytest.raises(WrongArchitecture, match="size mismatch"):
        shutil.rmtree(copy)
        shutil.copytree(checkpoint(), copy)
        edit(copy, dim=128)
        load(str(copy))


@pytest.mark.parametrize("name", ["model.safetensors", "mimi.safetensors", "tokenizer.model", "mimi.json"])
def test_a_file_that_is_missing_is_named(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(MissingWeights, match=name):
        load(str(copy))


@pytest.mark.parametrize(
    "name", ["model.safetensors", "mimi.safetensors", "tokenizer.model", "mimi.json", "config.json"]
)
@pytest.mark.parametrize("damage", ["cut", "other"])
def test_a_damaged_file_is_named(copy: Path, name: str, damage: str) -> None:
    path = copy / name
    path.write_bytes(
        path.read_bytes()[: path.stat().st_size // 2] if damage == "cut" else b"\x00what is this?" * 9
    )
    with pytest.raises(CorruptFile, match=name):
        load(str(copy))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"quantize": True}, "quantized"),
        ({"lora": True}, "LoRA"),
        ({"conditioners": {"x": 1}}, "conditions"),
        ({"n_q": 8}, "n_q is 8"),
        ({"delays": [0] * 17}, "delays"),
        ({"depformer_weights_per_step_schedule": [0] * 8}, "shares weights"),
        ({"what_is_this": 1}, "config.json"),
    ],
)
def test_another_kind_of_model_is_refused_with_the_reason(
    copy: Path, change: dict[str, object], told: str
) -> None:
    edit(copy, **change)
    with pytest.raises(WrongArchitecture, match=told):
        load(str(copy))


def test_a_model_type_that_is_not_served_is_refused(tmp_path: Path) -> None:
    write_fixture(tmp_path, family=Family.MOSHI)
    edit(tmp_path, model_type="hibiki")
    with pytest.raises(WrongArchitecture, match="hibiki"):
        load(str(tmp_path))


def test_weights_without_a_language_model_in_them_are_refused(copy: Path) -> None:
    save_file({"a": torch.zeros(1)}, copy / "model.safetensors")
    with pytest.raises(WrongArchitecture, match="0 codebooks"):
        load(str(copy))


def hub_says(error: Exception) -> mock._patch[mock.Mock]:
    return mock.patch.object(checkpoints, "hf_hub_download", side_effect=error)


def refused(kind: type[Exception]) -> Exception:
    error = kind.__new__(kind)
    Exception.__init__(error, "refused")
    return error


@pytest.mark.parametrize(
    ("kind", "ours", "told"),
    [
        (GatedRepoError, GatedModel, "HF_TOKEN"),
        (RepositoryNotFoundError, MissingWeights, "check the name"),
        (LocalEntryNotFoundError, MissingWeights, "go online"),
        (EntryNotFoundError, MissingWeights, "has no"),
        (OSError, MissingWeights, "try again"),
    ],
)
def test_what_the_hub_refuses_is_told_with_its_cure(
    kind: type[Exception], ours: type[Exception], told: str
) -> None:
    with hub_says(refused(kind)), pytest.raises(ours, match=told):
        load("nvidia/personaplex-7b-v1")


def test_the_hub_s_files_are_used_where_it_has_them() -> None:
    with mock.patch.object(
        checkpoints, "hf_hub_download", side_effect=lambda repo, name, revision: str(checkpoint() / name)
    ):
        assert load("owner/tiny").family is Family.PERSONAPLEX


def test_what_is_neither_a_folder_nor_a_hub_id_is_said_to_be_so() -> None:
    with pytest.raises(MissingWeights, match="neither a folder"):
        load("/no/such/folder")


def test_too_little_memory_is_said_before_anything_is_read(copy: Path) -> None:
    with (
        pytest.raises(TooLittleMemory, match="no GPU"),
        mock.patch("torch.cuda.is_available", return_value=False),
    ):
        load(str(copy), device="cuda")
    with (
        mock.patch("torch.cuda.is_available", return_value=True),
        mock.patch("torch.cuda.mem_get_info", return_value=(1 << 29, 1 << 33)),
        pytest.raises(TooLittleMemory, match=r"needs 1\.0 GiB .* 0\.5 GiB"),
    ):
        check_memory(copy / "model.safetensors", torch.device("cuda"))
