"""An engine of the tiny checkpoint as a child process, in the engine's own environment."""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PYTHON = ROOT / ".venv-engine" / "bin" / "python"
HERE = PYTHON.exists()
WHY_NOT = "the engine has an environment of its own, which is not here: run `tools/setup.sh engine`"


def _environment(**more: str) -> dict[str, str]:
    return {**os.environ, "NO_TORCH_COMPILE": "1", "OMP_NUM_THREADS": "1", **more}


@functools.cache
def checkpoint() -> Path:
    """The tiny checkpoint, with a recogniser in stt/; written once for all tests of a run."""
    folder = Path(tempfile.mkdtemp(prefix="souffleur-checkpoint-"))
    atexit.register(shutil.rmtree, folder, True)
    command = [PYTHON, "-m", "duplex_frontend.engine", "fixture", folder]
    subprocess.run(command, check=True, cwd=ROOT, env=_environment(), capture_output=True, timeout=120)
    return folder


@dataclass
class EngineProcess:
    """A running engine. `address` as clients want it."""

    child: subprocess.Popen[str]
    address: str
    folder: Path

    def kill(self) -> None:
        """As the kernel would: no goodbye."""
        self.child.kill()
        self.child.wait()

    def stop(self) -> int:
        """SIGTERM; returns its exit code."""
        if self.child.poll() is None:
            self.child.terminate()
        try:
            code = self.child.wait(20)
        except subprocess.TimeoutExpired:
            self.child.kill()
            code = self.child.wait()
        if self.child.stdout is not None:
            self.child.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)
        return code


def start_engine(rows: int, more: Sequence[str] = (), *, stt: bool = True, token: str = "") -> EngineProcess:
    """Start an engine and wait until it is ready. On a unix socket, with `token` on a TCP port of its own."""
    folder = Path(tempfile.mkdtemp(prefix="souffleur-engine-"))
    place = ["--listen", "127.0.0.1:0"] if token else ["--socket", str(folder / "engine.sock")]
    loads = ["--checkpoint", str(checkpoint()), *(["--stt", str(checkpoint() / "stt")] if stt else [])]
    size = ["--rows", str(rows), "--window", "256", "--history", "60", "--threads", "1"]
    command = [str(PYTHON), "-m", "duplex_frontend.engine", "serve", *loads, *place, *size, *more]
    log = (folder / "log").open("w")
    environment = _environment(ENGINE_TOKEN=token)
    child = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=log, text=True
    )
    log.close()
    began = time.monotonic()
    assert child.stdout is not None
    for line in child.stdout:  # ends where the child does
        if line.startswith("engine ready: "):
            return EngineProcess(child, line.split()[2].rstrip(","), folder)
        assert time.monotonic() - began < 120
    raise AssertionError(f"the engine did not start: {(folder / 'log').read_text()[-3000:]}")


@functools.cache
def shared_engine(rows: int) -> EngineProcess:
    """An engine for all tests of a run that leave it as it was."""
    engine = start_engine(rows)
    atexit.register(engine.stop)
    return engine
