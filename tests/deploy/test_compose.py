"""docker-compose.yml is what the specification allows, what the documentation promises, and what our settings take."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from orchestrator.settings import Settings, load_settings
from tools.compose import read_compose

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docker-compose.yml"
ENVIRONMENTS = ("gpu.env", "llm.env")
ORCHESTRATORS = ("orchestrator-1", "orchestrator-2")


def variables_of(name: str) -> dict[str, str]:
    lines = (ROOT / "deploy" / name).read_text().splitlines()
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {key: value for key, _, value in pairs}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return read_compose(FILE, {})


def services(compose: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return list(compose["services"].items())


# --- the specification -------------------------------------------------------------------------------------


def checked(path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("environment", [None, *ENVIRONMENTS])
def test_the_file_is_valid_by_the_compose_specification(tmp_path: Path, environment: str | None) -> None:
    filled = tmp_path / "compose.json"
    filled.write_text(json.dumps(read_compose(FILE, variables_of(environment) if environment else {})))
    done = checked(filled)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_key_that_the_specification_does_not_have_is_found(tmp_path: Path, compose: dict[str, Any]) -> None:
    wrong = json.loads(json.dumps(compose))
    wrong["services"]["redis"]["helthcheck"] = {}
    (tmp_path / "wrong.json").write_text(json.dumps(wrong))
    assert checked(tmp_path / "wrong.json").returncode != 0


def test_whatever_a_service_refers_to_is_declared(compose: dict[str, Any]) -> None:
    for name, service in services(compose):
        for secret in service.get("secrets", []):
            assert (secret if isinstance(secret, str) else secret["source"]) in compose["secrets"], name
        for network in service["networks"]:
            assert network in compose["networks"], name
        for other in service.get("depends_on", {}):
            assert other in compose["services"], name
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in compose["volumes"] or (ROOT / source).exists(), f"{name}: {source}"


def test_every_variable_that_can_be_set_is_documented() -> None:
    used = set(re.findall(r"\$\{(\w+)", FILE.read_text()))
    example = "".join(path.read_text() for path in (ROOT / "deploy").glob("*.env"))
    documented = set(re.findall(r"^(?:# )?([A-Z_]+)=", example, re.MULTILINE))
    assert used - documented <= {"SOUFFLEUR_VERSION"}
    assert documented <= used


# --- what is promised --------------------------------------------------------------------------------------


def test_every_service_is_hardened_limited_watched_and_restarted(compose: dict[str, Any]) -> None:
    for name, service in services(compose):
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert not service["user"].startswith(("0", "root")), name
        assert not service.get("privileged"), name
        limits = service["deploy"]["resources"]["limits"]
        assert {"cpus", "memory", "pids"} <= limits.keys(), name
        assert service["healthcheck"]["test"], name
        assert service["restart"] == "unless-stopped", name
        assert service["logging"]["options"]["max-size"], name


def test_images_are_pinned_to_a_version(compose: dict[str, Any]) -> None:
    for name, service in services(compose):
        tag = service["image"].rpartition(":")[2]
        assert re.match(r"v?\d+\.\d+", tag), f"{name}: {service['image']}"


def test_the_qdrant_server_is_one_that_our_adapter_takes(compose: dict[str, Any]) -> None:
    from memory.qdrant import OLDEST
    from memory.qdrant_server import version_of

    assert version_of(compose["services"]["qdrant"]["image"].rpartition(":v")[2]) >= OLDEST


def test_no_secret_stands_in_the_file(compose: dict[str, Any]) -> None:
    for name, service in services(compose):
        for key, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|TOKEN|KEY|SECRET", key):
                assert str(value).startswith("/run/secrets/") or key.endswith("_ENV"), f"{name}: {key}"
    assert all(set(secret) == {"file"} for secret in compose["secrets"].values())


def test_only_the_proxy_and_grafana_are_published_and_on_this_machine_by_default(
    compose: dict[str, Any],
) -> None:
    published = {name: service["ports"] for name, service in services(compose) if service.get("ports")}
    assert published.keys() == {"proxy", "grafana"}
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)
    stores = [compose["services"][name]["networks"] for name in ("redis", "qdrant", "prometheus")]
    assert stores == [["inside"]] * 3
    assert compose["networks"]["inside"]["internal"] is True


def test_what_must_not_be_lost_is_in_volumes(compose: dict[str, Any]) -> None:
    kept = {
        name: [volume for volume in service.get("volumes", []) if volume.split(":")[0] in compose["volumes"]]
        for name, service in services(compose)
    }
    assert kept["redis"] == ["redis:/data"]
    assert kept["orchestrator-1"] == kept["orchestrator-2"] == ["calls:/var/lib/souffleur"]
    assert kept["qdrant"] and kept["prometheus"] and kept["grafana"]
    redis = (ROOT / "deploy/redis/redis.conf").read_text()
    assert "appendonly yes" in redis and "maxmemory-policy noeviction" in redis
    assert not re.search(r"^dir ", redis, re.MULTILINE), "the folder that the image starts in is the volume"


def test_the_gpu_and_the_language_model_are_up_only_where_they_are_asked_for(compose: dict[str, Any]) -> None:
    profiles = {name: service["profiles"] for name, service in services(compose) if "profiles" in service}
    assert profiles == {"engine": ["gpu"], "llm": ["llm"]}
    for name in profiles:
        (device,) = compose["services"][name]["deploy"]["resources"]["reservations"]["devices"]
        assert device["capabilities"] == ["gpu"]


# --- the settings ------------------------------------------------------------------------------------------


def settings_of(
    compose: Mapping[str, Any], name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """What an orchestrator makes of its environment, with its secrets where the container has them."""
    secrets = tmp_path / "secrets"
    subprocess.run([str(ROOT / "deploy/secrets.sh"), str(secrets)], check=True, capture_output=True)
    monkeypatch.chdir(tmp_path)
    for key, value in compose["services"][name]["environment"].items():
        monkeypatch.setenv(key, str(value).replace("/run/secrets", str(secrets)))
    return load_settings()


@pytest.mark.parametrize("name", ORCHESTRATORS)
@pytest.mark.parametrize("environment", [None, *ENVIRONMENTS])
def test_the_orchestrators_take_their_environment(
    name: str, environment: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compose = read_compose(FILE, variables_of(environment) if environment else {})
    settings = settings_of(compose, name, tmp_path, monkeypatch)
    assert settings.data.store == "redis"
    assert (
        settings.data.redis_url.startswith("redis://souffleur:")
        and "@redis:6379/0" in settings.data.redis_url
    )
    assert settings.knowledge.store == "qdrant" and len(settings.knowledge.api_key) == 40
    assert len(settings.telemetry.token) == 40
    assert len(settings.api.ticket_key) == 40 and settings.server.callers == "tickets"
    assert settings.privacy.keys.seals
    if environment == "gpu.env":
        assert settings.front_end == "personaplex" and settings.engine.address == "tcp:engine:8600"
        assert len(settings.engine.token) == 40
    if environment == "llm.env":
        assert settings.llm.base_url == "http://llm:8000/v1" and len(settings.llm.api_key) == 40


def test_both_orchestrators_have_the_same_environment(compose: dict[str, Any]) -> None:
    first, second = (compose["services"][name] for name in ORCHESTRATORS)
    assert {**first, "hostname": ""} == {**second, "hostname": ""}


def test_secrets_are_random_kept_and_out_of_reach_of_others(tmp_path: Path) -> None:
    def make() -> dict[str, str]:
        subprocess.run(
            [str(ROOT / "deploy/secrets.sh"), str(tmp_path / "s")], check=True, capture_output=True
        )
        return {path.name: path.read_text() for path in (tmp_path / "s").iterdir()}

    first = make()
    assert make() == first
    assert (tmp_path / "s").stat().st_mode & 0o077 == 0
    password = first["redis_url"].split(":")[2].split("@")[0]
    assert len(password) == 40 and f">{password} " in first["redis_acl"]
    values = [value for name, value in first.items() if name != "hf_token"]
    assert len(set(values)) == len(values)
    (tmp_path / "s" / "redis_acl").unlink()
    second = make()
    assert second["redis_url"] != first["redis_url"], "both files hold the same password, so both are renewed"
    assert second["metrics_token"] == first["metrics_token"]


def test_every_secret_that_is_declared_is_made(tmp_path: Path, compose: dict[str, Any]) -> None:
    subprocess.run([str(ROOT / "deploy/secrets.sh"), str(tmp_path)], check=True, capture_output=True)
    made = {path.name for path in tmp_path.iterdir()}
    assert made == {Path(secret["file"]).name for secret in compose["secrets"].values()}
