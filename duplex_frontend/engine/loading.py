"""A checkpoint, its voices and a recogniser, put together to an engine that is ready to be served."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog
import torch

from duplex_frontend.engine import wire
from duplex_frontend.engine.admission import opening
from duplex_frontend.engine.checkpoint import Family, Model, load
from duplex_frontend.engine.desk import Served
from duplex_frontend.engine.eight import shrink
from duplex_frontend.engine.errors import BadVoice
from duplex_frontend.engine.plan import Load
from duplex_frontend.engine.prompt import Voice
from duplex_frontend.engine.prompter import open_stage
from duplex_frontend.engine.recogniser import load_recogniser
from duplex_frontend.engine.ring import Kind
from duplex_frontend.engine.stage import Stage
from duplex_frontend.engine.stt import Listener
from duplex_frontend.engine.temporal import twin
from duplex_frontend.engine.tokens import CODEBOOKS
from duplex_frontend.engine.voices import read_voice

_SUFFIXES = (".pt", ".wav", ".flac", ".ogg", ".mp3")
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Loading:
    """What an engine is made of.

    Attributes:
        checkpoint: a folder or a hub id.
        device: as torch names it; empty for a GPU where there is one.
        rows: calls at once; None for as many as the GPU carries (see `admission`).
        window, history, room: see `open_stage`.
        voices: a folder, or NVIDIA's `voices.tgz`; None for what lies beside the checkpoint.
        stt: a recogniser's folder or hub id, empty for none.
        kv: how keys and values are kept.
        small_weights: the temporal transformer's weights in 8 bits (see `eight`).
    """

    checkpoint: str
    device: str = ""
    rows: int | None = None
    window: int | None = None
    history: int = 750
    room: int = 100
    voices: Path | None = None
    stt: str = ""
    kv: Kind = Kind.WHOLE
    small_weights: bool = False


def open_engine(wanted: Loading) -> Served:
    """Load everything. Takes minutes for the real model.

    Raises:
        EngineError: what is wrong with the checkpoint, a voice, the recogniser or the device.
    """
    device = wanted.device or ("cuda" if torch.cuda.is_available() else "cpu")
    model = load(wanted.checkpoint, device=device)
    voices = dict(_voices(wanted, model)) if model.family is Family.PERSONAPLEX else {}
    if wanted.small_weights:
        shrink(model.lm)
    opened = opening(model, wanted.rows, partial(_load, wanted, model))
    listener = None
    if wanted.stt:
        listener = Listener(load_recogniser(wanted.stt, device=device), opened.rows, twin(model.mimi))
    batch, prompter = open_stage(
        model,
        opened.rows,
        window=wanted.window,
        history=wanted.history,
        room=wanted.room,
        budget=opened.budget,
        codebooks=CODEBOOKS if listener is None else listener.codebooks,
        kind=wanted.kv,
    )
    if listener is not None:
        batch.listen = listener.hear
    return Served(
        stage=Stage(batch, prompter, listener),
        family=wire.Flavour(model.family.value),
        window=batch.window,
        encode=model.tokenizer.encode,
        vocabulary=model.tokenizer.serialized_model_proto(),
        voices=voices,
        hears_after_s=0.0 if listener is None else listener.delay_s,
    )


def _load(wanted: Loading, model: Model) -> Load:
    """Raises BadPlan: the history leaves no room in the window."""
    return Load(
        wanted.window or model.window,
        wanted.history,
        stt=bool(wanted.stt),
        small_kv=wanted.kv is Kind.INT8,
        small_weights=wanted.small_weights,
    )


def _voices(wanted: Loading, model: Model) -> Iterator[tuple[str, Voice]]:
    """All voices, by name. One that cannot be read is left out and said, unless its folder was asked for."""
    folder = wanted.voices
    if folder is None:
        folder = Path(wanted.checkpoint) / "voices"
        if not folder.is_dir():
            _log.warning("engine_has_no_voices", cure="give --voices a folder of .pt files or recordings")
            return
    elif folder.suffix in (".tgz", ".gz"):
        folder = unpacked(folder)
    elif not folder.is_dir():
        raise BadVoice(f"there is no folder of voices at '{folder}'")
    codec = twin(model.mimi)
    for path in sorted(folder.rglob("*")):
        if path.suffix in _SUFFIXES:
            try:
                yield path.name if path.suffix != ".pt" else path.stem, read_voice(path, codec, model.dim)
            except BadVoice as error:
                _log.warning("engine_voice_left_out", why=str(error))


def unpacked(archive: Path) -> Path:
    """The folder beside an archive of voices, unpacked where it is not there yet. Nothing lands outside of it.

    Raises:
        BadVoice: it cannot be read.
    """
    folder = archive.with_name(archive.name.split(".")[0])
    if folder.is_dir():
        return folder
    try:
        with tarfile.open(archive) as packed:
            packed.extractall(folder, filter="data")
    except (OSError, tarfile.TarError) as error:
        raise BadVoice(f"'{archive}' cannot be unpacked ({error}); fetch voices.tgz again") from error
    return folder
