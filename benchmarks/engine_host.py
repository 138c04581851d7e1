"""What the clock costs the host, without the model: all that a tick and a pump do beside the forward pass."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import torch

from benchmarks.engine_models import Bench, spread
from duplex_frontend.engine.prompter import Change, open_stage
from duplex_frontend.engine.sampling import Sampling
from duplex_frontend.engine.script import Script
from duplex_frontend.engine.tokens import FRAME_SAMPLES, K

GOAL_MS = 1.0


class DoubleOfTheForward:
    """Stands in for the model: leaves plausible tokens and sound where a tick leaves them, and does nothing else.

    Its text token is one that the seats' guides leave open, as the model's would be.
    """

    def __init__(self, batch: Any, shadow: Any) -> None:
        self._batch = batch
        batch._made[:, :K] = torch.randint(4, 60, (batch.rows.size, K)).to(torch.int32).view(torch.float32)
        batch._made[:, K + 1 :] = torch.randn(batch.rows.size, FRAME_SAMPLES) * 0.1
        batch._runs = [self.tick for _ in batch._runs]
        batch.temporal.copy_from = self.nothing
        shadow._runs = dict.fromkeys(shadow._runs, self.nothing)
        shadow._put = self.nothing
        made = shadow._made[:, :1], torch.randn(1, 1, 1, batch.model.text_card)
        shadow.temporal.read_off = lambda x: made

    def tick(self) -> None:
        allowed = self._batch._allowed[:, 0]
        text = torch.where(allowed >= 0, allowed, 5).to(torch.int32)
        self._batch._made[:, K] = text.view(torch.float32)

    def nothing(self, *anything: object) -> None:
        """A chunk of a prompt, or the copy of a row."""


def host(bench: Bench, rows: int, ticks: int) -> dict[str, Any]:
    """ms of the host a tick for `rows` seats, of which some are guided and every one is re-primed once in 8 s.

    In processor time, so that what else runs on the machine does not count; `by the wall` it does.

    The model's place is taken by `DoubleOfTheForward`, the seats' by real ones on the tiny model's shapes, so that
    copies into the batch and out of it have their real size. All on the CPU.
    """
    batch, prompter = open_stage(bench.fresh(), rows, window=1500, history=750, room=200, budget=1024)
    shadow = prompter._shadow
    DoubleOfTheForward(batch, shadow)
    prompts = [bench.role(200) for _ in range(2)]
    seats = [prompter.seat(Sampling(seed=i), prompts[0]) for i in range(rows)]
    sound = np.random.default_rng(1).normal(0, 0.1, (rows, FRAME_SAMPLES)).astype(np.float32)
    rng = np.random.default_rng(2)
    for seat in seats:
        for frame in rng.integers(4, 60, (750, K)).astype(np.int32):
            batch.rows.at(seat).log.add(frame)
    while not prompter.idle:
        prompter.pump(0.0)
    parts: dict[str, list[float]] = {"tick": [], "pump": [], "together": [], "together, by the wall": []}
    for t in range(ticks):
        for i, seat in enumerate(seats):
            if i * 100 // rows == t % 100:
                prompter.change(Change(seat, prompts[t // 100 % 2], 1 + t))
            if (t + i) % 40 == 0:
                batch.guide(seat, Script([[7, 8], [9], [10, 11]]))
        frames = dict(zip(seats, sound, strict=True))
        wall, began = time.perf_counter(), time.thread_time()
        said = batch.tick(frames)
        between = time.thread_time()
        prompter.pump(float(t))
        ended = time.thread_time()
        wall = time.perf_counter() - wall
        assert len(said) == rows
        for name, s in zip(parts, (between - began, ended - between, ended - began, wall), strict=True):
            parts[name].append(s * 1e3)
    figures = {name: spread(ms[ticks // 10 :]) for name, ms in parts.items()}
    return {"seats": rows, **figures}
