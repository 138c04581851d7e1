"""The doctor says what works, what does not, and what to do about it; and changes nothing."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import anyio
import pytest
from rich.console import Console

from orchestrator import doctor_machine, doctor_services, doctor_stores
from orchestrator.doctor import Check, Finding, Report, State, as_json, examine, show
from orchestrator.privacy_settings import PrivacySettings
from orchestrator.sections import (
    DataSettings,
    EngineSettings,
    KnowledgeSettings,
    LlmSettings,
    ServerSettings,
    TelemetrySettings,
)
from orchestrator.settings import Settings

ROOT = Path(__file__).parents[2]


def found(check: Check, settings: Settings | None = None) -> dict[str, Finding]:
    findings = anyio.run(check, settings or Settings())
    return {finding.what: finding for finding in findings}


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def endpoint(status: int, body: object) -> Iterator[tuple[str, list[str]]]:
    """Something that answers every request so, and the credentials that it was shown."""
    shown: list[str] = []

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            shown.append(self.headers.get("authorization", ""))
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_arguments: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", shown
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


# --- this machine ------------------------------------------------------------------------------------------


def test_the_voice_speaks_and_the_recognisers_hear_it() -> None:
    findings = found(doctor_machine.speech)
    assert findings["voices"].state is State.OK
    assert findings["recognisers"].state in (State.OK, State.LOOK)
    assert "heard '" in findings["recognisers"].says


def test_without_a_voice_the_cascade_cannot_work_and_the_engine_can(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_machine, "find_voices", list)
    assert found(doctor_machine.speech)["voices"].state is State.MISSING
    assert "apt-get install flite" in found(doctor_machine.speech)["voices"].cure
    engine = Settings(front_end="personaplex", engine=EngineSettings(address="unix:/x.sock"))
    assert found(doctor_machine.speech, engine)["voices"].state is State.UNUSED


def test_a_voice_that_the_settings_name_has_to_be_there() -> None:
    finding = found(doctor_machine.speech, Settings(voice="flite:nobody"))["voices"]
    assert finding.state is State.MISSING
    assert "nobody" in finding.says


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    finding = found(doctor_machine.disk, Settings(data=DataSettings(folder=file / "calls")))["disk"]
    assert finding.state is State.MISSING
    assert "another data.folder" in finding.cure


def test_a_folder_that_is_not_there_yet_is_fine_and_is_not_made(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "yet"
    assert (
        found(doctor_machine.disk, Settings(data=DataSettings(folder=folder)))["disk"].state
        is not State.MISSING
    )
    assert (
        found(doctor_stores.sessions, Settings(data=DataSettings(folder=folder)))["sessions"].state
        is State.OK
    )
    assert not (tmp_path / "not").exists()


def test_a_disk_that_is_almost_full_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = doctor_machine.shutil.disk_usage(tmp_path)
    for free, state in ((10**8, State.MISSING), (10**9, State.LOOK), (10**11, State.OK)):
        monkeypatch.setattr(doctor_machine.shutil, "disk_usage", lambda _path, f=free: usage._replace(free=f))
        finding = found(doctor_machine.disk, Settings(data=DataSettings(folder=tmp_path)))["disk"]
        assert finding.state is state, finding.says


def test_a_port_in_use_is_worth_a_look_and_a_free_one_is_not() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        settings = Settings(
            server=ServerSettings(port=taken.getsockname()[1]),
            telemetry=TelemetrySettings(metrics=f"127.0.0.1:{closed_port()}"),
        )
        findings = found(doctor_machine.ports, settings)
    assert findings["server port"].state is State.LOOK
    assert findings["metrics port"].state is State.OK


def test_an_extra_that_the_settings_need_has_to_be_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_machine, "_is_there", lambda _module: False)
    settings = Settings(telemetry=TelemetrySettings(traces="http://127.0.0.1:4318"))
    findings = found(doctor_machine.extras, settings)
    assert findings["extra otel"].state is State.MISSING
    assert findings["extra otel"].cure == "pip install 'souffleur[otel]'"
    assert findings["extra embeddings"].state is State.UNUSED


def test_the_gpu_is_what_the_driver_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    driver = tmp_path / "nvidia-smi"
    monkeypatch.setenv("PATH", str(tmp_path) + ":/usr/bin:/bin")
    driver.write_text("#!/bin/sh\necho 'NVIDIA H100, 81559 MiB, 550.1'\n")
    driver.chmod(0o755)
    assert found(doctor_machine.gpu)["GPU"] == Finding(
        "GPU",
        State.OK,
        "NVIDIA H100, 81559 MiB, 550.1",
        "`souffleur engine plan` says how many calls it carries",
    )
    driver.write_text("#!/bin/sh\nexit 9\n")
    assert found(doctor_machine.gpu)["GPU"].state is State.LOOK
    driver.unlink()
    assert found(doctor_machine.gpu)["GPU"].state is State.UNUSED


def test_an_engine_environment_without_torch_is_told(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    finding = found(doctor_machine.engine_environment, Settings(engine=EngineSettings(python=str(python))))
    assert finding["engine environment"].state is State.LOOK
    python.write_text("""#!/bin/sh\necho '{"torch": "2.9.1", "moshi": "0.2.13", "cuda": false}'\n""")
    finding = found(doctor_machine.engine_environment, Settings(engine=EngineSettings(python=str(python))))
    assert "on the CPU only" in finding["engine environment"].says


