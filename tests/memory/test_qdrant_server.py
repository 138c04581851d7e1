"""The served store over HTTP: its key, its version, a server that is away, slow or full, and settings that choose it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest
from typer.testing import CliRunner

from memory.errors import MemoryFailure, StoreFull, StoreLost
from memory.qdrant import QdrantKnowledge
from memory.qdrant_server import connect
from memory.types import Passage, Query
from orchestrator.cli import app
from orchestrator.errors import BadSettings
from orchestrator.knowledge import ADDED, open_knowledge
from orchestrator.settings import load_settings
from tests.memory.double_of_a_qdrant_server import DoubleOfAQdrantServer, serving

pytestmark = pytest.mark.anyio

PARKING = Passage("a.md#parking", "Parking is free in the garage.", "a.md", "Visiting us: Parking")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[DoubleOfAQdrantServer]:
    with serving(tmp_path / "server") as double:
        yield double


async def opened(server: DoubleOfAQdrantServer, key: str = "", **more: object) -> QdrantKnowledge:
    return await QdrantKnowledge.open(connect(server.address, key), **{"budget_s": 5.0, **more})  # type: ignore[arg-type]


async def test_two_processes_share_one_collection(server: DoubleOfAQdrantServer) -> None:
    one, other = await opened(server), await opened(server)
    await one.put("default", "clinic", [PARKING])
    assert [hit.id for hit in await other.search(Query("where can i park"), 3)] == [PARKING.id]
    assert await other.put("default", "clinic", [PARKING]) == 0
    await one.aclose()
    assert [hit.id for hit in await other.search(Query("where can i park"), 3)] == [PARKING.id]
    await other.aclose()


async def test_candidates_by_words_and_by_meaning_are_asked_for_in_one_request(
    server: DoubleOfAQdrantServer,
) -> None:
    store = await opened(server)
    await store.put("default", "clinic", [PARKING])
    server.asked.clear()
    await store.candidates(Query("where can i park", scope=("clinic",)), 100)
    assert server.asked == ["POST /collections/souffleur/points/query/batch"]
    await store.aclose()


async def test_the_key_is_shown_and_a_wrong_one_is_told_with_its_cure(server: DoubleOfAQdrantServer) -> None:
    server.key = "open sesame"
    for key in ("", "close sesame"):
        with pytest.raises(
            MemoryFailure, match=r"refuses the key \(401 Unauthorized\); see to knowledge.api_key"
        ):
            await opened(server, key)
    store = await opened(server, "open sesame")
    assert await store.put("default", "clinic", [PARKING]) == 1
    await store.aclose()


@pytest.mark.parametrize("version", ["1.18.3", "1.9.0", "0.11.1"])
async def test_a_server_too_old_to_keep_tenants_words_apart_is_refused(
    server: DoubleOfAQdrantServer, version: str
) -> None:
    server.version = version
    with pytest.raises(MemoryFailure, match=rf"version {version}; 1\.19 is needed .* Upgrade it"):
        await opened(server)


@pytest.mark.parametrize("version", ["1.19.0", "1.20.1-dev", "2.0.0", "unknown"])
async def test_newer_servers_are_taken(server: DoubleOfAQdrantServer, version: str) -> None:
    server.version = version
    await (await opened(server)).aclose()


async def test_a_collection_for_another_language_is_not_mixed_up(server: DoubleOfAQdrantServer) -> None:
    await (await opened(server, language="de-DE")).aclose()
    with pytest.raises(MemoryFailure, match="for language 'de', not 'en'; choose another collection"):
        await opened(server, language="en-US")
    await (await opened(server, language="en-US", collection="english")).aclose()
    await (await opened(server, language="de-AT")).aclose()


async def test_many_processes_may_begin_at_once(server: DoubleOfAQdrantServer) -> None:
    stores: list[QdrantKnowledge] = []

    async def one() -> None:
        stores.append(await opened(server))

    async with anyio.create_task_group() as tasks:
        for _ in range(6):
            tasks.start_soon(one)
    for store in stores:
        await store.aclose()
    assert len(stores) == 6


async def test_nobody_at_the_address_is_told_at_the_start_and_lost_later(tmp_path: Path) -> None:
    with serving(tmp_path / "server") as server:
        store = await opened(server)
        await store.put("default", "clinic", [PARKING])
    with pytest.raises(
        StoreLost, match=r"does not answer \(.*\); see that it runs and that knowledge.url is right"
    ):
        await store.search(Query("parking"), 1)
    with pytest.raises(StoreLost, match="does not answer"):
        await store.put("default", "clinic", [PARKING])
    await store.aclose()
    with pytest.raises(MemoryFailure, match=r"knowledge\.url"):
        await QdrantKnowledge.open(connect(server.address))


async def test_a_slow_server_costs_no_more_than_the_budget(server: DoubleOfAQdrantServer) -> None:
    store = await opened(server, budget_s=0.1)
    await store.put("default", "clinic", [PARKING])
    server.takes_s = 1.0
    began = anyio.current_time()
    for asking in (store.search(Query("parking"), 1), store.candidates(Query("parking"), 10)):
        with pytest.raises(StoreLost, match=r"no answer within 0.1 s"):
            await asking
    assert anyio.current_time() - began < 0.9
    server.takes_s = 0.0
    assert await store.search(Query("parking"), 1)
    await store.aclose()


@pytest.mark.parametrize(
    ("status", "kind"), [(500, StoreLost), (503, StoreLost), (507, StoreFull), (413, StoreFull)]
)
async def test_a_server_that_fails_is_lost_and_one_without_room_is_full(
    server: DoubleOfAQdrantServer, status: int, kind: type[MemoryFailure]
) -> None:
    store = await opened(server)
    server.fails_with = status
    with pytest.raises(kind, match=str(status)):
        await store.put("default", "clinic", [PARKING])
    server.fails_with = 0
    assert await store.put("default", "clinic", [PARKING]) == 1
    await store.aclose()


async def test_an_error_says_nothing_of_what_was_asked(server: DoubleOfAQdrantServer) -> None:
    store = await opened(server)
    server.fails_with = 500
    with pytest.raises(StoreLost) as lost:
        await store.search(Query("is the account of ann lee overdrawn"), 1)
    assert "ann" not in str(lost.value)
    await store.aclose()


# --- chosen by settings --------------------------------------------------------------------------------------


def settings_file(folder: Path, server: DoubleOfAQdrantServer, more: str = "") -> Path:
    path = folder / "s.toml"
    path.write_text(
        f'[data]\nfolder = "{folder / "data"}"\n[knowledge]\nstore = "qdrant"\nurl = "{server.address}"\n{more}'
    )
    return path


def test_what_is_added_on_the_command_line_is_there_for_a_server_that_already_runs(
    server: DoubleOfAQdrantServer, tmp_path: Path
) -> None:
    config = settings_file(tmp_path, server)
    (tmp_path / "fees.csv").write_text("Card,Fee\nGold,12 dollars\n")

    async def running() -> list[str]:
        knowledge = await open_knowledge(load_settings({}, config))
        try:
            command = ["knowledge", "add", "orders", str(tmp_path / "fees.csv"), "--config", str(config)]
            done = await anyio.to_thread.run_sync(lambda: CliRunner().invoke(app, command))
            assert done.exit_code == 0, done.output
            found = await knowledge.search(Query("gold fee", scope=("orders" + ADDED,)), 1)
            return [passage.title for passage in found]
        finally:
            await knowledge.aclose()

    assert anyio.run(running) == ["Fees: Gold"]
    assert not (tmp_path / "data" / "knowledge").exists()


def test_the_key_comes_from_the_environment_or_from_a_file(
    server: DoubleOfAQdrantServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.key = "open sesame"
    config = settings_file(tmp_path, server, 'api_key_env = "QDRANT_KEY"\n')

    async def opens() -> None:
        await (await open_knowledge(load_settings({}, config))).aclose()

    with pytest.raises(BadSettings, match="QDRANT_KEY is not set"):
        anyio.run(opens)
    (tmp_path / "key").write_text("open sesame\n")
    monkeypatch.setenv("QDRANT_KEY_FILE", str(tmp_path / "key"))
    anyio.run(opens)
    monkeypatch.delenv("QDRANT_KEY_FILE")
    monkeypatch.setenv("QDRANT_KEY", "open sesame")
    anyio.run(opens)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ('store = "qdrant"', "store = qdrant and url belong together"),
        ('url = "http://127.0.0.1:6333"', "store = qdrant and url belong together"),
        ('store = "qdrant"\nurl = "127.0.0.1:6333"', "should be a URL such as"),
        ('store = "qdrant"\nurl = "http://me:secret@host"', "a key belongs into api_key_env"),
        ('store = "chroma"', "store: 'chroma' should be 'embedded' or 'qdrant'"),
        ('collection = "../x"', "collection"),
    ],
)
def test_settings_that_cannot_be_are_told_in_a_sentence(written: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text(f"[knowledge]\n{written}\n")
    with pytest.raises(BadSettings, match=told):
        load_settings({}, tmp_path / "s.toml")
