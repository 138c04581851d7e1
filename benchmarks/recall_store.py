"""The embedded store when it is large, in real time: what a look-up takes, and what is left of it at the turn's end."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2s

import numpy as np
from numpy.typing import NDArray

from benchmarks.recall_data import Data
from memory.edge import EdgeKnowledge
from reasoner.recall import Recall

TENANT = "large"
SCOPES = 8
MOST_TURNS = 200


class MadeUpVectors:
    """A double of an embedding model: vectors drawn by the text's hash. For times only; they mean nothing."""

    name, dim = "made-up vectors", 384

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        drawn = [self._drawn(text) for text in texts]
        return np.stack([vector / np.linalg.norm(vector) for vector in drawn]).astype(np.float32)

    def _drawn(self, text: str) -> NDArray[np.float64]:
        seed = int.from_bytes(blake2s(text.encode(), digest_size=8).digest(), "big")
        return np.random.default_rng(seed).standard_normal(self.dim)


async def store_figures(data: Data, count: int, *, by_meaning: bool) -> dict[str, float]:
    """Milliseconds, and how many passages. `answer`: from the end of the turn to its passages, real time."""
    pages = [passage for passages in data.scopes.values() for passage in passages]
    made = [
        replace(passage, id=f"{at}", text=f"{passage.text} Branch {at // len(pages)}.")
        for at, passage in zip(range(count), itertools.cycle(pages), strict=False)
    ]
    store = await EdgeKnowledge.open(budget_s=30.0, embedder=MadeUpVectors() if by_meaning else None)
    try:
        began = time.perf_counter()
        for scope in range(SCOPES):
            await store.put(TENANT, f"scope {scope}", made[scope::SCOPES])
        built_s = time.perf_counter() - began
        looked_ms: list[float] = []
        answer_ms: list[float] = []
        for turn in [turn for turn in data.turns if turn.gold][:MOST_TURNS]:
            await _one(store, turn.text, looked_ms, answer_ms)
    finally:
        await store.aclose()
    return {
        "passages": float(len(made)),
        "built in s": built_s,
        "look-up p50": float(np.percentile(looked_ms, 50)),
        "look-up p95": float(np.percentile(looked_ms, 95)),
        "answer p50": float(np.percentile(answer_ms, 50)),
        "answer p95": float(np.percentile(answer_ms, 95)),
    }


async def _one(store: EdgeKnowledge, text: str, looked_ms: list[float], answer_ms: list[float]) -> None:
    recall = Recall(store, TENANT, ("scope 0",), language="en", budget_s=5.0)
    words = text.split()
    for count in range(1, len(words)):
        if question := recall.heard(" ".join(words[:count])):
            began = time.perf_counter()
            await recall.fetch(question)
            looked_ms.append((time.perf_counter() - began) * 1000)
    began = time.perf_counter()
    await recall(text, speculative=False)
    answer_ms.append((time.perf_counter() - began) * 1000)
