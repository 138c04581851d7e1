"""A checkpoint from a hub id or a folder: PersonaPlex, Moshi, and fine-tunes of them.

A folder holds what the hub's repository holds: `model.safetensors`, Mimi, the tokenizer and, where the shape is
not the 7B's, `config.json`. Names in a config are relative to the folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import sentencepiece
import torch
from huggingface_hub import hf_hub_download
from huggingface_hub.errors import (
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
)
from moshi.models import loaders
from moshi.models.lm import LMModel
from safetensors import SafetensorError
from torch import nn

from duplex_frontend.engine.errors import (
    CorruptFile,
    GatedModel,
    MissingWeights,
    TooLittleMemory,
    WrongArchitecture,
)
from duplex_frontend.engine.tokens import CODEBOOKS
from duplex_frontend.engine.weights import MOSHI_CONTEXT, PERSONAPLEX_CONTEXT, lm_shape, read_config, read_lm

_SPARE_BYTES = 1 << 30  # for what a forward pass needs beside the weights


class Family(StrEnum):
    """What the model was trained to read before a call."""

    PERSONAPLEX = "personaplex"  # voice and role
    MOSHI = "moshi"  # nothing


@dataclass(frozen=True, slots=True)
class Files:
    """Where the parts of a checkpoint lie, and what its config says ({} where it has none)."""

    lm: Path
    mimi: Path
    mimi_config: Path | None
    tokenizer: Path
    config: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Model:
    """A loaded checkpoint, not yet streaming.

    Attributes:
        lm, mimi: moshi's LMModel (Depformer for 8 codebooks) and MimiModel.
        window: positions that the model attends to.
        dim: D of the temporal transformer.
        card, text_card: how many audio and text tokens there are; the same numbers are the initial tokens.
    """

    family: Family
    lm: Any
    mimi: Any
    tokenizer: Any
    device: torch.device
    window: int
    dim: int
    card: int
    text_card: int


def load(source: str, *, device: str = "cpu", revision: str | None = None) -> Model:
    """Load a checkpoint: bf16 on a GPU, float32 on a CPU.

    Args:
        source: a folder, or a hub id such as `nvidia/personaplex-7b-v1` or `kyutai/moshiko-pytorch-bf16`.
        device: as torch names it.
        revision: of the hub's repository, None for its newest.

    Raises:
        MissingWeights, GatedModel, WrongArchitecture, CorruptFile, TooLittleMemory
    """
    files = local_files(Path(source)) if Path(source).is_dir() else hub_files(source, revision)
    place = torch.device(device)
    dtype = torch.bfloat16 if place.type == "cuda" else torch.float32
    check_memory(files.lm, place)
    shape = lm_shape(files.config, source)
    tokenizer = read_tokenizer(files.tokenizer)
    try:
        mimi = read_mimi(files, place)
        tensors, depth = read_lm(files.lm, place, dtype)
        family = Family.PERSONAPLEX if depth > CODEBOOKS else family_of(files.config)
        window = int(
            files.config.get(
                "context", PERSONAPLEX_CONTEXT if family is Family.PERSONAPLEX else MOSHI_CONTEXT
            )
        )
        lm = build_lm(shape | {"context": window}, tensors, dtype, source)
    except torch.cuda.OutOfMemoryError as error:
        raise TooLittleMemory(
            f"'{source}' does not fit on {device} ({error}); free the GPU or take a larger one"
        ) from error
    return Model(family, lm, mimi, tokenizer, place, window, lm.dim, lm.card, lm.text_card)


def family_of(config: dict[str, Any]) -> Family:
    """What the config says; a release that says nothing, and was made for 8 codebooks, is Moshi."""
    told = config.get("model_type", Family.MOSHI)
    try:
        return Family(told)
    except ValueError:
        raise WrongArchitecture(
            f"config.json says model_type '{told}'; this engine serves {', '.join(Family)}"
        ) from None


def build_lm(shape: dict[str, Any], tensors: dict[str, torch.Tensor], dtype: torch.dtype, source: str) -> Any:
    """LMModel over these tensors, all of them and no others.

    Raises:
        WrongArchitecture
    """
    try:
        lm = LMModel(device=torch.device("meta"), dtype=dtype, **shape)
    except (TypeError, AssertionError, ValueError) as error:
        raise WrongArchitecture(
            f"'{source}': its config.json describes no model that moshi can build ({error})"
        ) from error
    try:
        lm.load_state_dict(tensors, assign=True)
    except RuntimeError as error:
        first = " ".join(str(error).split())[:400]
        raise WrongArchitecture(
            f"'{source}': the weights are not of the shape that its config.json (or, without one, the 7B) says: "
            f"{first}; put the model's own config.json beside the weights"
        ) from error
    nn.Module.requires_grad_(lm, False)
    return lm.eval()


def read_mimi(files: Files, device: torch.device) -> Any:
    """The codec, for 8 codebooks. float32 everywhere.

    Raises:
        CorruptFile
    """
    config = read_config(files.mimi_config) if files.mimi_config else None
    try:
        mimi = loaders.get_mimi(files.mimi, config, device=device, num_codebooks=CODEBOOKS)
    except (SafetensorError, RuntimeError, KeyError, TypeError) as error:
        if isinstance(error, torch.cuda.OutOfMemoryError):
            raise
        first = " ".join(str(error).split())[:300]
        raise CorruptFile(f"'{files.mimi}' is no Mimi that can be read ({first}); fetch it again") from error
    nn.Module.requires_grad_(mimi, False)
    return mimi


def read_tokenizer(path: Path) -> Any:
    try:
        return sentencepiece.SentencePieceProcessor(model_file=str(path))
    except (RuntimeError, OSError) as error:
        raise CorruptFile(f"'{path}' is no SentencePiece model ({error}); fetch it again") from error


def check_memory(weights: Path, device: torch.device) -> None:
    """Before anything is read: does the language model fit on the GPU?

    Raises:
        TooLittleMemory
    """
    if device.type != "cuda":
        return
    if not torch.cuda.is_available():
        raise TooLittleMemory(f"there is no GPU here for '{device}'; install a driver, or use --device cpu")
    free, _ = torch.cuda.mem_get_info(device)
    needed = weights.stat().st_size + _SPARE_BYTES
    if free < needed:
        raise TooLittleMemory(
            f"the model needs {needed / 2**30:.1f} GiB on {device} before the first seat, and {free / 2**30:.1f} GiB "
            "are free; stop what else runs there, or take a larger GPU"
        )


# --- where the files are -----------------------------------------------------------------------------------


def local_files(folder: Path) -> Files:
    """The parts of a checkpoint in a folder.

    Raises:
        MissingWeights, CorruptFile
    """
    config_path = folder / "config.json"
    config = read_config(config_path) if config_path.is_file() else {}

    def at(name: str) -> Path:
        path = folder / name.removeprefix("file://")
        if not path.is_file():
            raise MissingWeights(
                f"'{folder}' lacks '{path.name}'; copy the whole repository there "
                "(huggingface-cli download REPO --local-dir FOLDER), or try `souffleur engine fixture FOLDER`"
            )
        return path

    return _files(config, at)


def hub_files(repo: str, revision: str | None) -> Files:
    """The parts of a checkpoint on the hub, fetched where they are not here yet.

    Raises:
        MissingWeights, GatedModel, CorruptFile
    """
    if repo.count("/") != 1 or repo.startswith(("/", ".", "~")):
        raise MissingWeights(f"'{repo}' is neither a folder here nor a hub id (owner/name)")

    def at(name: str) -> Path:
        try:
            return Path(hf_hub_download(repo, name, revision=revision))
        except GatedRepoError as error:
            raise GatedModel(
                f"'{repo}' is gated: accept its licence on its page of the hub, make a read token there, and set "
                "HF_TOKEN (or run huggingface-cli login)"
            ) from error
        except RepositoryNotFoundError as error:
            raise MissingWeights(
                f"the hub has no '{repo}' that can be seen from here; check the name, and HF_TOKEN if it is private"
            ) from error
        except LocalEntryNotFoundError as error:
            raise MissingWeights(
                f"'{name}' of '{repo}' is not on this machine and the hub does not answer; go online once, or give a folder"
            ) from error
        except EntryNotFoundError as error:
            raise MissingWeights(f"'{repo}' has no '{name}'; is it a Moshi or PersonaPlex model?") from error
        except (HfHubHTTPError, OSError) as error:
            raise MissingWeights(f"'{name}' of '{repo}' could not be fetched ({error}); try again") from error

    try:
        config = read_config(at("config.json"))
    except MissingWeights as error:
        if not isinstance(error.__cause__, EntryNotFoundError) or isinstance(
            error.__cause__, LocalEntryNotFoundError
        ):
            raise
        config = {}
    return _files(config, at)


def _files(config: dict[str, Any], at: Any) -> Files:
    mimi_config = config.get("mimi_config_name")
    return Files(
        lm=at(config.get("moshi_name", loaders.MOSHI_NAME)),
        mimi=at(config.get("mimi_name", loaders.MIMI_NAME)),
        mimi_config=at(mimi_config) if mimi_config else None,
        tokenizer=at(config.get("tokenizer_name", loaders.TEXT_TOKENIZER_NAME)),
        config=config,
    )
