"""Settings are read once, in a known order, and a mistake is one sentence with its place and cure."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from orchestrator.errors import BadSettings
from orchestrator.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No settings from the machine that runs the tests."""
    for name in list(os.environ):
        if name.upper().startswith("SOUFFLEUR_"):
            monkeypatch.delenv(name)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, text: str) -> Path:
    path = folder / "souffleur.toml"
    path.write_text(text)
    return path


def refused(**given: object) -> str:
    with pytest.raises(BadSettings) as caught:
        load_settings(**given)  # type: ignore[arg-type]
    return str(caught.value)


def test_without_anything_the_server_is_for_this_machine_alone(bare_machine: Path) -> None:
    settings = load_settings()
    assert (settings.server.host, settings.server.port) == ("127.0.0.1", 8420)
    assert settings.data.database == bare_machine / ".local/share/souffleur/souffleur.db"


def test_a_flag_wins_over_the_environment_and_that_over_the_file(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(bare_machine, 'tenant = "file"\nmax_calls = 9\n[server]\nport = 1000\ntrusted_hosts = ["a"]\n')
    monkeypatch.setenv("SOUFFLEUR_SERVER__PORT", "2000")
    monkeypatch.setenv("SOUFFLEUR_TENANT", "environment")
    settings = load_settings({"server.port": 3000, "tenant": None})
    assert settings.server.port == 3000
    assert settings.tenant == "environment"
    assert settings.max_calls == 9
    assert settings.server.trusted_hosts == ("a",)


def test_thresholds_of_listening_can_be_tuned_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOUFFLEUR_CASCADE__VAD__ONSET", "0.7")
    monkeypatch.setenv("SOUFFLEUR_CASCADE__BARGE_IN__ENABLED", "no")
    monkeypatch.setenv("SOUFFLEUR_CASCADE__BACKCHANNEL__WORDS", '["aha", "mm"]')
    cascade = load_settings().cascade
    assert (cascade.vad.onset, cascade.barge_in.enabled, cascade.backchannel.words) == (
        0.7,
        False,
        ("aha", "mm"),
    )
    assert cascade.vad.offset == Settings().cascade.vad.offset


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOUFFLEUR_SERVER__PORT", "")
    assert load_settings().server.port == 8420


def test_calls_are_kept_where_the_desktop_keeps_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "elsewhere"))
    assert load_settings().data.folder == tmp_path / "elsewhere" / "souffleur"
    monkeypatch.setenv("XDG_DATA_HOME", "not/absolute")
    assert load_settings().data.folder == tmp_path / ".local/share/souffleur"


def test_a_tilde_is_the_home_folder(tmp_path: Path) -> None:
    assert load_settings({"data.folder": "~/calls"}).data.folder == tmp_path / "calls"


def test_an_unknown_key_of_the_file_is_named_with_the_one_that_was_meant(bare_machine: Path) -> None:
    write(bare_machine, "[server]\nprot = 1\n")
    assert refused() == "souffleur.toml: server.prot: there is no such setting; did you mean server.port?"


def test_an_unknown_variable_is_named_as_variables_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOUFFLEUR_TENNANT", "x")
    monkeypatch.setenv("SOUFFLEUR_CASCADE__VAD__ONSAT", "0.5")
    told = refused().splitlines()
    assert "SOUFFLEUR_TENNANT: there is no such setting; did you mean SOUFFLEUR_TENANT?" in told
    assert (
        "SOUFFLEUR_CASCADE__VAD__ONSAT: there is no such setting; did you mean SOUFFLEUR_CASCADE__VAD__ONSET?"
        in told
    )


def test_an_unknown_key_like_no_other_is_told_what_there_is(bare_machine: Path) -> None:
    write(bare_machine, "[log]\ncolour = 1\n")
    assert "there are log.level, log.format" in refused()


def test_every_mistake_is_told_at_once(bare_machine: Path) -> None:
    write(bare_machine, 'max_calls = 0\n[server]\nport = "x"\n[log]\nlevel = "loud"\n')
    told = refused().splitlines()
    assert len(told) == 3
    assert all(line.startswith("souffleur.toml: ") for line in told)
    assert any("'debug', 'info', 'warning' or 'error'" in line for line in told)


def test_the_place_of_a_mistake_is_the_source_that_won(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(bare_machine, "[server]\nport = 1000\n")
    monkeypatch.setenv("SOUFFLEUR_SERVER__PORT", "eighty")
    assert refused().startswith("SOUFFLEUR_SERVER__PORT: 'eighty' should be")
    assert refused(flags={"server.port": 99999}).startswith("--port: 99999 should be")


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "example.org"])
def test_whoever_listens_for_others_is_known_to(host: str) -> None:
    """`orchestrator.call_door.check_open` then wants a key or an issuer."""
    assert not load_settings({"server.host": host}).server.only_this_machine


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_any_loopback_address_is_this_machine(host: str) -> None:
    assert load_settings({"server.host": host}).server.only_this_machine


def test_an_address_to_listen_on_is_one() -> None:
    assert refused(flags={"server.host": ""}).startswith("--host: ")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[cascade.vad]\nonset = 1.4\n", "cascade.vad.onset: 1.4 should be a probability, 0 to 1"),
        (
            "[engine.turns.caller]\npause = 2.0\n",
            "engine.turns.caller.pause: 2.0 should be a probability, 0 to 1",
        ),
        ("[engine.barge_in]\ncommit_s = -1.0\n", "engine.barge_in.commit_s: -1.0 should not be negative"),
        (
            "[engine.turns.caller]\npaus = 0.4\n",
            "engine.turns.caller.paus: there is no such setting; did you mean engine.turns.caller.pause?",
        ),
        ("[cascade.endpoint]\nopen_ms = -1\n", "cascade.endpoint.open_ms: -1 should not be negative"),
        ("[cascade.vad]\nonset = 0.3\n", "cascade.vad.offset: it should not lie above vad.onset"),
        ("server = 5\n", "server: this is a section with settings of its own: host, port, trusted_hosts"),
        ("cascade = 5\n", "cascade: this is a section"),
    ],
)
def test_thresholds_that_cannot_work_are_refused(bare_machine: Path, text: str, told: str) -> None:
    write(bare_machine, text)
    assert told in refused()


def test_a_file_that_is_no_toml_is_told_with_its_line(bare_machine: Path) -> None:
    write(bare_machine, "tenant = \n")
    assert "line 1" in refused()


def test_a_file_that_was_named_has_to_be_there(tmp_path: Path) -> None:
    assert refused(config=tmp_path / "other.toml").endswith("there is no such settings file; check --config")


def test_json_that_is_none_is_told_with_a_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOUFFLEUR_SERVER", "{port")
    assert "write JSON, or one variable for each setting" in refused()


def test_the_guide_shows_every_setting_with_its_default() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "settings.md").read_text()
    shown = tomllib.loads(guide.split("```toml\n")[1].split("```")[0])
    defaults = TypeAdapter(Settings).dump_python(Settings(), mode="json")
    defaults["data"]["folder"] = "~/.local/share/souffleur"
    assert shown == defaults
