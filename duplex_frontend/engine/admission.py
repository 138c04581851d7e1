"""How many rows an engine opens: as many as were asked for, or as its GPU carries by `plan`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from duplex_frontend.engine.cards import GIB, Gpu, card_of
from duplex_frontend.engine.checkpoint import Model
from duplex_frontend.engine.errors import TooLittleMemory
from duplex_frontend.engine.plan import DIM, LAYERS, Load, Plan
from duplex_frontend.engine.shadow import CHUNKS

ROWS = 4  # where nothing can be planned: on a CPU, or for a model that is not the 7B


@dataclass(frozen=True, slots=True)
class Opening:
    """rows: B. budget: positions that are read between two ticks, see `Prompter`."""

    rows: int
    budget: int


def opening(model: Model, rows: int | None, load: Callable[[], Load]) -> Opening:
    """What to open on the device that the model is on.

    Args:
        rows: as many were asked for, or None for what the GPU carries.
        load: what the calls do; asked for where it can be planned with.

    Raises:
        TooLittleMemory: what was asked for, or a single call, does not fit on the GPU.
        BadPlan: `load` says so.
    """
    seven_b = (len(model.lm.transformer.layers), model.dim) == (LAYERS, DIM)
    if model.device.type != "cuda" or not seven_b:
        return Opening(rows or ROWS, CHUNKS[-1])
    properties = torch.cuda.get_device_properties(model.device)
    card = card_of(str(properties.name), int(properties.total_memory))
    return planned(card, rows, load())


def planned(card: Gpu, rows: int | None, load: Load) -> Opening:
    """The same for a card. Rows that were asked for may be slower than planned, but have to fit in memory."""
    plan = Plan(card, load)
    if plan.in_memory < max(1, rows or 1):
        raise TooLittleMemory(
            f"{rows or 1} calls with a window of {load.window} frames do not fit on this {card.name} "
            f"({card.memory / GIB:.0f} GiB, room for {plan.in_memory}); ask for fewer rows, a shorter window, or take a "
            "larger GPU (`souffleur engine plan` shows what fits)"
        )
    return Opening(rows or max(1, plan.rows), plan.budget)