def test_the_flows_of_the_package_can_be_read() -> None:
    assert found(doctor_machine.flow_library)["flows"].state is State.OK


# --- services ----------------------------------------------------------------------------------------------


def test_an_engine_that_is_not_there_is_missing_only_where_calls_need_it(tmp_path: Path) -> None:
    away = EngineSettings(address=f"unix:{tmp_path}/no.sock")
    needed = found(doctor_services.duplex_engine, Settings(front_end="personaplex", engine=away))
    assert needed["duplex engine"].state is State.MISSING
    assert "souffleur engine serve" in needed["duplex engine"].says
    assert found(doctor_services.duplex_engine, Settings(engine=away))["duplex engine"].state is State.LOOK
    assert found(doctor_services.duplex_engine)["duplex engine"].state is State.UNUSED


def test_the_model_has_to_be_one_that_the_endpoint_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY", "k3y")

    def ask(status: int, body: object) -> tuple[Finding, list[str]]:
        with endpoint(status, body) as (url, shown):
            llm = LlmSettings(base_url=url, model="small", api_key_env="KEY")
            return found(doctor_services.language_model, Settings(llm=llm))["language model"], shown

    finding, shown = ask(200, {"data": [{"id": "small"}]})
    assert (finding.state, shown) == (State.OK, ["Bearer k3y"])
    finding, _ = ask(200, {"data": [{"id": "large"}]})
    assert (finding.state, finding.cure) == (State.MISSING, "set llm.model to one of: large")
    assert ask(401, {})[0].state is State.MISSING
    assert ask(404, {})[0].state is State.LOOK
    assert ask(200, ["what"])[0].state is State.LOOK
    assert "k3y" not in str(ask(401, {})[0])


def test_an_endpoint_that_does_not_answer_is_told() -> None:
    llm = LlmSettings(base_url=f"http://127.0.0.1:{closed_port()}/v1", model="small")
    assert found(doctor_services.language_model, Settings(llm=llm))["language model"].state is State.MISSING


def test_a_collector_that_is_away_costs_no_call() -> None:
    away = Settings(telemetry=TelemetrySettings(traces=f"http://127.0.0.1:{closed_port()}"))
    assert found(doctor_services.collector, away)["trace collector"].state is State.LOOK


def test_stores_that_are_away_are_missing_and_their_passwords_are_not_shown() -> None:
    port = closed_port()
    data = DataSettings(store="redis", redis_url=f"redis://souffleur:hunter2@127.0.0.1:{port}/0")
    sessions = found(doctor_stores.sessions, Settings(data=data))["sessions"]
    assert sessions.state is State.MISSING
    assert f"127.0.0.1:{port}" in sessions.says and "hunter2" not in str(sessions)
    qdrant = KnowledgeSettings(store="qdrant", url=f"http://127.0.0.1:{port}")
    assert found(doctor_stores.knowledge, Settings(knowledge=qdrant))["knowledge"].state is State.MISSING
    assert found(doctor_stores.knowledge)["knowledge"].state is State.OK


