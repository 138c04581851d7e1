"""The command line: help that comes at once, errors in a sentence, and what commands leave."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click
import numpy as np
import pytest
import soundfile
import typer
from typer.testing import CliRunner, Result

from duplex_frontend.errors import NoVoice
from flows.errors import NoSuchFlow
from memory.callers import phone_sign
from memory.callers_book import CallerBook, newcomer
from memory.callers_sqlite import SqliteCallers
from memory.sealed import Keyring
from memory.sqlite import SqliteSessions
from memory.types import SessionKey, SessionRecord, StoredEvent
from orchestrator import cli, command
from orchestrator.callfile import CallFile, read_call
from orchestrator.errors import BadSettings, PortTaken
from reasoner.state import dump_state
from tests.orchestrator.made_call import CALL, made_call

HEAVY = ("numpy", "pydantic", "matplotlib", "fastapi", "langgraph", "onnxruntime", "rich.live", "uvicorn")


@pytest.fixture(autouse=True)
def _data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOUFFLEUR_DATA__FOLDER", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, arguments, catch_exceptions=False)


def commands() -> list[tuple[str, ...]]:
    """Every command that there is, found by walking them."""
    found: list[tuple[str, ...]] = []

    def walk(command: click.Command, path: tuple[str, ...]) -> None:
        found.append(path)
        for name, inner in getattr(command, "commands", {}).items():
            walk(inner, (*path, name))

    walk(typer.main.get_command(cli.app), ())
    return found


# --- help --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", commands(), ids=" ".join)
def test_every_command_explains_itself_in_80_columns(path: tuple[str, ...]) -> None:
    result = run(*path, "--help")
    assert result.exit_code == 0
    assert result.output.startswith("Usage: souffleur")
    assert max(len(line) for line in result.output.splitlines()) <= 80
    assert not any(line.endswith("...") for line in result.output.splitlines()[1:])  # nothing is cut off


def test_all_commands_that_are_promised_are_there() -> None:
    promised = {
        "demo",
        "serve",
        "call",
        "chat",
        "sessions list",
        "sessions show",
        "flows list",
        "flows check",
        "flows test",
        "flows draw",
        "flows diff",
        "flows schema",
        "simulate",
        "replay",
        "version",
    }
    assert promised <= {" ".join(path) for path in commands()}


def test_help_loads_nothing_heavy() -> None:
    code = "import sys, orchestrator.cli; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert set(HEAVY) & set(loaded.split()) == set()


# --- errors ------------------------------------------------------------------------------------------------


def fails_with(error: BaseException) -> Callable[..., object]:
    def fail() -> None:
        with command.plainly():
            raise error

    return fail


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NoSuchFlow("there is no flow `x`"), 2),
        (BadSettings("server.port: too high"), 2),
        (NoVoice("install flite"), 1),
        (PortTaken("port 1 is in use"), 1),
        (ExceptionGroup("tasks", [ExceptionGroup("inner", [NoVoice("install flite")])]), 1),
        (KeyboardInterrupt(), 130),
    ],
)
def test_an_error_of_ours_is_one_sentence_and_an_exit_code(
    error: BaseException, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as ended:
        fails_with(error)()
    told = capsys.readouterr().err
    assert ended.value.exit_code == code
    assert told.startswith("souffleur: ")
    assert told.count("\n") == 1
    assert "Traceback" not in told


def test_a_fault_of_ours_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        fails_with(ZeroDivisionError())()
    with pytest.raises(ExceptionGroup):
        fails_with(ExceptionGroup("tasks", [NoVoice("install flite"), ZeroDivisionError()]))()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("call", "medical_intake", "--audio", "nowhere.wav"), "there is no file 'nowhere.wav'"),
        (("chat", "medical_intak"), "medical_intake"),
        (("serve", "--flow", "nowhere.yaml"), "nowhere.yaml"),
        (("serve", "--port", "70000"), "--port"),
        (("serve", "--config", "nowhere.toml"), "nowhere.toml"),
        (("sessions", "show", "nobody"), "there are no calls"),
        (("sessions", "list", "--limit", "0"), "--limit"),
        (("sessions", "list", "--outcome", "good"), "choose complete"),
        (("demo", "--caller-voice", "siri"), "choose auto, flite or espeak"),
        (("demo", "--seed", "soon"), "--seed"),
        (("sing",), "No such command"),
    ],
)
def test_bad_input_is_told_on_stderr_with_exit_code_2(arguments: tuple[str, ...], told: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert told in result.stderr
    assert result.stdout == ""


def test_an_empty_recording_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty.wav").touch()
    result = run("call", "medical_intake", "--audio", "empty.wav")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "'empty.wav' is empty" in result.stderr


def test_a_folder_that_cannot_be_written_is_told_before_the_call(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "caller.wav", np.zeros(8000), 8000)
    result = run("call", "medical_intake", "--audio", "caller.wav", "--out", "/proc/calls")
    assert result.exit_code == 1
    assert "/proc/calls: cannot be written" in result.stderr


# --- what commands do --------------------------------------------------------------------------------------


def test_the_library_is_listed() -> None:
    assert "medical_intake       Intake of a new patient by phone" in run("flows", "list").stdout


def test_a_recording_is_played_saved_and_read_back(tmp_path: Path) -> None:
    """A caller who says nothing: 8 kHz, and the agent gets to say its greeting."""
    soundfile.write(tmp_path / "caller.wav", np.zeros(8000), 8000)
    played = run("call", "medical_intake", "--audio", "caller.wav", "--out", "out")
    assert played.exit_code == 0, played.output
    assert "Claire: Thank you for calling Riverside Family Clinic." in played.stdout
    assert "outcome: hung up" in played.stdout
    call = read_call(tmp_path / "out" / "call.json")
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"call.json", "call.wav", "timeline.png"}
    listed = run("sessions", "list").stdout
    assert listed.split("\t")[0] == call.call
    assert run("sessions", "show", call.call).exit_code == 0


def test_ctrl_c_in_a_recording_ends_the_call_and_leaves_its_files(tmp_path: Path) -> None:
    """As a terminal sends it: to the whole process group."""
    soundfile.write(tmp_path / "caller.wav", np.zeros(8000 * 60), 8000)
    command = [sys.executable, "-m", "orchestrator.cli", "call", "medical_intake"]
    command += ["--audio", "caller.wav", "--realtime", "--out", "out"]
    running = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    recordings, until = tmp_path / "data" / "calls", time.monotonic() + 60
    while time.monotonic() < until and not (recordings.exists() and any(recordings.iterdir())):
        time.sleep(0.1)
    time.sleep(1.0)
    os.killpg(running.pid, signal.SIGINT)
    printed, errors = running.communicate(timeout=60)
    assert (running.returncode, errors) == (130, "souffleur: interrupted; the call was ended and saved\n")
    assert "outcome: hung up" in printed
    call = read_call(tmp_path / "out" / "call.json")
    assert call.duration_s < 30
    assert run("sessions", "list").stdout.startswith(f"{call.call}\t")


def saved_call(folder: Path) -> CallFile:
    """A finished call in the database of `folder`."""
    moments, state = made_call()
    call = CallFile.from_moments(moments, state, started_at=datetime(2026, 11, 23, 9, 30, tzinfo=UTC))

    folder.mkdir()

    async def save() -> None:
        store = await SqliteSessions.open(folder / "souffleur.db")
        record = SessionRecord(
            key=SessionKey("default", CALL),
            revision=state.revision,
            flow=state.flow,
            flow_hash=state.flow_hash,
            state=dump_state(state),
            outcome="complete",
            started_at=call.started_at,
            updated_at=call.started_at,
            summary={"slots": {name: slot.status.value for name, slot in state.slots.items()}, "turns": 13},
            record=call.dump(),
        )
        await store.save(record, [StoredEvent(1, 0.0, b"{}")], 0)
        await store.aclose()

    asyncio.run(save())
    return call


def test_the_calls_of_one_caller_are_listed(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    call = saved_call(folder)
    sign = phone_sign("5551234567")
    assert sign is not None
    now = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)

    async def save() -> tuple[str, str]:
        callers = await SqliteCallers.open(folder / "souffleur.db")
        book = CallerBook(callers, Keyring())
        hers = await book.write(newcomer("default", [sign], now), now)
        other = await book.write(newcomer("default", [], now), now)
        store = await SqliteSessions.open(folder / "souffleur.db")
        record = await store.load(SessionKey("default", call.call))
        summary = {"marks": sorted(book.marks(hers))}
        key = SessionKey("default", "hers")
        await store.save(replace(record, key=key, summary=summary), [], 0)
        await store.aclose()
        await callers.aclose()
        return hers.key.caller, other.key.caller

    hers, other = asyncio.run(save())
    assert [
        line.split("\t")[0] for line in run("sessions", "list", "--caller", hers).stdout.splitlines()
    ] == ["hers"]
    assert run("sessions", "list", "--caller", other).stdout == "No such calls\n"
    nobody = run("sessions", "list", "--caller", "0" * 16)
    assert nobody.exit_code != 0 and "0" * 16 in nobody.output


def test_a_saved_call_is_listed_and_shown(tmp_path: Path) -> None:
    call = saved_call(tmp_path / "data")
    assert run("sessions", "list").stdout.split("\t")[2:] == [
        "medical_intake",
        "complete",
        "13",
        "8 values\n",
    ]
    assert run("sessions", "list", "--outcome", "hung_up").stdout == "No such calls\n"
    assert run("sessions", "list", "--state", "ended", "--since", "2026-11-22").stdout.startswith(CALL)
    for nothing in (("--state", "live"), ("--until", "2026-11-22"), ("--since", "2026-11-25T00:00")):
        assert run("sessions", "list", *nothing).stdout == "No such calls\n"
    shown = run("sessions", "show", CALL).stdout
    assert "caller: no i was born on march thirteenth" in shown
    assert "date of birth: 1980-03-13 (confirmed at 0:39: “yes that's right”)" in shown
    assert json.loads(run("sessions", "show", CALL, "--json").stdout) == json.loads(call.dump())


def test_a_call_that_is_not_there_is_told(tmp_path: Path) -> None:
    saved_call(tmp_path / "data")
    result = run("sessions", "show", "nobody")
    assert result.exit_code == 2
    assert "nobody" in result.stderr


def test_reading_back_makes_no_database(tmp_path: Path) -> None:
    assert "No calls yet" in run("sessions", "list").stdout
    assert not (tmp_path / "data").exists()
