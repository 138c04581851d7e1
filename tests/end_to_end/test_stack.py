"""The stack of docker-compose.yml, but for the containers: the same programs with the same settings and files.

Two orchestrators with the embedded front-end, Redis, the proxy, and Prometheus with the dashboards' queries.
"""

from __future__ import annotations

import json
import re
import shutil
import signal
import ssl
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from selenium.webdriver.common.keys import Keys
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from orchestrator.trace_ids import trace_of
from tests.deploy.certificates import make_certificate
from tests.deploy.test_monitoring import PROMETHEUS, queries
from tests.end_to_end.chromium import browsing, needs_chromium
from tests.end_to_end.stack_calls import (
    FLOW,
    Caller,
    asked,
    calling,
    eventually,
    free_port,
    proxied,
    ringing,
    scrape,
    ticket,
)
from tests.orchestrator.double_of_a_collector import collector
from tools.stack import REPLICAS, Stack, missing_programs

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def collected() -> Iterator[tuple[str, list[ExportTraceServiceRequest]]]:
    with collector() as found:
        yield found


@pytest.fixture(scope="module")
def stack(
    tmp_path_factory: pytest.TempPathFactory, collected: tuple[str, list[ExportTraceServiceRequest]]
) -> Iterator[Stack]:
    assert not missing_programs(), f"{missing_programs()}: run tools/setup.sh system"
    variables = {"MAX_CALLS": "3", "TRACES": collected[0]}
    started = Stack.start(tmp_path_factory.mktemp("stack"), variables)
    try:
        yield started
    finally:
        started.stop()


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return make_certificate(tmp_path / "site.pem")


@pytest.fixture(scope="module")
def key(stack: Stack) -> str:
    """The first key, as `souffleur init` prints it once."""
    made = stack.souffleur("orchestrator-1", "init")
    found = re.search(r"\bsfl_[\w-]+", made.stdout)
    assert made.returncode == 0 and found, made.stdout + made.stderr
    return found[0]


def test_two_calls_go_to_two_replicas_and_each_shows_its_own_in_its_metrics(stack: Stack, key: str) -> None:
    with calling(stack, key) as one, calling(stack, key) as two:
        eventually(lambda: all(scrape(stack, name)["souffleur_calls_open"] == 1 for name in REPLICAS))
        for caller in (one, two):
            caller.type("my name is Dana Kowalski")
            assert caller.until("slot", name="name")["value"] == "Dana Kowalski"
            caller.until("turn")
        for name in REPLICAS:
            told = scrape(stack, name)
            assert told["souffleur_turns_total"] >= 1, name
            assert told["souffleur_turn_latency_seconds_count"] >= 1, name
            assert told["souffleur_whispers_total"] >= 2, name
            assert told["souffleur_store_seconds_count"] >= 2, name
            assert (told["souffleur_seats"], told["souffleur_seats_taken"]) == (3, 1), name
        assert one.hang_up()["outcome"] == "hung_up"
        assert two.hang_up()["outcome"] == "hung_up"
    eventually(lambda: all(scrape(stack, name)["souffleur_calls_open"] == 0 for name in REPLICAS))
    assert all(scrape(stack, name)["souffleur_calls_ended_total"] == 1 for name in REPLICAS)


def test_what_one_replica_has_kept_the_other_can_read(stack: Stack, key: str) -> None:
    with calling(stack, key) as caller:
        caller.type("my name is Dana Kowalski")
        caller.until("slot", name="name")
        caller.hang_up()
    for name in REPLICAS:
        shown = stack.souffleur(name, "sessions", "show", caller.call, "--json")
        assert shown.returncode == 0, shown.stderr
        assert json.loads(shown.stdout)["slots"]["name"]["value"] == "Dana Kowalski"


def test_the_metrics_are_for_those_who_show_the_token(stack: Stack) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        scrape(stack, "orchestrator-1", token="guess")
    assert refused.value.code == 401


def test_the_doctor_finds_a_replica_well(stack: Stack) -> None:
    found = stack.souffleur("orchestrator-1", "doctor", "--json")
    told = {finding["what"]: finding for finding in json.loads(found.stdout)["findings"]}
    assert found.returncode == 0, found.stdout
    assert told["sessions"]["state"] == "ok" and "append-only file" in told["sessions"]["says"]
    assert stack.secret("redis_url").split(":")[2].split("@")[0] not in found.stdout


def test_strangers_may_only_ask_redis_whether_it_is_well(stack: Stack) -> None:
    def ask(*command: str) -> str:
        asked = ["redis-cli", "-p", str(stack.ports["redis:6379"]), *command]
        return subprocess.run(asked, capture_output=True, text=True, check=False).stdout

    assert ask("ping").strip() == "PONG"
    for command in (("get", "x"), ("keys", "*"), ("config", "get", "*"), ("flushall",)):
        assert "NOPERM" in ask(*command) or "no permissions" in ask(*command), command


