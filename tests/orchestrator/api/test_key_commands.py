"""`souffleur init` and `souffleur keys`: the first key is shown once, and each can be rotated and revoked."""

from __future__ import annotations

import re
import sqlite3
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestrator.cli import app
from orchestrator.settings import load_settings

KEY = re.compile(r"sfl_[0-9a-f]{12}_[A-Za-z0-9_-]{43}")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOUFFLEUR_DATA__FOLDER", str(tmp_path / "data"))
    return tmp_path


def souffleur(*words: str, code: int = 0) -> str:
    run = CliRunner().invoke(app, list(words))
    assert run.exit_code == code, run.output
    return run.output


def test_init_writes_settings_that_can_be_read_and_shows_the_first_key_once(folder: Path) -> None:
    told = souffleur("init")
    (key,) = KEY.findall(told)
    assert tomllib.loads((folder / "souffleur.toml").read_text()) == {
        "server": {},
        "data": {},
        "api": {},
        "log": {},
    }
    assert load_settings().server.host == "127.0.0.1"
    again = souffleur("init", code=2)
    assert "already" in again and not KEY.findall(again)
    listed = souffleur("keys", "list")
    assert "admin" in listed and key not in listed and key.split("_")[1] in listed
    for file in (folder / "data").iterdir():
        assert key.split("_", 2)[2].encode() not in file.read_bytes()


def test_every_commented_setting_of_the_first_file_is_one_and_says_its_default(folder: Path) -> None:
    souffleur("init")
    text = (folder / "souffleur.toml").read_text()
    uncommented = re.sub(r"^# (\w+ = )", r"\1", text, flags=re.MULTILINE)
    (folder / "all.toml").write_text(uncommented)
    chosen, usual = load_settings(config=folder / "all.toml"), load_settings()
    for section in ("server", "api", "log"):
        assert getattr(chosen, section) == getattr(usual, section)
    assert (chosen.tenant, chosen.max_calls) == (usual.tenant, usual.max_calls)


def test_a_key_is_made_with_a_role_and_an_end(folder: Path) -> None:
    told = souffleur("keys", "add", "--role", "operator", "--note", "night shift", "--days", "30")
    assert KEY.search(told)
    listed = souffleur("keys", "list")
    assert "operator" in listed and "night shift" in listed and "expires 20" in listed
    assert "choose viewer" in souffleur("keys", "add", "--role", "root", code=2)


def test_a_rotated_key_has_a_successor_with_the_same_rights_and_ends_soon(folder: Path) -> None:
    id = KEY.findall(souffleur("keys", "add", "--role", "supervisor"))[0].split("_")[1]
    new = KEY.findall(souffleur("keys", "rotate", id, "--overlap-minutes", "0"))[0].split("_")[1]
    with sqlite3.connect(folder / "data" / "souffleur.db") as db:
        rows = {r[0]: r[1:] for r in db.execute("SELECT id, role, expires_at FROM api_keys")}
        actions = [r[0] for r in db.execute("SELECT action FROM audit ORDER BY place")]
    assert rows[new] == ("supervisor", None) and rows[id][1] is not None
    assert actions == ["add_key", "add_key", "rotate_key"]


def test_a_revoked_key_is_listed_as_such_and_cannot_be_rotated(folder: Path) -> None:
    id = KEY.findall(souffleur("keys", "add"))[0].split("_")[1]
    souffleur("keys", "revoke", id)
    assert "revoked" in souffleur("keys", "list")
    souffleur("keys", "rotate", id, code=2)
    souffleur("keys", "revoke", "nothing", code=2)
    souffleur("keys", "revoke", id, "--tenant", "rival", code=2)


def test_a_server_refuses_to_listen_elsewhere_before_there_is_a_key(folder: Path) -> None:
    told = souffleur("serve", "--host", "0.0.0.0", "--port", "0", "--flow", "medical_intake", code=2)
    assert "souffleur init" in told and "Traceback" not in told
