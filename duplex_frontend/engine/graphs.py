"""CUDA graphs: a piece of work is run once and from then on replayed, without Python and without launches.

What is captured must read and write buffers alone, at addresses that never change, and its Python must do the
same whatever the buffers hold; random draws come from counters in buffers (`sampling`). moshi's own graphs
cover parts of its modules with flags for the whole process and copy their arguments in; they are switched off
where they stand (`codec`) and whole ticks are captured here instead.

Written from CUDA's and PyTorch's documentation and tried on the CPU with a double that replays the recorded
operations on their own memory (tests/engine/double_of_cuda_graph.py). It has not been run on a GPU yet.

The pieces of one `Graphs` share a memory pool. That is sound because they run one after the other on one thread
and stream, and leave what they made in buffers of their owners.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import structlog
import torch

_log = structlog.get_logger()

Work = Callable[[], None]
WARM_UPS = 3  # runs before a capture: libraries choose their kernels and take their workspaces in them


class Capture(Protocol):
    """Makes of a piece of work something that does it again."""

    def __call__(self, work: Work) -> Work:
        """Run `work` a few times; it must do no harm.

        Raises:
            RuntimeError: it cannot be captured.
        """
        ...


class CudaCapture:
    """Captures on a CUDA device; the graphs share one memory pool. Call it on the thread that replays."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._pool: Any = None

    def __call__(self, work: Work) -> Work:
        cuda: Any = torch.cuda  # typed in part
        with cuda.device(self._device), torch.no_grad():
            here, aside = cuda.current_stream(), cuda.Stream()
            aside.wait_stream(here)
            with cuda.stream(aside):
                for _ in range(WARM_UPS):
                    work()
            here.wait_stream(aside)
            cuda.synchronize()
            if self._pool is None:
                self._pool = cuda.graph_pool_handle()
            graph = cuda.CUDAGraph()
            # "thread_local": what other threads do with the device meanwhile is no fault of this capture.
            with cuda.graph(graph, pool=self._pool, capture_error_mode="thread_local"):
                work()
        replay: Work = graph.replay
        return replay


class Graphs:
    """What of an engine's work is replayed.

    Args:
        capture: None for nothing: everything runs as it is written.

    Attributes:
        captured, plain: names of pieces that are replayed, and of those that are not.
    """

    def __init__(self, capture: Capture | None = None) -> None:
        self._capture = capture
        self.captured: list[str] = []
        self.plain: list[str] = []

    @classmethod
    def on(cls, device: torch.device) -> Graphs:
        """Graphs on a CUDA device, none elsewhere."""
        return cls(CudaCapture(device) if device.type == "cuda" else None)

    def of(self, name: str, work: Work) -> Work:
        """`work`, or what replays it. A piece that cannot be captured runs as it is; that is slow, and logged."""
        if self._capture is None:
            self.plain.append(name)
            return work
        try:
            replay = self._capture(work)
        except torch.cuda.OutOfMemoryError:
            raise
        except RuntimeError as error:
            _log.warning("engine.not_captured", piece=name, error=str(error).split("\n", 1)[0][:300])
            self.plain.append(name)
            return work
        self.captured.append(name)
        return replay