def test_a_call_is_found_in_the_logs_by_its_id_and_its_trace_and_its_words_are_not(
    stack: Stack, key: str
) -> None:
    with calling(stack, key) as caller:
        caller.type("my name is Zebediah Quackenbush")
        caller.until("slot", name="name")
        caller.hang_up()
    told = [line for name in REPLICAS for line in stack.log(name).splitlines() if caller.call in line]
    eventually(lambda: any("call closed" in stack.log(name) for name in REPLICAS))
    assert any(json.loads(line)["event"] == "call opened" for line in told)
    assert all(json.loads(line)["trace"] == trace_of(caller.call) for line in told)
    every = "".join(stack.log(name) for name in (*REPLICAS, "proxy", "redis"))
    for private in ("zebediah", "quackenbush", key, "ticket=", stack.secret("metrics_token")):
        assert private.lower() not in every.lower(), private


def test_a_calls_trace_arrives_at_the_collector_with_its_turns_and_without_its_words(
    stack: Stack, key: str, collected: tuple[str, list[ExportTraceServiceRequest]]
) -> None:
    with calling(stack, key) as caller:
        caller.type("my name is Zebediah Quackenbush")
        caller.until("turn")
        caller.hang_up()

    def spans() -> dict[str, Span]:
        sent = [each for request in tuple(collected[1]) for each in request.resource_spans]
        found = [span for each in sent for scope in each.scope_spans for span in scope.spans]
        return {span.name: span for span in found if span.trace_id.hex() == trace_of(caller.call)}

    eventually(lambda: "call" in spans(), 20)
    told = spans()
    assert {"call", "turn", "heard", "thought", "understand", "whisper"} <= told.keys()
    assert told["turn"].parent_span_id == told["call"].span_id
    every = b"".join(request.SerializeToString() for request in collected[1]).lower()
    assert b"quackenbush" not in every and b"kowalski" not in every


def test_with_a_certificate_the_same_calls_go_over_tls(
    stack: Stack, key: str, certificate: Path, tmp_path: Path
) -> None:
    ports = {name: free_port() for name in ("PROXY_BIND", "PROXY_METRICS")}
    told = {name: f"127.0.0.1:{port}" for name, port in ports.items()}
    environment = {**stack.environment("proxy"), **told, "PROXY_TLS": "on", "PROXY_CERT": str(certificate)}
    trusting = ssl.create_default_context(cafile=str(certificate))
    trusting.check_hostname = False  # it is for another name
    with (tmp_path / "log").open("wb") as log:
        proxy = subprocess.Popen(stack.command("proxy"), env=environment, stdout=log, stderr=log)
    try:
        url = f"https://127.0.0.1:{ports['PROXY_BIND']}"

        def well() -> bool:
            try:
                with urllib.request.urlopen(f"{url}/health", context=trusting, timeout=3) as answer:
                    return "strict-transport-security" in answer.headers
            except OSError:
                return False

        eventually(well)
        asked = urllib.parse.urlencode({"flow": FLOW, "ticket": ticket(stack, key)})
        with connect(f"{url.replace('https', 'wss')}/call?{asked}", ssl=trusting, open_timeout=20) as line:
            caller = Caller(line)
            caller.type("my name is Dana Kowalski")
            caller.until("slot", name="name")
            caller.hang_up()
    finally:
        proxy.terminate()
        proxy.wait(20)


def test_a_replica_that_is_killed_takes_its_calls_line_and_no_other(stack: Stack, key: str) -> None:
    with ExitStack() as lines:
        both = [lines.enter_context(calling(stack, key)) for _ in REPLICAS]
        eventually(lambda: all(scrape(stack, name)["souffleur_calls_open"] == 1 for name in REPLICAS))
        lost = next(caller for caller in both if caller.call in stack.log("orchestrator-1"))
        kept = next(caller for caller in both if caller is not lost)
        lost.type("my name is Dana Kowalski")
        lost.until("slot", name="name")
        stack.end("orchestrator-1", signal.SIGKILL)
        with pytest.raises(ConnectionClosed):
            lost.until("closed", within_s=10)
        kept.type("my name is Dana Kowalski")
        assert kept.until("slot", name="name")["value"] == "Dana Kowalski"
        with calling(stack, key) as another:
            eventually(lambda: scrape(stack, "orchestrator-2")["souffleur_calls_open"] == 2)
            another.hang_up()
        kept.hang_up()
    stack.run("orchestrator-1")
    stack.wait_for("orchestrator-1")
    eventually(lambda: proxied(stack) == set(REPLICAS))


