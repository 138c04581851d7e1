"""Secrets may come in files, and are never shown."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from orchestrator.errors import BadSettings
from orchestrator.secret_values import secret
from orchestrator.settings import load_settings


@pytest.fixture(autouse=True)
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in os.environ:
        if name.startswith("SOUFFLEUR_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def kept(folder: Path, text: str | bytes) -> str:
    path = folder / "secret"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def test_a_secret_is_read_from_the_file_that_its_variable_names(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLM_KEY_FILE", kept(bare_machine, "s3cret with spaces \n"))
    assert secret("LLM_KEY") == "s3cret with spaces "
    monkeypatch.setenv("SOUFFLEUR_LLM__API_KEY_ENV", "LLM_KEY")
    assert load_settings().llm.api_key == "s3cret with spaces "


def test_any_setting_may_stand_in_a_file(bare_machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOUFFLEUR_LLM__BASE_URL_FILE", kept(bare_machine, "http://127.0.0.1:8000/v1\n"))
    monkeypatch.setenv("SOUFFLEUR_LLM__MODEL", "small")
    monkeypatch.setenv("SOUFFLEUR_TENANT_FILE", str(bare_machine / "tenant"))
    (bare_machine / "tenant").write_text("clinic")
    settings = load_settings()
    assert (settings.llm.base_url, settings.tenant) == ("http://127.0.0.1:8000/v1", "clinic")


def test_a_setting_whose_own_name_ends_in_file_is_taken_as_it_stands(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificates = bare_machine / "ca.pem"
    certificates.write_text("")
    monkeypatch.setenv("SOUFFLEUR_ACTIONS__CA_FILE", str(certificates))
    assert str(load_settings().actions.ca_file) == str(certificates)


def test_secrets_of_actions_may_stand_in_files(bare_machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOUFFLEUR_SECRET_CRM_TOKEN_FILE", kept(bare_machine, "abc123\n"))
    monkeypatch.setenv("SOUFFLEUR_SECRET_OTHER", "plain")
    secrets = load_settings().actions.secrets
    assert {name: value.get_secret_value() for name, value in secrets.items()} == {
        "CRM_TOKEN": "abc123",
        "OTHER": "plain",
    }


def refused() -> str:
    with pytest.raises(BadSettings) as error:
        load_settings()
    return str(error.value)


def test_both_the_value_and_a_file_are_one_too_many(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOUFFLEUR_TENANT", "one")
    monkeypatch.setenv("SOUFFLEUR_TENANT_FILE", kept(bare_machine, "two"))
    assert "SOUFFLEUR_TENANT and SOUFFLEUR_TENANT_FILE are both set" in refused()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "cannot be read"),
        ("\n", "is empty"),
        (b"\xff\xfe", "is no text"),
        ("x" * 70_000, "is larger than 64 KiB"),
    ],
)
def test_a_file_that_cannot_be_a_secret_is_told_with_its_place(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch, content: str | bytes | None, told: str
) -> None:
    path = str(bare_machine / "not-there") if content is None else kept(bare_machine, content)
    monkeypatch.setenv("SOUFFLEUR_TENANT_FILE", path)
    text = refused()
    assert text.startswith("SOUFFLEUR_TENANT_FILE: ") and told in text
    assert "xxx" not in text


def test_a_secret_that_is_no_good_is_not_shown(bare_machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOUFFLEUR_SERVER__PORT_FILE", kept(bare_machine, "hunter2"))
    text = refused()
    assert text.startswith("SOUFFLEUR_SERVER__PORT: what is given should be a valid integer")
    assert "hunter2" not in text


def test_a_file_for_a_setting_that_there_is_not_is_an_unknown_setting(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOUFFLEUR_SERVER__PROT_FILE", kept(bare_machine, "1"))
    assert "there is no such setting" in refused()


def test_what_is_given_in_a_file_loses_to_a_flag_and_wins_over_the_settings_file(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (bare_machine / "souffleur.toml").write_text('tenant = "from_toml"\n')
    monkeypatch.setenv("SOUFFLEUR_TENANT_FILE", kept(bare_machine, "from_file"))
    assert load_settings().tenant == "from_file"
    assert load_settings({"tenant": "from_flag"}).tenant == "from_flag"
