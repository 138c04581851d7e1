"""Documents over the API: added, found, brought up to date, removed; kept for the next start."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from orchestrator.shelf import open_shelf
from tests.orchestrator.api.rig import TENANT, Rig, api

pytestmark = pytest.mark.anyio

FEES = b"# Fees\n\nA first visit costs forty dollars.\n\n# Parking\n\nParking is free behind the house.\n"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    async with api(tmp_path) as rig:
        yield rig


async def test_what_was_added_is_found_at_once_and_after_the_next_start(rig: Rig) -> None:
    async with await rig.client("operator") as operator:
        added = await operator.put("/knowledge/door/fees.md", content=FEES)
        assert added.json() == {"flow": "door", "source": "fees.md", "passages": 2, "changed": 2}
        found = (
            await operator.get("/knowledge/door/search", params={"words": "what does a visit cost"})
        ).json()
        assert "forty dollars" in found["items"][0]["text"]
        assert (await operator.get("/knowledge")).json()["items"] == [
            {"flow": "door", "source": "fees.md", "passages": 2}
        ]
    assert rig.carrier.changed == [(TENANT, "door")], "calls forget what they remember of look-ups"
    async with open_shelf(rig.desk.settings) as shelf:
        assert set(await shelf.sources()) == {"door"}


async def test_a_file_is_brought_up_to_date_and_removed(rig: Rig) -> None:
    async with await rig.client("supervisor") as boss:
        await boss.put("/knowledge/door/fees.md", content=FEES)
        await boss.put("/knowledge/door/more.txt", content=b"The door is red.")
        changed = await boss.put("/knowledge/door/fees.md", content=FEES.replace(b"forty", b"fifty"))
        assert changed.json()["changed"] == 1
        assert (await boss.delete("/knowledge/door/fees.md")).json() == {"flow": "door", "passages": 2}
        assert (await boss.delete("/knowledge/door/fees.md")).status_code == 404
        assert [i["source"] for i in (await boss.get("/knowledge")).json()["items"]] == ["more.txt"]
        assert (await boss.delete("/knowledge/door")).json()["passages"] == 1
        assert (await boss.delete("/knowledge/door")).status_code == 404


async def test_what_only_some_may_hear_is_not_found_by_a_search(rig: Rig) -> None:
    async with await rig.client("operator") as operator:
        await operator.put(
            "/knowledge/door/staff.txt", content=b"The alarm code is seven.", params={"access": "staff"}
        )
        found = await operator.get("/knowledge/door/search", params={"words": "alarm code"})
        assert found.json()["items"] == []


@pytest.mark.parametrize(
    ("source", "content", "status"),
    [
        ("virus.exe", b"MZ", 415),
        ("empty.md", b"", 422),
        ("broken.pdf", b"%PDF-1.7 nothing", 422),
        ("binary.txt", bytes(range(256)), 422),
        (".hidden.md", b"# x", 422),
        ("a/b.md", b"# x", 404),
    ],
)
async def test_a_file_that_cannot_be_read_is_told_so_and_changes_nothing(
    rig: Rig, source: str, content: bytes, status: int
) -> None:
    async with await rig.client("operator") as operator:
        answer = await operator.put(f"/knowledge/door/{source}", content=content)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert "/tmp" not in answer.text
        assert (await operator.get("/knowledge")).json()["items"] == []


async def test_while_another_process_has_it_open_nothing_is_half_done(rig: Rig) -> None:
    async with open_shelf(rig.desk.settings), await rig.client("operator") as operator:
        answer = await operator.put("/knowledge/door/fees.md", content=FEES)
        assert answer.status_code == 409 and "another process" in answer.json()["detail"]
        assert (await operator.get("/knowledge")).json()["items"] == []