def test_a_secret_that_the_settings_name_has_to_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(doctor_stores.secrets)["secrets"].state is State.UNUSED
    sealing = Settings(privacy=PrivacySettings(keys_env="DATA_KEYS"))
    assert "DATA_KEYS is not set" in found(doctor_stores.secrets, sealing)["secrets"].says
    monkeypatch.setenv("DATA_KEYS", "k1:" + "A" * 43 + "=")
    finding = found(doctor_stores.secrets, sealing)["secrets"]
    assert (finding.state, "AAAA" in str(finding)) == (State.OK, False)


# --- the report --------------------------------------------------------------------------------------------


async def well(_settings: Settings) -> list[Finding]:
    return [Finding("one", State.OK, "works")]


async def ill(_settings: Settings) -> list[Finding]:
    return [Finding("two", State.MISSING, "is broken", "mend it")]


async def stuck(_settings: Settings) -> list[Finding]:
    await anyio.sleep(60)
    return []


def report_of(*checks: Check) -> Report:
    named = [(check.__name__, check) for check in checks]
    return anyio.run(examine, Settings(), named)


def test_what_is_missing_makes_it_unhealthy_and_is_shown_with_its_cure(
    capsys: pytest.CaptureFixture[str],
) -> None:
    report = report_of(well, ill)
    show(report, Console(width=100))
    shown = capsys.readouterr().out
    assert not report.healthy and report_of(well).healthy
    assert "MISSING" in shown and "→ mend it" in shown and "1 of what these settings need" in shown


def test_the_report_for_programs_has_the_same() -> None:
    told = json.loads(as_json(report_of(well, ill)))
    assert told["healthy"] is False
    assert told["findings"][1] == {"what": "two", "state": "missing", "says": "is broken", "cure": "mend it"}


def test_what_measures_runs_by_itself_and_the_findings_keep_their_order() -> None:
    under_way: list[str] = []

    async def measures(_settings: Settings) -> list[Finding]:
        assert under_way == []
        await anyio.sleep(0.05)
        assert under_way == []
        return [Finding("measured", State.OK, "")]

    async def beside(_settings: Settings) -> list[Finding]:
        under_way.append("beside")
        return [Finding("beside", State.OK, "")]

    report = anyio.run(examine, Settings(), [("beside", beside), ("measures", measures)], ("measures",))
    assert [finding.what for finding in report.findings] == ["beside", "measured"]


def test_a_check_that_hangs_is_given_up_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestrator.doctor.CHECK_WITHIN_S", 0.1)
    report = report_of(stuck, well)
    assert [finding.state for finding in report.findings] == [State.MISSING, State.OK]
    assert "no answer within" in report.findings[0].says


def doctor(tmp_path: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    bare = {name: value for name, value in os.environ.items() if not name.startswith("SOUFFLEUR_")}
    return subprocess.run(
        [sys.executable, "-m", "orchestrator.cli", "doctor", *arguments],
        env={
            **bare,
            "PYTHONPATH": str(ROOT),
            "SOUFFLEUR_DATA__FOLDER": str(tmp_path / "data"),
            **environment,
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_command_says_by_its_exit_code_whether_all_works(tmp_path: Path) -> None:
    well = doctor(tmp_path, "--json")
    told = json.loads(well.stdout)
    assert (well.returncode, told["healthy"]) == (0, True), well.stdout
    assert {"machine", "voices", "recognisers", "sessions", "knowledge", "disk", "server port", "flows"} <= {
        finding["what"] for finding in told["findings"]
    }
    port = str(closed_port())
    ill = doctor(
        tmp_path, SOUFFLEUR_DATA__STORE="redis", SOUFFLEUR_DATA__REDIS_URL=f"redis://127.0.0.1:{port}/0"
    )
    assert ill.returncode == 1
    assert "MISSING" in ill.stdout and "data.redis_url" in ill.stdout
    assert doctor(tmp_path, SOUFFLEUR_TENNANT="x").returncode == 2
    assert not (tmp_path / "data").exists(), "it looks, and changes nothing"
