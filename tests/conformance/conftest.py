"""What the suites of stores have in common: a place that is made for each test and closed after it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance.places import WHERE, AFile, ARedis


@pytest.fixture(params=WHERE)
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AFile | ARedis]:
    """Each place in turn."""
    made = WHERE[request.param](tmp_path)
    yield made
    made.close()
