"""A model that helps to understand is chosen whole, and a key is never written down."""

from __future__ import annotations

import os

import pytest

from orchestrator.errors import BadSettings
from orchestrator.settings import load_settings

URL = "http://127.0.0.1:8000/v1"


@pytest.fixture(autouse=True)
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    for name in list(os.environ):
        if name.upper().startswith("SOUFFLEUR_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(str(tmp_path))


def test_without_a_base_url_there_is_no_model_and_no_key() -> None:
    llm = load_settings().llm
    assert (llm.base_url, llm.model, llm.api_key, llm.budget_ms) == ("", "", "", 700)


@pytest.mark.parametrize(
    "url", [URL, "https://models.example", "http://[::1]:8000/v1", "https://models.example/a/b/"]
)
def test_an_endpoint_is_a_url(url: str) -> None:
    assert load_settings({"llm.base_url": url, "llm.model": "m"}).llm.base_url == url


@pytest.mark.parametrize(
    "url", ["ftp://x", "x", "http://x:abc", "http://x/v1?key=1", "https://me:secret@x/v1", "http://"]
)
def test_what_is_no_url_or_carries_a_secret_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(BadSettings, match="should be a URL such as") as caught:
        load_settings({"llm.base_url": url, "llm.model": "m"})
    assert "secret" not in str(caught.value)


def test_a_model_has_to_be_named() -> None:
    with pytest.raises(BadSettings, match="no model"):
        load_settings({"llm.base_url": URL})


def test_the_key_is_read_from_the_variable_that_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    llm = load_settings({"llm.base_url": URL, "llm.model": "m", "llm.api_key_env": "MODEL_KEY"}).llm
    monkeypatch.delenv("MODEL_KEY", raising=False)
    with pytest.raises(BadSettings, match="MODEL_KEY is not set"):
        _ = llm.api_key
    monkeypatch.setenv("MODEL_KEY", "sk-1")
    assert llm.api_key == "sk-1"
    assert "sk-1" not in repr(llm)
