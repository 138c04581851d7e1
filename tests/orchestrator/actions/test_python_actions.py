"""Registered Python functions, and no others."""

from __future__ import annotations

import io
import math
import sys
import threading
import time
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import pytest
import structlog

from orchestrator.actions.allowed import ActionSettings
from orchestrator.actions.functions import Refused
from orchestrator.actions.run import open_actions
from orchestrator.errors import BadSettings
from orchestrator.sections import LogSettings
from orchestrator.telemetry import configure_log
from tests.orchestrator.actions.asking import ask, failure, no_pause, result, run


def python(name: str, **more: Any) -> dict[str, Any]:
    return {"python": name, **more}


def test_functions_are_called_with_the_arguments_async_or_in_a_thread() -> None:
    async def waits(name: str) -> dict[str, Any]:
        await anyio.lowlevel.checkpoint()
        return {"name": name, "main": threading.current_thread() is threading.main_thread()}

    def blocks(name: str, parts: list[str]) -> dict[str, Any]:
        return {"name": name, "parts": parts, "main": threading.current_thread() is threading.main_thread()}

    async def scenario() -> None:
        functions = {"waits": waits, "blocks": blocks, "nothing": lambda: None, "seven": lambda: (7,)}
        async with open_actions(ActionSettings(), functions) as actions:
            assert await result(actions, python("waits"), name="Ada") == {"name": "Ada", "main": True}
            got = await result(actions, python("blocks"), name="Ada", parts=("a", "b"))
            assert got == {"name": "Ada", "parts": ["a", "b"], "main": False}
            assert await result(actions, python("nothing")) == {}
            assert await result(actions, python("seven")) == {"value": [7]}

    run(scenario)


def test_whatever_a_function_does_the_call_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def raises() -> None:
        raise ValueError("for 555 0100")

    def leaves() -> None:
        sys.exit("for 555 0100")

    def refuses() -> None:
        raise Refused

    cyclic: list[Any] = []
    cyclic.append(cyclic)
    gives = {
        "object": object(),
        "nan": {"a": math.nan},
        "bytes": b"x",
        "cyclic": cyclic,
        "half": "\ud800",
        "large": "x" * 300_000,
    }

    async def scenario() -> None:
        functions: dict[str, Any] = {"raises": raises, "leaves": leaves, "refuses": refuses}
        functions |= {name: (lambda value=value: value) for name, value in gives.items()}
        async with open_actions(ActionSettings(), functions) as actions:
            for name in ("raises", "leaves", *gives):
                assert await failure(actions, python(name)) == "failed", name
            assert await failure(actions, python("refuses")) == "refused"
            assert await failure(actions, python("os.system")) == "failed"
            assert await failure(actions, python("raises"), unexpected=1) == "failed"

    run(scenario)


def test_the_log_holds_no_arguments_no_results_and_no_words_of_an_exception() -> None:
    def raises(name: str) -> None:
        raise ValueError(name)

    async def scenario() -> None:
        async with open_actions(ActionSettings(), {"raises": raises, "echo": lambda name: name}) as actions:
            await ask(actions, python("raises"), name="Ada Lovelace")
            await ask(actions, python("echo"), name="Ada Lovelace")

    stream = io.StringIO()
    configure_log(LogSettings(format="json"), stream)
    try:
        run(scenario)
    finally:
        structlog.reset_defaults()
    told = stream.getvalue()
    assert "Lovelace" not in told
    for fact in ("action failed", "action done", '"action": "it"', '"outcome": "failed"', "ValueError"):
        assert fact in told


def test_a_function_that_hangs_is_left_behind_in_few_threads_and_does_not_stop_the_others() -> None:
    free = threading.Event()
    hanging = []

    def hangs() -> None:
        hanging.append(threading.current_thread())
        free.wait(20)

    async def scenario() -> None:
        async with open_actions(ActionSettings(), {"hangs": hangs, "quick": lambda: 1}) as actions:
            began = time.monotonic()
            for _ in range(6):
                assert await failure(actions, python("hangs", timeout_s=0.05)) == "timeout"
            assert len(hanging) == 4
            assert all(thread.daemon for thread in hanging)  # or the process could not end
            assert await result(actions, python("quick")) == {"value": 1}
            assert time.monotonic() - began < 5
            free.set()
            with anyio.fail_after(3):
                while any(thread.is_alive() for thread in hanging):
                    await anyio.sleep(0.01)
            assert await result(actions, python("hangs")) == {}

    run(scenario)


def test_a_write_is_tried_again_only_where_the_function_takes_the_key() -> None:
    keys: list[str] = []

    def keyed(idempotency_key: str) -> int:
        keys.append(idempotency_key)
        if len(keys) < 3:
            raise OSError
        return len(keys)

    def unkeyed() -> None:
        keys.append("")
        raise OSError

    async def scenario() -> None:
        functions = {"keyed": keyed, "unkeyed": unkeyed}
        async with open_actions(ActionSettings(), functions, pause=no_pause) as actions:
            assert await result(actions, python("keyed", effect="write", retries=3)) == {"value": 3}
            assert keys == ["call1-1"] * 3
            keys.clear()
            assert await failure(actions, python("unkeyed", effect="write", retries=3)) == "failed"
            assert keys == [""]
            assert await failure(actions, python("unkeyed", retries=3)) == "failed"
            assert keys == [""] * 5

    run(scenario)


def test_functions_of_the_settings_are_imported_and_all_that_are_missing_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "clinic_tools.py").write_text(
        "class Desk:\n    @staticmethod\n    def quote():\n        return 5\nX = 1\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))

    async def scenario() -> None:
        settings = ActionSettings(functions={"quote": "clinic_tools:Desk.quote"})
        async with open_actions(settings) as actions:
            assert await result(actions, python("quote")) == {"value": 5}
        wrong = {"a": "clinic_tools:missing", "b": "no_such_module:f", "c": "clinic_tools:X"}
        with pytest.raises(BadSettings) as told:
            async with open_actions(ActionSettings(functions=wrong)):
                pass
        first, second, third = str(told.value).splitlines()
        assert first.startswith("actions.functions.a: clinic_tools:missing cannot be imported")
        assert second.startswith("actions.functions.b: ")
        assert third == "actions.functions.c: clinic_tools:X is no function"

    run(scenario)
