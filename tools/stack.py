"""Starts the stack of docker-compose.yml on this machine, without containers: the same programs, settings and files.

    .venv/bin/python -m tools.stack [--folder DIR] [--seconds N]

The environment of each service, its command, and the configuration of Redis and the proxy are taken from the
deployment's own files. What a container would give is replaced: names of services by addresses on 127.0.0.1, mounted
folders by folders below DIR. `INSTEAD` names what is set otherwise, and why. Ctrl-C stops everything.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.compose import read_compose

ROOT = Path(__file__).parents[1]
REPLICAS = ("orchestrator-1", "orchestrator-2")
STOP_WITHIN_S = 20.0
_PR_SET_PDEATHSIG = 1
START_WITHIN_S = 60.0

INSTEAD: Mapping[str, str] = {
    # There is no package of the Qdrant server; each orchestrator searches an index of its own.
    "SOUFFLEUR_KNOWLEDGE__STORE": "embedded",
    "SOUFFLEUR_KNOWLEDGE__URL": "",
    # The address is this machine's only: nothing here is published.
    "SOUFFLEUR_SERVER__HOST": "127.0.0.1",
}


class NotStarted(RuntimeError):
    """A part of the stack does not come up. The text ends with the last lines of its log."""


# --- the stack ---------------------------------------------------------------------------------------------


@dataclass
class Stack:
    """The processes. Made by `start`; `stop` ends those that are left.

    Attributes:
        ports: of each address that a container would have, as in "orchestrator-1:8420".
        processes: by the names of the services.
    """

    folder: Path
    compose: dict[str, Any]
    ports: dict[str, int]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @classmethod
    def start(cls, folder: Path, variables: Mapping[str, str] | None = None) -> Stack:
        """Start Redis, both orchestrators and the proxy, and wait until calls can be made.

        Args:
            folder: for data, logs and secrets.
            variables: as a `.env` file would give them.

        Raises:
            NotStarted
        """
        wanted = ("redis:6379", "proxy:8080", "proxy:8405")
        addresses = [*wanted, *(f"{name}:{port}" for name in REPLICAS for port in (8420, 9464))]
        stack = cls(folder, read_compose(ROOT / "docker-compose.yml", variables or {}), _free(addresses))
        try:
            stack._make_folders()
            stack.run("redis")
            stack.wait_for("redis")
            for name in REPLICAS:
                stack.run(name)
            for name in REPLICAS:
                stack.wait_for(name)
            stack.run("proxy")
            stack.wait_for("proxy")
        except BaseException:
            stack.stop()
            raise
        return stack

    def url(self, address: str) -> str:
        return f"http://127.0.0.1:{self.ports[address]}"

    def secret(self, name: str) -> str:
        return (self.folder / "secrets" / name).read_text().strip()

    def log(self, name: str) -> str:
        return (self.folder / "logs" / f"{name}.log").read_text(errors="replace")

    def environment(self, name: str) -> dict[str, str]:
        """Of a service, with what a container would give replaced."""
        given = {
            key: str(value) for key, value in self.compose["services"][name].get("environment", {}).items()
        }
        given = {key: self._here(value, name) for key, value in given.items()}
        return {**_bare(), **given, **{key: value for key, value in INSTEAD.items() if key in given}}

    def command(self, name: str) -> list[str]:
        if name == "redis":
            port, told = str(self.ports["redis:6379"]), self.compose["services"]["redis"]["command"]
            config = ROOT / "deploy/redis/redis.conf"
            here = ["--bind", "127.0.0.1", "--port", port, "--dir", str(self.folder / "redis")]
            return [told[0], str(config), *here, "--aclfile", str(self.folder / "secrets/redis_acl")]
        if name == "proxy":
            return ["haproxy", "-db", "-f", str(ROOT / "deploy/proxy/haproxy.cfg")]
        told = self.compose["services"][name]["command"]
        return [sys.executable, "-m", "orchestrator.cli", *(self._here(str(part), name) for part in told)]

    def souffleur(self, replica: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`docker compose exec REPLICA souffleur ...`"""
        return subprocess.run(
            [sys.executable, "-m", "orchestrator.cli", *arguments],
            env=self.environment(replica),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def run(self, name: str) -> None:
        """Start a service, anew where it has ended."""
        (self.folder / "logs").mkdir(exist_ok=True)
        with (self.folder / "logs" / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                self.command(name),
                env=self.environment(name),
                cwd=ROOT,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=_die_with_parent,  # noqa: PLW1509
            )

    def wait_for(self, name: str, within_s: float = START_WITHIN_S) -> None:
        """Wait until a service is well, by the same sign as its health check's.

        Raises:
            NotStarted
        """
        until = time.monotonic() + within_s
        while not self._is_well(name):
            if self.processes[name].poll() is not None or time.monotonic() > until:
                last = "\n".join(self.log(name).splitlines()[-12:])
                raise NotStarted(f"{name} does not come up:\n{last}")
            time.sleep(0.1)

    def end(self, name: str, sign: signal.Signals = signal.SIGTERM) -> None:
        """End a service, and wait until it is gone."""
        process = self.processes.pop(name)
        process.send_signal(sign)
        try:
            process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def stop(self) -> None:
        """End what is left, the proxy first and Redis last."""
        for name in ("proxy", *REPLICAS, "redis"):
            if name in self.processes:
                self.end(name)

    def _is_well(self, name: str) -> bool:
        if name == "redis":
            asked = ["redis-cli", "-p", str(self.ports["redis:6379"]), "ping"]
            return b"PONG" in subprocess.run(asked, capture_output=True, check=False).stdout
        address = "proxy:8080" if name == "proxy" else f"{name}:8420"
        asked_as = urllib.request.Request(f"{self.url(address)}/health", headers={"host": "localhost"})
        try:
            with urllib.request.urlopen(asked_as, timeout=3) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _make_folders(self) -> None:
        for name in ("calls", "redis"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        (self.folder / "calls").chmod(0o700)
        for name in ("redis_url", "redis_acl"):  # of an earlier start, at another port
            (self.folder / "secrets" / name).unlink(missing_ok=True)
        subprocess.run(
            [str(ROOT / "deploy/secrets.sh"), str(self.folder / "secrets")],
            env={**_bare(), "REDIS_ADDRESS": f"127.0.0.1:{self.ports['redis:6379']}"},
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def _here(self, value: str, name: str) -> str:
        """A value of a service's environment or command, for this machine."""
        for address, port in self.ports.items():
            value = value.replace(address, f"127.0.0.1:{port}")
            service, _, inner = address.partition(":")
            if service == name:  # what it listens on by itself
                value = re.sub(rf"(?<![\w.])(0\.0\.0\.0)?:{inner}$", f"127.0.0.1:{port}", value)
                value = str(port) if value == inner else value
        return value.replace("/run/secrets", str(self.folder / "secrets")).replace(
            "/var/lib/souffleur", str(self.folder / "calls")
        )


def _die_with_parent() -> None:
    """Linux ends a service with whoever started it, however that ended."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _bare() -> dict[str, str]:
    """What programs need of this machine's environment, and no setting of ours."""
    kept = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "PYTHONPATH", "TMPDIR", "VIRTUAL_ENV")
    told = {name: os.environ[name] for name in kept if name in os.environ}
    return told | {"PYTHONUNBUFFERED": "1", "PATH": os.environ.get("PATH", "") + ":/usr/sbin"}


def _free(addresses: list[str]) -> dict[str, int]:
    """A free port for each, all held until the last is found."""
    held = []
    try:
        for _address in addresses:
            one = socket.socket()
            one.bind(("127.0.0.1", 0))
            held.append(one)
        return {address: one.getsockname()[1] for address, one in zip(addresses, held, strict=True)}
    finally:
        for one in held:
            one.close()


def missing_programs() -> list[str]:
    """What has to be installed first."""
    search = os.environ.get("PATH", "") + ":/usr/sbin"
    return [
        name for name in ("redis-server", "redis-cli", "haproxy") if shutil.which(name, path=search) is None
    ]


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, help="for data, logs and secrets; a new one by default")
    parser.add_argument("--seconds", type=float, help="stop by itself after so long")
    wanted = parser.parse_args()
    if missing := missing_programs():
        print(f"stack: {', '.join(missing)} missing; run tools/setup.sh system", file=sys.stderr)
        return 1
    folder = (wanted.folder or Path(tempfile.mkdtemp(prefix="souffleur-stack-"))).resolve()
    try:
        stack = Stack.start(folder)
    except NotStarted as why:
        print(f"stack: {why}", file=sys.stderr)
        return 1
    try:
        print(f"calls: {stack.url('proxy:8080')}/  files: {folder}", flush=True)
        signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
        time.sleep(wanted.seconds or 10**9)
    except KeyboardInterrupt:
        pass
    finally:
        stack.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
