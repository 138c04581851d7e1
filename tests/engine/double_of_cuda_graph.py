"""A double of CUDA graphs for machines without a GPU: what was run once is replayed without its Python.

Like a CUDA graph it keeps the list of device operations with the very tensors that they read and wrote, and a
replay writes to the same addresses. What depends on Python, on a tensor that was replaced, or on a value that
the host would have to fetch, therefore goes wrong in it as it would on a GPU.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from duplex_frontend.engine.graphs import Work

# What makes the host wait for the device, or gives a result whose shape the host has to be told.
_WAITS = {
    "aten::_local_scalar_dense",
    "aten::nonzero",
    "aten::masked_select",
    "aten::is_nonzero",
    "aten::equal",
    "aten::unique_dim",
    "aten::_unique2",
    "aten::repeat_interleave.Tensor",
    "aten::bincount",
}


class HostWaited(RuntimeError):
    """The host would have to wait for the device."""


class NoWaiting(TorchDispatchMode):
    """Refuses operations that make the host wait."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = func.name().removesuffix(".default")
        by_mask = name.startswith("aten::index") and any(
            isinstance(part, Tensor) and part.dtype == torch.bool and part is not args[-1]
            for part in tree_leaves(args[1:])
        )
        if name in _WAITS or (by_mask and "index_" not in name):
            raise HostWaited(f"{name} in what is captured")
        return func(*args, **(kwargs or {}))


class _Recorder(NoWaiting):
    def __init__(self) -> None:
        super().__init__()
        self.steps: list[tuple[Any, Any, Any, list[Any]]] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        made = super().__torch_dispatch__(func, types, args, kwargs)
        self.steps.append((func, args, kwargs or {}, tree_leaves(made)))
        return made


def _memory(tensors: list[Any]) -> set[int]:
    return {part.untyped_storage().data_ptr() for part in tensors if isinstance(part, Tensor)}


class RecordedGraphs:
    """A `graphs.Capture`. Attributes: operations, in all that was captured; replays, so far."""

    def __init__(self) -> None:
        self.operations = 0
        self.replays = 0

    def __call__(self, work: Work) -> Work:
        with torch.no_grad():
            work()  # warm-up, as in CudaCapture
            with _Recorder() as recorder:
                work()
        steps = []
        for func, args, kwargs, made in recorder.steps:
            given = _memory(tree_leaves((args, kwargs)))
            # Views and results of in-place operations are where they were: only new memory is written again.
            fresh = [
                isinstance(part, Tensor) and part.untyped_storage().data_ptr() not in given for part in made
            ]
            steps.append((func, args, kwargs, made, fresh))
        self.operations += len(steps)

        def replay() -> None:
            self.replays += 1
            with torch.no_grad():
                for func, args, kwargs, made, fresh in steps:
                    again = tree_leaves(func(*args, **kwargs))
                    for old, new, write in zip(made, again, fresh, strict=True):
                        if write:
                            old.copy_(new)

        return replay
