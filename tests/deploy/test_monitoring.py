"""What Prometheus and Grafana are told fits what we measure: by Prometheus's own tools, and by our own names."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from prometheus_client.parser import text_string_to_metric_families
from ruamel.yaml import YAML

from duplex_frontend.types import Capacity
from memory.sqlite import SqliteSessions
from orchestrator.recording import (
    CallClosed,
    CallOpened,
    Found,
    LookedUp,
    Receipt,
    SlotChanged,
    Supervised,
    Trouble,
    TurnTimed,
)
from orchestrator.telemetry import Happened, log
from orchestrator.telemetry_calls import CallWatch, Telemetry
from orchestrator.telemetry_metrics import Names
from orchestrator.telemetry_store import TimedSessions
from tools.compose import read_compose

ROOT = Path(__file__).parents[2]
PROMETHEUS = ROOT / "deploy" / "prometheus"
BOARDS = sorted((ROOT / "deploy" / "grafana" / "dashboards").glob("*.json"))
OTHERS = re.compile(r"up|haproxy_\w+|process_\w+")
"""Metrics that are not ours: Prometheus's own, the proxy's, and those that every client has."""


def panels(board: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for panel in board["panels"]:
        yield panel
        yield from panel.get("panels", [])


def queries() -> list[tuple[str, str]]:
    """Every query of every panel, and every rule."""
    found = []
    for path in BOARDS:
        for panel in panels(json.loads(path.read_text())):
            found += [
                (f"{path.name}: {panel['title']}", target["expr"]) for target in panel.get("targets", [])
            ]
    alerts = YAML(typ="safe").load(PROMETHEUS / "alerts.yml")
    return found + [(rule["alert"], rule["expr"]) for group in alerts["groups"] for rule in group["rules"]]


class Seats:
    capacity = Capacity(1, 0)


TOLD = (
    CallOpened("c", "intake", "", "", 16_000, ()),
    SlotChanged("x", 1, "", "heard", 1.0, 1.0),
    SlotChanged("x", 2, "", "heard", 1.0, 1.5),
    Receipt(1, "applied", 2.0),
    Found("corrected", "x", "", 2.0, 3.0, 1, 1.0, False, 3.0),
    LookedUp("q", (), 5.0, False, True, 3.5),
    TurnTimed(1, 3.0, 3.3, 3.6, 600.0, 5.0, False, "answer", False, 3.7, {}, True),
    Trouble("memory", "lost", 4.0),
    Supervised("hand_over", 4.5),
    CallClosed("complete", 5.0, "", 3, 2),
)


@pytest.fixture(scope="module")
def exposed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Every series of a process that has done everything once, with its labels."""

    async def look() -> None:
        store = TimedSessions(
            await SqliteSessions.open(tmp_path_factory.mktemp("db") / "s.db"), telemetry.metrics
        )
        await store.list("default")
        await store.aclose()

    telemetry = Telemetry()
    telemetry.observe(Seats())
    log(Happened.CALL_REFUSED, why="NoSeat")
    for resumed in (False, True):
        watch = CallWatch(telemetry.metrics, telemetry.tracing.tracer, Names(), Names(), resumed=resumed)
        for moment in TOLD:
            watch.take(moment)
    anyio.run(look)
    families = text_string_to_metric_families(telemetry.metrics.exposition().decode())
    samples = [sample for family in families for sample in family.samples]
    return {
        name: {label for sample in samples if sample.name == name for label in sample.labels}
        for name in {sample.name for sample in samples}
        if name.startswith("souffleur_") and not name.endswith("_created")
    }


def test_every_metric_that_is_documented_exists_with_those_labels_and_no_other_does(
    exposed: dict[str, set[str]],
) -> None:
    guide = (ROOT / "docs" / "telemetry.md").read_text()
    rows = re.findall(r"^\| (`souffleur_[^|]*) \|([^|]*)\|", guide, re.MULTILINE)
    documented = {
        name: {label.strip() for label in labels.split(",") if label.strip()}
        for names, labels in rows
        for name in re.findall(r"`(\w+)`", names)
    }
    there = {re.sub(r"_(bucket|sum|count)$", "", name): labels - {"le"} for name, labels in exposed.items()}
    assert documented == there


def test_queries_name_only_metrics_and_labels_that_there_are(exposed: dict[str, set[str]]) -> None:
    seen = set()
    for place, query in queries():
        for name, selector in re.findall(r"\b(souffleur_\w+)(?:\{([^}]*)\})?", query):
            assert name in exposed, f"{place}: {name}"
            labels = set(re.findall(r"(\w+)\s*[=!]~?", selector))
            assert labels <= exposed[name] | {"instance", "job"}, f"{place}: {labels - exposed[name]}"
            seen.add(name)
        for labels in re.findall(r"by \(([^)]*)\)", query):
            wanted = {label.strip() for label in labels.split(",")}
            named = [exposed[name] for name in re.findall(r"\bsouffleur_\w+", query)]
            assert all(wanted <= known | {"instance", "job"} for known in named), f"{place}: {labels}"
    asked = {"souffleur_calls_open", "souffleur_seats_taken", "souffleur_turn_latency_seconds_bucket"}
    asked |= {"souffleur_recalls_total", "souffleur_whispers_total", "souffleur_adherence_findings_total"}
    asked |= {"souffleur_troubles_total", "souffleur_log_events_total", "souffleur_store_seconds_bucket"}
    assert asked <= seen, "what a dashboard was promised to show"


