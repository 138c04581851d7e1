"""Embeddings by sentence-transformers: an optional adapter, imported when it is chosen.

What several calls ask for while the model is busy is done in one batch: a small model takes little longer for eight
sentences than for one.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import anyio
import anyio.to_thread
import numpy as np
from numpy.typing import NDArray

from memory.errors import MemoryFailure, StoreLost

SMALL_MODEL = "sentence-transformers/all-MiniLM-L6-v2"
MOST_TEXTS = 64
"""In a batch. More wait for the next one."""


@dataclass(slots=True, eq=False)
class _Job:
    texts: Sequence[str]
    vectors: NDArray[np.float32] | None = None
    trouble: StoreLost | None = None


class SentenceEmbedder:
    """An `Embedder` on a model of sentence-transformers, in this process. One for all calls."""

    def __init__(self, name: str, model: Any) -> None:
        self._name = name
        self._model = model
        self._dim = int(model.get_embedding_dimension())
        self._waiting: list[_Job] = []
        self._turn = anyio.Lock()
        self._busy = threading.Lock()
        self.batches = 0

    @classmethod
    async def open(cls, model: str = SMALL_MODEL, *, name: str = "", device: str = "cpu") -> Self:
        """Load a model.

        Args:
            model: its name on the hub, or a folder that holds it.
            name: what an index is told that it was built with; else `model`.

        Raises:
            MemoryFailure: the extra is not installed, or there is no such model.
        """
        return cls(name or model, await anyio.to_thread.run_sync(_loaded, model, device))

    @property
    def name(self) -> str:
        return self._name

    @property
    def dim(self) -> int:
        return self._dim

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """See `Embedder.embed`."""
        if not texts:
            return np.zeros((0, self._dim), np.float32)
        job = _Job(tuple(texts))
        self._waiting.append(job)
        try:
            async with self._turn:
                while job.vectors is None and job.trouble is None:
                    batch = self._next_batch()
                    # Not abandoned when this call is called off: others wait for what is in the batch.
                    await anyio.to_thread.run_sync(self._encode, batch)
        finally:
            if job in self._waiting:
                self._waiting.remove(job)
        if job.vectors is None:
            raise StoreLost(str(job.trouble)) from job.trouble
        return job.vectors

    def _next_batch(self) -> list[_Job]:
        """Those that waited longest, at least one."""
        batch: list[_Job] = []
        texts = 0
        while self._waiting and (not batch or texts + len(self._waiting[0].texts) <= MOST_TEXTS):
            batch.append(self._waiting.pop(0))
            texts += len(batch[-1].texts)
        return batch

    def _encode(self, batch: list[_Job]) -> None:
        texts = [text for job in batch for text in job.texts]
        try:
            with self._busy:
                vectors = self._model.encode(
                    texts,
                    batch_size=MOST_TEXTS,
                    normalize_embeddings=True,
                    convert_to_numpy=True,
                    show_progress_bar=False,
                )
        except Exception as trouble:
            raise StoreLost(
                f"{self._name}: the embeddings failed ({trouble}); restart the process"
            ) from trouble
        self.batches += 1
        at = 0
        for job in batch:
            job.vectors = np.asarray(vectors[at : at + len(job.texts)], np.float32)
            at += len(job.texts)


def _loaded(model: str, device: str) -> Any:
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError:
        raise MemoryFailure(
            "embeddings need the extra `embeddings`; install it (pip install 'souffleur[embeddings]'), or leave"
            " knowledge.embeddings empty to search by words alone"
        ) from None
    try:
        return SentenceTransformer(model, device=device)
    except Exception as trouble:  # whatever the hub, the disk or the file say
        raise MemoryFailure(
            f"{model}: no such embedding model can be loaded ({type(trouble).__name__}: {trouble}); name one of the"
            " hub, or a folder that holds one"
        ) from trouble
