"""`souffleur knowledge`: files in, found, brought up to date, out again; and a server begins with them."""

from __future__ import annotations

from pathlib import Path

import anyio
import anyio.to_thread
import pytest
from typer.testing import CliRunner

from memory.types import Query
from orchestrator.cli import app
from orchestrator.knowledge import ADDED, open_knowledge
from orchestrator.settings import load_settings


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "s.toml").write_text(f'tenant = "shop"\n[data]\nfolder = "{tmp_path / "data"}"\n')
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "fees.csv").write_text("Card,Fee\nGold,12 dollars\nSilver,free\n")
    (pages / "parcels.txt").write_text("Parcels wait for ten days.\n")
    return tmp_path


def souffleur(place: Path, *words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["knowledge", *words, "--config", str(place / "s.toml")])
    return done.exit_code, done.output


def test_added_again_only_what_changed_is_written(place: Path) -> None:
    pages = str(place / "pages")
    assert souffleur(place, "add", "orders", pages) == (0, "orders: 3 passages of 2 files; 3 changed\n")
    assert souffleur(place, "add", "orders", pages) == (0, "orders: 3 passages of 2 files; 0 changed\n")
    (place / "pages" / "fees.csv").write_text("Card,Fee\nGold,13 dollars\nSilver,free\n")
    assert souffleur(place, "add", "orders", pages)[1] == "orders: 3 passages of 2 files; 1 changed\n"
    code, listed = souffleur(place, "list")
    assert code == 0 and [line.split()[:3] for line in listed.splitlines()] == [
        ["orders", "fees.csv", "2"],
        ["orders", "parcels.txt", "1"],
    ]


def test_found_by_those_who_may_and_gone_when_removed(place: Path) -> None:
    souffleur(place, "add", "orders", str(place / "pages"))
    (place / "ann.txt").write_text("The parcel of Ann Lee is at the gate.")
    souffleur(place, "add", "orders", str(place / "ann.txt"), "--access", "ann")
    assert "12 dollars" in souffleur(place, "search", "orders", "what", "is", "the", "gold", "fee")[1]
    assert "gate" not in souffleur(place, "search", "orders", "parcel", "gate")[1]
    assert "gate" in souffleur(place, "search", "orders", "parcel", "gate", "--access", "ann")[1]
    assert souffleur(place, "remove", "orders", "fees.csv") == (0, "orders: 2 passages removed\n")
    assert "dollars" not in souffleur(place, "search", "orders", "gold", "fee")[1]
    assert souffleur(place, "remove", "orders") == (0, "orders: 2 passages removed\n")
    assert souffleur(place, "search", "orders", "parcels") == (0, "Nothing found.\n")
    code, told = souffleur(place, "remove", "orders")
    assert code == 2 and "nothing was added under that name" in told


def test_what_cannot_be_added_leaves_what_was_there(place: Path) -> None:
    souffleur(place, "add", "orders", str(place / "pages"))
    (place / "bad.csv").write_text("a,b\n1,2,3\n")
    code, told = souffleur(place, "add", "orders", str(place / "bad.csv"))
    assert code == 1 and "row 2 has 3 cells" in told
    assert len(souffleur(place, "list")[1].splitlines()) == 2


def test_a_server_begins_with_what_was_added_and_keeps_the_folder_free(place: Path) -> None:
    souffleur(place, "add", "orders", str(place / "pages"))
    settings = load_settings({}, place / "s.toml")

    async def search() -> list[str]:
        one, other = await open_knowledge(settings), await open_knowledge(settings)
        try:
            code, _ = await anyio.to_thread.run_sync(souffleur, place, "list")
            assert code == 0  # the folder is free
            found = await one.search(Query("gold fee", "shop", ("orders" + ADDED,)), 1)
            return [passage.title for passage in found]
        finally:
            await one.aclose()
            await other.aclose()

    assert anyio.run(search) == ["Fees: Gold"]


def test_a_model_that_cannot_be_had_is_told(place: Path) -> None:
    with (place / "s.toml").open("a") as file:
        file.write('[knowledge]\nembeddings = "/no/such/model"\n')
    code, told = souffleur(place, "list")
    assert code == 1 and ("extra `embeddings`" in told or "no such embedding model" in told)
