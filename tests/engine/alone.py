"""One call by itself, frame by frame, on moshi's own LMGen: what every call in a batch has to equal."""

from __future__ import annotations

import dataclasses
import functools
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from moshi.models.lm import LMGen
from torch import Tensor

from duplex_frontend.engine.checkpoint import Model, load
from duplex_frontend.engine.fixture import write_fixture
from duplex_frontend.engine.prompt import Plan
from duplex_frontend.engine.temporal import twin
from duplex_frontend.engine.tokens import CODEBOOKS, FRAME_SAMPLES

torch.set_num_threads(1)
WHY_NOT = "the engine has an environment of its own: run `tools/setup.sh engine`, then `.venv-engine/bin/python -m pytest tests/engine`"


@functools.cache
def checkpoint() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="souffleur-fixture-"))
    write_fixture(folder)
    return folder


@functools.cache
def _loaded() -> Model:
    return load(str(checkpoint()))


def model() -> Model:
    """The tiny model with a streaming state of its own."""
    one = _loaded()
    return dataclasses.replace(one, lm=twin(one.lm), mimi=twin(one.mimi))


def noise(seed: int, frames: int) -> np.ndarray:
    """float32 [frames, 1920]."""
    return np.random.default_rng(seed).normal(0, 0.1, (frames, FRAME_SAMPLES)).astype(np.float32)


class Alone:
    """A single greedy call.

    Args:
        window: of attention.
        plan: what it begins with, forced step by step; None for nothing.
        drawn: int64 [17], what to force at the first free position (text and first codebook), None for nothing.
    """

    def __init__(self, window: int, plan: Plan | None = None, drawn: Tensor | None = None) -> None:
        one = model()
        for layer in one.lm.transformer.layers:
            layer.self_attn.context = window
        self.lm, self.mimi = one.lm, one.mimi
        self._force: Tensor | None = None  # [17], -1 for free
        self.logits: Tensor | None = None
        self.gen = LMGen(
            one.lm,
            use_sampling=False,
            support_out_of_sync=True,
            on_text_hook=self._text,
            on_audio_hook=self._audio,
            on_text_logits_hook=self._seen,
        )
        with torch.no_grad():
            self.gen.streaming_forever(1)
            self.mimi.streaming_forever(1)
            if plan is not None:
                self._replay(plan, drawn)

    def _seen(self, logits: Tensor) -> None:
        self.logits = logits[0, 0, 0].clone()

    def _text(self, token: Tensor) -> None:
        if self._force is not None and self._force[0] >= 0:
            token[:] = self._force[0]

    def _audio(self, tokens: Tensor) -> None:
        if self._force is not None:
            forced = self._force[1 : 1 + CODEBOOKS]
            tokens[0, forced >= 0] = forced[forced >= 0]

    def _replay(self, plan: Plan, drawn: Tensor | None) -> None:
        state: Any = self.gen._streaming_state
        stored, columns = plan.stored, plan.columns
        if stored:
            assert plan.embeddings is not None
            for embedding in plan.embeddings:
                self.lm.transformer(embedding[None, None])
            state.offsets[:] = stored
            state.cache[0, :, stored % state.cache.shape[2]] = columns[0]
        late = torch.tensor([d > 0 for d in self.lm.delays])
        for j in range(len(columns)):
            final = j + 1 == len(columns)
            following = plan.last if final else columns[j + 1]
            # The frame's own codes: the caller's first stands in this column, the others in the next.
            user = torch.cat([columns[j, 9:10], following[10:]])
            if final:
                free = torch.full_like(following, -1) if drawn is None else drawn
                following = torch.where(late, following, free)
            self._force = following
            # Initial tokens in a plan are no codes; LMGen puts its own there.
            self.gen.step(user.clamp(max=self.lm.card - 1).view(1, CODEBOOKS, 1))
        self._force = None

    def read(self, codes: np.ndarray) -> np.ndarray:
        """One frame of the caller as Mimi's codes, [8]. Returns the frame's 9 tokens of the agent."""
        with torch.no_grad():
            return self.gen.step(torch.from_numpy(codes).long().view(1, CODEBOOKS, 1))[0, :, 0].numpy()

    def hear(self, pcm: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """One frame, float32 [1920]. Returns the frame's 9 tokens of the agent, and its sound."""
        with torch.no_grad():
            codes = self.mimi.encode(torch.from_numpy(pcm).view(1, 1, -1))[:, :CODEBOOKS]
            out = self.gen.step(codes)[0, :, 0]
            if out[0] < 0:
                return out.numpy(), np.zeros(FRAME_SAMPLES, np.float32)
            return out.numpy(), self.mimi.decode(out[1:].view(1, -1, 1))[0, 0].numpy()
