"""What searches have read of an embedded index, kept for the next ones until something is written to it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from memory.types import Candidate

MOST_CANDIDATES_KEPT = 4096
"""About 6 KiB each, with an embedding of 384. Look-ups that are remembered elsewhere share them."""
MOST_COUNTS_KEPT = 256


class Kept:
    """Candidates by their points, and how many passages a search may see. For threads.

    Nothing that was read before or while something was written is given after it.

    Args:
        most: candidates that are kept; those that were wanted last.
    """

    def __init__(self, most: int = MOST_CANDIDATES_KEPT) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._writers = 0
        self._version = 0
        self._candidates: OrderedDict[Any, Candidate] = OrderedDict()
        self._counts: dict[object, int] = {}

    @property
    def version(self) -> int:
        """Take it before something is read, and give it when that is to be kept."""
        return self._version

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Around each write, however it ends."""
        self._turn(1)
        try:
            yield
        finally:
            self._turn(-1)

    def candidates(self, points: Sequence[Any]) -> dict[Any, Candidate]:
        """Those of `points` that are here."""
        with self._lock:
            found = {point: self._candidates[point] for point in points if point in self._candidates}
            for point in found:
                self._candidates.move_to_end(point)
        return found

    def keep(self, read: Mapping[Any, Candidate], version: int) -> None:
        """`version`: when reading began."""
        with self._lock:
            if self._is_current(version):
                self._candidates |= read
                while len(self._candidates) > self._most:
                    self._candidates.popitem(last=False)

    def count(self, seen: object) -> int | None:
        with self._lock:
            return self._counts.get(seen)

    def keep_count(self, seen: object, count: int, version: int) -> None:
        """`version`: when counting began."""
        with self._lock:
            if self._is_current(version):
                if len(self._counts) >= MOST_COUNTS_KEPT:
                    self._counts.clear()
                self._counts[seen] = count

    def _is_current(self, version: int) -> bool:
        return self._writers == 0 and self._version == version

    def _turn(self, writers: int) -> None:
        with self._lock:
            self._writers += writers
            self._version += 1
            self._candidates.clear()
            self._counts.clear()
