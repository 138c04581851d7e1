"""For all tests."""

from __future__ import annotations

import faulthandler

GONE_WITHIN_S = 60


def pytest_unconfigure() -> None:
    """A thread that a test left behind would keep the process for ever: rather say where it stands, and fail."""
    faulthandler.dump_traceback_later(GONE_WITHIN_S, exit=True)
