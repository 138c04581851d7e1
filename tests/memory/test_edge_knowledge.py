"""The embedded index itself: several processes, killed ones, no room, damage, languages, and what callers say."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import qdrant_edge as engine
from numpy.typing import NDArray

from memory import edge_folder
from memory.edge import EdgeKnowledge
from memory.edge_points import point
from memory.edge_terms import Terms
from memory.errors import MemoryFailure, StoreFull
from memory.pages import read_pages
from memory.points import EXACT, KEYS, MEANING, SEARCHED_AMONG, WORDS, payload_of, point_id
from memory.ranking import WORDS_WEIGH, rank
from memory.types import Passage, Query

pytestmark = pytest.mark.anyio

HERE = Path(__file__).parent
CLINIC = HERE.parents[1] / "flows" / "library" / "knowledge" / "riverside_clinic"
PARKING = Passage("a.md#parking", "Parking is free in the garage.", "a.md", "Visiting us: Parking")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def temporary_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Private indexes go here, those of child processes too."""
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setenv("TMPDIR", str(place))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return place


def indexes_in(folder: Path) -> int:
    return len(list(folder.iterdir()))


@contextmanager
def another_process(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """One that has an index open."""
    command = [sys.executable, str(HERE / "index_holder.py"), *arguments]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    try:
        yield process
    finally:
        process.communicate("\n", timeout=20)


async def test_servers_side_by_side_each_have_their_own_index(temporary_files: Path) -> None:
    with another_process(), another_process():
        ours = await EdgeKnowledge.open()
        await ours.put("default", "clinic", [PARKING])
        assert [hit.id for hit in await ours.search(Query("parking"), 5)] == [PARKING.id]
        assert indexes_in(temporary_files) == 3
        await ours.aclose()
    assert indexes_in(temporary_files) == 0


async def test_what_a_killed_server_left_is_taken_away_by_the_next_and_the_living_are_left_alone(
    temporary_files: Path,
) -> None:
    with another_process() as killed, another_process():
        killed.kill()
        killed.wait(timeout=10)
        ours = await EdgeKnowledge.open()
        assert indexes_in(temporary_files) == 2
        await ours.aclose()
        assert indexes_in(temporary_files) == 1


async def test_a_kept_index_in_use_says_by_whom_and_what_to_do(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    with another_process(str(folder)) as other:
        told = rf"{folder}: another process \(pid {other.pid}\) uses this index; end it"
        with pytest.raises(MemoryFailure, match=told):
            await EdgeKnowledge.open(folder)
    ours = await EdgeKnowledge.open(folder)
    assert await ours.search(Query("parking"), 1)
    await ours.aclose()


async def test_a_kept_index_survives_the_kill_of_its_server(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    with another_process(str(folder)) as killed:
        killed.kill()
        killed.wait(timeout=10)
    ours = await EdgeKnowledge.open(folder)
    assert [hit.id for hit in await ours.search(Query("parking"), 1)] == ["a.md#a"]
    await ours.aclose()


async def test_an_index_that_was_never_finished_is_begun_anew(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    await (await EdgeKnowledge.open(folder)).aclose()
    (folder / "built.json").unlink()
    store = await EdgeKnowledge.open(folder)
    assert await store.put("default", "clinic", [PARKING]) == 1
    await store.aclose()


class Lengths:
    """A double of an embedding model: a text's length is its direction."""

    name, dim = "lengths", 2

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        angles = np.array([len(text) / 100 for text in texts])
        return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


OLD_WORDS: dict[int, tuple[str, int | None]] = {2: ("shard", None), 3: ("index", 1)}
"""Of the formats before: the folder of the shard, and how many passages a search by the index of words had to see."""


async def kept_by_an_older_version(folder: Path, version: int) -> None:
    """As it was kept up to format 3: without keys of who may see a passage, and numbered by UUIDs."""
    name, threshold = OLD_WORDS[version]
    shard = engine.EdgeShard.create(
        str(folder / name),
        engine.EdgeConfig(
            {MEANING: engine.EdgeVectorParams(2, engine.Distance.Dot)},
            {
                WORDS: engine.EdgeSparseVectorParams(threshold, modifier=engine.Modifier.Idf),
                EXACT: engine.EdgeSparseVectorParams(),
            },
        ),
    )
    for key in KEYS:
        shard.update(engine.UpdateOperation.create_field_index(key, engine.PayloadSchemaType.Keyword))
    vectors = await Lengths().embed([passage.text for passage in OLDER])
    terms = Terms("en")
    points = [
        engine.Point(
            point_id("default", "clinic", passage.id),
            point("default", "clinic", passage, terms, vector).vector,
            payload_of("default", "clinic", passage),
        )
        for passage, vector in zip(OLDER, vectors, strict=True)
    ]
    shard.update(engine.UpdateOperation.upsert_points(points))
    shard.flush()
    shard.close()
    built = {"format": version, "language": "en", "embedder": "lengths", "dim": 2}
    (folder / "built.json").write_text(json.dumps(built))


SAFE = Passage("c#safe", "The safe stands behind the mirror.", "c.md", "Safe", access="staff")
OLDER = [
    PARKING,
    *(Passage(f"b#{n}", f"Note {n} on gardens.", "b.md", f"Note {n}") for n in range(598)),
    SAFE,
]


async def is_all_there(store: EdgeKnowledge) -> bool:
    asked = Query("where can i park", embedding=(await Lengths().embed([PARKING.text]))[0])
    [best] = await store.search(asked, 1)
    by_words = [hit.id for hit in await store.search(Query("where can i park"), 5)]
    for labels, seen in (((), []), (("staff",), [SAFE.id])):
        found = await store.search(Query("mirror", scope=("clinic",), access=labels), 5)
        assert [hit.id for hit in found] == seen
    there = await store.passages("default", "clinic")
    return (by_words, best.id, there) == ([PARKING.id], PARKING.id, sorted(OLDER, key=lambda p: p.id))


@pytest.mark.parametrize(("version", "cut_off"), [(2, False), (2, True), (3, False), (3, True)])
async def test_an_index_of_an_older_version_is_brought_up_to_date_with_all_that_is_in_it(
    tmp_path: Path, version: int, cut_off: bool
) -> None:
    await kept_by_an_older_version(tmp_path, version)
    before = tmp_path / OLD_WORDS[version][0]
    if cut_off:  # what was begun is no index
        shutil.copytree(before, tmp_path / "passages")
    server = await EdgeKnowledge.open(embedder=Lengths(), begin_with=tmp_path, budget_s=5)
    assert await is_all_there(server)
    await server.aclose()
    assert not before.exists()
    kept = await EdgeKnowledge.open(tmp_path, embedder=Lengths(), budget_s=5)
    assert await is_all_there(kept)
    assert await kept.put("default", "clinic", OLDER) == 0
    assert await kept.put("default", "clinic", OLDER[:1]) == 599
    assert list(await kept.passages("default", "clinic")) == [PARKING]
    await kept.aclose()
    assert thresholds(tmp_path) == {1}


def thresholds(folder: Path) -> set[int | None]:
    """From how many passages on the segments of an index go by their index of words."""
    segments = [json.loads(file.read_text()) for file in folder.glob("passages/segments/*/segment.json")]
    words = [segment["config"]["sparse_vector_data"]["words"] for segment in segments]
    return {each["index"]["full_scan_threshold"] for each in words}


async def test_what_words_alone_find_is_scored_by_its_meaning_as_well() -> None:
    store = await EdgeKnowledge.open(embedder=Lengths(), budget_s=5)
    near = [Passage(f"b#{n}", f"Note {n:03} on gardens.", "b.md", "Note") for n in range(80)]
    far = Passage("far", "Parking is free in the garage.", "a.md", "Parking")
    await store.put("default", "clinic", [*near, far])
    meaning = (await Lengths().embed([f"b: Note\n{near[0].text}"]))[0]
    query = Query("where can i park", embedding=meaning)
    assert far.id not in [c.passage.id for c in await store.candidates(replace(query, text=""), 60)]
    found = {hit.id: hit.score for hit in await store.search(query, 50)}
    own = (await Lengths().embed([f"a: Parking\n{far.text}"]))[0]
    assert found[far.id] == pytest.approx(WORDS_WEIGH + float(own @ meaning), abs=1e-5)
    await store.aclose()


async def test_a_search_by_both_gives_the_scores_that_ranking_gives_the_candidates() -> None:
    """Though it reads neither their words nor their embeddings."""
    store = await EdgeKnowledge.open(embedder=Lengths(), budget_s=5)
    places = "garage street roof yard lot".split()
    pages = [
        Passage(
            f"p{n}", f"Park in the {places[n % 5]} {'or on the street ' * (n % 3)}{'.' * n}", "a.md", "Visit"
        )
        for n in range(40)
    ]
    await store.put("default", "clinic", pages)
    for text in ("park on the roof or in the street", "a zygote in the yard", "zygote", ""):
        query = Query(text, scope=("clinic",), embedding=(await Lengths().embed([text]))[0])
        found = {hit.id: hit.score for hit in await store.search(query, 50)}
        candidates = await store.candidates(query, SEARCHED_AMONG)
        ranked = rank(Terms("en").asked_for(text), query.embedding, candidates)
        assert len(found) == 40
        assert found == pytest.approx({hit.id: hit.score for hit in ranked}, abs=1e-5)
    await store.aclose()


async def test_many_scopes_and_labels_find_what_they_may_and_no_more() -> None:
    store = await EdgeKnowledge.open(embedder=Lengths(), budget_s=5)
    everywhere = ("one", "two", "three", "null", "")
    for tenant, scope in product(("default", "bank"), everywhere):
        pages = [
            replace(PARKING, id=label, text=f"Parking: {tenant}/{scope}/{label}", access=label)
            for label in ("", "a", "b", "c")
        ]
        await store.put(tenant, scope, pages)
    meaning = (await Lengths().embed([PARKING.text]))[0]
    for scopes, labels in (
        (("one",), ()),
        (("one",), ("a",)),
        (("one", "three"), ("c", "a")),
        (("one", "one", "two", "four"), ("b", "b", "d", "")),
        (("null",), ()),
        (("",), ("a", "b")),
        ((), ("b",)),
        ((), ("a", "b", "c")),
    ):
        seen = {
            f"Parking: default/{scope}/{label}"
            for scope, label in product({*scopes} & {*everywhere} or everywhere, {"", *labels} - {"d"})
        }
        query = Query("parking", scope=scopes, access=labels)
        for asked in (query, replace(query, embedding=meaning)):
            assert {hit.text for hit in await store.search(asked, 50)} == seen
            assert {found.passage.text for found in await store.candidates(asked, 200)} == seen
    await store.aclose()


async def test_an_index_of_an_older_version_for_another_model_is_left_as_it_is(tmp_path: Path) -> None:
    await kept_by_an_older_version(tmp_path, 3)
    with pytest.raises(MemoryFailure, match="with lengths, not with no embeddings"):
        await EdgeKnowledge.open(tmp_path)
    kept = await EdgeKnowledge.open(tmp_path, embedder=Lengths(), budget_s=5)
    assert await is_all_there(kept)
    await kept.aclose()


async def test_a_damaged_index_is_told_with_a_cure_and_lets_go_of_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    store = await EdgeKnowledge.open(folder)
    await store.put("default", "clinic", [PARKING])
    await store.aclose()
    for file in folder.glob("passages/segments/*/segment.json"):
        file.write_text("{")
    for _ in range(2):
        with pytest.raises(MemoryFailure, match=r"cannot be opened .* delete the folder"):
            await EdgeKnowledge.open(folder)


async def test_an_index_for_another_language_is_not_mixed_up(tmp_path: Path) -> None:
    await (await EdgeKnowledge.open(tmp_path / "kept", language="de")).aclose()
    with pytest.raises(MemoryFailure, match="for language 'de', not 'en'; choose another folder"):
        await EdgeKnowledge.open(tmp_path / "kept", language="en-US")
    await (await EdgeKnowledge.open(tmp_path / "kept", language="de-AT")).aclose()


async def test_tells_that_a_place_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for place in (Path("/proc/self/knowledge"), tmp_path / "file"):
        with pytest.raises(MemoryFailure, match=rf"{place}: no index can be kept there"):
            await EdgeKnowledge.open(place)


async def test_stops_before_a_disk_is_full(monkeypatch: pytest.MonkeyPatch, temporary_files: Path) -> None:
    """On a full disk the engine would take the whole process down (SIGBUS)."""
    store = await EdgeKnowledge.open()
    await store.put("default", "clinic", [PARKING])
    monkeypatch.setattr(edge_folder, "SPARE_BYTES", 2**60)
    with pytest.raises(StoreFull, match=r"no room for an index \(\d+ MiB free, \d+ MiB wanted\); free some"):
        await store.put("default", "clinic", [PARKING, Passage("b", "More.", "b", "b")])
    assert await store.search(Query("parking"), 1)
    with pytest.raises(StoreFull):
        await EdgeKnowledge.open()
    await store.aclose()
    assert indexes_in(temporary_files) == 0


NO_ROOM = """
import anyio, resource, sys
from pathlib import Path
from memory.edge import EdgeKnowledge
from memory.errors import MemoryFailure

async def main():
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
    try:
        await EdgeKnowledge.open(Path(sys.argv[1]))
    except MemoryFailure as failure:
        print(failure)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    await (await EdgeKnowledge.open(Path(sys.argv[1]))).aclose()

anyio.run(main)
"""


def test_a_limit_on_file_sizes_is_told_and_the_index_opens_once_it_is_lifted(tmp_path: Path) -> None:
    command = [sys.executable, "-c", NO_ROOM, str(tmp_path / "kept")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert f"{tmp_path / 'kept'}: the index cannot be opened" in done.stdout
    assert "File too large" in done.stdout


async def test_says_that_it_has_no_embeddings_instead_of_ignoring_one() -> None:
    store = await EdgeKnowledge.open()
    with pytest.raises(MemoryFailure, match="no embeddings"):
        await store.search(Query("parking", embedding=np.full(4, 0.5, np.float32)), 3)
    await store.aclose()


@pytest.mark.parametrize(
    ("language", "text", "question"),
    [
        ("de-DE", "Die Parkplätze hinter der Praxis sind kostenlos.", "wo ist ein parkplatz"),
        ("es", "Abrimos todos los sábados por la mañana.", "abren el sábado"),
        ("pl", "Parkingi znajdują się za przychodnią.", "gdzie jest parking"),  # not known to the engine
    ],
)
async def test_hears_other_languages(language: str, text: str, question: str) -> None:
    store = await EdgeKnowledge.open(language=language)
    other = Passage("other", "12345 67890", "x", "x")
    await store.put("default", "clinic", [Passage("right", text, "x", "x"), other])
    assert [hit.id for hit in await store.search(Query(question), 2)] == ["right"]
    await store.aclose()


async def test_a_score_means_the_same_in_small_and_in_large_collections() -> None:
    store = await EdgeKnowledge.open()
    for scope, passages in (("small", 20), ("large", 1000)):
        others = [Passage(f"n{n}", f"Note number {n} on nothing.", "n", f"Note {n}") for n in range(passages)]
        await store.put("default", scope, [PARKING, *others])
    small = (await store.search(Query("where can i park", scope=("small",)), 1))[0].score
    large = (await store.search(Query("where can i park", scope=("large",)), 1))[0].score
    assert small == pytest.approx(large, rel=0.1)
    assert 1.0 < small < 4.0  # the word is in the title as well
    await store.aclose()


async def test_finds_the_page_for_what_a_recogniser_made_of_a_callers_question() -> None:
    """115 readings by pocketsphinx's open decoder of 48 questions, asked by four synthesized voices."""
    store = await EdgeKnowledge.open(budget_s=5)
    await store.put("default", "clinic", read_pages(CLINIC))
    right: dict[bool, list[bool]] = {True: [], False: []}
    for line in (HERE / "heard_at_the_clinic.jsonl").read_text().splitlines():
        asked = json.loads(line)
        hits = await store.search(Query(asked["heard"], scope=("clinic",)), 1)
        answers = [hit.id.split("#")[1] in asked["answered_by"] for hit in hits]
        right[asked["heard"] == asked["said"]].append(answers == [True])
    assert sum(right[True]) / len(right[True]) >= 0.80
    assert sum(right[False]) / len(right[False]) >= 0.60
    await store.aclose()
