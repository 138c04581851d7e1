"""For all tests."""

from __future__ import annotations

import faulthandler

import pytest

GONE_WITHIN_S = 60


def pytest_unconfigure(config: pytest.Config) -> None:
    """A thread that a test left behind would keep the process for ever: rather say where it stands, and fail.

    A process among several that is done early waits for the others, and is ended by the one that started it.
    """
    if not hasattr(config, "workerinput"):
        faulthandler.dump_traceback_later(GONE_WITHIN_S, exit=True)
