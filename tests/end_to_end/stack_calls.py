"""Callers who type, through the proxy of a stack, and what its metrics say."""

from __future__ import annotations

import json
import socket
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from prometheus_client.parser import text_string_to_metric_families
from websockets.sync.client import ClientConnection, connect

from tools.stack import Stack

FLOW = "medical_intake"


class Caller:
    """A caller who types, through the proxy."""

    def __init__(self, line: ClientConnection) -> None:
        self.line = line
        self.call = str(self.until("opened")["call"])

    def until(self, kind: str, within_s: float = 20.0, **facts: object) -> dict[str, Any]:
        """The next message of a kind, with those facts."""
        until = time.monotonic() + within_s
        while time.monotonic() < until:
            message = self.line.recv(timeout=within_s)
            if isinstance(message, str):
                told: dict[str, Any] = json.loads(message)
                assert told["type"] != "error", told
                if told["type"] == kind and all(told[key] == value for key, value in facts.items()):
                    return told
        raise AssertionError(f"no {kind} {facts} within {within_s} s")

    def type(self, text: str) -> None:
        self.line.send(json.dumps({"type": "text", "text": text}))

    def hang_up(self) -> dict[str, Any]:
        self.line.send(json.dumps({"type": "hang_up"}))
        return self.until("closed")


@contextmanager
def calling(stack: Stack, key: str) -> Iterator[Caller]:
    with ringing(stack, flow=FLOW, ticket=ticket(stack, key)) as line:
        yield Caller(line)


def ringing(stack: Stack, **query: str) -> ClientConnection:
    url = stack.url("proxy:8080").replace("http", "ws")
    return connect(f"{url}/call?{urllib.parse.urlencode(query)}", open_timeout=20)


def ticket(stack: Stack, key: str) -> str:
    request = urllib.request.Request(
        f"{stack.url('proxy:8080')}/api/v1/tickets",
        data=json.dumps({"flow": FLOW}).encode(),
        headers={"authorization": f"Bearer {key}", "content-type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return str(json.load(answer)["ticket"])


def scrape(stack: Stack, replica: str, token: str | None = None) -> dict[str, float]:
    """What a replica's metrics come to, over all labels."""
    shown = stack.secret("metrics_token") if token is None else token
    request = urllib.request.Request(
        f"{stack.url(f'{replica}:9464')}/metrics", headers={"authorization": f"Bearer {shown}"}
    )
    with urllib.request.urlopen(request, timeout=5) as answer:
        families = text_string_to_metric_families(answer.read().decode())
    told: dict[str, float] = defaultdict(float)  # what never happened has no series
    for sample in (sample for family in families for sample in family.samples):
        told[sample.name] += sample.value
    return told


def eventually(true: Callable[[], bool], within_s: float = 15.0) -> None:
    until = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < until, f"not within {within_s} s"
        time.sleep(0.1)


def proxied(stack: Stack) -> set[str]:
    """The replicas that the proxy sends calls to."""
    with urllib.request.urlopen(f"{stack.url('proxy:8405')}/metrics", timeout=5) as answer:
        families = text_string_to_metric_families(answer.read().decode())
    return {
        sample.labels["server"]
        for family in families
        for sample in family.samples
        if sample.name == "haproxy_server_status" and sample.labels["state"] == "UP" and sample.value == 1
    }


def asked(port: int, query: str) -> list[float]:
    url = f"http://127.0.0.1:{port}/api/v1/query?{urllib.parse.urlencode({'query': query})}"
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            told = json.load(answer)
    except (urllib.error.URLError, ConnectionError):
        return []
    assert told["status"] == "success", query
    return [float(sample["value"][1]) for sample in told["data"]["result"]]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