def test_metrics_of_others_are_ones_that_we_know_of() -> None:
    words = {
        "sum",
        "by",
        "rate",
        "increase",
        "histogram_quantile",
        "le",
        "label_values",
        "max",
        "for",
        "or",
        "and",
    }
    for place, query in queries():
        bare = re.sub(r"\{[^}]*\}|\"[^\"]*\"|\[[^\]]*\]|by \([^)]*\)", "", query)
        for name in re.findall(r"\b[a-z_][a-z0-9_]{2,}\b", bare):
            assert name.startswith("souffleur_") or name in words or OTHERS.fullmatch(name), (
                f"{place}: {name}"
            )


def test_label_values_that_queries_ask_for_can_occur() -> None:
    from duplex_frontend.types import Fate
    from orchestrator.telemetry_calls import INTERRUPTED
    from orchestrator.telemetry_metrics import Recalled
    from reasoner.state import Outcome
    from reasoner.types import Strays

    known = {
        "ready": set(Recalled),
        "receipt": set(Fate),
        "finding": set(Strays),
        "recovered": {"true", "false"},
        "outcome": {*Outcome, INTERRUPTED},
        "level": {"warning", "error", "info"},
        "job": {"orchestrator", "proxy"},
        "proxy": {"orchestrators"},
        "state": {"UP"},
        "flow": {"$flow"},
    }
    for place, query in queries():
        for label, value in re.findall(r"(\w+)=~?\"([^\"]*)\"", query):
            assert set(value.split("|")) <= {str(each) for each in known[label]}, f"{place}: {label}={value}"


@pytest.fixture(scope="module")
def promtool() -> str:
    path = shutil.which("promtool")
    assert path, "promtool is missing; run tools/setup.sh system"
    return path


def configuration(folder: Path) -> Path:
    """prometheus.yml where it can be checked: the secrets lie elsewhere than in the container."""
    text = (PROMETHEUS / "prometheus.yml").read_text()
    for name in ("metrics_token", "qdrant_key"):
        (folder / name).write_text("x")
    (folder / "alerts.yml").write_text((PROMETHEUS / "alerts.yml").read_text())
    (folder / "prometheus.yml").write_text(text.replace("/run/secrets", str(folder)))
    return folder / "prometheus.yml"


def test_prometheus_takes_its_configuration_and_the_alerts(tmp_path: Path, promtool: str) -> None:
    command = [promtool, "check", "config", str(configuration(tmp_path))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "10 rules found" in done.stdout + done.stderr


def test_every_query_of_the_dashboards_can_be_parsed(tmp_path: Path, promtool: str) -> None:
    filled = [
        (place, query.replace("$__rate_interval", "1m").replace("$flow", ".*")) for place, query in queries()
    ]
    rules = [{"record": f"q:{n}", "expr": query} for n, (_place, query) in enumerate(filled)]
    with (tmp_path / "rules.yml").open("w") as file:
        YAML(typ="safe").dump({"groups": [{"name": "queries", "rules": rules}]}, file)
    done = subprocess.run(
        [promtool, "check", "rules", str(tmp_path / "rules.yml")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_is_scraped_is_a_service_at_a_port_that_it_listens_on() -> None:
    compose = read_compose(ROOT / "docker-compose.yml", {})
    jobs = YAML(typ="safe").load(PROMETHEUS / "prometheus.yml")["scrape_configs"]
    targets = {target for job in jobs for config in job["static_configs"] for target in config["targets"]}
    for target in targets - {"127.0.0.1:9090"}:
        assert target.split(":")[0] in compose["services"], target
    environment = compose["services"]["orchestrator-1"]["environment"]
    assert environment["SOUFFLEUR_TELEMETRY__METRICS"].endswith(":9464")
    assert {"orchestrator-1:9464", "orchestrator-2:9464", "proxy:8405"} <= targets


@pytest.mark.parametrize("path", BOARDS, ids=lambda path: path.stem)
def test_a_dashboard_is_whole(path: Path) -> None:
    board = json.loads(path.read_text())
    ids = [panel["id"] for panel in panels(board)]
    assert len(set(ids)) == len(ids)
    taken = set()
    for panel in panels(board):
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24, panel["title"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, f"{panel['title']} lies over another panel"
        taken |= cells
        if panel["type"] != "row":
            assert panel["description"] and panel["datasource"]["uid"] == "prometheus", panel["title"]
    source = YAML(typ="safe").load(ROOT / "deploy/grafana/provisioning/datasources/prometheus.yml")
    assert source["datasources"][0]["uid"] == "prometheus"


def test_the_dashboards_lie_where_grafana_looks_for_them() -> None:
    provider = YAML(typ="safe").load(ROOT / "deploy/grafana/provisioning/dashboards/souffleur.yml")[
        "providers"
    ][0]
    grafana = read_compose(ROOT / "docker-compose.yml", {})["services"]["grafana"]
    mounted = dict(reversed(volume.split(":")[:2]) for volume in grafana["volumes"])
    assert mounted[provider["options"]["path"]] == "./deploy/grafana/dashboards"
    home = grafana["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert Path(home).name in {path.name for path in BOARDS}
