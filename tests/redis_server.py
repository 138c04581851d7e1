"""A real redis-server for tests, from Debian's package: on a free port, killed with the process that started it."""

from __future__ import annotations

import ctypes
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import ClassVar, Self

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

_STARTS_WITHIN_S = 20.0
_PR_SET_PDEATHSIG = 1
PLAIN = ("--rdbcompression", "no")
"""Else a snapshot hides what is in it from whoever looks for it."""
CLUSTER = ("--cluster-enabled", "yes", "--cluster-node-timeout", "2000")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class RedisServer:
    """One server, with what it keeps in a folder.

    Args:
        options: of redis-server, as in `"--maxmemory", "2mb"`. By default every write is on the disk before it is
            acknowledged.
    """

    def __init__(self, folder: Path, *options: str) -> None:
        self.port = free_port()
        self.cluster_port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.folder = folder
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self.as_new = True  # was neither killed, nor paused, nor set to anything

    def start(self) -> Self:
        program = shutil.which("redis-server")
        assert program, "these tests need redis-server; install it: apt-get install redis-server"
        self.folder.mkdir(parents=True, exist_ok=True)
        persistence = ("--save", "", "--appendonly", "yes", "--appendfsync", "always")
        self._process = subprocess.Popen(
            [
                *(program, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)),
                *(*persistence, "--cluster-port", str(self.cluster_port), *self._options),
            ],
            stdout=subprocess.DEVNULL,
            preexec_fn=_die_with_parent,  # noqa: PLW1509
        )
        until = time.monotonic() + _STARTS_WITHIN_S
        while not self._answers():
            assert self._process.poll() is None, "redis-server ended at once"
            assert time.monotonic() < until, "redis-server does not answer"
            time.sleep(0.02)
        return self

    def _answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except RedisError:
            return False

    def client(self) -> Redis:
        """It does not try again by itself: its pauses of a second would be spent at every start."""
        return Redis(port=self.port, socket_timeout=2, retry=Retry(NoBackoff(), 0))

    def used_bytes(self) -> int:
        with self.client() as client:
            used: int = client.info("memory")["used_memory"]
            return used

    def set(self, name: str, value: str | int) -> None:
        self.as_new = False
        with self.client() as client:
            client.config_set(name, value)

    def kill(self) -> None:
        """As the power would. `start` starts it again."""
        self.as_new = False
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def pause(self) -> None:
        self.as_new = False
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()


class OneNodeCluster(RedisServer):
    """A Cluster of one. It takes two seconds to come up, so one that only held keys is emptied and serves again."""

    _idle: ClassVar[list[OneNodeCluster]] = []

    @classmethod
    def take(cls) -> OneNodeCluster:
        if cls._idle:
            return cls._idle.pop()
        server = cls(Path(tempfile.mkdtemp(prefix="redis-cluster-")), *CLUSTER, *PLAIN)
        server.start()
        with server.client() as client:
            client.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
        await_cluster(server)
        return server

    def stop(self) -> None:
        if self.as_new:
            with self.client() as client:
                client.flushall()
                client.script_flush()
                client.bgrewriteaof()  # or the files would still tell what was there
                while client.info("persistence")["aof_rewrite_in_progress"]:
                    time.sleep(0.005)
            self._idle.append(self)
        else:
            super().stop()
            shutil.rmtree(self.folder, ignore_errors=True)


def one_node_cluster() -> RedisServer:
    """A Cluster of one: it refuses whatever touches two hash slots at once."""
    return OneNodeCluster.take()


def await_cluster(*servers: RedisServer) -> None:
    until = time.monotonic() + _STARTS_WITHIN_S
    for server in servers:
        with server.client() as client:
            while "cluster_state:ok" not in _info(client):
                assert time.monotonic() < until, "the cluster does not come up"
                time.sleep(0.05)


def _info(client: Redis) -> str:
    answer = client.execute_command("CLUSTER", "INFO")
    return answer.decode() if isinstance(answer, bytes) else str(answer)
