"""Orchestrators in processes of their own, and a caller who types and comes back when the line is lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

HERE = Path(__file__).parents[2]
PATIENCE_S = 20.0
AUDIBLE = 500  # of 32,768
FLOW = """
flow: survival
version: 1
about: Ordering in three questions
agent: {name: Ann, company: The Shop, business: shop, backchannels: false}
lines: {greeting: Hello., goodbye: Done. Goodbye.}
slots:
  colour:
    type: choice
    label: colour
    confirm: read_back
    ask: Which colour do you want?
    values: {red: [], blue: []}
  sizing:
    type: choice
    label: size
    confirm: read_back
    ask: Which size do you need?
    values: {small: [], large: []}
  sure:
    type: yes_no
    label: order
    confirm: never
    ask: Shall I order it now?
    yes: you want it ordered
  receipt: {type: text, source: action}
steps:
  choose:
    ask: [colour, sizing, sure]
  order:
    do: book
    then: complete
actions:
  book:
    python: book
    effect: write
    with: {colour: colour, size: sizing}
    gives: {receipt: result.id}
    timeout_s: 20
    meanwhile: One moment, I am ordering it.
    on_error: {say: It could not be ordered., go: handed_over}
listening: {silence_s: 30}
"""


class Orchestrator:
    """`souffleur serve` in a process of its own.

    Args:
        folder: where calls, settings and the flow are.
        settings: more lines of souffleur.toml.
    """

    def __init__(self, folder: Path, settings: str, **environment: str) -> None:
        self.bookings = folder / "bookings.jsonl"
        flow, config = folder / "survival.yaml", folder / "souffleur.toml"
        flow.write_text(FLOW)
        config.write_text(f'[actions]\nfunctions = {{book = "tests.end_to_end.bookings:book"}}\n{settings}')
        mine = {key: value for key, value in os.environ.items() if not key.startswith("SOUFFLEUR_")}
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "orchestrator.cli", "serve", "--port", "0"),
                *("--flow", str(flow), "--config", str(config)),
            ],
            cwd=HERE,
            env={
                **mine,
                "PYTHONPATH": str(HERE),
                "SOUFFLEUR_DATA__FOLDER": str(folder / "data"),
                "SOUFFLEUR_LOG__FORMAT": "json",
                "BOOKINGS": str(self.bookings),
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.address = ""

    def ready(self) -> Self:
        """Wait until it listens."""
        assert self.process.stdout is not None and self.process.stderr is not None
        for line in self.process.stdout:
            if "http://" in line:
                self.address = line.split("http://")[1].split("/")[0]
                return self
        raise AssertionError(self.process.stderr.read()[-2000:])

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def pause(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def leave(self) -> None:
        """SIGTERM, as from whoever restarts replicas one at a time."""
        self.process.terminate()

    def left(self) -> int:
        """Wait until it has; its exit code."""
        return self.process.wait(timeout=20)

    def stop(self) -> str:
        """End it, by force where it must be. What it logged."""
        self.go_on()
        self.process.terminate()
        try:
            return self.process.communicate(timeout=30)[1]
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.communicate()[1]


@dataclass
class Caller:
    """Rings an orchestrator, and goes on at the same or another one."""

    server: Orchestrator
    call: str = ""
    token: str = ""
    replies: list[str] = field(
        default_factory=list
    )  # since the line was last opened, without what was told again
    outcome: str = ""
    returns: int = 0
    revision: int = 0  # of the newest reply
    heard_at: float = 0.0  # when the agent's voice was first heard since `listen`, by time.monotonic
    _line: ClientConnection | None = None

    def ring(self) -> Self:
        self._line = self._open("flow=survival")
        self.until(lambda told: told["type"] == "resumable")
        return self

    def come_back(self, server: Orchestrator | None = None) -> str:
        """Open the line again. What the agent says first, once the story so far was told again."""
        self.server = server or self.server
        self._line = self._open(f"resume={self.call}")
        self._line.send(json.dumps({"type": "resume", "token": self.token}))
        self.returns += 1
        self.replies.clear()
        self.until(lambda _told: sum("cut off" in reply for reply in self.replies) == self.returns)
        del self.replies[:-1]
        return self.replies[0]

    def _open(self, wanted: str) -> ClientConnection:
        """A line that nobody closes but the one side or the other."""
        return ExitStack().enter_context(connect(f"ws://{self.server.address}/call?{wanted}"))

    def lose_line(self) -> None:
        """As when a network goes."""
        assert self._line is not None
        self._line.socket.close()

    def say(self, text: str) -> None:
        assert self._line is not None
        self._line.send(json.dumps({"type": "text", "text": text}))

    def answer(self, text: str, then: str) -> str:
        """Say something and wait until the agent says something with `then` in it. All that it says."""
        self.say(text)
        return self.wait_for(then)

    def wait_for(self, words: str) -> str:
        """Wait until the agent is told to say this."""
        self.until(lambda told: told["type"] == "whisper" and words in told["reply"])
        return self.replies[-1]

    def listen(self) -> None:
        """Wait until the agent's voice is heard."""
        self.heard_at = 0.0
        self.until(lambda _told: self.heard_at > 0, sound_too=True)

    def until(self, true: Callable[[dict[str, Any]], bool], *, sound_too: bool = False) -> dict[str, Any]:
        """Take messages until one is as wanted."""
        assert self._line is not None
        until = time.monotonic() + PATIENCE_S
        while True:
            left = until - time.monotonic()
            assert left > 0, f"it did not come; the agent said {self.replies}"
            message = self._line.recv(timeout=left)
            if isinstance(message, bytes):
                if not self.heard_at and np.abs(np.frombuffer(message, "<i2")).max() > AUDIBLE:
                    self.heard_at = time.monotonic()
                if sound_too and true({}):
                    return {}
                continue
            told: dict[str, Any] = json.loads(message)
            self._take(told)
            if true(told):
                return told

    def close_code(self) -> int:
        """Take messages until the server closes."""
        try:
            self.until(lambda _told: False)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006
        raise AssertionError("unreachable")

    def hang_up(self) -> None:
        assert self._line is not None
        self._line.close()

    def _take(self, told: dict[str, Any]) -> None:
        match told["type"]:
            case "resumable":
                self.call, self.token = told["call"], told["token"]
            case "whisper":
                self.replies.append(told["reply"])
                self.revision = told["revision"]
            case "closed":
                self.outcome = told["outcome"]
