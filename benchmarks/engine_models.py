"""What the engine's benchmark runs on: models with random weights, made on the device, and how work is timed."""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import importlib.metadata
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from moshi.models import loaders
from moshi.models.lm import LMModel
from torch import nn

from duplex_frontend.engine.checkpoint import Model, load
from duplex_frontend.engine.eight import EightBitLinear, shrink
from duplex_frontend.engine.fixture import TINY, TINY_STT, write_fixture
from duplex_frontend.engine.prompt import Prompt
from duplex_frontend.engine.ring import Kind
from duplex_frontend.engine.temporal import twin
from duplex_frontend.engine.weights import SEVEN_B

WINDOW = 3000
MEDIUM = SEVEN_B | {
    "dim": 1024,
    "text_card": 8000,
    "num_heads": 16,
    "num_layers": 8,
    "depformer_dim": 512,
    "depformer_dim_feedforward": 2048,
    "depformer_num_heads": 8,
    "depformer_num_layers": 4,
}
SHAPES = {"tiny": TINY | {"text_card": 120}, "medium": MEDIUM, "7b": SEVEN_B}
STT = TINY_STT | {
    "dim": 2048,
    "text_card": 8000,
    "num_heads": 16,
    "num_layers": 16,
    "hidden_scale": 4.125,
}


@dataclasses.dataclass(frozen=True, slots=True)
class Bench:
    """A model to measure. `mimi_full` is False where Mimi is the fixture's tiny one. kind: of its keys and values."""

    name: str
    model: Model
    mimi_full: bool
    kind: Kind = Kind.WHOLE

    @property
    def device(self) -> torch.device:
        return self.model.device

    @property
    def cuda(self) -> bool:
        return bool(self.device.type == "cuda")

    def fresh(self) -> Model:
        """The same weights with no streaming state."""
        return dataclasses.replace(self.model, lm=twin(self.model.lm), mimi=twin(self.model.mimi))

    def role(self, frames: int) -> Prompt:
        """A prompt without a voice that takes so many frames."""
        tokens = np.random.default_rng(frames).integers(4, self.model.text_card, frames - 12)
        return Prompt(None, tuple(int(token) for token in tokens))

    @property
    def kv_frame(self) -> int:
        """Bytes of keys and values a frame."""
        lm = self.model.lm
        numbers = int(lm.dim) * _size(lm)
        if self.kind is Kind.INT8:
            numbers = int(lm.dim) + 4 * lm.transformer.layers[0].self_attn.num_heads
        return int(2 * len(lm.transformer.layers) * numbers)

    @property
    def step_bytes(self) -> int:
        """Weights that the temporal step reads: transformer and text head."""
        lm = self.model.lm
        return _bytes(lm.transformer, lm.text_linear)

    @property
    def depth_bytes(self) -> int:
        """Weights that the Depformer reads in a tick."""
        lm = self.model.lm
        return _bytes(lm.depformer, lm.depformer_in, lm.linears)


def _bytes(*modules: nn.Module) -> int:
    small = [one for module in modules for one in module.modules() if isinstance(one, EightBitLinear)]
    tensors = [p for module in modules for p in module.parameters()] + [
        b for one in small for b in one.buffers()
    ]
    return sum(int(t.numel() * t.element_size()) for t in tensors)


def _size(lm: Any) -> int:
    return int(lm.text_linear.weight.element_size())


def random_lm(shape: dict[str, Any], dep_q: int, device: torch.device) -> Any:
    dtype = torch.bfloat16 if device.type == "cuda" else torch.float32
    lm = LMModel(device=device, dtype=dtype, **shape | {"dep_q": dep_q, "context": WINDOW})
    nn.Module.requires_grad_(lm, False)
    return lm.eval()


def build(name: str, device: torch.device, kind: Kind = Kind.WHOLE, *, small_weights: bool = False) -> Bench:
    """`tiny`, `medium` or `7b`; nothing but the tiny fixture touches the disk."""
    torch.manual_seed(0)
    with tempfile.TemporaryDirectory() as folder:
        write_fixture(Path(folder), context=WINDOW)
        tiny = load(folder)
    lm = tiny.lm.to(device) if name == "tiny" else random_lm(SHAPES[name], 8, device)
    if small_weights:
        shrink(lm)
    full = name != "tiny" and device.type == "cuda"  # on two CPU cores the real Mimi is slower than real time
    mimi = loaders.get_mimi(None, None, device=device, num_codebooks=8) if full else tiny.mimi.to(device)
    nn.Module.requires_grad_(mimi, False)
    model = dataclasses.replace(
        tiny, lm=lm, mimi=mimi, device=device, window=WINDOW, dim=lm.dim, text_card=lm.text_card
    )
    return Bench(name, model, full, kind)


# --- the machine and the clock -----------------------------------------------------------------------------


def described(device: torch.device) -> dict[str, Any]:
    """Versions, and the GPU where there is one."""
    told: dict[str, Any] = {"torch": torch.__version__, "device": device.type}
    told["moshi"] = importlib.metadata.version("moshi")
    if device.type == "cuda":
        properties = torch.cuda.get_device_properties(device)
        told |= {"gpu": properties.name, "gpu_memory_gib": round(properties.total_memory / 2**30, 1)}
        told["cuda"] = torch.version.cuda
        with contextlib.suppress(OSError, subprocess.CalledProcessError):
            asked = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
            told["driver"] = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    else:
        told["threads"] = torch.get_num_threads()
    return told


def settle(device: torch.device) -> None:
    """Wait until the device has done what it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def took_ms(device: torch.device, work: Callable[[], Any]) -> float:
    settle(device)
    began = time.perf_counter()
    work()
    settle(device)
    return (time.perf_counter() - began) * 1e3


def took_alone_ms(device: torch.device, work: Callable[[], Any]) -> tuple[float, float]:
    """By the wall, and without what else runs on the machine: processor time on a CPU, the same twice on a GPU."""
    began = time.process_time()
    wall = took_ms(device, work)
    return wall, wall if device.type == "cuda" else (time.process_time() - began) * 1e3


def bandwidth(device: torch.device) -> float:
    """Bytes a second of a large copy, read and written counted."""
    size = 2**31 if device.type == "cuda" else 2**28
    there = torch.randint(0, 255, (size,), dtype=torch.uint8, device=device)
    here = torch.empty_like(there)
    ms = min(took_ms(device, lambda: here.copy_(there)) for _ in range(8))
    return 2 * size / ms * 1e3


def tidy(device: torch.device) -> None:
    """Give back what went out of use."""
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats(device)


def memory_gb(device: torch.device) -> float | None:
    """The most that was taken on the GPU since `tidy`; None on a CPU."""
    return torch.cuda.max_memory_reserved(device) / 1e9 if device.type == "cuda" else None


def spread(ms: list[float]) -> dict[str, float]:
    return {
        "median": round(float(np.median(ms)), 3),
        "p99": round(float(np.percentile(ms, 99)), 3),
        "longest": round(max(ms), 3),
        "count": len(ms),
    }
