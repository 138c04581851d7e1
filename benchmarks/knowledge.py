"""The stores of knowledge when they are large: how soon a search within a scope answers, and how fast pages go in.

The embedded store, and beside it qdrant-client's own local mode, in one process and through the same port: the same
passages, words, vectors, filters and questions. The local mode is a stand-in in Python for a Qdrant server, and its
times are its own, no server's. Without --data the passages are made up of words with the frequencies of a language.
Vectors are drawn by the text's hash: for times only.

    python benchmarks/knowledge.py [--data DIR] [--quick] [--json PATH]
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import time
import warnings
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import cycle
from pathlib import Path

import anyio
import numpy as np
from qdrant_client import AsyncQdrantClient
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.machine import keep
from benchmarks.recall_data import bank_like
from benchmarks.recall_store import MadeUpVectors
from memory.edge import EdgeKnowledge
from memory.ports import Embedder, KnowledgeStore
from memory.qdrant import QdrantKnowledge
from memory.types import Passage, Query
from reasoner.recall import CANDIDATES

TENANT, OTHER = "large", "another"
SCOPES = 8
COUNT = 20_000
WORDS = 12_000
AT_ONCE = 4
GOAL_MS = 5.0
Took = tuple[float, float]
"""Milliseconds on the wall's clock, and of CPU."""
_ONSETS, _VOWELS, _ENDS = (
    "b c d f g h j k l m n p r s t v w z br st tr".split(),
    "a e i o u".split(),
    "n r s l t".split(),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One store. Milliseconds, one search after the other; `at_once_p95` with AT_ONCE callers.

    `..._cpu_p95`: of the whole process, which other work on the machine stretches less than the clock on the wall.
    """

    store: str
    by: str
    passages: int
    put_s: float
    again_s: float
    search_p50: float
    search_p95: float
    search_cpu_p95: float
    candidates_p50: float
    candidates_p95: float
    candidates_cpu_p95: float
    at_once_p95: float
    searches: int


def vocabulary(chance: random.Random) -> list[str]:
    words: dict[str, None] = {}
    while len(words) < WORDS:
        syllables = chance.choices((1, 2, 3, 4), (1, 4, 4, 2))[0]
        parts = (chance.choice(_ONSETS) + chance.choice(_VOWELS) for _ in range(syllables))
        words["".join(parts) + chance.choice(_ENDS)] = None
    return list(words)


def made_up(count: int) -> Iterator[Passage]:
    """Passages of 40 to 110 words, drawn as a language has them (Zipf); always the same."""
    chance = random.Random(7)
    words = vocabulary(chance)
    weights = [1 / (rank + 3) ** 1.05 for rank in range(WORDS)]
    drawn = chance.choices(words, weights, k=110 * count)
    for at in range(count):
        text = drawn[110 * at : 110 * at + chance.randrange(40, 110)]
        title = " ".join(chance.sample(text, 3))
        yield Passage(f"{at}", " ".join(text) + ".", f"page {at // 10}.md", title, section=title)


def given(folder: Path, count: int) -> tuple[list[Passage], list[str]]:
    """Those of a folder, over again with something of their own each, and its questions."""
    data = bank_like(folder)
    pages = [passage for passages in data.scopes.values() for passage in passages]
    passages = [
        replace(page, id=f"{at}", text=f"{page.text} Branch {at // len(pages)}.")
        for at, page in zip(range(count), cycle(pages), strict=False)
    ]
    return passages, [turn.text for turn in data.turns if turn.gold]


def questions_about(passages: Sequence[Passage], count: int) -> list[str]:
    """Four to nine words, most of them of one passage."""
    chance = random.Random(11)
    asked = []
    for _ in range(count):
        words = chance.choice(passages).text.split()
        asked.append(" ".join(chance.sample(words, chance.randrange(4, 10))))
    return asked


async def measure(name: str, store: KnowledgeStore, passages: Sequence[Passage], asked: Sequence[str]) -> Row:
    """Fill the store with `passages` in SCOPES scopes, and as many of another tenant's beside the first."""
    began = time.perf_counter()
    for scope in range(SCOPES):
        await store.put(TENANT, f"scope {scope}", passages[scope::SCOPES])
    await store.put(OTHER, "scope 0", passages[::SCOPES])
    put_s = time.perf_counter() - began
    began = time.perf_counter()
    assert await store.put(TENANT, "scope 0", passages[::SCOPES]) == 0
    again_s = time.perf_counter() - began
    queries = [await _query(store, text, at % SCOPES) for at, text in enumerate(asked)]
    for query in queries[:5]:
        await store.search(query, 3)
    search = [await _took(partial(store.search, query, 3)) for query in queries]
    candidates = [await _took(partial(store.candidates, query, CANDIDATES)) for query in queries]
    return Row(
        name,
        "words and meaning" if store.embedder else "words",
        len(passages) + len(passages[::SCOPES]),
        put_s,
        again_s,
        *_spread(search),
        *_spread(candidates),
        _spread(await _at_once(store, queries))[1],
        len(queries),
    )


async def _query(store: KnowledgeStore, text: str, scope: int) -> Query:
    meaning = (await store.embedder.embed([text]))[0] if store.embedder else None
    return Query(text, TENANT, (f"scope {scope}",), meaning, ("staff",))


async def _at_once(store: KnowledgeStore, queries: Sequence[Query]) -> list[Took]:
    took: list[Took] = []

    async def caller(mine: Sequence[Query]) -> None:
        for query in mine:
            took.append(await _took(partial(store.candidates, query, CANDIDATES)))

    async with anyio.create_task_group() as tasks:
        for at in range(AT_ONCE):
            tasks.start_soon(caller, queries[at::AT_ONCE])
    return took


async def _took(work: Callable[[], Awaitable[object]]) -> Took:
    began, busy = time.perf_counter(), time.process_time()
    await work()
    return (time.perf_counter() - began) * 1000, (time.process_time() - busy) * 1000


def _spread(took: Sequence[Took]) -> tuple[float, float, float]:
    """The median, and what 95 in 100 stay below; and that of CPU time."""
    wall_ms, cpu_ms = zip(*took, strict=True)
    p50, p95 = np.percentile(wall_ms, (50, 95))
    return float(p50), float(p95), float(np.percentile(cpu_ms, 95))


async def run(passages: Sequence[Passage], asked: Sequence[str], few: int, console: Console) -> list[Row]:
    """`few`: questions for the local mode, which takes its time."""
    rows = []
    embedders: tuple[Embedder | None, ...] = (None, MadeUpVectors())
    for embedder in embedders:
        edge = await EdgeKnowledge.open(budget_s=60.0, embedder=embedder)
        rows.append(await measure("embedded", edge, passages, asked))
        await edge.aclose()
        console.print(f"embedded, {rows[-1].by}: search p95 {rows[-1].search_p95:.2f} ms", highlight=False)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # that its local mode has no indexes is known here
            local = await QdrantKnowledge.open(
                AsyncQdrantClient(":memory:"), budget_s=600.0, embedder=embedder
            )
        rows.append(await measure("qdrant-client, local mode", local, passages, asked[:few]))
        await local.aclose()
        console.print(f"local mode, {rows[-1].by}: search p95 {rows[-1].search_p95:.1f} ms", highlight=False)
    return rows


def table(rows: Sequence[Row]) -> Table:
    shown = Table(title=f"Knowledge within one of {SCOPES} scopes; ms")
    for name in ("store", "by"):
        shown.add_column(name)
    for name in (
        "passages",
        "put",
        "again",
        "search p50",
        "p95",
        "CPU p95",
        "candidates p50",
        "p95",
        "CPU p95",
        f"{AT_ONCE} at once p95",
    ):
        shown.add_column(name, justify="right")
    for r in rows:
        times = (
            *(r.search_p50, r.search_p95, r.search_cpu_p95),
            *(r.candidates_p50, r.candidates_p95, r.candidates_cpu_p95, r.at_once_p95),
        )
        shown.add_row(
            r.store,
            r.by,
            f"{r.passages:,}",
            f"{r.put_s:.1f} s",
            f"{r.again_s:.2f} s",
            *(f"{ms:.2f}" for ms in times),
        )
    return shown


def verdict(rows: Sequence[Row]) -> tuple[list[str], bool]:
    lines, met = [], True
    for row in (row for row in rows if row.store == "embedded"):
        held = row.search_p95 < GOAL_MS
        met &= held
        told = f"search by {row.by} p95 {row.search_p95:.2f} ms, {row.search_cpu_p95:.2f} of CPU (goal {GOAL_MS:.0f})"
        lines.append(f"{'met' if held else 'MISSED'} {told}")
    return lines, met


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="passages.jsonl and turns.jsonl; else made up"
    )
    parser.add_argument("--quick", action="store_true", help="2,000 passages")
    parser.add_argument("--json", type=Path, metavar="PATH", help="keep the figures there")
    options = parser.parse_args()
    console, count = Console(width=150), 2_000 if options.quick else COUNT
    if options.data:
        try:
            passages, asked = given(options.data, count)
        except (OSError, ValueError, KeyError) as wrong:
            parser.error(f"--data: {wrong}; see the README of the bank's set for the format")
    else:
        passages = list(made_up(count))
        asked = questions_about(passages, 400)
    rows = asyncio.run(run(passages, asked, 12 if options.quick else 6, console))
    console.print(table(rows))
    lines, met = verdict(rows)
    if options.json:
        made = "made up" if options.data is None else options.data.name
        keep(options.json, {"passages": made, "rows": [asdict(r) for r in rows], "verdict": lines})
    print("knowledge: " + "; ".join(lines))
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