def test_a_call_goes_on_at_the_other_replica_when_its_own_was_killed(stack: Stack, key: str) -> None:
    with calling(stack, key) as caller:
        token = str(caller.until("resumable")["token"])
        caller.type("my name is Dana Kowalski")
        caller.until("slot", name="name")
        caller.until("turn")
        time.sleep(0.5)
        owner = next(name for name in REPLICAS if caller.call in stack.log(name))
        stack.end(owner, signal.SIGKILL)
    began = time.monotonic()
    with ringing(stack, resume=caller.call) as line:
        line.send(json.dumps({"type": "resume", "token": token}))
        again = Caller(line)
        took_s = time.monotonic() - began
        assert again.call == caller.call
        again.until("trouble", part="line")
        assert took_s < 5, "the proxy sends it to the replica that is left"
        again.hang_up()
    stack.run(owner)
    stack.wait_for(owner)
    eventually(lambda: proxied(stack) == set(REPLICAS))
    other = next(name for name in REPLICAS if name != owner)
    shown = json.loads(stack.souffleur(other, "sessions", "show", caller.call, "--json").stdout)
    assert shown["slots"]["name"]["value"] == "Dana Kowalski"
    assert scrape(stack, other)["souffleur_calls_resumed_total"] >= 1


@needs_chromium
def test_a_browser_with_a_ticket_talks_through_the_proxy_and_survives_its_replica(
    stack: Stack, key: str, tmp_path: Path
) -> None:
    with browsing(tmp_path / "profile") as page:
        page.open(f"{stack.url('proxy:8080')}/?ticket={ticket(stack, key)}")
        page.until(lambda: page.find(f"#flows input[value='{FLOW}']"), "the flow is on offer")
        page.run(f"document.querySelector(\"#flows input[value='{FLOW}']\").click()")
        page.at("start-text").click()
        page.until_shown("call")
        page.at("text").send_keys("my name is Dana Kowalski" + Keys.ENTER)
        page.until(lambda: "Dana Kowalski" in page.at("slots").text, "the form shows the name")
        owner = next(name for name in REPLICAS if scrape(stack, name)["souffleur_calls_open"] == 1)
        stack.end(owner, signal.SIGKILL)
        page.until(
            lambda: page.at("call").get_attribute("data-away") == "true", "it is told that the line is lost"
        )
        page.until(lambda: page.at("call").get_attribute("data-away") == "false", "the call is back", 30)
        page.until(lambda: "Dana Kowalski" in page.at("slots").text, "the form still shows the name")
        other = next(name for name in REPLICAS if name != owner)
        assert scrape(stack, other)["souffleur_calls_open"] == 1
        page.at("hang-up").click()
        page.until_shown("ending")
    stack.run(owner)
    stack.wait_for(owner)
    eventually(lambda: proxied(stack) == set(REPLICAS))


def test_a_replica_that_is_stopped_saves_its_calls_and_leaves_in_good_order(stack: Stack, key: str) -> None:
    with calling(stack, key) as caller:
        owner = next(name for name in REPLICAS if caller.call in stack.log(name))
        process = stack.processes[owner]
        stack.end(owner)
        assert process.returncode == 0
    stack.run(owner)
    stack.wait_for(owner)
    shown = stack.souffleur(owner, "sessions", "show", caller.call)
    assert shown.returncode == 0, shown.stderr


def test_prometheus_scrapes_both_and_every_query_of_the_dashboards_can_be_asked(
    stack: Stack, key: str, tmp_path: Path
) -> None:
    program = shutil.which("prometheus")
    assert program, "prometheus is missing; run tools/setup.sh system"
    text = (PROMETHEUS / "prometheus.yml").read_text().replace("scrape_interval: 10s", "scrape_interval: 1s")
    for address, port in stack.ports.items():
        text = text.replace(f'"{address}"', f'"127.0.0.1:{port}"')
    (tmp_path / "prometheus.yml").write_text(text.replace("/run/secrets", str(stack.folder / "secrets")))
    (tmp_path / "alerts.yml").write_text((PROMETHEUS / "alerts.yml").read_text())
    port = free_port()
    with calling(stack, key) as caller, (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                program,
                f"--config.file={tmp_path}/prometheus.yml",
                f"--storage.tsdb.path={tmp_path}/data",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            stdout=log,
            stderr=log,
        )
        try:
            eventually(lambda: asked(port, 'sum(up{job="orchestrator"})') == [2.0], 30)
            caller.type("my name is Dana Kowalski")
            caller.until("turn")
            time.sleep(3)
            empty = []
            for place, query in queries():
                filled = query.replace("$__rate_interval", "1m").replace("$flow", ".*")
                if not asked(port, filled):
                    empty.append(place)
            shown = {
                "Calls in progress",
                "Seats",
                "Turn latency",
                "Whispers",
                "Connections to replicas",
                "Memory",
            }
            assert not {place for place in empty for name in shown if place.endswith(f": {name}")}
            assert asked(port, "sum(souffleur_calls_open)") == [1.0]
        finally:
            process.terminate()
            process.wait(20)
        caller.hang_up()
