"""A prompt in one pass against frame by frame, as upstream does it; both in one run, one after the other.

Medians. On a CPU `times` is in processor time, so that what else runs on the machine does not count.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import torch
from moshi.models.lm import LMGen

from benchmarks.engine_models import SHAPES, WINDOW, Bench, random_lm, took_alone_ms
from duplex_frontend.engine.prompt import initial_column, plan
from duplex_frontend.engine.shadow import Shadow
from duplex_frontend.engine.temporal import twin

STEPS_TIMED = 64  # of a longer prompt where not every step is run
GOALS = {8: 25.0, 16: 40.0}


class _Upstream:
    """LMGen with the settings that upstream's servers use, fed a frame a step. With CUDA graphs where moshi has them."""

    def __init__(self, lm: Any, device: torch.device) -> None:
        self._gen = LMGen(lm, support_out_of_sync=False)
        with torch.no_grad():
            self._gen.streaming_forever(1)
        others = lm.num_codebooks - 1 - lm.dep_q
        self._heard = torch.randint(0, 2048, (1, others, 1), device=device)

    def read(self, frames: int) -> None:
        with torch.no_grad():
            self._gen.reset_streaming()
            for _ in range(frames):
                self._gen.step(self._heard)


def prefill(bench: Bench, sizes: list[int], repeats: int, *, every_step: bool) -> Iterator[dict[str, Any]]:
    """A row for each size and dep_q.

    Args:
        repeats: of each; medians are told.
        every_step: False to time 64 steps of a longer prompt and multiply; said in the row.
    """
    device, model = bench.device, bench.model
    shadow = Shadow(twin(model.lm), WINDOW)
    upstream = {8: _Upstream(twin(model.lm), device)}
    upstream[16] = _Upstream(random_lm(SHAPES[bench.name], 16, device), device)
    initial = initial_column(model.card, model.text_card)
    for one in upstream.values():
        one.read(4)

    def in_one_pass(frames: int) -> None:
        shadow.begin(plan(bench.role(frames), initial), None)
        shadow.feed(1 << 30)

    for frames in sizes:
        in_one_pass(frames)
        steps = frames if every_step else min(frames, STEPS_TIMED)
        ours: list[tuple[float, float]] = []
        theirs: dict[int, list[tuple[float, float]]] = {8: [], 16: []}
        for _ in range(repeats):
            ours.append(took_alone_ms(device, partial(in_one_pass, frames)))
            for dep_q, one in upstream.items():
                wall, alone = took_alone_ms(device, partial(one.read, steps))
                theirs[dep_q].append((wall * frames / steps, alone * frames / steps))
        for dep_q in upstream:
            whole, whole_alone = np.median(ours, axis=0).tolist()
            stepped, stepped_alone = np.median(theirs[dep_q], axis=0).tolist()
            yield {
                "frames": frames,
                "dep_q": dep_q,
                "one_pass_ms": round(whole, 2),
                "frame_by_frame_ms": round(stepped, 1),
                "times_by_the_wall": round(stepped / whole, 1),
                "times": round(stepped_alone / whole_alone, 1),
                "steps_timed": steps,
                "repeats": repeats,
                "window": WINDOW,
            }
