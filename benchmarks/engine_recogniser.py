"""The recogniser's step by itself."""

from __future__ import annotations

from typing import Any

import torch
from moshi.models.lm import LMModel

from benchmarks.engine_models import STT, Bench, memory_gb, spread, tidy, took_ms
from duplex_frontend.engine.graphs import Graphs
from duplex_frontend.engine.temporal import Temporal


def recogniser(bench: Bench, rows: int, repeats: int) -> dict[str, Any]:
    """The step of a recogniser of `kyutai/stt-1b-en_fr`'s shape, with random weights, every window full."""
    tidy(bench.device)
    dtype = torch.bfloat16 if bench.cuda else torch.float32
    lm = LMModel(device=bench.device, dtype=dtype, **STT | {"context": 750}).eval()
    with torch.no_grad():
        temporal = Temporal(lm, rows, 750)
        temporal.buffers[0].normal_(std=0.5)
        column = torch.randint(0, 2048, (rows, 33), device=bench.device)
        for row in range(rows):
            temporal.place(row, 800)

        def step() -> None:
            temporal.step(column)

        run = Graphs.on(bench.device).of("recogniser", step)
        run()
        ms = spread([took_ms(bench.device, run) for _ in range(repeats)])
    return {"seats": rows, "step_ms": ms, "memory_gb": memory_gb(bench.device)}
