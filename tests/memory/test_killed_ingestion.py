"""Knowledge that is being taken in when its process is killed: nothing that was there is lost, the rest comes again."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from memory.edge import EdgeKnowledge
from memory.types import Query
from tests.memory.index_filler import COUNT, KEPT, NEW, Telling

pytestmark = pytest.mark.anyio

HERE = Path(__file__).parent


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def killed_at(batch: int, after_s: float, folder: Path) -> None:
    """Take passages in, in a process of its own, and SIGKILL it so long after a batch was begun."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.memory.index_filler", str(folder)],
        cwd=HERE.parents[1],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line == f"batch {batch}\n":
            break
    time.sleep(after_s)
    process.kill()
    rest, _ = process.communicate(timeout=10)
    assert process.returncode == -9 and "done" not in rest, "it was to be killed in the middle"


@pytest.mark.parametrize(("batch", "after_s"), [(1, 0.0), (2, 0.0), (4, 0.005), (7, 0.02), (11, 0.0)])
async def test_a_kill_while_passages_are_written_loses_nothing_that_was_there(
    batch: int, after_s: float, tmp_path: Path
) -> None:
    folder = tmp_path / "kept"
    before = await EdgeKnowledge.open(folder, embedder=Telling())
    await before.put("default", "kept", KEPT)
    await before.aclose()
    killed_at(batch, after_s, folder)
    store = await EdgeKnowledge.open(folder, embedder=Telling(), budget_s=5.0)
    try:
        assert await store.passages("default", "kept") == sorted(KEPT, key=lambda p: p.id)
        there = await store.passages("default", "new")
        assert set(there) <= set(NEW), "a passage is there whole or not at all"
        assert len(there) >= 256 * (batch - 1), "what was written before is there"
        assert (await store.search(Query("parking place 7", scope=("kept",)), 1))[0].id == "k#7"
        assert await store.put("default", "new", NEW) == COUNT - len(there)  # only what is missing
        assert await store.passages("default", "new") == sorted(NEW, key=lambda p: p.id)
        found = await store.search(Query("note 2999 garages", scope=("new",)), 1)
        assert found[0].id == "n#2999"
    finally:
        await store.aclose()
