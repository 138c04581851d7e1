"""Prometheus finds the metrics at their own address; who comes from elsewhere shows a token. Traces are sent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from orchestrator.errors import BadSettings, PortTaken
from orchestrator.recording import CallClosed, CallOpened
from orchestrator.sections import ServerSettings, TelemetrySettings
from orchestrator.server import bind, serve
from orchestrator.settings import Settings, load_settings
from orchestrator.telemetry_metrics import Metrics
from orchestrator.telemetry_server import open_telemetry, serving_metrics
from orchestrator.telemetry_spans import CallSpans
from orchestrator.trace_ids import trace_id_of
from tests.orchestrator.double_of_a_collector import collector
from tests.orchestrator.double_of_calls import DoubleCalls, offer


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@asynccontextmanager
async def scraped(settings: TelemetrySettings, metrics: Metrics) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        serving_metrics(settings, metrics, bind) as address,
        httpx.AsyncClient(base_url=address.removesuffix("/metrics")) as client,
    ):
        yield client


HERE = TelemetrySettings(metrics="127.0.0.1:0")


@pytest.mark.anyio
async def test_a_scrape_over_http_has_the_metrics() -> None:
    metrics = Metrics()
    metrics.calls_started.labels("intake").inc()
    async with scraped(HERE, metrics) as client:
        answer = await client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    (started,) = (s for s in families["souffleur_calls_started"].samples if s.name.endswith("_total"))
    assert (started.labels, started.value) == ({"flow": "intake"}, 1.0)
    assert "process_resident_memory_bytes" in families


@pytest.mark.anyio
async def test_nothing_else_is_served_there() -> None:
    async with scraped(HERE, Metrics()) as client:
        for path in ("/", "/call", "/flows", "/metrics/x"):
            assert (await client.get(path)).status_code == 404, path
        assert (await client.post("/metrics")).status_code == 405


@pytest.mark.anyio
async def test_who_shows_no_token_or_another_one_gets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRAPE", "s3cret-token")
    metrics = Metrics()
    metrics.calls_started.labels("intake").inc()
    async with scraped(HERE.model_copy(update={"token_env": "SCRAPE"}), metrics) as client:
        for shown in ({}, {"authorization": "Bearer s3cret"}, {"authorization": "s3cret-token"}):
            refused = await client.get("/metrics", headers=shown)
            assert refused.status_code == 401, shown
            assert "souffleur_calls" not in refused.text
        let_in = await client.get("/metrics", headers={"authorization": "Bearer s3cret-token"})
    assert let_in.status_code == 200


@pytest.mark.anyio
async def test_the_server_of_the_calls_serves_them_beside_and_not_on_its_own_port() -> None:
    settings = Settings(server=ServerSettings(port=0), telemetry=HERE)
    metrics, announced = Metrics(), anyio.Event()
    told: list[str] = []

    def announce(address: str) -> None:
        told.append(address)
        announced.set()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(lambda: serve(settings, DoubleCalls(), offer, announce, metrics=metrics))
        await announced.wait()
        async with httpx.AsyncClient(base_url=told[0]) as client:
            assert (await client.get("/health")).status_code == 200
            assert (await client.get("/metrics")).status_code != 200
        tasks.cancel_scope.cancel()


@pytest.mark.anyio
async def test_a_port_in_use_is_told() -> None:
    with bind("127.0.0.1", 0) as taken:
        settings = TelemetrySettings(metrics=f"127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(PortTaken):
            async with serving_metrics(settings, Metrics(), bind):
                pass


# --- settings ----------------------------------------------------------------------------------------------


def refused(**flags: object) -> str:
    with pytest.raises(BadSettings) as error:
        load_settings({f"telemetry.{name}": value for name, value in flags.items()})
    return str(error.value)


@pytest.fixture
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.mark.usefixtures("bare_machine")
def test_metrics_that_others_reach_need_a_token() -> None:
    assert "nobody is asked for a token; set token_env" in refused(metrics="0.0.0.0:9464")
    settings = load_settings({"telemetry.metrics": "0.0.0.0:9464", "telemetry.token_env": "NOT_THERE"})
    with pytest.raises(BadSettings, match="NOT_THERE is not set"):
        _ = settings.telemetry.token


@pytest.mark.usefixtures("bare_machine")
@pytest.mark.parametrize("address", ["9464", "localhost", "127.0.0.1:port", "127.0.0.1:99999", "::1:9464"])
def test_an_address_that_is_none_is_told_with_a_cure(address: str) -> None:
    assert "127.0.0.1:9464" in refused(metrics=address) or "ports end at 65535" in refused(metrics=address)


@pytest.mark.usefixtures("bare_machine")
def test_traces_go_to_a_url() -> None:
    assert "should be a URL" in refused(traces="collector:4318")
    assert "should be a URL" in refused(traces="http://user:word@collector:4318")


# --- traces over the wire ----------------------------------------------------------------------------------


async def trace_a_call(url: str) -> None:
    async with open_telemetry(TelemetrySettings(traces=url)) as telemetry:
        spans = CallSpans(telemetry.tracing.tracer, CallOpened("c0ffee", "intake", "", "", 16_000, ()))
        spans.ended(CallClosed("complete", 3.0, "").outcome, 3.0)


@pytest.mark.anyio
async def test_traces_arrive_at_a_collector_under_the_calls_trace_id() -> None:
    with collector() as (url, sent):
        await trace_a_call(url)
    (request,) = sent
    (resource,) = request.resource_spans
    (span,) = resource.scope_spans[0].spans
    assert span.trace_id == trace_id_of("c0ffee").to_bytes(16, "big")
    assert {each.key for each in resource.resource.attributes} == {
        "service.name",
        "service.version",
        "service.instance.id",
    }


@pytest.mark.anyio
async def test_a_collector_that_is_away_or_broken_costs_nothing_but_the_spans() -> None:
    with bind("127.0.0.1", 0) as nobody:
        with anyio.fail_after(15):
            await trace_a_call(f"http://127.0.0.1:{nobody.getsockname()[1]}")
    with collector(status=400) as (url, _sent), anyio.fail_after(15):
        await trace_a_call(url)


@pytest.mark.anyio
async def test_without_a_collector_nothing_is_sent_and_calls_are_still_counted() -> None:
    async with open_telemetry(TelemetrySettings()) as telemetry:
        CallSpans(telemetry.tracing.tracer, CallOpened("c", "f", "", "", 16_000, ())).ended("complete", 1.0)
        assert b"souffleur_build" in telemetry.metrics.exposition()
