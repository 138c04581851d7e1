"""What a deployment does not allow is told before a call, with what to write where."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from orchestrator.actions.allowed import ActionSettings, McpServer
from orchestrator.actions.functions import Functions
from orchestrator.actions.problems import problems
from orchestrator.actions.run import open_actions
from orchestrator.errors import BadSettings
from orchestrator.settings import load_settings
from tests.orchestrator.actions.asking import flow, run

SETTINGS = ActionSettings(
    hosts=("api.example.com", "internal http://crm.local:8080"),
    mcp={"desk": McpServer(command=("desk",))},
    secrets={"TOKEN": "x"},  # type: ignore[dict-item]
)


def quote(day: str) -> None: ...


def told(**action: Any) -> str:
    return "\n".join(problems(flow(it=action), SETTINGS, Functions({"quote": quote})))


@pytest.mark.parametrize(
    "action",
    [
        {"http": {"url": "https://api.example.com/a/{id}?b={id}"}, "with": {"id": "name"}},
        {"http": {"url": "http://crm.local:8080/", "headers": {"Authorization": "Bearer $TOKEN"}}},
        {"mcp": {"server": "desk", "tool": "book"}},
        {"python": "quote", "with": {"day": "today"}},
    ],
)
def test_what_is_allowed_is_no_problem(action: Any) -> None:
    assert told(**action) == ""


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (
            {"http": {"url": "https://other.example.com/"}},
            'actions.it.http.url: this deployment does not allow requests to other.example.com; add "other.example.com"',
        ),
        ({"http": {"url": "http://api.example.com/"}}, 'add "http://api.example.com:80" to actions.hosts'),
        ({"http": {"url": "https://{host}/"}}, "host without placeholders"),
        (
            {"http": {"url": "https://api.example.com/{id}"}},
            "`{id}` is no argument; add `id` to the action's `with`",
        ),
        ({"http": {"url": "https://api.example.com/{Id}"}}, "a brace stands alone"),
        (
            {"http": {"url": "https://api.example.com/", "headers": {"X": "$OTHER"}}},
            "actions.it.http.headers.X: $OTHER is not set; set the environment variable SOUFFLEUR_SECRET_OTHER",
        ),
        (
            {"http": {"url": "https://api.example.com/", "headers": {"Host": "x"}}},
            "a flow cannot set this header",
        ),
        (
            {"http": {"url": "https://api.example.com/", "headers": {"X": "a\r\nY: b"}}},
            "one line of plain ASCII",
        ),
        ({"mcp": {"server": "door", "tool": "x"}}, "add [actions.mcp.door] with a url or a command"),
        ({"python": "other"}, 'add other = "package.module:function" to [actions.functions]'),
        ({"python": "quote", "with": {"date": "today"}}, "cannot be called so"),
        (
            {"python": "quote", "with": {"day": "today"}, "effect": "write", "retries": 1},
            "give it an argument `idempotency_key`",
        ),
        ({}, "give the action one of http, mcp and python"),
    ],
)
def test_a_problem_is_told_with_its_place_and_cure(action: Any, expected: str) -> None:
    assert expected in told(**action)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_secrets_come_from_the_environment_as_they_stand_and_are_not_shown(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOUFFLEUR_SECRET_CRM_TOKEN", '["0123"]')
    monkeypatch.setenv("SOUFFLEUR_SECRET_Pin", "0123")
    settings = load_settings()
    secrets = settings.actions.secrets
    assert secrets["CRM_TOKEN"].get_secret_value() == '["0123"]'
    assert secrets["Pin"].get_secret_value() == "0123"
    assert "0123" not in repr(settings) + str(settings.model_dump())
    (folder / "souffleur.toml").write_text("[actions]\nsecrets = {CRM_PIN = 4321}\n")
    with pytest.raises(BadSettings) as mistake:
        load_settings()
    assert "CRM_PIN: what is given should be" in str(mistake.value)
    assert "4321" not in str(mistake.value)


def test_the_settings_file_lists_hosts_servers_and_functions(folder: Path) -> None:
    (folder / "souffleur.toml").write_text(
        '[actions]\nhosts = ["*.example.com"]\nreply_kb = 64\n'
        '[actions.functions]\nquote = "clinic.tools:quote"\n'
        '[actions.mcp.desk]\nurl = "https://mcp.example.com/mcp"\nheaders = {Authorization = "Bearer $DESK"}\n'
    )
    actions = load_settings().actions
    assert actions.allowed_hosts[0].subdomains
    assert actions.mcp["desk"].headers == {"Authorization": "Bearer $DESK"}
    assert actions.functions == {"quote": "clinic.tools:quote"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('hosts = ["*"]', "souffleur.toml: actions.hosts: '*' is no host; write `api.example.com`"),
        (
            'mcp = {desk = {ulr = "x"}}',
            "actions.mcp.desk.ulr: there is no such setting; did you mean actions.mcp.desk.url?",
        ),
        ("mcp = {desk = {}}", "actions.mcp.desk: give it either a url or a command"),
        ('mcp = {desk = {url = "mcp.example.com"}}', "actions.mcp.desk: write `https://`, a host"),
        (
            'functions = {quote = "tools"}',
            "actions.functions: 'tools' is no function; write `package.module:function`",
        ),
        ("reply_kb = 0", "actions.reply_kb: 0 should be"),
    ],
)
def test_a_mistake_in_the_settings_is_told_with_its_cure(folder: Path, text: str, expected: str) -> None:
    (folder / "souffleur.toml").write_text(f"[actions]\n{text}\n")
    with pytest.raises(BadSettings) as mistakes:
        load_settings()
    assert expected in str(mistakes.value)


def test_a_secret_that_a_server_needs_and_nobody_set_is_told_when_it_begins() -> None:
    async def scenario() -> None:
        settings = ActionSettings(mcp={"desk": McpServer(command=("desk",), env={"T": "$DESK"})})
        with pytest.raises(
            BadSettings, match=r"actions\.mcp\.desk: \$DESK is not set; set SOUFFLEUR_SECRET_DESK"
        ):
            async with open_actions(settings):
                pass

    run(scenario)
