"""Each store of sessions in turn, for every suite of this folder."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from memory.ports import SessionStore
from tests.conformance.places import WHERE
from tests.conformance.sessions.places import WAYS, Place


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(params=WAYS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    name, through = WAYS[request.param]
    where = WHERE[name](tmp_path)
    yield Place(where, through)
    where.close()


@pytest.fixture
async def store(place: Place) -> AsyncIterator[SessionStore]:
    opened = await place.open()
    yield opened
    await opened.aclose()
