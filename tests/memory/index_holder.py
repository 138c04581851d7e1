"""A process that has an index open, for tests: puts one passage, says "ready", and holds it until a line comes.

python index_holder.py [FOLDER]
"""

from __future__ import annotations

import sys
from pathlib import Path

import anyio

from memory.edge import EdgeKnowledge
from memory.types import Passage, Query


async def main(folder: str | None) -> None:
    store = await EdgeKnowledge.open(Path(folder) if folder else None)
    await store.put("default", "theirs", [Passage("a.md#a", "Parking is free.", "a.md", "Parking")])
    assert await store.search(Query("parking"), 1)
    print("ready", flush=True)
    sys.stdin.readline()
    await store.aclose()


if __name__ == "__main__":
    anyio.run(main, sys.argv[1] if len(sys.argv) > 1 else None)
