"""Every example of docs/api.md runs, in its order, against a served API."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import anyio
import anyio.to_thread
import pytest

from tests.orchestrator.api.rig import FLOW, api

pytestmark = pytest.mark.anyio

DOCS = Path(__file__).parents[3] / "docs" / "api.md"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", DOCS.read_text(), re.MULTILINE | re.DOTALL)


async def test_every_command_of_the_guide_is_answered_well(tmp_path: Path) -> None:
    (tmp_path / "fees.md").write_text("# Fees\n\nA visit costs ten dollars.\n")
    commands = [line for block in blocks("sh") for line in block.strip().splitlines()]
    assert len(commands) > 15
    async with api(tmp_path) as rig:
        await rig.call("call1")
        (tmp_path / "door.yaml").write_text(FLOW)
        environment = {
            "URL": rig.url,
            "KEY": await rig.key(),
            "CALL": "call1",
            "PATH": "/usr/local/bin:/usr/bin:/bin",
        }
        for command in commands:
            failing = command.replace("curl -sS", "curl -sS --fail-with-body", 1)
            run = await anyio.to_thread.run_sync(
                lambda one=failing: subprocess.run(
                    ["bash", "-c", one],
                    check=False,
                    cwd=tmp_path,
                    env=environment,
                    capture_output=True,
                    text=True,
                    timeout=30,
                )
            )
            assert run.returncode == 0, f"{command}\n{run.stdout}{run.stderr}"
            assert run.stdout


async def test_the_python_of_the_guide_runs(tmp_path: Path) -> None:
    (text,) = blocks("python")
    names: dict[str, object] = {}
    exec(compile(text, str(DOCS), "exec"), names)
    async with api(tmp_path) as rig:
        key = await rig.key()
        assert await names["complete"](rig.url, key) == []  # type: ignore[operator]
        assert await anyio.to_thread.run_sync(lambda: names["seats"](rig.url, key)) == 4  # type: ignore[operator]


async def test_the_guide_names_no_path_and_no_command_that_there_is_not(tmp_path: Path) -> None:
    async with api(tmp_path) as rig:
        import httpx

        document = (await httpx.AsyncClient().get(f"{rig.url}/api/v1/openapi.json")).json()
    patterns = [re.sub(r"\{[^}]*\}", "[^/]+", path) for path in document["paths"]]
    for path in re.findall(r"\$URL/api/v1(/[^\s\"?|]*)", DOCS.read_text()):
        assert any(re.fullmatch(pattern, path) for pattern in patterns), path
