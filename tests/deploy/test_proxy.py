"""The proxy takes its configuration, with TLS and without. What it does with calls: tests/end_to_end/test_stack.py."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deploy.certificates import make_certificate
from tools.compose import read_compose

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "deploy" / "proxy" / "haproxy.cfg"


def checked(**environment: str) -> subprocess.CompletedProcess[str]:
    path = os.environ["PATH"] + ":/usr/sbin"
    haproxy = shutil.which("haproxy", path=path)
    assert haproxy, "haproxy is missing; run tools/setup.sh system"
    told = {
        "PROXY_BIND": "127.0.0.1:3",  # nothing is bound: it only checks
        "PROXY_METRICS": "127.0.0.1:4",
        "ORCHESTRATOR_1": "127.0.0.1:1",
        "ORCHESTRATOR_2": "127.0.0.1:2",
    }
    return subprocess.run(
        [haproxy, "-c", "-V", "-f", str(CONFIG)],
        env={"PATH": path, **told, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return make_certificate(tmp_path / "site.pem")


def test_the_configuration_is_valid_without_tls() -> None:
    done = checked(PROXY_TLS="off")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "[WARNING]" not in done.stderr, done.stderr


def test_the_configuration_is_valid_with_tls(certificate: Path) -> None:
    done = checked(PROXY_TLS="on", PROXY_CERT=str(certificate))
    assert done.returncode == 0, done.stdout + done.stderr


def test_with_tls_a_certificate_has_to_be_there(tmp_path: Path) -> None:
    assert checked(PROXY_TLS="on", PROXY_CERT=str(tmp_path / "none.pem")).returncode != 0


def test_compose_gives_it_all_that_it_asks_for() -> None:
    environment = read_compose(ROOT / "docker-compose.yml", {})["services"]["proxy"]["environment"]
    asked = {
        word.strip('"${}')
        for line in CONFIG.read_text().splitlines()
        for word in line.split()
        if "${" in word
    }
    assert asked <= environment.keys()
    assert environment["PROXY_TLS"] == "off"
