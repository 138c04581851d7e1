"""A server sweeps by itself, and goes on where a sweep fails."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import pytest

from memory.errors import StoreLost
from memory.ports import SessionStore
from memory.types import SessionKey, SessionRecord
from orchestrator import sweeping
from orchestrator.privacy_settings import PrivacySettings
from orchestrator.sections import DataSettings
from orchestrator.settings import Settings
from orchestrator.stores import open_sessions

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        data=DataSettings(folder=tmp_path / "data"), privacy=PrivacySettings(sweep_hours=0.1, redact="never")
    )


@pytest.fixture
async def sessions(settings: Settings) -> AsyncIterator[SessionStore]:
    settings.data.folder.mkdir(parents=True)
    store = await open_sessions(settings)
    yield store
    await store.aclose()


def a_call(call: str, days_old: float, pii: str) -> SessionRecord:
    at = datetime.now(UTC) - timedelta(days=days_old)
    summary = {"pii": {"name": pii}}
    return SessionRecord(
        SessionKey("default", call), 1, "f", "h", b"{}", "complete", at, at, summary, record=b"{}"
    )


async def test_what_is_older_than_the_settings_allow_is_gone_by_itself(
    settings: Settings, sessions: SessionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sessions.save(a_call("old", 91, "sensitive"), [], 0)
    await sessions.save(a_call("young", 89, "sensitive"), [], 0)
    await sessions.save(a_call("plain", 91, "personal"), [], 0)
    monkeypatch.setattr(sweeping, "FIRST_AFTER_S", 0.0)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(sweeping.sweep_now_and_then, settings, sessions)
        with anyio.fail_after(20):
            while len(await sessions.list("default")) > 2:
                await anyio.sleep(0.02)
        tasks.cancel_scope.cancel()
    assert {record.key.call for record in await sessions.list("default")} == {"young", "plain"}


async def test_a_sweep_that_fails_is_tried_again(
    settings: Settings, sessions: SessionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sessions.save(a_call("old", 400, "personal"), [], 0)
    failures = [StoreLost("away"), StoreLost("away")]
    right = sweeping.swept_once

    async def sometimes(*given: object) -> object:
        if failures:
            raise failures.pop()
        return await right(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(sweeping, "swept_once", sometimes)
    monkeypatch.setattr(sweeping, "FIRST_AFTER_S", 0.0)
    often = settings.privacy.model_copy(update={"sweep_hours": 0.01 / 3600})
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(
            sweeping.sweep_now_and_then, settings.model_copy(update={"privacy": often}), sessions
        )
        with anyio.fail_after(20):
            while await sessions.list("default"):
                await anyio.sleep(0.02)
        tasks.cancel_scope.cancel()
    assert failures == []


async def test_a_call_that_says_nothing_of_its_classes_counts_as_personal(
    settings: Settings, sessions: SessionStore
) -> None:
    for call, days in (("older", 366), ("younger", 364)):
        await sessions.save(replace(a_call(call, days, "none"), summary={}), [], 0)
    gone = await sweeping.swept_once(settings, sessions)
    assert gone.calls == 1
    assert [record.key.call for record in await sessions.list("default")] == ["younger"]
