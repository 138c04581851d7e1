"""Where stores keep what they are given: a SQLite file, a Redis, a Cluster. And how each of them fails for real."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from tests.redis_server import PLAIN, RedisServer, one_node_cluster


class Where(Protocol):
    """A place that a test has for itself."""

    def silent(self) -> AbstractContextManager[None]:
        """Within the block, it answers no writer."""
        ...

    def written(self) -> bytes:
        """Every byte that is on the disk."""
        ...

    def close(self) -> None: ...


class AFile:
    """A SQLite file, `file`. It is not there yet."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "souffleur.db"

    @contextmanager
    def silent(self) -> Iterator[None]:
        other = sqlite3.connect(self.file, isolation_level=None)
        try:
            other.execute("BEGIN IMMEDIATE")
            yield
        finally:
            other.close()

    def written(self) -> bytes:
        return b"".join(path.read_bytes() for path in self.file.parent.glob(f"{self.file.name}*"))

    def close(self) -> None:
        return None


class ARedis:
    """A Redis at `url`, empty. Its bytes on the disk are what it was given, as it stands."""

    def __init__(self, server: RedisServer, scheme: str = "redis") -> None:
        self.server = server
        self.url = server.url.replace("redis:", f"{scheme}:")

    @contextmanager
    def silent(self) -> Iterator[None]:
        self.server.pause()
        try:
            yield
        finally:
            self.server.go_on()

    def written(self) -> bytes:
        with self.server.client() as client:
            while client.info("persistence")["aof_rewrite_in_progress"]:
                time.sleep(0.005)
        return b"".join(path.read_bytes() for path in self.server.folder.rglob("*") if path.is_file())

    def close(self) -> None:
        self.server.stop()


def a_file(folder: Path) -> AFile:
    return AFile(folder)


def a_redis(folder: Path) -> ARedis:
    return ARedis(RedisServer(folder / "redis", *PLAIN).start())


def a_cluster(_folder: Path) -> ARedis:
    """It refuses whatever touches keys of two hash slots at once."""
    return ARedis(one_node_cluster(), "redis+cluster")


WHERE = {"sqlite": a_file, "redis": a_redis, "redis_cluster": a_cluster}
