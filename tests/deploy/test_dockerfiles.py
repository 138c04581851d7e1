"""The Dockerfiles, by a linter and by rules of our own. No image is built here: there is no Docker engine."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tools.compose import read_compose

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "deploy").glob("*/Dockerfile"))
PACKAGES = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"][
    "packages"
]
each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)


def instructions(path: Path) -> list[tuple[str, str]]:
    """Name and argument of each, with continued lines joined."""
    text = re.sub(r"^\s*#.*\n", "", path.read_text(), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    return [(line.split()[0].upper(), line.split(maxsplit=1)[1]) for line in lines if line.strip()]


def of(path: Path, name: str) -> list[str]:
    return [argument for instruction, argument in instructions(path) if instruction == name]


def last_stage(path: Path) -> list[tuple[str, str]]:
    told = instructions(path)
    start = max(n for n, (name, _argument) in enumerate(told) if name == "FROM")
    return told[start:]


def hadolint(path: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).parent / "hadolint"
    assert program.exists(), "hadolint is missing; run tools/setup.sh dev"
    return subprocess.run(
        [program, "--failure-threshold", "info", str(path)], capture_output=True, text=True, check=False
    )


@each_file
def test_the_linter_has_nothing_to_say(path: Path) -> None:
    done = hadolint(path)
    assert done.returncode == 0, done.stdout


def test_the_linter_finds_what_is_wrong(tmp_path: Path) -> None:
    wrong = tmp_path / "Dockerfile"
    wrong.write_text("FROM debian:latest\nRUN cd /x && sudo apt-get install -y curl\n")
    assert hadolint(wrong).returncode != 0


@each_file
def test_it_is_built_in_stages_from_pinned_images(path: Path) -> None:
    stages = of(path, "FROM")
    assert len(stages) >= 2
    assert all(re.search(r":[\w.{}$-]*\d|:\$\{", stage) and "latest" not in stage for stage in stages)
    assert not any("pip install" in argument for name, argument in last_stage(path) if name == "RUN")


@each_file
def test_it_runs_as_nobody_special_and_says_whether_it_is_well(path: Path) -> None:
    told = dict(last_stage(path))
    assert told["USER"] == "10001:10001"
    assert "--interval" in told["HEALTHCHECK"] and "CMD [" in told["HEALTHCHECK"]
    assert told["ENTRYPOINT"].startswith("[") and told["CMD"].startswith("["), (
        "signals reach the program itself"
    )


@each_file
def test_compose_runs_it_as_the_same_user_with_volumes_where_it_has_folders(path: Path) -> None:
    compose = read_compose(ROOT / "docker-compose.yml", {})
    mine = [
        s
        for s in compose["services"].values()
        if s.get("build", {}).get("dockerfile") == str(path.relative_to(ROOT))
    ]
    assert mine
    told = dict(last_stage(path))
    for service in mine:
        assert service["user"] == told["USER"]
        assert any(volume.endswith(":" + told["VOLUME"]) for volume in service["volumes"])
        assert service["build"]["context"] == "."


@each_file
def test_what_is_copied_is_in_the_build_context(path: Path) -> None:
    for argument in of(path, "COPY"):
        if argument.startswith("--from"):
            continue
        *sources, _target = argument.split()
        for source in sources:
            assert source == "." or ((ROOT / source).exists() and is_sent(source)), source


def is_sent(name: str) -> bool:
    """Whether .dockerignore lets it through: the last pattern that fits decides."""
    sent = True
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.strip()
        if pattern and not pattern.startswith("#"):
            stem = pattern.removeprefix("!").rstrip("/")
            nested = stem.removeprefix("**/")
            inside = (
                any(fnmatch(part, nested) for part in Path(name).parts)
                if stem.startswith("**/")
                else (fnmatch(Path(name).parts[0], stem))
            )
            if inside:
                sent = pattern.startswith("!")
    return sent


def test_the_context_has_every_package_and_nothing_else() -> None:
    for package in PACKAGES:
        assert is_sent(f"{package}/__init__.py"), package
        assert not is_sent(f"{package}/__pycache__/x.pyc"), package
    for other in (
        ".git/config",
        ".venv/bin/python",
        ".env",
        "deploy/secrets/redis_url",
        "tests/x.py",
        "runs/x",
        "souffleur.toml",
    ):
        assert not is_sent(other), other


@each_file
def test_the_layer_of_dependencies_makes_a_folder_for_every_package(path: Path) -> None:
    made = " ".join(of(path, "RUN"))
    found = re.search(r"mkdir ([\w ]+?) &&", made)
    assert found and set(found[1].split()) == set(PACKAGES)


def test_the_extras_that_are_installed_exist() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    for path in FILES:
        text = path.read_text()
        wanted = re.findall(r"ARG EXTRAS=([\w,]+)", text) + re.findall(r'"\.\[(\w+)\]"', text)
        assert wanted, path
        for name in ",".join(wanted).split(","):
            assert name in extras, f"{path}: {name}"
