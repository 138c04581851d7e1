"""A process that takes knowledge in, for tests that kill it: says "batch N" before each batch of passages is written.

python index_filler.py FOLDER
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import anyio
import numpy as np
from numpy.typing import NDArray

from memory.edge import EdgeKnowledge
from memory.types import Passage

COUNT = 3000
KEPT = [Passage(f"k#{n}", f"Parking place {n} is kept.", "k.md", f"Kept {n}") for n in range(300)]
NEW = [Passage(f"n#{n}", f"Note {n} on garages and gardens.", "n.md", f"Note {n}") for n in range(COUNT)]


class Telling:
    """A double of an embedding model: a vector of the text's length. Says when it is asked: a batch is next."""

    name, dim = "telling", 2

    def __init__(self) -> None:
        self.batches = 0

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.batches += 1
        print(f"batch {self.batches}", flush=True)
        vectors = np.array([[1.0, len(text)] for text in texts], np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


async def main(folder: str) -> None:
    store = await EdgeKnowledge.open(Path(folder), embedder=Telling())
    await store.put("default", "new", NEW)
    print("done", flush=True)
    await store.aclose()


if __name__ == "__main__":
    anyio.run(main, sys.argv[1])
