"""The OpenAPI document is complete, and the served API is what it says: schemathesis asks for everything."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import anyio
import anyio.from_thread
import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from tests.orchestrator.api.rig import Rig, api

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
)


class Served:
    """The API on a thread of its own, so that a synchronous client may ask it."""

    def __init__(self, folder: Path) -> None:
        self.url = ""
        self.keys: dict[str, str] = {}
        self._folder = folder
        self._ready, self._over = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=anyio.run, args=(self._serve,), daemon=True)

    def __enter__(self) -> Served:
        self._thread.start()
        assert self._ready.wait(20)
        return self

    def __exit__(self, *_exc: object) -> None:
        self._over.set()
        self._thread.join(20)

    async def _serve(self) -> None:
        async with api(self._folder) as rig:
            self.url = rig.url
            self.keys = {role: await rig.key(role) for role in ("viewer", "admin")}
            await self._fill(rig)
            self._ready.set()
            await anyio.to_thread.run_sync(self._over.wait)

    async def _fill(self, rig: Rig) -> None:
        await rig.call("live1")
        for n in range(3):
            await rig.stored(f"old{n}", minute=n)
        async with rig.with_key(self.keys["admin"]) as admin:
            await admin.post("/flows", content=rig.flow_file.read_text())
            await admin.put("/knowledge/door/fees.md", content=b"# Fees\n\nTen.")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("api")) as made:
        yield made


@pytest.fixture(scope="module")
def schema(served: Served) -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_url(f"{served.url}/api/v1/openapi.json")


STREAMS = ("follow_call",)  # it does not end


@pytest.mark.timeout(175)
def test_no_answer_is_a_5xx_or_undocumented(schema: schemathesis.BaseSchema, served: Served) -> None:
    headers = {"Authorization": f"Bearer {served.keys['admin']}"}
    asked = 0
    answered: Counter[int] = Counter()
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.definition.raw["operationId"] in STREAMS:
            continue

        @given(case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
        @settings(
            max_examples=6,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
            database=None,
        )
        def accepted(case: schemathesis.Case) -> None:
            nonlocal asked
            asked += 1
            answered[case.call_and_validate(headers=headers, checks=list(CHECKS)).status_code] += 1

        @given(case=operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
        @settings(
            max_examples=6,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
            database=None,
        )
        def refused(case: schemathesis.Case) -> None:
            nonlocal asked
            asked += 1
            case.call_and_validate(headers=headers, checks=list(CHECKS))

        accepted()
        if operation.definition.raw.get("parameters") or operation.definition.raw.get("requestBody"):
            refused()
    assert asked > 200, asked
    assert not answered[401] and answered[200] > 50, answered


def test_the_document_names_who_may_ask_examples_and_problems(served: Served) -> None:
    document = httpx.get(f"{served.url}/api/v1/openapi.json").json()
    assert document["openapi"].startswith("3.")
    assert document["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    ids = [o["operationId"] for path in document["paths"].values() for o in path.values()]
    assert len(ids) == len(set(ids))
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            where = f"{method} {path}"
            assert operation["description"], where
            assert operation["tags"], where
            problems = [int(code) for code in operation["responses"] if int(code) >= 400]
            assert {401, 422, 429, 500, 503} <= set(problems) or path in ("/health", "/ready", "/version"), (
                where
            )
            for code in problems:
                assert "application/problem+json" in operation["responses"][str(code)]["content"], (
                    where,
                    code,
                )
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "path":
                    assert (
                        parameter.get("example")
                        or parameter.get("examples")
                        or parameter["schema"].get("examples")
                    ), where
            if "requestBody" in operation:
                (body,) = operation["requestBody"]["content"].values()
                name = body["schema"].get("$ref", "").rsplit("/", 1)[-1]
                known = document["components"]["schemas"].get(name, {})
                assert "example" in body or "example" in known or not known.get("required"), where


def test_there_is_no_page_that_loads_from_elsewhere(served: Served) -> None:
    for path in ("/docs", "/redoc"):
        assert httpx.get(f"{served.url}/api/v1{path}").status_code == 401
        assert httpx.get(f"{served.url}{path}").status_code == 404
